/// How many bytes the columns of a file may still become.
///
/// A few bytes of a hostile file can stand for any number of values. Files of data are not packed as tightly: a file may
/// become 256 MiB, and 256 bytes for each of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    whole: u64,
    left: u64,
}

impl Budget {
    /// Of a file of `length` bytes.
    pub(crate) fn of_file(length: u64) -> Self {
        let whole = (256 << 20) + length.saturating_mul(256);
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
