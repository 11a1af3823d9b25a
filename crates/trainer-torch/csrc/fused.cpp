// The fused optimizer steps: one kernel call for all tensors, which counts none of them as written to.
#include <ATen/ops/_fused_adagrad.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <c10/core/GradMode.h>

#include "alike.h"
#include "guard.h"
#include "tensors.h"

using trainer_torch::bump_versions;
using trainer_torch::check_alike;
using trainer_torch::check_steps;
using trainer_torch::guarded;
using trainer_torch::optional_tensor;
using trainer_torch::tensors;

namespace {

using Pointers = const at::Tensor* const*;

} // namespace

extern "C" {

char* trainer_torch_fused_adam_(
    bool decoupled, Pointers params, Pointers grads, Pointers exp_avgs, Pointers exp_avg_sqs,
    Pointers max_exp_avg_sqs, Pointers steps, size_t count, size_t max_count, double lr, double beta1,
    double beta2, double weight_decay, double eps, bool amsgrad, bool maximize,
    const at::Tensor* grad_scale, const at::Tensor* found_inf) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    const auto weights = tensors(params, count), gradients = tensors(grads, count), first = tensors(exp_avgs, count),
               second = tensors(exp_avg_sqs, count), largest = tensors(max_exp_avg_sqs, max_count),
               taken = tensors(steps, count);
    check_alike(weights, gradients, "grads");
    check_alike(weights, first, "exp_avgs");
    check_alike(weights, second, "exp_avg_sqs");
    check_alike(weights, largest, "max_exp_avg_sqs");
    check_steps(weights, taken);
    const auto scale = optional_tensor(grad_scale), overflow = optional_tensor(found_inf);
    if (decoupled) {
      at::_fused_adamw_(weights, gradients, first, second, largest, taken, lr, beta1, beta2, weight_decay, eps,
          amsgrad, maximize, scale, overflow);
    } else {
      at::_fused_adam_(weights, gradients, first, second, largest, taken, lr, beta1, beta2, weight_decay, eps,
          amsgrad, maximize, scale, overflow);
    }
    bump_versions(weights);
    bump_versions(first);
    bump_versions(second);
    bump_versions(largest);
  });
}

char* trainer_torch_fused_sgd_(
    Pointers params, Pointers grads, Pointers momentum_buffers, size_t count, size_t buffer_count,
    double weight_decay, double momentum, double lr, double dampening, bool nesterov, bool maximize,
    bool is_first_step, const at::Tensor* grad_scale, const at::Tensor* found_inf) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    const auto weights = tensors(params, count), gradients = tensors(grads, count),
               buffers = tensors(momentum_buffers, buffer_count);
    check_alike(weights, gradients, "grads");
    check_alike(weights, buffers, "momentum_buffers");
    at::_fused_sgd_(weights, gradients, buffers, weight_decay, momentum, lr, dampening, nesterov, maximize,
        is_first_step, optional_tensor(grad_scale), optional_tensor(found_inf));
    bump_versions(weights);
    bump_versions(buffers);
  });
}

char* trainer_torch_fused_adagrad_(
    Pointers params, Pointers grads, Pointers sums, Pointers steps, size_t count, double lr, double lr_decay,
    double weight_decay, double eps, bool maximize, const at::Tensor* grad_scale, const at::Tensor* found_inf) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    const auto weights = tensors(params, count), gradients = tensors(grads, count), squares = tensors(sums, count),
               taken = tensors(steps, count);
    check_alike(weights, gradients, "grads");
    check_alike(weights, squares, "sums");
    check_steps(weights, taken);
    at::_fused_adagrad_(weights, gradients, squares, taken, lr, lr_decay, weight_decay, eps, maximize,
        optional_tensor(grad_scale), optional_tensor(found_inf));
    bump_versions(weights);
    bump_versions(squares);
  });
}

} // extern "C"
