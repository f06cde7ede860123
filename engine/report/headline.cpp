#include "report/headline.h"

#include <algorithm>
#include <cmath>

#include "report/plain_text.h"

namespace sidik {
namespace {

constexpr const char* kSeparator = " · ";
constexpr const char* kNotACulprit = "This does not say who leaked it.";

std::string joined(const std::vector<std::string>& parts, const std::string& between, const std::string& last) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? last : between;
    out += parts[i];
  }
  return out;
}

// The sources that the verdict names, by their places: the best one, those that it cannot be told from, and in a
// mixture each that is more likely than not one of them.
std::vector<std::size_t> named_sources(const Verdict& verdict) {
  std::vector<std::size_t> named;
  if (verdict.sources.empty()) return named;
  named.push_back(0);
  if (verdict.kind == Hypothesis::kMixture) {
    for (std::size_t i = 1; i < verdict.sources.size(); ++i)
      if (verdict.sources[i].posterior >= kLikelySource) named.push_back(i);
    if (verdict.sources[0].posterior < kLikelySource) named.clear();
    return named;
  }
  for (const auto& group : verdict.indistinguishable) {
    if (std::find(group.begin(), group.end(), verdict.sources[0].name) == group.end()) continue;
    for (std::size_t i = 1; i < verdict.sources.size(); ++i)
      if (std::find(group.begin(), group.end(), verdict.sources[i].name) != group.end()) named.push_back(i);
  }
  return named;
}

// At most four by name: a group may be a whole feed.
std::string names_of(const Verdict& verdict, const std::vector<std::size_t>& which, const char* last) {
  constexpr std::size_t kMost = 4;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < which.size() && i < kMost; ++i) names.push_back(copy_phrase(verdict.sources[which[i]]));
  if (which.size() > kMost) names.push_back(grouped(which.size() - kMost) + " more");
  return joined(names, ", ", last);
}

std::string registered_match(const Verdict& verdict, const std::vector<std::size_t>& named) {
  const Source& best = verdict.sources[named[0]];
  if (best.kind == "reference")
    return "OURS. Matches our own data as it stood in " + copy_phrase(best) +
           "; no export that left the house is named. This does not say who leaked it.";
  if (named.size() == 1) return "OURS. Matches the copy made for " + copy_phrase(best) + ". " + kNotACulprit;
  return "OURS. Matches the copies made for " + names_of(verdict, named, " or ") +
         "; the sample cannot tell which. This does not say who leaked it.";
}

std::string mixture_match(const Verdict& verdict, const std::vector<std::size_t>& named) {
  std::vector<std::size_t> sure, likely;
  for (const std::size_t i : named) (verdict.sources[i].posterior >= kSureSource ? sure : likely).push_back(i);
  std::string text = "OURS. Matches copies of ours, mixed";
  if (sure.size() > 1) text = "OURS. Matches the copies made for " + names_of(verdict, sure, " and ") + ", mixed";
  if (sure.size() == 1) text += ": the one made for " + names_of(verdict, sure, "");
  if (!likely.empty())
    text += std::string(sure.size() == 1 ? " and probably "
                        : sure.empty()   ? ", probably "
                                         : ", and probably ") +
            "the one made for " + names_of(verdict, likely, " and the one made for ");
  if (sure.size() + likely.size() < 2) text += "; the sample cannot tell the others apart";
  return text + ". " + kNotACulprit;
}

std::string ours(const Verdict& verdict, const std::vector<std::size_t>& named) {
  if (verdict.kind == Hypothesis::kMixture) return mixture_match(verdict, named);
  if (verdict.kind == Hypothesis::kUnregisteredExport) {
    std::string text = "OURS. Matches an export that was not registered";
    if (!named.empty()) text += ", nearest to the copy made for " + copy_phrase(verdict.sources[named[0]]);
    return text + ". " + kNotACulprit;
  }
  if (named.empty()) return std::string("OURS. Matches no single registered copy. ") + kNotACulprit;
  return registered_match(verdict, named);
}

std::string not_ours(const Verdict& verdict) {
  const std::string head = "NOT OURS. ";
  switch (verdict.kind.value_or(Hypothesis::kStrangers)) {
    case Hypothesis::kKnownLeak: {
      const auto leak =
          std::find_if(verdict.sources.begin(), verdict.sources.end(), [](const Source& s) { return s.external; });
      if (leak == verdict.sources.end()) return head + "Matches a leak that was known before.";
      return head + "Matches " + copy_phrase(*leak) + ", a leak that was known before.";
    }
    case Hypothesis::kSamePeopleElsewhere:
      return head + "The people are known here, but the rows are somebody else's data about them.";
    case Hypothesis::kFabricated:
      return head + "Values of ours may be among them, but the rows are made up.";
    default:
      return head + "These rows are in nothing that was registered.";
  }
}

