#include "registration_options.h"

#include <CLI/Option.hpp>

#include "arguments.h"
#include "base/error.h"

namespace sidik::command {
namespace {

CLI::Option* add_text(CLI::App& app, const char* option, const char* type, std::string& to, const char* help) {
  return app
      .add_option_function<std::string>(
          option, [&to, option](const std::string& value) { to = parse_name(option, value); }, help)
      ->type_name(type);
}

}  // namespace

void add_description_options(CLI::App& app, ExportDescription& description) {
  add_text(app, "--name", "EXPORT", description.name, "What the export is called; unique in the registry");
  add_text(app, "--feed", "FEED", description.feed, "The series of exports that it belongs to");
  add_text(app, "--recipient", "WHO", description.recipient, "Whom the copy is made for");
  app.add_option_function<std::string>(
         "--at", [&](const std::string& value) { description.at = parse_date("--at", value); },
         "The date of the data (UTC, ISO 8601)")
      ->type_name("DATE");
  app.add_option_function<std::string>(
         "--sent-at", [&](const std::string& value) { description.sent_at = parse_date("--sent-at", value); },
         "When it left the house")
      ->type_name("DATE");
  CLI::Option* kind =
      app.add_option_function<std::string>(
             "--kind",
             [&](const std::string& value) {
               const auto known = kind_from_name(value);
               if (!known) throw Error(ErrorKind::kUsage, "--kind", "expected export, reference or external");
               description.kind = *known;
             },
             "export (left the house), reference (never a source: a live database, a backup), external (foreign\n"
             "data or a known leak)")
          ->type_name("KIND");
  app.add_flag_callback(
         "--external", [&] { description.kind = ExportKind::kExternal; }, "The same as --kind external")
      ->excludes(kind);
}

void add_reading_options(CLI::App& app, RegistrationOptions& registration, std::string& schema) {
  app.add_option("--schema", schema, "Types and roles of the columns from a schema file, instead of inferring them")
      ->type_name("S.toml");
  app.add_option_function<std::vector<std::string>>(
         "--columns",
         [&](const std::vector<std::string>& lists) {
           for (const std::string& list : lists)
             for (std::string& name : parse_names(list)) registration.reader.expected_header.push_back(std::move(name));
           if (!registration.reader.dialect.header) registration.reader.dialect.header = false;
         },
         "Names of the columns of a text without a header, commas between them")
      ->allow_extra_args(false)
      ->type_name("A,B,...");
  app.add_option_function<std::string>(
         "--expect-rows",
         [&](const std::string& value) { registration.expect_rows = parse_count("--expect-rows", value); },
         "Refuse any other number of rows")
      ->type_name("N");
  app.add_option_function<std::string>(
         "--max-rejects",
         [&](const std::string& value) { registration.max_rejects = parse_share("--max-rejects", value); },
         "Refuse more bad rows than this share of them (0.01)")
      ->type_name("SHARE");
  app.add_option_function<std::string>(
         "--on-drift",
         [&](const std::string& value) {
           if (value != "refuse" && value != "warn")
             throw Error(ErrorKind::kUsage, "--on-drift", "expected refuse or warn");
           registration.on_drift = value == "warn" ? DriftPolicy::kWarn : DriftPolicy::kRefuse;
         },
         "What to do where the columns differ from those of the feed's first export:\nrefuse (the default) or warn")
      ->type_name("POLICY");
  app.add_option_function<std::string>(
         "--also-hashed", [&](const std::string& value) { registration.also_hashed = parse_hashed_columns(value); },
         "Register digests of these columns too (md5, sha1, sha256), so that a leak that\nshows them hashed without "
         "salt is found; prints what it costs")
      ->type_name("FIELD:ALGORITHM:SPELLING,...");
  app.add_option("--spill-dir", registration.spill_directory, "Where encrypted spill files go (else into the registry)")
      ->type_name("DIR");
}

}  // namespace sidik::command
