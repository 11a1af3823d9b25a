// The inner loops of the fused operations, on plain memory: one table of functions a kind of processor, chosen when the program runs.
#pragma once

#include <cstdint>

namespace trainer_torch {

// Which elements a dropout keeps: those whose 16 random bits are `threshold` or more; they are multiplied by `scale`. The
// bits are those of Philox-4x32-10 with this key, at a counter that follows from the element's place alone.
struct Dropout {
  uint64_t key;
  uint32_t threshold;
  float scale;

  [[gnu::always_inline]] bool drops() const { return threshold > 0; }
};

// Words of 64 mask bits that a row of so many elements takes.
static constexpr int64_t mask_words(int64_t width) {
  return (width + 63) / 64;
}

// The most rows that one call of `Kernels::product` takes: whole groups in each table.
constexpr int64_t ROW_BLOCK = 48;

// c = a b, or c + a b with `add`; then the bias of the columns; `activated`, where given, gets GELU of the sum, and may be c.
// a is [rows, depth] with any strides within a group of rows, and any from group to group; b is [depth, columns] in the panels that
// `pack` makes; c and `activated` are [rows, columns].
struct Product {
  const float* a;
  int64_t a_group, a_row, a_depth;
  const float* panels;
  float* c;
  int64_t c_row;
  int64_t rows, columns, depth;
  bool add;
  const float* bias;
  float* activated;
};

// out = norm(dropout(input) + residual) weight + bias over rows of `width`, where `normalised`, which may be `out`, keeps norm(…),
// `deviation` the inverse of each row's standard deviation and `mask` the elements that were kept.
struct ResidualNorm {
  int64_t width;
  float eps;
  Dropout dropout;
  const float *input, *residual, *weight, *bias;
  float *out, *normalised, *deviation;
  uint64_t* mask;
};

struct ResidualNormGradient {
  int64_t width;
  Dropout dropout;
  const float *grad, *weight, *normalised, *deviation;
  const uint64_t* mask;
  float *grad_input, *grad_residual;
};

// One head of one row: softmax(q kᵀ scaling), dropout, times v, for `queries` queries over `length` tokens. Pointers are at the
// row's first query or token and the head's first element; the next is one stride away.
struct Attention {
  int64_t queries, length, head_width, query_stride, stride, out_stride;
  float scaling;
  Dropout dropout;
  int64_t first_word;
  const float *query, *key, *value;
  float *out, *logsumexp;
  uint64_t* mask;
  float* scratch;
};

struct AttentionGradient {
  int64_t queries, length, head_width, query_stride, stride, out_stride;
  float scaling;
  Dropout dropout;
  const float *query, *key, *value, *out, *logsumexp, *grad;
  const uint64_t* mask;
  float *grad_query, *grad_key, *grad_value;
  float* scratch;
};

// Rows of tables of one width added up, and their gradient: row `row` of `out` is the sum of rows `ids[table][row]` of the tables.
struct EmbeddingSum {
  int64_t count, rows, width;
  const float* const* tables;
  const int64_t* const* ids;
  float* out;
};

// A step of AdamW (Loshchilov & Hutter 2019): weights · `decay` - `step_size` · first / (√second / `correction` + eps), where
// `decay` is 1 - lr · weight decay, `step_size` lr / (1 - beta1ᵗ) and `correction` √(1 - beta2ᵗ).
struct AdamW {
  float decay, step_size, correction, eps;
  // 1 - beta1, beta2, 1 - beta2.
  float first_gain, second_decay, second_gain;
};

struct Kernels {
  const char* name;
  // Columns of a panel, and rows of a group.
  int64_t panel, group;

