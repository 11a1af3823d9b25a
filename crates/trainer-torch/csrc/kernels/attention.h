// Attention of one head over the tokens of one row, a block of queries at a time, and backwards from the logarithms of the sums
// (Dao et al. 2022, "FlashAttention"): no row sees padding, and no matrix of tokens by tokens is kept.
#pragma once

#include "philox.h"
#include "product.h"

namespace trainer_torch {
namespace TRAINER_CAPABILITY {

// Queries whose weights are in memory at once.
constexpr int64_t QUERIES = 48;

// Of rows of at most so many tokens.
static int64_t attention_scratch(int64_t tokens, int64_t head_width) {
  const int64_t width = round_up(head_width, LANES), keys = round_up(tokens, LANES);
  return 8 * keys * width + 2 * QUERIES * keys;
}

// Elements of a copy of queries, or of keys, whichever are more.
static int64_t room_of(int64_t queries, int64_t length, int64_t width) {
  return round_up(queries > length ? queries : length, LANES) * width;
}

// `length` rows of `width` elements, `stride` apart, times `scale`, to rows of `padded` elements; zeros behind.
static void copy_rows(
    const float* from, int64_t stride, int64_t length, int64_t width, int64_t padded, float scale, float* to) {
  for (int64_t row = 0; row < length; ++row) {
    for (int64_t at = 0; at < padded; at += LANES) {
      store(to + row * padded + at, load(from + row * stride + at, width - at) * scale);
    }
  }
}

// Rows of `padded` elements times `scale`, to rows of `width` elements, `stride` apart.
static void store_rows(
    const float* from, int64_t rows, int64_t width, int64_t padded, float scale, float* to, int64_t stride) {
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t at = 0; at < width; at += LANES) {
      store(to + row * stride + at, load(from + row * padded + at) * scale, width - at);
    }
  }
}

// The same rows as columns: [padded, keys], zeros past the last row and the last column.
static void copy_columns(
    const float* from, int64_t stride, int64_t length, int64_t width, int64_t padded, int64_t keys, float* to) {
  for (int64_t at = 0; at < padded * keys; ++at) {
    to[at] = 0;
  }
  transpose(from, stride, length, width, to, keys);
}

// Scores of one query to weights that add up to 1, before dropout; gives the logarithm of their sum.
static float softmax(float* scores, int64_t length, int64_t keys) {
  for (int64_t key = length; key < keys; ++key) {
    scores[key] = -__builtin_inff();
  }
  Floats most = load(scores);
  for (int64_t key = LANES; key < keys; key += LANES) {
    most = larger(load(scores + key), most);
  }
  const float highest = largest(most);
  Floats total = {};
  for (int64_t key = 0; key < keys; key += LANES) {
    const Floats weight = exponential(load(scores + key) - highest);
    store(scores + key, weight);
    total += weight;
  }
  const float all = sum(total), share = 1 / all;
  for (int64_t key = 0; key < keys; key += LANES) {
    store(scores + key, load(scores + key) * share);
  }
  return highest + __builtin_logf(all);
}

static void attention(const Attention& head) {
  const int64_t length = head.length, width = round_up(head.head_width, LANES), keys = round_up(length, LANES);
  const int64_t words = mask_words(length), room = room_of(head.queries, length, width);
  float *query = head.scratch, *key_columns = query + room, *value = key_columns + room, *result = value + room,
        *scores = result + room;
  copy_rows(head.query, head.query_stride, head.queries, head.head_width, width, head.scaling, query);
  copy_columns(head.key, head.stride, length, head.head_width, width, keys, key_columns);
  copy_rows(head.value, head.stride, length, head.head_width, width, 1, value);
  for (int64_t start = 0; start < head.queries; start += QUERIES) {
    const int64_t count = head.queries - start < QUERIES ? head.queries - start : QUERIES;
    multiply_small(query + start * width, width, 1, key_columns, keys, scores, keys, count, keys, width, false);
    for (int64_t at = 0; at < count; ++at) {
      float* weights = scores + at * keys;
      head.logsumexp[start + at] = softmax(weights, length, keys);
      if (head.dropout.drops()) {
        uint64_t* mask = head.mask + (start + at) * words;
        for (int64_t word = 0; word < words; ++word) {
          mask[word] = keep_word(head.dropout, static_cast<uint64_t>(head.first_word + (start + at) * words + word));
        }
        for (int64_t key = 0; key < keys; key += LANES) {
          store(weights + key, keep(load(weights + key), mask, key, head.dropout.scale));
        }
      }
    }
    multiply_small(scores, keys, 1, value, width, result + start * width, width, count, width, length, false);
  }
  store_rows(result, head.queries, head.head_width, width, 1, head.out, head.out_stride);
}

