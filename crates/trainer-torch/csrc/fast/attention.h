// Attention over packed rows as one operation with a backward of its own.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "operation.h"

namespace trainer_torch {
namespace {

// One row: its first query and how many, its first token, how many of them are keys, and the first word of its masks, which lie head
// by head and query by query.
struct Row {
  int64_t query, queries, token, keys, word;

  int64_t words() const { return queries * mask_words(keys); }
};

// Every token asks, or with `first_only` the first of every row; the first `keys` of its tokens are asked.
std::vector<Row> rows(at::IntArrayRef lengths, at::IntArrayRef keys, int64_t heads, bool first_only) {
  std::vector<Row> all;
  all.reserve(lengths.size());
  Row row{};
  for (size_t number = 0; number < lengths.size(); ++number) {
    row.keys = keys[number];
    row.queries = first_only ? 1 : lengths[number];
    all.push_back(row);
    row.query += row.queries;
    row.token += lengths[number];
    row.word += heads * row.words();
  }
  return all;
}

// Runs `body(row, head, scratch)` for every head of every row.
template <typename Body>
void for_each_head(const std::vector<Row>& rows, int64_t heads, int64_t head_width, const Body& body) {
  int64_t longest = 0;
  for (const Row& row : rows) {
    longest = std::max({longest, row.queries, row.keys});
  }
  const int64_t scratch = kernels().attention_scratch(longest, head_width);
  parallel(static_cast<int64_t>(rows.size()) * heads, [&](int64_t task) {
    const std::unique_ptr<float[]> memory(new float[static_cast<size_t>(scratch)]);
    body(rows[static_cast<size_t>(task / heads)], task % heads, memory.get());
  });
}

// Where queries, keys and values of a head begin, and how far apart they are.
struct Places {
  int64_t query_stride, stride, key, value;

  Places(int64_t width, bool first_only)
      : query_stride(first_only ? width : 3 * width),
        stride(first_only ? 2 * width : 3 * width),
        key(first_only ? 0 : width),
        value(key + width) {}
};

class AttentionFunction : public torch::autograd::Function<AttentionFunction> {
 public:
  // `states` is [tokens, 3 heads head_width], queries, keys and values side by side; or keys and values alone, where `queries` holds
  // those of every row's first token, [rows, heads head_width].
  static at::Tensor forward(AutogradContext* context, at::TensorList queries, const at::Tensor& states,
      at::IntArrayRef lengths, at::IntArrayRef keys, int64_t heads, double scaling, Dropout dropout) {
    const bool first_only = !queries.empty();
    const int64_t width = states.size(1) / (first_only ? 2 : 3), head_width = width / heads;
    const std::vector<Row> all = rows(lengths, keys, heads, first_only);
    const Row& last = all.back();
    const int64_t asked = last.query + last.queries, all_words = last.word + heads * last.words();
    at::Tensor out = at::empty({asked, width}, states.options()),
               logsumexp = at::empty({heads, asked}, states.options()),
               mask = at::empty({dropout.drops() ? all_words : 0}, at::kLong);
    const float *from = memory(states), *asking = first_only ? memory(queries[0]) : from;
    float *to = out.data_ptr<float>(), *sums = logsumexp.data_ptr<float>();
    auto* bits = trainer_torch::words(mask);
    const Places at(width, first_only);
    for_each_head(all, heads, head_width, [&](const Row& row, int64_t head, float* scratch) {
      const float* first = from + row.token * at.stride + head * head_width;
      const int64_t word = row.word + head * row.words();
      kernels().attention({row.queries, row.keys, head_width, at.query_stride, at.stride, width,
          static_cast<float>(scaling), dropout, word, asking + row.query * at.query_stride + head * head_width,
          first + at.key, first + at.value, to + row.query * width + head * head_width,
          sums + head * asked + row.query, dropout.drops() ? bits + word : nullptr, scratch});
    });
    context->save_for_backward({states, out, logsumexp, mask, first_only ? queries[0] : at::Tensor()});
    context->saved_data["lengths"] = lengths.vec();
    context->saved_data["keys"] = keys.vec();
    context->saved_data["heads"] = heads;
    context->saved_data["scaling"] = scaling;
    context->saved_data["scale"] = static_cast<double>(dropout.scale);
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &states = saved[0], &mask = saved[3], &queries = saved[4];
    const bool first_only = queries.defined();
    const at::Tensor gradient = gradients[0].contiguous();
    const int64_t heads = context->saved_data["heads"].toInt(), asked = gradient.size(0), width = gradient.size(1),
                  head_width = width / heads;
    const auto scaling = static_cast<float>(context->saved_data["scaling"].toDouble());
    const Dropout dropout = dropout_of(context, mask);
    const std::vector<int64_t> lengths = context->saved_data["lengths"].toIntVector(),
                               keys = context->saved_data["keys"].toIntVector();
    // Who is no key is not written to.
    at::Tensor grad_states = lengths == keys ? at::empty_like(states) : at::zeros_like(states),
               grad_queries = first_only ? at::empty_like(queries) : at::Tensor();
    const float *from = memory(states), *asking = first_only ? memory(queries) : from, *results = memory(saved[1]),
                *sums = memory(saved[2]), *outer = memory(gradient);
    const auto* bits = trainer_torch::words(mask);
    float *to = grad_states.data_ptr<float>(), *to_queries = first_only ? grad_queries.data_ptr<float>() : to;
    const Places at(width, first_only);
    for_each_head(rows(lengths, keys, heads, first_only), heads, head_width,
        [&](const Row& row, int64_t head, float* scratch) {
          const int64_t offset = head * head_width, first = row.token * at.stride + offset,
                        query = row.query * at.query_stride + offset, one = row.query * width + offset;
          kernels().attention_gradient({row.queries, row.keys, head_width, at.query_stride, at.stride,
              width, scaling, dropout, asking + query, from + first + at.key, from + first + at.value, results + one,
              sums + head * asked + row.query, outer + one,
              dropout.drops() ? bits + row.word + head * row.words() : nullptr, to_queries + query,
              to + first + at.key, to + first + at.value, scratch});
        });
    variable_list result(first_only ? 7 : 6);
    result[first_only ? 1 : 0] = grad_states;
    if (first_only) {
      result[0] = grad_queries;
    }
    return result;
  }
};

} // namespace
} // namespace trainer_torch

