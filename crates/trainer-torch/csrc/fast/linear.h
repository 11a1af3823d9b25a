// Linear layers, with GELU where it follows, as one operation with a backward of its own.
#pragma once

#include "../products.h"
#include "../tensors.h"
#include "operation.h"

namespace trainer_torch {
namespace {

// The columns of an output that a weight, [outputs, inputs], makes.
int64_t outputs(const at::Tensor& weight) {
  return weight.size(0);
}

// Of states [rows, inputs] to [rows, outputs]: input · weightᵀ + bias, of several weights side by side. All have a bias or none.
class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, at::TensorList weights,
      at::TensorList biases, bool gelu, bool recorded) {
    const int64_t rows = input.size(0), depth = input.size(1);
    const Factors type = factors();
    int64_t width = 0;
    for (const auto& weight : weights) {
      width += outputs(weight);
    }
    at::Tensor sums = at::empty({rows, width}, input.options());
    // GELU's gradient is one at the sums; where none will be asked for, GELU takes their place.
    at::Tensor activated = gelu && recorded ? at::empty({rows, width}, input.options()) : sums;
    int64_t column = 0;
    for (size_t index = 0; index < weights.size(); ++index) {
      const at::Tensor& weight = weights[index];
      const Matrix transposed{memory(weight), 1, depth};
      multiply(type, {memory(input), depth, 1}, transposed, sums.data_ptr<float>() + column, width, rows,
          outputs(weight), depth,
          {false, biases.empty() ? nullptr : memory(biases[index]), gelu ? activated.data_ptr<float>() : nullptr});
      column += outputs(weight);
    }
    variable_list saved(weights.begin(), weights.end());
    saved.push_back(input);
    if (gelu) {
      saved.push_back(sums);
    }
    context->save_for_backward(std::move(saved));
    context->saved_data["gelu"] = gelu;
    context->saved_data["factors"] = static_cast<int64_t>(type);
    context->saved_data["biases"] = !biases.empty();
    context->saved_data["weights"] = static_cast<int64_t>(weights.size());
    return activated;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const auto count = static_cast<size_t>(context->saved_data["weights"].toInt());
    const at::Tensor& input = saved[count];
    at::Tensor gradient = gradients[0].contiguous();
    if (context->saved_data["gelu"].toBool()) {
      gradient = gelu_gradient(saved[count + 1], gradient);
    }
    const int64_t rows = input.size(0), depth = input.size(1), width = gradient.size(1);
    const bool biases = context->saved_data["biases"].toBool();
    const auto type = static_cast<Factors>(context->saved_data["factors"].toInt());
    variable_list result((biases ? 2 : 1) * count + 3);
    if (context->needs_input_grad(0)) {
      result[0] = at::empty_like(input);
    }
    int64_t column = 0;
    for (size_t index = 0; index < count; ++index) {
      const at::Tensor& weight = saved[index];
      const Matrix part{memory(gradient) + column, width, 1};
      if (result[0].defined()) {
        multiply(type, part, {memory(weight), depth, 1}, result[0].data_ptr<float>(), depth, rows, depth,
            outputs(weight), {index > 0});
      }
      if (context->needs_input_grad(1 + index)) {
        result[1 + index] = at::empty_like(weight);
        multiply(type, part.transposed(), {memory(input), depth, 1}, result[1 + index].data_ptr<float>(), depth,
            outputs(weight), depth, rows);
      }
      if (biases && context->needs_input_grad(1 + count + index)) {
        result[1 + count + index] = at::empty({outputs(weight)}, weight.options());
        sum_rows(part, rows, outputs(weight), result[1 + count + index].data_ptr<float>());
      }
      column += outputs(weight);
    }
    return result;
  }

 private:
  static at::Tensor gelu_gradient(const at::Tensor& sums, const at::Tensor& gradient) {
    at::Tensor result = at::empty_like(gradient);
    const float *from = memory(sums), *outer = memory(gradient);
    float* to = result.data_ptr<float>();
    const int64_t rows = sums.size(0), width = sums.size(1);
    parallel(blocks(rows), [&](int64_t block) {
      const int64_t first = block * BLOCK * width, count = std::min(rows - block * BLOCK, BLOCK) * width;
      kernels().gelu_gradient(from + first, outer + first, to + first, count);
    });
    return result;
  }
};

} // namespace
} // namespace trainer_torch

extern "C" {

// `biases` has as many tensors, or is null.
char* trainer_torch_linear(const at::Tensor* input, const at::Tensor* const* weights, const at::Tensor* const* biases,
    size_t count, bool gelu, at::Tensor** output) {
  return trainer_torch::guarded([&] {
    TORCH_CHECK(count > 0 && (count == 1 || !gelu), "GELU follows one weight, not ", count);
    const auto all = trainer_torch::tensors(weights, count);
    const int64_t depth = all[0].dim() == 2 ? all[0].size(1) : -1;
    const auto offsets = trainer_torch::tensors(biases, biases == nullptr ? 0 : count);
    for (size_t index = 0; index < count; ++index) {
      trainer_torch::check_rows(all[index], depth, "weight");
      TORCH_CHECK(all[index].numel() > 0, "weight of shape ", all[index].sizes(), ": nothing to multiply");
      if (!offsets.empty()) {
        trainer_torch::check_vector(offsets[index], all[index].size(0), "bias");
      }
    }
    const at::Tensor rows = trainer_torch::as_rows(*input, depth, "input");
    TORCH_CHECK(rows.numel() > 0, "input of shape ", input->sizes(), ": nothing to multiply");
    const at::Tensor sums = trainer_torch::LinearFunction::apply(rows, at::TensorList(all), at::TensorList(offsets), gelu,
        trainer_torch::is_recorded({rows, all, offsets}));
    auto shape = input->sizes().vec();
    shape.back() = sums.size(1);
    *output = new at::Tensor(sums.view(shape));
  });
}

} // extern "C"
