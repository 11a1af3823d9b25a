//! The oldest glibc that files run with.

use anyhow::{Context, Result};
use std::path::Path;

/// The one that PyPI's wheels of torch are made for (`manylinux_2_28`).
pub(super) const OF_LIBTORCH: u32 = 28;

/// The greatest N of the symbol versions `GLIBC_2.N` that a file names; 0 for none.
pub fn asked_for(file: &Path) -> Result<u32> {
    let bytes = std::fs::read(file).with_context(|| format!("{}", file.display()))?;
    Ok(greatest(&bytes))
}

fn greatest(bytes: &[u8]) -> u32 {
    const NAME: &[u8] = b"GLIBC_2.";
    let mut greatest = 0;
    for at in 0..bytes.len().saturating_sub(NAME.len()) {
        if bytes[at] == b'G' && bytes[at..].starts_with(NAME) {
            let digits = bytes[at + NAME.len()..].iter().take(3);
            let number = digits
                .take_while(|byte| byte.is_ascii_digit())
                .fold(0, |number, byte| number * 10 + u32::from(byte - b'0'));
            greatest = greatest.max(number);
        }
    }
    greatest
}

#[cfg(test)]
mod tests {
    use super::greatest;

    #[test]
    fn the_greatest_counts() {
        assert_eq!(
            greatest(b"\0GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.4\0GLIBC_PRIVATE\0"),
            34
        );
        assert_eq!(greatest(b"GLIBCXX_3.4.30\0GLIBC_2."), 0);
        assert_eq!(greatest(b""), 0);
    }
}
