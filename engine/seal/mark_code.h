// The code that marks are written in: Tardos' construction from keyed pseudorandom functions, with no code book
// anywhere.
//
// A position is (canonical value, channel). Its bias p = sin^2(r), r uniform between r_t and pi/2 - r_t, sin^2(r_t) =
// 1/(300 c), comes from the shared secret; a recipient's symbol there is 1 with probability p, from the recipient's
// own. Keyed by the canonical value, so that a value has one spelling wherever it stands, and re-formatting moves no
// position.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"
#include "fields/canonical.h"
#include "fingerprints/fingerprinter.h"
#include "seal/channel.h"

namespace sidik {

struct MarkPosition {
  std::uint64_t value = 0;  // keyed, of (type, canonical value)
  Channel channel = Channel::kStreetWord;
  bool operator==(const MarkPosition&) const = default;
  auto operator<=>(const MarkPosition&) const = default;
};

/// The largest coalition that codes are laid out for unless the export says otherwise.
inline constexpr unsigned kUsualCoalition = 3;

/// Pseudorandom numbers in [0, 1) of positions, under one secret. One object a thread.
class PositionNumbers {
 public:
  explicit PositionNumbers(Cmac cmac) : cmac_(std::move(cmac)) {}
  void compute(std::span<const MarkPosition> positions, std::vector<double>& out);

 private:
  Cmac cmac_;
  Bytes text_;  // kept for their capacity
  std::vector<std::uint32_t> begin_;
  std::vector<Fingerprint> numbers_;
};

/// Places of values and biases of positions, the same for all recipients. One object a thread.
class MarkBiases {
 public:
  explicit MarkBiases(const Secret& shared);
  /// out[i] becomes the keyed place of value i of `canonical`, which is of `type`.
  void places(FieldType type, const CanonicalColumn& canonical, std::vector<std::uint64_t>& out);
  /// out[i] becomes the bias of positions[i] under a design for `coalition` colluders; strictly between 0 and 1.
  void biases(std::span<const MarkPosition> positions, unsigned coalition, std::vector<double>& out);
  /// What biases() are made from: numbers in [0, 1).
  void numbers(std::span<const MarkPosition> positions, std::vector<double>& out) { biases_.compute(positions, out); }

 private:
  const Secret shared_;
  std::vector<Cmac> places_;  // by type
  PositionNumbers biases_;
};

/// The bias of a number under a design for `coalition` colluders, and quick bounds of it. Not changed once made.
class BiasCurve {
 public:
  explicit BiasCurve(unsigned coalition);
  double of(double number) const;
  /// drawn < of(number), for nearly all without the sine.
  bool is_above(double number, double drawn) const {
    const auto step = static_cast<std::size_t>(number * kSteps);
    if (drawn < at_[step] - kMargin) return true;
    if (drawn > at_[step + 1] + kMargin) return false;
    return drawn < of(number);
  }

 private:
  static constexpr std::size_t kSteps = 1024;
  static constexpr double kMargin = 1e-9;  // far more than rounding errs by
  double cut_;
  std::array<double, kSteps + 1> at_;  // of(i / kSteps): rising
};

/// One recipient's symbols. One object a thread.
class MarkSymbols {
 public:
  explicit MarkSymbols(const Secret& recipient);
  /// out[i] becomes the recipient's symbol at positions[i], whose bias is biases[i].
  void symbols(std::span<const MarkPosition> positions, std::span<const double> biases, std::vector<std::uint8_t>& out);
  /// The same, by the numbers that biases are made from.
  void symbols(std::span<const MarkPosition> positions, std::span<const double> numbers, const BiasCurve& curve,
               std::vector<std::uint8_t>& out);

 private:
  PositionNumbers symbols_;
  std::vector<double> drawn_;
};

}  // namespace sidik
