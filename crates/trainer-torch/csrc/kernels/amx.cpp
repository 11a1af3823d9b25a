// Sapphire Rapids and newer: tiles as registers, eight of them.
#define TRAINER_CAPABILITY amx
#include "bfloat16.h"

namespace trainer_torch {
namespace TRAINER_CAPABILITY {

// What the tile registers hold: all of them 16 rows of 64 bytes.
struct Configuration {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// The most steps that are multiplied before the next ones: rows and columns of a few blocks stay in a core's own cache.
constexpr int64_t STEPS_TOGETHER = 24;

// Tiles 4 and 5 from two tiles of rows, 6 and 7 from two tiles of columns, `next` apart, and their products added to 0 to 3.
static inline void load_rows(const uint16_t* a, int64_t next) {
  _tile_loadd(4, a, 64);
  _tile_loadd(5, a + next, 64);
}

static inline void load_columns(const uint16_t* b, int64_t next) {
  _tile_loadd(6, b, 64);
  _tile_loadd(7, b + next, 64);
}

static inline void add_products() {
  _tile_dpbf16ps(0, 4, 6);
  _tile_dpbf16ps(1, 4, 7);
  _tile_dpbf16ps(2, 5, 6);
  _tile_dpbf16ps(3, 5, 7);
}

// A step of a block. Of three pieces a number three products are left out, each at most 2⁻²⁵ of the whole.
template <int64_t PIECES>
static inline void multiply_step(const uint16_t* a, const uint16_t* b, int64_t next) {
  load_rows(a, next);
  load_columns(b, next);
  add_products();
  if constexpr (PIECES == 3) {
    load_columns(b + TILE_ELEMENTS, next);
    add_products();
    load_columns(b + 2 * TILE_ELEMENTS, next);
    add_products();
    load_rows(a + TILE_ELEMENTS, next);
    load_columns(b, next);
    add_products();
    load_columns(b + TILE_ELEMENTS, next);
    add_products();
    load_rows(a + 2 * TILE_ELEMENTS, next);
    load_columns(b, next);
    add_products();
  }
}

// The blocks `row..row_end` and `column..column_end` of the sums over the steps `begin..end`, to c.
template <int64_t PIECES>
static void multiply_steps(const TileProduct& product, int64_t row, int64_t row_end, int64_t column, int64_t column_end,
    int64_t begin, int64_t end) {
  constexpr int64_t step = PIECES * TILE_ELEMENTS;
  const int64_t next = product.steps * step;
  alignas(64) float sums[TILE_BLOCK * TILE_BLOCK];
  for (int64_t panel = column; panel < column_end; ++panel) {
    for (int64_t group = row; group < row_end; ++group) {
      const uint16_t *a = product.a + 2 * group * next, *b = product.b + 2 * panel * next;
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
      for (int64_t at = begin; at < end; ++at) {
        expect(product, group * TILE_BLOCK, panel * TILE_BLOCK, (at - begin) * TILE_BLOCK / (end - begin),
            (at + 1 - begin) * TILE_BLOCK / (end - begin));
        multiply_step<PIECES>(a + at * step, b + at * step, next);
      }
      _tile_stored(0, sums, 4 * TILE_BLOCK);
      _tile_stored(1, sums + TILE, 4 * TILE_BLOCK);
      _tile_stored(2, sums + TILE * TILE_BLOCK, 4 * TILE_BLOCK);
      _tile_stored(3, sums + TILE * TILE_BLOCK + TILE, 4 * TILE_BLOCK);
      finish(product, group * TILE_BLOCK, panel * TILE_BLOCK, sums);
    }
  }
}

template <int64_t PIECES>
static void multiply(const TileProduct& product, int64_t row, int64_t row_end, int64_t column, int64_t column_end) {
  alignas(64) static const Configuration configuration;
  _tile_loadconfig(&configuration);
  const int64_t parts = (product.steps + STEPS_TOGETHER - 1) / STEPS_TOGETHER;
  for (int64_t number = 0; number < parts; ++number) {
    const int64_t begin = number * product.steps / parts, end = (number + 1) * product.steps / parts;
    TileProduct part = product;
    part.add = product.add || begin > 0;
    part.bias = begin > 0 ? nullptr : product.bias;
    part.activated = end < product.steps ? nullptr : product.activated;
    multiply_steps<PIECES>(part, row, row_end, column, column_end, begin, end);
  }
  _tile_release();
}

extern const TileKernels rounded, split;
const TileKernels rounded = {"amx", 1, pack_tiles<1>, multiply<1>};
const TileKernels split = {"amx", 3, pack_tiles<3>, multiply<3>};

} // namespace TRAINER_CAPABILITY
} // namespace trainer_torch
