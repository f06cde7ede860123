// The verdict in a terminal: the first lines, then the sources, the evidence for the best of them, the other
// explanations, the sample, and what stays open. Every figure is the JSON's, only rounded.
#include <algorithm>
#include <cmath>

#include "report/evidence_chart.h"
#include "report/headline.h"
#include "report/plain_text.h"
#include "report/report.h"
#include "report/text_table.h"

namespace sidik {
namespace {

using Align = TextTable::Align;

/// Collects sections; knows the width and whether to make titles bold.
class Page {
 public:
  Page(Colour colour, int width) : colour_(colour), width_(static_cast<std::size_t>(std::clamp(width, 40, 160))) {}

  std::size_t width() const { return width_; }
  std::string bold(const std::string& text) const {
    return colour_ == Colour::kAnsi ? "\x1b[1m" + text + "\x1b[0m" : text;
  }
  void title(const std::string& text) { text_.append("\n").append(bold(text)).append("\n"); }
  void raw(const std::string& lines) { text_ += lines; }
  /// A paragraph: the first line after `lead`, the others under it.
  void paragraph(const std::string& text, const std::string& lead = "  ") {
    const std::size_t indent = display_width(lead);
    bool first = true;
    for (const std::string& line : wrapped(text, width_ - indent)) {
      text_ += (first ? lead : std::string(indent, ' ')) + line + "\n";
      first = false;
    }
  }
  std::string take() { return std::move(text_); }

