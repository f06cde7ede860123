// sidik audit: who did what with a registry, and its head to be kept elsewhere.
#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include <CLI/Option.hpp>
#include <memory>

#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "json.h"
#include "report/plain_text.h"
#include "report/text_table.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

using Align = TextTable::Align;

struct AuditOptions {
  bool anchor = false;
  std::string where;  // a file, "syslog", or empty: standard output
};

Json entry_json(const AuditEntry& entry) {
  const AuditLine& line = entry.line;
  Json json = {{"number", line.number},
               {"at", format_utc(line.at)},
               {"actor", line.actor},
               {"signer", to_hex(line.signer)},
               {"action", line.action},
               {"subject", text_or_null(line.subject)},
               {"subject_digest", text_or_null(line.subject_digest)},
               {"changes_state", changes_state(line.action)},
               {"head", entry.head}};
  if (line.from != 0) json["from"] = line.from;
  return json;
}

std::string audit_json(const Registry& registry, const std::vector<AuditEntry>& entries) {
  Json lines = Json::array();
  for (const AuditEntry& entry : entries) lines.push_back(entry_json(entry));
  return json_text({{"sidik", 1},
                    {"registry", {{"id", to_hex(registry.id())}, {"path", registry.directory().string()}}},
                    {"head", entries.empty() ? Json(nullptr) : Json(entries.back().head)},
                    {"audit", std::move(lines)}});
}

std::string audit_table(const std::vector<AuditEntry>& entries) {
  TextTable table({{"line", Align::kRight},
                   {"when", Align::kLeft},
                   {"who", Align::kLeft},
                   {"did", Align::kLeft},
                   {"to", Align::kLeft},
                   {"head after it", Align::kLeft}});
  for (const AuditEntry& entry : entries) {
    const AuditLine& line = entry.line;
    std::string subject = line.subject.empty() ? "-" : printable(line.subject);
    if (line.from != 0) subject += " from line " + std::to_string(line.from);
    table.add({std::to_string(line.number), format_utc(line.at), printable(line.actor), printable(line.action), subject,
               entry.head.substr(0, 16)});
  }
  return table.text(text_width(STDOUT_FILENO, 1000));
}

void append_to_file(const std::string& line, const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) throw_system_error(path, "cannot open the file of anchors", errno);
  const bool written = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const int write_error = errno;
  const bool synced = written && (::fsync(file) == 0 || errno == EINVAL);  // a pipe or device has nothing to sync
  const int sync_error = errno;
  ::close(file);
  if (!written) throw_system_error(path, "cannot append the anchor", write_error);
  if (!synced) throw_system_error(path, "cannot append the anchor", sync_error);
}

void anchor(const Registry& registry, const std::vector<AuditEntry>& entries, const std::string& where,
            const CommonOptions& common) {
  if (entries.empty())
    throw Error(ErrorKind::kFailed, registry.directory().string(),
                "has no line of audit yet; there is no head to keep");
  const AuditEntry& last = entries.back();
  const std::string line = "sidik registry " + to_hex(registry.id()) + " audit line " +
                           std::to_string(last.line.number) + " of " + format_utc(last.line.at) + " head " + last.head;
  if (where == "syslog") {
    ::openlog("sidik", LOG_PID, LOG_AUTHPRIV);
    ::syslog(LOG_NOTICE, "%s", line.c_str());
    ::closelog();
  } else if (!where.empty()) {
    append_to_file(line + "\n", where);
  }
  if (common.json)
    return print(json_text({{"sidik", 1},
                            {"registry", {{"id", to_hex(registry.id())}}},
                            {"line", last.line.number},
                            {"at", format_utc(last.line.at)},
                            {"head", last.head}}));
  if (where.empty() || !common.quiet) print(line + "\n");
}

void audit(const AuditOptions& options, const CommonOptions& common) {
  const RegistryPlace place = registry_place(common);
  const Registry registry = open_registry(common, place);
  const std::vector<AuditEntry> entries = registry.audit();
  if (options.anchor) return anchor(registry, entries, options.where, common);
  if (common.json) return print(audit_json(registry, entries));
  if (entries.empty()) {
    if (!common.quiet) say("the audit has no line yet");
    return;
  }
  print(audit_table(entries));
}

}  // namespace

void add_audit(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("audit", "Who registered, traced, exported keys, ... (no key needed)");
  const auto options = std::make_shared<AuditOptions>();
  CLI::Option* const anchor =
      sub->add_option("--anchor", options->where,
                      "The head only, to be kept elsewhere: printed, and appended to FILE or sent to `syslog`")
          ->expected(0, 1)
          ->type_name("[FILE]");
  add_common_options(*sub, invocation.common, {.key = false, .work = false});
  sub->footer(
      "Each line is signed by the key that acted and bound to the line before. `sidik check` proves it whole; `sidik "
      "check --head H`\nthat nothing up to a head kept elsewhere was cut, and that no older copy was put back. A head "
      "is a SHA-256: a time stamp for it\n(RFC 3161) is had with `openssl ts -query -sha256 -digest HEAD`.\n\n"
      "Examples:\n"
      "  sidik audit --anchor /mnt/elsewhere/anchors.txt\n"
      "  sidik check --head $(tail -1 /mnt/elsewhere/anchors.txt | sed 's/.* head //')\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce, [&invocation, options, anchor] {
    options->anchor = anchor->count() > 0;
    audit(*options, invocation.common);
  });
}

}  // namespace sidik::command
