// The state that torch.autocast sets, of the calling thread.
#include <ATen/autocast_mode.h>

#include "guard.h"

using trainer_torch::guarded;

namespace {

// What stood before, as `trainer_torch::autocast` keeps it.
struct State {
  bool enabled;
  bool cache_enabled;
  int8_t dtype;
};

c10::DeviceType device_type(bool cuda) {
  return cuda ? c10::DeviceType::CUDA : c10::DeviceType::CPU;
}

} // namespace

extern "C" {

// `torch.autocast(...).__enter__()`, with half precision if `half` says so, else bfloat16.
char* trainer_torch_autocast_enter(bool cuda, bool half, State* before) {
  return guarded([&] {
    const auto device = device_type(cuda);
    *before = {
        at::autocast::is_autocast_enabled(device),
        at::autocast::is_autocast_cache_enabled(),
        static_cast<int8_t>(at::autocast::get_autocast_dtype(device)),
    };
    at::autocast::set_autocast_enabled(device, true);
    at::autocast::set_autocast_dtype(device, half ? at::kHalf : at::kBFloat16);
    at::autocast::increment_nesting();
    at::autocast::set_autocast_cache_enabled(true);
  });
}

// `torch.autocast(...).__exit__()`: the weights that were cast are kept until the outermost ends.
char* trainer_torch_autocast_exit(bool cuda, const State* before) {
  return guarded([&] {
    const auto device = device_type(cuda);
    if (at::autocast::decrement_nesting() == 0) {
      at::autocast::clear_cache();
    }
    at::autocast::set_autocast_enabled(device, before->enabled);
    at::autocast::set_autocast_dtype(device, static_cast<at::ScalarType>(before->dtype));
    at::autocast::set_autocast_cache_enabled(before->cache_enabled);
  });
}

bool trainer_torch_autocast_is_enabled(bool cuda) {
  return at::autocast::is_autocast_enabled(device_type(cuda));
}

} // extern "C"
