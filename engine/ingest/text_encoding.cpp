#include "ingest/text_encoding.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace sidik {
namespace {

// WHATWG, index windows-1252: bytes 0x80 to 0x9F.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                                        0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

template <class Out>
void append_code_point(std::uint32_t c, Out& out) {
  const auto push = [&](std::uint32_t byte) { out.push_back(static_cast<typename Out::value_type>(byte)); };
  if (c < 0x80) {
    push(c);
  } else if (c < 0x800) {
    push(0xC0 | c >> 6);
    push(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    push(0xE0 | c >> 12);
    push(0x80 | (c >> 6 & 0x3F));
    push(0x80 | (c & 0x3F));
  } else {
    push(0xF0 | c >> 18);
    push(0x80 | (c >> 12 & 0x3F));
    push(0x80 | (c >> 6 & 0x3F));
    push(0x80 | (c & 0x3F));
  }
}

/// UTF-16 to UTF-8, in pieces cut anywhere.
class Utf16Decoder {
 public:
  explicit Utf16Decoder(TextEncoding encoding) : big_endian_(encoding == TextEncoding::kUtf16Be) {}

  void decode(std::string_view bytes, std::string& out) {
    for (const char byte : bytes) {
      const auto value = static_cast<unsigned char>(byte);
      if (!half_) {
        first_ = value;
        half_ = true;
        continue;
      }
      half_ = false;
      unit(static_cast<std::uint32_t>(big_endian_ ? first_ << 8 | value : value << 8 | first_), out);
    }
  }

  void finish(std::string& out) {
    if (high_ != 0 || half_) append_code_point(0xFFFD, out);
    high_ = 0;
    half_ = false;
  }

 private:
  void unit(std::uint32_t unit, std::string& out) {
    const bool at_start = at_start_;
    at_start_ = false;
    if (at_start && unit == 0xFEFF) return;
    const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (high_ != 0) {
      append_code_point(low ? 0x10000 + ((high_ - 0xD800) << 10) + (unit - 0xDC00) : 0xFFFD, out);
      high_ = 0;
      if (low) return;
    }
    if (unit >= 0xD800 && unit <= 0xDBFF)
      high_ = unit;
    else
      append_code_point(low ? 0xFFFD : unit, out);
  }

  bool big_endian_;
  bool at_start_ = true;
  bool half_ = false;
  unsigned char first_ = 0;
  std::uint32_t high_ = 0;
};

class Utf16Source final : public ByteSource {
 public:
  Utf16Source(std::unique_ptr<ByteSource> source, TextEncoding encoding)
      : source_(std::move(source)), decoder_(encoding), raw_(64 * 1024) {}

  std::size_t read(std::span<char> out) override {
    while (used_ == text_.size()) {
      if (ended_) return 0;
      text_.clear();
      used_ = 0;
      const std::size_t size = source_->read(raw_);
      if (size == 0) {
        ended_ = true;
        decoder_.finish(text_);
      } else {
        decoder_.decode({raw_.data(), size}, text_);
      }
    }
    const std::size_t size = std::min(out.size(), text_.size() - used_);
    std::memcpy(out.data(), text_.data() + used_, size);
    used_ += size;
    return size;
  }
  std::string name() const override { return source_->name(); }
  std::uint64_t consumed() const override { return source_->consumed(); }
  std::uint64_t total() const override { return source_->total(); }
  Compression compression() const override { return source_->compression(); }

 private:
  std::unique_ptr<ByteSource> source_;
  Utf16Decoder decoder_;
  std::vector<char> raw_;
  std::string text_;
  std::size_t used_ = 0;
  bool ended_ = false;
};

}  // namespace

void append_windows_1252(std::string_view text, Bytes& out) {
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    append_code_point(value >= 0x80 && value <= 0x9F ? kWindows1252[value - 0x80U] : value, out);
  }
}

std::optional<TextEncoding> utf16_of(std::string_view head) {
  if (head.starts_with("\xFF\xFE")) return TextEncoding::kUtf16Le;
  if (head.starts_with("\xFE\xFF")) return TextEncoding::kUtf16Be;
  const std::string_view start = head.substr(0, 4096);
  const std::size_t pairs = start.size() / 2;
  if (pairs < 4) return std::nullopt;
  std::size_t even = 0;
  std::size_t odd = 0;
  for (std::size_t i = 0; i < pairs; ++i) {
    even += start[2 * i] == '\0' ? 1 : 0;
    odd += start[2 * i + 1] == '\0' ? 1 : 0;
  }
  if (odd * 10 >= pairs * 9 && even * 10 <= pairs) return TextEncoding::kUtf16Le;
  if (even * 10 >= pairs * 9 && odd * 10 <= pairs) return TextEncoding::kUtf16Be;
  return std::nullopt;
}

std::unique_ptr<ByteSource> utf16_source(std::unique_ptr<ByteSource> source, TextEncoding encoding) {
  return std::make_unique<Utf16Source>(std::move(source), encoding);
}

std::string utf16_to_utf8(std::string_view bytes, TextEncoding encoding) {
  Utf16Decoder decoder(encoding);
  std::string out;
  decoder.decode(bytes, out);
  decoder.finish(out);
  return out;
}

}  // namespace sidik
