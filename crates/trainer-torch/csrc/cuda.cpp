// What libtorch says about CUDA through its hooks, which work whether or not its CUDA library is loaded.
#include <cstdint>

#include <ATen/detail/CUDAHooksInterface.h>

#include "guard.h"

using trainer_torch::guarded;

extern "C" {

char* trainer_torch_cuda_status(bool* has_cuda, int64_t* device_count) {
  return guarded([&] {
    const auto& hooks = at::detail::getCUDAHooks();
    *has_cuda = hooks.hasCUDA();
    *device_count = hooks.getNumGPUs();
  });
}

// Gives a message that the caller releases, as errors are.
char* trainer_torch_cuda_config(char** config) {
  return guarded([&] { *config = trainer_torch::message(at::detail::getCUDAHooks().showConfig().c_str()); });
}

} // extern "C"