extern "C" {

// `queries` is null where every token asks. Of each of `count` rows there is a length, and a number of keys.
char* trainer_torch_attention(const at::Tensor* queries, const at::Tensor* states, const int64_t* lengths,
    const int64_t* keys, size_t count, int64_t heads, double scaling, uint64_t key, uint32_t threshold, float scale,
    at::Tensor** output) {
  return trainer_torch::guarded([&] {
    const int64_t parts = queries == nullptr ? 3 : 2;
    trainer_torch::check_memory(*states, "states");
    TORCH_CHECK(states->dim() == 2 && heads > 0 && states->size(1) % (parts * heads) == 0, "states of shape ",
        states->sizes(), " do not hold ", parts, " parts of ", heads, " heads");
    const at::IntArrayRef all(lengths, count), looked_at(keys, count);
    int64_t tokens = 0;
    for (size_t row = 0; row < count; ++row) {
      TORCH_CHECK(lengths[row] > 0, "a row of ", lengths[row], " tokens");
      TORCH_CHECK(keys[row] > 0 && keys[row] <= lengths[row], keys[row], " keys in a row of ", lengths[row], " tokens");
      tokens += lengths[row];
    }
    TORCH_CHECK(count > 0 && tokens == states->size(0), "rows of ", tokens, " tokens in all, states of ",
        states->size(0));
    std::vector<at::Tensor> asking;
    if (queries != nullptr) {
      trainer_torch::check_rows(*queries, states->size(1) / 2, "queries");
      TORCH_CHECK(queries->size(0) == static_cast<int64_t>(count), "queries of ", queries->size(0), " rows, not ", count);
      asking.push_back(*queries);
    }
    const trainer_torch::Dropout dropout{key, threshold, scale};
    *output = new at::Tensor(trainer_torch::AttentionFunction::apply(
        at::TensorList(asking), *states, all, looked_at, heads, scaling, dropout));
  });
}

} // extern "C"
