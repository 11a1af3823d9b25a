//! What a pickle may call, and what it gives.

use tch::Kind;

use super::machine::Machine;
use super::node::{Id, Node};
use super::{numpy, storage};
use crate::PickleError;

type Result<T> = std::result::Result<T, PickleError>;

/// The names that a pickle may use. None of them runs anything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Constructor {
    Tensor,
    Parameter,
    Size,
    Storage(Kind),
    Dict,
    DefaultDict,
    /// What a `defaultdict` makes missing values with; ignored.
    Factory,
    Bytes,
    Encode,
    NumpyReconstruct,
    NumpyScalar,
    NumpyArray,
    NumpyDtype,
}

impl Constructor {
    pub(super) fn named(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("torch._utils", "_rebuild_tensor_v2") => Self::Tensor,
            ("torch._utils", "_rebuild_parameter") => Self::Parameter,
            ("torch", "Size") => Self::Size,
            ("torch", name) => Self::Storage(storage::kind(name)?),
            ("collections", "OrderedDict") => Self::Dict,
            ("collections", "defaultdict") => Self::DefaultDict,
            ("builtins" | "__builtin__", "dict" | "list" | "int" | "float") => Self::Factory,
            ("builtins" | "__builtin__", "bytes") => Self::Bytes,
            ("_codecs", "encode") => Self::Encode,
            ("numpy._core.multiarray" | "numpy.core.multiarray", "_reconstruct") => {
                Self::NumpyReconstruct
            }
            ("numpy._core.multiarray" | "numpy.core.multiarray", "scalar") => Self::NumpyScalar,
            ("numpy", "ndarray") => Self::NumpyArray,
            ("numpy", "dtype") => Self::NumpyDtype,
            _ => return None,
        })
    }
}

/// What a constructor gives for its arguments.
pub(super) fn call(machine: &mut Machine<'_>, function: Id, arguments: Id) -> Result<Node> {
    let Node::Constructor(constructor) = machine.nodes[function] else {
        return Err(machine.malformed("a call of what is not a function"));
    };
    let arguments = machine.elements(arguments)?;
    match (constructor, arguments.as_slice()) {
        (Constructor::Tensor, &[storage, offset, size, stride, ..]) => {
            tensor(machine, storage, offset, size, stride)
        }
        (Constructor::Parameter, &[data, ..]) => match &machine.nodes[data] {
            Node::Tensor(tensor) => Ok(Node::Tensor(tensor.shallow_clone())),
            _ => Err(machine.malformed("a parameter that is not a tensor")),
        },
        (Constructor::Size, &[sizes]) => Ok(Node::Tuple(machine.elements(sizes)?)),
        (Constructor::Dict, []) | (Constructor::DefaultDict, [] | [_]) => {
            Ok(Node::Dict(Vec::new()))
        }
        (Constructor::Dict, &[pairs]) => ordered_dict(machine, pairs),
        (Constructor::Bytes, []) => Ok(Node::Bytes(Vec::new())),
        (Constructor::Encode, &[text, ..]) => encode(machine, text),
        (Constructor::NumpyReconstruct, _) => Ok(numpy::empty_array()),
        (Constructor::NumpyScalar, &[dtype, bytes]) => numpy::scalar(machine, dtype, bytes),
        (Constructor::NumpyDtype, &[name, ..]) => numpy::dtype(machine, name),
        (other, arguments) => {
            Err(machine.malformed(format!("{other:?} with {} arguments", arguments.len())))
        }
    }
}

/// Gives an object its state.
pub(super) fn build(machine: &mut Machine<'_>, object: Id, state: Id) -> Result<()> {
    match &machine.nodes[object] {
        Node::Array(_) => {
            let array = numpy::array(machine, state)?;
            machine.nodes[object] = array;
            Ok(())
        }
        Node::Dtype(_) => numpy::check_byte_order(machine, state),
        // The attributes of an `OrderedDict`, such as `_metadata` of a module's state.
        Node::Dict(_) => Ok(()),
        _ => Err(machine.malformed("a state for what has none")),
    }
}

