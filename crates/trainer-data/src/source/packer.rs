//! Programs that pack files, by what a packed file begins with.

use std::{
    fmt,
    io::{BufReader, Read},
};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;

/// How far back, as a power of two, a file in zstd may refer: the most that zstd itself takes without being asked.
const ZSTD_WINDOW_LOG: u32 = 27;
/// How much memory a file in xz may ask for, in KiB; the strongest of its presets, `-9`, needs 65 MiB.
const XZ_MEMORY: u32 = 96 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packer {
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    Zip,
    /// One whose files are not unpacked here.
    Other(&'static str),
}

/// What a file begins with.
const MARKS: [(Packer, &[u8]); 7] = [
    (Packer::Gzip, &[0x1f, 0x8b]),
    (Packer::Zip, b"PK\x03\x04"),
    (Packer::Xz, b"\xfd7zXZ\0"),
    (Packer::Zstd, &[0x28, 0xb5, 0x2f, 0xfd]),
    (Packer::Other("lz4"), &[0x04, 0x22, 0x4d, 0x18]),
    (Packer::Other("7z"), b"7z\xbc\xaf\x27\x1c"),
    (Packer::Other("rar"), b"Rar!\x1a\x07"),
];

impl Packer {
    /// How many bytes of a file [`of`](Self::of) looks at.
    pub(crate) const MARK: u64 = 16;

    /// Of a file that begins with `begin`.
    pub(crate) fn of(begin: &[u8]) -> Option<Self> {
        if is_bzip2(begin) {
            return Some(Self::Bzip2);
        }
        let mut marks = MARKS.iter();
        let found = marks.find(|(_, mark)| begin.starts_with(mark));
        found.map(|(packer, _)| *packer)
    }

    /// What `file`, which is a single one that is packed, was before; nothing for an archive, and for what is not read here.
    /// All parts of a file that was packed in parts come one behind the other.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn unpacked<'a>(
        self,
        file: impl Read + 'a,
    ) -> std::io::Result<Option<Box<dyn Read + 'a>>> {
        let file = BufReader::new(file);
        Ok(match self {
            Self::Gzip => Some(Box::new(MultiGzDecoder::new(file))),
            Self::Bzip2 => Some(Box::new(MultiBzDecoder::new(file))),
            Self::Xz => Some(Box::new(XzReader::new_mem_limit(file, true, XZ_MEMORY))),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(file)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Some(Box::new(decoder))
            }
            Self::Zip | Self::Other(_) => None,
        })
    }
}

/// bzip2's own mark is three letters that a text may begin with; behind them stand a level and the mark of the first block, or of
/// the end.
fn is_bzip2(begin: &[u8]) -> bool {
    match begin {
        [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] => {
            rest.starts_with(b"1AY&SY") || rest.starts_with(b"\x17rE8P\x90")
        }
        _ => false,
    }
}

impl fmt::Display for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Zip => "zip",
            Self::Other(name) => name,
        })
    }
}
