// Attention of a GPU over rows of different lengths, by libtorch's kernels, which tch leaves out. Autograd knows them.
#include <optional>

#include <ATen/ops/_efficient_attention_forward.h>
#include <ATen/ops/_flash_attention_forward.h>

#include "guard.h"

using trainer_torch::guarded;

extern "C" {

// Queries, keys and values are [tokens, heads, head width], as is what is attended; `cu_seqlens` are int32, [rows + 1].
char* trainer_torch_varlen_attention(
    const at::Tensor* query,
    const at::Tensor* key,
    const at::Tensor* value,
    const at::Tensor* cu_seqlens_q,
    const at::Tensor* cu_seqlens_k,
    int64_t max_q,
    int64_t max_k,
    double dropout,
    double scaling,
    bool flash,
    at::Tensor** attended) {
  return guarded([&] {
    if (flash) {
      *attended = new at::Tensor(std::get<0>(at::_flash_attention_forward(
          *query,
          *key,
          *value,
          *cu_seqlens_q,
          *cu_seqlens_k,
          max_q,
          max_k,
          dropout,
          /*is_causal=*/false,
          /*return_debug_mask=*/false,
          scaling)));
      return;
    }
    // One row of all tokens, as far as its shape goes. The logarithms are for the backward pass.
    const bool for_backward = query->requires_grad() || key->requires_grad() || value->requires_grad();
    const auto found = at::_efficient_attention_forward(
        query->unsqueeze(0),
        key->unsqueeze(0),
        value->unsqueeze(0),
        /*bias=*/std::nullopt,
        *cu_seqlens_q,
        *cu_seqlens_k,
        max_q,
        max_k,
        dropout,
        /*custom_mask_type=*/0,
        for_backward,
        scaling);
    *attended = new at::Tensor(std::get<0>(found).squeeze(0));
  });
}

} // extern "C"
