//! What lies on the machine's stack, and its turning into a tree.

use tch::{Kind, Tensor};

use super::constructor::Constructor;
use super::value::{Dict, NumpyArray, Value};
use crate::PickleError;

/// Place of a node in the machine's memory. Lists and dicts are filled after others have come to point to them.
pub(super) type Id = usize;

#[derive(Debug)]
pub(super) enum Node {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    Bytes(Vec<u8>),
    Tensor(Tensor),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    Array(NumpyArray),
    /// A NumPy dtype, such as `u4`.
    Dtype(String),
    Storage {
        key: String,
        kind: Kind,
        numel: usize,
    },
    Constructor(Constructor),
}

const DEEPEST: usize = 200;
/// How many bytes a tree may have, beside the elements of its tensors: to every byte of the pickle, and beside them.
const LARGEST: usize = 128;
const ALWAYS: usize = 16 << 20;
/// About what a node takes, and what it holds by a pointer beside its bytes; for a tensor what libtorch keeps of it.
const NODE: usize = size_of::<Value>();
const POINTED: usize = 32;
const TENSOR: usize = 256;

/// Turns nodes into trees. What is shared is repeated, so that depth and size are bounded here.
pub(super) struct Trees<'a> {
    nodes: &'a [Node],
    left: usize,
}

impl<'a> Trees<'a> {
    /// Of a pickle of `length` bytes.
    pub(super) fn new(nodes: &'a [Node], length: usize) -> Self {
        Self {
            nodes,
            left: length.saturating_mul(LARGEST).saturating_add(ALWAYS),
        }
    }

    pub(super) fn tree(&mut self, id: Id, depth: usize) -> Result<Value, PickleError> {
        if depth > DEEPEST {
            return Err(too_large(format!("nested more than {DEEPEST} times")));
        }
        let node = self.nodes.get(id).unwrap_or(&Node::None);
        let weight = NODE
            + match node {
                Node::Str(text) => POINTED + text.len(),
                Node::Bytes(bytes) => POINTED + bytes.len(),
                Node::Array(array) => {
                    3 * POINTED + array.bytes.len() + size_of_val(array.shape.as_slice())
                }
                Node::Tensor(_) => TENSOR,
                Node::List(_) | Node::Tuple(_) | Node::Dict(_) => POINTED,
                _ => 0,
            };
        self.left = self
            .left
            .checked_sub(weight)
            .ok_or_else(|| too_large("larger than any checkpoint's".to_owned()))?;
        Ok(match node {
            Node::None => Value::None,
            Node::Bool(value) => Value::Bool(*value),
            Node::Int(value) => Value::Int(*value),
            Node::Float(value) => Value::Float(*value),
            Node::Str(value) => Value::Str(value.clone()),
            Node::Bytes(value) => Value::Bytes(value.clone()),
            Node::Tensor(tensor) => Value::Tensor(tensor.shallow_clone()),
            Node::List(ids) => Value::List(self.trees(ids, depth)?),
            Node::Tuple(ids) => Value::Tuple(self.trees(ids, depth)?),
            Node::Dict(entries) => {
                let pairs = entries.iter().map(|&(key, value)| {
                    Ok((self.tree(key, depth + 1)?, self.tree(value, depth + 1)?))
                });
                Value::Dict(pairs.collect::<Result<Dict, PickleError>>()?)
            }
            Node::Array(array) => Value::Array(array.clone()),
            Node::Dtype(name) => {
                return Err(PickleError::Refused {
                    name: format!("numpy.dtype({name:?}) as a value"),
                });
            }
            Node::Storage { key, .. } => {
                return Err(PickleError::Refused {
                    name: format!("storage {key} as a value"),
                });
            }
            Node::Constructor(constructor) => {
                return Err(PickleError::Refused {
                    name: format!("{constructor:?} as a value"),
                });
            }
        })
    }

    fn trees(&mut self, ids: &[Id], depth: usize) -> Result<Vec<Value>, PickleError> {
        ids.iter().map(|&id| self.tree(id, depth + 1)).collect()
    }
}

fn too_large(found: String) -> PickleError {
    PickleError::Unexpected {
        expected: "the state of a training run".to_owned(),
        found: format!("a tree {found}"),
    }
}
