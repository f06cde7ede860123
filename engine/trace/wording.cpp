#include "trace/wording.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "trace/digest_text.h"
#include "trace/distinct_rows.h"
#include "trace/separation.h"

namespace sidik {
namespace {

std::string count_text(std::uint64_t count) {
  const std::string digits = std::to_string(count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string copy_text(const Source& source) {
  std::string text = source.recipient.empty() ? "the copy " + source.name : "the copy made for " + source.recipient;
  std::string inside = source.recipient.empty() ? "" : source.name;
  if (source.at) inside += (inside.empty() ? "" : ", ") + format_date(*source.at);
  return inside.empty() ? text : text + " (" + inside + ")";
}

std::string list_text(const std::vector<std::string>& items, const char* last) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? std::string(" ") + last + " " : ", ";
    text += items[i];
  }
  return text;
}

const Source* named(const Verdict& verdict, const std::string& name) {
  for (const Source& source : verdict.sources) {
    if (source.name == name) return &source;
  }
  return nullptr;
}

std::string ours_text(const Verdict& verdict) {
  const std::string close = " This does not say who leaked it.";
  if (verdict.kind == Hypothesis::kUnregisteredExport || verdict.sources.empty()) {
    std::string text = "OURS. Matches our data, but no registered export";
    if (verdict.as_of.not_before && verdict.as_of.not_after) {
      text += "; data of a date from " + format_date(*verdict.as_of.not_before) + " to " +
              format_date(*verdict.as_of.not_after);
    }
    return text + "." + close;
  }
  std::vector<std::string> copies;
  if (verdict.kind == Hypothesis::kMixture) {
    bool sure = true;
    for (const Source& source : verdict.sources) {
      if (source.posterior < kLikelySource || copies.size() == 6) continue;
      sure = sure && source.posterior >= kSureSource;
      copies.push_back((source.posterior < kSureSource ? "probably " : "") + copy_text(source));
    }
    if (copies.size() < 2) copies.push_back("copies that the sample cannot tell apart");
    return std::string("OURS. Matches a mixture") + (sure ? " of " : ": ") + list_text(copies, "and") + "." + close;
  }
  if (!verdict.indistinguishable.empty()) {
    for (const std::string& name : verdict.indistinguishable.front()) {
      if (const Source* source = named(verdict, name); source != nullptr && copies.size() < 4)
        copies.push_back(copy_text(*source));
    }
    const std::size_t more = verdict.indistinguishable.front().size() - copies.size();
    if (more > 0) copies.push_back(std::to_string(more) + " more");
    return "OURS. Matches one of " + count_text(verdict.indistinguishable.front().size()) +
           " copies that the sample cannot tell apart: " + list_text(copies, "or") + "." + close;
  }
  return "OURS. Matches " + copy_text(verdict.sources.front()) + "." + close;
}

std::string not_ours_text(const Verdict& verdict) {
  if (!verdict.kind) return "NOT OURS.";
  switch (*verdict.kind) {
    case Hypothesis::kKnownLeak:
      for (const Source& source : verdict.sources) {
        if (source.external)
          return "NOT OURS. Better explained by the known leak " + source.name + " than by any copy of ours.";
      }
      return "NOT OURS. Better explained by a known leak than by any copy of ours.";
    case Hypothesis::kSamePeopleElsewhere:
      return "NOT OURS. About people we know, but from elsewhere: what only we hold does not agree.";
    case Hypothesis::kFabricated:
      return "NOT OURS. Real values put together into rows that we never held.";
    default:
      return "NOT OURS. The rows match no registered export: other people's data, or data of strangers.";
  }
}

std::string undetermined_text(const Verdict& verdict) {
  if (verdict.sample.rows == 0) return "UNDETERMINED. There is a header and no row: columns alone prove nothing.";
  if (verdict.exports == 0) return "UNDETERMINED. Nothing is registered that the sample could be held against.";
  if (verdict.rows_linked == 0 && verdict.rows_not_linkable >= verdict.sample.distinct)
    return "UNDETERMINED. All that the rows show stands in too many of our records: nobody can tell whose they are.";
  if (verdict.rows_linked == 0)
    return "UNDETERMINED. No row could be linked to a registered record, and too little to exclude it.";
  return "UNDETERMINED. The sample fits our data, and fits as well what others could hold about the same people.";
}

}  // namespace

std::string summary_of(const Verdict& verdict) {
  switch (verdict.origin) {
    case Origin::kOurs:
      return ours_text(verdict);
    case Origin::kNotOurs:
      return not_ours_text(verdict);
    case Origin::kUndetermined:
      break;
  }
  return undetermined_text(verdict);
}

std::string numerator_of(const Verdict& verdict) {
  return verdict.origin == Origin::kNotOurs
             ? "the sample comes from data that are not ours: elsewhere, made up, or a known leak"
             : "the sample comes from our data, a registered export or not";
}

std::string denominator_of(const Verdict& verdict) {
  return verdict.origin == Origin::kNotOurs
             ? "the sample comes from our data, a registered export or not"
             : "the sample comes from data that are not ours: elsewhere, made up, or a known leak";
}

namespace {

void add_seal_caveats(const Findings& findings, const Verdict& verdict, std::vector<std::string>& caveats) {
  const auto& exports = findings.store.exports();
  std::vector<std::string> mixed;
  for (const ExportIndex e : findings.seals->colluders()) mixed.push_back(exports[e].description.name);
  if (!mixed.empty())
    caveats.push_back("The sample shows marks of several recipients, each beyond chance (" + list_text(mixed, "and") +
                      "): their copies were mixed, or their sealing keys used.");
  for (ExportIndex e = 0; e < exports.size(); ++e) {
    const SealScore& seal = findings.seals->of(e);
    const bool named = !verdict.sources.empty() && verdict.sources.front().name == exports[e].description.name;
    if (named && seal.marks && seal.tail < 1e-3)
      caveats.push_back(count_text(seal.positions) + " marks fit " + exports[e].description.name +
                        "; whoever holds the sealing key of its feed could have written them.");
    const bool absent = std::none_of(verdict.sources.begin(), verdict.sources.end(), [&](const Source& source) {
      return source.name == exports[e].description.name && source.rows_explained >= 0.05;
    });
    if (absent && seal.marks && seal.tail < 1e-6)
      caveats.push_back("Marks of " + exports[e].description.name +
                        " stand in rows that its copy does not hold: they may have been planted.");
  }
}

std::string column_name(const Findings& findings, std::size_t c) {
  const auto& name = findings.survey.names[c];
  return name && !name->empty() ? *name : "column " + std::to_string(c + 1);
}

/// Columns of digests that nothing of ours agrees with.
void add_digest_caveats(const Findings& findings, std::vector<std::string>& caveats) {
  constexpr std::size_t kLooked = 200;
  std::vector<std::string> names;
  for (std::size_t c = 0; c < findings.survey.edits.given; ++c) {
    const auto& cells = findings.survey.screened.columns[c];
    std::size_t some = 0;
    std::size_t digests = 0;
    for (std::size_t r = 0; r < std::min(kLooked, cells.size()); ++r) {
      if (is_null_token(cells[r])) continue;
      ++some;
      digests += is_hex_digest(cells[r]) || is_base64_digest(cells[r]);
    }
    const bool agrees =
        std::any_of(findings.map.mapped.begin(), findings.map.mapped.end(), [&](const MappedColumn& mapped) {
          return findings.survey.edits.shows(mapped.column, c) && !mapped.by_form && mapped.agreement > 0;
        });
    if (some > 0 && digests * 10 >= some * 9 && !agrees) names.push_back(column_name(findings, c));
  }
  if (!names.empty())
    caveats.push_back("The digests in " + list_text(names, "and") +
                      " match nothing: salted ones cannot be matched, others where the export was registered with "
                      "--also-hashed in that algorithm and spelling.");
}

/// What was done to whole columns and undone.
void add_edit_caveats(const Findings& findings, std::vector<std::string>& caveats) {
  const SampleEdits& edits = findings.survey.edits;
  for (const ColumnShift& shift : edits.shifts) {
    std::string where;
    if (shift.from > 0) where = " from line " + count_text(line_of(shift.from)) + " on";
    if (shift.end != ~std::uint64_t{0}) where = " up to line " + count_text(line_of(shift.end));
    caveats.push_back("The cells of " + column_name(findings, shift.column) + " stand one row too " +
                      (shift.by > 0 ? "low" : "high") + where + ": they were put back.");
  }
  for (std::size_t d = 0; d < edits.derived.size(); ++d) {
    const DerivedColumn& derived = edits.derived[d];
    std::vector<std::string> of;
    for (const CellPart& part : derived.parts) {
      if (std::string name = column_name(findings, part.column); std::find(of.begin(), of.end(), name) == of.end())
        of.push_back(std::move(name));
    }
    std::string ours;
    for (const MappedColumn& mapped : findings.map.mapped) {
      if (mapped.column == edits.given + d) ours = mapped.name;
    }
    if (derived.days != 0)
      caveats.push_back("The dates of " + list_text(of, "and") + " are off by " +
                        count_text(static_cast<std::uint64_t>(std::abs(derived.days))) +
                        (std::abs(derived.days) == 1 ? " day" : " days") + " throughout: they were put right.");
    else if (of.size() > 1)
      caveats.push_back("The columns " + list_text(of, "and") + " were read together as " + ours + ".");
    else
      caveats.push_back("A part of " + list_text(of, "and") + " was read as " + ours + ".");
  }
}

/// Columns that show parts of their values only: what is lost of them.
void add_partial_caveats(const Findings& findings, std::vector<std::string>& caveats) {
  constexpr double kWorthSaying = 0.02;
  std::vector<std::string> masked;
  for (const PartialColumn& partial : findings.map.partial) {
    if (partial.share < kWorthSaying) continue;
    const std::string name = column_name(findings, partial.column);
    if (partial.loss == Loss::kHidden) {
      masked.push_back(name);
      continue;
    }
    if (partial.loss == Loss::kCoarse) {
      caveats.push_back("The numbers of " + name +
                        " are rounded: they were held against the records as what they may have been before.");
      continue;
    }
    caveats.push_back(
        "A spreadsheet has " +
        std::string(partial.loss == Loss::kRounded ? "rounded " : "written zeros for the last digits of ") +
        "the numbers of " + name + ": " + std::to_string(partial.digits_left) +
        " digits of each are left, the others are lost.");
  }
  if (!masked.empty())
    caveats.push_back("Values of " + list_text(masked, "and") +
                      " are masked: what is left of them was held against the records, and says less than the whole.");
  if (findings.agreement.untried > 0)
    caveats.push_back(count_text(findings.agreement.untried) +
                      " values that are masked or cut were not tried, for there are too many of them: their rows are "
                      "weighed by what else they show.");
}

}  // namespace

std::vector<std::string> caveats_of(const Findings& findings, const Verdict& verdict) {
  std::vector<std::string> caveats;
  const auto& exports = findings.store.exports();
  if (verdict.origin == Origin::kOurs) {
    caveats.push_back(
        "It names the copy, not the culprit: who sent it on, how, on whose behalf, and whether somebody was framed "
        "stay open.");
  }
  if (exports.empty()) {
    caveats.push_back("No export is registered.");
    return caveats;
  }
  if (verdict.sample.rows == 0) {
    std::vector<std::string> alike;
    for (const ExportManifest& manifest : exports) {
      std::size_t shared = 0;
      for (const auto& name : findings.survey.names) {
        shared +=
            name && std::any_of(manifest.columns.begin(), manifest.columns.end(), [&](const ExportColumn& column) {
              return normalised_name(column.schema.name) == normalised_name(*name);
            });
      }
      if (shared * 2 >= findings.survey.names.size() && shared > 0) {
        alike.push_back(manifest.description.name + " (" + std::to_string(shared) + " of " +
                        std::to_string(findings.survey.names.size()) + " columns)");
      }
    }
    const std::size_t all = alike.size();
    if (alike.size() > 5) alike.resize(5);
    caveats.push_back(
        alike.empty()
            ? "No registered export has columns of these names; copies are renamed easily, so this clears nobody."
            : "The header is shared with " + count_text(all) + " registered exports, among them " +
                  list_text(alike, "and") + "; a header can be typed by anybody.");
    return caveats;
  }
  if (verdict.sample.distinct < 20) {
    caveats.push_back("Only " + count_text(verdict.sample.distinct) +
                      (verdict.sample.distinct == 1 ? " distinct row" : " distinct rows") +
                      ": few rows give wide answers.");
  }
  if (!verdict.robust) caveats.push_back("The answer changes when a prior is ten times larger or smaller.");
  if (verdict.unexplained && *verdict.unexplained >= 0.05) {
    caveats.push_back(std::to_string(std::lround(*verdict.unexplained * 100)) +
                      " % of the distinct rows match no registered export.");
  }
  for (const std::size_t f : findings.attribution.new_rows)
    caveats.push_back(
        "Exports of " + findings.feeds[f].name +
        " hold new rows each time: those of a date that nobody registered are told from others' by values "
        "that return alone.");
  if (findings.seals != nullptr) add_seal_caveats(findings, verdict, caveats);
  if (findings.agreement.not_linkable > 0) {
    caveats.push_back(count_text(findings.agreement.not_linkable) +
                      (findings.agreement.not_linkable == 1
                           ? " row holds only values that stand in too many records: it could not be linked, which "
                             "says nothing about it."
                           : " rows hold only values that stand in too many records: they could not be linked, which "
                             "says nothing about them."));
  }
  add_edit_caveats(findings, caveats);
  add_digest_caveats(findings, caveats);
  add_partial_caveats(findings, caveats);
  if (findings.agreement.repeated_tags > 0) {
    caveats.push_back(count_text(findings.agreement.repeated_tags) +
                      (findings.agreement.repeated_tags == 1
                           ? " row repeats somebody who is there already, and does not count again."
                           : " rows repeat people who are there already, and do not count again."));
  }
  for (const Source& source : verdict.sources) {
    if (source.registered_after_seen) {
      caveats.push_back("The export " + source.name + " was registered after the sample was seen.");
    }
    if (caveats.size() > 12) break;
  }
  for (std::size_t g = 1; g < verdict.column_groups.size(); ++g) {
    const ColumnGroup& group = verdict.column_groups[g];
    const bool one = group.columns.size() == 1;
    const std::string columns = std::string(one ? "The column " : "The columns ") + list_text(group.columns, "and");
    if (group.from.empty())
      caveats.push_back(columns + (one ? " holds" : " hold") + " hardly a value of " + verdict.column_groups[0].from +
                        " in the rows that it knows, nor of anything registered: joined on from elsewhere, or changed "
                        "as a whole.");
    else
      caveats.push_back(columns + (one ? " agrees" : " agree") + " with " + group.from +
                        (group.external ? ", foreign data or a known leak," : "") + " in " +
                        std::to_string(std::lround(group.agreement * 100)) + " % of the rows, and hardly ever with " +
                        verdict.column_groups[0].from + ": two sources were joined.");
  }
  if (verdict.coverage && verdict.coverage->registered < verdict.coverage->expected) {
    caveats.push_back("Of the feed " + verdict.coverage->feed + " " + count_text(verdict.coverage->registered) +
                      " of " + count_text(verdict.coverage->expected) +
                      " expected exports are registered: one of the others may be the source.");
  }
  return caveats;
}

namespace {

const char* plural_of(FieldType type) {
  switch (type) {
    case FieldType::kNik:
      return "NIKs";
    case FieldType::kIdentifier:
      return "our own numbers (card, policy, account)";
    case FieldType::kPhone:
      return "phone numbers";
    case FieldType::kEmail:
      return "e-mail addresses";
    case FieldType::kPersonName:
      return "names";
    case FieldType::kAddress:
      return "addresses";
    case FieldType::kDate:
    case FieldType::kTimestamp:
      return "all dates";
    case FieldType::kInteger:
    case FieldType::kDecimal:
      return "all amounts";
    default:
      return "all columns";
  }
}

/// Rows that would tell the best of a group from the one that is hardest to tell from it.
std::string what_would_separate(const Findings& findings, const std::vector<ExportIndex>& group) {
  constexpr std::size_t kLooked = 6;
  std::set<ColumnId> shown;
  for (const MappedColumn& mapped : findings.map.mapped) {
    for (const auto& as : mapped.as) shown.insert(as.columns.begin(), as.columns.end());
  }
  const auto& exports = findings.store.exports();
  std::vector<ExportIndex> others;
  for (std::size_t i = 1; i < group.size() && i < kLooked; ++i) {
    if (findings.store.epoch_of(group[i]) == findings.store.epoch_of(group[0])) others.push_back(group[i]);
  }
  const std::vector<Separation> separations = separations_of(findings.store, group[0], others, shown);
  const auto hardest = std::min_element(separations.begin(), separations.end(),
                                        [](const auto& a, const auto& b) { return a.by_shown < b.by_shown; });
  const bool looked = hardest != separations.end() && hardest->looked > 0;
  const ExportIndex from = looked ? others[static_cast<std::size_t>(hardest - separations.begin())] : group[1];
  const std::string pair = exports[group[0]].description.name + " from " + exports[from].description.name;
  if (!looked) return "More rows: those that changed between the copies would separate " + pair + ".";
  const auto best = std::max_element(hardest->by_further.begin(), hardest->by_further.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  const std::uint64_t like_these = rows_to_separate(hardest->by_shown);
  const std::uint64_t with_more =
      best == hardest->by_further.end() ? 0 : rows_to_separate(hardest->by_shown + best->second);
  if (with_more > 0 && (like_these == 0 || with_more * 2 <= like_these))
    return "Some " + count_text(with_more) + " rows with " + plural_of(best->first) + " would separate " + pair + ".";
  if (like_these == 0)
    return "Nothing that was looked at differs between " + exports[group[0]].description.name + " and " +
           exports[from].description.name + " (" + count_text(static_cast<std::uint64_t>(hardest->looked)) +
           " identities): more rows will hardly separate them.";
  return "Some " + count_text(like_these) + " more rows like these would separate " + pair + ".";
}

}  // namespace

std::string would_tell_more(const Findings& findings, const Verdict& verdict) {
  if (findings.store.exports().empty()) return "Register what has left the house: there is nothing to compare with.";
  if (verdict.sample.rows == 0) return "Any row of the data: twenty are often enough.";
  std::vector<std::string> missing;
  for (const auto& [type, words] :
       {std::pair{FieldType::kAddress, "addresses"}, std::pair{FieldType::kPhone, "phone numbers"},
        std::pair{FieldType::kIdentifier, "our own numbers (card, policy, account)"}}) {
    bool held = false;
    for (const ExportManifest& manifest : findings.store.exports()) {
      for (const ExportColumn& column : manifest.columns) held = held || column.schema.type == type;
    }
    for (const MappedColumn& mapped : findings.map.mapped) held = held && mapped.as.front().reading.type != type;
    if (held) missing.push_back(words);
  }
  if (verdict.origin == Origin::kUndetermined) {
    return missing.empty() ? "More rows of the same columns."
                           : "Rows with " + list_text(missing, "or") + ": others do not hold them as we do.";
  }
  if (verdict.origin == Origin::kOurs && !findings.attribution.groups.empty())
    return what_would_separate(findings, findings.attribution.groups.front());
  return "";
}

}  // namespace sidik
