#include "registry/run_output.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace sidik {
namespace {

/// A page from here on has a block of its own: what is left would rarely take another page in.
constexpr std::size_t kNearlyFull = kBlockPayload * 15 / 16;

std::span<std::uint8_t, kBlockSize> block_at(std::uint8_t* blocks, std::size_t i) {
  return std::span<std::uint8_t, kBlockSize>(blocks + i * kBlockSize, kBlockSize);
}

}  // namespace

RunOutput::RunOutput(FileSystem& files, const RegistryKey& key, std::filesystem::path path)
    : files_(files), path_(std::move(path)), data_key_(Secret::random(32)) {
  header_.registry = key.registry;
  header_.epoch = key.epoch;
  random_bytes(header_.run);
  wrap_data_key(header_, data_key_, key);
  binding_ = {header_.registry, header_.run, header_.epoch, {}};
  file_ = files_.open(path_, OpenMode::kCreate, Caching::kDirect);
}

RunOutput::~RunOutput() {
  if (closed_) return;
  file_.reset();
  try {
    files_.remove(path_);
  } catch (const Error&) {
    // The failure that led here is what the caller should hear of; the leftover is found by `check`.
  }
}

std::uint64_t RunOutput::blocks() const {
  const std::lock_guard lock(mutex_);
  return blocks_;
}

std::uint64_t RunOutput::write(std::span<std::uint8_t> blocks, BlockCipher& cipher) {
  const std::size_t count = blocks.size() / kBlockSize;
  std::uint64_t first;
  {
    const std::lock_guard lock(mutex_);
    first = blocks_;
    blocks_ += count;
    trailers_.resize(blocks_);
  }
  for (std::size_t i = 0; i < count; ++i)
    cipher.seal(block_at(blocks.data(), i), {first + i, BlockRole::kPages, false});
  note_trailers(blocks, first);
  file_->write_at(kRunHeaderSize + first * kBlockSize, blocks);
  return first;
}

void RunOutput::note_trailers(std::span<const std::uint8_t> blocks, std::uint64_t first) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < blocks.size() / kBlockSize; ++i)
    std::memcpy(trailers_[first + i].data(), blocks.data() + i * kBlockSize + kBlockPayload, kBlockTrailer);
}

RunFile RunOutput::close(const RunManifest& manifest) {
  const Bytes bytes = encode_run_manifest(manifest);
  const std::size_t count = (bytes.size() + kBlockPayload - 1) / kBlockPayload;
  header_.features = manifest.sets_in_pages ? RunHeader::kMergedPages : 0;
  header_.manifest_block = blocks_;
  header_.manifest_length = bytes.size();
  header_.blocks = blocks_ + count;
  const RunHeaderBytes header = encode_run_header(header_);

  BlockCipher manifest_cipher = cipher();
  manifest_cipher.bind_header(run_header_digest(header));
  AlignedBuffer buffer(std::max(kRunHeaderSize, count * kBlockSize));
  std::memset(buffer.data(), 0, count * kBlockSize);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = i * kBlockPayload;
    std::memcpy(buffer.data() + i * kBlockSize, bytes.data() + at, std::min(kBlockPayload, bytes.size() - at));
    manifest_cipher.seal(block_at(buffer.data(), i), {blocks_ + i, BlockRole::kManifest, i + 1 == count});
  }
  trailers_.resize(header_.blocks);
  note_trailers({buffer.data(), count * kBlockSize}, blocks_);
  file_->write_at(kRunHeaderSize + blocks_ * kBlockSize, {buffer.data(), count * kBlockSize});
  std::memcpy(buffer.data(), header.data(), header.size());
  file_->write_at(0, {buffer.data(), header.size()});
  file_->sync();

  RunFile out;
  out.id = header_.run;
  out.epoch = header_.epoch;
  out.path = path_;
  out.length = header_.file_length();
  out.key_commitment = header_.key_commitment;
  RunDigest digest(header);
  for (const auto& trailer : trailers_) digest.add(trailer);
  out.digest = digest.finish();
  closed_ = true;
  return out;
}

PageWriter::PageWriter(RunOutput& output)
    : output_(output), cipher_(output.cipher()), buffer_(kBlocksAtOnce * kBlockSize) {}

