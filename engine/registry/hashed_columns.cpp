#include "registry/hashed_columns.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>

#include "base/error.h"

namespace sidik {
namespace {

constexpr std::string_view kPrefix = "hash:";
constexpr std::array<std::pair<std::string_view, HashAlgorithm>, 3> kAlgorithms = {
    {{"md5", HashAlgorithm::kMd5}, {"sha1", HashAlgorithm::kSha1}, {"sha256", HashAlgorithm::kSha256}}};
constexpr std::string_view kOption = "--also-hashed";

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::kUsage, std::string(kOption), what); }

std::string_view algorithm_name(HashAlgorithm algorithm) {
  return std::find_if(kAlgorithms.begin(), kAlgorithms.end(), [&](const auto& one) { return one.second == algorithm; })
      ->first;
}

std::optional<HashAlgorithm> algorithm_from_name(std::string_view name) {
  for (const auto& [known, algorithm] : kAlgorithms) {
    if (known == name) return algorithm;
  }
  return std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator, std::size_t most) {
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < most) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.push_back(text);
  return parts;
}

std::string name_of(const HashedColumn& hashed, const std::string& column) {
  return std::string(kPrefix) + std::string(algorithm_name(hashed.algorithm)) + ":" + hashed.spelling + ":" + column;
}

bool can_be_hashed(FieldType type) {
  return type == FieldType::kNik || type == FieldType::kIdentifier || type == FieldType::kPhone ||
         type == FieldType::kEmail;
}

bool is_spelling_of(FieldType type, std::string_view spelling) {
  if (type == FieldType::kPhone) return spelling == "08" || spelling == "62" || spelling == "+62";
  return spelling == "plain";
}

/// A canonical value as it was spelled when it was hashed.
std::string spelled(std::string_view form, std::string_view spelling) {
  if (!form.starts_with('+') || spelling == "+62") return std::string(form);
  form.remove_prefix(1);
  if (spelling == "08" && form.starts_with("62")) return "0" + std::string(form.substr(2));
  return std::string(form);
}

const EVP_MD* digest_of(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kMd5:
      return EVP_md5();
    case HashAlgorithm::kSha1:
      return EVP_sha1();
    default:
      return EVP_sha256();
  }
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// Digests of one algorithm, as hexadecimal digits.
class HexDigest {
 public:
  explicit HexDigest(HashAlgorithm algorithm) : context_(EVP_MD_CTX_new()) {
    require(context_ != nullptr && EVP_DigestInit_ex(context_.get(), digest_of(algorithm), nullptr) == 1);
  }
  std::string of(std::string_view text) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    require(EVP_DigestInit_ex(context_.get(), nullptr, nullptr) == 1 &&
            EVP_DigestUpdate(context_.get(), text.data(), text.size()) == 1 &&
            EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    return to_hex(ByteSpan(digest).first(size));
  }

 private:
  static void require(bool done) {
    if (!done) throw Error(ErrorKind::kFailed, "", "the crypto library cannot compute MD5, SHA-1 or SHA-256");
  }
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

}  // namespace

std::vector<HashedColumn> parse_hashed_columns(std::string_view list) {
  std::vector<HashedColumn> all;
  for (const std::string_view one : split(list, ',', list.size() + 1)) {
    const auto parts = split(one, ':', 3);
    if (parts.size() != 3 || parts[0].empty() || parts[2].empty())
      refuse("expected FIELD:ALGORITHM:SPELLING, such as phone:md5:08 or nik:sha256:plain");
    const auto algorithm = algorithm_from_name(parts[1]);
    if (!algorithm) refuse("expected md5, sha1 or sha256 as the algorithm");
    if (parts[2] != "08" && parts[2] != "62" && parts[2] != "+62" && parts[2] != "plain")
      refuse("expected 08, 62 or +62 as a phone's spelling, plain for all else");
    all.push_back({std::string(parts[0]), *algorithm, std::string(parts[2])});
  }
  return all;
}

std::optional<HashedColumn> hashed_column_of(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const auto parts = split(name.substr(kPrefix.size()), ':', 3);
  if (parts.size() != 3) return std::nullopt;
  const auto algorithm = algorithm_from_name(parts[0]);
  if (!algorithm) return std::nullopt;
  return HashedColumn{std::string(parts[2]), *algorithm, std::string(parts[1])};
}

