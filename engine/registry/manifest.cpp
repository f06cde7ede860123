#include "registry/manifest.h"

#include <array>

#include "base/error.h"
#include "registry/manifest_codec.h"

namespace sidik {
namespace {

constexpr std::array<std::string_view, 3> kKindNames = {"export", "reference", "external"};

// A column's flags.
constexpr std::uint8_t kIndexed = 1, kIdentity = 2, kMonthFirst = 4, kDecimalComma = 8;
// A file form's flags.
constexpr std::uint8_t kQuoted = 1, kHeader = 2;

/// Signed numbers as varints: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
void write_signed(ByteWriter& out, std::int64_t value) {
  out.varint((static_cast<std::uint64_t>(value) << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}
std::int64_t read_signed(ByteReader& in) {
  const std::uint64_t value = in.varint();
  return static_cast<std::int64_t>((value >> 1) ^ ((value & 1) != 0 ? ~std::uint64_t{0} : 0));
}

void write_time(ByteWriter& out, const std::optional<UtcSeconds>& time) {
  out.u8(time ? 1 : 0);
  if (time) write_signed(out, *time);
}

class Reading {
 public:
  Reading(ByteReader& in, std::uint8_t version, const std::string& place) : in_(in), version_(version), place_(place) {}

  ExportManifest manifest() {
    ExportManifest out;
    out.description = description();
    out.rows = in_.varint();
    out.rejected = in_.varint();
    out.records = in_.varint();
    out.tags = in_.varint();
    out.whole_row_tagged = in_.varint();
    out.identities.resize(in_.count(3));
    for (IdentityCount& identity : out.identities) {
      identity.type = type();
      identity.rows = in_.varint();
      identity.distinct = in_.varint();
    }
    out.columns.resize(in_.count(16));
    for (ExportColumn& c : out.columns) c = column();
    out.form = form();
    out.content_digest = in_.string();
    out.records_digest = in_.string();
    if (version_ >= 2) out.sealing = in_.string();
    return out;
  }

 private:
  [[noreturn]] void damaged(const char* what) const { throw Error(ErrorKind::kDamaged, place_, what); }

  std::optional<UtcSeconds> time() {
    const std::uint8_t known = in_.u8();
    if (known > 1) damaged("a date of the manifest is neither there nor missing");
    if (known == 0) return std::nullopt;
    return read_signed(in_);
  }
  FieldType type() {
    const std::uint8_t number = in_.u8();
    if (number == 0 || number >= kFieldTypes)
      damaged("the manifest names a field type that this version does not know");
    return static_cast<FieldType>(number);
  }

  ExportDescription description() {
    ExportDescription out;
    out.name = in_.string();
    out.feed = in_.string();
    out.recipient = in_.string();
    const std::uint8_t kind = in_.u8();
    if (kind == 0 || kind > kKindNames.size())
      damaged("the manifest names a kind of export that this version does not know");
    out.kind = static_cast<ExportKind>(kind);
    out.at = time();
    out.sent_at = time();
    out.registered_at = read_signed(in_);
    out.registered_by = in_.string();
    return out;
  }

  ExportColumn column() {
    ExportColumn out;
    out.id = in_.u64();
    out.schema.name = in_.string();
    out.schema.type = type();
    const std::uint8_t flags = in_.u8();
    if ((flags & ~(kIndexed | kIdentity | kMonthFirst | kDecimalComma)) != 0)
      damaged("a column of the manifest has unknown flags");
    out.schema.indexed = (flags & kIndexed) != 0;
    out.schema.identity = (flags & kIdentity) != 0;
    out.schema.options.date_order = (flags & kMonthFirst) != 0 ? DateOrder::kMonthFirst : DateOrder::kDayFirst;
    out.schema.options.decimal_sign = (flags & kDecimalComma) != 0 ? DecimalSign::kComma : DecimalSign::kPoint;
    out.schema.options.newest_year = in_.u16();
    out.schema.reason = in_.string();
    out.spelling.letter_case = in_.string();
    out.spelling.layout = in_.string();
    out.spelling.null_token = in_.string();
    out.statistics.nulls = in_.varint();
    out.statistics.invalid = in_.varint();
    out.statistics.distinct = in_.varint();
    out.statistics.frequent.resize(in_.count(3));
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < out.statistics.frequent.size(); ++i) {
      CodeCount& frequent = out.statistics.frequent[i];
      frequent.code = in_.u16();
      const std::uint64_t less = in_.varint();  // the first itself, then by how much each is rarer than the one before
      if (i > 0 && less > count) damaged("a column's frequent codes are out of order");
      count = i == 0 ? less : count - less;
      frequent.count = count;
    }
    return out;
  }

  FileForm form() {
    FileForm out;
    out.format = in_.string();
    out.delimiter = in_.string();
    const std::uint8_t flags = in_.u8();
    if ((flags & ~(kQuoted | kHeader)) != 0) damaged("the file's form has unknown flags");
    out.quoted = (flags & kQuoted) != 0;
    out.header = (flags & kHeader) != 0;
    out.encoding = in_.string();
    out.line_end = in_.string();
    return out;
  }

  ByteReader& in_;
  std::uint8_t version_;
  const std::string& place_;
};

void write_column(ByteWriter& out, const ExportColumn& column) {
  out.u64(column.id);
  out.string(column.schema.name);
  out.u8(static_cast<std::uint8_t>(column.schema.type));
  unsigned flags = 0;
  if (column.schema.indexed) flags |= kIndexed;
  if (column.schema.identity) flags |= kIdentity;
  if (column.schema.options.date_order == DateOrder::kMonthFirst) flags |= kMonthFirst;
  if (column.schema.options.decimal_sign == DecimalSign::kComma) flags |= kDecimalComma;
  out.u8(static_cast<std::uint8_t>(flags));
  out.u16(column.schema.options.newest_year);
  out.string(column.schema.reason);
  out.string(column.spelling.letter_case);
  out.string(column.spelling.layout);
  out.string(column.spelling.null_token);
  out.varint(column.statistics.nulls);
  out.varint(column.statistics.invalid);
  out.varint(column.statistics.distinct);
  out.varint(column.statistics.frequent.size());
  std::uint64_t previous = 0;
  for (const CodeCount& frequent : column.statistics.frequent) {
    out.u16(frequent.code);
    out.varint(previous == 0 ? frequent.count : previous - frequent.count);
    previous = frequent.count;
  }
}

}  // namespace

std::string_view kind_name(ExportKind kind) { return kKindNames[static_cast<std::size_t>(kind) - 1]; }

std::optional<ExportKind> kind_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kKindNames.size(); ++i)
    if (kKindNames[i] == name) return static_cast<ExportKind>(i + 1);
  return std::nullopt;
}

