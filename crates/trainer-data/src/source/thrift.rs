use std::io::{self, Read};

/// Reads what Parquet's metadata is written in, as far as to know how much there is:
/// <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.
pub(crate) struct Thrift<R> {
    bytes: R,
    /// How many bytes were read.
    read: u64,
}

/// The type of a field or an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind(u8);

impl Kind {
    const TRUE: Self = Self(1);
    const FALSE: Self = Self(2);
    pub(crate) const BYTE: Self = Self(3);
    const I16: Self = Self(4);
    const I32: Self = Self(5);
    const I64: Self = Self(6);
    const DOUBLE: Self = Self(7);
    pub(crate) const BINARY: Self = Self(8);
    const LIST: Self = Self(9);
    const SET: Self = Self(10);
    const MAP: Self = Self(11);
    const STRUCT: Self = Self(12);
    const UUID: Self = Self(13);

    pub(crate) fn is_struct(self) -> bool {
        self == Self::STRUCT
    }

    pub(crate) fn is_list(self) -> bool {
        self == Self::LIST
    }

    pub(crate) fn is_bool(self) -> bool {
        matches!(self, Self::TRUE | Self::FALSE)
    }

    /// Whether a field of truth is false.
    pub(crate) fn is_false(self) -> bool {
        self == Self::FALSE
    }

    pub(crate) fn is_int(self) -> bool {
        matches!(self, Self::I16 | Self::I32 | Self::I64)
    }
}

/// How deep in structs and lists what is skipped may be.
const DEEPEST: usize = 64;

impl<R: Read> Thrift<R> {
    pub(crate) fn new(bytes: R) -> Self {
        Self { bytes, read: 0 }
    }

    /// How many bytes were read.
    pub(crate) fn read(&self) -> u64 {
        self.read
    }

    /// The number and type of the next field of a struct, whose field before had the number `last`; nothing at its end.
    ///
    /// # Errors
    /// That the fields do not stand in order, as all writers have them: readers differ on those that stand twice.
    pub(crate) fn field(&mut self, last: i64) -> io::Result<Option<(i64, Kind)>> {
        let head = self.byte()?;
        if head == 0 {
            return Ok(None);
        }
        let number = match head >> 4 {
            0 => self.int()?,
            step => last.saturating_add(step.into()),
        };
        match number > last && number <= i16::MAX.into() {
            true => Ok(Some((number, Kind(head & 15)))),
            false => Err(wrong(&format!("field {number} behind field {last}"))),
        }
    }

    /// How many elements of which type the list has that stands next.
    pub(crate) fn list(&mut self) -> io::Result<(u64, Kind)> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.unsigned()?,
            count => count.into(),
        };
        Ok((count, Kind(head & 15)))
    }

    /// A number of 16, 32 or 64 bits.
    pub(crate) fn int(&mut self) -> io::Result<i64> {
        let value = self.unsigned()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Passes a field of type `kind`.
    pub(crate) fn skip(&mut self, kind: Kind) -> io::Result<()> {
        self.skip_within(kind, false, DEEPEST)
    }

    fn skip_within(&mut self, kind: Kind, is_element: bool, depth: usize) -> io::Result<()> {
        let deeper = depth
            .checked_sub(1)
            .ok_or_else(|| wrong("it is nested too deeply"))?;
        match kind {
            // A field has its truth value in its type.
            Kind::TRUE | Kind::FALSE if !is_element => Ok(()),
            // Readers differ on how long they are.
            Kind::TRUE | Kind::FALSE => Err(wrong("a list of truth values")),
            Kind::BYTE => self.byte().map(drop),
            Kind::I16 | Kind::I32 | Kind::I64 => self.unsigned().map(drop),
            Kind::DOUBLE => self.pass(8),
            Kind::UUID => self.pass(16),
            Kind::BINARY => {
                let length = self.unsigned()?;
                self.pass(length)
            }
            Kind::LIST | Kind::SET => {
                let (count, element) = self.list()?;
                (0..count).try_for_each(|_| self.skip_within(element, true, deeper))
            }
            Kind::MAP => {
                let count = self.unsigned()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                (0..count).try_for_each(|_| {
                    self.skip_within(Kind(kinds >> 4), true, deeper)?;
                    self.skip_within(Kind(kinds & 15), true, deeper)
                })
            }
            Kind::STRUCT => {
                let mut last = 0;
                while let Some((number, kind)) = self.field(last)? {
                    self.skip_within(kind, false, deeper)?;
                    last = number;
                }
                Ok(())
            }
            Kind(other) => Err(wrong(&format!("a field of type {other}"))),
        }
    }

    /// A number that is not negative.
    pub(crate) fn unsigned(&mut self) -> io::Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(value);
            }
        }
        Err(wrong("a number of more than 64 bits"))
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.bytes.read_exact(&mut byte)?;
        self.read += 1;
        Ok(byte[0])
    }

    fn pass(&mut self, count: u64) -> io::Result<()> {
        let passed = io::copy(&mut self.bytes.by_ref().take(count), &mut io::sink())?;
        self.read += passed;
        match passed == count {
            true => Ok(()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

pub(crate) fn wrong(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.to_owned())
}
