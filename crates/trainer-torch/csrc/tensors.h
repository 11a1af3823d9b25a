#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

namespace trainer_torch {

// Handles to the tensors behind `count` pointers.
inline std::vector<at::Tensor> tensors(const at::Tensor* const* pointers, size_t count) {
  std::vector<at::Tensor> list;
  list.reserve(count);
  for (size_t index = 0; index < count; ++index) {
    list.push_back(*pointers[index]);
  }
  return list;
}

inline std::optional<at::Tensor> optional_tensor(const at::Tensor* pointer) {
  return pointer == nullptr ? std::nullopt : std::optional<at::Tensor>(*pointer);
}

// To be told of a tensor that is written to by other ways than libtorch's operations that count it: autograd refuses a backward pass that
// needs what was there, and what is known of rows (zero_pages.h) is known no longer.
inline void bump_version(const at::Tensor& tensor) {
  if (!tensor.is_inference()) {
    tensor.unsafeGetTensorImpl()->bump_version();
  }
}

inline void bump_versions(const std::vector<at::Tensor>& list) {
  for (const at::Tensor& tensor : list) {
    bump_version(tensor);
  }
}

} // namespace trainer_torch
