#include "lab/world.h"

#include <xxhash.h>

#include "fixtures/cells.h"
#include "registry/registration.h"

namespace sidik::lab {
namespace {

using fixtures::Column;
using fixtures::Feed;

/// What is registered: whole-population feeds, feeds that a condition describes, random parts, over some months each.
struct Planned {
  const char* feed;
  std::uint32_t months;       // 0, 1, ... months - 1
  std::uint32_t missing = 0;  // but this one, where it is not 0: a date that nobody registered
};
constexpr Planned kPlan[] = {{"nightly", 6, 3},     {"warehouse", 2},  {"hospital-jabar", 6, 4}, {"hospital-jatim", 3},
                             {"bank-employees", 3}, {"subsidised", 3}, {"callcentre", 3},        {"audit-a", 1},
                             {"audit-b", 1},        {"audit-c", 1},    {"first-class", 3}};

fixtures::PopulationOptions population_options(const WorldOptions& options, fixtures::Realm realm) {
  fixtures::PopulationOptions out;
  out.people = options.people;
  out.seed = options.seed;
  out.realm = realm;
  return out;
}

PlainExport plain_export(const fixtures::Population& population, const Feed& feed, std::uint32_t month) {
  PlainExport out;
  out.name = feed.name + "-" + std::to_string(month + 1);
  out.feed = feed;
  out.month = month;
  for (const auto& column : feed.layout.columns) out.columns.push_back(column.column);
  fixtures::Layout neutral;
  neutral.columns = feed.layout.columns;
  const fixtures::RowWriter writer(neutral);
  fixtures::FeedRun run;
  run.month = month;
  std::vector<char> room(fixtures::kLongestCell);
  fixtures::for_each_in_feed(population, feed, run, [&](const fixtures::Person& person) {
    out.row_of.emplace(person.index, static_cast<std::uint32_t>(out.people.size()));
    out.people.push_back(person.index);
    for (const Column column : out.columns) {
      fixtures::Pen pen(room.data());
      writer.cell(person, column, pen);
      out.cells.push_back(XXH3_64bits(room.data(), static_cast<std::size_t>(pen.at() - room.data())));
    }
  });
  return out;
}

}  // namespace

UtcSeconds World::date_of(std::uint32_t month) {
  const fixtures::CalendarDate date = fixtures::first_day_of(month);
  return days_from_civil(date.year, date.month, date.day) * 86400;
}

World::World(const WorldOptions& options, const std::filesystem::path& folder)
    : ours_(population_options(options, fixtures::Realm::kOurs)),
      strangers_(population_options(options, fixtures::Realm::kStrangers)),
      key_(RegistryKey::generate()) {
  Registry::create({folder / "registry"}, key_);
  Registry registry = Registry::open({folder / "registry"});
  for (const Planned& planned : kPlan)
    for (std::uint32_t month = 0; month < planned.months; ++month)
      if (month == 0 || month != planned.missing)
        add(fixtures::feed_named(planned.feed), month, registry, options.threads);
  store_ = registry.snapshot(key_);
}

void World::add(const Feed& feed, std::uint32_t month, Registry& registry, unsigned threads) {
  exports_.push_back(plain_export(ours_, feed, month));
  fixtures::FeedRun run;
  run.month = month;
  const std::string text = fixtures::feed_text(ours_, feed, run);
  RegistrationOptions options;
  options.description.name = exports_.back().name;
  options.description.feed = feed.name;
  options.description.recipient = feed.recipient;
  options.description.at = date_of(month);
  options.threads = threads;
  std::vector<std::unique_ptr<ByteSource>> sources;
  sources.push_back(memory_source(text, exports_.back().name));
  register_export(registry, key_, std::move(sources), options);
}

PlainExport World::unregistered(const Feed& feed, std::uint32_t month) const {
  return plain_export(ours_, feed, month);
}

}  // namespace sidik::lab
