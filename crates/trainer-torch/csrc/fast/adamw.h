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

// Elements of a tensor: which, the first and how many.
struct Piece {
  size_t tensor;
  int64_t begin, count;
  // Whether the gradient may hold other numbers than zero there, and whether moments may.
  bool has_gradient, has_moments;
};

// What is known of a row.
enum Mark : uint8_t { NONE = 0, HAS_GRADIENT = 1, HAS_MOMENTS = 2 };

inline void add_pieces(Piece piece, int64_t end, std::vector<Piece>& all) {
  for (; piece.begin < end; piece.begin += PIECE) {
    piece.count = std::min(PIECE, end - piece.begin);
    all.push_back(piece);
  }
}

// The elements that are not known to be zero.
inline std::vector<Piece> written_pieces(const std::vector<at::Tensor>& list) {
  std::vector<Piece> all;
  for (size_t tensor = 0; tensor < list.size(); ++tensor) {
    const ZeroPages* const known = known_rows(list[tensor]);
    if (known == nullptr) {
      add_pieces({tensor, 0, 0, true, true}, list[tensor].numel(), all);
      continue;
    }
    const int64_t width = list[tensor].size(1);
    for (const int64_t row : known->rows) {
      add_pieces({tensor, row * width, 0, true, true}, (row + 1) * width, all);
    }
  }
  return all;
}

inline void mark_rows(const std::vector<int64_t>& rows, Mark mark, std::vector<uint8_t>& marks) {
  for (const int64_t row : rows) {
    marks[static_cast<size_t>(row)] |= mark;
  }
}

// The elements of one weight that a step changes, by what is known of gradient and moments, and what is known of the moments after it:
// rows with neither stay as they are, or are shrunk alone where weights decay.
inline void add_step(size_t tensor, const at::Tensor& gradient, ZeroPages* first, ZeroPages* second, bool decays,
    std::vector<Piece>& all) {
  if (first == nullptr || second == nullptr) {
    for (ZeroPages* const moment : {first, second}) {
      if (moment != nullptr) {
        moment->knows_rows = false;
      }
    }
    add_pieces({tensor, 0, 0, true, true}, gradient.numel(), all);
    return;
  }
  const ZeroPages* const known = known_rows(gradient);
  const int64_t rows = gradient.size(0), width = gradient.size(1);
  std::vector<uint8_t> marks(static_cast<size_t>(rows), known == nullptr ? HAS_GRADIENT : NONE);
  if (known != nullptr) {
    mark_rows(known->rows, HAS_GRADIENT, marks);
  }
  mark_rows(first->rows, HAS_MOMENTS, marks);
  mark_rows(second->rows, HAS_MOMENTS, marks);
  std::vector<int64_t> stepped;
  for (int64_t row = 0; row < rows;) {
    const uint8_t mark = marks[static_cast<size_t>(row)];
    const int64_t begin = row;
    for (; row < rows && marks[static_cast<size_t>(row)] == mark; ++row) {
      if (mark != NONE) {
        stepped.push_back(row);
      }
    }
    if (mark != NONE || decays) {
      add_pieces({tensor, begin * width, 0, (mark & HAS_GRADIENT) != 0, (mark & HAS_MOMENTS) != 0}, row * width, all);
    }
  }
  first->rows = stepped;
  second->rows = std::move(stepped);
}

inline void check_dense(const std::vector<at::Tensor>& tensors, const char* name) {
  for (const at::Tensor& tensor : tensors) {
    TORCH_CHECK(tensor.device().is_cpu() && tensor.dtype() == at::kFloat && tensor.is_non_overlapping_and_dense(), name,
        " is not float32 in host memory without gaps");
  }
}

// Where tensors lie that are about to be changed. What is known of their rows is kept where it stays true.
inline std::vector<float*> starts(const std::vector<at::Tensor>& tensors, bool stays_known) {
  std::vector<float*> all;
  for (const at::Tensor& tensor : tensors) {
    all.push_back(tensor.data_ptr<float>());
    ZeroPages* const known = stays_known ? known_rows(tensor) : nullptr;
    bump_version(tensor);
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
    std::vector<Piece> all;
    for (size_t tensor = 0; tensor < count; ++tensor) {
      add_step(tensor, gradients[tensor], known_rows(first[tensor]), known_rows(second[tensor]), weight_decay != 0, all);
    }
    const std::vector<float> zeros(PIECE);
    const auto param = starts(weights, false), exp_avg = starts(first, true), exp_avg_sq = starts(second, true);
    parallel(static_cast<int64_t>(all.size()), [&](int64_t index) {
      const auto [tensor, begin, elements, has_gradient, has_moments] = all[index];
      kernels().adamw(rules[tensor], elements, param[tensor] + begin,
          has_gradient ? memory(gradients[tensor]) + begin : zeros.data(), exp_avg[tensor] + begin,
          exp_avg_sq[tensor] + begin, has_moments);
    });
  });
}

char* trainer_torch_scale_(const at::Tensor* const* list, size_t count, float factor) {
  using namespace trainer_torch;
  return guarded([&] {
    TORCH_CHECK(std::isfinite(factor) && factor >= 0, "a factor of ", factor, " does not leave zeros as they are");
    const auto scaled = tensors(list, count);
    check_dense(scaled, "tensor");
    const auto all = written_pieces(scaled);
    const auto values = starts(scaled, true);
    parallel(static_cast<int64_t>(all.size()), [&](int64_t index) {
      const Piece& piece = all[index];
      kernels().scale(factor, piece.count, values[piece.tensor] + piece.begin);
    });
  });
}

// Whether the tensor's elements lie in host memory, one behind the other and as they read; if so, they count as written to.
char* trainer_torch_write_bytes(const at::Tensor* tensor, bool* writable) {
  return trainer_torch::guarded([&] {
    *writable = tensor->layout() == at::kStrided && tensor->is_cpu() && tensor->is_contiguous() && !tensor->is_neg();
    if (*writable) {
      trainer_torch::bump_version(*tensor);
    }
  });
}

char* trainer_torch_zero_pages(const int64_t* sizes, size_t dimensions, at::Tensor** output) {
  return trainer_torch::guarded([&] {
    *output = new at::Tensor(trainer_torch::zero_pages(at::IntArrayRef(sizes, dimensions)));
  });
}

} // extern "C"
