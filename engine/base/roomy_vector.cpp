#include "base/roomy_vector.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <limits>

namespace sidik {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;
constexpr std::size_t kLarge = 2 * kLargePage;  // below it half a page in vain is too much

std::size_t whole_pages(std::size_t bytes) { return (bytes + kLargePage - 1) / kLargePage * kLargePage; }

/// Address space that begins with a large page, or null. What stands over on either side goes back.
void* map_large_pages(std::size_t bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() - 2 * kLargePage) return nullptr;
  const std::size_t wanted = whole_pages(bytes);
  void* const mapped = mmap(nullptr, wanted + kLargePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  const auto begin = reinterpret_cast<std::uintptr_t>(mapped);
  const std::size_t before = (kLargePage - begin % kLargePage) % kLargePage;
  char* const memory = static_cast<char*>(mapped) + before;
  if (before > 0) munmap(mapped, before);
  if (before < kLargePage) munmap(memory + wanted, kLargePage - before);
#ifdef MADV_HUGEPAGE
  madvise(memory, wanted, MADV_HUGEPAGE);
#endif
  return memory;
}

}  // namespace

void* allocate_roomy(std::size_t bytes) {
  void* const memory = bytes < kLarge ? std::malloc(bytes > 0 ? bytes : 1) : map_large_pages(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void free_roomy(void* memory, std::size_t bytes) noexcept {
  if (bytes < kLarge)
    std::free(memory);
  else
    munmap(memory, whole_pages(bytes));
}

}  // namespace sidik
