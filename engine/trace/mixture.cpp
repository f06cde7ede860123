#include "trace/mixture.h"

#include <algorithm>
#include <cmath>

#include "trace/log_math.h"

namespace sidik {
namespace {

constexpr int kMostRounds = 500;
constexpr double kEnough = 1e-9;

/// Classes as factors against the best component of each, so that a sum over components takes no exponentials; `log` is
/// what all have in common. Classes that tell no components apart are counted in all_rows() only.
class Factors {
 public:
  Factors(std::span<const MixtureClass> classes, std::size_t components) : components_(components) {
    constexpr double kLeast = -690;  // nats
    for (const MixtureClass& one : classes) {
      const double high = *std::max_element(one.logs.begin(), one.logs.end());
      const bool alike = std::all_of(one.logs.begin(), one.logs.end(), [&](double log) { return log == high; });
      all_rows_ += one.rows;
      log_ += one.rows * high;
      if (alike) continue;
      rows_.push_back(one.rows);
      for (const double log : one.logs) values_.push_back(std::exp(std::max(kLeast, log - high)));
    }
  }

  double all_rows() const { return all_rows_; }
  std::size_t size() const { return rows_.size(); }
  double rows(std::size_t i) const { return rows_[i]; }
  /// Sum of share x factor of class `i`; the class's responsibilities go to `parts` where it is not empty.
  double mix(std::size_t i, std::span<const double> shares, std::span<double> parts) const {
    const double* const values = &values_[i * components_];
    double sum = 0;
    for (std::size_t c = 0; c < components_; ++c) sum += shares[c] * values[c];
    for (std::size_t c = 0; c < parts.size(); ++c) parts[c] = shares[c] * values[c] / sum;
    return sum;
  }
  /// REQUIRES: shares sum to 1.
  double log_likelihood(std::span<const double> shares) const {
    double sum = log_;
    for (std::size_t i = 0; i < rows_.size(); ++i) sum += rows_[i] * std::log(mix(i, shares, {}));
    return sum;
  }
  double log() const { return log_; }

 private:
  std::size_t components_;
  double all_rows_ = 0, log_ = 0;
  std::vector<double> rows_, values_;
};

/// ln of the determinant of a symmetric positive matrix, by Cholesky; a pivot never falls under `least`.
double log_determinant(std::vector<double> matrix, std::size_t size, double least) {
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      for (std::size_t j = i; j < size; ++j) {
        matrix[j * size + i] -= matrix[j * size + k] * matrix[i * size + k];
      }
    }
    const double pivot = std::max(least, matrix[i * size + i]);
    sum += std::log(pivot);
    for (std::size_t j = i; j < size; ++j) matrix[j * size + i] /= std::sqrt(pivot);
  }
  return sum;
}

/// Laplace's method in the softmax of the shares (the last component as reference), where the simplex has no edges.
double laplace(const Factors& classes, const MixtureFit& fit) {
  const std::size_t free = fit.shares.size() - 1;
  const double rows = classes.all_rows();
  // A flat prior on the simplex of d shares has the density d!, and the softmax the Jacobian of the product of all
  // shares.
  std::vector<double> shares = fit.shares;
  double sum = 0;
  for (double& share : shares) sum += share = (share * rows + 1) / (rows + static_cast<double>(shares.size()));
  for (double& share : shares) share /= sum;
  double log_jacobian = log_gamma(static_cast<double>(shares.size()));
  for (const double share : shares) log_jacobian += std::log(share);
  std::vector<double> curvature(free * free);
  std::vector<double> parts(shares.size());
  for (std::size_t k = 0; k < classes.size(); ++k) {
    classes.mix(k, shares, parts);
    for (std::size_t i = 0; i < free; ++i) {
      for (std::size_t j = 0; j < free; ++j) {
        const double same = i == j ? 1 : 0;
        const double prior = shares[i] * (same - shares[j]);
        const double posterior = parts[i] * (same - parts[j]);
        curvature[i * free + j] += classes.rows(k) * (prior - posterior);
      }
    }
  }
  for (std::size_t i = 0; i < free; ++i) {
    for (std::size_t j = 0; j < free; ++j) {
      curvature[i * free + j] += static_cast<double>(shares.size()) * shares[i] * ((i == j ? 1 : 0) - shares[j]);
    }
  }
  return classes.log_likelihood(shares) + log_jacobian +
         0.5 * static_cast<double>(free) * std::log(2 * 3.141592653589793) -
         0.5 * log_determinant(std::move(curvature), free, 1e-6);
}

MixtureFit shares_of(const Factors& classes, std::size_t components) {
  MixtureFit fit;
  fit.shares.assign(components, 1.0 / static_cast<double>(components));
  const double rows = classes.all_rows();
  if (rows == 0) return fit;
  std::vector<double> parts(components);
  std::vector<double> sums(components);
  double before = kLogZero;
  double telling = 0;
  for (std::size_t k = 0; k < classes.size(); ++k) telling += classes.rows(k);
  for (int round = 0; round < kMostRounds; ++round) {
    // Rows that tell nothing are shared out as all are.
    for (std::size_t c = 0; c < components; ++c) sums[c] = (rows - telling) * fit.shares[c];
    fit.log_likelihood = classes.log();
    for (std::size_t k = 0; k < classes.size(); ++k) {
      fit.log_likelihood += classes.rows(k) * std::log(classes.mix(k, fit.shares, parts));
      for (std::size_t c = 0; c < components; ++c) sums[c] += classes.rows(k) * parts[c];
    }
    for (std::size_t c = 0; c < components; ++c) fit.shares[c] = sums[c] / rows;
    if (fit.log_likelihood - before < kEnough) break;
    before = fit.log_likelihood;
  }
  return fit;
}

}  // namespace

MixtureFit fit_shares(std::span<const MixtureClass> classes, std::size_t components) {
  return shares_of(Factors(classes, components), components);
}

MixtureFit fit_mixture(std::span<const MixtureClass> classes, std::size_t components) {
  const Factors factors(classes, components);
  MixtureFit fit = shares_of(factors, components);
  if (factors.all_rows() == 0) return fit;
  if (components == 1) {
    fit.log_marginal = fit.log_likelihood;
  } else if (components == 2) {
    fit.log_marginal = log_integral(
        [&](double p) {
          const double shares[] = {p, 1 - p};
          return factors.log_likelihood(shares);
        },
        0, 1);
  } else {
    fit.log_marginal = laplace(factors, fit);
  }
  return fit;
}

double rows_of(std::span<const MixtureClass> classes, const MixtureFit& fit, std::size_t c) {
  std::vector<double> logs(fit.shares.size());
  double sum = 0;
  for (const MixtureClass& part : classes) {
    for (std::size_t s = 0; s < logs.size(); ++s)
      logs[s] = fit.shares[s] > 0 ? std::log(fit.shares[s]) + part.logs[s] : kLogZero;
    sum += part.rows * std::exp(logs[c] - log_sum(logs));
  }
  return sum;
}

}  // namespace sidik
