//! NumPy's arrays, dtypes and scalars in a pickle.

use super::machine::Machine;
use super::node::{Id, Node};
use super::value::NumpyArray;
use crate::PickleError;

type Result<T> = std::result::Result<T, PickleError>;

/// What `_reconstruct` gives: an array that waits for its state.
pub(super) fn empty_array() -> Node {
    Node::Array(NumpyArray {
        dtype: "u1".to_owned(),
        shape: vec![0],
        bytes: Vec::new(),
    })
}

/// An array's state: `(version, shape, dtype, is_fortran, bytes)`.
pub(super) fn array(machine: &Machine<'_>, state: Id) -> Result<Node> {
    let elements = machine.elements(state)?;
    let &[_version, shape, dtype, fortran, bytes] = elements.as_slice() else {
        return Err(machine.malformed(format!(
            "an array's state of {} parts, expected 5",
            elements.len()
        )));
    };
    let shape = machine.sizes(shape)?;
    let (Node::Dtype(dtype), Node::Bytes(bytes)) = (&machine.nodes[dtype], &machine.nodes[bytes])
    else {
        return Err(machine.malformed("an array without dtype or bytes"));
    };
    if matches!(machine.nodes[fortran], Node::Bool(true)) && shape.len() > 1 {
        return Err(machine.malformed("an array in Fortran's order"));
    }
    let expected = shape
        .iter()
        .try_fold(item_size(dtype).unwrap_or(0), |size, &length| {
            size.checked_mul(length)
        });
    if expected != Some(bytes.len()) {
        return Err(machine.malformed(format!(
            "an array {dtype}{shape:?} of {} bytes",
            bytes.len()
        )));
    }
    machine.count_copies(bytes.len())?;
    Ok(Node::Array(NumpyArray {
        dtype: dtype.clone(),
        shape,
        bytes: bytes.clone(),
    }))
}

/// A dtype by its letter and size; only plain numbers.
pub(super) fn dtype(machine: &Machine<'_>, name: Id) -> Result<Node> {
    match &machine.nodes[name] {
        Node::Str(name) if item_size(name).is_some() => Ok(Node::Dtype(name.clone())),
        Node::Str(name) => Err(PickleError::Refused {
            name: format!("numpy.dtype({name:?})"),
        }),
        _ => Err(machine.malformed("a dtype that is not text")),
    }
}

/// A dtype's state: `(version, byte order, …)`.
pub(super) fn check_byte_order(machine: &Machine<'_>, state: Id) -> Result<()> {
    match machine
        .elements(state)?
        .get(1)
        .map(|&order| &machine.nodes[order])
    {
        Some(Node::Str(order)) if matches!(order.as_str(), "<" | "|" | "=") => Ok(()),
        _ => Err(machine.malformed("an array that is not little-endian")),
    }
}

/// A number that NumPy made.
pub(super) fn scalar(machine: &Machine<'_>, dtype: Id, bytes: Id) -> Result<Node> {
    let (Node::Dtype(dtype), Node::Bytes(bytes)) = (&machine.nodes[dtype], &machine.nodes[bytes])
    else {
        return Err(machine.malformed("a number without dtype or bytes"));
    };
    let refused = || PickleError::Refused {
        name: format!("a numpy scalar of dtype {dtype:?}"),
    };
    Ok(match (dtype.as_str(), bytes.as_slice()) {
        ("f8", &[a, b, c, d, e, f, g, h]) => {
            Node::Float(f64::from_le_bytes([a, b, c, d, e, f, g, h]))
        }
        ("f4", &[a, b, c, d]) => Node::Float(f64::from(f32::from_le_bytes([a, b, c, d]))),
        ("i8", &[a, b, c, d, e, f, g, h]) => {
            Node::Int(i64::from_le_bytes([a, b, c, d, e, f, g, h]))
        }
        ("i4", &[a, b, c, d]) => Node::Int(i64::from(i32::from_le_bytes([a, b, c, d]))),
        ("b1", &[a]) => Node::Bool(a != 0),
        _ => return Err(refused()),
    })
}

fn item_size(dtype: &str) -> Option<usize> {
    Some(match dtype {
        "b1" | "i1" | "u1" => 1,
        "f2" | "i2" | "u2" => 2,
        "f4" | "i4" | "u4" => 4,
        "f8" | "i8" | "u8" => 8,
        _ => return None,
    })
}
