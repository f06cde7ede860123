#include "seal/mark_code.h"

#include <cmath>
#include <string>

#include "base/bytes.h"
#include "fingerprints/key.h"

namespace sidik {
namespace {

constexpr double kHalfPi = 1.57079632679489661923;
constexpr std::size_t kMessage = 9;

}  // namespace

void PositionNumbers::compute(std::span<const MarkPosition> positions, std::vector<double>& out) {
  text_.resize(positions.size() * kMessage + kTextSlack);
  begin_.resize(positions.size() + 1);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    begin_[i] = static_cast<std::uint32_t>(i * kMessage);
    store_u64(text_.data() + begin_[i], positions[i].value);
    text_[begin_[i] + 8] = static_cast<std::uint8_t>(positions[i].channel);
  }
  begin_[positions.size()] = static_cast<std::uint32_t>(positions.size() * kMessage);
  numbers_.resize(positions.size());
  cmac_.compute(text_.data(), begin_, numbers_);
  out.resize(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) out[i] = static_cast<double>(numbers_[i] >> 11) * 0x1p-53;
}

MarkBiases::MarkBiases(const Secret& shared) : shared_(shared), biases_(Cmac(derive(shared, "sidik/1/seal/bias", 16))) {
  for (int type = 0; type < kFieldTypes; ++type) {
    const std::string name(type == 0 ? "none" : type_name(static_cast<FieldType>(type)));
    places_.emplace_back(derive(shared_, "sidik/1/seal/place/" + name, 16));
  }
}

void MarkBiases::places(FieldType type, const CanonicalColumn& canonical, std::vector<std::uint64_t>& out) {
  out.resize(canonical.size());
  places_[static_cast<std::size_t>(type)].compute(canonical.text.data(), canonical.begin, out);
}

void MarkBiases::biases(std::span<const MarkPosition> positions, unsigned coalition, std::vector<double>& out) {
  biases_.compute(positions, out);
  const BiasCurve curve(coalition);
  for (double& bias : out) bias = curve.of(bias);
}

BiasCurve::BiasCurve(unsigned coalition) : cut_(std::asin(std::sqrt(1.0 / (300.0 * coalition)))), at_{} {
  for (std::size_t i = 0; i <= kSteps; ++i) at_[i] = of(static_cast<double>(i) / kSteps);
}

double BiasCurve::of(double number) const {
  const double sine = std::sin(cut_ + number * (kHalfPi - 2 * cut_));
  return sine * sine;
}

MarkSymbols::MarkSymbols(const Secret& recipient) : symbols_(Cmac(derive(recipient, "sidik/1/seal/symbol", 16))) {}

void MarkSymbols::symbols(std::span<const MarkPosition> positions, std::span<const double> biases,
                          std::vector<std::uint8_t>& out) {
  symbols_.compute(positions, drawn_);
  out.resize(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) out[i] = drawn_[i] < biases[i] ? 1 : 0;
}

void MarkSymbols::symbols(std::span<const MarkPosition> positions, std::span<const double> numbers,
                          const BiasCurve& curve, std::vector<std::uint8_t>& out) {
  symbols_.compute(positions, drawn_);
  out.resize(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) out[i] = curve.is_above(numbers[i], drawn_[i]) ? 1 : 0;
}

}  // namespace sidik
