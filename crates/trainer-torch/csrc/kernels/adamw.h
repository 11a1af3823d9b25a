// A step of AdamW in one pass over memory, and the scaling of gradients. Both leave alone what is zero and stays so: most rows of an
// embedding's gradient and moments, which then take no memory either (see zero_pages.h).
#pragma once

#include "kernels.h"
#include "vector.h"

namespace trainer_torch {
namespace TRAINER_CAPABILITY {

// Elements that are looked at together.
constexpr int64_t CHUNK = 64;

// Whether all bits of a chunk are zero.
static inline bool is_zero(const float* values, int64_t count) {
  Ints bits = {};
  for (int64_t at = 0; at < count; at += LANES) {
    bits |= (Ints)load(values + at, count - at);
  }
  int32_t any = 0;
  for (int64_t lane = 0; lane < LANES; ++lane) {
    any |= bits[lane];
  }
  return any == 0;
}

static inline Floats square_root(Floats x) {
  for (int64_t lane = 0; lane < LANES; ++lane) {
    x[lane] = __builtin_sqrtf(x[lane]);
  }
  return x;
}

static void scale(float factor, int64_t count, float* values) {
  for (int64_t begin = 0; begin < count; begin += CHUNK) {
    const int64_t size = count - begin < CHUNK ? count - begin : CHUNK;
    if (is_zero(values + begin, size)) {
      continue;
    }
    for (int64_t at = begin; at < begin + size; at += LANES) {
      const int64_t rest = begin + size - at;
      store(values + at, load(values + at, rest) * factor, rest);
    }
  }
}

static void adamw(const AdamW& step, int64_t count, float* param, const float* grad, float* first, float* second,
    bool has_moments) {
  for (int64_t begin = 0; begin < count; begin += CHUNK) {
    const int64_t size = count - begin < CHUNK ? count - begin : CHUNK;
    if (is_zero(grad + begin, size) && (!has_moments || (is_zero(first + begin, size) && is_zero(second + begin, size)))) {
      if (step.decay != 1.f) {
        scale(step.decay, size, param + begin);
      }
      continue;
    }
    for (int64_t at = begin; at < begin + size; at += LANES) {
      const int64_t rest = begin + size - at;
      const Floats g = load(grad + at, rest), old = has_moments ? load(first + at, rest) : Floats{};
      const Floats old_square = has_moments ? load(second + at, rest) : Floats{};
      const Floats m = old + step.first_gain * (g - old);
      const Floats v = old_square * step.second_decay + step.second_gain * g * g;
      const Floats denominator = square_root(v) / step.correction + step.eps;
      store(first + at, m, rest);
      store(second + at, v, rest);
      store(param + at, load(param + at, rest) * step.decay - step.step_size * m / denominator, rest);
    }
  }
}

} // namespace TRAINER_CAPABILITY
} // namespace trainer_torch
