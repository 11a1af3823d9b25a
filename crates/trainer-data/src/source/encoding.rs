//! Texts in other encodings than UTF-8.

use std::{
    fmt,
    io::{self, Read},
};

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252, mem::decode_latin1};

/// How the bytes of a text file are read, where they are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Each byte is the character of its number.
    Latin1,
    Cp1252,
    /// As the mark at the beginning says, which must be there.
    Utf16,
    Utf16Le,
    Utf16Be,
}

/// The names of encodings, for messages.
pub(crate) const KNOWN: &str = "utf-8, latin-1, cp1252, utf-16, utf-16-le or utf-16-be";

impl Encoding {
    /// The one that Python has under `name`: nothing inside for UTF-8, nothing for others.
    pub(crate) fn named(name: &str) -> Option<Option<Self>> {
        let plain = name.to_lowercase().replace(['-', '_', ' '], "");
        Some(match plain.as_str() {
            "utf8" | "utf8sig" | "u8" => None,
            "latin1" | "iso88591" | "latin" | "l1" | "8859" | "cp819" => Some(Self::Latin1),
            "cp1252" | "windows1252" | "1252" => Some(Self::Cp1252),
            "utf16" | "u16" => Some(Self::Utf16),
            "utf16le" => Some(Self::Utf16Le),
            "utf16be" => Some(Self::Utf16Be),
            _ => return None,
        })
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Latin1 => "latin-1",
            Self::Cp1252 => "cp1252",
            Self::Utf16 => "utf-16",
            Self::Utf16Le => "utf-16-le",
            Self::Utf16Be => "utf-16-be",
        })
    }
}

/// The text of a file as UTF-8.
///
/// What is no text in its encoding is an error of kind [`io::ErrorKind::InvalidData`].
pub(crate) struct Recoded<R> {
    file: R,
    encoding: Encoding,
    /// Nothing before the first byte was read, and for Latin-1, which needs none.
    decoder: Option<Decoder>,
    /// How many bytes of the file were read.
    read: u64,
    text: Vec<u8>,
    given: usize,
    is_done: bool,
}

impl<R: Read> Recoded<R> {
    pub(crate) fn new(file: R, encoding: Encoding) -> Self {
        Self {
            file,
            encoding,
            decoder: None,
            read: 0,
            text: Vec::new(),
            given: 0,
            is_done: false,
        }
    }

    /// Reads and decodes the next part of the file.
    fn fill(&mut self) -> io::Result<()> {
        let mut part = Vec::new();
        let wanted = 1 << 16;
        self.file.by_ref().take(wanted).read_to_end(&mut part)?;
        self.is_done = (part.len() as u64) < wanted;
        let begin = self.read;
        self.read += part.len() as u64;
        let mut bytes = part.as_slice();
        if begin == 0 {
            bytes = self.start(bytes)?;
        }
        self.given = 0;
        let Some(decoder) = &mut self.decoder else {
            self.text = decode_latin1(bytes).into_owned().into_bytes();
            return Ok(());
        };
        if self.encoding == Encoding::Cp1252
            && let Some(at) = bytes.iter().position(|byte| is_no_cp1252(*byte))
        {
            return Err(self.not_text(begin + at as u64));
        }
        let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
        let mut text = String::with_capacity(room.unwrap_or_default());
        let (result, read) =
            decoder.decode_to_string_without_replacement(bytes, &mut text, self.is_done);
        match result {
            DecoderResult::InputEmpty => self.text = text.into_bytes(),
            _ => return Err(self.not_text(begin + read as u64)),
        }
        Ok(())
    }

    /// Makes the decoder for a file that begins with `bytes`; what stands behind its mark.
    fn start<'a>(&mut self, bytes: &'a [u8]) -> io::Result<&'a [u8]> {
        let (known, bytes) = match (self.encoding, bytes) {
            (Encoding::Latin1, bytes) => return Ok(bytes),
            (Encoding::Cp1252, bytes) => (WINDOWS_1252, bytes),
            (Encoding::Utf16, [0xff, 0xfe, bytes @ ..]) => (UTF_16LE, bytes),
            (Encoding::Utf16, [0xfe, 0xff, bytes @ ..]) => (UTF_16BE, bytes),
            (Encoding::Utf16, []) => (UTF_16LE, bytes),
            (Encoding::Utf16, _) => {
                let message =
                    "it does not begin with the mark of utf-16: say utf-16-le or utf-16-be";
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            (Encoding::Utf16Le, bytes) => (UTF_16LE, bytes),
            (Encoding::Utf16Be, bytes) => (UTF_16BE, bytes),
        };
        self.decoder = Some(known.new_decoder_without_bom_handling());
        Ok(bytes)
    }

    fn not_text(&self, at: u64) -> io::Error {
        let message = format!("it is not in {}: the bytes around byte {at}", self.encoding);
        io::Error::new(io::ErrorKind::InvalidData, message)
    }
}

/// Whether cp1252 has no character for a byte; browsers take it for a control character, Python refuses it.
fn is_no_cp1252(byte: u8) -> bool {
    matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)
}

impl<R: Read> Read for Recoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.is_done {
            self.fill()?;
        }
        let mut rest = &self.text[self.given..];
        let count = rest.read(into)?;
        self.given += count;
        Ok(count)
    }
}
