// Seeds and states of libtorch's default generators. Device -1 is the CPU, others are CUDA devices.
#include <cstdint>
#include <cstring>
#include <mutex>

#include <ATen/Context.h>
#include <ATen/core/Generator.h>
#include <ATen/ops/empty.h>

#include "guard.h"

using trainer_torch::guarded;

namespace {

const at::Generator& generator(int device) {
  return at::globalContext().defaultGenerator(
      device < 0 ? at::Device(at::kCPU) : at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device)));
}

} // namespace

extern "C" {

char* trainer_torch_manual_seed(uint64_t seed) {
  return guarded([&] { at::manual_seed(seed); });
}

char* trainer_torch_initial_seed(uint64_t* seed) {
  return guarded([&] { *seed = generator(-1).current_seed(); });
}

// Gives an owned uint8 tensor in host memory.
char* trainer_torch_rng_get_state(int device, at::Tensor** state) {
  return guarded([&] {
    at::Generator current = generator(device);
    std::lock_guard<std::mutex> lock(current.mutex());
    *state = new at::Tensor(current.get_state());
  });
}

char* trainer_torch_rng_set_state(int device, const uint8_t* bytes, size_t count) {
  return guarded([&] {
    at::Tensor state = at::empty({static_cast<int64_t>(count)}, at::kByte);
    std::memcpy(state.mutable_data_ptr<uint8_t>(), bytes, count);
    at::Generator current = generator(device);
    std::lock_guard<std::mutex> lock(current.mutex());
    current.set_state(state);
  });
}

} // extern "C"
