#include "registry/catalogue_salvage.h"

#include <charconv>
#include <functional>
#include <optional>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/certificate.h"

namespace sidik {
namespace {

constexpr std::uint64_t kLongestEnvelope = 256 << 20;  // those of 4,096 exports, by a key for hundreds of feeds

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;  // cut short
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

class Salvager {
 public:
  Salvager(FileSystem& files, const RegistryFolder& folder, const RegistryConfig& config)
      : files_(files), folder_(folder), config_(config) {}

  Salvage run(const Database::Options& catalogue) {
    // Before the files: a pending envelope counts where the audit tells of it.
    if (files_.exists(folder_.catalogue())) read_catalogue(catalogue);
    for (const std::string& name : files_.list(folder_.runs())) read_file(name);
    for (const std::string& name : files_.list(folder_.locks())) read_lock(name);
    return std::move(found_);
  }

 private:
  /// Adds a signed line to what was found; false where it is not as signed.
  template <typename Add>
  static bool holds(Add&& add) {
    try {
      add();
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  bool add_export(const std::string& text, const std::string& place) {
    return holds([&] {
      SalvagedExport one{read_envelope(text, config_.id, place, Verification::kSignature), text};
      if (!one.envelope.certificate.empty()) add_certificate(one.envelope.certificate, place);
      found_.exports.emplace(to_hex(sha256(text)), std::move(one));
    });
  }

  bool add_certificate(const std::string& text, const std::string& place) {
    return holds([&] {
      read_certificate(text, config_.id, config_.signing_public, place);
      found_.certificates.emplace(to_hex(sha256(text)), text);
    });
  }

  bool add_removal(const std::string& text, const std::string& envelope, const std::string& place) {
    return holds([&] {
      SalvagedRemoval one{read_removal(text, config_.id, place, Verification::kSignature), text, envelope};
      if (one.statement.signer != config_.signing_public || one.statement.envelope_digest != to_hex(sha256(envelope)) ||
          !add_export(envelope, place))
        throw Error(ErrorKind::kDamaged, place, "is not the investigators' removal of the export beside it");
      found_.removals.emplace(one.statement.envelope_digest, std::move(one));
    });
  }

  bool add_merge(const std::string& text, const std::string& place) {
    return holds([&] {
      SalvagedMerge one{read_merge(text, config_.id, place, Verification::kSignature), text};
      const std::string id = to_hex(one.statement.run.id);
      if (files_.exists(folder_.run(id))) found_.merges.emplace(id, std::move(one));
    });
  }

  void read_file(const std::string& name) {
    const bool envelope = name.ends_with(kEnvelopeSuffix);
    const bool pending = name.ends_with(kPendingSuffix);
    const bool removal = name.ends_with(kRemovalSuffix);
    if (!envelope && !pending && !removal) return;
    const auto path = folder_.runs() / name;
    const auto lines = lines_of(as_text(read_whole_file(files_, path, kLongestEnvelope)));
    if (pending && !was_committed(lines, name.substr(0, name.size() - std::string_view(kPendingSuffix).size()))) return;
    if (removal ? lines.size() == 2 && add_removal(lines[0], lines[1], path.string()) : add_run(lines, path.string()))
      return;
    found_.unreadable.push_back(path);
  }

  /// What stands beside a run: the envelope of one export, or a merge and the envelopes of its exports.
  bool add_run(const std::vector<std::string>& lines, const std::string& place) {
    if (lines.empty()) return false;
    if (lines.size() == 1) return add_export(lines[0], place);
    for (std::size_t i = 1; i < lines.size(); ++i)
      if (!add_export(lines[i], place)) return false;
    return add_merge(lines[0], place);
  }

  /// A commit that is not known to be done: where the audit is not whole, what is all there counts as done.
  bool was_committed(const std::vector<std::string>& lines, const std::string& id) const {
    if (lines.empty()) return false;
    const std::string digest = to_hex(sha256(lines[0]));
    for (const SalvagedAuditLine& one : found_.audit)
      if (one.line.subject_digest == digest) return true;
    return !found_.audit_is_whole && files_.exists(folder_.run(id));
  }

  void read_lock(const std::string& name) {
    constexpr std::string_view kReaders = "readers-";
    if (!name.starts_with(kReaders)) return;
    std::int64_t generation = 0;
    std::from_chars(name.data() + kReaders.size(), name.data() + name.size(), generation);
    found_.generation = std::max(found_.generation, generation);
  }

  /// Shows each row to `use`, from the first on; false where the table cannot be read to its end.
  static bool each_row(const Database& database, const std::string& sql, const std::function<void(Statement&)>& use) {
    return holds([&] {
      auto row = database.prepare(sql);
      while (row.step()) use(row);
    });
  }

  void read_catalogue(const Database::Options& options) {
    std::optional<Database> database;
    if (!holds([&] { database.emplace(folder_.catalogue(), options); })) return;
    const std::string place = folder_.catalogue().string();
    found_.audit_is_whole = read_audit(*database, place);
    // What a damaged page hides from one side may be read from the other.
    for (const char* order : {" ORDER BY rowid", " ORDER BY rowid DESC"}) {
      each_row(*database, std::string("SELECT envelope FROM exports") + order,
               [&](Statement& row) { add_export(row.text(0), place); });
      each_row(*database, std::string("SELECT statement, envelope FROM removals") + order,
               [&](Statement& row) { add_removal(row.text(0), row.text(1), place); });
      each_row(*database, std::string("SELECT statement FROM merges") + order,
               [&](Statement& row) { add_merge(row.text(0), place); });
      each_row(*database, std::string("SELECT certificate FROM keys") + order,
               [&](Statement& row) { add_certificate(row.text(0), place); });
    }
    each_row(*database, "SELECT generation FROM registry",
             [&](Statement& row) { found_.generation = std::max(found_.generation, row.number(0)); });
  }

  bool read_audit(const Database& database, const std::string& place) {
    std::string head;
    bool follows = true;
    const bool ended = each_row(database, "SELECT line FROM audit ORDER BY number", [&](Statement& row) {
      if (!follows) return;
      const std::string text = row.text(0);
      follows = holds([&] {
        AuditLine line = read_audit_line(text, config_.id, place, Verification::kSignature);
        if (line.previous != head || line.number != found_.audit.size() + 1)
          throw Error(ErrorKind::kDamaged, place, "does not follow the line before");
        found_.audit.push_back({std::move(line), text});
        head = audit_head_after(text);
      });
    });
    bool reaches_end = true;  // where that was kept
    each_row(database, "SELECT lines, head FROM audit_end", [&](Statement& row) {
      reaches_end = row.number(0) == static_cast<std::int64_t>(found_.audit.size()) && row.text(1) == head;
    });
    return ended && follows && reaches_end;
  }

  FileSystem& files_;
  const RegistryFolder& folder_;
  const RegistryConfig& config_;
  Salvage found_;
};

}  // namespace

Salvage salvage_catalogue(FileSystem& files, const RegistryFolder& folder, const RegistryConfig& config,
                          const Database::Options& catalogue) {
  return Salvager(files, folder, config).run(catalogue);
}

}  // namespace sidik
