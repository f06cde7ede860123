#include "trace/screening.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "trace/log_math.h"
#include "trace/mixture_search.h"
#include "trace/row_sums.h"

namespace sidik {
namespace {

constexpr double kSlack = 50;            // nats behind the best
constexpr std::size_t kMostFrames = 12;  // by their people, and by their copies
constexpr std::size_t kBestFeeds = 8;
constexpr std::size_t kLeftOver = 6;    // exports that explain best what another leaves over
constexpr std::size_t kStartFeeds = 3;  // whose leftovers are looked at

/// What each export makes of one class: ln of its term without the division by its rows, one value an export.
class ClassTerms {
 public:
  ClassTerms(const RowTerms& terms, const std::vector<Feed>& feeds)
      : terms_(terms),
        granted_(terms.granted_fields()),
        count_(terms.exports().size()),
        layout_(count_),
        place_(count_) {
    std::map<FieldMask, std::uint32_t> layouts;
    for (ExportIndex e = 0; e < count_; ++e) {
      layout_[e] = layouts.emplace(terms.fields_of(e), static_cast<std::uint32_t>(layouts.size())).first->second;
    }
    fields_.resize(layouts.size());
    for (const auto& [fields, number] : layouts) fields_[number] = fields;
    for (const Feed& feed : feeds) {
      if (feed.exports.size() < 2) continue;
      for (std::size_t i = 0; i < feed.exports.size(); ++i) place_[feed.exports[i]] = {&feed, i};
    }
    log.resize(count_);
    people.resize(count_);
    value_.resize(fields_.size());
    stale_.resize(fields_.size());
  }

  void read(const AgreementClass& rows) {
    std::fill(log.begin(), log.end(), kLogZero);
    std::fill(people.begin(), people.end(), kLogZero);
    for (const ClassMatch& match : rows.matches) take(rows, match);
  }

  std::vector<double> log;     // clean, damaged or stale
  std::vector<double> people;  // of what anybody has of them

 private:
  struct Place {
    const Feed* feed = nullptr;
    std::size_t at = 0;
  };

  double value(const AgreementClass& rows, const ClassMatch& match, FieldMask fields) const {
    if ((match.differs & fields) == 0) return RowTerms::information(rows, match.agrees & fields);
    return terms_.log_damaged(rows, match, fields) + std::log(kFirstDamaged);
  }

  void take(const AgreementClass& rows, const ClassMatch& match) {
    const double records = std::log(match.records);
    for (std::size_t l = 0; l < fields_.size(); ++l) {
      value_[l] = records + value(rows, match, fields_[l]);
      const bool clean = (match.differs & fields_[l]) == 0;
      stale_[l] = clean ? value_[l] - records + std::log(kFirstStale) : kLogZero;
    }
    const double person = records + value(rows, match, granted_);
    first_.clear();
    for (const ExportIndex e : match.exports) {
      log[e] = std::max(log[e], value_[layout_[e]]);
      people[e] = std::max(people[e], person);
      const Place& place = place_[e];
      if (place.feed == nullptr) continue;
      if (first_.empty() || first_.back().feed != place.feed)
        first_.push_back(place);
      else
        first_.back().at = std::min(first_.back().at, place.at);
    }
    for (const Place& first : first_) {
      for (std::size_t i = first.at + 1; i < first.feed->exports.size(); ++i) {
        const ExportIndex e = first.feed->exports[i];
        log[e] = std::max(log[e], stale_[layout_[e]]);
      }
    }
  }

  const RowTerms& terms_;
  const FieldMask granted_;
  const std::size_t count_;
  std::vector<std::uint32_t> layout_;  // by export: which of fields_
  std::vector<FieldMask> fields_;
  std::vector<Place> place_;
  std::vector<double> value_, stale_;
  std::vector<Place> first_;  // feeds of a match, each with its first export in it
};

class Screen {
 public:
  Screen(const RowTerms& terms, const Elsewhere& elsewhere, const std::vector<Feed>& feeds, const ExportParts& parts)
      : terms_(terms),
        elsewhere_(elsewhere),
        feeds_(feeds),
        parts_(parts),
        count_(terms.exports().size()),
        reader_(terms, feeds),
        filtered_(count_) {
    for (ExportIndex e = 0; e < count_; ++e) log_rows_.push_back(terms.log_rows(e));
    fewest_ = *std::min_element(log_rows_.begin(), log_rows_.end());
  }

