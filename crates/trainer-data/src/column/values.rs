//! What an array holds, whether it lies in memory or in a mapped file: arrow2's arrays in the one case, Apache's in the other.

use std::ops::Range;

use arrow_array::{
    Array as _, BinaryArray as MappedBinary, BooleanArray as MappedBools, LargeBinaryArray,
    LargeStringArray, StringArray,
};
use arrow_buffer::NullBuffer;
use arrow2::{
    array::{BinaryArray, BooleanArray, Utf8Array},
    bitmap::Bitmap,
};

/// Which values are there.
#[derive(Clone, Copy)]
pub(crate) enum Validity<'a> {
    All,
    InMemory(&'a Bitmap),
    Mapped(&'a NullBuffer),
}

impl<'a> Validity<'a> {
    pub(crate) fn in_memory(bitmap: Option<&'a Bitmap>) -> Self {
        bitmap.map_or(Self::All, Self::InMemory)
    }

    pub(crate) fn mapped(nulls: Option<&'a NullBuffer>) -> Self {
        nulls.map_or(Self::All, Self::Mapped)
    }

    pub(crate) fn is_null(self, at: usize) -> bool {
        match self {
            Self::All => false,
            Self::InMemory(bitmap) => !bitmap.get_bit(at),
            Self::Mapped(nulls) => nulls.is_null(at),
        }
    }

    /// Whether no value of `range` is missing.
    fn is_whole(self, mut range: Range<usize>) -> bool {
        match self {
            Self::All => true,
            Self::InMemory(bitmap) if bitmap.unset_bits() == 0 => true,
            Self::Mapped(nulls) if nulls.null_count() == 0 => true,
            _ => range.all(|at| !self.is_null(at)),
        }
    }
}

/// Numbers.
#[derive(Clone, Copy)]
pub(crate) struct Numbers<'a, T> {
    values: &'a [T],
    validity: Validity<'a>,
}

impl<'a, T: Copy> Numbers<'a, T> {
    pub(crate) fn new(values: &'a [T], validity: Validity<'a>) -> Self {
        Self { values, validity }
    }

    pub(crate) fn is_null(&self, at: usize) -> bool {
        self.validity.is_null(at)
    }

    /// The number at `at`, any one where it is missing.
    pub(crate) fn value(&self, at: usize) -> T {
        self.values[at]
    }

    pub(crate) fn get(&self, at: usize) -> Option<T> {
        (!self.is_null(at)).then(|| self.value(at))
    }

    /// The numbers of `range`, unless one of them is missing.
    pub(crate) fn whole(&self, range: Range<usize>) -> Option<&'a [T]> {
        let is_whole = self.validity.is_whole(range.clone());
        is_whole.then(|| &self.values[range])
    }
}

/// Truth values.
#[derive(Clone, Copy)]
pub(crate) enum Bools<'a> {
    InMemory(&'a BooleanArray),
    Mapped(&'a MappedBools),
}

impl Bools<'_> {
    fn validity(&self) -> Validity<'_> {
        match self {
            Self::InMemory(array) => Validity::in_memory(array.validity()),
            Self::Mapped(array) => Validity::mapped(array.nulls()),
        }
    }

    pub(crate) fn is_null(&self, at: usize) -> bool {
        self.validity().is_null(at)
    }

    pub(crate) fn value(&self, at: usize) -> bool {
        match self {
            Self::InMemory(array) => array.value(at),
            Self::Mapped(array) => array.value(at),
        }
    }

    pub(crate) fn get(&self, at: usize) -> Option<bool> {
        (!self.is_null(at)).then(|| self.value(at))
    }

    /// The truth values of `range`, unless one of them is missing.
    pub(crate) fn whole(&self, range: Range<usize>) -> Option<Vec<bool>> {
        let is_whole = self.validity().is_whole(range.clone());
        is_whole.then(|| range.map(|at| self.value(at)).collect())
    }
}

/// Texts, or bytes: a type of array for each, by where they lie and how wide the places of their ends are.
macro_rules! bytes {
    ($doc:literal, $name:ident, $value:ty, $in_memory:ty, $mapped:ty, $large:ty) => {
        #[doc = $doc]
        #[derive(Clone, Copy)]
        pub(crate) enum $name<'a> {
            InMemory(&'a $in_memory),
            Mapped(&'a $mapped),
            MappedLarge(&'a $large),
        }

        impl<'a> $name<'a> {
            fn validity(&self) -> Validity<'a> {
                match *self {
                    Self::InMemory(array) => Validity::in_memory(array.validity()),
                    Self::Mapped(array) => Validity::mapped(array.nulls()),
                    Self::MappedLarge(array) => Validity::mapped(array.nulls()),
                }
            }

            pub(crate) fn is_null(&self, at: usize) -> bool {
                self.validity().is_null(at)
            }

            pub(crate) fn value(&self, at: usize) -> &'a $value {
                match *self {
                    Self::InMemory(array) => array.value(at),
                    Self::Mapped(array) => array.value(at),
                    Self::MappedLarge(array) => array.value(at),
                }
            }

            pub(crate) fn get(&self, at: usize) -> Option<&'a $value> {
                (!self.is_null(at)).then(|| self.value(at))
            }
        }
    };
}
bytes!(
    "Texts.",
    Texts,
    str,
    Utf8Array<i64>,
    StringArray,
    LargeStringArray
);
bytes!(
    "Bytes.",
    Blobs,
    [u8],
    BinaryArray<i64>,
    MappedBinary,
    LargeBinaryArray
);

impl<'a> Texts<'a> {
    /// Those of `range`, unless one of them is missing.
    pub(crate) fn whole(&self, range: Range<usize>) -> Option<Vec<&'a str>> {
        let is_whole = self.validity().is_whole(range.clone());
        is_whole.then(|| range.map(|at| self.value(at)).collect())
    }
}

/// Where the elements of each list stand among those of all.
#[derive(Clone, Copy)]
pub(crate) struct Lists<'a> {
    ends: Ends<'a>,
    validity: Validity<'a>,
}

/// Where each list ends; the first begins at the first place.
#[derive(Clone, Copy)]
pub(crate) enum Ends<'a> {
    Of32(&'a [i32]),
    Of64(&'a [i64]),
}

impl<'a> Lists<'a> {
    pub(crate) fn new(ends: Ends<'a>, validity: Validity<'a>) -> Self {
        Self { ends, validity }
    }

    pub(crate) fn is_null(&self, at: usize) -> bool {
        self.validity.is_null(at)
    }

    pub(crate) fn range(&self, at: usize) -> Range<usize> {
        match self.ends {
            Ends::Of32(ends) => ends[at] as usize..ends[at + 1] as usize,
            Ends::Of64(ends) => ends[at] as usize..ends[at + 1] as usize,
        }
    }
}
