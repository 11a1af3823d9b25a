// Elementwise operations with a factor in double precision, which tch leaves out.
#include <ATen/ops/add.h>
#include <ATen/ops/addcdiv.h>
#include <ATen/ops/addcmul.h>
#include <c10/core/GradMode.h>

#include "guard.h"

using trainer_torch::guarded;

extern "C" {

char* trainer_torch_add(const at::Tensor* left, const at::Tensor* right, double alpha, at::Tensor** sum) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    *sum = new at::Tensor(at::add(*left, *right, at::Scalar(alpha)));
  });
}

char* trainer_torch_add_(const at::Tensor* tensor, const at::Tensor* other, double alpha) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    tensor->add_(*other, at::Scalar(alpha));
  });
}

char* trainer_torch_addcmul_(
    const at::Tensor* tensor, const at::Tensor* left, const at::Tensor* right, double value) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    tensor->addcmul_(*left, *right, at::Scalar(value));
  });
}

char* trainer_torch_addcdiv_(
    const at::Tensor* tensor, const at::Tensor* left, const at::Tensor* right, double value) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    tensor->addcdiv_(*left, *right, at::Scalar(value));
  });
}

} // extern "C"
