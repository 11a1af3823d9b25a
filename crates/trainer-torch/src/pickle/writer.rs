//! Trees as pickles of protocol 2, of the instructions that Python's `weights_only` reader takes.

use std::collections::HashMap;

use tch::{Device, Tensor};

use super::value::{NumpyArray, Value};
use super::{opcode, storage};
use crate::PickleError;

type Result<T> = std::result::Result<T, PickleError>;

/// A pickle, and the tensors that it names by number: contiguous and in host memory.
pub(super) struct Pickled {
    pub(super) pickle: Vec<u8>,
    pub(super) storages: Vec<Tensor>,
}

impl Pickled {
    pub(super) fn new(value: &Value) -> Result<Self> {
        let mut writer = Writer {
            out: vec![opcode::PROTO, 2],
            storages: Vec::new(),
            keys: HashMap::new(),
        };
        writer.value(value)?;
        writer.out.push(opcode::STOP);
        Ok(Self {
            pickle: writer.out,
            storages: writer.storages,
        })
    }
}

struct Writer {
    out: Vec<u8>,
    storages: Vec<Tensor>,
    /// Storages by address and size, so that what shares memory does in the file.
    keys: HashMap<(usize, usize, &'static str), usize>,
}

impl Writer {
    fn value(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::None => self.out.push(opcode::NONE),
            Value::Bool(value) => self.bool(*value),
            Value::Int(value) => self.int(*value),
            Value::Float(value) => {
                self.out.push(opcode::BINFLOAT);
                self.out.extend(value.to_be_bytes());
            }
            Value::Str(text) => self.text(text)?,
            Value::Bytes(bytes) => self.bytes(bytes)?,
            Value::Tensor(tensor) => self.tensor(tensor)?,
            Value::List(values) => {
                self.out.push(opcode::EMPTY_LIST);
                self.marked(opcode::APPENDS, values, Self::value)?;
            }
            Value::Tuple(values) => self.tuple(values, Self::value)?,
            Value::Dict(dict) => {
                self.out.push(opcode::EMPTY_DICT);
                let entries: Vec<_> = dict.iter().collect();
                self.marked(opcode::SETITEMS, &entries, |writer, (key, value)| {
                    writer.value(key)?;
                    writer.value(value)
                })?;
            }
            Value::Array(array) => self.array(array)?,
        }
        Ok(())
    }

    fn bool(&mut self, value: bool) {
        self.out.push(if value {
            opcode::NEWTRUE
        } else {
            opcode::NEWFALSE
        });
    }

    fn int(&mut self, value: i64) {
        if let Ok(small) = u8::try_from(value) {
            self.out.extend([opcode::BININT1, small]);
        } else if let Ok(small) = u16::try_from(value) {
            self.out.push(opcode::BININT2);
            self.out.extend(small.to_le_bytes());
        } else if let Ok(small) = i32::try_from(value) {
            self.out.push(opcode::BININT);
            self.out.extend(small.to_le_bytes());
        } else {
            self.out.extend([opcode::LONG1, 8]);
            self.out.extend(value.to_le_bytes());
        }
    }

    fn size(&mut self, value: &usize) -> Result<()> {
        let number = i64::try_from(*value).map_err(|_| too_long(*value))?;
        self.int(number);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<()> {
        let length = u32::try_from(text.len()).map_err(|_| too_long(text.len()))?;
        self.out.push(opcode::BINUNICODE);
        self.out.extend(length.to_le_bytes());
        self.out.extend(text.as_bytes());
        Ok(())
    }

    /// Bytes as text of the same code points, which is how protocol 2 has them.
    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.global("_codecs", "encode");
        self.text(&bytes.iter().copied().map(char::from).collect::<String>())?;
        self.text("latin1")?;
        self.out.extend([opcode::TUPLE2, opcode::REDUCE]);
        Ok(())
    }

    fn global(&mut self, module: &str, name: &str) {
        self.out.push(opcode::GLOBAL);
        for part in [module, name] {
            self.out.extend(part.as_bytes());
            self.out.push(b'\n');
        }
    }

