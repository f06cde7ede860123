#include "seal/mark_reader.h"

namespace sidik {

MarkReader::MarkReader(const Secret& shared) : biases_(shared) {}

void MarkReader::read(FieldType type, const CanonicalOptions& options, std::span<const std::string_view> raw) {
  const auto channels = channels_of(type);
  if (channels.empty()) return;
  canonicalise(type, options, raw, canonical_);
  biases_.places(type, canonical_, places_);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (canonical_.state[i] != ValueState::kValid) continue;
    const std::uint32_t possible = possible_channels(type, raw[i]);
    for (const Channel channel : channels)
      if (const auto symbol =
              ((possible >> static_cast<unsigned>(channel)) & 1) != 0 ? read_channel(channel, raw[i]) : std::nullopt)
        ++counts_.try_emplace(MarkPosition{places_[i], channel}, Counts{type, {}})
              .first->second.symbols[*symbol ? 1 : 0];
  }
}

std::vector<MarkReader::Seen> MarkReader::seen() const {
  std::vector<Seen> out;
  for (const auto& [position, counts] : counts_)
    if (counts.symbols[0] != counts.symbols[1])
      out.push_back({position, counts.type, counts.symbols[1] > counts.symbols[0]});
  return out;
}

std::size_t MarkReader::mixed() const {
  std::size_t mixed = 0;
  for (const auto& [position, counts] : counts_) mixed += counts.symbols[0] > 0 && counts.symbols[1] > 0 ? 1U : 0U;
  return mixed;
}

MarkEvidence evidence_under(const Sealing& sealing, const Secret& shared, std::span<const MarkReader::Seen> seen) {
  MarkEvidence out;
  for (const MarkReader::Seen& one : seen) {
    if (!sealing.marks(one.type, one.position.channel)) continue;
    out.positions.push_back(one.position);
    out.seen.push_back({0.5, one.symbol, one.position.channel});
  }
  std::vector<double> biases;
  MarkBiases(shared).biases(out.positions, sealing.coalition, biases);
  for (std::size_t i = 0; i < biases.size(); ++i) out.seen[i].bias = biases[i];
  return out;
}

std::vector<std::uint8_t> symbols_of(const Secret& recipient, const MarkEvidence& evidence) {
  std::vector<double> biases;
  for (const SeenMark& mark : evidence.seen) biases.push_back(mark.bias);
  std::vector<std::uint8_t> symbols;
  MarkSymbols(recipient).symbols(evidence.positions, biases, symbols);
  return symbols;
}

}  // namespace sidik