void PageWriter::add(StripePages& pages, std::uint64_t first, std::size_t items, ByteSpan page) {
  pages.entries.push_back({first, 0, 0, static_cast<std::uint16_t>(items)});
  pages.items += items;
  pages.bytes += page.size();
  if (page.size() < kNearlyFull) {
    pages.small.push_back({pages.entries.size() - 1, Bytes(page.begin(), page.end())});
    return;
  }
  std::uint8_t* const block = buffer_.data() + pending_.size() * kBlockSize;
  std::memcpy(block, page.data(), page.size());
  std::memset(block + page.size(), 0, kBlockPayload - page.size());
  pending_.push_back({&pages, pages.entries.size() - 1});
  if (pending_.size() == kBlocksAtOnce) flush();
}

void PageWriter::flush() {
  if (pending_.empty()) return;
  std::uint64_t number = output_.write({buffer_.data(), pending_.size() * kBlockSize}, cipher_);
  for (const Pending& p : pending_) p.pages->entries[p.entry].block = static_cast<std::uint32_t>(number++);
  pending_.clear();
}

namespace {

/// Pages put where there is room: the largest first, each into the first block that takes it.
class SharedBlocks {
 public:
  explicit SharedBlocks(std::uint64_t first) : first_(first) {}

  void place(PageEntry& entry, ByteSpan page) {
    std::size_t b = 0;
    while (b < blocks_.size() && blocks_[b].size() + page.size() > kBlockPayload) ++b;
    if (b == blocks_.size()) blocks_.emplace_back();
    entry.block = static_cast<std::uint32_t>(first_ + b);
    entry.offset = static_cast<std::uint16_t>(blocks_[b].size());
    blocks_[b].insert(blocks_[b].end(), page.begin(), page.end());
  }

  void write(RunOutput& output) const {
    if (blocks_.empty()) return;
    AlignedBuffer buffer(blocks_.size() * kBlockSize);
    std::memset(buffer.data(), 0, blocks_.size() * kBlockSize);
    for (std::size_t b = 0; b < blocks_.size(); ++b)
      std::memcpy(buffer.data() + b * kBlockSize, blocks_[b].data(), blocks_[b].size());
    BlockCipher cipher = output.cipher();
    output.write({buffer.data(), blocks_.size() * kBlockSize}, cipher);
  }

 private:
  std::uint64_t first_;
  std::vector<Bytes> blocks_;
};

}  // namespace

void write_shared_blocks(RunOutput& output, std::vector<std::vector<StripePages>>& stripes,
                         std::vector<RunSection>& sections) {
  SharedBlocks shared(output.blocks());
  struct Waiting {
    PageEntry* entry;
    const Bytes* page;
  };
  std::vector<Waiting> waiting;
  for (auto& section : stripes)
    for (StripePages& stripe : section)
      for (const SmallPage& small : stripe.small) waiting.push_back({&stripe.entries[small.entry], &small.bytes});
  std::stable_sort(waiting.begin(), waiting.end(),
                   [](const Waiting& a, const Waiting& b) { return a.page->size() > b.page->size(); });
  for (const Waiting& w : waiting) shared.place(*w.entry, *w.page);

  constexpr std::size_t kEntriesInPage = kBlockPayload / kPageEntrySize;
  for (std::size_t s = 0; s < sections.size(); ++s) {
    RunSection& section = sections[s];
    Bytes page;
    std::uint64_t first = 0;
    const auto finish_page = [&] {
      if (page.empty()) return;
      PageEntry entry{first, 0, 0, static_cast<std::uint16_t>(page.size() / kPageEntrySize)};
      shared.place(entry, page);
      section.directory.push_back(entry);
      page.clear();
    };
    for (const StripePages& stripe : stripes[s]) {
      section.items += stripe.items;
      section.bytes += stripe.bytes;
      section.pages += stripe.entries.size();
      for (const PageEntry& entry : stripe.entries) {
        if (page.empty()) first = entry.first;
        page.resize(page.size() + kPageEntrySize);
        store_page_entry(page.data() + page.size() - kPageEntrySize, entry);
        if (page.size() == kEntriesInPage * kPageEntrySize) finish_page();
      }
    }
    finish_page();
  }
  shared.write(output);
}

}  // namespace sidik