// From the gradient of the weights after dropout in `slopes` to that of the scores, weights anew in `weights`.
static void weights_and_slopes(const AttentionGradient& head, int64_t query, int64_t keys, float mean, float* weights,
    float* slopes) {
  const float shift = head.logsumexp[query];
  const uint64_t* mask = head.mask + query * mask_words(head.length);
  for (int64_t key = head.length; key < keys; ++key) {
    weights[key] = -__builtin_inff();
  }
  for (int64_t key = 0; key < keys; key += LANES) {
    const Floats undropped = exponential(load(weights + key) - shift);
    Floats dropped = undropped, slope = load(slopes + key);
    if (head.dropout.drops()) {
      dropped = keep(undropped, mask, key, head.dropout.scale);
      slope = keep(slope, mask, key, head.dropout.scale);
    }
    store(weights + key, dropped);
    store(slopes + key, undropped * (slope - mean));
  }
}

static void attention_gradient(const AttentionGradient& head) {
  const int64_t length = head.length, width = round_up(head.head_width, LANES), keys = round_up(length, LANES);
  const int64_t room = room_of(head.queries, length, width);
  float *query = head.scratch, *key_columns = query + room, *value_columns = key_columns + room,
        *key = value_columns + room, *grad = key + room, *grad_query = grad + room, *grad_key = grad_query + room,
        *grad_value = grad_key + room, *weights = grad_value + room, *slopes = weights + QUERIES * keys;
  copy_rows(head.query, head.query_stride, head.queries, head.head_width, width, head.scaling, query);
  copy_rows(head.key, head.stride, length, head.head_width, width, 1, key);
  copy_columns(head.key, head.stride, length, head.head_width, width, keys, key_columns);
  copy_columns(head.value, head.stride, length, head.head_width, width, keys, value_columns);
  copy_rows(head.grad, head.out_stride, head.queries, head.head_width, width, 1, grad);
  for (int64_t start = 0; start < head.queries; start += QUERIES) {
    const int64_t count = head.queries - start < QUERIES ? head.queries - start : QUERIES;
    multiply_small(query + start * width, width, 1, key_columns, keys, weights, keys, count, keys, width, false);
    multiply_small(grad + start * width, width, 1, value_columns, keys, slopes, keys, count, keys, width, false);
    for (int64_t at = 0; at < count; ++at) {
      // The sum over keys of weight times its gradient is that over the head's width of output times gradient.
      const float *outer = grad + (start + at) * width, *out = head.out + (start + at) * head.out_stride;
      Floats total = {};
      for (int64_t of = 0; of < head.head_width; of += LANES) {
        total += load(outer + of) * load(out + of, head.head_width - of);
      }
      weights_and_slopes(head, start + at, keys, sum(total), weights + at * keys, slopes + at * keys);
    }
    const bool add = start > 0;
    multiply_small(weights, 1, keys, grad + start * width, width, grad_value, width, length, width, count, add);
    multiply_small(slopes, 1, keys, query + start * width, width, grad_key, width, length, width, count, add);
    multiply_small(slopes, keys, 1, key, width, grad_query + start * width, width, count, width, length, false);
  }
  store_rows(grad_query, head.queries, head.head_width, width, head.scaling, head.grad_query, head.query_stride);
  store_rows(grad_key, length, head.head_width, width, 1, head.grad_key, head.stride);
  store_rows(grad_value, length, head.head_width, width, 1, head.grad_value, head.stride);
}

} // namespace TRAINER_CAPABILITY
} // namespace trainer_torch
