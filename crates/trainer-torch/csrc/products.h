// Products of matrices in memory, on all threads.
#pragma once

#include <cstdint>

namespace trainer_torch {

// A matrix that is read: its elements lie `row` apart down and `column` apart across.
struct Matrix {
  const float* data;
  int64_t row, column;

  Matrix transposed() const { return {data, column, row}; }
};

// What is done to a product: added to what is there already, a bias for its columns, GELU of the sum into `activated`.
struct Finish {
  bool add = false;
  const float* bias = nullptr;
  float* activated = nullptr;
};

// The type that factors are rounded to; they are summed in float32 either way.
enum class Factors { Float32, BFloat16 };

// What products are to be computed in here: bfloat16 where autocast asks for it and the processor has products that gain by it.
Factors factors();

// c = a b with a [rows, depth], b [depth, columns] and c [rows, columns], whose rows lie `c_row` apart. The bits do not depend on
// the number of threads, nor on which row of a batch a row is.
void multiply(
    Factors factors, Matrix a, Matrix b, float* c, int64_t c_row, int64_t rows, int64_t columns, int64_t depth, Finish finish = {});

// The sums of the columns of a matrix of contiguous rows.
void sum_rows(Matrix matrix, int64_t rows, int64_t width, float* sums);

} // namespace trainer_torch
