#include "lab/oracle.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "lab/row_reading.h"
#include "trace/log_math.h"
#include "trace/priors.h"

namespace sidik::lab {
namespace {

using fixtures::Column;
using fixtures::Layout;

constexpr double kNone = kLogZero;
constexpr double kGroupRatio = 10;
constexpr double kEnough = 10.0 / 11.0;

double finite(double log) { return log > kNone ? log : kNone; }

/// ln of one over the ordered ways to draw `rows` of `all`.
double log_drawn(double all, double rows) {
  return all < rows ? kNone : std::lgamma(all - rows + 1) - std::lgamma(all + 1);
}

struct Pair {
  std::size_t a, b;
  double posterior;
};

class Oracle {
 public:
  Oracle(const World& world, const Leak& leak) : world_(world), leak_(leak), reading_(world, leak) {}

  OracleAnswer run() {
    const std::size_t exports = world_.registered();
    answer_.single.resize(exports);
    answer_.source.resize(exports);
    switch (leak_.truth) {
      case Truth::kStrangers:
        return certain(Hypothesis::kStrangers);
      case Truth::kSeveralOutsiders:
        return certain(Hypothesis::kStrangers);
      case Truth::kFabricated:
        if (leak_.kind == LeakKind::kShuffled) return certain(Hypothesis::kFabricated);
        break;
      default:
        break;
    }
    weigh();
    settle();
    if (leak_.truth == Truth::kRegistered) count_held();
    return answer_;
  }

 private:
  OracleAnswer certain(Hypothesis h) {
    answer_.hypotheses[static_cast<int>(h)] = 1;
    answer_.traceable = true;
    return answer_;
  }

  /// The columns of a book that the leak's columns are; nothing where it lacks one.
  std::optional<std::vector<Column>> held(const Layout& layout) const {
    return held_as(leak_.columns, columns_of(layout, leak_.shows));
  }

  double log_shape(const Layout& layout, const std::vector<Column>& as) const {
    return finite(log_columns(leak_.columns, columns_of(layout, leak_.shows))) + log_form(leak_.form, layout, as);
  }

  bool fulfils(std::uint32_t step, std::size_t condition) {
    if (condition == 0) return true;
    const auto [at, fresh] = fulfilled_.try_emplace({step, condition}, true);
    if (!fresh) return at->second;
    for (std::size_t r = 0; r < reading_.rows() && at->second; ++r) {
      const auto& one = reading_.person(step, r);
      at->second = !one || World::fulfils(*one, condition);
    }
    return at->second;
  }

  /// Whether each row's person is in a book.
  std::vector<char> in_book(const Book& book) {
    std::vector<char> in(reading_.rows());
    for (std::size_t r = 0; r < in.size(); ++r) {
      const auto& one = reading_.person(book.step, r);
      in[r] = one && book.filter->keeps(*one);
    }
    return in;
  }

  /// ln P(S | one book of ours): form, columns, filters, rows.
  double log_book(const Book& book) {
    const auto as = held(*book.layout);
    if (!as) return kNone;
    const double shape = log_shape(*book.layout, *as);
    if (shape <= kNone) return kNone;
    const std::vector<double>& logs = reading_.logs(book.step, *as);
    double sum = 0;
    const std::vector<char> in = in_book(book);
    for (std::size_t r = 0; r < logs.size(); ++r) {
      if (!in[r] || !(logs[r] > kNone)) return kNone;
      sum += logs[r];
    }
    return shape + sum + log_filtered(book.rows, [&](std::size_t c) { return fulfils(book.step, c); });
  }

  template <typename Fulfils>
  double log_filtered(const std::array<std::uint32_t, kConditions + 1>& left, Fulfils&& fulfilled) const {
    std::vector<double> logs;
    for (std::size_t c = 0; c <= kConditions; ++c) {
      const double p = condition_probability(left, leak_.rows_asked, c);
      if (p > 0 && fulfilled(c)) logs.push_back(std::log(p) + log_drawn(left[c], static_cast<double>(reading_.rows())));
    }
    return log_sum(logs);
  }

