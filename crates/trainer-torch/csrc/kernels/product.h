// Products of matrices: a block of rows of a against a panel of b, whose columns fill two vectors.
#pragma once

#include "kernels.h"
#include "vector.h"

namespace trainer_torch {
namespace TRAINER_CAPABILITY {

// Rows that are computed at once: with two vectors each they fill the registers.
constexpr int64_t ROWS = TRAINER_ROWS;
constexpr int64_t PANEL = 2 * LANES;
// Steps of the sum between two visits of c, so that what is read of a panel stays in the nearest cache.
constexpr int64_t DEPTH = 384;
// Steps of the sum that a panel is asked for before they are there: of a large one every line comes from a farther cache.
constexpr int64_t AHEAD = 24;

typedef float Four __attribute__((vector_size(16)));

// Columns to rows: `to` gets the four rows of a 4 by 4 block whose columns lie `stride` apart in `from`.
static inline void transpose_block(const float* from, int64_t stride, float* to, int64_t to_row) {
  Four a, b, c, d;
  __builtin_memcpy(&a, from, 16);
  __builtin_memcpy(&b, from + stride, 16);
  __builtin_memcpy(&c, from + 2 * stride, 16);
  __builtin_memcpy(&d, from + 3 * stride, 16);
  const Four low = {a[0], b[0], a[1], b[1]}, low2 = {c[0], d[0], c[1], d[1]};
  const Four high = {a[2], b[2], a[3], b[3]}, high2 = {c[2], d[2], c[3], d[3]};
  const Four rows[4] = {{low[0], low[1], low2[0], low2[1]}, {low[2], low[3], low2[2], low2[3]},
      {high[0], high[1], high2[0], high2[1]}, {high[2], high[3], high2[2], high2[3]}};
  for (int64_t row = 0; row < 4; ++row) {
    __builtin_memcpy(to + row * to_row, &rows[row], 16);
  }
}

// to[at, column] = from[column, at] for `columns` columns whose first elements lie `stride` apart.
static void transpose(const float* from, int64_t stride, int64_t columns, int64_t depth, float* to, int64_t to_row) {
  const int64_t whole_columns = columns / 4 * 4, whole_depth = depth / 4 * 4;
  for (int64_t at = 0; at < whole_depth; at += 4) {
    for (int64_t column = 0; column < whole_columns; column += 4) {
      transpose_block(from + column * stride + at, stride, to + at * to_row + column, to_row);
    }
  }
  for (int64_t at = 0; at < depth; ++at) {
    for (int64_t column = at < whole_depth ? whole_columns : 0; column < columns; ++column) {
      to[at * to_row + column] = from[column * stride + at];
    }
  }
}

// c = a b or c + a b, for R rows and V vectors of columns. Every element of c is one chain of multiplications and additions in
// the order of the depth, whatever R: where a row lies in a block does not change a bit of it.
template <int64_t R, int64_t V>
static inline void multiply_rows(const float* a, int64_t a_row, int64_t a_depth, const float* b, int64_t b_row,
    float* c, int64_t c_row, int64_t depth, bool add) {
  Floats sums[R][V];
#pragma GCC unroll 16
  for (int64_t row = 0; row < R; ++row) {
#pragma GCC unroll 4
    for (int64_t v = 0; v < V; ++v) {
      sums[row][v] = add ? load(c + row * c_row + v * LANES) : Floats{};
    }
  }
  for (int64_t at = 0; at < depth; ++at) {
    Floats columns[V];
#pragma GCC unroll 4
    for (int64_t v = 0; v < V; ++v) {
      columns[v] = load(b + at * b_row + v * LANES);
      __builtin_prefetch(b + (at + AHEAD) * b_row + v * LANES);
    }
#pragma GCC unroll 16
    for (int64_t row = 0; row < R; ++row) {
      const float factor = a[row * a_row + at * a_depth];
#pragma GCC unroll 4
      for (int64_t v = 0; v < V; ++v) {
        sums[row][v] += columns[v] * factor;
      }
    }
  }
#pragma GCC unroll 16
  for (int64_t row = 0; row < R; ++row) {
#pragma GCC unroll 4
    for (int64_t v = 0; v < V; ++v) {
      store(c + row * c_row + v * LANES, sums[row][v]);
    }
  }
}

// As above, for any number of rows. Every ROWS of them begin `a_group` behind the ones before.
template <int64_t V>
static void multiply_all_rows(const float* a, int64_t a_group, int64_t a_row, int64_t a_depth, const float* b, int64_t b_row,
    float* c, int64_t c_row, int64_t rows, int64_t depth, bool add) {
  for (; rows >= ROWS; rows -= ROWS, a += a_group, c += ROWS * c_row) {
    multiply_rows<ROWS, V>(a, a_row, a_depth, b, b_row, c, c_row, depth, add);
  }
  if (rows >= 4) {
    multiply_rows<4, V>(a, a_row, a_depth, b, b_row, c, c_row, depth, add);
    rows -= 4, a += 4 * a_row, c += 4 * c_row;
  }
  for (; rows >= 2; rows -= 2, a += 2 * a_row, c += 2 * c_row) {
    multiply_rows<2, V>(a, a_row, a_depth, b, b_row, c, c_row, depth, add);
  }
  if (rows > 0) {
    multiply_rows<1, V>(a, a_row, a_depth, b, b_row, c, c_row, depth, add);
  }
}

// c = a b or c + a b where b and c have whole vectors of columns and b's rows are contiguous: the small products of attention.
static void multiply_small(const float* a, int64_t a_row, int64_t a_depth, const float* b, int64_t b_row, float* c,
    int64_t c_row, int64_t rows, int64_t columns, int64_t depth, bool add) {
  int64_t column = 0;
  for (; column + PANEL <= columns; column += PANEL) {
    multiply_all_rows<2>(a, ROWS * a_row, a_row, a_depth, b + column, b_row, c + column, c_row, rows, depth, add);
  }
  if (column < columns) {
    multiply_all_rows<1>(a, ROWS * a_row, a_row, a_depth, b + column, b_row, c + column, c_row, rows, depth, add);
  }
}

// Whole panels whose rows are contiguous, all of them row by row.
static void pack_rows(const float* b, int64_t b_depth, int64_t depth, int64_t begin, int64_t end, float* panels) {
  for (int64_t at = 0; at < depth; ++at) {
    for (int64_t panel = begin; panel < end; ++panel) {
      const float* from = b + at * b_depth + panel * PANEL;
      float* to = panels + (panel * depth + at) * PANEL;
      store(to, load(from));
      store(to + LANES, load(from + LANES));
    }
  }
}

static void pack(const float* b, int64_t b_depth, int64_t b_column, int64_t depth, int64_t columns, int64_t begin,
    int64_t end, float* panels) {
  if (b_depth != 1) {
    const int64_t whole = columns / PANEL < end ? columns / PANEL : end;
    pack_rows(b, b_depth, depth, begin, whole, panels);
    begin = whole > begin ? whole : begin;
  }
  for (int64_t panel = begin; panel < end; ++panel) {
    float* to = panels + panel * depth * PANEL;
    const float* from = b + panel * PANEL * b_column;
    const int64_t width = columns - panel * PANEL < PANEL ? columns - panel * PANEL : PANEL;
    for (int64_t at = 0; width < PANEL && at < depth * PANEL; ++at) {
      to[at] = 0;
    }
    if (b_depth == 1) {
      transpose(from, b_column, width, depth, to, PANEL);
      continue;
    }
    for (int64_t at = 0; at < depth; ++at) {
      store(to + at * PANEL, load(from + at * b_depth, width), width);
      if (width > LANES) {
        store(to + at * PANEL + LANES, load(from + at * b_depth + LANES, width - LANES), width - LANES);
      }
    }
  }
}

static void pack_transposed(
    const float* a, int64_t a_depth, int64_t depth, int64_t rows, int64_t begin, int64_t end, float* groups) {
  const int64_t whole = rows / ROWS < end ? rows / ROWS : end;
  for (int64_t at = 0; at < depth; ++at) {
    const float* from = a + at * a_depth;
    for (int64_t group = begin; group < whole; ++group) {
      __builtin_memcpy(groups + (group * depth + at) * ROWS, from + group * ROWS, ROWS * sizeof(float));
    }
    for (int64_t row = whole * ROWS; whole < end && row < rows; ++row) {
      groups[(whole * depth + at) * ROWS + row - whole * ROWS] = from[row];
    }
  }
}

// Adds the bias and takes GELU, of rows of one panel.
static void finish(const Product& product, int64_t row, int64_t row_end, int64_t column, int64_t width) {
  for (; row < row_end; ++row) {
    float* c = product.c + row * product.c_row + column;
    for (int64_t at = 0; at < width; at += LANES) {
      Floats value = load(c + at, width - at);
      if (product.bias != nullptr) {
        value += load(product.bias + column + at, width - at);
        store(c + at, value, width - at);
      }
      if (product.activated != nullptr) {
        store(product.activated + row * product.columns + column + at, gelu(value), width - at);
      }
    }
  }
}

// Rows of c in the last panel, where it is not full: through a buffer.
static void multiply_part(const Product& product, const float* a, const float* b, float* c, int64_t rows, int64_t width,
    int64_t depth, bool add) {
  float buffer[PANEL];
  for (int64_t row = 0; row < rows; ++row, c += product.c_row) {
    for (int64_t at = 0; at < PANEL; ++at) {
      buffer[at] = add && at < width ? c[at] : 0;
    }
    multiply_rows<1, 2>(a + row / ROWS * product.a_group + row % ROWS * product.a_row, product.a_row, product.a_depth, b,
        PANEL, buffer, PANEL, depth, true);
    for (int64_t at = 0; at < width; ++at) {
      c[at] = buffer[at];
    }
  }
}

static void multiply(const Product& product, int64_t row, int64_t row_end, int64_t panel, int64_t panel_end) {
  for (int64_t start = 0; start < product.depth; start += DEPTH) {
    const int64_t depth = product.depth - start < DEPTH ? product.depth - start : DEPTH;
    const float* a = product.a + row / ROWS * product.a_group + start * product.a_depth;
    const bool add = product.add || start > 0, last = start + depth == product.depth;
    for (int64_t at = panel; at < panel_end; ++at) {
      const float* b = product.panels + (at * product.depth + start) * PANEL;
      const int64_t column = at * PANEL, width = product.columns - column < PANEL ? product.columns - column : PANEL;
      float* c = product.c + row * product.c_row + column;
      if (width == PANEL) {
        multiply_all_rows<2>(a, product.a_group, product.a_row, product.a_depth, b, PANEL, c, product.c_row, row_end - row,
            depth, add);
      } else {
        multiply_part(product, a, b, c, row_end - row, width, depth, add);
      }
      if (last && (product.bias != nullptr || product.activated != nullptr)) {
        finish(product, row, row_end, column, width);
      }
    }
  }
}

} // namespace TRAINER_CAPABILITY
} // namespace trainer_torch
