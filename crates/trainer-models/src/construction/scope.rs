use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Div;

use tch::{Device, Kind, Tensor};

use super::Role;
use super::initialisation::Draw;
use crate::error::MismatchedWeight;
use crate::weights::{Checkpoint, LoadReport};
use crate::{Error, Parameter, Parameters, Result};

/// A model in the making: where its weights are from and which it has by now.
///
/// With a checkpoint nothing is drawn until [`post_init`](Self::post_init), and then only what the checkpoint lacks, as
/// `from_pretrained` does on the meta device. Without one each layer draws PyTorch's defaults as it is made and
/// `post_init` draws over them, as the Python constructors do; so both take the same numbers from the generator.
///
/// Families need not look at it: they are given a [`Scope`]. A model of one's own that is no family makes one:
///
/// ```
/// use trainer_models::layers::Linear;
/// use trainer_models::{Construction, Scope};
///
/// let construction = Construction::new(None, "base", 0.02, false);
/// let layer = Linear::new(&(construction.root() / "classifier"), 4, 2)?;
/// let (parameters, _) = construction.finish("MyModel", "")?;
/// assert!(parameters.get("classifier.weight").is_some());
/// # let _ = layer;
/// # Ok::<(), trainer_models::Error>(())
/// ```
pub struct Construction<'a> {
    pub(super) checkpoint: Option<&'a Checkpoint>,
    pub(super) shared: Option<&'a Parameters>,
    pub(super) base_prefix: &'static str,
    initializer_range: f64,
    ignore_mismatched_sizes: bool,
    /// How many elements the weights may have that the checkpoint lacks.
    may_lack: u64,
    pub(super) made: RefCell<Made>,
}

/// How many elements the weights may have that a checkpoint lacks, beside as many as it has.
const MOST_LACKING: u64 = 1 << 26;
/// Every weight counts as this many elements at least: it has a name, and layers around it.
const LEAST: u64 = 4096;

/// Weights that wait to be drawn.
pub(crate) struct Undrawn(Vec<(Tensor, Draw)>);

#[derive(Default)]
pub(super) struct Made {
    pub(super) parameters: Vec<Parameter>,
    pub(super) undrawn: Vec<(Tensor, Draw)>,
    pub(super) used: HashSet<String>,
    pub(super) missing: Vec<String>,
    /// How many elements the weights have that the checkpoint lacks, where there is one.
    lacking: u64,
    mismatched: Vec<MismatchedWeight>,
}

impl<'a> Construction<'a> {
    /// `base_prefix` is the name under which a model with a head holds the base model, such as `bert`; weights that are not
    /// loaded are drawn with the standard deviation `initializer_range`.
    #[must_use]
    pub fn new(
        checkpoint: Option<&'a Checkpoint>,
        base_prefix: &'static str,
        initializer_range: f64,
        ignore_mismatched_sizes: bool,
    ) -> Self {
        Self {
            checkpoint,
            shared: None,
            base_prefix,
            initializer_range,
            ignore_mismatched_sizes,
            may_lack: checkpoint.map_or(0, |checkpoint| {
                MOST_LACKING.saturating_add(checkpoint.num_elements())
            }),
            made: RefCell::default(),
        }
    }

    /// A model whose weights are those of another of its kind, shared and not copied: nothing is read or drawn.
    pub(crate) fn sharing(parameters: &'a Parameters, base_prefix: &'static str) -> Self {
        Self {
            shared: Some(parameters),
            ..Self::new(None, base_prefix, 0.0, false)
        }
    }