  double log_external(const Book& book) {
    const auto as = held_as(leak_.columns, columns_of(*book.layout, Shows::kAll));
    if (!as) return kNone;
    double sum = finite(log_columns(leak_.columns, columns_of(*book.layout, Shows::kAll))) +
                 log_form(leak_.form, *book.layout, *as);
    for (const double log : reading_.logs_of(book, *as)) {
      if (!(log > kNone)) return kNone;
      sum += log;
    }
    const auto fulfilled = [&](std::size_t c) {
      for (std::size_t r = 0; r < reading_.rows(); ++r) {
        const auto one = world_.person(book, reading_.row(r).person, book.step);
        if (!one || !World::fulfils(*one, c)) return false;
      }
      return true;
    };
    return sum + log_filtered(book.rows, fulfilled);
  }

  /// ln P(S | another institution's book of the same people): identities as we have them, contacts at shares ~ Beta(2,
  /// 4), numbers of its own, whole populations as of any step.
  double log_same_people() {
    std::vector<double> shapes;
    for (const Layout* layout : world_.foreign_layouts()) {
      std::vector<Column> theirs = columns_of(*layout, Shows::kWhatOthersHold);
      if (leak_.shows == Shows::kNoNumbers) std::erase_if(theirs, is_number_of_the_person);
      const double log = log_columns(leak_.columns, theirs);
      if (log > kNone) shapes.push_back(log - std::log(static_cast<double>(world_.foreign_layouts().size())));
    }
    if (shapes.empty()) return kNone;
    std::vector<double> steps;
    for (std::uint32_t step = 0; step < kSteps; ++step) {
      const double rows = log_foreign_rows(step);
      if (rows <= kNone) continue;
      steps.push_back(rows + log_filtered(world_.whole(step), [&](std::size_t c) { return fulfils(step, c); }) -
                      std::log(kSteps));
    }
    return log_sum(shapes) + log_sum(steps) + log_outsiders_form(leak_.form, world_.our_layouts());
  }

  double log_foreign_rows(std::uint32_t step) {
    const std::vector<Row>& cells = reading_.cells(step, leak_.columns);
    double sum = 0;
    for (std::size_t c = 0; c < leak_.columns.size(); ++c) {
      double agree = 0;
      double differ = 0;
      for (std::size_t r = 0; r < cells.size(); ++r) {
        if (cells[r].empty()) return kNone;
        const std::string& written = reading_.row(r).cells[c];
        const double log = reading_.log_cell(c, written, cells[r][c]);
        const bool fits = log > kNone;
        switch (leak_.columns[c]) {
          case Column::kCard:
          case Column::kCustomer:
            if (fits && leak_.truth != Truth::kSamePeople) return kNone;
            break;
          case Column::kPhone:
          case Column::kAddress:
            (fits ? agree : differ) += 1;
            sum += fits ? log : 0;
            break;
          case Column::kDistrict:
          case Column::kDistrictName:
            sum += std::log(fits ? 0.75 : 0.25);
            break;
          case Column::kEmail:
            if (!fits && !written.empty()) return kNone;
            sum += cells[r][c].empty() ? 0 : std::log(fits ? 0.3 : 0.7);
            break;
          default:
            if (!fits) return kNone;
            sum += log;
        }
      }
      if (agree + differ > 0) sum += log_beta_binomial(2, 4, agree, differ);
    }
    return sum;
  }

  /// ln P(S | identities of some export of ours with all else made up).
  double log_invented() {
    std::vector<double> logs;
    double all = 0;
    for (std::size_t e = 0; e < world_.registered(); ++e) all += world_.books()[e].prior;
    for (std::size_t e = 0; e < world_.registered(); ++e) {
      const Book& book = world_.books()[e];
      const auto as = held(*book.layout);
      if (!as) continue;
      const std::vector<Row>& cells = reading_.cells(book.step, *as);
      const std::vector<char> in = in_book(book);
      double sum =
          std::log(book.prior / all) + finite(log_columns(leak_.columns, columns_of(*book.layout, leak_.shows)));
      for (std::size_t r = 0; r < cells.size() && sum > kNone; ++r)
        sum = in[r] ? sum + log_invented_row(reading_.row(r).cells, cells[r]) : kNone;
      if (sum > kNone)
        logs.push_back(sum + log_filtered(book.rows, [&](std::size_t c) { return fulfils(book.step, c); }));
    }
    return log_sum(logs) + log_outsiders_form(leak_.form, world_.our_layouts());
  }

