// Which table of kernels this processor takes.
#include "kernels.h"

#include <ATen/Version.h>
#include <string>

#include "../guard.h"

namespace trainer_torch {

#ifdef TRAINER_X86
namespace avx2 { extern const Kernels table; }
namespace avx512 { extern const Kernels table; }
#endif
namespace plain { extern const Kernels table; }

const Kernels& kernels() {
#ifdef TRAINER_X86
  static const Kernels& chosen = [&]() -> const Kernels& {
    const std::string capability = at::get_cpu_capability();
    if (capability == "AVX512") {
      return avx512::table;
    }
    return capability == "AVX2" ? avx2::table : plain::table;
  }();
  return chosen;
#else
  return plain::table;
#endif
}

} // namespace trainer_torch

extern "C" char* trainer_torch_kernels(char** text) {
  return trainer_torch::guarded([&] { *text = trainer_torch::message(trainer_torch::kernels().name); });
}
