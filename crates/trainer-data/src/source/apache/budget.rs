/// How many bytes the columns of a file, or the files that are packed in one, may still become.
///
/// A few bytes of a hostile file can stand for any number of values. Files of data are not packed as tightly: a file may
/// become 256 MiB, and 256 bytes for each of its own; packed files 16 MiB, and as many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    whole: u64,
    left: u64,
}

impl Budget {
    /// Of a file of `length` bytes.
    pub(crate) fn of_file(length: u64) -> Self {
        Self::above(256 << 20, length)
    }

    /// Of an archive of `length` bytes. What is in it is parsed, which takes longer than to decode columns.
    pub(crate) fn of_packed(length: u64) -> Self {
        Self::above(16 << 20, length)
    }

    /// Of what was looked at before.
    pub(crate) fn unlimited() -> Self {
        let (whole, left) = (u64::MAX, u64::MAX);
        Self { whole, left }
    }

    fn above(least: u64, length: u64) -> Self {
        let whole = length.saturating_mul(256).saturating_add(least);
        Self { whole, left: whole }
    }

    /// Takes `count` times `size` bytes.
    ///
    /// # Errors
    /// Says that they are more than there may be.
    pub(crate) fn take(&mut self, count: usize, size: usize) -> Result<(), String> {
        let bytes = (count as u64).saturating_mul(size as u64);
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => {
                return Err(format!(
                    "it stands for more than {} MiB, which is out of proportion to the size of the file",
                    self.whole >> 20
                ));
            }
        }
        Ok(())
    }
}
