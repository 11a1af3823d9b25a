// Sums of rows of tables, and backwards.
#pragma once

#include "kernels.h"
#include "vector.h"

namespace trainer_torch {
namespace TRAINER_CAPABILITY {

static void embedding_sum(const EmbeddingSum& sum, int64_t begin, int64_t end) {
  const int64_t width = sum.width;
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t at = 0; at < width; at += LANES) {
      const int64_t rest = width - at;
      Floats total = load(sum.tables[0] + sum.ids[0][row] * width + at, rest);
      for (int64_t table = 1; table < sum.count; ++table) {
        total += load(sum.tables[table] + sum.ids[table][row] * width + at, rest);
      }
      store(sum.out + row * width + at, total, rest);
    }
  }
}

static void embedding_gradient(const float* grad, const int64_t* ids, int64_t rows, int64_t width, int64_t padding,
    int64_t begin, int64_t end, float* table) {
  for (int64_t row = 0; row < rows; ++row) {
    if (ids[row] == padding) {
      continue;
    }
    const float* from = grad + row * width;
    float* to = table + ids[row] * width;
    for (int64_t at = begin; at < end; at += LANES) {
      const int64_t rest = end - at;
      store(to + at, load(to + at, rest) + load(from + at, rest), rest);
    }
  }
}

} // namespace TRAINER_CAPABILITY
} // namespace trainer_torch
