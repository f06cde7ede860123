#include "dialect_options.h"

#include <CLI/Option.hpp>
#include <string>

#include "arguments.h"

namespace sidik::command {

void add_dialect_options(CLI::App& app, DialectOverrides& overrides) {
  const std::string group = "How the text is written (sniffed where not said)";
  app.add_option_function<std::string>(
         "--delimiter", [&](const std::string& value) { overrides.delimiter = parse_delimiter(value); },
         "One character, or comma, semicolon, tab, pipe, space")
      ->group(group)
      ->type_name("C");
  CLI::Option* header = app.add_flag_callback(
                               "--header", [&] { overrides.header = true; }, "The first row has the column names")
                            ->group(group);
  CLI::Option* no_header = app.add_flag_callback(
                                  "--no-header", [&] { overrides.header = false; }, "The first row is data")
                               ->group(group);
  header->excludes(no_header);
  app.add_flag_callback(
         "--no-quotes", [&] { overrides.quoted = false; }, "A quote is a character as any other")
      ->group(group);
  app.add_option_function<std::string>(
         "--encoding", [&](const std::string& value) { overrides.encoding = parse_encoding(value); },
         "utf-8, windows-1252, utf-16le, utf-16be")
      ->group(group)
      ->type_name("NAME");
}

}  // namespace sidik::command