  Screening run(std::span<const double> own) {
    found_.survives.assign(count_, 0);
    found_.frames.assign(count_, 0);
    found_.score.assign(own.begin(), own.end());
    found_.frame.assign(count_, 0);
    filtered_.assign(own.begin(), own.end());
    for (const Feed& feed : feeds_) found_.gap.emplace_back(feed.exports.size() + 1);
    for (std::size_t c = 0; c < terms_.classes().size(); ++c) score_class(c);
    score_ends(own);
    keep(terms_.largest());  // strangers' cells are counted there
    keep_near(found_.score);
    keep_near(filtered_);
    keep_frames();
    keep_feeds();
    for (const FeedCondition& condition : parts_.conditions)
      if (!condition.exports.empty()) keep(best_of(condition.exports, filtered_));
    keep_leftovers();
    found_.best = best_survivor(found_.score);
    found_.best_frame = best_survivor(found_.frame);
    return found_;
  }

 private:
  void keep(ExportIndex e) { found_.survives[e] = 1; }

  void score_class(std::size_t c) {
    const AgreementClass& rows = terms_.classes()[c];
    const double padding = log_padding_row(elsewhere_, c);
    const double weight = rows.rows;
    if (rows.matches.empty()) {
      pad_all(weight * padding);
      return;
    }
    reader_.read(rows);
    const double* const log = reader_.log.data();
    const double* const people = reader_.people.data();
    for (std::size_t e = 0; e < count_; ++e) {
      found_.score[e] += weight * std::max(log[e] - log_rows_[e], padding);
      filtered_[e] += weight * std::max(log[e] - fewest_, padding);
      found_.frame[e] += weight * std::max(people[e] - log_rows_[e], padding);
    }
    for (std::size_t f = 0; f < feeds_.size(); ++f) {
      const std::vector<ExportIndex>& exports = feeds_[f].exports;
      std::vector<double>& gap = found_.gap[f];
      for (std::size_t i = 1; i < exports.size(); ++i) {
        const double either =
            std::max(log[exports[i - 1]] - log_rows_[exports[i - 1]], log[exports[i]] - log_rows_[exports[i]]);
        gap[i] += weight * std::max(either, padding);
      }
    }
  }

  void pad_all(double log) {
    for (std::size_t e = 0; e < count_; ++e) {
      found_.score[e] += log;
      filtered_[e] += log;
      found_.frame[e] += log;
    }
    for (std::vector<double>& gap : found_.gap)
      for (double& one : gap) one += log;
  }

  /// Before the first and after the last export there is one neighbour; between two what the copies carry in themselves
  /// is the better one's.
  void score_ends(std::span<const double> own) {
    for (std::size_t f = 0; f < feeds_.size(); ++f) {
      const std::vector<ExportIndex>& exports = feeds_[f].exports;
      for (std::size_t i = 1; i < exports.size(); ++i)
        found_.gap[f][i] += std::max(own[exports[i - 1]], own[exports[i]]);
      found_.gap[f].front() = found_.score[exports.front()];
      found_.gap[f].back() = found_.score[exports.back()];
    }
  }

  void keep_near(const std::vector<double>& scores) {
    double best = *std::max_element(scores.begin(), scores.end());
    for (const std::vector<double>& gap : found_.gap)
      if (&scores == &found_.score) best = std::max(best, *std::max_element(gap.begin(), gap.end()));
    for (ExportIndex e = 0; e < count_; ++e)
      if (scores[e] >= best - kSlack) keep(e);
    if (&scores != &found_.score) return;
    for (std::size_t f = 0; f < feeds_.size(); ++f) keep_gaps(f, best);
  }

  /// The neighbours of the dates of a feed that are near to `best`.
  void keep_gaps(std::size_t f, double best) {
    const std::vector<ExportIndex>& exports = feeds_[f].exports;
    for (std::size_t i = 0; i < found_.gap[f].size(); ++i) {
      if (found_.gap[f][i] < best - kSlack) continue;
      if (i > 0) keep(exports[i - 1]);
      if (i < exports.size()) keep(exports[i]);
    }
  }

  /// Whose people fit best, and whose copies do: others may have those as they stand there. All else is as good as one
  /// of these. Of those whose people fit alike, which dates of a feed mostly do, the better copies: they are kept
  /// anyway.
  void keep_frames() {
    constexpr double kAlike = 1;  // nats
    const double most = *std::max_element(found_.frame.begin(), found_.frame.end());
    const auto people = [&](ExportIndex e) { return std::floor((found_.frame[e] - most) / kAlike); };
    const auto better_people = [&](ExportIndex a, ExportIndex b) {
      return people(a) != people(b) ? people(a) > people(b) : found_.score[a] > found_.score[b];
    };
    const auto better_copy = [&](ExportIndex a, ExportIndex b) { return found_.score[a] > found_.score[b]; };
    keep_first_frames(better_people);
    keep_first_frames(better_copy);
  }

