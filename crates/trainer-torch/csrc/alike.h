// What kernels that walk over raw memory ask of the tensors beside a weight.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace trainer_torch {

// Whether two tensors have their elements in the same order in memory, without gaps. Axes of one element lie anywhere.
inline bool alike(const at::Tensor& one, const at::Tensor& other) {
  if (one.sizes() != other.sizes()) {
    return false;
  }
  for (int64_t axis = 0; axis < one.dim(); ++axis) {
    if (one.size(axis) > 1 && one.stride(axis) != other.stride(axis)) {
      return false;
    }
  }
  return one.is_non_overlapping_and_dense();
}

// The CPU's kernels walk over raw memory, as many elements as a weight has, and check nothing.
inline void check_alike(const std::vector<at::Tensor>& weights, const std::vector<at::Tensor>& others, const char* name) {
  for (size_t index = 0; index < others.size(); ++index) {
    const at::Tensor &weight = weights[index], &other = others[index];
    TORCH_CHECK(alike(weight, other) && weight.dtype() == other.dtype() && weight.device() == other.device(), name, "[",
        index, "] of shape ", other.sizes(), " does not lie in memory as the weight of shape ", weight.sizes(), " does");
  }
}

inline void check_steps(const std::vector<at::Tensor>& weights, const std::vector<at::Tensor>& steps) {
  for (size_t index = 0; index < steps.size(); ++index) {
    const at::Tensor& step = steps[index];
    TORCH_CHECK(step.dim() == 0 && step.dtype() == at::kFloat && step.device() == weights[index].device(), "steps[",
        index, "] of shape ", step.sizes(), " is not one float32 on the device of its weight");
  }
}

} // namespace trainer_torch
