// What libtorch was built with, and what it found on this machine.
#include <cstdint>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/headeronly/version.h>

#include "guard.h"

using trainer_torch::guarded;
using trainer_torch::message;

extern "C" {

// Releases what a function of the shim gave as text.
void trainer_torch_free(char* text) {
  ::free(text);
}

const char* trainer_torch_version() {
  return TORCH_VERSION;
}

char* trainer_torch_cpu_capability(char** text) {
  return guarded([&] { *text = message(at::get_cpu_capability().c_str()); });
}

char* trainer_torch_show_config(char** text) {
  return guarded([&] { *text = message(at::show_config().c_str()); });
}

char* trainer_torch_libraries(bool* mkl, bool* mkldnn) {
  return guarded([&] {
    *mkl = at::Context::hasMKL();
    *mkldnn = at::Context::hasMKLDNN();
  });
}

char* trainer_torch_get_num_threads(int* threads) {
  return guarded([&] { *threads = at::get_num_threads(); });
}

char* trainer_torch_set_num_threads(int threads) {
  return guarded([&] { at::set_num_threads(threads); });
}

} // extern "C"
