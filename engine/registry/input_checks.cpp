#include "registry/input_checks.h"

#include <algorithm>

#include "base/error.h"
#include "registry/signed_text.h"

namespace sidik {
namespace {

constexpr std::size_t kLongestWord = 200;
constexpr std::uint64_t kFewValues = 20;

std::string many(std::uint64_t count, const std::string& thing) {
  std::string digits = std::to_string(count);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits + " " + thing + (count == 1 ? "" : "s");
}

void check_word(const char* what, const std::string& word) {
  const auto fail = [&](const std::string& why) { throw Error(ErrorKind::kUsage, what, why); };
  if (word.size() > kLongestWord)
    fail("is " + std::to_string(word.size()) + " bytes long, at most " + std::to_string(kLongestWord) + " are allowed");
  try {
    canonical_json(word);
  } catch (const nlohmann::json::exception&) {
    fail("is no UTF-8");
  }
  if (std::any_of(word.begin(), word.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    fail("holds control characters");
}

std::string date_words(const std::optional<UtcSeconds>& date) { return date ? format_utc(*date) : "none"; }

std::string quoted_or_none(const std::string& word) {
  return word.empty() ? "none" : std::string("'").append(word).append("'");
}

std::string rejection_words(const Batch::Rejected& row, std::uint64_t columns) {
  using Reason = Batch::Rejected::Reason;
  switch (row.reason) {
    case Reason::kTooManyCells:
    case Reason::kTooFewCells: {
      const std::string cells = many(row.cells, "cell");
      return columns == 0 ? cells : cells + " where the table has " + std::to_string(columns);
    }
    case Reason::kTooLong:
      return "a record that is too long";
    case Reason::kUnclosedQuote:
      return "a quote that is not closed";
  }
  return "no row";
}

/// "a.csv, line 17: 8 cells where the table has 9; a.csv, line 40: ...".
std::string first_places(const ExportReading& reading) {
  std::string text;
  for (const auto& rejected : reading.first_rejected)
    text += (text.empty() ? "" : "; ") + rejected.file + ", line " + std::to_string(rejected.row.line) + ": " +
            rejection_words(rejected.row, reading.invalid.size());
  if (reading.rejected > reading.first_rejected.size()) text += "; ...";
  return text;
}

std::string joined(const std::vector<std::string>& words, const char* separator) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

}  // namespace

void check_description(const ExportDescription& description) {
  if (description.name.empty()) throw Error(ErrorKind::kUsage, "--name", "is empty; give the export a name of its own");
  check_word("--name", description.name);
  check_word("--feed", description.feed);
  check_word("--recipient", description.recipient);
}

void require_same_description(const ExportDescription& wanted, const ExportDescription& registered) {
  std::vector<std::string> differences;
  if (wanted.feed != registered.feed)
    differences.push_back("feed " + quoted_or_none(registered.feed) + ", not " + quoted_or_none(wanted.feed));
  if (wanted.recipient != registered.recipient)
    differences.push_back("recipient " + quoted_or_none(registered.recipient) + ", not " +
                          quoted_or_none(wanted.recipient));
  if (wanted.kind != registered.kind)
    differences.push_back("kind " + std::string(kind_name(registered.kind)) + ", not " +
                          std::string(kind_name(wanted.kind)));
  if (wanted.at != registered.at)
    differences.push_back("date " + date_words(registered.at) + ", not " + date_words(wanted.at));
  if (wanted.sent_at != registered.sent_at)
    differences.push_back("sent at " + date_words(registered.sent_at) + ", not " + date_words(wanted.sent_at));
  if (differences.empty()) return;
  throw Error(ErrorKind::kNameTaken, "export '" + wanted.name + "'",
              "is registered already, with " + joined(differences, ", ") + "; choose another name");
}

void check_reading(const ExportReading& reading, const RegistrationOptions& options, const std::string& place) {
  if (static_cast<double>(reading.rejected) >
      options.max_rejects * static_cast<double>(reading.rows + reading.rejected)) {
    throw Error(ErrorKind::kRefused, place,
                many(reading.rejected, "bad row") + " beside " + many(reading.rows, "good one") +
                    ", more than --max-rejects allows: " + first_places(reading) +
                    "; correct the file, or raise --max-rejects");
  }
  if (reading.rows == 0)
    throw Error(ErrorKind::kRefused, place, "has a header but no rows; an export without rows is not registered");
  if (options.expect_rows && reading.rows != *options.expect_rows) {
    std::string bad = reading.rejected == 0 ? "" : " (and " + many(reading.rejected, "bad row") + ")";
    throw Error(ErrorKind::kRefused, place,
                "has " + many(reading.rows, "row") + bad + ", --expect-rows says " +
                    std::to_string(*options.expect_rows) + "; nothing was registered");
  }
}

std::vector<std::string> check_drift(const std::vector<std::string>& drift, const RegistrationOptions& options) {
  if (drift.empty()) return {};
  const std::string feed = "feed '" + options.description.feed + "'";
  if (options.on_drift == DriftPolicy::kRefuse)
    throw Error(ErrorKind::kRefused, feed,
                "this export differs from the schema that the feed's first export pinned: " + joined(drift, "; ") +
                    "; register it under another feed, or accept it with --on-drift warn");
  std::vector<std::string> warnings;
  for (const auto& difference : drift) warnings.push_back(feed + " drifts: " + difference);
  return warnings;
}

std::vector<std::string> reading_warnings(const ExportReading& reading, const InferenceResult& inference,
                                          const RegistrationOptions& options) {
  std::vector<std::string> warnings;
  const auto& columns = inference.schema.columns;
  std::vector<std::string> few;
  std::vector<std::string> contradicting;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (c < inference.profiles.size() && inference.profiles[c].values - inference.profiles[c].nulls < kFewValues)
      few.push_back(columns[c].name);
    if (c < reading.invalid.size() && reading.invalid[c] > 0)
      contradicting.push_back(columns[c].name + " (" + many(reading.invalid[c], "value") + " not " +
                              std::string(type_name(columns[c].type)) + ")");
  }
  if (!few.empty() && !options.schema)
    warnings.push_back("types rest on fewer than " + std::to_string(kFewValues) + " values in: " + joined(few, ", ") +
                       "; give a --schema where one is wrong");
  if (inference.schema.identity_order().empty())
    warnings.emplace_back(
        "no column identifies a row, so rows are identified by all their values and a changed row is another row; mark "
        "an identity column in a --schema where there is one");
  if (!contradicting.empty())
    warnings.push_back("values that are not of their column's type are kept as text: " + joined(contradicting, ", "));
  if (reading.rejected > 0)
    warnings.push_back(many(reading.rejected, "bad row") + " left out: " + first_places(reading));
  if (reading.repeated_headers > 0)
    warnings.push_back(many(reading.repeated_headers, "repeated header line") + " left out");
  if (reading.frame_lines > 0)
    warnings.push_back(many(reading.frame_lines, "line") + " of a printed table's frame (rulers, row counts) left out");
  if (reading.transcoded_values > 0)
    warnings.push_back(many(reading.transcoded_values, "value") + " not in UTF-8 read as Windows-1252");
  return warnings;
}

}  // namespace sidik
