// Work on the threads that libtorch's own operations run on.
#pragma once

#include <cstdint>
#include <functional>

namespace trainer_torch {

// Runs `task(0)` to `task(count - 1)`, each once, on as many threads as libtorch is set to, in any order. Tasks must not throw.
// Each thread begins with a part of its own, the same in every call with as many tasks and threads: what it wrote for the same rows may
// still lie in its core's cache.
void parallel(int64_t count, const std::function<void(int64_t)>& task);

} // namespace trainer_torch
