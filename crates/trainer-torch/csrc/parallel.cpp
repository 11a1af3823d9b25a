// libtorch's headers run loops on OpenMP only where they are compiled with it, which would bring a second OpenMP runtime into the
// process beside libtorch's own. The one that libtorch has loaded is called by its entry points; where that is not GNU's, as on macOS,
// work stays on one thread.
#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <dlfcn.h>

#include <ATen/Parallel.h>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace trainer_torch {

namespace {

using Region = void (*)(void*);
using RunRegion = void (*)(Region, void*, unsigned, unsigned);

struct Loop {
  int64_t count;
  const std::function<void(int64_t)>& task;
  std::atomic<int64_t> next{0};
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
  Loop& loop = *static_cast<Loop*>(pointer);
  waited_for(&loop.begin);
  // Relaxed: a task needs nothing that another has written, and the region waits for all of them.
  const auto take = [&] { return loop.next.fetch_add(1, std::memory_order_relaxed); };
  for (int64_t at = take(); at < loop.count; at = take()) {
    loop.task(at);
  }
  reached(&loop.end);
}

} // namespace

void parallel(int64_t count, const std::function<void(int64_t)>& task) {
  static const auto run_region = reinterpret_cast<RunRegion>(::dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  Loop loop{count, task};
  const auto threads = std::min<int64_t>(count, at::get_num_threads());
  if (run_region == nullptr || threads < 2 || at::in_parallel_region()) {
    run_tasks(&loop);
  } else {
    reached(&loop.begin);
    run_region(run_tasks, &loop, static_cast<unsigned>(threads), 0);
    waited_for(&loop.end);
  }
}

} // namespace trainer_torch