  template <typename Better>
  void keep_first_frames(Better&& better) {
    std::vector<ExportIndex> order(count_);
    std::iota(order.begin(), order.end(), ExportIndex{0});
    std::stable_sort(order.begin(), order.end(), better);
    order.resize(std::min(order.size(), kMostFrames));
    for (const ExportIndex e : order) {
      keep(e);
      found_.frames[e] = 1;
    }
  }

  ExportIndex best_of(const std::vector<ExportIndex>& exports, const std::vector<double>& scores) const {
    return *std::max_element(exports.begin(), exports.end(),
                             [&](ExportIndex a, ExportIndex b) { return scores[a] < scores[b]; });
  }

  ExportIndex best_survivor(const std::vector<double>& scores) const {
    ExportIndex best = 0;
    for (ExportIndex e = 0; e < count_; ++e)
      if (found_.survives[e] && (!found_.survives[best] || scores[e] > scores[best])) best = e;
    return best;
  }

  /// The feeds whose best export is best, taken for a filtered sample: a filter may make any of them the source.
  std::vector<std::size_t> best_feeds() const {
    std::vector<std::size_t> order(feeds_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<double> best;
    for (const Feed& feed : feeds_) best.push_back(filtered_[best_of(feed.exports, filtered_)]);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return best[a] > best[b]; });
    if (order.size() > kBestFeeds) order.resize(kBestFeeds);
    return order;
  }

  void keep_feeds() {
    for (const std::size_t f : best_feeds()) {
      const ExportIndex best = best_of(feeds_[f].exports, found_.score);
      for (const ExportIndex e : feeds_[f].exports)
        if (found_.score[e] >= found_.score[best] - kSlack) keep(e);
      const std::vector<double>& gap = found_.gap[f];
      keep_gaps(f, *std::max_element(gap.begin(), gap.end()));
    }
  }

  /// Classes that `e` does not explain as well as somebody else does.
  std::vector<std::size_t> left_over(const std::vector<std::size_t>& classes, ExportIndex e) {
    constexpr double kBetter = 3;
    std::vector<std::size_t> rest;
    for (const std::size_t c : classes) {
      if (terms_.classes()[c].matches.empty()) continue;
      reader_.read(terms_.classes()[c]);
      const double most = *std::max_element(reader_.log.begin(), reader_.log.end());
      if (reader_.log[e] < most - kBetter) rest.push_back(c);
    }
    return rest;
  }

  void keep_leftovers() {
    std::vector<std::size_t> all(terms_.classes().size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::vector<std::size_t> starts = best_feeds();
    if (starts.size() > kStartFeeds) starts.resize(kStartFeeds);
    for (const std::size_t f : starts) {
      ExportIndex last = best_of(feeds_[f].exports, found_.score);
      std::vector<std::size_t> rest = all;
      for (std::size_t source = 1; source < kMostSources; ++source) {
        rest = left_over(rest, last);
        double rows = 0;
        for (const std::size_t c : rest) rows += terms_.classes()[c].rows;
        if (rows < kRowsOnlyHere || rows < kShareOnlyHere * terms_.rows()) break;
        last = keep_best_of(rest);
      }
    }
  }

  /// Keeps the exports that explain these classes best; gives the best.
  ExportIndex keep_best_of(const std::vector<std::size_t>& classes) {
    std::vector<double> scores(count_);
    for (const std::size_t c : classes) {
      reader_.read(terms_.classes()[c]);
      const double padding = log_padding_row(elsewhere_, c);
      for (std::size_t e = 0; e < count_; ++e)
        scores[e] += terms_.classes()[c].rows * std::max(reader_.log[e] - log_rows_[e], padding);
    }
    std::vector<ExportIndex> order(count_);
    std::iota(order.begin(), order.end(), ExportIndex{0});
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(kLeftOver, order.size()));
    std::partial_sort(order.begin(), end, order.end(), [&](ExportIndex a, ExportIndex b) {
      return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
    });
    std::for_each(order.begin(), end, [&](ExportIndex e) { keep(e); });
    return order.front();
  }

  const RowTerms& terms_;
  const Elsewhere& elsewhere_;
  const std::vector<Feed>& feeds_;
  const ExportParts& parts_;
  const std::size_t count_;
  ClassTerms reader_;
  std::vector<double> log_rows_;
  double fewest_ = 0;
  std::vector<double> filtered_;  // scores as if every export had as few rows as the smallest: samples are filtered
  Screening found_;
};

}  // namespace

Screening screen_exports(const RowTerms& terms, const Elsewhere& elsewhere, const std::vector<Feed>& feeds,
                         const ExportParts& parts, std::span<const double> own) {
  return Screen(terms, elsewhere, feeds, parts).run(own);
}

}  // namespace sidik
