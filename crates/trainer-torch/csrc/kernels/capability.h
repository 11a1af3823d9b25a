// Everything of one table. Included once for each kind of processor, with TRAINER_CAPABILITY, TRAINER_LANES and TRAINER_ROWS.
#include "adamw.h"
#include "attention.h"
#include "embedding.h"
#include "product.h"
#include "residual_norm.h"

namespace trainer_torch {
namespace TRAINER_CAPABILITY {

static void gelu_gradient(const float* input, const float* grad, float* grad_input, int64_t count) {
  for (int64_t at = 0; at < count; at += LANES) {
    const Floats x = load(input + at, count - at);
    store(grad_input + at, load(grad + at, count - at) * (normal_integral(x) + x * normal_density(x)), count - at);
  }
}

static void add_rows(const float* rows, int64_t stride, int64_t width, int64_t begin, int64_t end, float* sum) {
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t at = 0; at < width; at += LANES) {
      const int64_t rest = width - at;
      store(sum + at, load(sum + at, rest) + load(rows + row * stride + at, rest), rest);
    }
  }
}

#define TRAINER_TEXT(name) #name
#define TRAINER_NAME(name) TRAINER_TEXT(name)

extern const Kernels table;
const Kernels table = {TRAINER_NAME(TRAINER_CAPABILITY), PANEL, ROWS, pack, pack_transposed, multiply, gelu_gradient, add_rows, dropout,
    residual_norm, residual_norm_gradient, attention_scratch, attention, attention_gradient, embedding_sum, embedding_gradient,
    adamw, scale};

} // namespace TRAINER_CAPABILITY
} // namespace trainer_torch
