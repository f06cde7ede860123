#include "trace/mixture.h"

#include <algorithm>
#include <cmath>

#include "trace/log_math.h"

namespace sidik {
namespace {

constexpr int kMostRounds = 500;
constexpr double kEnough = 1e-9;

/// ln of the sum of share x e^log; the class's responsibilities go to `parts` where it is not empty.
double mix(const MixtureClass& rows, std::span<const double> shares, std::span<double> parts) {
  double high = kLogZero;
  for (std::size_t c = 0; c < shares.size(); ++c) {
    if (shares[c] > 0) high = std::max(high, rows.logs[c]);
  }
  if (high <= kLogZero) return kLogZero;
  double sum = 0;
  for (std::size_t c = 0; c < shares.size(); ++c) {
    const double part = shares[c] > 0 ? shares[c] * std::exp(rows.logs[c] - high) : 0;
    if (!parts.empty()) parts[c] = part;
    sum += part;
  }
  for (double& part : parts) part /= sum;
  return high + std::log(sum);
}

double log_likelihood(std::span<const MixtureClass> classes, std::span<const double> shares) {
  double sum = 0;
  for (const MixtureClass& rows : classes) sum += rows.rows * mix(rows, shares, {});
  return sum;
}

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
double laplace(std::span<const MixtureClass> classes, const MixtureFit& fit) {
  const std::size_t free = fit.shares.size() - 1;
  double rows = 0;
  for (const MixtureClass& part : classes) rows += part.rows;
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
  for (const MixtureClass& part : classes) {
    mix(part, shares, parts);
    for (std::size_t i = 0; i < free; ++i) {
      for (std::size_t j = 0; j < free; ++j) {
        const double same = i == j ? 1 : 0;
        const double prior = shares[i] * (same - shares[j]);
        const double posterior = parts[i] * (same - parts[j]);
        curvature[i * free + j] += part.rows * (prior - posterior);
      }
    }
  }
  for (std::size_t i = 0; i < free; ++i) {
    for (std::size_t j = 0; j < free; ++j) {
      curvature[i * free + j] += static_cast<double>(shares.size()) * shares[i] * ((i == j ? 1 : 0) - shares[j]);
    }
  }
  return log_likelihood(classes, shares) + log_jacobian +
         0.5 * static_cast<double>(free) * std::log(2 * 3.141592653589793) -
         0.5 * log_determinant(std::move(curvature), free, 1e-6);
}

}  // namespace

MixtureFit fit_mixture(std::span<const MixtureClass> classes, std::size_t components) {
  MixtureFit fit;
  fit.shares.assign(components, 1.0 / static_cast<double>(components));
  double rows = 0;
  for (const MixtureClass& part : classes) rows += part.rows;
  if (rows == 0) return fit;
  std::vector<double> parts(components);
  double before = kLogZero;
  for (int round = 0; round < kMostRounds; ++round) {
    std::vector<double> sums(components);
    fit.log_likelihood = 0;
    for (const MixtureClass& part : classes) {
      fit.log_likelihood += part.rows * mix(part, fit.shares, parts);
      for (std::size_t c = 0; c < components; ++c) sums[c] += part.rows * parts[c];
    }
    for (std::size_t c = 0; c < components; ++c) fit.shares[c] = sums[c] / rows;
    if (fit.log_likelihood - before < kEnough) break;
    before = fit.log_likelihood;
  }
  if (components == 1) {
    fit.log_marginal = fit.log_likelihood;
  } else if (components == 2) {
    fit.log_marginal = log_integral(
        [&](double p) {
          const double shares[] = {p, 1 - p};
          return log_likelihood(classes, shares);
        },
        0, 1);
  } else {
    fit.log_marginal = laplace(classes, fit);
  }
  return fit;
}

double rows_of(std::span<const MixtureClass> classes, const MixtureFit& fit, std::size_t c) {
  std::vector<double> parts(fit.shares.size());
  double sum = 0;
  for (const MixtureClass& part : classes) {
    mix(part, fit.shares, parts);
    sum += part.rows * parts[c];
  }
  return sum;
}

}  // namespace sidik
