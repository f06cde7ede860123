#include "ingest/lent_source.h"

namespace sidik {
namespace {

class LentSource final : public ByteSource {
 public:
  explicit LentSource(ByteSource& source) : source_(source) {}
  std::size_t read(std::span<char> out) override { return source_.read(out); }
  std::string name() const override { return source_.name(); }
  std::uint64_t consumed() const override { return source_.consumed(); }
  std::uint64_t total() const override { return source_.total(); }

 private:
  ByteSource& source_;
};

}  // namespace

std::unique_ptr<ByteSource> lent_source(ByteSource& source) { return std::make_unique<LentSource>(source); }

}  // namespace sidik
