// Operations on lists of tensors, one kernel launch for many on a GPU.
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <c10/core/GradMode.h>

#include "guard.h"
#include "tensors.h"

using trainer_torch::guarded;
using trainer_torch::tensors;

namespace {
using Pointers = const at::Tensor* const*;
}

extern "C" {

char* trainer_torch_foreach_add_scalar_(Pointers list, size_t count, double value) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    at::_foreach_add_(tensors(list, count), at::Scalar(value));
  });
}

char* trainer_torch_foreach_mul_tensor_(Pointers list, size_t count, const at::Tensor* factor) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    at::_foreach_mul_(tensors(list, count), *factor);
  });
}

// Writes `count` owned tensors to `norms`, or none when it fails.
char* trainer_torch_foreach_norm(Pointers list, size_t count, double order, at::Tensor** norms) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    auto result = at::_foreach_norm(tensors(list, count), at::Scalar(order));
    for (size_t index = 0; index < count; ++index) {
      norms[index] = new at::Tensor(std::move(result.at(index)));
    }
  });
}

} // extern "C"
