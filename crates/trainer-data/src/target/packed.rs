use std::{
    io::{self, Write},
    path::Path,
};

use bzip2::write::BzEncoder;
use flate2::{Compression, write::GzEncoder};

use super::unwritable;
use crate::{Error, Result, durable::StagedFile};

/// A file that is packed as the ending of its name says: `.gz`, `.bz2`, `.zst`, or not at all.
pub(super) struct PackedFile {
    packer: Packer,
    /// The bytes before they were packed.
    written: u64,
}

enum Packer {
    None(StagedFile),
    Gzip(GzEncoder<StagedFile>),
    Bzip2(BzEncoder<StagedFile>),
    Zstd(zstd::Encoder<'static, StagedFile>),
}

impl PackedFile {
    /// Begins a file that will be `path`.
    ///
    /// # Errors
    /// What the system says, and that files are not packed as the name says.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        let ending = ending.to_lowercase();
        if let "xz" | "lzma" | "zip" | "lz4" | "7z" | "rar" = ending.as_str() {
            return Err(Error::File {
                path: path.to_owned(),
                message: format!(
                    "files are written plain or packed as .gz, .bz2 or .zst, not as .{ending}"
                ),
                source: None,
            });
        }
        let file = StagedFile::create(path).map_err(unwritable(path))?;
        let packer = match ending.as_str() {
            "gz" => Packer::Gzip(GzEncoder::new(file, Compression::default())),
            "bz2" => Packer::Bzip2(BzEncoder::new(file, bzip2::Compression::best())),
            "zst" => Packer::Zstd(zstd::Encoder::new(file, 0).map_err(unwritable(path))?),
            _ => Packer::None(file),
        };
        Ok(Self { packer, written: 0 })
    }

    /// Puts the file at its place, and says how many bytes were written, before they were packed.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn keep(self) -> io::Result<u64> {
        let file = match self.packer {
            Packer::None(file) => file,
            Packer::Gzip(packer) => packer.finish()?,
            Packer::Bzip2(packer) => packer.finish()?,
            Packer::Zstd(packer) => packer.finish()?,
        };
        file.keep()?;
        Ok(self.written)
    }
}

impl Write for PackedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.packer {
            Packer::None(file) => file.write(bytes),
            Packer::Gzip(packer) => packer.write(bytes),
            Packer::Bzip2(packer) => packer.write(bytes),
            Packer::Zstd(packer) => packer.write(bytes),
        }?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.packer {
            Packer::None(file) => file.flush(),
            Packer::Gzip(packer) => packer.flush(),
            Packer::Bzip2(packer) => packer.flush(),
            Packer::Zstd(packer) => packer.flush(),
        }
    }
}