std::vector<HashedColumn> hashed_columns_of(const Schema& schema) {
  std::vector<HashedColumn> all;
  for (const ColumnSchema& column : schema.columns) {
    if (auto hashed = hashed_column_of(column.name)) all.push_back(std::move(*hashed));
  }
  return all;
}

Schema without_hashed_columns(Schema schema) {
  std::erase_if(schema.columns, [](const ColumnSchema& column) { return hashed_column_of(column.name).has_value(); });
  return schema;
}

void add_hashed_columns(const std::vector<HashedColumn>& hashed, Schema& schema) {
  const std::size_t given = schema.columns.size();
  for (const HashedColumn& one : hashed) {
    const auto type = type_from_name(one.field);
    bool any = false;
    for (std::size_t c = 0; c < given; ++c) {
      const ColumnSchema source = schema.columns[c];
      const bool meant = type ? source.type == *type : normalised_name(source.name) == normalised_name(one.field);
      if (!meant && normalised_name(source.name) != normalised_name(one.field)) continue;
      if (!can_be_hashed(source.type))
        refuse("column '" + source.name + "' is of type " + std::string(type_name(source.type)) +
               "; only nik, identifier, phone and email can be registered hashed");
      if (!is_spelling_of(source.type, one.spelling))
        refuse("'" + one.spelling + "' is no spelling of type " + std::string(type_name(source.type)) +
               "; expected 08, 62 or +62 for phones, plain for all else");
      any = true;
      ColumnSchema column;
      column.name = name_of(one, source.name);
      column.indexed = true;
      column.reason = "digests of column '" + source.name + "', asked for";
      const auto same = [&](const ColumnSchema& other) { return other.name == column.name; };
      if (std::none_of(schema.columns.begin(), schema.columns.end(), same)) schema.columns.push_back(std::move(column));
    }
    if (!any) refuse("the export has no column '" + one.field + "', nor one of such a type");
  }
}

std::uint64_t bytes_of_hashed_columns(std::uint64_t rows, std::size_t columns) {
  if (rows == 0) return 0;
  constexpr double kCodeBits = 16, kEntryBits = 64, kLog2OfE = 1.4427;
  const double bits = kCodeBits + kEntryBits + kLog2OfE - std::log2(static_cast<double>(rows));
  return static_cast<std::uint64_t>(static_cast<double>(rows) * static_cast<double>(columns) * bits / 8);
}

ColumnHasher::ColumnHasher(const Schema& schema) : given_(without_hashed_columns(schema).columns.size()) {
  for (const ColumnSchema& column : schema.columns) {
    const auto hashed = hashed_column_of(column.name);
    if (!hashed) continue;
    for (std::size_t c = 0; c < given_; ++c) {
      const ColumnSchema& source = schema.columns[c];
      if (source.name != hashed->field) continue;
      sources_.push_back({c, source.type, source.options, hashed->algorithm, hashed->spelling});
      break;
    }
  }
  text_.resize(sources_.size());
}

void ColumnHasher::append(Batch& batch) {
  batch.columns.resize(given_);
  for (std::size_t s = 0; s < sources_.size(); ++s) {
    const Source& source = sources_[s];
    canonicalise(source.type, source.options, std::span(batch.columns[source.column]).first(batch.rows), canonical_);
    HexDigest digest(source.algorithm);
    std::string& text = text_[s];
    text.clear();
    std::vector<std::size_t> ends;
    for (std::size_t r = 0; r < batch.rows; ++r) {
      if (canonical_.state[r] == ValueState::kValid) text += digest.of(spelled(canonical_.value(r), source.spelling));
      ends.push_back(text.size());
    }
    text.append(kTextSlack, '\0');
    std::vector<std::string_view>& column = batch.columns.emplace_back();
    for (std::size_t r = 0; r < batch.rows; ++r) {
      const std::size_t begin = r == 0 ? 0 : ends[r - 1];
      column.push_back(std::string_view(text).substr(begin, ends[r] - begin));
    }
  }
}

}  // namespace sidik