  double log_invented_row(const Row& written, const Row& truly) const {
    constexpr double kCommon = 0.3, kRare = 1e-4;
    double sum = 0;
    for (std::size_t c = 0; c < written.size(); ++c) {
      const double log = reading_.log_cell(c, written[c], truly[c]);
      switch (leak_.columns[c]) {
        case Column::kNik:
        case Column::kName:
        case Column::kBirthDate:
        case Column::kSex:
          if (!(log > kNone)) return kNone;
          sum += log;
          break;
        case Column::kClass:
        case Column::kSegment:
        case Column::kStatus:
        case Column::kRelation:
        case Column::kMarital:
          if (log > kNone) sum += std::log(kCommon);
          break;
        default:
          if (log > kNone) sum += std::log(kRare);
      }
    }
    return sum;
  }

  /// ln P(S | a, b) of all pairs of registered exports, with their priors; the first source's columns and form.
  std::vector<Pair> weigh_pairs() {
    const std::size_t exports = world_.registered();
    double registered = 0;
    double same = 0;
    for (std::size_t e = 0; e < exports; ++e) registered += world_.books()[e].prior;
    for (std::size_t e = 0; e < exports; ++e) same += std::pow(world_.books()[e].prior / registered, 2);
    std::vector<Pair> pairs;
    for (std::size_t a = 0; a < exports; ++a)
      for (std::size_t b = a + 1; b < exports; ++b) {
        const Book& x = world_.books()[a];
        const Book& y = world_.books()[b];
        const double shapes[] = {log_pair_shape(x, y), log_pair_shape(y, x)};
        const double shape = log_sum(shapes);
        if (shape <= kNone) continue;
        const double rows = log_pair(a, b);
        if (rows <= kNone) continue;
        const double prior = x.prior * y.prior / registered / registered / (1 - same);
        pairs.push_back({a, b, std::log(prior) + shape + rows});
      }
    return pairs;
  }

  double log_pair_shape(const Book& first, const Book& second) const {
    std::vector<Column> common;
    const std::vector<Column> theirs = columns_of(*second.layout, leak_.shows);
    for (const Column column : columns_of(*first.layout, leak_.shows)) {
      common.push_back(column);
      if (!held_as(common, theirs)) common.pop_back();
    }
    const auto as = held(*first.layout);
    if (!as || !held(*second.layout)) return kNone;
    return finite(log_columns(leak_.columns, common)) + log_form(leak_.form, *first.layout, *as);
  }

  /// Rows that are alike under all exports, without the division by an export's rows.
  struct Alike {
    std::vector<double> logs;
    double rows = 0;
    std::array<char, kConditions + 1> fulfils{};
  };
  void sort_rows() {
    const std::size_t exports = world_.registered();
    std::vector<std::vector<double>> of(reading_.rows(), std::vector<double>(exports, kNone));
    for (std::size_t e = 0; e < exports; ++e) {
      const Book& book = world_.books()[e];
      const auto as = held(*book.layout);
      if (!as) continue;
      const std::vector<double>& logs = reading_.logs(book.step, *as);
      const std::vector<char> in = in_book(book);
      for (std::size_t r = 0; r < logs.size(); ++r)
        if (in[r] && logs[r] > kNone) of[r][e] = logs[r];
    }
    std::map<std::pair<std::vector<double>, std::vector<char>>, double> alike;
    for (std::size_t r = 0; r < of.size(); ++r) {
      std::vector<char> holds(kConditions + 1, 1);
      for (std::size_t c = 1; c <= kConditions; ++c)
        for (std::size_t e = 0; e < exports && holds[c]; ++e)
          if (of[r][e] > kNone) {
            holds[c] = World::fulfils(*reading_.person(world_.books()[e].step, r), c);
            break;
          }
      alike[{of[r], holds}] += 1;
    }
    for (const auto& [key, rows] : alike) {
      Alike one{key.first, rows, {}};
      std::copy(key.second.begin(), key.second.end(), one.fulfils.begin());
      alike_.push_back(one);
    }
  }

