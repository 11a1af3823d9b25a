// What libtorch says about CUDA through its hooks, which work whether or not its CUDA library is loaded, and how it uses it.
#include <cstdint>

#include <ATen/Context.h>
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

// `torch.backends.fp32_precision = "tf32"`, or `"ieee"`.
char* trainer_torch_cuda_allow_tf32(bool allow) {
  return guarded([&] {
    at::globalContext().setFloat32Precision(
        at::Float32Backend::GENERIC,
        at::Float32Op::ALL,
        allow ? at::Float32Precision::TF32 : at::Float32Precision::IEEE);
  });
}

} // extern "C"
