// The gradient slot of a leaf.
#include <ATen/core/Tensor.h>

#include "guard.h"

using trainer_torch::guarded;

extern "C" {

char* trainer_torch_grad_is_defined(const at::Tensor* tensor, bool* defined) {
  return guarded([&] { *defined = tensor->grad().defined(); });
}

// Gives an owned handle to the gradient, or null when there is none.
char* trainer_torch_grad_get(const at::Tensor* tensor, at::Tensor** grad) {
  return guarded([&] {
    const at::Tensor& current = tensor->grad();
    *grad = current.defined() ? new at::Tensor(current) : nullptr;
  });
}

// Puts `grad` into the slot; null empties it.
char* trainer_torch_grad_set(const at::Tensor* tensor, const at::Tensor* grad) {
  return guarded([&] {
    if (grad != nullptr) {
      TORCH_CHECK(tensor->sizes() == grad->sizes(), "the gradient has shape ", grad->sizes(), ", its tensor ",
          tensor->sizes());
      TORCH_CHECK(tensor->dtype() == grad->dtype(), "the gradient is ", grad->dtype(), ", its tensor ",
          tensor->dtype());
      TORCH_CHECK(tensor->device() == grad->device(), "the gradient is on ", grad->device(), ", its tensor on ",
          tensor->device());
    }
    at::Tensor& slot = tensor->mutable_grad();
    slot = grad == nullptr ? at::Tensor() : *grad;
  });
}

} // extern "C"
