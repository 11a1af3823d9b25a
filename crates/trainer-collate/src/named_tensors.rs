use tch::{Device, Tensor};

use crate::{Error, Result};

/// One batch: by convention the first dimension of every tensor is the number of examples, except where a model's
/// documentation says otherwise.
pub type Batch = NamedTensors;

/// Tensors by name, in the order they were inserted: what a collator makes of rows ([`Batch`]), and what a model gives.
#[derive(Debug, Default)]
pub struct NamedTensors {
    tensors: Vec<(String, Tensor)>,
}

impl NamedTensors {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `tensor` under `name`, replacing one that is there.
    pub fn insert(&mut self, name: impl Into<String>, tensor: Tensor) {
        let name = name.into();
        match self.tensors.iter_mut().find(|(have, _)| *have == name) {
            Some((_, slot)) => *slot = tensor,
            None => self.tensors.push((name, tensor)),
        }
    }

    /// The tensor called `name`, if there is one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.tensors
            .iter()
            .find(|(have, _)| have == name)
            .map(|(_, tensor)| tensor)
    }

    /// The tensor called `name`.
    ///
    /// # Errors
    /// [`Error::MissingTensor`] names what there is instead.
    pub fn require(&self, name: &str) -> Result<&Tensor> {
        self.get(name).ok_or_else(|| Error::MissingTensor {
            name: name.to_owned(),
            present: self.names().map(str::to_owned).collect(),
        })
    }

    /// Takes out the tensor called `name`.
    pub fn remove(&mut self, name: &str) -> Option<Tensor> {
        let at = self.tensors.iter().position(|(have, _)| have == name)?;
        Some(self.tensors.remove(at).1)
    }

    /// Takes out the tensor called `name`, which must be there.
    ///
    /// # Errors
    /// As [`require`](Self::require).
    pub fn take(&mut self, name: &str) -> Result<Tensor> {
        match self.tensors.iter().position(|(have, _)| have == name) {
            Some(at) => Ok(self.tensors.remove(at).1),
            None => Err(Error::MissingTensor {
                name: name.to_owned(),
                present: self.names().map(str::to_owned).collect(),
            }),
        }
    }

    /// Takes out the tensors called `names`, those that are there, in their order here.
    #[must_use]
    pub fn split_off(&mut self, names: &[&str]) -> Self {
        let (taken, kept) = std::mem::take(&mut self.tensors)
            .into_iter()
            .partition(|(name, _)| names.contains(&name.as_str()));
        self.tensors = kept;
        Self { tensors: taken }
    }

    /// The same tensors once more: handles, no copies.
    #[must_use]
    pub fn shallow_clone(&self) -> Self {
        let tensors = self
            .iter()
            .map(|(name, tensor)| (name.to_owned(), tensor.shallow_clone()));
        Self {
            tensors: tensors.collect(),
        }
    }

    /// How many tensors there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tensors.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.iter().map(|(name, _)| name.as_str())
    }

    /// Names and tensors, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.tensors
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// Number of examples: the first dimension of the first tensor, 0 where there is none.
    #[must_use]
    pub fn num_examples(&self) -> usize {
        let first = self
            .tensors
            .first()
            .and_then(|(_, tensor)| tensor.size().first().copied());
        usize::try_from(first.unwrap_or(0)).unwrap_or(0)
    }

    /// All tensors on `device`; tensors that are there already are shared, not copied. Copies from host
    /// memory to a GPU are queued behind its other work: nothing waits for it.
    ///
    /// # Errors
    /// libtorch's, when the device is absent or its memory is full.
    pub fn to_device(&self, device: Device) -> Result<Self> {
        let tensors = self
            .iter()
            .map(|(name, tensor)| Ok((name.to_owned(), moved(tensor, device)?)))
            .collect::<Result<_>>()?;
        Ok(Self { tensors })
    }
}

impl<N: Into<String>> FromIterator<(N, Tensor)> for NamedTensors {
    /// Of two tensors of one name the last counts.
    fn from_iter<I: IntoIterator<Item = (N, Tensor)>>(named: I) -> Self {
        let mut all = Self::new();
        for (name, tensor) in named {
            all.insert(name, tensor);
        }
        all
    }
}

fn moved(tensor: &Tensor, device: Device) -> Result<Tensor> {
    // Safe in this direction: CUDA has read memory that is not pinned when the call returns. In the other it is not.
    let non_blocking = tensor.device() == Device::Cpu && device.is_cuda();
    Ok(tensor.f_to_device_(device, tensor.f_kind()?, non_blocking, false)?)
}
