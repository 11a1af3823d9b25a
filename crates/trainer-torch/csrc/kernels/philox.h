// Philox-4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), eight counters at a time.
#pragma once

#include "kernels.h"
#include "vector.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace trainer_torch {
namespace TRAINER_CAPABILITY {

typedef uint32_t Words __attribute__((vector_size(32)));

// The upper and the lower halves of the products of eight words with a constant.
static inline void multiply_words(const Words& words, uint32_t factor, Words* high, Words* low) {
#ifdef __AVX2__
  const __m256i factors = _mm256_set1_epi32(static_cast<int>(factor));
  const __m256i even = _mm256_mul_epu32((__m256i)words, factors);
  const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64((__m256i)words, 32), factors);
  *low = (Words)_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
  *high = (Words)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
#else
  for (int lane = 0; lane < 8; ++lane) {
    const uint64_t product = static_cast<uint64_t>(words[lane]) * factor;
    (*high)[lane] = static_cast<uint32_t>(product >> 32);
    (*low)[lane] = static_cast<uint32_t>(product);
  }
#endif
}

// Which of the 64 elements of a mask's word are kept. Element 8 l + j looks at the j-th of the eight 16-bit numbers, lower half
// first, of counter 8 word + l.
static inline uint64_t keep_word(const Dropout& dropout, uint64_t word) {
  const uint64_t first = 8 * word;
  Words c0 = Words{0, 1, 2, 3, 4, 5, 6, 7} + static_cast<uint32_t>(first);
  Words c1 = Words{} + static_cast<uint32_t>(first >> 32);
  Words c2 = {}, c3 = {};
  uint32_t k0 = static_cast<uint32_t>(dropout.key), k1 = static_cast<uint32_t>(dropout.key >> 32);
  for (int round = 0; round < 10; ++round) {
    Words high0, low0, high2, low2;
    multiply_words(c0, 0xd2511f53, &high0, &low0);
    multiply_words(c2, 0xcd9e8d57, &high2, &low2);
    c0 = high2 ^ c1 ^ k0;
    c1 = low2;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  const Words numbers[4] = {c0, c1, c2, c3};
  Words kept = {};
  for (uint32_t pair = 0; pair < 4; ++pair) {
    kept |= (Words)((numbers[pair] & 0xffff) >= dropout.threshold) & (1u << (2 * pair));
    kept |= (Words)((numbers[pair] >> 16) >= dropout.threshold) & (2u << (2 * pair));
  }
  uint64_t word_bits = 0;
  for (int lane = 0; lane < 8; ++lane) {
    word_bits |= static_cast<uint64_t>(kept[lane]) << (8 * lane);
  }
  return word_bits;
}

// The LANES elements from `element` on, multiplied by `scale` where their bit in the row's mask says that they are kept, else 0.
static inline Floats keep(Floats vector, const uint64_t* mask, int64_t element, float scale) {
  const int32_t bits = static_cast<int32_t>(mask[element / 64] >> (element % 64));
  Ints lanes;
  for (int64_t lane = 0; lane < LANES; ++lane) {
    lanes[lane] = 1 << lane;
  }
  const Ints kept = (lanes & bits) != 0;
  return (Floats)((Ints)(vector * scale) & kept);
}

static void dropout(const Dropout& dropout, const float* input, float* out, int64_t width, int64_t begin, int64_t end,
    uint64_t* mask_out, const uint64_t* mask) {
  const int64_t words = mask_words(width);
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t word = 0; word < words && mask_out != nullptr; ++word) {
      mask_out[row * words + word] = keep_word(dropout, static_cast<uint64_t>(row * words + word));
    }
    const uint64_t* bits = (mask_out != nullptr ? mask_out : mask) + row * words;
    for (int64_t at = 0; at < width; at += LANES) {
      const Floats value = load(input + row * width + at, width - at);
      store(out + row * width + at, keep(value, bits, at, dropout.scale), width - at);
    }
  }
}

} // namespace TRAINER_CAPABILITY
} // namespace trainer_torch
