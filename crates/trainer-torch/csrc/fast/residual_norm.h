// Dropout, residual and layer norm as one operation with a backward of its own.
#pragma once

#include "operation.h"

namespace trainer_torch {
namespace {

class ResidualNormFunction : public torch::autograd::Function<ResidualNormFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, const at::Tensor& residual,
      const at::Tensor& weight, const at::Tensor& bias, double eps, Dropout dropout, bool recorded) {
    const int64_t rows = input.size(0), width = input.size(1);
    at::Tensor out = at::empty_like(input), normalised = recorded ? at::empty_like(input) : out,
               deviation = at::empty({rows}, input.options()),
               mask = at::empty({dropout.drops() ? rows * mask_words(width) : 0}, at::kLong);
    const ResidualNorm norm{width, static_cast<float>(eps), dropout, memory(input), memory(residual),
        memory(weight), memory(bias), out.data_ptr<float>(), normalised.data_ptr<float>(),
        deviation.data_ptr<float>(), words(mask)};
    parallel(blocks(rows), [&](int64_t block) {
      kernels().residual_norm(norm, block * BLOCK, std::min(rows, (block + 1) * BLOCK));
    });
    context->save_for_backward({weight, normalised, deviation, mask});
    context->saved_data["scale"] = static_cast<double>(dropout.scale);
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &weight = saved[0], &normalised = saved[1], &mask = saved[3];
    const at::Tensor gradient = gradients[0].contiguous();
    const int64_t rows = gradient.size(0), width = gradient.size(1);
    const Dropout dropout = dropout_of(context, mask);
    at::Tensor grad_residual = at::empty_like(gradient), grad_input = at::empty_like(gradient);
    const ResidualNormGradient norm{width, dropout, memory(gradient), memory(weight), memory(normalised),
        memory(saved[2]), words(mask), grad_input.data_ptr<float>(), grad_residual.data_ptr<float>()};
    const int64_t parts = blocks(rows);
    at::Tensor sums = at::zeros({parts, 2, width}, weight.options());
    float* sum = sums.data_ptr<float>();
    parallel(parts, [&](int64_t block) {
      float* grad_weight = sum + block * 2 * width;
      kernels().residual_norm_gradient(
          norm, block * BLOCK, std::min(rows, (block + 1) * BLOCK), grad_weight, grad_weight + width);
    });
    at::Tensor grads = at::zeros({2, width}, weight.options());
    kernels().add_rows(sum, 2 * width, 2 * width, 0, parts, grads.data_ptr<float>());
    return {grad_input, grad_residual, grads[0], grads[1], at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

} // namespace
} // namespace trainer_torch

extern "C" {

char* trainer_torch_residual_norm(const at::Tensor* input, const at::Tensor* residual, const at::Tensor* weight,
    const at::Tensor* bias, double eps, uint64_t key, uint32_t threshold, float scale, at::Tensor** output) {
  return trainer_torch::guarded([&] {
    const int64_t width = weight->numel();
    trainer_torch::check_vector(*weight, width, "weight");
    trainer_torch::check_vector(*bias, width, "bias");
    const at::Tensor rows = trainer_torch::as_rows(*input, width, "input"),
                     others = trainer_torch::as_rows(*residual, width, "residual");
    TORCH_CHECK(input->sizes() == residual->sizes(), "input of shape ", input->sizes(), ", residual of shape ",
        residual->sizes());
    const trainer_torch::Dropout dropout{key, threshold, scale};
    *output = new at::Tensor(
        trainer_torch::ResidualNormFunction::apply(rows, others, *weight, *bias, eps, dropout,
            trainer_torch::is_recorded({rows, others, *weight, *bias}))
            .view(input->sizes()));
  });
}

} // extern "C"
