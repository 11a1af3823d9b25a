// Rows of several tables added up as one operation with a backward of its own.
#pragma once

#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>

#include "../tensors.h"
#include "../zero_pages.h"
#include "operation.h"

namespace trainer_torch {
namespace {

// Columns that a task of the backward pass takes.
constexpr int64_t COLUMNS = 64;

class EmbeddingSumFunction : public torch::autograd::Function<EmbeddingSumFunction> {
 public:
  // Tables of [any, width], as many lists of ids as there are tables, each [rows]; row `paddings[table]` of a table gets no gradient.
  static at::Tensor forward(AutogradContext* context, at::TensorList tables, const variable_list& ids,
      const std::vector<int64_t>& paddings) {
    const int64_t rows = ids[0].size(0), width = tables[0].size(1);
    at::Tensor out = at::empty({rows, width}, tables[0].options());
    std::vector<const float*> starts;
    std::vector<const int64_t*> numbers;
    std::vector<int64_t> entries;
    for (size_t table = 0; table < ids.size(); ++table) {
      starts.push_back(memory(tables[table]));
      numbers.push_back(ids[table].const_data_ptr<int64_t>());
      entries.push_back(tables[table].size(0));
    }
    const EmbeddingSum sum{static_cast<int64_t>(ids.size()), rows, width, starts.data(), numbers.data(), out.data_ptr<float>()};
    parallel(blocks(rows), [&](int64_t block) {
      kernels().embedding_sum(sum, block * BLOCK, std::min(rows, (block + 1) * BLOCK));
    });
    context->save_for_backward(ids);
    context->saved_data["entries"] = entries;
    context->saved_data["paddings"] = paddings;
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list ids = context->get_saved_variables();
    const at::Tensor gradient = gradients[0].contiguous();
    const auto entries = context->saved_data["entries"].toIntVector();
    const auto paddings = context->saved_data["paddings"].toIntVector();
    variable_list result(ids.size() + 2);
    for (size_t table = 0; table < ids.size(); ++table) {
      if (!context->needs_input_grad(table)) {
        continue;
      }
      const int64_t* const numbers = ids[table].const_data_ptr<int64_t>();
      result[table] = entries[table] <= BLOCK ? of_few(gradient, numbers, entries[table], paddings[table])
                                              : of_many(gradient, numbers, entries[table], paddings[table]);
    }
    return result;
  }

 private:
  // Of a table whose rows occur often, such as that of segments: added up over blocks first, as a longer sum rounds more.
  static at::Tensor of_few(const at::Tensor& gradient, const int64_t* ids, int64_t entries, int64_t padding) {
    const int64_t rows = gradient.size(0), width = gradient.size(1), parts = blocks(rows), elements = entries * width;
    at::Tensor sums = at::zeros({parts, elements}, gradient.options());
    float* const sum = sums.data_ptr<float>();
    parallel(parts, [&](int64_t block) {
      const int64_t begin = block * BLOCK;
      kernels().embedding_gradient(memory(gradient) + begin * width, ids + begin, std::min(BLOCK, rows - begin), width,
          padding, 0, width, sum + block * elements);
    });
    at::Tensor result = at::zeros({entries, width}, gradient.options());
    kernels().add_rows(sum, elements, elements, 0, parts, result.data_ptr<float>());
    return result;
  }

  static at::Tensor of_many(const at::Tensor& gradient, const int64_t* ids, int64_t entries, int64_t padding) {
    const int64_t rows = gradient.size(0), width = gradient.size(1);
    std::vector<int64_t> written(ids, ids + rows);
    std::sort(written.begin(), written.end());
    written.erase(std::unique(written.begin(), written.end()), written.end());
    at::Tensor result = zero_pages({entries, width});
    float* const grad = result.data_ptr<float>();
    parallel((width + COLUMNS - 1) / COLUMNS, [&](int64_t part) {
      const int64_t begin = part * COLUMNS, end = std::min(width, begin + COLUMNS);
      // Zeros already; but memory that is read before it is written to costs the system two faults a page, and all threads wait for one.
      for (const int64_t row : written) {
        std::fill(grad + row * width + begin, grad + row * width + end, 0.f);
      }
      kernels().embedding_gradient(memory(gradient), ids, rows, width, padding, begin, end, grad);
    });
    set_rows(result, std::move(written));
    return result;
  }
};

// As [rows], in the table.
inline at::Tensor checked_ids(const at::Tensor& ids, const at::Tensor& table) {
  TORCH_CHECK(ids.device().is_cpu() && ids.dtype() == at::kLong, "ids are not int64 in host memory");
  const at::Tensor flat = ids.reshape({-1}).contiguous();
  const int64_t *numbers = flat.const_data_ptr<int64_t>(), entries = table.size(0);
  for (int64_t at = 0; at < flat.numel(); ++at) {
    TORCH_CHECK_INDEX(numbers[at] >= 0 && numbers[at] < entries, "id ", numbers[at], " is not in a table of ", entries, " rows");
  }
  return flat;
}

} // namespace
} // namespace trainer_torch

extern "C" {

char* trainer_torch_embedding_sum(const at::Tensor* const* tables, const at::Tensor* const* ids, const int64_t* paddings,
    size_t count, at::Tensor** output) {
  return trainer_torch::guarded([&] {
    TORCH_CHECK(count > 0, "no table");
    const auto all = trainer_torch::tensors(tables, count);
    const int64_t width = all[0].dim() == 2 ? all[0].size(1) : -1;
    std::vector<at::Tensor> numbers;
    for (size_t table = 0; table < count; ++table) {
      trainer_torch::check_rows(all[table], width, "table");
      TORCH_CHECK(ids[table]->sizes() == ids[0]->sizes(), "ids of shapes ", ids[0]->sizes(), " and ", ids[table]->sizes());
      numbers.push_back(trainer_torch::checked_ids(*ids[table], all[table]));
    }
    const at::Tensor sums = trainer_torch::EmbeddingSumFunction::apply(
        at::TensorList(all), numbers, std::vector<int64_t>(paddings, paddings + count));
    auto shape = ids[0]->sizes().vec();
    shape.push_back(width);
    *output = new at::Tensor(sums.view(shape));
  });
}

// The rows of a gradient that may hold other numbers than zero, or nothing where that is not known.
char* trainer_torch_written_rows(const at::Tensor* tensor, at::Tensor** rows) {
  return trainer_torch::guarded([&] {
    const auto* const known = trainer_torch::known_rows(*tensor);
    *rows = known == nullptr ? nullptr : new at::Tensor(tensor->index_select(0, at::tensor(known->rows)));
  });
}

} // extern "C"
