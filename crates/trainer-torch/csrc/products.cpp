#include "products.h"

#include <algorithm>
#include <memory>
#include <vector>

#include <ATen/Parallel.h>

#include "kernels/kernels.h"
#include "parallel.h"

namespace trainer_torch {

namespace {

int64_t divide_up(int64_t count, int64_t by) {
  return (count + by - 1) / by;
}

} // namespace

void multiply(
    Matrix a, Matrix b, float* c, int64_t c_row, int64_t rows, int64_t columns, int64_t depth, Finish finish) {
  const Kernels& kernel = kernels();
  const int64_t panels = divide_up(columns, kernel.panel);
  const std::unique_ptr<float[]> packed(new float[panels * kernel.panel * depth]);
  parallel(panels, [&](int64_t panel) {
    kernel.pack(b.data, b.row, b.column, depth, columns, panel, panel + 1, packed.get());
  });
  const Product product{
      a.data, a.row, a.column, packed.get(), c, c_row, rows, columns, depth, finish.add, finish.bias, finish.activated};
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
