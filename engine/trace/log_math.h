// Probabilities as natural logarithms: sums, Beta integrals, and one-dimensional integrals whose integrand may span
// thousands of decades.
#pragma once

#include <functional>
#include <span>

namespace sidik {

inline constexpr double kLn10 = 2.302585092994046;
/// The logarithm of a probability of nought.
inline constexpr double kLogZero = -1e300;

/// ln(e^a + e^b).
double log_add(double a, double b);
/// ln of the sum of e^x; kLogZero for none.
double log_sum(std::span<const double> logs);
/// ln of the gamma function, x > 0: the same digits on every machine.
double log_gamma(double x);
/// ln B(a, b).
double log_beta(double a, double b);
/// ln of the integral over p ~ Beta(a, b) of p^hits (1 - p)^misses: what a share that nobody knows is worth once
/// integrated.
double log_beta_binomial(double a, double b, double hits, double misses);
/// The same against the share that fits best: 0 at most, nothing of how many ways there are for hits and misses.
double log_share(double a, double b, double hits, double misses);
/// ln of the integral of e^f(x) over [low, high]. REQUIRES: f unimodal there. Finds the mode, brackets where f has
/// fallen by 40, and lays 15-point Gauss-Legendre panels over that bracket: right to about 1e-8 whatever the height and
/// width.
double log_integral(const std::function<double(double)>& f, double low, double high);

}  // namespace sidik
