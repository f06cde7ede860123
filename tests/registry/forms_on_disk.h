// What must not stand on any disk: values, their unkeyed hashes, and their keyed fingerprints, in whatever notation.
#pragma once

#include <openssl/evp.h>
#include <xxhash.h>
#include <zlib.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "fingerprints/batch_fingerprinter.h"

namespace sidik::test {

/// Strings of six bytes at least; sort() before they are looked for.
struct Forbidden {
  std::vector<std::string> words;
  void insert(std::string word) { words.push_back(std::move(word)); }
  void sort() {
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
  }
};

inline std::string little_endian(std::uint64_t number) {
  std::string bytes(8, '\0');
  store_u64(reinterpret_cast<std::uint8_t*>(bytes.data()), number);
  return bytes;
}
inline std::string big_endian(std::uint64_t number) {
  const std::string bytes = little_endian(number);
  return {bytes.rbegin(), bytes.rend()};
}

/// The number as a binary file or a text would have it.
inline void forbid_number(std::uint64_t number, Forbidden& forbidden) {
  if (number == 0) return;  // stands for nothing
  forbidden.insert(little_endian(number));
  forbidden.insert(big_endian(number));
  forbidden.insert(to_hex(as_bytes(big_endian(number))));
  forbidden.insert(std::to_string(number));
}

/// The value, and its unkeyed hashes, raw and in hex, of eight bytes each at least.
inline void forbid_value(const std::string& value, Forbidden& forbidden) {
  if (value.size() >= 8) forbidden.insert(value);
  for (const EVP_MD* algorithm : {EVP_md5(), EVP_sha1(), EVP_sha256()}) {
    std::uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_Digest(value.data(), value.size(), digest, &size, algorithm, nullptr);
    const std::string text(reinterpret_cast<const char*>(digest), size);
    forbidden.insert(text.substr(0, 8));
    forbidden.insert(to_hex(as_bytes(text)).substr(0, 16));
  }
  for (const std::uint64_t hash : {XXH3_64bits(value.data(), value.size()), XXH64(value.data(), value.size(), 0)}) {
    forbidden.insert(little_endian(hash));
    forbidden.insert(big_endian(hash));
    forbidden.insert(to_hex(as_bytes(big_endian(hash))));
  }
  const auto crc = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(value.data()), static_cast<uInt>(value.size())));
  const std::string half = to_hex(as_bytes(big_endian(crc).substr(4)));
  forbidden.insert(half + half);
}

/// Of each cell of a CSV text (without quotes), as it is written and in lower case; the header's too.
inline Forbidden forms_of_csv(const std::string& csv) {
  Forbidden forbidden;
  std::string cell;
  for (const char c : csv) {
    if (c != ',' && c != '\n') {
      cell.push_back(c);
      continue;
    }
    forbid_value(cell, forbidden);
    std::string lower = cell;
    for (auto& letter : lower) letter = static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter);
    forbid_value(lower, forbidden);
    cell.clear();
  }
  forbidden.sort();
  return forbidden;
}

struct ValueFingerprints {
  std::vector<Fingerprint> values;
  std::vector<RowTag> tags;  // that the values would give
};

inline ValueFingerprints fingerprints_of(const Secret& secret, FieldType type, const std::vector<std::string>& values) {
  std::vector<std::string> padded;
  for (const std::string& value : values) padded.push_back(value + std::string(kTextSlack, '\0'));
  std::vector<std::string_view> raw;
  for (const std::string& text : padded) raw.emplace_back(text.data(), text.size() - kTextSlack);
  std::vector<ValueState> states(raw.size());
  ValueFingerprints found{std::vector<Fingerprint>(raw.size()), std::vector<RowTag>(raw.size())};
  ValueFingerprinter(secret, type, {}).compute(raw, states, found.values, found.tags);
  return found;
}

/// Fingerprint, tag and index entry of each value; tags[i] is that of the row in which value i stands.
inline void forbid_fingerprints(const std::vector<Fingerprint>& values, const std::vector<RowTag>& tags,
                                Forbidden& forbidden) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (const std::uint64_t number : {values[i], tags[i], index_entry(values[i], tags[i])})
      forbid_number(number, forbidden);
    forbidden.insert(little_endian(tags[i]).substr(0, 6));  // as 48 bits
    forbidden.insert(big_endian(tags[i]).substr(2));
  }
}

/// The first of `forbidden` in `bytes`, "" where there is none.
inline std::string first_found(const std::string& bytes, const Forbidden& forbidden) {
  constexpr std::size_t kHead = 6;
  const auto head_of = [](const char* at) {
    std::uint64_t head = 0;
    for (std::size_t i = 0; i < kHead; ++i) head = head << 8 | static_cast<std::uint8_t>(at[i]);
    return head;
  };
  std::vector<std::uint64_t> heads;
  for (const auto& word : forbidden.words)
    if (word.size() >= kHead) heads.push_back(head_of(word.data()));
  std::sort(heads.begin(), heads.end());
  // Most places have no candidate: one bit for the first three bytes of each head passes over them.
  std::vector<bool> begins(std::size_t{1} << 24);
  for (const std::uint64_t head : heads) begins[head >> 24] = true;
  for (std::size_t i = 0; i + kHead <= bytes.size(); ++i) {
    const std::uint64_t head = head_of(bytes.data() + i);
    if (!begins[head >> 24] || !std::binary_search(heads.begin(), heads.end(), head)) continue;
    const std::string start = bytes.substr(i, kHead);
    for (auto it = std::lower_bound(forbidden.words.begin(), forbidden.words.end(), start);
         it != forbidden.words.end() && it->starts_with(start); ++it)
      if (bytes.compare(i, it->size(), *it) == 0) return *it;
  }
  return {};
}

}  // namespace sidik::test
