//! What Parquet's metadata is made of, as far as it is looked at here:
//! <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.
//!
//! The `parquet` crate takes a field that it knows for what it should be, whatever the file says that it is. A field that is listed here is
//! refused where it is something else, so that both read the same; of others both pass what the file says.

use std::io::{self, Read};

use super::thrift::{Kind, Thrift, wrong};

/// What a field is.
pub(crate) enum Shape {
    Byte,
    /// A whole number of 32 bits.
    Int,
    Bool,
    Binary,
    Struct(Fields),
}

/// The fields of a struct by their numbers.
pub(crate) type Fields = &'static [(i64, Shape)];

const EMPTY: Shape = Shape::Struct(&[]);

/// `PageHeader`. The statistics of pages are passed there, too.
pub(crate) const PAGE_HEADER: Fields = &[
    (1, Shape::Int),
    (2, Shape::Int),
    (3, Shape::Int),
    (4, Shape::Int),
    (5, Shape::Struct(DATA_PAGE_HEADER)),
    (6, EMPTY),
    (7, Shape::Struct(DICTIONARY_PAGE_HEADER)),
    (8, Shape::Struct(DATA_PAGE_HEADER_V2)),
];

const DATA_PAGE_HEADER: Fields = &[
    (1, Shape::Int),
    (2, Shape::Int),
    (3, Shape::Int),
    (4, Shape::Int),
];

const DICTIONARY_PAGE_HEADER: Fields = &[(1, Shape::Int), (2, Shape::Int), (3, Shape::Bool)];

const DATA_PAGE_HEADER_V2: Fields = &[
    (1, Shape::Int),
    (2, Shape::Int),
    (3, Shape::Int),
    (4, Shape::Int),
    (5, Shape::Int),
    (6, Shape::Int),
    (7, Shape::Bool),
];

/// `SchemaElement`.
pub(crate) const SCHEMA_ELEMENT: Fields = &[
    (1, Shape::Int),
    (2, Shape::Int),
    (3, Shape::Int),
    (4, Shape::Binary),
    (5, Shape::Int),
    (6, Shape::Int),
    (7, Shape::Int),
    (8, Shape::Int),
    (9, Shape::Int),
    (10, Shape::Struct(LOGICAL_TYPE)),
];

const LOGICAL_TYPE: Fields = &[
    (1, EMPTY),
    (2, EMPTY),
    (3, EMPTY),
    (4, EMPTY),
    // Decimal numbers.
    (5, Shape::Struct(&[(1, Shape::Int), (2, Shape::Int)])),
    (6, EMPTY),
    (7, Shape::Struct(TIME_TYPE)),
    (8, Shape::Struct(TIME_TYPE)),
    // Whole numbers.
    (10, Shape::Struct(&[(1, Shape::Byte), (2, Shape::Bool)])),
    (11, EMPTY),
    (12, EMPTY),
    (13, EMPTY),
    (14, EMPTY),
    (15, EMPTY),
    (16, Shape::Struct(&[(1, Shape::Byte)])),
    // Places on earth.
    (17, Shape::Struct(&[(1, Shape::Binary)])),
    (18, Shape::Struct(&[(1, Shape::Binary), (2, Shape::Int)])),
    (19, EMPTY),
];

/// Whether it is of the zone UTC, and its unit.
const TIME_TYPE: Fields = &[
    (1, Shape::Bool),
    (2, Shape::Struct(&[(1, EMPTY), (2, EMPTY), (3, EMPTY)])),
];

/// Reads a struct of these fields. `see` is given the numbers of the struct's field, which is `of`, and of the field in it, for each that
/// is there, and its value if it is a whole number or 0 and 1 for truth values.
pub(crate) fn walk<R: Read>(
    thrift: &mut Thrift<R>,
    fields: Fields,
    of: i64,
    see: &mut dyn FnMut(i64, i64, i32),
) -> io::Result<()> {
    let mut last = 0;
    while let Some((number, kind)) = thrift.field(last)? {
        last = number;
        let Some((_, shape)) = fields.iter().find(|(have, _)| *have == number) else {
            thrift.skip(kind)?;
            continue;
        };
        let mut value = 0;
        match shape {
            Shape::Int if kind.is_int() => {
                let long = thrift.int()?;
                value = i32::try_from(long).map_err(|_| wrong("a number of more than 32 bits"))?;
            }
            Shape::Bool if kind.is_bool() => value = i32::from(!kind.is_false()),
            Shape::Byte if kind == Kind::BYTE => thrift.skip(kind)?,
            Shape::Binary if kind == Kind::BINARY => thrift.skip(kind)?,
            Shape::Struct(_) if kind.is_struct() => {}
            _ => {
                return Err(wrong(&format!(
                    "field {number} of its metadata is no {shape}"
                )));
            }
        }
        see(of, number, value);
        if let Shape::Struct(fields) = shape {
            walk(thrift, fields, number, see)?;
        }
    }
    Ok(())
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Byte => "byte",
            Self::Int => "whole number",
            Self::Bool => "truth value",
            Self::Binary => "text",
            Self::Struct(_) => "struct",
        })
    }
}
