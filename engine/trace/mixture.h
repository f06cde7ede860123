// Several sources in one sample: shares by expectation maximisation, and what one more source costs.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sidik {

/// Rows of one class: how many, and ln P(row | component) for each component of a mixture.
struct MixtureClass {
  double rows = 0;
  std::vector<double> logs;
};

struct MixtureFit {
  std::vector<double> shares;  // one a component, sum 1
  double log_likelihood = 0;   // at these shares
  double log_marginal = 0;     // shares integrated over, uniform
};

/// Fits shares over a uniform prior by EM (at most 500 rounds, until ln L rises by less than 1e-9).
/// The marginal is exact by quadrature for two components, by Laplace's method on the simplex for more.
/// REQUIRES: at least one component, each class with as many logs.
MixtureFit fit_mixture(std::span<const MixtureClass> classes, std::size_t components);

/// The same without the marginal, which is what takes time.
MixtureFit fit_shares(std::span<const MixtureClass> classes, std::size_t components);

/// Expected rows of each class that component `c` accounts for, summed.
double rows_of(std::span<const MixtureClass> classes, const MixtureFit& fit, std::size_t c);

}  // namespace sidik
