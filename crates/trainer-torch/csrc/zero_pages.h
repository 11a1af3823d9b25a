// Zeros that take no memory until they are written to, and gradients that know which of their rows are not zero.
#pragma once

#include <sys/mman.h>

#include <memory>
#include <vector>

#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros.h>

namespace trainer_torch {

// What goes with the memory of a tensor that is mapped here.
struct ZeroPages {
  void* memory;
  size_t bytes;
  // The rows of this width that may hold other numbers than zero, in ascending order, as long as the tensor is of this version.
  std::vector<int64_t> rows;
  int64_t width = 0;
  uint32_t version = 0;
  bool knows_rows = false;

  ZeroPages(void* memory, size_t bytes) : memory(memory), bytes(bytes) {}
  ZeroPages(const ZeroPages&) = delete;
  ~ZeroPages() { ::munmap(memory, bytes); }
};

inline void unmap(void* pages) {
  delete static_cast<ZeroPages*>(pages);
}

// Says which rows of a tensor that is mapped here may hold other numbers than zero, until something else writes to it.
inline void set_rows(const at::Tensor& tensor, std::vector<int64_t> rows) {
  if (tensor.dim() == 2 && tensor.storage().data_ptr().get_deleter() == unmap && !tensor.is_inference()) {
    auto* const pages = static_cast<ZeroPages*>(tensor.storage().data_ptr().get_context());
    pages->rows = std::move(rows);
    pages->width = tensor.size(1);
    pages->version = tensor._version();
    pages->knows_rows = true;
  }
}

// Zeros in host memory, known to be so. A large tensor is mapped: the system gives a page when it is first written to, and while it is
// only read all pages are one. So an embedding's gradient and moments take the memory of the rows that occur.
inline at::Tensor zero_pages(at::IntArrayRef sizes) {
  constexpr size_t LARGE = 1 << 20;
  size_t bytes = sizeof(float);
  for (const int64_t size : sizes) {
    bytes *= static_cast<size_t>(size);
  }
  if (bytes < LARGE) {
    return at::zeros(sizes);
  }
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  TORCH_CHECK(memory != MAP_FAILED, "no memory for zeros of shape ", sizes);
#ifdef MADV_NOHUGEPAGE
  // A large page would be there whole for one row.
  ::madvise(memory, bytes, MADV_NOHUGEPAGE);
#endif
  auto pages = std::make_unique<ZeroPages>(memory, bytes);
  const at::Tensor zeros = at::for_blob(memory, sizes).context(pages.release(), unmap).make_tensor();
  set_rows(zeros, {});
  return zeros;
}

// What is known of a whole tensor whose rows are known, and null of any other.
inline ZeroPages* known_rows(const at::Tensor& tensor) {
  if (!tensor.has_storage() || tensor.storage().data_ptr().get_deleter() != unmap) {
    return nullptr;
  }
  auto* const pages = static_cast<ZeroPages*>(tensor.storage().data_ptr().get_context());
  // A view may have other rows.
  const bool whole = tensor.dim() == 2 && tensor.size(1) == pages->width && tensor.is_contiguous() && tensor.nbytes() == pages->bytes;
  return whole && pages->knows_rows && !tensor.is_inference() && tensor._version() == pages->version ? pages : nullptr;
}

} // namespace trainer_torch
