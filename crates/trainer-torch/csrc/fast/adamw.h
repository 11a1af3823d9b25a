// A step of AdamW for all weights in one pass over their memory, and the scaling of all gradients in another.
#pragma once

#include <cmath>

#include "../alike.h"
#include "../tensors.h"
#include "../zero_pages.h"
#include "operation.h"

namespace trainer_torch {
namespace {

// Elements that a task takes.
constexpr int64_t PIECE = 1 << 15;

// Elements of a tensor: which, the first, how many, and whether its gradient may hold other numbers than zero there.
struct Piece {
  size_t tensor;
  int64_t begin, count;
  bool written;
};

inline void add_pieces(size_t tensor, int64_t begin, int64_t end, bool written, std::vector<Piece>& all) {
  for (int64_t at = begin; at < end; at += PIECE) {
    all.push_back({tensor, at, std::min(PIECE, end - at), written});
  }
}

// All elements, by what is known of the gradients.
inline std::vector<Piece> pieces(const std::vector<at::Tensor>& gradients) {
  std::vector<Piece> all;
  for (size_t tensor = 0; tensor < gradients.size(); ++tensor) {
    const at::Tensor& gradient = gradients[tensor];
    const ZeroPages* const known = known_rows(gradient);
    if (known == nullptr) {
      add_pieces(tensor, 0, gradient.numel(), true, all);
      continue;
    }
    const int64_t width = gradient.size(1);
    int64_t end = 0;
    for (const int64_t row : known->rows) {
      add_pieces(tensor, end, row * width, false, all);
      end = (row + 1) * width;
      add_pieces(tensor, row * width, end, true, all);
    }
    add_pieces(tensor, end, gradient.numel(), false, all);
  }
  return all;
}

inline void check_dense(const std::vector<at::Tensor>& tensors, const char* name) {
  for (const at::Tensor& tensor : tensors) {
    TORCH_CHECK(tensor.device().is_cpu() && tensor.dtype() == at::kFloat && tensor.is_non_overlapping_and_dense(), name,
        " is not float32 in host memory without gaps");
  }
}

// Where tensors lie that are about to be changed, but not in rows that are known to be zero.
inline std::vector<float*> starts(const std::vector<at::Tensor>& tensors) {
  std::vector<float*> all;
  for (const at::Tensor& tensor : tensors) {
    all.push_back(tensor.data_ptr<float>());
    ZeroPages* const known = known_rows(tensor);
    if (!tensor.is_inference()) {
      tensor.unsafeGetTensorImpl()->bump_version();
    }
    if (known != nullptr) {
      known->version = tensor._version();
    }
  }
  return all;
}

} // namespace
} // namespace trainer_torch

extern "C" {

char* trainer_torch_fast_adamw_(const at::Tensor* const* params, const at::Tensor* const* grads,
    const at::Tensor* const* exp_avgs, const at::Tensor* const* exp_avg_sqs, const at::Tensor* const* steps, size_t count,
    double lr, double beta1, double beta2, double weight_decay, double eps) {
  using namespace trainer_torch;
  return guarded([&] {
    const auto weights = tensors(params, count), gradients = tensors(grads, count), first = tensors(exp_avgs, count),
               second = tensors(exp_avg_sqs, count), taken = tensors(steps, count);
    check_dense(weights, "param");
    check_alike(weights, gradients, "grads");
    check_alike(weights, first, "exp_avgs");
    check_alike(weights, second, "exp_avg_sqs");
    check_steps(weights, taken);
    std::vector<AdamW> rules;
    for (const at::Tensor& step : taken) {
      const double number = *step.const_data_ptr<float>();
      rules.push_back({static_cast<float>(1 - lr * weight_decay), static_cast<float>(lr / (1 - std::pow(beta1, number))),
          static_cast<float>(std::sqrt(1 - std::pow(beta2, number))), static_cast<float>(eps), static_cast<float>(1 - beta1),
          static_cast<float>(beta2), static_cast<float>(1 - beta2)});
    }
    const auto all = pieces(gradients);
    const std::vector<float> zeros(PIECE);
    const auto param = starts(weights), exp_avg = starts(first), exp_avg_sq = starts(second);
    parallel(static_cast<int64_t>(all.size()), [&](int64_t index) {
      const auto [tensor, begin, elements, written] = all[index];
      kernels().adamw(rules[tensor], elements, param[tensor] + begin,
          written ? memory(gradients[tensor]) + begin : zeros.data(), exp_avg[tensor] + begin, exp_avg_sq[tensor] + begin);
    });
  });
}

char* trainer_torch_scale_(const at::Tensor* const* list, size_t count, float factor) {
  using namespace trainer_torch;
  return guarded([&] {
    TORCH_CHECK(std::isfinite(factor) && factor >= 0, "a factor of ", factor, " does not leave zeros as they are");
    const auto scaled = tensors(list, count);
    check_dense(scaled, "tensor");
    const auto all = pieces(scaled);
    const auto values = starts(scaled);
    parallel(static_cast<int64_t>(all.size()), [&](int64_t index) {
      const auto [tensor, begin, elements, written] = all[index];
      if (written) {
        kernels().scale(factor, elements, values[tensor] + begin);
      }
    });
  });
}

char* trainer_torch_zero_pages(const int64_t* sizes, size_t dimensions, at::Tensor** output) {
  return trainer_torch::guarded([&] {
    *output = new at::Tensor(trainer_torch::zero_pages(at::IntArrayRef(sizes, dimensions)));
  });
}

} // extern "C"