    /// The scope of the whole model, whose weights have no prefix.
    #[must_use]
    pub fn root(&self) -> Scope<'_> {
        Scope {
            construction: self,
            path: String::new(),
        }
    }

    /// Draws what is not loaded and was made since the last call, in the order it was made. Python's base models call
    /// theirs before the head is made, and so must ours.
    ///
    /// # Errors
    /// libtorch's.
    pub fn post_init(&self) -> Result<()> {
        let undrawn = std::mem::take(&mut self.made.borrow_mut().undrawn);
        for (weight, draw) in undrawn {
            draw.draw(&weight, self.initializer_range)?;
        }
        Ok(())
    }

    /// Leaves what was made since the last [`post_init`](Self::post_init) to another one, after [`resume`](Self::resume): what a
    /// Python model makes before its base model is drawn after it. Where weights are loaded, what they lack is drawn in the order
    /// of all weights, and nothing is left.
    pub(crate) fn postpone(&self) -> Undrawn {
        match self.checkpoint {
            None => Undrawn(std::mem::take(&mut self.made.borrow_mut().undrawn)),
            Some(_) => Undrawn(Vec::new()),
        }
    }

    /// Takes back what was left.
    pub(crate) fn resume(&self, undrawn: Undrawn) {
        self.made.borrow_mut().undrawn.extend(undrawn.0);
    }

    /// The finished weights, which require gradients from now on, and what of the checkpoint did not fit. `architecture` and
    /// `origin` name model and checkpoint in the report.
    ///
    /// # Errors
    /// When weights have other shapes in the checkpoint, unless that is to be ignored.
    pub fn finish(self, architecture: &str, origin: &str) -> Result<(Parameters, LoadReport)> {
        self.post_init()?;
        let made = self.made.into_inner();
        if !made.mismatched.is_empty() && !self.ignore_mismatched_sizes {
            return Err(Error::MismatchedShapes {
                mismatched: made.mismatched,
                hint: "; with ignore_mismatched_sizes(true) such weights are drawn anew",
            });
        }
        let unexpected = self.checkpoint.map_or(&[][..], Checkpoint::names);
        let report = LoadReport {
            architecture: architecture.to_owned(),
            checkpoint: origin.to_owned(),
            missing: made.missing,
            unexpected: unexpected
                .iter()
                .filter(|name| !made.used.contains(*name))
                .cloned()
                .collect(),
            mismatched: made.mismatched,
        };
        let mut parameters = Parameters::default();
        for parameter in made.parameters {
            // Shared weights are as their other holders want them.
            if self.shared.is_none() {
                let _same = parameter.tensor.f_set_requires_grad(true)?;
            }
            parameters.push(parameter);
        }
        Ok((parameters, report))
    }

    fn weight(&self, name: String, shape: &[i64], role: Role) -> Result<Tensor> {
        let tensor = match self.find(&name, shape)? {
            Found::There(tensor) => tensor,
            Found::Absent => {
                self.count_lacking(&name, shape)?;
                self.drawn(shape, role)?
            }
            // `finish` refuses the model, so it need not have the memory.
            Found::Mismatched if !self.ignore_mismatched_sizes => {
                Tensor::f_empty([0], (Kind::Float, Device::Cpu))?
            }
            Found::Mismatched => {
                self.count_lacking(&name, shape)?;
                self.drawn(shape, role)?
            }
        };
        if let Some(promised) = self.keep_promise(&name, &tensor)? {
            return Ok(promised);
        }
        self.push(name, &tensor, role, Vec::new());
        Ok(tensor)
    }

    pub(super) fn push(&self, name: String, tensor: &Tensor, role: Role, tied: Vec<String>) {
        self.made.borrow_mut().parameters.push(Parameter {
            name,
            tensor: tensor.shallow_clone(),
            role,
            tied,
        });
    }

    /// Notes a weight that the checkpoint lacks. What a checkpoint is loaded into has more weights, such as a new head, but not
    /// many: a configuration of a few bytes can ask for any number of them.
    fn count_lacking(&self, name: &str, shape: &[i64]) -> Result<()> {
        let Some(checkpoint) = self.checkpoint else {
            return Ok(());
        };
        let elements = shape.iter().try_fold(1_u64, |elements, &size| {
            elements.checked_mul(u64::try_from(size).ok()?)
        });
        let mut made = self.made.borrow_mut();
        let lacking = elements.map(|elements| elements.max(LEAST));
        made.lacking = made.lacking.saturating_add(lacking.unwrap_or(u64::MAX));
        match made.lacking <= self.may_lack {
            true => Ok(()),
            false => Err(Error::TooMuchMissing {
                file: checkpoint.first_file().to_owned(),
                name: name.to_owned(),
                shape: shape.to_vec(),
            }),
        }
    }

    /// Draws what nothing is made of, as Python's constructors do for a weight that is then replaced by another.
    fn discard(&self, shape: &[i64], role: Role) -> Result<()> {
        if self.checkpoint.is_none() && self.shared.is_none() {
            let _thrown_away = self.drawn(shape, role)?;
        }
        Ok(())
    }

    fn drawn(&self, shape: &[i64], role: Role) -> Result<Tensor> {
        let tensor = Tensor::f_empty(shape, (Kind::Float, Device::Cpu))?;
        if self.checkpoint.is_none() {
            role.draw_default(&tensor)?;
        }
        let undrawn = (tensor.shallow_clone(), Draw::As(role));
        self.made.borrow_mut().undrawn.push(undrawn);
        Ok(tensor)
    }

    fn find(&self, name: &str, shape: &[i64]) -> Result<Found> {
        if let Some(shared) = self.shared {
            let weight = shared.get(name).map(|entry| entry.tensor.shallow_clone());
            let weight = weight.filter(|weight| weight.size() == shape);
            let weight = weight.ok_or_else(|| Error::NotShared(name.to_owned()))?;
            return Ok(Found::There(weight));
        }
        let Some(checkpoint) = self.checkpoint else {
            return Ok(Found::Absent);
        };
        let mut made = self.made.borrow_mut();
        let Some(source) = checkpoint.resolve(name, self.base_prefix) else {
            made.missing.push(name.to_owned());
            return Ok(Found::Absent);
        };
        made.used.insert(source.to_owned());
        let found = checkpoint.shape(source)?;
        if found == shape {
            return Ok(Found::There(checkpoint.read(source)?));
        }
        made.mismatched.push(MismatchedWeight {
            name: name.to_owned(),
            file: checkpoint.file_of(source)?.to_owned(),
            expected: shape.to_vec(),
            found,
        });
        Ok(Found::Mismatched)
    }
}

