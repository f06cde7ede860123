#include "lab/world.h"

#include <algorithm>
#include <numeric>

#include "fixtures/cells.h"
#include "registry/registration.h"
#include "trace/priors.h"

namespace sidik::lab {
namespace {

using fixtures::Feed;
using fixtures::Layout;
using fixtures::Person;

/// What is registered: whole-population feeds, feeds that a condition describes, random parts, in some periods each.
struct Planned {
  const char* feed;
  std::vector<std::uint32_t> periods;
  std::uint32_t missing = 0;  // expected dates between them that nobody registered
};
const std::vector<Planned>& planned() {
  static const std::vector<Planned> all{{"nightly", {1, 2, 3, 5, 6}, 1},
                                        {"warehouse", {1, 2}},
                                        {"hospital-jabar", {1, 2, 3, 4, 6}, 1},
                                        {"hospital-jatim", {1, 2, 3}},
                                        {"bank-employees", {1, 2, 3}},
                                        {"subsidised", {1, 2, 3}},
                                        {"callcentre", {1, 2, 3}},
                                        {"audit-a", {1}},
                                        {"audit-b", {1}},
                                        {"audit-c", {1}},
                                        {"first-class", {1, 2, 3}}};
  return all;
}

const fixtures::RowFilter& everybody() {
  static const fixtures::RowFilter all;
  return all;
}

/// Another register of the people, and a telephone company's: known leaks.
struct Register {
  const char* name;
  Layout layout;
  std::uint32_t step;
  fixtures::ForeignView view;
};
const std::vector<Register>& registers() {
  static const std::vector<Register> all{
      {"voters-2020", fixtures::layout_named("voters"), 5, {0.6, 0.1, 0.9, 17, 31}},
      {"telco-2021",
       fixtures::with_columns(fixtures::layout_named("telco"), "phone,nik,kk,name,birth_date,address,customer"),
       8,
       {0.3, 0.4, 0.5, 17, 32}}};
  return all;
}

fixtures::PopulationOptions population_options(const WorldOptions& options, fixtures::Realm realm) {
  fixtures::PopulationOptions out;
  out.people = options.people;
  out.seed = options.seed;
  out.realm = realm;
  for (double* rate : {&out.rates.move, &out.rates.phone, &out.rates.tariff, &out.rates.status, &out.rates.name,
                       &out.rates.leave, &out.rates.join})
    *rate /= kStepsAPeriod;
  return out;
}

Book book_of(const Feed& feed, BookKind kind, std::uint32_t step, double prior) {
  Book book;
  book.kind = kind;
  book.feed = feed.name;
  book.layout = &feed.layout;
  book.filter = &feed.filter;
  book.step = step;
  book.prior = prior;
  return book;
}

}  // namespace

UtcSeconds World::date_of(std::uint32_t step) {
  const fixtures::CalendarDate date = fixtures::first_day_of(step);
  return days_from_civil(date.year, date.month, date.day) * 86400;
}

bool World::fulfils(const Person& person, std::size_t condition) {
  static const std::array<fixtures::RowFilter, kConditions> conditions{
      fixtures::feed_named("hospital-jabar").filter, fixtures::feed_named("hospital-jatim").filter,
      fixtures::feed_named("bank-employees").filter, fixtures::feed_named("subsidised").filter,
      fixtures::feed_named("first-class").filter};
  return condition == 0 || conditions[condition - 1].keeps(person);
}

World::World(const WorldOptions& options, const std::filesystem::path& folder)
    : ours_(population_options(options, fixtures::Realm::kOurs)),
      strangers_(population_options(options, fixtures::Realm::kStrangers)),
      key_(RegistryKey::generate()) {
  for (const char* name : {"plain9", "insurance30", "hospital", "bank", "callcentre"})
    our_layouts_.push_back(&fixtures::layout_named(name));
  for (const char* name : {"plain9", "hospital", "bank", "callcentre"})
    foreign_layouts_.push_back(&fixtures::layout_named(name));
  plan();
  plan_externals();
  count();
  Registry::create({folder / "registry"}, key_);
  Registry registry = Registry::open({folder / "registry"});
  for (std::size_t e = 0; e < registered_; ++e) add(books_[e], registry, options.threads);
  for (const Book& book : externals_) add(book, registry, options.threads);
  store_ = registry.snapshot(key_);
}

/// Every table of ours, with the priors as EVIDENCE prints them: feeds equal; in a feed unregistered : registered dates
/// = (missing + 0.05 R) : R, spread over the gaps as the dates that are missing are; an unregistered feed a fifth of
/// what is unregistered, which may be of any date and layout.
void World::plan() {
  const Priors priors;
  std::vector<Book> unregistered;
  const double feeds = static_cast<double>(planned().size());
  double all_unregistered = 0;
  for (const Planned& one : planned()) {
    const Feed& feed = fixtures::feed_named(one.feed);
    const double dates = static_cast<double>(one.periods.size());
    const double extra = priors.unregistered_date * dates;
    const double share = (one.missing + extra) / (one.missing + extra + dates);
    all_unregistered += share / feeds;
    for (const std::uint32_t period : one.periods) {
      books_.push_back(book_of(feed, BookKind::kRegistered, kStepsAPeriod * period, (1 - share) / feeds / dates));
      books_.back().name = feed.name + "-" + std::to_string(period);
    }
    for (std::size_t gap = 0; gap <= one.periods.size(); ++gap) {
      const bool last = gap == one.periods.size();
      const std::uint32_t from =
          gap == 0 ? kStepsAPeriod * (one.periods[0] - 1) : kStepsAPeriod * one.periods[gap - 1] + 1;
      const std::uint32_t to = last ? from + kStepsAPeriod : kStepsAPeriod * one.periods[gap];
      double weight = extra / (dates + 1);
      if (gap > 0 && !last) weight += one.periods[gap] - one.periods[gap - 1] - 1;
      const double each = (1 - priors.unregistered_feed) * share / feeds * weight / (one.missing + extra) / (to - from);
      for (std::uint32_t step = from; step < to; ++step)
        unregistered.push_back(book_of(feed, BookKind::kUnregisteredDate, step, each));
    }
  }
  registered_ = books_.size();
  books_.insert(books_.end(), unregistered.begin(), unregistered.end());
  const double each = priors.unregistered_feed * all_unregistered / kSteps / static_cast<double>(our_layouts_.size());
  for (const Layout* layout : our_layouts_)
    for (std::uint32_t step = 0; step < kSteps; ++step) {
      Book book;
      book.kind = BookKind::kUnregisteredFeed;
      book.layout = layout;
      book.filter = &everybody();
      book.step = step;
      book.prior = each;
      books_.push_back(book);
    }
}

void World::plan_externals() {
  for (const Register& one : registers()) {
    Book book;
    book.kind = BookKind::kExternal;
    book.name = book.feed = one.name;
    book.layout = &one.layout;
    book.filter = &everybody();
    book.step = one.step;
    book.view = one.view;
    book.prior = 1.0 / static_cast<double>(registers().size());
    externals_.push_back(book);
    foreign_layouts_.push_back(&one.layout);
  }
}

void World::count() {
  whole_.resize(kSteps);
  std::vector<const fixtures::RowFilter*> filters{&everybody()};
  for (const Book& book : books_)
    if (std::find(filters.begin(), filters.end(), book.filter) == filters.end()) filters.push_back(book.filter);
  for (std::uint32_t step = 0; step < kSteps; ++step) {
    std::vector<std::array<std::uint32_t, kConditions + 1>> rows(filters.size());
    ours_.for_each(0, ours_.end_index(step), step, [&](const Person& person) {
      std::array<std::uint32_t, kConditions + 1> holds{};
      for (std::size_t c = 0; c <= kConditions; ++c) holds[c] = fulfils(person, c) ? 1 : 0;
      for (std::size_t f = 0; f < filters.size(); ++f) {
        if (!filters[f]->keeps(person)) continue;
        for (std::size_t c = 0; c <= kConditions; ++c) rows[f][c] += holds[c];
      }
    });
    whole_[step] = rows[0];
    for (Book& book : books_) {
      if (book.step != step) continue;
      book.rows =
          rows[static_cast<std::size_t>(std::find(filters.begin(), filters.end(), book.filter) - filters.begin())];
    }
  }
  for (Book& book : externals_) {
    for (const Person& person : members(book, 0))
      for (std::size_t c = 0; c <= kConditions; ++c) book.rows[c] += fulfils(person, c) ? 1 : 0;
  }
}

std::vector<Person> World::members(const Book& book, std::size_t condition) const {
  std::vector<Person> people;
  ours_.for_each(0, ours_.end_index(book.step), book.step, [&](const Person& person) {
    if (!book.filter->keeps(person)) return;
    const auto seen = book.view ? fixtures::seen_elsewhere(person, *book.view, ours_) : std::optional(person);
    if (seen && fulfils(*seen, condition)) people.push_back(*seen);
  });
  return people;
}

std::optional<Person> World::person(const Book& book, std::uint64_t index, std::uint32_t step) const {
  const auto person = ours_.person(index, step);
  if (!person || !book.filter->keeps(*person)) return std::nullopt;
  return book.view ? fixtures::seen_elsewhere(*person, *book.view, ours_) : person;
}

void World::add(const Book& book, Registry& registry, unsigned threads) const {
  Feed feed;
  feed.layout = *book.layout;
  feed.filter = *book.filter;
  fixtures::FeedRun run;
  run.month = book.step;
  run.foreign = book.view;
  const std::string text = fixtures::feed_text(ours_, feed, run);
  RegistrationOptions options;
  options.description.name = book.name;
  options.description.feed = book.feed;
  options.description.recipient = book.feed;
  options.description.at = date_of(book.step);
  options.description.kind = book.kind == BookKind::kExternal ? ExportKind::kExternal : ExportKind::kExport;
  options.threads = threads;
  std::vector<std::unique_ptr<ByteSource>> sources;
  sources.push_back(memory_source(text, book.name));
  register_export(registry, key_, std::move(sources), options);
}

}  // namespace sidik::lab
