use tch::{Device, Tensor};

use crate::{Error, Result, Role};

/// One weight of a model, under the name that checkpoints give it.
#[derive(Debug)]
pub struct Parameter {
    /// The checkpoint's name, such as `bert.encoder.layer.0.output.dense.weight`.
    pub name: String,
    /// The weight: a leaf that layers share. Move or fill it in place, never replace it.
    pub tensor: Tensor,
    /// What the weight does in its layer.
    pub role: Role,
    /// Other names of the same weight, see [`Scope::tie`](crate::Scope::tie).
    pub tied: Vec<String>,
}

/// A model's weights, in the order in which PyTorch's `named_parameters()` gives them.
///
/// The tensors are handles: a layer holds another handle to the same weight, so what is done here in place is seen there.
#[derive(Debug, Default)]
pub struct Parameters {
    entries: Vec<Parameter>,
}

impl Parameters {
    /// Adds a weight at the end.
    pub fn push(&mut self, parameter: Parameter) {
        self.entries.push(parameter);
    }

    /// The weights, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Parameter> {
        self.entries.iter()
    }

    /// The weight called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// Number of tensors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of elements in all tensors; with `trainable` only in those that require a gradient.
    #[must_use]
    pub fn num_elements(&self, trainable: bool) -> usize {
        self.iter()
            .filter(|entry| !trainable || entry.tensor.requires_grad())
            .map(|entry| entry.tensor.numel())
            .sum()
    }

    /// Lets the weights whose names match `pattern` (`*` any characters, `?` one, `[ab]` one of these) train no longer:
    /// they get no gradient and no optimizer state. Gives how many matched.
    ///
    /// # Errors
    /// When the pattern is none, or matches no weight.
    pub fn freeze(&self, pattern: &str) -> Result<usize> {
        let refused = |reason: String| Error::Freeze {
            pattern: pattern.to_owned(),
            reason,
        };
        let matcher = glob::Pattern::new(pattern).map_err(|error| refused(error.to_string()))?;
        let mut count = 0;
        for entry in self.iter().filter(|entry| matcher.matches(&entry.name)) {
            let _same = entry.tensor.f_set_requires_grad(false)?;
            count += 1;
        }
        match count {
            0 => Err(refused("no weight has such a name".to_owned())),
            count => Ok(count),
        }
    }

    /// Moves every weight to `device`, in place: layers see the moved weights. Gradients are dropped.
    ///
    /// # Errors
    /// libtorch's, when the device is absent or its memory is full.
    pub fn to_device(&self, device: Device) -> Result<()> {
        for entry in &self.entries {
            let mut shared = entry.tensor.shallow_clone();
            let moved = entry.tensor.f_detach()?.f_to_device(device)?;
            shared.f_set_data(&moved)?;
        }
        Ok(())
    }
}

impl<'a> IntoIterator for &'a Parameters {
    type Item = &'a Parameter;
    type IntoIter = std::slice::Iter<'a, Parameter>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