 private:
  Colour colour_;
  std::size_t width_;
  std::string text_;
};

std::string date_or_dash(const std::optional<UtcSeconds>& time) { return time ? format_date(*time) : "-"; }
std::string or_dash(const std::string& text) { return text.empty() ? "-" : printable(text); }

void add_headline(Page& page, const Verdict& verdict) {
  const std::vector<std::string> lines = headline(verdict);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t stop = i == 0 ? lines[0].find('.') : std::string::npos;
    // Only the one word is bold, and only where the line is not wrapped.
    if (stop != std::string::npos && display_width(lines[0]) <= page.width())
      page.raw(page.bold(lines[0].substr(0, stop + 1)) + lines[0].substr(stop + 1) + "\n");
    else
      page.paragraph(lines[i], "");
  }
}

void add_conclusion(Page& page, const Verdict& verdict) {
  page.title("Conclusion");
  const std::string summary = printable(verdict.summary);
  if (!summary.empty() && summary != headline(verdict)[0]) page.paragraph(summary);
  const char* stated = verdict.origin == Origin::kNotOurs ? "not ours" : "ours";
  page.paragraph(std::string("Probability that it is ") + stated + ": " + chance(verdict.probability) + " (prior " +
                 percent(verdict.prior) + "; other priors " +
                 (verdict.robust ? "would not change the answer)." : "would change the answer)."));
  std::string ratio = "log10 likelihood ratio " + decades(verdict.log10_lr);
  if (!verdict.support.empty()) ratio += " (" + printable(verdict.support) + ")";
  if (std::abs(verdict.log10_lr - verdict.log10_lr_computed) > 0.05)
    ratio += "; computed " + decades(verdict.log10_lr_computed) + ", stated no higher than validation bears";
  page.paragraph(ratio + ".");
  if (!verdict.numerator.empty() && !verdict.denominator.empty())
    page.paragraph("It weighs: " + printable(verdict.numerator) + "; against: " + printable(verdict.denominator) + ".");
}

void add_sources(Page& page, const Verdict& verdict) {
  if (verdict.sources.empty()) return;
  page.title("Sources");
  TextTable table({{"export", Align::kLeft},
                   {"recipient", Align::kLeft},
                   {"date", Align::kLeft},
                   {"probability", Align::kRight},
                   {"share", Align::kRight},
                   {"explains", Align::kRight},
                   {"only here", Align::kRight},
                   {"log10 outside", Align::kRight},
                   {"next", Align::kRight}});
  std::vector<std::string> notes;
  constexpr std::size_t kMost = 12;
  for (std::size_t i = 0; i < verdict.sources.size() && i < kMost; ++i) {
    const Source& source = verdict.sources[i];
    table.add({printable(source.name), or_dash(source.recipient), date_or_dash(source.at), chance(source.posterior),
               percent(source.share), percent(source.rows_explained), grouped(source.rows_only_here),
               decades(source.log10_lr_outside), source.log10_lr_next ? decades(*source.log10_lr_next) : "-"});
    if (source.kind == "reference")
      notes.push_back(printable(source.name) + " is a reference: it never left the house.");
    if (source.external)
      notes.push_back(printable(source.name) + " is foreign data or a known leak, not an export of ours.");
    if (source.registered_after_seen)
      notes.push_back(printable(source.name) + " was registered after the sample was seen.");
  }
  page.raw(table.text(page.width(), 2));
  if (verdict.sources.size() > kMost)
    notes.push_back(grouped(verdict.sources.size() - kMost) + " more are in the JSON (--json).");
  for (const std::string& note : notes) page.paragraph(note);
  for (const auto& group : verdict.indistinguishable) {
    std::string names;
    for (const std::string& name : group) names += (names.empty() ? "" : ", ") + printable(name);
    page.paragraph("Not to be told apart with this sample: " + names + ".");
  }
}

void add_evidence(Page& page, const Verdict& verdict) {
  if (verdict.sources.empty()) return;
  const Source& best = verdict.sources[0];
  page.title("Evidence for " + printable(best.name) + " against every outside explanation");
  page.raw(evidence_chart(best.evidence, static_cast<int>(page.width())));
}

void add_hypotheses(Page& page, const Verdict& verdict) {
  page.title("All explanations weighed");
  TextTable table({{"explanation", Align::kLeft}, {"probability", Align::kRight}, {"", Align::kLeft}});
  for (int h = 0; h < kHypotheses; ++h)
    table.add({hypothesis_phrase(static_cast<Hypothesis>(h)), chance(verdict.hypotheses[h]),
               h <= static_cast<int>(Hypothesis::kUnregisteredExport) ? "ours" : "not ours"});
  page.raw(table.text(page.width(), 2));
  if (verdict.priors.empty()) return;
  std::string priors;
  for (const auto& [name, value] : verdict.priors)
    priors += (priors.empty() ? "Priors (--prior sets them): " : ", ") + name + " " + percent(value);
  page.paragraph(priors + ".");
}

void add_sample(Page& page, const Verdict& verdict) {
  const SampleFacts& sample = verdict.sample;
  page.title("Sample");
  page.paragraph(grouped(sample.rows) + (sample.rows == 1 ? " row, " : " rows, ") + grouped(sample.distinct) +
                 " distinct, " + grouped(sample.rejected) + " rejected; " + printable(sample.format) + "; SHA-256 " +
                 printable(sample.sha256) + ".");
  page.paragraph(grouped(verdict.rows_linked) + (verdict.rows_linked == 1 ? " distinct row" : " distinct rows") +
                 " linked to registered records, " + grouped(verdict.rows_not_linkable) + " not linkable" +
                 (verdict.unexplained ? "; " + percent(*verdict.unexplained) + " (" + percent(verdict.unexplained_low) +
                                            " to " + percent(verdict.unexplained_high) +
                                            ", 95 %) of the distinct rows explained by no registered export."
                                      : "."));
  TextTable table({{"column", Align::kLeft},
                   {"read as", Align::kLeft},
                   {"matched to", Align::kLeft},
                   {"agreement", Align::kRight},
                   {"newest", Align::kLeft}});
  for (std::size_t c = 0; c < sample.columns.size(); ++c) {
    const SampleColumn& column = sample.columns[c];
    table.add({column.name ? printable(*column.name) : "column " + std::to_string(c + 1), printable(column.type),
               or_dash(column.matched), column.agreement ? percent(*column.agreement) : "-",
               date_or_dash(column.newest)});
  }
  if (!table.empty()) page.raw(table.text(page.width(), 2));
}

/// Whose values each column holds, where they are of several sources.
void add_column_groups(Page& page, const Verdict& verdict) {
  if (verdict.column_groups.empty()) return;
  page.title("Sources by columns");
  TextTable table({{"columns", Align::kLeft}, {"agree with", Align::kLeft}, {"in rows", Align::kRight}});
  for (const ColumnGroup& group : verdict.column_groups) {
    std::string columns;
    for (const std::string& name : group.columns) columns += (columns.empty() ? "" : ", ") + printable(name);
    table.add({columns,
               group.from.empty() ? "nothing that is registered"
                                  : printable(group.from) + (group.external ? " (foreign data or a known leak)" : ""),
               group.from.empty() ? "-" : percent(group.agreement)});
  }
  page.raw(table.text(page.width(), 2));
}

void add_as_of(Page& page, const Verdict& verdict) {
  const AsOf& as_of = verdict.as_of;
  for (const std::string& date : as_of.not_trusted)
    page.paragraph("Not trusted to date the data: " + printable(date) + ".");
  if (!as_of.not_before && !as_of.not_after) return;
  std::string basis;
  for (const std::string& one : as_of.basis) basis += (basis.empty() ? " (by " : ", ") + printable(one);
  if (!basis.empty()) basis += ")";
  page.paragraph("The data are as of " +
                 (as_of.not_before && as_of.not_after
                      ? "a time from " + format_date(*as_of.not_before) + " to " + format_date(*as_of.not_after)
                  : as_of.not_before ? format_date(*as_of.not_before) + " or later"
                                     : format_date(*as_of.not_after) + " or earlier") +
                 basis + ".");
}

/// The feeds, and how many identities were out by which date; of long lists the ends.
void add_identities(Page& page, const IdentityCounts& identities) {
  constexpr std::size_t kMost = 12;
  if (identities.by_feed.size() > 1 || identities.by_date.size() > 1) {
    TextTable feeds({{"feed", Align::kLeft}, {"exports", Align::kRight}, {"distinct identities", Align::kRight}});
    for (std::size_t f = 0; f < identities.by_feed.size() && f < kMost; ++f) {
      const FeedIdentities& feed = identities.by_feed[f];
      feeds.add({printable(feed.feed) + (feed.kind == "reference" ? " (reference)" : ""), grouped(feed.exports),
                 grouped(feed.distinct)});
    }
    page.raw(feeds.text(page.width(), 2));
    if (identities.by_feed.size() > kMost)
      page.paragraph(grouped(identities.by_feed.size() - kMost) + " more feeds are in the JSON (--json).");
  }
  if (identities.by_date.size() > 1) {
    std::string dates;
    for (std::size_t d = 0; d < identities.by_date.size(); ++d) {
      if (d >= kMost / 2 && d + kMost / 2 < identities.by_date.size()) continue;
      dates += (dates.empty() ? "Distinct identities by date: up to " : ", ") +
               format_date(identities.by_date[d].until) + " " + grouped(identities.by_date[d].distinct);
    }
    page.paragraph(dates + ".");
  }
}

void add_volume(Page& page, const Verdict& verdict) {
  if (!verdict.volume) return;
  const Volume& volume = *verdict.volume;
  page.title(volume.claimed ? "Claimed volume" : "Volume");
  page.paragraph(volume_sentence(volume));
  if (const std::string duplicates = duplicates_sentence(volume); !duplicates.empty()) page.paragraph(duplicates);
  add_identities(page, volume.identities);
  if (!volume.breakdown.empty()) page.paragraph("Of the sample's rows show (--breakdown):");
  for (const auto& [value, share] : volume.breakdown) page.paragraph(printable(value) + ": " + percent(share), "    ");
}

void add_caveats(Page& page, const Verdict& verdict) {
  if (!verdict.caveats.empty()) {
    page.title("Caveats");
    for (const std::string& caveat : verdict.caveats) page.paragraph(printable(caveat), "  - ");
  }
  page.title("What remains open");
  for (const char* open : {"Who sent it: everybody who had the copy, and everybody who took it from them, could have.",
                           "Which way it took, and when it left.", "Who stands behind those who offer it.",
                           "Whether somebody made it look so: rows of one copy can be planted to frame its recipient."})
    page.paragraph(open, "  - ");
}

}  // namespace

std::string verdict_text(const Verdict& verdict, Colour colour, int width) {
  Page page(colour, width);
  add_headline(page, verdict);
  add_conclusion(page, verdict);
  add_as_of(page, verdict);
  add_sources(page, verdict);
  add_column_groups(page, verdict);
  add_evidence(page, verdict);
  add_hypotheses(page, verdict);
  add_volume(page, verdict);
  add_sample(page, verdict);
  add_caveats(page, verdict);
  page.raw("\n");
  page.paragraph("Registry " + printable(verdict.registry_id) + ", " + grouped(verdict.exports) +
                     (verdict.exports == 1 ? " export, state " : " exports, state ") + printable(verdict.state) + ".",
                 "");
  return page.take();
}

}  // namespace sidik
