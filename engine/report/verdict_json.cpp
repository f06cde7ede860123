// The evidence object of `sidik trace --json` (DESIGN, section 5). Others repeat it byte for byte, so nothing here
// depends on a clock, a locale or a container's order.
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "report/headline.h"
#include "report/report.h"

namespace sidik {
namespace {

using Json = nlohmann::ordered_json;

// Twelve significant digits: more than any figure bears, and short of where the order of additions begins to show.
Json number(double value) {
  if (!std::isfinite(value)) return nullptr;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.12g", value);
  const double rounded = std::strtod(text.data(), nullptr);
  return rounded == 0 ? 0.0 : rounded;  // -0.0 as well
}

Json number(const std::optional<double>& value) { return value ? number(*value) : Json(nullptr); }
Json time(const std::optional<UtcSeconds>& value) { return value ? Json(format_utc(*value)) : Json(nullptr); }
Json text(const std::optional<std::string>& value) { return value ? Json(*value) : Json(nullptr); }
Json text_or_null(const std::string& value) { return value.empty() ? Json(nullptr) : Json(value); }

Json sample_json(const SampleFacts& sample) {
  Json columns = Json::array();
  for (const SampleColumn& column : sample.columns)
    columns.push_back({{"name", text(column.name)},
                       {"type", column.type},
                       {"agreement", number(column.agreement)},
                       {"newest", time(column.newest)},
                       {"matched", text_or_null(column.matched)}});
  return {{"rows", sample.rows},     {"distinct", sample.distinct}, {"rejected", sample.rejected},
          {"format", sample.format}, {"sha256", sample.sha256},     {"columns", std::move(columns)}};
}

Json conclusion_json(const Verdict& verdict) {
  Json json;
  json["origin"] = origin_name(verdict.origin);
  json["kind"] = verdict.kind ? Json(hypothesis_name(*verdict.kind)) : Json(nullptr);
  json["probability"] = number(verdict.probability);
  json["prior"] = number(verdict.prior);
  json["robust"] = verdict.robust;
  json["log10_lr"] = number(verdict.log10_lr);
  json["numerator"] = verdict.numerator;
  json["denominator"] = verdict.denominator;
  json["log10_lr_computed"] = number(verdict.log10_lr_computed);
  json["support"] = verdict.support;
  json["summary"] = verdict.summary;
  json["caveats"] = verdict.caveats;
  json["would_tell_more"] = text_or_null(verdict.would_tell_more);
  return json;
}

Json evidence_json(const Evidence& evidence) {
  return {{"membership", number(evidence.membership)},
          {"versions", number(evidence.versions)},
          {"form", number(evidence.form)},
          {"parsimony", number(evidence.parsimony)},
          {"order", number(evidence.order)},
          {"canaries", number(evidence.canaries)},
          {"marks", number(evidence.marks)},
          {"withheld", number(evidence.withheld)}};
}

Json source_json(const Source& source) {
  Json json;
  json["export"] = source.name;
  json["feed"] = text_or_null(source.feed);
  json["recipient"] = text_or_null(source.recipient);
  json["at"] = time(source.at);
  json["sent_at"] = time(source.sent_at);
  json["registered_at"] = format_utc(source.registered_at);
  json["kind"] = source.kind;
  json["posterior"] = number(source.posterior);
  json["share"] = number(source.share);
  json["rows_explained"] = number(source.rows_explained);
  json["rows_only_here"] = source.rows_only_here;
  json["external"] = source.external;
  json["registered_after_seen"] = source.registered_after_seen;
  json["log10_lr_outside"] = number(source.log10_lr_outside);
  json["log10_lr_next"] = number(source.log10_lr_next);
  json["evidence"] = evidence_json(source.evidence);
  return json;
}

Json identities_json(const IdentityCounts& identities) {
  Json by_type = Json::object();
  for (const auto& [type, distinct] : identities.by_type) by_type[type] = distinct;
  Json by_feed = Json::array();
  for (const FeedIdentities& feed : identities.by_feed)
    by_feed.push_back({{"feed", feed.feed},
                       {"recipient", text_or_null(feed.recipient)},
                       {"kind", feed.kind},
                       {"exports", feed.exports},
                       {"distinct", feed.distinct}});
  Json by_date = Json::array();
  for (const DatedIdentities& date : identities.by_date)
    by_date.push_back({{"until", format_utc(date.until)}, {"distinct", date.distinct}});
  return {{"exact", identities.exact},
          {"by_type", std::move(by_type)},
          {"by_feed", std::move(by_feed)},
          {"by_date", std::move(by_date)}};
}

Json duplicates_json(const std::optional<DuplicateEstimate>& duplicates) {
  if (!duplicates) return nullptr;
  return {{"rows", duplicates->rows},
          {"pairs", duplicates->pairs},
          {"distinct_if_fair", {duplicates->distinct_low, duplicates->distinct_high}}};
}

Json volume_json(const Volume& volume) {
  Json breakdown = Json::object();
  for (const auto& [value, share] : volume.breakdown) breakdown[value] = number(share);
  const bool claimed = volume.claimed.has_value();
  const Json share = {number(volume.authentic_low), number(volume.authentic_high)};
  const Json supported = {volume.supported_low, volume.supported_high};
  return {{"claimed", claimed ? Json(*volume.claimed) : Json(nullptr)},
          {"authentic_share", claimed ? share : Json(nullptr)},
          {"supported", claimed ? supported : Json(nullptr)},
          {"ever_exported", volume.ever_exported},
          {"breakdown", std::move(breakdown)},
          {"at_most", claimed ? Json(volume.at_most()) : Json(nullptr)},
          {"identities", identities_json(volume.identities)},
          {"duplicates", duplicates_json(volume.duplicates)},
          {"sentence", volume_sentence(volume)}};
}

Json priors_json(const Verdict& verdict) {
  Json json = Json::object();
  for (const auto& [name, value] : verdict.priors) json[name] = number(value);
  return json;
}

Json hypotheses_json(const Verdict& verdict) {
  Json json = Json::object();
  for (int h = 0; h < kHypotheses; ++h)
    json[std::string(hypothesis_name(static_cast<Hypothesis>(h)))] = number(verdict.hypotheses[h]);
  return json;
}

}  // namespace

std::string verdict_json(const Verdict& verdict) {
  Json json;
  json["sidik"] = 1;
  json["registry"] = {{"id", verdict.registry_id},
                      {"exports", verdict.exports},
                      {"state", verdict.state},
                      {"audit_head", text_or_null(verdict.audit_head)}};
  json["sample"] = sample_json(verdict.sample);
  json["verdict"] = conclusion_json(verdict);
  json["sources"] = Json::array();
  for (const Source& source : verdict.sources) json["sources"].push_back(source_json(source));
  json["hypotheses"] = hypotheses_json(verdict);
  json["indistinguishable"] = verdict.indistinguishable;
  json["unexplained"] = number(verdict.unexplained);
  json["unexplained_interval"] =
      verdict.unexplained ? Json({number(verdict.unexplained_low), number(verdict.unexplained_high)}) : Json(nullptr);
  json["rows_linked"] = verdict.rows_linked;
  json["rows_not_linkable"] = verdict.rows_not_linkable;
  json["as_of"] = {{"not_before", time(verdict.as_of.not_before)},
                   {"not_after", time(verdict.as_of.not_after)},
                   {"basis", verdict.as_of.basis},
                   {"not_trusted", verdict.as_of.not_trusted}};
  json["column_groups"] = Json::array();
  for (const ColumnGroup& group : verdict.column_groups)
    json["column_groups"].push_back({{"columns", group.columns},
                                     {"from", text_or_null(group.from)},
                                     {"external", group.external},
                                     {"agreement", group.from.empty() ? Json(nullptr) : number(group.agreement)}});
  json["canaries"] = Json::array();
  for (const CanaryHit& hit : verdict.canaries)
    json["canaries"].push_back({{"row", hit.row}, {"export", hit.export_name}, {"fields", hit.fields}});
  json["coverage"] = nullptr;
  if (const auto& coverage = verdict.coverage)
    json["coverage"] = {
        {"feed", coverage->feed}, {"expected", coverage->expected}, {"registered", coverage->registered}};
  json["volume"] = verdict.volume ? volume_json(*verdict.volume) : Json(nullptr);
  json["priors"] = priors_json(verdict);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sidik