  // The panels `begin..end` of b, [depth, columns] with contiguous rows or columns: [columns / panel, depth, panel], zeros past the last
  // column.
  void (*pack)(const float* b, int64_t b_depth, int64_t b_column, int64_t depth, int64_t columns, int64_t begin,
      int64_t end, float* panels);
  // The groups `begin..end` of the rows of a, whose columns are contiguous and `a_depth` apart: [rows / group, depth, group]. The last
  // group's memory past the last row is left as it is.
  void (*pack_transposed)(
      const float* a, int64_t a_depth, int64_t depth, int64_t rows, int64_t begin, int64_t end, float* groups);
  // A block of c: rows `row..row_end`, at most ROW_BLOCK, and panels `panel..panel_end`.
  void (*product)(const Product& product, int64_t row, int64_t row_end, int64_t panel, int64_t panel_end);
  // GELU's derivative at `input` times `grad`.
  void (*gelu_gradient)(const float* input, const float* grad, float* grad_input, int64_t count);
  // sum += the rows `begin..end` of `rows`, whose first elements lie `stride` apart.
  void (*add_rows)(const float* rows, int64_t stride, int64_t width, int64_t begin, int64_t end, float* sum);
  // The kept elements of rows, scaled; writes the mask where `mask_out` is given, else reads `mask`.
  void (*dropout)(const Dropout& dropout, const float* input, float* out, int64_t width, int64_t begin, int64_t end,
      uint64_t* mask_out, const uint64_t* mask);
  void (*residual_norm)(const ResidualNorm& norm, int64_t begin, int64_t end);
  // Adds the gradients of weight and bias to `grad_weight` and `grad_bias`.
  void (*residual_norm_gradient)(
      const ResidualNormGradient& norm, int64_t begin, int64_t end, float* grad_weight, float* grad_bias);
  // Floats of scratch memory for a head over so many tokens, forward or backward.
  int64_t (*attention_scratch)(int64_t length, int64_t head_width);
  void (*attention)(const Attention& attention);
  void (*attention_gradient)(const AttentionGradient& attention);
  // Rows `begin..end` of the sum.
  void (*embedding_sum)(const EmbeddingSum& sum, int64_t begin, int64_t end);
  // Adds the columns `begin..end` of `rows` rows of `grad` to the rows `ids` of `table`, but to none that is `padding`, in order.
  void (*embedding_gradient)(const float* grad, const int64_t* ids, int64_t rows, int64_t width, int64_t padding,
      int64_t begin, int64_t end, float* table);
  // A step for `count` elements. Moments that are zero and stay so are not written to; without `has_moments` all are zero and none is
  // read, since memory that is written to before it is read costs the system one fault a page in place of two.
  void (*adamw)(const AdamW& step, int64_t count, float* param, const float* grad, float* first, float* second,
      bool has_moments);
  // Multiplies the elements that are not zero; `factor` is finite.
  void (*scale)(float factor, int64_t count, float* values);
};

// Matrices in bfloat16 are laid out in tiles of 16 rows of a, or columns of b, by 32 steps of the sum: [16, 32] for a and [16, 16, 2] for b,
// whose pairs of neighbours along the depth lie side by side. Two tiles of lines make a block.
constexpr int64_t TILE = 16, TILE_DEPTH = 32, TILE_BLOCK = 2 * TILE;

// As `Product`, of matrices in tiles: [blocks, 2, steps, pieces] of them.
struct TileProduct {
  const uint16_t *a, *b;
  float* c;
  int64_t c_row;
  int64_t rows, columns, steps;
  bool add;
  const float* bias;
  float* activated;
};

// Products of bfloat16, summed in float32.
struct TileKernels {
  const char* name;
  // Tiles in a row that hold a matrix's numbers: 1, of the nearest in bfloat16; 3, of pieces that add up to them, so that products are those
  // of float32 to its rounding. Pieces and their products are zero below 2⁻¹²⁶, so that numbers and products below 2⁻¹⁰² have fewer
  // bits; what is infinite, or overflows, may become NaN.
  int64_t pieces;
  // The tiles `begin..end` of the lines of a matrix, with zeros past its ends; lines or depth are contiguous. `across` makes those of b.
  void (*pack)(const float* from, int64_t line, int64_t step, int64_t lines, int64_t depth, int64_t begin, int64_t end, bool across,
      uint16_t* tiles);
  // The blocks of rows `row..row_end` and of columns `column..column_end` of c.
  void (*product)(const TileProduct& product, int64_t row, int64_t row_end, int64_t column, int64_t column_end);
};

// The table for this processor, or the one below it that ATEN_CPU_CAPABILITY names.
const Kernels& kernels();

// Those for products of numbers rounded to bfloat16, or null where the processor has none that are faster than those in float32. Where
// the variable ONEDNN_MAX_CPU_ISA is set, it must be DEFAULT, have AMX in it, or be AVX512_CORE_BF16 for those of AVX-512.
const TileKernels* rounded_kernels();

// Those for products of float32 in pieces, of AMX alone: six times as many, which are faster all the same. Null where there is no AMX.
const TileKernels* split_kernels();

} // namespace trainer_torch