/// The storage that a persistent id names: `("storage", torch.FloatStorage, key, location, numel)`.
pub(super) fn storage(machine: &Machine<'_>, id: Id) -> Result<Node> {
    let elements = machine.elements(id)?;
    let &[tag, class, key, _location, numel] = elements.as_slice() else {
        return Err(machine.malformed(format!(
            "a persistent id of {} parts, expected 5",
            elements.len()
        )));
    };
    let numel = machine.size(numel)?;
    match (
        &machine.nodes[tag],
        &machine.nodes[class],
        &machine.nodes[key],
    ) {
        (Node::Str(tag), &Node::Constructor(Constructor::Storage(kind)), Node::Str(key))
            if tag == "storage" =>
        {
            machine.count_copies(key.len())?;
            Ok(Node::Storage {
                key: key.clone(),
                kind,
                numel,
            })
        }
        _ => Err(machine.malformed("a persistent id that is not a storage's")),
    }
}

fn tensor(
    machine: &mut Machine<'_>,
    storage: Id,
    offset: Id,
    size: Id,
    stride: Id,
) -> Result<Node> {
    let (offset, size, stride) = (
        machine.size(offset)?,
        machine.sizes(size)?,
        machine.sizes(stride)?,
    );
    let Node::Storage { key, kind, numel } = &machine.nodes[storage] else {
        return Err(machine.malformed("a tensor without a storage"));
    };
    machine.count_copies(key.len())?;
    let (key, kind, numel) = (key.clone(), *kind, *numel);
    if size.len() != stride.len() || !fits(offset, &size, &stride, numel) {
        let reason = format!(
            "a tensor of size {size:?}, stride {stride:?} at {offset} in a storage of {numel} elements"
        );
        return Err(machine.malformed(reason));
    }
    machine.count_tensor(&size, storage::class(kind).map_or(16, |(_, bytes)| bytes))?;
    let whole = machine.storages.read(&key, kind, numel)?;
    let signed = |numbers: Vec<usize>| {
        numbers
            .into_iter()
            .map(i64::try_from)
            .collect::<std::result::Result<Vec<_>, _>>()
    };
    match (signed(size), signed(stride), i64::try_from(offset)) {
        (Ok(size), Ok(stride), Ok(offset)) => {
            Ok(Node::Tensor(whole.f_as_strided(size, stride, offset)?))
        }
        _ => Err(machine.malformed("a tensor larger than any")),
    }
}

/// Whether the farthest element of a tensor lies in its storage.
fn fits(offset: usize, size: &[usize], stride: &[usize], numel: usize) -> bool {
    if size.contains(&0) {
        return offset <= numel;
    }
    let farthest = size
        .iter()
        .zip(stride)
        .try_fold(offset, |sum, (&length, &step)| {
            (length - 1)
                .checked_mul(step)
                .and_then(|more| sum.checked_add(more))
        });
    farthest.is_some_and(|farthest| farthest < numel)
}

fn ordered_dict(machine: &Machine<'_>, pairs: Id) -> Result<Node> {
    let pair = |id| match machine.elements(id)?.as_slice() {
        &[key, value] => Ok((key, value)),
        _ => Err(machine.malformed("an entry that is not a pair")),
    };
    Ok(Node::Dict(
        machine
            .elements(pairs)?
            .into_iter()
            .map(pair)
            .collect::<Result<_>>()?,
    ))
}

/// Bytes come as text of the same code points before protocol 3.
fn encode(machine: &Machine<'_>, text: Id) -> Result<Node> {
    let Node::Str(text) = &machine.nodes[text] else {
        return Err(machine.malformed("bytes that are not encoded as text"));
    };
    machine.count_copies(text.len())?;
    let bytes: Option<Vec<u8>> = text
        .chars()
        .map(|point| u8::try_from(u32::from(point)).ok())
        .collect();
    bytes
        .map(Node::Bytes)
        .ok_or_else(|| machine.malformed("bytes encoded as text beyond Latin-1"))
}
