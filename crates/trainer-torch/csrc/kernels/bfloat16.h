// Products in bfloat16, summed in float32: what the two kinds of processors that have them share. Included once for each, with
// TRAINER_CAPABILITY, as capability.h is.
#pragma once

#include "kernels.h"
#define TRAINER_LANES 16
#include "vector.h"

#include <immintrin.h>

namespace trainer_torch {
namespace TRAINER_CAPABILITY {

// A tile is 16 by 16 words, a word two neighbours along the depth: 16 rows or columns, 32 steps of the sum.
constexpr int64_t TILE_ELEMENTS = TILE * TILE_DEPTH;

typedef __m512i Words;

// Two lines of 16 floats, rounded, as words: `first` in the lower halves.
static inline Words pair(__m512 first, __m512 second) {
  // Lane by lane from the first 16 numbers and the second.
  alignas(64) static const uint16_t order[32] = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11,
      27, 12, 28, 13, 29, 14, 30, 15, 31};
  return _mm512_permutexvar_epi16(_mm512_load_si512(order), (Words)_mm512_cvtne2ps_pbh(second, first));
}

// Rows become columns, of 16 by 16 words.
static inline void transpose(uint16_t* tile) {
  Words rows[16], pairs[16];
#pragma GCC unroll 16
  for (int64_t at = 0; at < 16; ++at) {
    rows[at] = _mm512_load_si512(tile + at * 32);
  }
  for (int at = 0; at < 16; at += 2) {
    pairs[at] = _mm512_unpacklo_epi32(rows[at], rows[at + 1]);
    pairs[at + 1] = _mm512_unpackhi_epi32(rows[at], rows[at + 1]);
  }
  for (int at = 0; at < 16; at += 4) {
    rows[at] = _mm512_unpacklo_epi64(pairs[at], pairs[at + 2]);
    rows[at + 1] = _mm512_unpackhi_epi64(pairs[at], pairs[at + 2]);
    rows[at + 2] = _mm512_unpacklo_epi64(pairs[at + 1], pairs[at + 3]);
    rows[at + 3] = _mm512_unpackhi_epi64(pairs[at + 1], pairs[at + 3]);
  }
  // Each of these vectors has four words of one column in each of its quarters; now whole quarters move.
  for (int at = 0; at < 4; ++at) {
    const Words even = _mm512_shuffle_i32x4(rows[at], rows[at + 4], 0x88), odd = _mm512_shuffle_i32x4(rows[at], rows[at + 4], 0xdd);
    const Words even2 = _mm512_shuffle_i32x4(rows[at + 8], rows[at + 12], 0x88);
    const Words odd2 = _mm512_shuffle_i32x4(rows[at + 8], rows[at + 12], 0xdd);
    pairs[at] = _mm512_shuffle_i32x4(even, even2, 0x88);
    pairs[at + 4] = _mm512_shuffle_i32x4(odd, odd2, 0x88);
    pairs[at + 8] = _mm512_shuffle_i32x4(even, even2, 0xdd);
    pairs[at + 12] = _mm512_shuffle_i32x4(odd, odd2, 0xdd);
  }
#pragma GCC unroll 16
  for (int64_t at = 0; at < 16; ++at) {
    _mm512_store_si512(tile + at * 32, pairs[at]);
  }
}

// The nearest floats whose lower 16 bits are zero, ties away from zero.
static inline __m512 upper(__m512 x) {
  return (__m512)_mm512_and_si512(_mm512_add_epi32((Words)x, _mm512_set1_epi32(0x8000)), _mm512_set1_epi32(-0x10000));
}

static inline __mmask16 first_lanes(int64_t count) {
  return count >= 16 ? 0xffff : count <= 0 ? 0 : (1u << count) - 1;
}

// Two vectors of 16 floats as words of bfloat16, a tile apart for each piece: the nearest numbers, then the nearest to what is left of
// them, and so on. Three pieces have all of float32's 24 bits, from 2⁻¹⁰² on (Henry, Tang & Heinecke 2019, "Leveraging the bfloat16 Artificial
// Intelligence Datatype For Higher-Precision Computations").
template <int64_t PIECES>
static inline void store_pieces(__m512 first, __m512 second, bool neighbours, uint16_t* words) {
#pragma GCC unroll 3
  for (int64_t piece = 1; piece <= PIECES; ++piece, words += TILE_ELEMENTS) {
    const __m512 near = piece < PIECES ? upper(first) : first, near2 = piece < PIECES ? upper(second) : second;
    _mm512_store_si512(words, neighbours ? (Words)_mm512_cvtne2ps_pbh(near2, near) : pair(near, near2));
    first -= near;
    second -= near2;
  }
}

// One tile of a matrix that begins at `from`, has `lines` rows or columns and `depth` steps left, zeros past them; its words are
// [line, depth / 2], or [depth / 2, line] with `across`.
template <int64_t PIECES>
static inline void pack_tile(
    const float* from, int64_t line, int64_t step, int64_t lines, int64_t depth, bool across, uint16_t* tile) {
  const bool contiguous = step == 1;
  if (contiguous) {
    const __mmask16 low = first_lanes(depth), high = first_lanes(depth - 16);
#pragma GCC unroll 16
    for (int64_t at = 0; at < 16; ++at) {
      const float* row = from + at * line;
      const __m512 second = _mm512_maskz_loadu_ps(at < lines ? high : 0, row + 16);
      store_pieces<PIECES>(_mm512_maskz_loadu_ps(at < lines ? low : 0, row), second, true, tile + at * 32);
    }
  } else {
    const __mmask16 all = first_lanes(lines);
#pragma GCC unroll 16
    for (int64_t at = 0; at < 16; ++at) {
      const float* row = from + 2 * at * step;
      const __m512 second = _mm512_maskz_loadu_ps(2 * at + 1 < depth ? all : 0, row + step);
      store_pieces<PIECES>(_mm512_maskz_loadu_ps(2 * at < depth ? all : 0, row), second, false, tile + at * 32);
    }
  }
  if (contiguous == across) {
    for (int64_t piece = 0; piece < PIECES; ++piece) {
      transpose(tile + piece * TILE_ELEMENTS);
    }
  }
}

// Tile after tile as the matrix lies in memory.
template <int64_t PIECES>
static void pack_tiles(const float* from, int64_t line, int64_t step, int64_t lines, int64_t depth, int64_t begin, int64_t end,
    bool across, uint16_t* tiles) {
  const int64_t steps = (depth + TILE_DEPTH - 1) / TILE_DEPTH, count = end - begin;
  for (int64_t number = 0; number < count * steps; ++number) {
    const int64_t tile = begin + (step == 1 ? number / steps : number % count);
    const int64_t at = step == 1 ? number % steps : number / count;
    pack_tile<PIECES>(from + tile * TILE * line + at * TILE_DEPTH * step, line, step, lines - tile * TILE,
        depth - at * TILE_DEPTH, across, tiles + (tile * steps + at) * PIECES * TILE_ELEMENTS);
  }
}

// Asks for the places of the lines `begin..end` of a block of results, to be called while its sums are computed: they are then in the
// cache when those are there.
static inline void expect(const TileProduct& product, int64_t row, int64_t column, int64_t begin, int64_t end) {
  for (int64_t line = row + begin; line < row + end && line < product.rows; ++line) {
    for (int64_t at = column; at < column + TILE_BLOCK && at < product.columns; at += TILE) {
      __builtin_prefetch(product.c + line * product.c_row + at, 1);
      if (product.activated != nullptr) {
        __builtin_prefetch(product.activated + line * product.columns + at, 1);
      }
    }
  }
}

// A block of sums to its place in c.
static void finish(const TileProduct& product, int64_t row, int64_t column, const float* sums) {
  for (int64_t line = row; line < row + TILE_BLOCK && line < product.rows; ++line, sums += TILE_BLOCK) {
#pragma GCC unroll 2
    for (int64_t half = 0; half < 2; ++half) {
      const int64_t at = column + half * TILE;
      const __mmask16 lanes = first_lanes(product.columns - at);
      float* c = product.c + line * product.c_row + at;
      Floats value = load(sums + half * TILE);
      if (product.bias != nullptr) {
        value += (Floats)_mm512_maskz_loadu_ps(lanes, product.bias + at);
      }
      if (product.add) {
        value += (Floats)_mm512_maskz_loadu_ps(lanes, c);
      }
      _mm512_mask_storeu_ps(c, lanes, (__m512)value);
      if (product.activated != nullptr) {
        _mm512_mask_storeu_ps(product.activated + line * product.columns + at, lanes, (__m512)gelu(value));
      }
    }
  }
}

} // namespace TRAINER_CAPABILITY
} // namespace trainer_torch
