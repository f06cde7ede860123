#include "base/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace sidik {

unsigned default_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  return std::max(1U, std::thread::hardware_concurrency());
}

void run_on_threads(unsigned threads, const std::function<void(unsigned)>& work) {
  threads = std::max(1U, threads);
  std::vector<std::exception_ptr> failures(threads);
  const auto guarded = [&](unsigned thread) {
    try {
      work(thread);
    } catch (...) {
      failures[thread] = std::current_exception();
    }
  };
  std::vector<std::jthread> others;
  others.reserve(threads - 1);
  for (unsigned i = 0; i + 1 < threads; ++i) others.emplace_back(guarded, i);
  guarded(threads - 1);
  others.clear();
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

void parallel_for(unsigned threads, std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  const unsigned useful = static_cast<unsigned>(std::min<std::size_t>(threads, std::max<std::size_t>(1, count)));
  run_on_threads(useful, [&](unsigned) {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      throw;
    }
  });
}

}  // namespace sidik
