use std::io::{self, Write};

use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;
use sha2::{Digest, Sha256};

use super::{batches::Batches, types};
use crate::{Dataset, Error, Result, hexadecimal::hexadecimal};

/// The SHA-256 of the Arrow stream that `data` would be written as, features and all, in hexadecimal digits.
///
/// # Errors
/// [`Error::File`] for a damaged mapped file, and what Arrow refuses: a row that is too large for its texts and lists.
pub(crate) fn fingerprint(data: &Dataset) -> Result<String> {
    let schema = types::schema(&data.features());
    let mut writer = StreamWriter::try_new(Hashing(Sha256::new()), &schema).map_err(refused)?;
    Batches::of(data).each(0..data.num_rows(), refused, |batch| {
        writer.write(batch).map_err(refused)
    })?;
    let Hashing(digest) = writer.into_inner().map_err(refused)?;
    Ok(hexadecimal(&digest.finalize()))
}

fn refused(error: ArrowError) -> Error {
    Error::InvalidArgument {
        name: "fingerprint",
        message: format!("the rows cannot be written as Arrow: {error}"),
    }
}

struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