/// What a checkpoint, or the model that shares its weights, has under a weight's name.
enum Found {
    There(Tensor),
    Absent,
    Mismatched,
}

/// A place in a model, by the path that its weights' names start with: `&scope / "encoder" / "layer" / 0`.
pub struct Scope<'a> {
    construction: &'a Construction<'a>,
    path: String,
}

impl Scope<'_> {
    /// The weight `name` of this place, float32 in host memory, loaded or drawn as its role asks.
    ///
    /// # Errors
    /// When the checkpoint's file cannot be read, or there is no memory.
    pub fn weight(&self, name: &str, shape: &[i64], role: Role) -> Result<Tensor> {
        self.construction.weight(self.join(name), shape, role)
    }

    /// Gives `weight`, which was made before, the name `name` of this place too: one tensor, one gradient, saved once under
    /// its first name, and loaded by either.
    ///
    /// # Errors
    /// When no weight made here is that tensor, or the checkpoint's file cannot be read.
    pub fn tie(&self, name: &str, weight: &Tensor) -> Result<()> {
        self.construction.tie(self.join(name), weight)
    }

    /// The weight that the whole model calls `of`, made before or still to be made, under the name `name` of this place too: its place
    /// among the model's weights, and its role, are those of the first call that names it. Saved and loaded as with [`tie`](Self::tie). Of one that is
    /// still to be made the handle is empty until then.
    ///
    /// # Errors
    /// When the checkpoint's file cannot be read.
    pub fn tied(&self, name: &str, of: &str, role: Role) -> Result<Tensor> {
        self.construction.tied(self.join(name), of, role)
    }

    /// The weight that the whole model calls `of` and that was made before, for a layer that uses it without a name of its own.
    ///
    /// # Errors
    /// When no weight of that name was made.
    pub fn made(&self, of: &str) -> Result<Tensor> {
        let made = self.construction.made_by_now(of);
        made.ok_or_else(|| Error::NotMade(of.to_owned()))
    }

    /// Where `weight`, which was made here, is drawn, it is drawn once more behind what was made by now: by a normal distribution of this
    /// standard deviation without what is more than `cutoff` deviations from 0. For families whose models draw what their parts have drawn.
    pub fn draw_again(&self, weight: &Tensor, deviation: f64, cutoff: f64) {
        let mut made = self.construction.made.borrow_mut();
        let waits = |(other, _): &(Tensor, Draw)| other.data_ptr() == weight.data_ptr();
        if made.undrawn.iter().any(waits) {
            let again = Draw::Truncated { deviation, cutoff };
            made.undrawn.push((weight.shallow_clone(), again));
        }
    }

    /// Takes from the generator what a weight of this role would be drawn by, and throws it away: Python's constructors draw a layer
    /// that then gets another one's weight. Where weights are loaded, nothing is drawn.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn discard(&self, shape: &[i64], role: Role) -> Result<()> {
        self.construction.discard(shape, role)
    }

    fn join(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }
}

impl<'a> Div<&str> for &Scope<'a> {
    type Output = Scope<'a>;

    fn div(self, name: &str) -> Scope<'a> {
        Scope {
            construction: self.construction,
            path: self.join(name),
        }
    }
}

impl<'a> Div<&str> for Scope<'a> {
    type Output = Scope<'a>;

    fn div(self, name: &str) -> Scope<'a> {
        &self / name
    }
}

impl<'a> Div<i64> for Scope<'a> {
    type Output = Scope<'a>;

    fn div(self, number: i64) -> Scope<'a> {
        &self / number.to_string().as_str()
    }
}
