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

// Sums of TILE_BLOCK rows and TILE_BLOCK columns over `steps` tiles of each.
static inline void multiply_block(const uint16_t* a, const uint16_t* b, int64_t steps, float* sums) {
  const int64_t next = steps * TILE_ELEMENTS;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (int64_t at = 0; at < steps * TILE_ELEMENTS; at += TILE_ELEMENTS) {
    _tile_loadd(4, a + at, 64);
    _tile_loadd(5, a + next + at, 64);
    _tile_loadd(6, b + at, 64);
    _tile_loadd(7, b + next + at, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, sums, 4 * TILE_BLOCK);
  _tile_stored(1, sums + TILE, 4 * TILE_BLOCK);
  _tile_stored(2, sums + TILE * TILE_BLOCK, 4 * TILE_BLOCK);
  _tile_stored(3, sums + TILE * TILE_BLOCK + TILE, 4 * TILE_BLOCK);
}

static void multiply(const TileProduct& product, int64_t row, int64_t row_end, int64_t column, int64_t column_end) {
  alignas(64) float sums[TILE_BLOCK * TILE_BLOCK];
  const int64_t block = 2 * product.steps * TILE_ELEMENTS;
  alignas(64) static const Configuration configuration;
  _tile_loadconfig(&configuration);
  for (int64_t group = row; group < row_end; ++group) {
    for (int64_t panel = column; panel < column_end; ++panel) {
      expect(product, group * TILE_BLOCK, panel * TILE_BLOCK);
      multiply_block(product.a + group * block, product.b + panel * block, product.steps, sums);
      finish(product, group * TILE_BLOCK, panel * TILE_BLOCK, sums);
    }
  }
  _tile_release();
}

extern const TileKernels table;
const TileKernels table = {"amx", pack_tiles, multiply};

} // namespace TRAINER_CAPABILITY
} // namespace trainer_torch
