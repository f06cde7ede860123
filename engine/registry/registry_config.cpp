#include "registry/registry_config.h"

#include "base/bytes.h"
#include "base/error.h"
#include "registry/signed_text.h"

namespace sidik {
namespace {

constexpr std::uint64_t kLongestConfig = 64 << 10;

/// A newer format may look like anything but for its first member.
void refuse_newer_format(const nlohmann::json& statement, const std::string& place) {
  const auto format = statement.find("sidik_registry");
  if (format == statement.end() || !format->is_number_integer()) return;
  if (const auto number = format->get<std::int64_t>(); number > kRegistryFormat)
    throw Error(ErrorKind::kDamaged, place,
                "this registry has format " + std::to_string(number) + ", this program reads up to " +
                    std::to_string(kRegistryFormat) + "; install a newer sidik");
}

}  // namespace

void write_config(FileSystem& files, const RegistryFolder& folder, const RegistryConfig& config,
                  const RegistryKey& key) {
  const nlohmann::json statement = {{"sidik_registry", config.format},
                                    {"id", to_hex(config.id)},
                                    {"created", format_utc(config.created)},
                                    {"sealing_public", to_hex(config.sealing_public)},
                                    {"signing_public", to_hex(config.signing_public)}};
  write_file_durably(files, folder.config(), as_bytes(signed_text(statement, "config", key) + "\n"));
}

RegistryConfig read_config(FileSystem& files, const RegistryFolder& folder) {
  const std::string place = folder.config().string();
  if (!files.exists(folder.config()))
    throw Error(ErrorKind::kUsage, folder.root.string(),
                files.exists(folder.root)
                    ? "is not a registry (it has no config file); name one, or make one with `sidik init`"
                    : "there is no registry here; make one with `sidik init`");
  const Bytes bytes = read_whole_file(files, folder.config(), kLongestConfig);
  std::string_view line = as_text(bytes);
  if (line.empty() || line.back() != '\n')
    throw Error(ErrorKind::kDamaged, place, "is cut short; put back a copy of it");
  line.remove_suffix(1);
  const auto unverified = nlohmann::json::parse(line, nullptr, false);
  if (!unverified.is_object())
    throw Error(ErrorKind::kDamaged, place, "is not the config of a registry; put back a copy of it");
  refuse_newer_format(unverified, place);

  RegistryConfig config;
  hex_member(unverified, "signing_public", config.signing_public, place);
  const auto statement = read_signed_text(line, "config", config.signing_public, place);
  config.format = static_cast<int>(number_member(statement, "sidik_registry", place));
  hex_member(statement, "id", config.id, place);
  hex_member(statement, "sealing_public", config.sealing_public, place);
  const auto created = parse_utc(text_member(statement, "created", place));
  if (!created) throw Error(ErrorKind::kDamaged, place, "its date is none; put back a copy of the file");
  config.created = *created;
  return config;
}

}  // namespace sidik
