// libtorch's headers run loops on OpenMP only where they are compiled with it, which would bring a second OpenMP runtime into the
// process beside libtorch's own. The one that libtorch has loaded is called by its entry points; where that is not GNU's, as on macOS,
// work stays on one thread.
#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <dlfcn.h>

#include <ATen/Parallel.h>

namespace trainer_torch {

namespace {

using Region = void (*)(void*);
using RunRegion = void (*)(Region, void*, unsigned, unsigned);

struct Loop {
  int64_t count;
  const std::function<void(int64_t)>& task;
  std::atomic<int64_t> next{0};
};

void run_tasks(void* pointer) {
  Loop& loop = *static_cast<Loop*>(pointer);
  for (int64_t at = loop.next.fetch_add(1); at < loop.count; at = loop.next.fetch_add(1)) {
    loop.task(at);
  }
}

} // namespace

void parallel(int64_t count, const std::function<void(int64_t)>& task) {
  static const auto run_region = reinterpret_cast<RunRegion>(::dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  Loop loop{count, task};
  const auto threads = std::min<int64_t>(count, at::get_num_threads());
  if (run_region == nullptr || threads < 2 || at::in_parallel_region()) {
    run_tasks(&loop);
  } else {
    run_region(run_tasks, &loop, static_cast<unsigned>(threads), 0);
  }
}

} // namespace trainer_torch
