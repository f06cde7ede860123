#include "key_command.h"

#include "base/error.h"
#include "base/secret.h"
#include "passphrase.h"
#include "producer.h"

namespace sidik::command {

std::vector<std::string> split_words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < line.size();
    if (escapes) {
      word += line[++i];
      in_word = true;
    } else if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) throw Error(ErrorKind::kUsage, "--key-command", "has a quote that is not closed");
  if (in_word) words.push_back(std::move(word));
  return words;
}

RegistryKey key_from_command(const std::string& line) {
  const std::vector<std::string> words = split_words(line);
  if (words.empty()) throw Error(ErrorKind::kUsage, "--key-command", "is empty; expected a command and its arguments");
  constexpr std::size_t kLongestKey = 64 * 1024;
  Secret text(kLongestKey);
  std::size_t size = 0;
  try {
    Producer producer(words, "there is no key to work with");
    const auto source = producer.take_output();
    const std::span<char> room(reinterpret_cast<char*>(text.writable().data()), kLongestKey);
    while (size < kLongestKey) {
      const std::size_t got = source->read(room.subspan(size));
      if (got == 0) break;
      size += got;
    }
    producer.require_success();
  } catch (const Error& error) {
    throw Error(ErrorKind::kKey, "--key-command", "gives no key: " + std::string(error.what()));
  }
  return parse_key_file(as_text(text.bytes().first(size)), "--key-command", ask_passphrase);
}

}  // namespace sidik::command