// Of what is not ours or open the summary knows more than the kind does; of what is ours the wording is fixed.
std::string summary_after(const std::string& label, const Verdict& verdict) {
  return verdict.summary.starts_with(label) ? printable(verdict.summary) : "";
}

std::string first_line(const Verdict& verdict, const std::vector<std::size_t>& named) {
  if (verdict.origin == Origin::kNotOurs)
    if (const std::string summary = summary_after("NOT OURS. ", verdict); !summary.empty()) return summary;
  if (verdict.origin == Origin::kUndetermined)
    if (const std::string summary = summary_after("UNDETERMINED. ", verdict); !summary.empty()) return summary;
  switch (verdict.origin) {
    case Origin::kOurs:
      return ours(verdict, named);
    case Origin::kNotOurs:
      return not_ours(verdict);
    default:
      return "UNDETERMINED. This sample cannot tell whether the data are ours.";
  }
}

std::string next_best(const Verdict& verdict, std::size_t source) {
  const Source& next = verdict.sources[source];
  return std::string(verdict.origin == Origin::kOurs ? "next best " : "nearest ") + printable(next.name) + ", " +
         chance(next.posterior);
}

// The likeliest hypothesis that the first line does not already speak of.
std::string other_hypothesis(const Verdict& verdict) {
  int best = -1;
  for (int h = 0; h < kHypotheses; ++h) {
    if (verdict.kind && static_cast<int>(*verdict.kind) == h) continue;
    if (static_cast<Hypothesis>(h) == Hypothesis::kRegisteredExport && verdict.origin == Origin::kOurs) continue;
    if (best < 0 || verdict.hypotheses[h] > verdict.hypotheses[best]) best = h;
  }
  if (best < 0 || verdict.hypotheses[best] <= 0) return "";
  return hypothesis_phrase(static_cast<Hypothesis>(best)) + ", " + chance(verdict.hypotheses[best]);
}

std::string second_line(const Verdict& verdict, const std::vector<std::size_t>& named) {
  if (verdict.sample.rows == 0) return "No rows; " + grouped(verdict.sample.columns.size()) + " columns in the header";
  if (!verdict.unexplained)
    return grouped(verdict.sample.rows) + " rows, " +
           (verdict.exports == 0 ? "and nothing registered to compare them with"
                                 : "and nothing in them that leads to single records");
  const double rows = static_cast<double>(verdict.sample.rows);
  const double share = verdict.origin == Origin::kOurs && named.size() == 1 ? verdict.sources[named[0]].rows_explained
                                                                            : 1 - *verdict.unexplained;
  const auto explained = static_cast<std::uint64_t>(std::llround(std::clamp(share, 0.0, 1.0) * rows));
  // Of what is not ours, rows that fit a record are about people or things that we know, no more.
  std::vector<std::string> parts = {
      grouped(explained) + " of " + grouped(verdict.sample.rows) +
      (verdict.origin == Origin::kNotOurs ? " rows fit a record of ours" : " rows explained")};

  for (std::size_t i = 0; i < verdict.sources.size(); ++i) {
    const bool is_named = std::find(named.begin(), named.end(), i) != named.end();
    if (verdict.origin == Origin::kOurs && is_named) continue;
    parts.push_back(next_best(verdict, i));
    break;
  }
  if (const std::string other = other_hypothesis(verdict); !other.empty()) parts.push_back(other);
  return joined(parts, kSeparator, kSeparator);
}

bool has_column_of(const Verdict& verdict, std::string_view type) {
  return std::any_of(verdict.sample.columns.begin(), verdict.sample.columns.end(),
                     [&](const SampleColumn& column) { return column.type == type; });
}

// The first thing that a critic would point at.
std::string weakest_point(const Verdict& verdict) {
  const std::uint64_t distinct = verdict.sample.distinct;
  if (distinct == 0) return "";
  if (distinct < 20) return "only " + grouped(distinct) + (distinct == 1 ? " distinct row" : " distinct rows");
  if (verdict.rows_not_linkable * 3 > distinct)
    return grouped(verdict.rows_not_linkable) + " rows that nothing singles out";
  if (!verdict.robust) return "other priors would change the answer";
  if (verdict.unexplained.value_or(0) > 0.2 && verdict.origin == Origin::kOurs)
    return percent(*verdict.unexplained) + " of the rows unexplained";
  if (!has_column_of(verdict, "nik") && !has_column_of(verdict, "identifier")) return "no number that identifies a row";
  if (!has_column_of(verdict, "address")) return "no address column";
  if (!verdict.sources.empty() && !verdict.sources[0].evidence.versions) return "no value that changed between exports";
  return "";
}

