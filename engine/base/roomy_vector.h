// Vectors for tens of megabytes that are filled once: nothing is set to zero before, and memory comes in large pages.
#pragma once

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace sidik {

/// `bytes` of memory, not set to anything; large pieces on large pages where the system has them. Throws
/// std::bad_alloc.
void* allocate_roomy(std::size_t bytes);
void free_roomy(void* memory, std::size_t bytes) noexcept;

/// Leaves elements that resize() adds as the memory had them: whoever resizes writes before it reads.
template <typename T>
struct RoomyAllocator {
  using value_type = T;
  RoomyAllocator() = default;
  template <typename Other>
  RoomyAllocator(const RoomyAllocator<Other>&) noexcept {}
  T* allocate(std::size_t n) { return static_cast<T*>(allocate_roomy(n * sizeof(T))); }
  void deallocate(T* memory, std::size_t n) noexcept { free_roomy(memory, n * sizeof(T)); }
  template <typename Element, typename... Arguments>
  void construct(Element* at, Arguments&&... arguments) {
    if constexpr (sizeof...(Arguments) == 0) {
      ::new (static_cast<void*>(at)) Element;
    } else {
      ::new (static_cast<void*>(at)) Element(std::forward<Arguments>(arguments)...);
    }
  }
  template <typename Other>
  bool operator==(const RoomyAllocator<Other>&) const noexcept {
    return true;
  }
};

/// For numbers and other plain types.
template <typename T>
using RoomyVector = std::vector<T, RoomyAllocator<T>>;

}  // namespace sidik
