// Vectors of LANES floats and the functions on them. Compiled once for each kind of processor, in a namespace of its own. The
// linker keeps one copy of an inline function for the whole program: none from a library may be used here, or the copy for the
// newest processor could be the one that an older one runs.
#pragma once

#include <cstdint>

namespace trainer_torch {
namespace TRAINER_CAPABILITY {

constexpr int64_t LANES = TRAINER_LANES;
typedef float Floats __attribute__((vector_size(4 * TRAINER_LANES)));
typedef int32_t Ints __attribute__((vector_size(4 * TRAINER_LANES)));

constexpr int64_t round_up(int64_t count, int64_t step) {
  return (count + step - 1) / step * step;
}

static inline Floats splat(float value) {
  return Floats{} + value;
}

static inline Floats load(const float* from) {
  Floats vector;
  __builtin_memcpy(&vector, from, sizeof vector);
  return vector;
}

static inline void store(float* to, Floats vector) {
  __builtin_memcpy(to, &vector, sizeof vector);
}

// The first `count` lanes; zeros in the others.
static inline Floats load(const float* from, int64_t count) {
  if (count >= LANES) {
    return load(from);
  }
  Floats vector = {};
  for (int64_t lane = 0; lane < count; ++lane) {
    vector[lane] = from[lane];
  }
  return vector;
}

static inline void store(float* to, Floats vector, int64_t count) {
  if (count >= LANES) {
    return store(to, vector);
  }
  for (int64_t lane = 0; lane < count; ++lane) {
    to[lane] = vector[lane];
  }
}

static inline float sum(Floats vector) {
  float total = 0;
  for (int64_t lane = 0; lane < LANES; ++lane) {
    total += vector[lane];
  }
  return total;
}

static inline Floats larger(Floats one, Floats other) {
  return one > other ? one : other;
}

static inline float largest(Floats vector) {
  float most = vector[0];
  for (int64_t lane = 1; lane < LANES; ++lane) {
    most = vector[lane] > most ? vector[lane] : most;
  }
  return most;
}

// eˣ to an ulp or two, 0 below -87: 2ⁿ times a polynomial of the rest (Cephes, expf).
static inline Floats exponential(Floats x) {
  const float shift = 12582912.f; // 1.5 · 2²³: adding it leaves the nearest integer in the lowest bits
  const Floats inside = larger(x < 88.f ? x : splat(88.f), splat(-87.f));
  const Floats shifted = inside * 1.44269504088896341f + shift;
  const Floats n = shifted - shift;
  const Floats r = (inside - n * 0.693359375f) - n * -2.12194440e-4f;
  Floats p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.f;
  const Ints power = ((Ints)shifted - 0x4b400000 + 127) << 23;
  const Floats result = p * (Floats)power;
  return x < -87.f ? splat(0.f) : result;
}

// The error function to two ulps: a quotient of polynomials, as in Eigen (MathFunctionsImpl.h, generic_fast_erf).
static inline Floats error_function(Floats x) {
  const Floats z = x < -4.f ? splat(-4.f) : (x > 4.f ? splat(4.f) : x), square = z * z;
  Floats p = splat(-2.72614225801306e-10f);
  p = p * square + 2.77068142495902e-08f;
  p = p * square - 2.10102402082508e-06f;
  p = p * square - 5.69250639462346e-05f;
  p = p * square - 7.34990630326855e-04f;
  p = p * square - 2.95459980854025e-03f;
  p = p * square - 1.60960333262415e-02f;
  Floats q = splat(-1.45660718464996e-05f);
  q = q * square - 2.13374055278905e-04f;
  q = q * square - 1.68282697438203e-03f;
  q = q * square - 7.37332916720468e-03f;
  q = q * square - 1.42647390514189e-02f;
  return z * p / q;
}

// The normal distribution's integral Φ(x).
static inline Floats normal_integral(Floats x) {
  return 0.5f * (1.f + error_function(x * 0.70710678118654752f));
}

// Its density φ(x).
static inline Floats normal_density(Floats x) {
  return exponential(-0.5f * x * x) * 0.39894228040143268f;
}

static inline Floats gelu(Floats x) {
  return x * normal_integral(x);
}

} // namespace TRAINER_CAPABILITY
} // namespace trainer_torch
