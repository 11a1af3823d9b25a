// What the fused operations share: autograd, and what they ask of their tensors, since they walk over raw memory.
#pragma once

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <initializer_list>

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>

#include "../guard.h"
#include "../kernels/kernels.h"
#include "../parallel.h"

namespace trainer_torch {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows that a task takes where the work is a pass over memory; sums over rows are added up over blocks of as many, in order.
constexpr int64_t BLOCK = 32;

inline int64_t blocks(int64_t rows) {
  return (rows + BLOCK - 1) / BLOCK;
}

inline void check_memory(const at::Tensor& tensor, const char* name) {
  TORCH_CHECK(tensor.device().is_cpu() && tensor.dtype() == at::kFloat && tensor.is_contiguous(), name,
      " is not float32 in host memory without gaps");
}

// [any, width].
inline void check_rows(const at::Tensor& tensor, int64_t width, const char* name) {
  check_memory(tensor, name);
  TORCH_CHECK(tensor.dim() == 2 && tensor.size(1) == width, name, " of shape ", tensor.sizes(), " is not [any, ", width,
      "]");
}

inline void check_vector(const at::Tensor& tensor, int64_t width, const char* name) {
  check_memory(tensor, name);
  TORCH_CHECK(tensor.dim() == 1 && tensor.size(0) == width, name, " of shape ", tensor.sizes(), " is not [", width, "]");
}

// [any, width], of a tensor whose last dimension is `width`.
inline at::Tensor as_rows(const at::Tensor& tensor, int64_t width, const char* name) {
  TORCH_CHECK(tensor.dim() > 0 && width > 0 && tensor.size(-1) == width, name, " of shape ", tensor.sizes(),
      " does not end in ", width);
  const at::Tensor rows = tensor.reshape({-1, width}).contiguous();
  check_memory(rows, name);
  return rows;
}

inline const float* memory(const at::Tensor& tensor) {
  return tensor.const_data_ptr<float>();
}

// Whether autograd will record an operation on these tensors: a backward pass may come, and needs what is kept for it.
inline bool is_recorded(std::initializer_list<at::TensorList> lists) {
  const auto asks = [](const at::Tensor& tensor) { return tensor.requires_grad(); };
  return at::GradMode::is_enabled() && std::any_of(lists.begin(), lists.end(), [&](at::TensorList list) {
    return std::any_of(list.begin(), list.end(), asks);
  });
}

// What backward needs of the forward pass's dropout, whose mask is empty where nothing was dropped.
inline Dropout dropout_of(AutogradContext* context, const at::Tensor& mask) {
  return {0, mask.numel() > 0 ? 1u : 0u, static_cast<float>(context->saved_data["scale"].toDouble())};
}

inline uint64_t* words(const at::Tensor& mask) {
  return reinterpret_cast<uint64_t*>(mask.data_ptr<int64_t>());
}

} // namespace trainer_torch
