#include "base/roomy_vector.h"

#include <sys/mman.h>

#include <cstdlib>

namespace sidik {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;
constexpr std::size_t kLarge = 2 * kLargePage;  // below it half a page in vain is too much

}  // namespace

void* allocate_roomy(std::size_t bytes) {
  void* memory = nullptr;
  if (bytes < kLarge) {
    memory = std::malloc(bytes > 0 ? bytes : 1);
  } else {
    const std::size_t whole = (bytes + kLargePage - 1) / kLargePage * kLargePage;
    if (whole >= bytes) memory = std::aligned_alloc(kLargePage, whole);
#ifdef MADV_HUGEPAGE
    if (memory != nullptr) madvise(memory, whole, MADV_HUGEPAGE);
#endif
  }
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void free_roomy(void* memory) noexcept { std::free(memory); }

}  // namespace sidik
