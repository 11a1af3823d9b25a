//! What rules read out of a state dict.

use tch::{Device, Kind, Tensor};
use trainer_torch::pickle::{Dict, Value};

use super::error::Result;
use super::{OptimizerError, ParamGroup};

/// A group of a state dict: the hyper-parameters, for [`UpdateRule::with_options`](super::UpdateRule::with_options).
#[derive(Clone, Copy, Debug)]
pub struct SavedGroup<'a> {
    optimizer: &'static str,
    number: usize,
    entries: &'a Dict,
}

impl<'a> SavedGroup<'a> {
    pub(super) fn new(optimizer: &'static str, number: usize, entries: &'a Dict) -> Self {
        Self {
            optimizer,
            number,
            entries,
        }
    }

    /// The value under a key, if there is one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.entries.get(key)
    }

    /// The value under a key.
    ///
    /// # Errors
    /// When there is none.
    pub fn require(&self, key: &str) -> Result<&'a Value> {
        self.get(key).ok_or_else(|| OptimizerError::Option {
            optimizer: self.optimizer,
            group: self.number,
            key: key.to_owned(),
            keys: self
                .entries
                .iter()
                .filter_map(|(key, _)| key.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    /// A number, given as number or as tensor of one element.
    ///
    /// # Errors
    /// When it is missing or something else.
    pub fn number(&self, key: &str) -> Result<f64> {
        number(self.require(key)?, key)
    }

    /// A number that may be missing or `None`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn optional_number(&self, key: &str) -> Result<Option<f64>> {
        match self.get(key) {
            None | Some(Value::None) => Ok(None),
            Some(value) => number(value, key).map(Some),
        }
    }

    /// A list or tuple of two numbers.
    ///
    /// # Errors
    /// When it is missing or something else.
    pub fn pair(&self, key: &str) -> Result<(f64, f64)> {
        let value = self.require(key)?;
        match value.as_slice() {
            Some([first, second]) => match (first.as_f64(), second.as_f64()) {
                (Some(first), Some(second)) => Ok((first, second)),
                _ => Err(first.unexpected(format!("two numbers as {key:?}")).into()),
            },
            _ => Err(value.unexpected(format!("two numbers as {key:?}")).into()),
        }
    }

    /// A switch; missing and `None` are off.
    #[must_use]
    pub fn flag(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Refuses switches that a rule does not have.
    ///
    /// # Errors
    /// When one is on.
    pub fn require_off(&self, keys: &[&str]) -> Result<()> {
        match keys.iter().find(|key| self.flag(key)) {
            Some(key) => Err(Value::Bool(true)
                .unexpected(format!("{key:?} to be False, the only supported value"))
                .into()),
            None => Ok(()),
        }
    }
}

/// The state of a weight in a state dict, for [`UpdateRule::unpack`](super::UpdateRule::unpack). Its errors name the weight.
#[derive(Clone, Copy, Debug)]
pub struct SavedState<'a> {
    name: &'a str,
    param: &'a Tensor,
    entries: &'a Dict,
}

impl<'a> SavedState<'a> {
    pub(super) fn new(group: &'a ParamGroup, place: usize, entries: &'a Dict) -> Self {
        Self {
            name: group.name(place),
            param: &group.params[place],
            entries,
        }
    }

    /// The weight.
    pub fn param(&self) -> &'a Tensor {
        self.param
    }

    /// The value under a key, if there is one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.entries.get(key)
    }

    /// A copy of a tensor that has the weight's shape, with the weight's dtype, device and strides: fused steps walk over both at once.
    ///
    /// # Errors
    /// When it is missing, no tensor or of another shape.
    pub fn tensor(&self, key: &str) -> Result<Tensor> {
        let found = self.find(key, &self.param.size())?;
        copied(found, self.param.f_empty_like()?)
    }

    /// As [`tensor`](Self::tensor), for one that may be missing or `None`.
    ///
    /// # Errors
    /// When it is no tensor or of another shape.
    pub fn optional_tensor(&self, key: &str) -> Result<Option<Tensor>> {
        match self.get(key) {
            None | Some(Value::None) => Ok(None),
            Some(_) => self.tensor(key).map(Some),
        }
    }

    /// A copy of a tensor that has the shape `shape`, with the dtype and on the device of `options`.
    ///
    /// # Errors
    /// As [`tensor`](Self::tensor).
    pub fn tensor_of(&self, key: &str, shape: &[i64], options: (Kind, Device)) -> Result<Tensor> {
        let found = self.find(key, shape)?;
        copied(found, Tensor::f_empty(shape, options)?)
    }

    /// A number, given as number or as tensor of one element, such as PyTorch's `step`.
    ///
    /// # Errors
    /// When it is missing or something else.
    pub fn number(&self, key: &str) -> Result<f64> {
        number(self.require(key, "a number")?, key)
    }

    /// An integer.
    ///
    /// # Errors
    /// When it is missing or something else.
    pub fn int(&self, key: &str) -> Result<i64> {
        let value = self.require(key, "an int")?;
        let int = value.as_i64();
        Ok(int.ok_or_else(|| value.unexpected(format!("an int as {key:?}")))?)
    }

    fn require(&self, key: &str, expected: &str) -> Result<&'a Value> {
        self.get(key)
            .ok_or_else(|| self.wrong(key, "absent", expected))
    }

    fn find(&self, key: &str, shape: &[i64]) -> Result<&'a Tensor> {
        let value = self.require(key, "a tensor")?;
        let found = value
            .as_tensor()
            .ok_or_else(|| self.wrong(key, value.kind(), "a tensor"))?;
        if found.size() != shape {
            let (found, expected) = (format!("of shape {:?}", found.size()), format!("{shape:?}"));
            return Err(self.wrong(key, &found, &expected));
        }
        Ok(found)
    }

    fn wrong(&self, key: &str, found: &str, expected: &str) -> OptimizerError {
        OptimizerError::State {
            parameter: self.name.to_owned(),
            key: key.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        }
    }
}

pub(super) fn number(value: &Value, key: &str) -> Result<f64> {
    match value {
        Value::Tensor(tensor) if tensor.numel() == 1 => Ok(tensor
            .f_to_kind(Kind::Double)?
            .f_reshape([1i64])?
            .f_double_value(&[0])?),
        _ => Ok(value
            .as_f64()
            .ok_or_else(|| value.unexpected(format!("a number as {key:?}")))?),
    }
}

fn copied(found: &Tensor, mut into: Tensor) -> Result<Tensor> {
    into.f_copy_(found)?;
    Ok(into)
}

/// A number of steps as PyTorch keeps it: a 0-d float32 tensor.
///
/// # Errors
/// libtorch's.
pub fn step_tensor(step: f64, device: Device) -> Result<Tensor> {
    Ok(Tensor::f_full([0i64; 0], step, (Kind::Float, device))?)
}