  double log_pair(std::size_t a, std::size_t b) {
    if (alike_.empty()) sort_rows();
    const Book& x = world_.books()[a];
    const Book& y = world_.books()[b];
    for (const Alike& one : alike_)
      if (one.logs[a] <= kNone && one.logs[b] <= kNone) return kNone;
    std::array<std::uint32_t, kConditions + 1> left{};
    for (std::size_t c = 0; c <= kConditions; ++c) left[c] = std::min(x.rows[c], y.rows[c]);
    std::vector<double> logs;
    for (std::size_t c = 0; c <= kConditions; ++c) {
      const double p = condition_probability(left, leak_.rows_asked, c);
      const bool all = std::all_of(alike_.begin(), alike_.end(), [&](const Alike& one) { return one.fulfils[c] != 0; });
      if (p <= 0 || !all) continue;
      for (const double share : kMixtureShares) {
        const double first = std::log(share / x.rows[c]);
        const double second = std::log((1 - share) / y.rows[c]);
        double sum = std::log(p / std::size(kMixtureShares));
        for (const Alike& one : alike_) {
          const double u = one.logs[a] > kNone ? one.logs[a] + first : kNone;
          const double v = one.logs[b] > kNone ? one.logs[b] + second : kNone;
          sum += one.rows * log_add(u, v);
        }
        logs.push_back(sum);
      }
    }
    return log_sum(logs);
  }

  void weigh() {
    const Priors priors;
    const double one = priors.ours * (1 - priors.mixture);
    const std::size_t exports = world_.registered();
    std::vector<double> books;
    for (const Book& book : world_.books()) {
      const double log = log_book(book);
      books.push_back(log > kNone ? log + std::log(one * book.prior) : kNone);
    }
    pairs_ = weigh_pairs();
    for (Pair& pair : pairs_) pair.posterior += std::log(priors.ours * priors.mixture);
    externals_.clear();
    for (const Book& book : world_.externals()) {
      const double log = log_external(book);
      externals_.push_back(log > kNone ? log + std::log(priors.outside(Hypothesis::kKnownLeak, true) * book.prior)
                                       : kNone);
    }
    const double same = log_same_people();
    const double invented = log_invented();
    std::vector<double> all = books;
    for (const Pair& pair : pairs_) all.push_back(pair.posterior);
    all.insert(all.end(), externals_.begin(), externals_.end());
    all.push_back(same > kNone ? same + std::log(priors.outside(Hypothesis::kSamePeopleElsewhere, true)) : kNone);
    all.push_back(invented > kNone ? invented + std::log(priors.outside(Hypothesis::kFabricated, true) / 2) : kNone);
    const double total = log_sum(all);
    const auto share = [&](double log) { return log > kNone ? std::exp(log - total) : 0; };
    double* const h = answer_.hypotheses;
    for (std::size_t b = 0; b < books.size(); ++b) {
      const double p = share(books[b]);
      h[static_cast<int>(b < exports ? Hypothesis::kRegisteredExport : Hypothesis::kUnregisteredExport)] += p;
      if (b < exports) answer_.single[b] = answer_.source[b] = p;
    }
    for (Pair& pair : pairs_) {
      pair.posterior = share(pair.posterior);
      h[static_cast<int>(Hypothesis::kMixture)] += pair.posterior;
      answer_.source[pair.a] += pair.posterior;
      answer_.source[pair.b] += pair.posterior;
    }
    for (double& external : externals_) h[static_cast<int>(Hypothesis::kKnownLeak)] += external = share(external);
    h[static_cast<int>(Hypothesis::kSamePeopleElsewhere)] = share(all[all.size() - 2]);
    h[static_cast<int>(Hypothesis::kFabricated)] = share(all.back());
  }

