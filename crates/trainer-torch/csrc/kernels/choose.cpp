// Which table of kernels this processor takes.
#include "kernels.h"

#include <ATen/Version.h>
#include <ATen/cpu/Utils.h>
#include <cstdlib>
#include <string>

#include "../guard.h"

#ifdef TRAINER_BFLOAT16
#include <cpuid.h>
#endif

namespace trainer_torch {

#ifdef TRAINER_X86
namespace avx2 { extern const Kernels table; }
namespace avx512 { extern const Kernels table; }
#ifdef TRAINER_BFLOAT16
namespace amx { extern const TileKernels rounded, split; }
namespace avx512_bf16 { extern const TileKernels rounded; }
#endif
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

#ifdef TRAINER_BFLOAT16
namespace {

// CPUID's leaf 7, EDX.
bool has_amx_bfloat16() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (edx & (1u << 22)) != 0;
}

const TileKernels* choose() {
  const char* variable = std::getenv("ONEDNN_MAX_CPU_ISA");
  const std::string most = variable == nullptr ? "" : variable;
  const bool any = most.empty() || most == "DEFAULT" || most.find("AMX") != std::string::npos;
  if (&kernels() != &avx512::table) {
    return nullptr;
  }
  if (!__builtin_cpu_supports("avx512bf16")) {
    return nullptr;
  }
  if (any && has_amx_bfloat16() && at::cpu::init_amx()) {
    return &amx::rounded;
  }
  // Intel's cores take longer for the dot products than for those in float32: there they are taken only where they are named.
  const bool fast = most == "AVX512_CORE_BF16" || (any && __builtin_cpu_is("amd"));
  return fast ? &avx512_bf16::rounded : nullptr;
}

} // namespace

const TileKernels* rounded_kernels() {
  static const TileKernels* const chosen = choose();
  return chosen;
}

const TileKernels* split_kernels() {
  return rounded_kernels() == &amx::rounded ? &amx::split : nullptr;
}
#else
const TileKernels* rounded_kernels() {
  return nullptr;
}

const TileKernels* split_kernels() {
  return nullptr;
}
#endif

} // namespace trainer_torch

extern "C" {

char* trainer_torch_kernels(char** text) {
  return trainer_torch::guarded([&] {
    std::string names = trainer_torch::kernels().name;
    if (const auto* tiles = trainer_torch::rounded_kernels()) {
      names += std::string(", ") + tiles->name;
    }
    *text = trainer_torch::message(names.c_str());
  });
}

bool trainer_torch_has_bfloat16_products() {
  return trainer_torch::rounded_kernels() != nullptr;
}

} // extern "C"
