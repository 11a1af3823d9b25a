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

} // namespace trainer_torch
