#include "trace/projection.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace sidik {
namespace {

/// Export sets over the survivors.
class SetProjection {
 public:
  SetProjection(const std::vector<char>& survives, const std::vector<Feed>& feeds)
      : survives_(survives), stands_(survives.size()) {
    for (std::size_t f = 0; f < feeds.size(); ++f) {
      const std::vector<ExportIndex>& exports = feeds[f].exports;
      std::size_t last = exports.size();
      while (last > 0 && !survives[exports[last - 1]]) --last;
      ExportIndex old = 0;
      for (std::size_t i = 0; i < last; ++i) {
        if (i == 0 || survives[exports[i - 1]]) old = exports[i];  // stands for the stretch up to the next survivor
        stands_[exports[i]] = {true, f, i, survives[exports[i]] ? exports[i] : old};
      }
    }
  }

  std::vector<ExportIndex> of(const std::vector<ExportIndex>& exports) {
    std::vector<ExportIndex> set;
    first_.clear();
    for (const ExportIndex e : exports) {
      if (survives_[e]) set.push_back(e);
      const Stand& stand = stands_[e];
      if (!stand.counts) continue;
      const auto at = std::find_if(first_.begin(), first_.end(), [&](const Stand& s) { return s.feed == stand.feed; });
      if (at == first_.end())
        first_.push_back(stand);
      else if (stand.place < at->place)
        *at = stand;
    }
    // Of those that do not survive, only what comes before all others of its feed says anything: that it is older.
    for (const Stand& first : first_) set.push_back(first.as);
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    return set;
  }

 private:
  /// An export as one of a feed with survivors, none of which comes after the last of them.
  struct Stand {
    bool counts = false;
    std::size_t feed = 0, place = 0;
    ExportIndex as = 0;
  };

  const std::vector<char>& survives_;
  std::vector<Stand> stands_;
  std::vector<Stand> first_;  // by feed: what stands first in the set at hand
};

bool alike(const ClassMatch& a, const ClassMatch& b) {
  return a.agrees == b.agrees && a.differs == b.differs && a.exports == b.exports;
}

bool before(const AgreementClass& a, const AgreementClass& b) {
  if (a.visible != b.visible) return a.visible < b.visible;
  return std::lexicographical_compare(a.matches.begin(), a.matches.end(), b.matches.begin(), b.matches.end(),
                                      [](const ClassMatch& x, const ClassMatch& y) {
                                        return std::tie(x.agrees, x.differs, x.records, x.exports) <
                                               std::tie(y.agrees, y.differs, y.records, y.exports);
                                      });
}

}  // namespace

Agreement project(const Agreement& agreement, const std::vector<char>& survives, const std::vector<Feed>& feeds) {
  Agreement few;
  few.rows = agreement.rows;
  few.linked = agreement.linked;
  few.not_linkable = agreement.not_linkable;
  few.repeated_tags = agreement.repeated_tags;
  few.seen = agreement.seen;
  few.unseen = agreement.unseen;
  SetProjection projection(survives, feeds);
  const auto less = [](const AgreementClass* a, const AgreementClass* b) { return before(*a, *b); };
  std::map<const AgreementClass*, std::size_t, decltype(less)> numbers(less);
  few.classes.reserve(agreement.classes.size());  // what `numbers` points to stays
  for (const AgreementClass& rows : agreement.classes) {
    AgreementClass& one = few.classes.emplace_back();
    one.visible = rows.visible;
    one.information.assign(rows.information.size(), 0);
    for (const ClassMatch& match : rows.matches) {
      ClassMatch seen{match.agrees, match.differs, projection.of(match.exports), match.records};
      const auto same = std::find_if(one.matches.begin(), one.matches.end(),
                                     [&](const ClassMatch& other) { return alike(other, seen); });
      if (same == one.matches.end())
        one.matches.push_back(std::move(seen));
      else if (!seen.exports.empty())
        same->records += seen.records;
    }
    const auto [at, fresh] = numbers.emplace(&one, few.classes.size() - 1);
    if (!fresh) few.classes.pop_back();
    AgreementClass& into = few.classes[at->second];
    into.rows += rows.rows;
    for (std::size_t f = 0; f < rows.information.size(); ++f) into.information[f] += rows.rows * rows.information[f];
  }
  for (AgreementClass& one : few.classes)
    for (double& information : one.information) information /= one.rows;
  return few;
}

}  // namespace sidik
