// sidik key split, sidik key join: a two-person rule for the investigators' key.
#include <charconv>
#include <memory>

#include "base/error.h"
#include "console.h"
#include "fingerprints/key_shares.h"
#include "key.h"
#include "key_report.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

namespace fs = std::filesystem;

struct SplitOptions {
  std::string rule;  // "2/3"
  std::string prefix;
};

struct Rule {
  unsigned needed = 0, count = 0;
};

Rule parse_rule(const std::string& text) {
  Rule rule;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, rule.needed);
  const bool slash = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
  const auto second = slash ? std::from_chars(first.ptr + 1, end, rule.count) : first;
  if (!slash || second.ec != std::errc() || second.ptr != end)
    throw Error(ErrorKind::kUsage, "key split", "expected K/N, such as 2/3: any K of N shares make the key");
  return rule;
}

void split(const SplitOptions& options, const CommonOptions& common) {
  const Rule rule = parse_rule(options.rule);
  const KeyInFile own = load_key_in_file(common, registry_place(common));
  const std::vector<WipedText> shares = split_key(own.key, rule.needed, rule.count);
  if (options.prefix == "-") {
    for (const WipedText& share : shares) print(share.text + "\n");
    return;
  }
  const std::string prefix = !options.prefix.empty() ? options.prefix : own.file ? own.file->string() : "sidik.key";
  std::vector<std::string> files;
  try {
    for (std::size_t i = 0; i < shares.size(); ++i) {
      throw_if_interrupted();
      const std::string file = prefix + ".share-" + std::to_string(i + 1);
      write_secret_file(shares[i].text, file);
      files.push_back(file);
    }
  } catch (...) {
    std::error_code ignored;
    for (const std::string& file : files) fs::remove(file, ignored);
    throw;
  }
  if (common.json) return print(json_text({{"sidik", 1}, {"needed", rule.needed}, {"shares", files}}));
  if (common.quiet) return;
  std::string text = "Made " + std::to_string(rule.count) + " shares, any " + std::to_string(rule.needed) +
                     " of which make the key:\n";
  for (const std::string& file : files) text += "  " + file + "\n";
  print(text +
        "Each is text short enough to print. Bring them to as many people, see that `sidik key join` works, and "
        "only then remove the key file itself.\n");
}

struct JoinOptions {
  std::vector<std::string> files;
  std::string output;
};

void join(const JoinOptions& options, const CommonOptions& common) {
  std::vector<WipedText> texts;
  std::vector<GivenShare> shares;
  for (const std::string& file : options.files) texts.push_back(read_secret_file(file, kShareText));
  for (std::size_t i = 0; i < texts.size(); ++i) shares.push_back({options.files[i], texts[i].text});
  const RegistryKey key = join_key(shares);
  commit_key(key_file_text(key), options.output, [] {});
  if (options.output == "-" || common.quiet) return;
  if (common.json) return print(key_json({key, false, nullptr}));
  print("The key of registry " + to_hex(key.registry) + " is " + options.output +
        " (mode 0600). Remove it when the work is done: the shares make it again.\n");
}

}  // namespace

void add_split(CLI::App& key, Invocation& invocation) {
  CLI::App* sub = key.add_subcommand("split", "The key as shares, so many of which make it again");
  const auto options = std::make_shared<SplitOptions>();
  sub->add_option("K/N", options->rule, "Any K of N shares make the key: 2/3")->required();
  sub->add_option("-o,--output", options->prefix,
                  "Shares are PREFIX.share-1, ... (else the key file's name); - prints them")
      ->type_name("PREFIX");
  add_common_options(*sub, invocation.common, {.work = false, .wait = false});
  sub->footer(
      "Fewer shares than K tell nothing of the key. A share is a dozen lines of text, each with a check against typing "
      "errors. The key\nfile stays until it is removed. After `key rotate` split again: shares hold the epochs of "
      "their day.\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtSafePlaces,
              [&invocation, options] { split(*options, invocation.common); });
}

void add_join(CLI::App& key, Invocation& invocation) {
  CLI::App* sub = key.add_subcommand("join", "The key again, from its shares");
  const auto options = std::make_shared<JoinOptions>();
  sub->add_option("SHARE", options->files, "Files of shares, mode 0600")->required();
  sub->add_option("-o,--output", options->output, "The key file to make; - is standard output")
      ->required()
      ->type_name("FILE");
  add_common_options(*sub, invocation.common, {.registry = false, .key = false, .work = false, .wait = false});
  sub->footer(
      "For one question without a key file on the disk: --key-command 'sidik key join share-1 share-3 -o -'.\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtSafePlaces,
              [&invocation, options] { join(*options, invocation.common); });
}

}  // namespace sidik::command
