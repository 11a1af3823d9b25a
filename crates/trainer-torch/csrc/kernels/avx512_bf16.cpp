// Cooper Lake, Zen 4 and newer: pairs of products in bfloat16 added to a float.
#define TRAINER_CAPABILITY avx512_bf16
#include "bfloat16.h"

namespace trainer_torch {
namespace TRAINER_CAPABILITY {

// Rows that are computed at once, of two tiles of columns.
constexpr int64_t ROWS = 8;

// Sums of ROWS rows and TILE_BLOCK columns over `steps` tiles of each.
static inline void multiply_rows(const uint16_t* a, const uint16_t* b, int64_t steps, float* sums) {
  const uint16_t* second = b + steps * TILE_ELEMENTS;
  __m512 totals[ROWS][2] = {};
  for (int64_t tile = 0; tile < steps * TILE_ELEMENTS; tile += TILE_ELEMENTS) {
    for (int64_t word = 0; word < TILE; ++word) {
      const auto columns = (__m512bh)_mm512_load_si512(b + tile + word * TILE_DEPTH);
      const auto columns2 = (__m512bh)_mm512_load_si512(second + tile + word * TILE_DEPTH);
#pragma GCC unroll 8
      for (int64_t row = 0; row < ROWS; ++row) {
        int32_t pair;
        __builtin_memcpy(&pair, a + tile + row * TILE_DEPTH + 2 * word, sizeof pair);
        const auto factors = (__m512bh)_mm512_set1_epi32(pair);
        totals[row][0] = _mm512_dpbf16_ps(totals[row][0], factors, columns);
        totals[row][1] = _mm512_dpbf16_ps(totals[row][1], factors, columns2);
      }
    }
  }
  for (int64_t row = 0; row < ROWS; ++row) {
    _mm512_store_ps(sums + row * TILE_BLOCK, totals[row][0]);
    _mm512_store_ps(sums + row * TILE_BLOCK + TILE, totals[row][1]);
  }
}

static void multiply(const TileProduct& product, int64_t row, int64_t row_end, int64_t column, int64_t column_end) {
  alignas(64) float sums[TILE_BLOCK * TILE_BLOCK];
  const int64_t block = 2 * product.steps * TILE_ELEMENTS;
  for (int64_t panel = column; panel < column_end; ++panel) {
    for (int64_t group = row; group < row_end; ++group) {
      for (int64_t at = 0; at < TILE_BLOCK; at += ROWS) {
        const uint16_t* a = product.a + group * block + at / TILE * block / 2 + at % TILE * TILE_DEPTH;
        multiply_rows(a, product.b + panel * block, product.steps, sums + at * TILE_BLOCK);
      }
      finish(product, group * TILE_BLOCK, panel * TILE_BLOCK, sums);
    }
  }
}

extern const TileKernels rounded;
const TileKernels rounded = {"avx512_bf16", 1, pack_tiles<1>, multiply};

} // namespace TRAINER_CAPABILITY
} // namespace trainer_torch
