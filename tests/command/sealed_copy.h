// Holds a sealed copy against its original, record by record, by the bytes: a plain twin of what engine/seal does.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sidik::test {

/// A record as it stands in a text.
struct RawRecord {
  std::vector<std::string_view> cells;  // with their quotes
  std::string_view line_end;            // empty at the end of a text
  std::string_view bytes;               // all of it
};

/// Records of RFC 4180 with another delimiter.
inline std::vector<RawRecord> records_of(std::string_view text, char delimiter) {
  std::vector<RawRecord> records;
  std::size_t begin = 0;
  while (begin < text.size()) {
    RawRecord record;
    bool quoted = false;
    std::size_t cell = begin, i = begin;
    for (; i < text.size(); ++i) {
      if (text[i] == '"') quoted = !quoted;
      if (quoted) continue;
      if (text[i] == '\n' || text[i] == '\r') break;
      if (text[i] != delimiter) continue;
      record.cells.push_back(text.substr(cell, i - cell));
      cell = i + 1;
    }
    record.cells.push_back(text.substr(cell, i - cell));
    std::size_t end = i;
    if (end < text.size()) end += text.substr(end, 2) == "\r\n" ? 2 : 1;
    record.line_end = text.substr(i, end - i);
    record.bytes = text.substr(begin, end - begin);
    records.push_back(record);
    begin = end;
  }
  return records;
}

/// What a sealed copy has otherwise than its original.
struct SealedDifferences {
  std::size_t planted = 0;                   // records of the copy that the original has not
  std::size_t left_out = 0;                  // the other way round
  std::map<std::size_t, std::size_t> cells;  // by column: values that are written otherwise
  std::string fault;                         // the first thing that no seal does; empty where there is none
};

/// `key` is the column that tells records apart and is not marked. Records without that many cells are to be as they
/// were.
inline SealedDifferences differences(std::string_view original, std::string_view copy, char delimiter,
                                     std::size_t key) {
  const auto key_of = [&](const RawRecord& record) {
    return record.cells.size() > key ? record.cells[key] : record.bytes;
  };
  const auto before = records_of(original, delimiter), after = records_of(copy, delimiter);
  std::set<std::string_view> kept;
  for (const RawRecord& record : after) kept.insert(key_of(record));
  std::set<std::string_view> known;
  for (const RawRecord& record : before) known.insert(key_of(record));
  SealedDifferences out;
  std::size_t i = 0, j = 0;
  while (out.fault.empty() && (i < before.size() || j < after.size())) {
    if (i < before.size() && !kept.contains(key_of(before[i]))) {
      ++out.left_out, ++i;
    } else if (j < after.size() && !known.contains(key_of(after[j]))) {
      if (after[j].cells.size() != before.front().cells.size()) out.fault = "a planted record has other columns";
      if (after[j].line_end != before.front().line_end) out.fault = "a planted record has another line end";
      ++out.planted, ++j;
    } else if (i == before.size() || j == after.size() || key_of(before[i]) != key_of(after[j])) {
      out.fault = "record " + std::to_string(j) + " of the copy is out of order";
    } else {
      const RawRecord &old = before[i++], &now = after[j++];
      if (old.line_end != now.line_end || old.cells.size() != now.cells.size())
        out.fault = "record " + std::to_string(j) + " of the copy has another end or other columns";
      for (std::size_t c = 0; c < old.cells.size() && out.fault.empty(); ++c)
        out.cells[c] += old.cells[c] != now.cells[c];
    }
  }
  std::erase_if(out.cells, [](const auto& each) { return each.second == 0; });
  return out;
}

}  // namespace sidik::test
