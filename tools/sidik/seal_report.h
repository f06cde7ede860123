// What `seal` says when it is done: which columns were marked, in which spellings, and what was left out.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "registry/registration.h"
#include "seal/sealed_text.h"

namespace sidik::command {

struct SealSummary {
  Sealing sealing;
  std::vector<std::pair<std::string, std::vector<std::string>>> columns;  // marked ones: name and channels
  std::uint64_t rows_read = 0;
  std::uint64_t positions = 0;  // values and channels that carry a symbol, row by row

  std::uint64_t canaries_asked = 0, canaries_dropped = 0;
  std::uint64_t canaries_void = 0;  // planted before somebody with their number came
  bool planned_ahead = false;       // by the feed's last export, not by this one
  double check_bits = 0;            // of a canary's fields

  static SealSummary of(const SealedText& text);
  bool nothing() const { return columns.empty() && sealing.withheld == 0 && sealing.canaries == 0; }
};

/// Columns whose values tell rows apart and that rows of nobody have from a real row as they are, for their type says
/// not how another is made: names, for a warning.
std::vector<std::string> columns_of_real_rows(const ExportManifest& manifest, const std::vector<bool>& copied);

std::string sealing_text(const SealSummary& summary);
std::string sealing_json(const Registry& registry, const RegistrationResult& result, const SealSummary& summary);

}  // namespace sidik::command