    fn marked<T>(
        &mut self,
        end: u8,
        values: &[T],
        each: impl Fn(&mut Self, &T) -> Result<()>,
    ) -> Result<()> {
        if values.is_empty() {
            return Ok(());
        }
        self.out.push(opcode::MARK);
        values.iter().try_for_each(|value| each(self, value))?;
        self.out.push(end);
        Ok(())
    }

    fn tuple<T>(&mut self, values: &[T], each: impl Fn(&mut Self, &T) -> Result<()>) -> Result<()> {
        match values {
            [] => {
                self.out.push(opcode::EMPTY_TUPLE);
                Ok(())
            }
            _ => self.marked(opcode::TUPLE, values, each),
        }
    }

    /// `torch._utils._rebuild_tensor_v2(storage, 0, size, stride, False, OrderedDict())`.
    fn tensor(&mut self, tensor: &Tensor) -> Result<()> {
        let kind = tensor.f_kind()?;
        let (class, _) = storage::class(kind).ok_or_else(|| PickleError::Unexpected {
            expected: "a dtype that has a storage in Python".to_owned(),
            found: format!("{kind:?}"),
        })?;
        let local = tensor
            .f_detach()?
            .f_to_device(Device::Cpu)?
            .f_contiguous()?;
        let numel = local.numel();
        let shape: Vec<usize> = local
            .size()
            .into_iter()
            .map(|length| usize::try_from(length).unwrap_or(0))
            .collect();
        let key = self.key(local, class);

        self.global("torch._utils", "_rebuild_tensor_v2");
        self.out.push(opcode::MARK);
        self.out.push(opcode::MARK);
        self.text("storage")?;
        self.global("torch", class);
        self.text(&key.to_string())?;
        self.text("cpu")?;
        self.size(&numel)?;
        self.out.extend([opcode::TUPLE, opcode::BINPERSID]);
        self.int(0);
        self.tuple(&shape, Self::size)?;
        self.tuple(&contiguous_strides(&shape), Self::size)?;
        self.bool(false);
        self.global("collections", "OrderedDict");
        self.out.extend([
            opcode::EMPTY_TUPLE,
            opcode::REDUCE,
            opcode::TUPLE,
            opcode::REDUCE,
        ]);
        Ok(())
    }

    fn key(&mut self, local: Tensor, class: &'static str) -> usize {
        let next = self.storages.len();
        if local.numel() == 0 {
            self.storages.push(local);
            return next;
        }
        let place = (local.data_ptr() as usize, local.numel(), class);
        let key = *self.keys.entry(place).or_insert(next);
        if key == next {
            self.storages.push(local);
        }
        key
    }

    fn array(&mut self, array: &NumpyArray) -> Result<()> {
        self.global("numpy._core.multiarray", "_reconstruct");
        self.global("numpy", "ndarray");
        self.tuple(&[0], Self::size)?;
        self.bytes(b"b")?;
        self.out
            .extend([opcode::TUPLE3, opcode::REDUCE, opcode::MARK]);
        self.int(1);
        self.tuple(&array.shape, Self::size)?;
        self.dtype(&array.dtype)?;
        self.bool(false);
        self.bytes(&array.bytes)?;
        self.out.extend([opcode::TUPLE, opcode::BUILD]);
        Ok(())
    }

    fn dtype(&mut self, name: &str) -> Result<()> {
        self.global("numpy", "dtype");
        self.text(name)?;
        self.bool(false);
        self.bool(true);
        self.out
            .extend([opcode::TUPLE3, opcode::REDUCE, opcode::MARK]);
        self.int(3);
        self.text("<")?;
        self.out.extend([opcode::NONE, opcode::NONE, opcode::NONE]);
        self.int(-1);
        self.int(-1);
        self.int(0);
        self.out.extend([opcode::TUPLE, opcode::BUILD]);
        Ok(())
    }
}

fn contiguous_strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1usize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis].max(1));
    }
    strides
}

fn too_long(length: usize) -> PickleError {
    PickleError::Unexpected {
        expected: "lengths that a pickle can hold".to_owned(),
        found: length.to_string(),
    }
}
