// The verdict as one page that can be handed on: no script, no image, nothing fetched, readable in light and dark and
// on paper. Names from samples and registries are escaped: they come from strangers.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "report/headline.h"
#include "report/plain_text.h"
#include "report/report.h"

namespace sidik {
namespace {

constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--paper:#fff;--for:#1a7f5a;--against:#b3372f;--level:#6e7781}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4af;--line:#3d444d;--paper:#0d1117;--for:#3fb98a;--against:#e5746c;--level:#8b949e}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;line-height:1.3;margin:0 0 .5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}
p{margin:.4rem 0}.soft{color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
svg{width:100%;height:auto;font:13px system-ui,sans-serif}svg text{fill:var(--ink)}.axis{stroke:var(--line)}
.for{fill:var(--for)}.against{fill:var(--against)}.level{fill:var(--level)}
code{overflow-wrap:anywhere;font-size:.85rem}
@media print{body{margin:0;max-width:none}}
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string fixed(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string cell(const std::string& text, bool is_number = false) {
  return std::string(is_number ? "<td class=\"n\">" : "<td>") + escaped(text) + "</td>";
}
std::string head(const std::string& text, bool is_number = false) {
  return std::string(is_number ? "<th class=\"n\">" : "<th>") + escaped(text) + "</th>";
}
std::string paragraph(const std::string& text) { return "<p>" + escaped(text) + "</p>\n"; }
std::string title(const std::string& text) { return "<h2>" + escaped(text) + "</h2>\n"; }
std::string date_or_dash(const std::optional<UtcSeconds>& time) { return time ? format_date(*time) : "-"; }

/// From the prior's log10 odds by one signed bar a kind of evidence to where they lead: each bar begins where the one
/// before ended.
std::string waterfall(const Evidence& evidence, double prior) {
  struct Bar {
    std::string name;
    double from, to;
    const char* kind;
  };
  const double odds = std::log10(std::clamp(prior, 1e-9, 1 - 1e-9) / std::clamp(1 - prior, 1e-9, 1.0));
  std::vector<Bar> bars{{"prior odds", 0, odds, "level"}};
  double at = odds;
  std::string untested;
  const std::pair<const char*, std::optional<double>> parts[] = {
      {"membership", evidence.membership}, {"versions", evidence.versions}, {"form", evidence.form},
      {"parsimony", evidence.parsimony},   {"order", evidence.order},       {"canaries", evidence.canaries},
      {"marks", evidence.marks},           {"withheld", evidence.withheld}};
  for (const auto& [name, part] : parts) {
    if (!part) {
      untested += std::string(untested.empty() ? "" : ", ") + name;
      continue;
    }
    bars.push_back({name, at, at + *part, *part < 0 ? "against" : "for"});
    at += *part;
  }
  bars.push_back({"posterior odds", 0, at, "level"});
  double low = 0;
  double high = 0;
  for (const Bar& bar : bars) {
    low = std::min({low, bar.from, bar.to});
    high = std::max({high, bar.from, bar.to});
  }
  constexpr double kLeft = 130, kWide = 480, kRow = 26;
  const double scale = kWide / std::max(1.0, high - low);
  const auto x = [&](double value) { return kLeft + (value - low) * scale; };
  const double height = kRow * static_cast<double>(bars.size()) + 8;
  std::string svg = "<svg role=\"img\" aria-label=\"Waterfall of log10 odds\" viewBox=\"0 0 700 " + fixed(height) +
                    "\"><line class=\"axis\" x1=\"" + fixed(x(0)) + "\" x2=\"" + fixed(x(0)) + "\" y1=\"0\" y2=\"" +
                    fixed(height) + "\"/>";
  double y = 4;
  for (std::size_t i = 0; i < bars.size(); ++i, y += kRow) {
    const Bar& bar = bars[i];
    const bool level = i == 0 || i + 1 == bars.size();
    svg += "<text x=\"0\" y=\"" + fixed(y + 15) + "\">" + escaped(bar.name) + "</text><rect class=\"" + bar.kind +
           "\" x=\"" + fixed(x(std::min(bar.from, bar.to))) + "\" y=\"" + fixed(y + 3) + "\" width=\"" +
           fixed(std::max(1.0, std::abs(bar.to - bar.from) * scale)) + "\" height=\"16\" rx=\"2\"/><text x=\"" +
           fixed(x(std::max(bar.from, bar.to)) + 6) + "\" y=\"" + fixed(y + 15) + "\">" +
           decades(level ? bar.to : bar.to - bar.from) + "</text>";
  }
  svg += "</svg>\n";
  if (!untested.empty()) svg += "<p class=\"soft\">Not testable with this sample: " + escaped(untested) + ".</p>\n";
  return svg;
}

std::string sources(const Verdict& verdict) {
  if (verdict.sources.empty()) return "";
  std::string html = title("Sources") + "<div class=\"wide\"><table><tr>" + head("export") + head("recipient") +
                     head("date") + head("probability", true) + head("share", true) + head("explains", true) +
                     head("only here", true) + head("log10 outside", true) + head("next", true) + "</tr>\n";
  for (const Source& source : verdict.sources) {
    std::string name = source.name;
    if (source.external) name += " (foreign data or a known leak)";
    if (source.kind == "reference") name += " (reference: it never left the house)";
    if (source.registered_after_seen) name += " (registered after the sample was seen)";
    html += "<tr>" + cell(name) + cell(source.recipient.empty() ? "-" : source.recipient) +
            cell(date_or_dash(source.at)) + cell(chance(source.posterior), true) + cell(percent(source.share), true) +
            cell(percent(source.rows_explained), true) + cell(grouped(source.rows_only_here), true) +
            cell(decades(source.log10_lr_outside), true) +
            cell(source.log10_lr_next ? decades(*source.log10_lr_next) : "-", true) + "</tr>\n";
  }
  html += "</table></div>\n";
  for (const auto& group : verdict.indistinguishable) {
    std::string names;
    for (const std::string& name : group) names += (names.empty() ? "" : ", ") + name;
    html += paragraph("Not to be told apart with this sample: " + names + ".");
  }
  return html;
}

std::string hypotheses(const Verdict& verdict) {
  std::string html = title("All explanations weighed") + "<table><tr>" + head("explanation") +
                     head("probability", true) + head("") + "</tr>\n";
  for (int h = 0; h < kHypotheses; ++h)
    html += "<tr>" + cell(hypothesis_phrase(static_cast<Hypothesis>(h))) + cell(chance(verdict.hypotheses[h]), true) +
            cell(h <= static_cast<int>(Hypothesis::kUnregisteredExport) ? "ours" : "not ours") + "</tr>\n";
  html += "</table>\n";
  std::string priors;
  for (const auto& [name, value] : verdict.priors)
    priors += (priors.empty() ? "Priors: " : ", ") + name + " " + percent(value);
  if (!priors.empty()) html += "<p class=\"soft\">" + escaped(priors) + ".</p>\n";
  return html;
}

std::string sample(const Verdict& verdict) {
  const SampleFacts& facts = verdict.sample;
  std::string html = title("Sample") + paragraph(grouped(facts.rows) + " rows, " + grouped(facts.distinct) +
                                                 " distinct, " + grouped(facts.rejected) + " rejected.");
  html += "<p class=\"soft\">SHA-256 <code>" + escaped(facts.sha256) + "</code></p>\n<div class=\"wide\"><table><tr>" +
          head("column") + head("read as") + head("matched to") + head("agreement", true) + head("newest") + "</tr>\n";
  for (std::size_t c = 0; c < facts.columns.size(); ++c) {
    const SampleColumn& column = facts.columns[c];
    html += "<tr>" + cell(column.name.value_or("column " + std::to_string(c + 1))) + cell(column.type) +
            cell(column.matched.empty() ? "-" : column.matched) +
            cell(column.agreement ? percent(*column.agreement) : "-", true) + cell(date_or_dash(column.newest)) +
            "</tr>\n";
  }
  return html + "</table></div>\n";
}

}  // namespace

std::string verdict_html(const Verdict& verdict) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>Sidik: verdict</title>\n<style>" +
      std::string(kStyle) + "</style></head>\n<body>\n";
  const std::vector<std::string> lines = headline(verdict);
  for (std::size_t i = 0; i < lines.size(); ++i)
    html += i == 0 ? "<h1>" + escaped(lines[i]) + "</h1>\n" : paragraph(lines[i]);
  const char* stated = verdict.origin == Origin::kNotOurs ? "not ours" : "ours";
  html += title("Conclusion") + (verdict.summary.empty() ? "" : paragraph(verdict.summary)) +
          paragraph(std::string("Probability that it is ") + stated + ": " + chance(verdict.probability) + " (prior " +
                    percent(verdict.prior) + "; other priors " +
                    (verdict.robust ? "would not change the answer)." : "would change the answer).")) +
          paragraph("log10 likelihood ratio " + decades(verdict.log10_lr) + " (" + verdict.support + "); computed " +
                    decades(verdict.log10_lr_computed) + ", stated no higher than validation bears.") +
          paragraph("It weighs: " + verdict.numerator + "; against: " + verdict.denominator + ".");
  html += sources(verdict);
  if (!verdict.sources.empty()) {
    const double ours = verdict.origin == Origin::kNotOurs ? 1 - verdict.prior : verdict.prior;
    html += title("Evidence for " + verdict.sources.front().name + " against every outside explanation, log10") +
            waterfall(verdict.sources.front().evidence, ours);
  }
  html += hypotheses(verdict);
  if (verdict.volume) {
    html += title("Volume") + paragraph(volume_sentence(*verdict.volume));
    if (const std::string text = duplicates_sentence(*verdict.volume); !text.empty()) html += paragraph(text);
    for (const FeedIdentities& feed : verdict.volume->identities.by_feed)
      html += paragraph(feed.feed + ": " + grouped(feed.distinct) + " distinct identities in " + grouped(feed.exports) +
                        (feed.exports == 1 ? " export" : " exports"));
    for (const auto& [value, share] : verdict.volume->breakdown) html += paragraph(value + ": " + percent(share));
  }
  html += sample(verdict);
  if (!verdict.caveats.empty()) {
    html += title("Caveats") + "<ul>";
    for (const std::string& caveat : verdict.caveats) html += "<li>" + escaped(caveat) + "</li>\n";
    html += "</ul>\n";
  }
  html += title("What remains open") +
          paragraph(
              "Who sent it, which way it took, who stands behind those who offer it, and whether somebody made it "
              "look so. A verdict names a copy, never a culprit.");
  html += "<p class=\"soft\">Registry <code>" + escaped(verdict.registry_id) + "</code>, " + grouped(verdict.exports) +
          (verdict.exports == 1 ? " export" : " exports") + ", state <code>" + escaped(verdict.state) + "</code></p>\n";
  return html + "</body>\n</html>\n";
}

}  // namespace sidik