  void settle() {
    const double* const h = answer_.hypotheses;
    switch (leak_.truth) {
      case Truth::kRegistered:
        return settle_registered();
      case Truth::kMixture:
        return settle_mixture();
      case Truth::kUnregistered:
        answer_.label = h[static_cast<int>(Hypothesis::kUnregisteredExport)];
        break;
      case Truth::kKnownLeak:
        for (std::size_t x = 0; x < externals_.size(); ++x)
          if (world_.externals()[x].name == leak_.sources.front()) answer_.label = externals_[x];
        break;
      case Truth::kSamePeople:
        answer_.label = h[static_cast<int>(Hypothesis::kSamePeopleElsewhere)];
        break;
      default:
        answer_.label = h[static_cast<int>(Hypothesis::kFabricated)];
    }
    answer_.traceable = answer_.label >= kEnough;
  }

  void settle_registered() {
    const std::size_t truth = leak_.books.front();
    answer_.label = answer_.single[truth];
    const double best = *std::max_element(answer_.single.begin(), answer_.single.end());
    double inside = 0;
    double all = 0;
    for (std::size_t e = 0; e < answer_.single.size(); ++e) {
      all += answer_.single[e];
      if (answer_.single[e] * kGroupRatio < best || best == 0) continue;
      answer_.group.push_back(e);
      inside += answer_.single[e];
    }
    answer_.traceable = all >= 0.5 && inside >= kEnough * all &&
                        std::find(answer_.group.begin(), answer_.group.end(), truth) != answer_.group.end();
  }

  void settle_mixture() {
    const std::size_t a = leak_.books[0];
    const std::size_t b = leak_.books[1];
    answer_.label =
        std::min({answer_.hypotheses[static_cast<int>(Hypothesis::kMixture)], answer_.source[a], answer_.source[b]});
    double best = 0;
    for (const Pair& pair : pairs_) best = std::max(best, pair.posterior);
    double inside = 0;
    bool there = false;
    std::set<std::size_t> first{a};
    std::set<std::size_t> second{b};
    for (const Pair& pair : pairs_) {
      if (pair.posterior * kGroupRatio < best) continue;
      inside += pair.posterior;
      there = there || (pair.a == std::min(a, b) && pair.b == std::max(a, b));
      for (const auto& [x, y] : {std::pair{pair.a, pair.b}, {pair.b, pair.a}}) {
        if (x == b) first.insert(y);
        if (x == a) second.insert(y);
      }
    }
    answer_.group.assign(first.begin(), first.end());
    answer_.second_group.assign(second.begin(), second.end());
    const bool apart = std::none_of(first.begin(), first.end(), [&](std::size_t e) { return second.count(e) != 0; });
    answer_.traceable = there && apart && inside >= kEnough;
  }

  void count_held() {
    const std::size_t exports = world_.registered();
    answer_.held.resize(exports);
    answer_.log_innocent.resize(exports);
    std::vector<std::vector<std::size_t>> holders(reading_.rows());
    for (std::size_t e = 0; e < exports; ++e) {
      const Book& book = world_.books()[e];
      const auto as = held(*book.layout);
      if (!as) continue;
      const std::vector<Row>& cells = reading_.cells(book.step, *as);
      const std::vector<char> in = in_book(book);
      for (std::size_t r = 0; r < cells.size(); ++r) {
        if (!in[r] || cells[r] != reading_.row(r).cells) continue;
        answer_.held[e] += 1;
        holders[r].push_back(e);
      }
    }
    constexpr double kGuessed = 0.5;
    for (const auto& agents : holders)
      for (const std::size_t e : agents)
        answer_.log_innocent[e] += std::log(1 - (1 - kGuessed) / static_cast<double>(agents.size()));
  }

  const World& world_;
  const Leak& leak_;
  RowReading reading_;
  OracleAnswer answer_;
  std::map<std::pair<std::uint32_t, std::size_t>, bool> fulfilled_;
  std::vector<Alike> alike_;
  std::vector<Pair> pairs_;
  std::vector<double> externals_;
};

}  // namespace

OracleAnswer ask_oracle(const World& world, const Leak& leak) { return Oracle(world, leak).run(); }

}  // namespace sidik::lab
