#include "products.h"

#include <algorithm>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/ops/empty.h>

#include "kernels/kernels.h"
#include "parallel.h"

namespace trainer_torch {

namespace {

// Neighbours that a task packs of every row: a few lines of the cache.
constexpr int64_t PACKED_TOGETHER = 64;

int64_t divide_up(int64_t count, int64_t by) {
  return (count + by - 1) / by;
}

// Tiles that a task packs, and blocks of rows that a task multiplies: what stays in a core's own cache. Then blocks of rows that are
// laid out at once, for a limit to what they take.
constexpr int64_t TILES_TOGETHER = 4, BLOCKS_TOGETHER = 4, MOST_BLOCKS = 32;

uint16_t* bits(const at::Tensor& tensor) {
  return reinterpret_cast<uint16_t*>(tensor.data_ptr<at::BFloat16>());
}

// Both matrices are laid out in tiles, then multiplied.
void multiply_tiles(const TileKernels& kernel, Matrix a, Matrix b, float* c, int64_t c_row, int64_t rows, int64_t columns,
    int64_t depth, Finish finish) {
  const int64_t steps = divide_up(depth, TILE_DEPTH), column_blocks = divide_up(columns, TILE_BLOCK);
  const int64_t most_rows = std::min(rows, MOST_BLOCKS * TILE_BLOCK);
  const int64_t of_block = TILE_BLOCK * steps * TILE_DEPTH * kernel.pieces;
  const at::Tensor left = at::empty({divide_up(most_rows, TILE_BLOCK) * of_block}, at::kBFloat16);
  const at::Tensor right = at::empty({column_blocks * of_block}, at::kBFloat16);
  uint16_t *const left_tiles = bits(left), *const right_tiles = bits(right);
  for (int64_t first = 0; first < rows; first += most_rows) {
    const int64_t count = std::min(most_rows, rows - first), row_blocks = divide_up(count, TILE_BLOCK);
    const int64_t left_tasks = divide_up(2 * row_blocks, TILES_TOGETHER);
    const int64_t right_tasks = first > 0 ? 0 : divide_up(2 * column_blocks, TILES_TOGETHER);
    parallel(left_tasks + right_tasks, [&](int64_t task) {
      // The tasks of both are spread evenly, so that a thread packs rows that it multiplies.
      const int64_t before = task * left_tasks / (left_tasks + right_tasks);
      if ((task + 1) * left_tasks / (left_tasks + right_tasks) > before) {
        const int64_t begin = before * TILES_TOGETHER, end = std::min(begin + TILES_TOGETHER, 2 * row_blocks);
        kernel.pack(a.data + first * a.row, a.row, a.column, count, depth, begin, end, false, left_tiles);
      } else {
        const int64_t begin = (task - before) * TILES_TOGETHER, end = std::min(begin + TILES_TOGETHER, 2 * column_blocks);
        kernel.pack(b.data, b.column, b.row, columns, depth, begin, end, true, right_tiles);
      }
    });
    const TileProduct product{left_tiles, right_tiles, c + first * c_row, c_row, count, columns, steps, finish.add, finish.bias,
        finish.activated == nullptr ? nullptr : finish.activated + first * columns};
    const int64_t groups = divide_up(row_blocks, BLOCKS_TOGETHER);
    // Enough pieces that no thread waits long for the last one.
    const int64_t pieces = std::clamp<int64_t>(divide_up(8 * at::get_num_threads(), groups), 1, divide_up(column_blocks, 2));
    const int64_t width = divide_up(column_blocks, pieces);
    parallel(groups * pieces, [&](int64_t task) {
      const int64_t row = task / pieces * BLOCKS_TOGETHER, column = task % pieces * width;
      kernel.product(product, row, std::min(row_blocks, row + BLOCKS_TOGETHER), column,
          std::min(column_blocks, column + width));
    });
  }
}

// The tiles that factors are laid out in, or null where they are multiplied as they are. A choice by rows would make a row's bits depend on
// its batch.
const TileKernels* tiles(Factors factors, int64_t columns) {
  if (factors == Factors::BFloat16) {
    return rounded_kernels();
  }
  return columns < TILE_BLOCK ? nullptr : split_kernels();
}

} // namespace

Factors factors() {
  const bool asked = at::autocast::is_autocast_enabled(at::kCPU) && at::autocast::get_autocast_dtype(at::kCPU) == at::kBFloat16;
  return asked && rounded_kernels() != nullptr ? Factors::BFloat16 : Factors::Float32;
}

void multiply(Factors factors, Matrix a, Matrix b, float* c, int64_t c_row, int64_t rows, int64_t columns, int64_t depth,
    Finish finish) {
  if (const TileKernels* chosen = tiles(factors, columns)) {
    return multiply_tiles(*chosen, a, b, c, c_row, rows, columns, depth, finish);
  }
  const Kernels& kernel = kernels();
  // b is laid out in panels, and a in groups of rows where its columns are what is contiguous, so that the loops read neighbours alone.
  const int64_t panels = divide_up(columns, kernel.panel), groups = divide_up(rows, kernel.group);
  const bool transposed = a.row == 1 && a.column != 1;
  const at::Tensor packed = at::empty({panels * kernel.panel * depth}, at::kFloat);
  const at::Tensor grouped = at::empty({transposed ? groups * kernel.group * depth : 0}, at::kFloat);
  float *const to_panels = packed.data_ptr<float>(), *const to_groups = grouped.data_ptr<float>();
  const int64_t panels_together = PACKED_TOGETHER / kernel.panel, groups_together = PACKED_TOGETHER / kernel.group;
  const int64_t of_b = divide_up(panels, panels_together), of_a = transposed ? divide_up(groups, groups_together) : 0;
  parallel(of_b + of_a, [&](int64_t task) {
    if (task < of_b) {
      const int64_t begin = task * panels_together, end = std::min(begin + panels_together, panels);
      kernel.pack(b.data, b.row, b.column, depth, columns, begin, end, to_panels);
    } else {
      const int64_t begin = (task - of_b) * groups_together, end = std::min(begin + groups_together, groups);
      kernel.pack_transposed(a.data, a.column, depth, rows, begin, end, to_groups);
    }
  });
  Product product{a.data, kernel.group * a.row, a.row, a.column, to_panels, c, c_row, rows, columns, depth, finish.add,
      finish.bias, finish.activated};
  if (transposed) {
    product.a = to_groups;
    product.a_group = kernel.group * depth;
    product.a_depth = kernel.group;
  }
  const int64_t blocks = divide_up(rows, ROW_BLOCK);
  // Enough pieces that no thread waits long for the last one, each wide enough to be worth the rows of a that it reads.
  const int64_t pieces = std::clamp<int64_t>(divide_up(16 * at::get_num_threads(), blocks), 1, divide_up(panels, 8));
  const int64_t width = divide_up(panels, pieces);
  parallel(blocks * pieces, [&](int64_t task) {
    const int64_t row = task / pieces * ROW_BLOCK, panel = task % pieces * width;
    kernel.product(product, row, std::min(rows, row + ROW_BLOCK), panel, std::min(panels, panel + width));
  });
}

void sum_rows(Matrix matrix, int64_t rows, int64_t width, float* sums) {
  // Blocks of a fixed size, whose sums are added in order: the bits do not depend on the number of threads.
  constexpr int64_t block = 64;
  const Kernels& kernel = kernels();
  const int64_t blocks = divide_up(rows, block);
  std::vector<float> parts(static_cast<size_t>(blocks * width));
  parallel(blocks, [&](int64_t at) {
    kernel.add_rows(
        matrix.data, matrix.row, width, at * block, std::min(rows, (at + 1) * block), parts.data() + at * width);
  });
  std::fill_n(sums, width, 0.f);
  kernel.add_rows(parts.data(), width, width, 0, blocks, sums);
}

} // namespace trainer_torch
