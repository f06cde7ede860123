#include "trace/foreign_agreement.h"

#include <algorithm>
#include <map>
#include <set>

#include "trace/feed_conditions.h"

namespace sidik {
namespace {

constexpr std::size_t kMostExternals = 8;
constexpr double kTellsALeak = 0.5;

/// How often a field agreed in the records of one external.
struct Seen {
  double agreed = 0, differed = 0;
};

/// Of one identity: the codes that the external has, by type, and those that we have, by column.
struct Facing {
  std::map<FieldType, std::set<ColumnCode>> theirs;
  std::map<ColumnId, std::set<ColumnCode>> ours;
};

std::vector<Seen> agreement_with(const FingerprintStore& store, Epoch epoch, ExportIndex external,
                                 const ColumnMap& map) {
  const std::vector<RowTag> tags = some_tags(store, external);
  RecordAnswers answers;
  store.find_records(epoch, tags, answers);
  std::map<RowTag, Facing> facing;
  for (const auto& group : answers.groups) {
    const std::size_t width = group.columns.size();
    for (std::size_t r = 0; r < group.tags.size(); ++r) {
      bool theirs = false;
      bool ours = false;
      for (const ExportIndex e : group.export_sets[group.sets[r]]) {
        theirs = theirs || e == external;
        ours = ours || store.exports()[e].description.kind != ExportKind::kExternal;
      }
      Facing& one = facing[group.tags[r]];
      for (std::size_t c = 0; c < width; ++c) {
        const ColumnCode code = group.codes[r * width + c];
        if (code == kAbsentCode || code == kNullCode || code == kTagCode) continue;
        if (theirs) one.theirs[group.types[c]].insert(code);
        if (ours) one.ours[group.columns[c]].insert(code);
      }
    }
  }
  std::vector<Seen> seen(map.mapped.size());
  for (const auto& [tag, one] : facing) {
    for (std::size_t f = 0; f < map.mapped.size(); ++f) {
      for (const auto& as : map.mapped[f].as) {
        const auto theirs = one.theirs.find(as.reading.type);
        if (theirs == one.theirs.end() || !as.codes.empty()) continue;
        std::set<ColumnCode> ours;
        for (const ColumnId column : as.columns) {
          if (const auto of = one.ours.find(column); of != one.ours.end())
            ours.insert(of->second.begin(), of->second.end());
        }
        if (ours.empty()) continue;
        const bool agrees =
            std::any_of(ours.begin(), ours.end(), [&](ColumnCode code) { return theirs->second.count(code) != 0; });
        (agrees ? seen[f].agreed : seen[f].differed) += 1;
        break;
      }
    }
  }
  return seen;
}

}  // namespace

void observe_externals(const FingerprintStore& store, Epoch epoch, const ColumnMap& map,
                       std::vector<FieldRole>& roles) {
  std::vector<Seen> all(roles.size());
  std::size_t looked = 0;
  for (ExportIndex e = 0; e < store.exports().size() && looked < kMostExternals; ++e) {
    if (store.exports()[e].description.kind != ExportKind::kExternal) continue;
    ++looked;
    const std::vector<Seen> seen = agreement_with(store, epoch, e, map);
    bool leak = false;
    for (std::size_t f = 0; f < roles.size(); ++f) {
      leak = leak || (roles[f].agreement == ForeignAgreement::kOwnNumber && seen[f].agreed > 0 &&
                      seen[f].agreed > kTellsALeak * (seen[f].agreed + seen[f].differed));
    }
    for (std::size_t f = 0; f < roles.size() && !leak; ++f) {
      all[f].agreed += seen[f].agreed;
      all[f].differed += seen[f].differed;
    }
  }
  for (std::size_t f = 0; f < roles.size(); ++f) {
    const bool moves =
        roles[f].agreement == ForeignAgreement::kContact || roles[f].agreement == ForeignAgreement::kAttribute;
    const double rows = all[f].agreed + all[f].differed;
    if (!moves || rows == 0) continue;
    const double weight = std::min(1.0, kMostPseudoCounts / rows);
    roles[f].agreed = weight * all[f].agreed;
    roles[f].differed = weight * all[f].differed;
  }
}

}  // namespace sidik
