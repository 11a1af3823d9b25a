use tch::Tensor;

use crate::PickleError;

/// A tree of what Python's checkpoints hold.
#[derive(Debug, Default)]
#[non_exhaustive]
pub enum Value {
    /// Python's `None`.
    #[default]
    None,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number of double precision.
    Float(f64),
    /// Text.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A tensor; those that are read lie in host memory.
    Tensor(Tensor),
    /// A list.
    List(Vec<Value>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A dictionary; also an `OrderedDict` or a `defaultdict`.
    Dict(Dict),
    /// An array of NumPy.
    Array(NumpyArray),
}

impl Value {
    /// What it is, in Python's words: `int`, `dict`, …
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::Tensor(_) => "tensor",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Dict(_) => "dict",
            Self::Array(_) => "numpy array",
        }
    }

    /// A truth value, as Python takes booleans and integers for one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match *self {
            Self::Bool(value) => Some(value),
            Self::Int(value) => Some(value != 0),
            _ => None,
        }
    }

    /// An integer.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Int(value) => Some(value),
            Self::Bool(value) => Some(i64::from(value)),
            _ => None,
        }
    }

    /// A number, integers included, which Python writes where a whole float was meant.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "as Python's float() does")]
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Float(value) => Some(value),
            Self::Int(value) => Some(value as f64),
            Self::Bool(value) => Some(f64::from(u8::from(value))),
            _ => None,
        }
    }

    /// Text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(value) => Some(value),
            _ => None,
        }
    }

    /// A tensor.
    #[must_use]
    pub fn as_tensor(&self) -> Option<&Tensor> {
        match self {
            Self::Tensor(value) => Some(value),
            _ => None,
        }
    }

    /// The elements of a list or a tuple.
    #[must_use]
    pub fn as_slice(&self) -> Option<&[Value]> {
        match self {
            Self::List(values) | Self::Tuple(values) => Some(values),
            _ => None,
        }
    }

    /// A dictionary.
    #[must_use]
    pub fn as_dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// Handles to the same tree: tensors share their memory.
    #[must_use]
    pub fn shallow_clone(&self) -> Self {
        let all = |values: &[Self]| values.iter().map(Self::shallow_clone).collect();
        match self {
            Self::None => Self::None,
            Self::Bool(value) => Self::Bool(*value),
            Self::Int(value) => Self::Int(*value),
            Self::Float(value) => Self::Float(*value),
            Self::Str(value) => Self::Str(value.clone()),
            Self::Bytes(value) => Self::Bytes(value.clone()),
            Self::Tensor(value) => Self::Tensor(value.shallow_clone()),
            Self::List(values) => Self::List(all(values)),
            Self::Tuple(values) => Self::Tuple(all(values)),
            Self::Dict(dict) => Self::Dict(
                dict.iter()
                    .map(|(key, value)| (key.shallow_clone(), value.shallow_clone()))
                    .collect(),
            ),
            Self::Array(array) => Self::Array(array.clone()),
        }
    }

    /// The error that says that `expected` should be here.
    #[must_use]
    pub fn unexpected(&self, expected: impl Into<String>) -> PickleError {
        PickleError::Unexpected {
            expected: expected.into(),
            found: self.kind().to_owned(),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Str(value.to_owned())
    }
}

impl From<Tensor> for Value {
    fn from(value: Tensor) -> Self {
        Self::Tensor(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    /// A list.
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

/// A dictionary in the order of its file, with keys of any kind.
#[derive(Debug, Default)]
pub struct Dict {
    entries: Vec<(Value, Value)>,
}

impl Dict {
    /// An empty dictionary.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry at the end. Where a key occurs twice the last entry counts, as in Python.
    pub fn push(&mut self, key: impl Into<Value>, value: impl Into<Value>) {
        self.entries.push((key.into(), value.into()));
    }

    /// Adds an entry at the end, for chains.
    #[must_use]
    pub fn with(mut self, key: impl Into<Value>, value: impl Into<Value>) -> Self {
        self.push(key, value);
        self
    }

    /// The value under a text key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries
            .iter()
            .rev()
            .find(|(name, _)| name.as_str() == Some(key))
            .map(|(_, value)| value)
    }

    /// The value under an integer key.
    #[must_use]
    pub fn get_int(&self, key: i64) -> Option<&Value> {
        self.entries
            .iter()
            .rev()
            .find(|(name, _)| name.as_i64() == Some(key))
            .map(|(_, value)| value)
    }

    /// The value under a text key, which has to be there.
    ///
    /// # Errors
    /// When it is not; the error lists the keys that are.
    pub fn require(&self, key: &str) -> Result<&Value, PickleError> {
        self.get(key).ok_or_else(|| PickleError::Unexpected {
            expected: format!("the key {key:?}"),
            found: format!(
                "{:?}",
                self.entries
                    .iter()
                    .filter_map(|(name, _)| name.as_str())
                    .collect::<Vec<_>>()
            ),
        })
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Value, Value)> {
        self.entries.iter()
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl FromIterator<(Value, Value)> for Dict {
    fn from_iter<I: IntoIterator<Item = (Value, Value)>>(entries: I) -> Self {
        Self {
            entries: entries.into_iter().collect(),
        }
    }
}

impl<'a> IntoIterator for &'a Dict {
    type Item = &'a (Value, Value);
    type IntoIter = std::slice::Iter<'a, (Value, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl From<Dict> for Value {
    fn from(dict: Dict) -> Self {
        Self::Dict(dict)
    }
}

/// An array of NumPy: its bytes, in the order of C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumpyArray {
    /// NumPy's letter and size for the element, such as `u4` for 32-bit unsigned integers; bytes are little-endian.
    pub dtype: String,
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// The elements.
    pub bytes: Vec<u8>,
}
