use std::hint::black_box;

/// Python's `base ** exponent` of two floats: the C library's `pow`, also where the compiler knows a shorter way
/// (`x ** 0.5` is not always `sqrt(x)`).
pub(crate) fn pow(base: f64, exponent: f64) -> f64 {
    base.powf(black_box(exponent))
}
