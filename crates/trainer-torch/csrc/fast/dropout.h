// Dropout by a counter-based generator, as one operation with a backward of its own.
#pragma once

#include "operation.h"

namespace trainer_torch {
namespace {

class DropoutFunction : public torch::autograd::Function<DropoutFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, Dropout dropout) {
    const int64_t rows = input.size(0), width = input.size(1);
    at::Tensor mask = at::empty({rows * mask_words(width)}, at::kLong);
    context->save_for_backward({mask});
    context->saved_data["scale"] = static_cast<double>(dropout.scale);
    return run(dropout, input, words(mask), nullptr);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Dropout dropout = dropout_of(context, saved[0]);
    return {run(dropout, gradients[0].contiguous(), nullptr, words(saved[0])), at::Tensor()};
  }

 private:
  static at::Tensor run(
      Dropout dropout, const at::Tensor& input, uint64_t* mask_out, const uint64_t* mask) {
    at::Tensor out = at::empty_like(input);
    const int64_t rows = input.size(0), width = input.size(1);
    const float* from = memory(input);
    float* to = out.data_ptr<float>();
    parallel(blocks(rows), [&](int64_t block) {
      kernels().dropout(
          dropout, from, to, width, block * BLOCK, std::min(rows, (block + 1) * BLOCK), mask_out, mask);
    });
    return out;
  }
};

} // namespace
} // namespace trainer_torch

extern "C" {

char* trainer_torch_dropout(
    const at::Tensor* input, uint64_t key, uint32_t threshold, float scale, at::Tensor** output) {
  return trainer_torch::guarded([&] {
    const at::Tensor rows = trainer_torch::as_rows(*input, input->dim() > 0 ? input->size(-1) : 0, "input");
    const trainer_torch::Dropout dropout{key, threshold, scale};
    *output = new at::Tensor(trainer_torch::DropoutFunction::apply(rows, dropout).view(input->sizes()));
  });
}

} // extern "C"
