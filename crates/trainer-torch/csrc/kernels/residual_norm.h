// Dropout, residual and layer norm (Ba et al. 2016) of rows in one pass, and backwards.
#pragma once

#include "philox.h"

namespace trainer_torch {
namespace TRAINER_CAPABILITY {

static void residual_norm(const ResidualNorm& norm, int64_t begin, int64_t end) {
  const int64_t width = norm.width, words = mask_words(width);
  for (int64_t row = begin; row < end; ++row) {
    const float *input = norm.input + row * width, *residual = norm.residual + row * width;
    float *normalised = norm.normalised + row * width, *out = norm.out + row * width;
    uint64_t* mask = norm.mask + row * words;
    if (norm.dropout.drops()) {
      for (int64_t word = 0; word < words; ++word) {
        mask[word] = keep_word(norm.dropout, static_cast<uint64_t>(row * words + word));
      }
    }
    Floats total = {};
    for (int64_t at = 0; at < width; at += LANES) {
      Floats value = load(input + at, width - at);
      if (norm.dropout.drops()) {
        value = keep(value, mask, at, norm.dropout.scale);
      }
      value += load(residual + at, width - at);
      store(normalised + at, value, width - at);
      total += value;
    }
    const float mean = sum(total) / static_cast<float>(width);
    Floats squares = {};
    for (int64_t at = 0; at < width; at += LANES) {
      // Lanes past the end are the mean: nothing away from it.
      const Floats value = width - at >= LANES ? load(normalised + at) - mean : [&] {
        Floats rest = splat(mean);
        for (int64_t lane = 0; lane < width - at; ++lane) {
          rest[lane] = normalised[at + lane];
        }
        return rest - mean;
      }();
      squares += value * value;
    }
    const float deviation = 1 / __builtin_sqrtf(sum(squares) / static_cast<float>(width) + norm.eps);
    norm.deviation[row] = deviation;
    for (int64_t at = 0; at < width; at += LANES) {
      const Floats value = (load(normalised + at, width - at) - mean) * deviation;
      store(normalised + at, value, width - at);
      store(out + at, value * load(norm.weight + at, width - at) + load(norm.bias + at, width - at), width - at);
    }
  }
}

static void residual_norm_gradient(
    const ResidualNormGradient& norm, int64_t begin, int64_t end, float* grad_weight, float* grad_bias) {
  const int64_t width = norm.width, words = mask_words(width);
  for (int64_t row = begin; row < end; ++row) {
    const float *grad = norm.grad + row * width, *normalised = norm.normalised + row * width;
    float *grad_input = norm.grad_input + row * width, *grad_residual = norm.grad_residual + row * width;
    Floats totals = {}, products = {};
    for (int64_t at = 0; at < width; at += LANES) {
      const int64_t rest = width - at;
      const Floats outer = load(grad + at, rest), value = load(normalised + at, rest);
      store(grad_weight + at, load(grad_weight + at, rest) + outer * value, rest);
      store(grad_bias + at, load(grad_bias + at, rest) + outer, rest);
      const Floats inner = outer * load(norm.weight + at, rest);
      totals += inner;
      products += inner * value;
    }
    const float mean = sum(totals) / static_cast<float>(width), slope = sum(products) / static_cast<float>(width);
    const float deviation = norm.deviation[row];
    for (int64_t at = 0; at < width; at += LANES) {
      const int64_t rest = width - at;
      const Floats inner = load(grad + at, rest) * load(norm.weight + at, rest);
      const Floats through = (inner - mean - load(normalised + at, rest) * slope) * deviation;
      store(grad_residual + at, through, rest);
      const bool drops = norm.dropout.drops();
      store(grad_input + at, drops ? keep(through, norm.mask + row * words, at, norm.dropout.scale) : through, rest);
    }
  }
}

} // namespace TRAINER_CAPABILITY
} // namespace trainer_torch
