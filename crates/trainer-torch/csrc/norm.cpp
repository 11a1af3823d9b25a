// The vector norm, which tch leaves out.
#include <ATen/ops/linalg_vector_norm.h>
#include <c10/core/GradMode.h>

#include "guard.h"

using trainer_torch::guarded;

extern "C" {

char* trainer_torch_vector_norm(const at::Tensor* tensor, double order, at::Tensor** norm) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    *norm = new at::Tensor(at::linalg_vector_norm(*tensor, at::Scalar(order)));
  });
}

} // extern "C"
