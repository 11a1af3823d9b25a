//! Numbers as Python's `str` writes them.

/// A floating-point number: `1.0`, `1e-05`, `nan`.
#[must_use]
pub fn float(value: f64) -> String {
    of_digits(&format!("{value:e}"))
}

/// A floating-point number of 32 bits, by the digits that tell it from others of 32 bits.
pub(crate) fn float32(value: f32) -> String {
    of_digits(&format!("{value:e}"))
}

/// A truth value: `True`, `False`.
pub(crate) fn bool(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// Of the fewest digits that tell a number from others, as `-1.25e-7`.
fn of_digits(shortest: &str) -> String {
    let Some((digits, exponent)) = shortest.split_once('e') else {
        // Infinite or not a number.
        return shortest.to_lowercase();
    };
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if !(-4..16).contains(&exponent) {
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return format!(
            "{sign}{digits}e{exponent_sign}{:02}",
            exponent.unsigned_abs()
        );
    }
    let digits = digits.replace('.', "");
    match usize::try_from(exponent) {
        Ok(whole) => {
            let padded = format!("{digits:0<width$}", width = whole + 2);
            format!("{sign}{}.{}", &padded[..=whole], &padded[whole + 1..])
        }
        Err(_) => {
            let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
            format!("{sign}0.{zeros}{digits}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{float, float32};

    /// What Python 3.11 prints.
    #[test]
    fn floats_are_written_as_python_writes_them() {
        for (value, written) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (123_456_789.0, "123456789.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (-0.000_125, "-0.000125"),
            (1e-5, "1e-05"),
            (1.25e-7, "1.25e-07"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(float(value), written);
        }
        assert_eq!(float32(0.1), "0.1");
        assert_eq!(float32(16_777_216.0), "16777216.0");
    }
}
