// Work on several threads, with the first exception carried back to the caller.
#pragma once

#include <cstddef>
#include <functional>

namespace sidik {

/// How many threads to use when the user names none: the processors that this process may run on, at least 1.
unsigned default_threads();

/// Runs `work(0) ... work(threads - 1)` at the same time, the last on the calling thread, and waits for all.
/// When some throw, the exception of the lowest-numbered one is thrown again after all have ended.
void run_on_threads(unsigned threads, const std::function<void(unsigned thread)>& work);

/// Calls `work(i)` for each i in [0, count), handed out one by one to `threads` threads. After an exception no further
/// index is handed out.
void parallel_for(unsigned threads, std::size_t count, const std::function<void(std::size_t index)>& work);

}  // namespace sidik
