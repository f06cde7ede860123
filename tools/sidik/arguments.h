// Values of options: read strictly, refused with what was expected (Error(kUsage), the option as its place).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/utc_time.h"
#include "ingest/dialect.h"

namespace sidik::command {

/// 1 to 256.
unsigned parse_threads(const std::string& text);
/// Bytes with K, M, G or T behind (powers of 1024, "MiB" and "MB" alike); at least 32 MiB.
std::size_t parse_memory(const std::string& text);
/// Seconds, or a number with ms, s, m or h behind.
std::chrono::milliseconds parse_wait(const std::string& text);
/// A whole number; separators "," and "_" between digits are allowed: 279,000,000.
std::uint64_t parse_count(const std::string& option, const std::string& text);
/// 0.01 or 1%.
double parse_share(const std::string& option, const std::string& text);
/// ISO 8601, UTC where nothing else is said.
UtcSeconds parse_date(const std::string& option, const std::string& text);
/// A character, or comma, semicolon, tab (also \t), pipe, space.
char parse_delimiter(const std::string& text);
TextEncoding parse_encoding(const std::string& text);
/// K=V,K=V into a map; a key twice is refused.
void parse_priors(const std::string& text, std::map<std::string, double>& priors);
/// Names with commas between them, blanks around them cut off.
std::vector<std::string> parse_names(const std::string& text);
/// A name of an export, feed or recipient: UTF-8, 1 to 200 bytes, no control characters, no blank at either end.
std::string parse_name(const std::string& option, const std::string& text);

}  // namespace sidik::command