std::string third_line(const Verdict& verdict) {
  std::vector<std::string> parts;
  if (verdict.coverage)
    parts.push_back("Registered " + grouped(verdict.coverage->registered) + " of " +
                    grouped(verdict.coverage->expected) + " expected exports of this feed");
  if (std::string weakest = weakest_point(verdict); !weakest.empty())
    parts.push_back((parts.empty() ? "Weakest point: " : "weakest point: ") + weakest);
  return joined(parts, kSeparator, kSeparator);
}

}  // namespace

std::string hypothesis_phrase(Hypothesis hypothesis) {
  switch (hypothesis) {
    case Hypothesis::kRegisteredExport:
      return "a registered export";
    case Hypothesis::kMixture:
      return "a mixture of exports";
    case Hypothesis::kUnregisteredExport:
      return "an unregistered export";
    case Hypothesis::kKnownLeak:
      return "a known leak";
    case Hypothesis::kSamePeopleElsewhere:
      return "the same people elsewhere";
    case Hypothesis::kFabricated:
      return "made up from real values";
    case Hypothesis::kStrangers:
      return "strangers";
  }
  return "";
}

std::string copy_phrase(const Source& source) {
  const std::string date = source.at ? format_date(*source.at) : "";
  if (source.recipient.empty()) return printable(source.name) + (date.empty() ? "" : " (" + date + ")");
  return printable(source.recipient) + " (" + printable(source.name) + (date.empty() ? "" : ", " + date) + ")";
}

std::vector<std::string> headline(const Verdict& verdict) {
  const std::vector<std::size_t> named = named_sources(verdict);
  std::vector<std::string> lines = {first_line(verdict, named), second_line(verdict, named)};
  if (std::string third = third_line(verdict); !third.empty()) lines.push_back(std::move(third));
  if (!verdict.would_tell_more.empty()) lines.push_back("What would tell more: " + printable(verdict.would_tell_more));
  return lines;
}

std::string volume_sentence(const Volume& volume) {
  const std::string identities = grouped(volume.ever_exported) + " distinct identities";
  const std::string counted = volume.identities.exact ? "exactly" : "at most";
  if (!volume.claimed) return "Of ours " + counted + " " + identities + " were ever registered.";
  const std::uint64_t claimed = *volume.claimed;
  std::string text = "Of the claimed " + grouped(claimed) + " records ";
  text += volume.at_most() < claimed
              ? "no more than " + grouped(volume.at_most()) + " can be different ones of ours, for " + counted + " " +
                    identities + " were ever registered: at least " + grouped(claimed - volume.at_most()) +
                    " are repeated, somebody else's, or do not exist. That holds whatever the seller shows."
              : "all may be ours: " + counted + " " + identities + " were ever registered.";
  if (!volume.ours) return text + " The sample is not ours, and supports nothing of the claim.";
  text += " If the sample is a fair draw of what is claimed, " + percent(volume.authentic_low) + " to " +
          percent(volume.authentic_high) + " of its rows are ours, which supports " + grouped(volume.supported_low);
  if (volume.supported_high != volume.supported_low) text += " to " + grouped(volume.supported_high);
  return text + " of the claim.";
}

std::string duplicates_sentence(const Volume& volume) {
  if (!volume.duplicates || !volume.claimed) return "";
  const DuplicateEstimate& of = *volume.duplicates;
  std::string text = of.pairs == 0 ? "No two of " + grouped(of.rows) + " rows show one identity"
                                   : grouped(of.pairs) + (of.pairs == 1 ? " pair" : " pairs") + " of " +
                                         grouped(of.rows) + " rows show one identity";
  text += "; in a fair draw that would mean " + grouped(of.distinct_low);
  if (of.distinct_high != of.distinct_low) text += " to " + grouped(of.distinct_high);
  text += " different ones among the claimed";
  if (of.distinct_low > volume.ever_exported)
    return text +
           ", more than were ever registered: the sample is no fair draw of the claim, or the claim is not ours alone.";
  if (of.distinct_low * 2 < of.distinct_high) return text + ": too few rows to tell.";
  return text + ".";
}

}  // namespace sidik
