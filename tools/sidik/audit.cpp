// sidik audit: who did what with a registry, and its head to be kept elsewhere.
#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include <CLI/Option.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "http_post.h"
#include "json.h"
#include "registry/time_stamp.h"
#include "report/plain_text.h"
#include "report/text_table.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

using Align = TextTable::Align;

struct AuditOptions {
  bool anchor = false;
  std::string where;        // a file, "syslog", or empty: standard output
  std::string authority;    // address of one that stamps times; empty for none
  std::string authorities;  // certificates that vouch for it; empty where its signature is not verified
};

/// The time stamp of an anchor, and where its token lies.
struct AnchorStamp {
  TimeStamp stamp;
  std::string token;
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

/// Beside the file of anchors, by the head that it is for.
std::string token_file(const std::string& anchors, const std::string& head) {
  return anchors + "." + head.substr(0, 16) + ".tsr";
}

AnchorStamp stamp_head(const std::string& head, const AuditOptions& options) {
  Digest digest{};
  const Bytes bytes = from_hex(head, "the audit's head");
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  const TimeStampQuery query(digest);
  const Bytes answer = http_post(parse_http_address("--timestamp", options.authority), "application/timestamp-query",
                                 query.request(), "application/timestamp-reply");
  std::optional<std::filesystem::path> authorities;
  if (!options.authorities.empty()) authorities = options.authorities;
  AnchorStamp made{query.read(answer, options.authority, authorities), token_file(options.where, head)};
  // A later token for the same head proves less: the first one stays.
  write_file_durably(posix_file_system(), made.token, answer);
  return made;
}

/// A word for a shell, as it stands where it is plain.
std::string shell_word(const std::string& word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+,:@").find(c) != std::string_view::npos;
  };
  if (!word.empty() && word.front() != '-' && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string stamp_text(const AnchorStamp& made, const std::string& head, const AuditOptions& options) {
  const TimeStamp& stamp = made.stamp;
  const std::string authorities = options.authorities.empty() ? "CERTIFICATES" : shell_word(options.authorities);
  return "stamped " + format_utc(stamp.at) + (stamp.authority.empty() ? "" : " by " + printable(stamp.authority)) +
         ", in " + printable(made.token) +
         (stamp.signature_verified ? "\n"
                                   : "; its signature was not verified: name certificates with --timestamp-ca\n") +
         "to verify it later: openssl ts -verify -digest " + head + " -in " + shell_word(printable(made.token)) +
         " -CAfile " + printable(authorities) + "\n";
}

Json stamp_json(const std::optional<AnchorStamp>& made) {
  if (!made) return nullptr;
  return {{"at", format_utc(made->stamp.at)},
          {"authority", text_or_null(made->stamp.authority)},
          {"serial", made->stamp.serial},
          {"signature_verified", made->stamp.signature_verified},
          {"token", made->token}};
}

void anchor(const Registry& registry, const std::vector<AuditEntry>& entries, const AuditOptions& options,
            const CommonOptions& common) {
  const std::string& where = options.where;
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
  std::optional<AnchorStamp> made;
  bool stamped_before = false;
  if (!options.authority.empty()) {
    stamped_before = std::filesystem::exists(token_file(where, last.head));
    try {
      if (!stamped_before) made = stamp_head(last.head, options);
    } catch (const Error& error) {
      throw Error(error.kind(), error.place(), error.message() + " (the head itself was appended to " + where + ")");
    }
  }
  if (common.json)
    return print(json_text({{"sidik", 1},
                            {"registry", {{"id", to_hex(registry.id())}}},
                            {"line", last.line.number},
                            {"at", format_utc(last.line.at)},
                            {"head", last.head},
                            {"timestamp", stamp_json(made)}}));
  if (where.empty() || !common.quiet) print(line + "\n");
  if (made && !common.quiet) print(stamp_text(*made, last.head, options));
  if (stamped_before && !common.quiet)
    say("this head has its time stamp already, in " + token_file(where, last.head) + "; nobody was asked");
}

void check_stamp_options(const AuditOptions& options) {
  if (options.authority.empty() && options.authorities.empty()) return;
  if (options.authority.empty())
    throw Error(ErrorKind::kUsage, "--timestamp-ca", "is for --timestamp URL, which is missing");
  parse_http_address("--timestamp", options.authority);
  if (!options.anchor || options.where.empty() || options.where == "syslog")
    throw Error(ErrorKind::kUsage, "--timestamp", "needs --anchor FILE: the token is kept beside that file");
}

void audit(const AuditOptions& options, const CommonOptions& common) {
  check_stamp_options(options);
  const RegistryPlace place = registry_place(common);
  const Registry registry = open_registry(common, place);
  const std::vector<AuditEntry> entries = registry.audit();
  if (options.anchor) return anchor(registry, entries, options, common);
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
  sub->add_option("--timestamp", options->authority,
                  "With --anchor FILE: have the head stamped by this time-stamping authority (RFC 3161), and keep its "
                  "token\nbeside FILE")
      ->type_name("URL");
  sub->add_option(
         "--timestamp-ca", options->authorities,
         "... and verify the token's signature by these certificates (PEM); without them it is kept unverified")
      ->type_name("FILE");
  add_common_options(*sub, invocation.common, {.key = false, .work = false});
  sub->footer(
      "Each line is signed by the key that acted and bound to the line before. `sidik check` proves it whole; `sidik "
      "check --head H`\nthat nothing up to a head kept elsewhere was cut, and that no older copy was put back. A "
      "token is verified, then or years\nlater, by `openssl ts -verify -digest HEAD -in FILE.*.tsr -CAfile CA`.\n\n"
      "Examples:\n"
      "  sidik audit --anchor /mnt/elsewhere/anchors.txt\n"
      "  sidik audit --anchor anchors.txt --timestamp http://tsa.example/ --timestamp-ca tsa.pem\n"
      "  sidik check --head $(tail -1 /mnt/elsewhere/anchors.txt | sed 's/.* head //')\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce, [&invocation, options, anchor] {
    options->anchor = anchor->count() > 0;
    audit(*options, invocation.common);
  });
}

}  // namespace sidik::command
