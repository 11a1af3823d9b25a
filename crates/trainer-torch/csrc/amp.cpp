// What a gradient scaler does to a list of gradients.
#include <ATen/ops/_amp_foreach_non_finite_check_and_unscale.h>
#include <ATen/ops/_amp_update_scale.h>
#include <c10/core/GradMode.h>

#include "guard.h"
#include "tensors.h"

using trainer_torch::guarded;
using trainer_torch::tensors;

extern "C" {

char* trainer_torch_amp_unscale_(
    const at::Tensor* const* grads, size_t count, const at::Tensor* found_inf, const at::Tensor* inverse_scale) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    at::Tensor found = *found_inf;
    at::_amp_foreach_non_finite_check_and_unscale_(tensors(grads, count), found, *inverse_scale);
  });
}

char* trainer_torch_amp_update_scale_(
    const at::Tensor* scale,
    const at::Tensor* growth_tracker,
    const at::Tensor* found_inf,
    double growth_factor,
    double backoff_factor,
    int64_t growth_interval) {
  return guarded([&] {
    c10::AutoGradMode no_grad(false);
    at::Tensor changed = *scale;
    at::Tensor tracker = *growth_tracker;
    at::_amp_update_scale_(changed, tracker, *found_inf, growth_factor, backoff_factor, growth_interval);
  });
}

} // extern "C"
