// libtorch's headers run loops on OpenMP only where they are compiled with it, which would bring a second OpenMP runtime into the
// process beside libtorch's own. The one that libtorch has loaded is called by its entry points; where that is not GNU's, as on macOS,
// work stays on one thread.
#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <dlfcn.h>
#include <vector>

#include <ATen/Parallel.h>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace trainer_torch {

namespace {

using Region = void (*)(void*);
using RunRegion = void (*)(Region, void*, unsigned, unsigned);

// Tasks that a thread begins with, and others go on with when they have none of their own left.
struct alignas(64) Share {
  std::atomic<int64_t> next{0};
  int64_t end = 0;
};

struct Loop {
  const std::function<void(int64_t)>& task;
  std::vector<Share> shares;
  // Points that threads wait for.
  char begin = 0, end = 0;
};

// ThreadSanitizer does not see how threads of a runtime wait for each other that is not compiled with it: it is told.
void reached([[maybe_unused]] void* point) {
#ifdef __SANITIZE_THREAD__
  __tsan_release(point);
#endif
}

void waited_for([[maybe_unused]] void* point) {
#ifdef __SANITIZE_THREAD__
  __tsan_acquire(point);
#endif
}

void run_tasks(void* pointer) {
  static const auto thread_number = reinterpret_cast<int (*)()>(::dlsym(RTLD_DEFAULT, "omp_get_thread_num"));
  Loop& loop = *static_cast<Loop*>(pointer);
  waited_for(&loop.begin);
  const size_t own = loop.shares.size() > 1 && thread_number != nullptr ? static_cast<size_t>(thread_number()) : 0;
  for (size_t other = 0; other < loop.shares.size(); ++other) {
    Share& share = loop.shares[(own + other) % loop.shares.size()];
    if (share.next.load(std::memory_order_relaxed) >= share.end) {
      continue;
    }
    // Relaxed: a task needs nothing that another has written, and the region waits for all of them.
    const auto take = [&] { return share.next.fetch_add(1, std::memory_order_relaxed); };
    for (int64_t at = take(); at < share.end; at = take()) {
      loop.task(at);
    }
  }
  reached(&loop.end);
}

} // namespace

void parallel(int64_t count, const std::function<void(int64_t)>& task) {
  static const auto run_region = reinterpret_cast<RunRegion>(::dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  const int64_t most = run_region == nullptr || at::in_parallel_region() ? 1 : at::get_num_threads();
  const int64_t threads = std::max<int64_t>(1, std::min(count, most));
  Loop loop{task, std::vector<Share>(static_cast<size_t>(threads))};
  for (int64_t at = 0; at < threads; ++at) {
    loop.shares[static_cast<size_t>(at)].next = at * count / threads;
    loop.shares[static_cast<size_t>(at)].end = (at + 1) * count / threads;
  }
  if (threads == 1) {
    run_tasks(&loop);
  } else {
    reached(&loop.begin);
    run_region(run_tasks, &loop, static_cast<unsigned>(threads), 0);
    waited_for(&loop.end);
  }
}

} // namespace trainer_torch