void write_manifest(ByteWriter& out, const ExportManifest& manifest) {
  const ExportDescription& description = manifest.description;
  out.string(description.name);
  out.string(description.feed);
  out.string(description.recipient);
  out.u8(static_cast<std::uint8_t>(description.kind));
  write_time(out, description.at);
  write_time(out, description.sent_at);
  write_signed(out, description.registered_at);
  out.string(description.registered_by);
  out.varint(manifest.rows);
  out.varint(manifest.rejected);
  out.varint(manifest.records);
  out.varint(manifest.tags);
  out.varint(manifest.whole_row_tagged);
  out.varint(manifest.identities.size());
  for (const IdentityCount& identity : manifest.identities) {
    out.u8(static_cast<std::uint8_t>(identity.type));
    out.varint(identity.rows);
    out.varint(identity.distinct);
  }
  out.varint(manifest.columns.size());
  for (const ExportColumn& column : manifest.columns) write_column(out, column);
  const FileForm& form = manifest.form;
  out.string(form.format);
  out.string(form.delimiter);
  out.u8(static_cast<std::uint8_t>((form.quoted ? kQuoted : 0) | (form.header ? kHeader : 0)));
  out.string(form.encoding);
  out.string(form.line_end);
  out.string(manifest.content_digest);
  out.string(manifest.records_digest);
  out.string(manifest.sealing);
}

ExportManifest read_manifest(ByteReader& in, std::uint8_t version, const std::string& place) {
  return Reading(in, version, place).manifest();
}

}  // namespace sidik
