// Where `seal` writes: a file that has its name only once the export is registered, or standard output, whose last
// record waits for that.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/dialect.h"
#include "sealed_file.h"
#include "tee.h"

namespace sidik::command {

/// By the name's end: ".gz", ".zst". Nothing for another end.
std::optional<Compression> compression_by_name(const std::string& path);

class SealedOutput {
 public:
  /// `path` "-" is standard output. What is written is compressed as `compression` says. Error(kFailed) where the file
  /// cannot be made. Until finish() it stands beside `path` under another name; without finish() it is removed.
  /// Of the usual permissions it gets no more than `most`. What killed processes left beside `path` is removed.
  SealedOutput(std::string path, Compression compression, std::filesystem::perms most = std::filesystem::perms::all);
  ~SealedOutput();
  SealedOutput(const SealedOutput&) = delete;
  SealedOutput& operator=(const SealedOutput&) = delete;

  void write(std::string_view plain);
  /// Everything is written and, in a file, synced; nothing is to be seen under its name yet.
  void complete();
  /// The export is registered: lets the last record go, or gives the file its name.
  void finish();

  bool is_standard_output() const { return path_ == "-"; }

 private:
  class Compressor;
  void put(std::string_view bytes);

  std::string path_;
  std::filesystem::path partial_;
  int lock_ = -1;                     // of partial_: whoever finds it unlocked may remove it
  std::unique_ptr<SealedFile> file_;  // partial_, while it is open
  std::unique_ptr<Compressor> compressor_;
  LastRecordGate gate_;
};

}  // namespace sidik::command
