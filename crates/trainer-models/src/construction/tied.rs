use tch::{Device, Kind, Tensor};

use super::{Construction, Role};
use crate::{Error, Parameter, Result};

/// Weights that have several names.
impl Construction<'_> {
    /// Another name of a weight that was made before.
    pub(super) fn tie(&self, alias: String, weight: &Tensor) -> Result<()> {
        let mut made = self.made.borrow_mut();
        let same = |entry: &&mut Parameter| entry.tensor.data_ptr() == weight.data_ptr();
        let entry = made.parameters.iter_mut().find(same);
        let entry = entry.ok_or_else(|| Error::NotMade(alias.clone()))?;
        entry.tied.push(alias.clone());
        let name = entry.name.clone();
        drop(made);
        self.use_alias(&alias, &name, weight)
    }

    /// The weight `name` under the name `alias` too, made before or still to be made.
    pub(super) fn tied(&self, alias: String, name: &str, role: Role) -> Result<Tensor> {
        let there = self.made_by_now(name);
        if let Some(weight) = there {
            self.tie(alias, &weight)?;
            return Ok(weight);
        }
        let shared = self.shared.and_then(|shared| shared.get(name));
        let weight = match shared {
            Some(entry) => entry.tensor.shallow_clone(),
            None => Tensor::f_empty([0], (Kind::Float, Device::Cpu))?,
        };
        self.push(name.to_owned(), &weight, role, vec![alias]);
        Ok(weight)
    }

    pub(super) fn made_by_now(&self, name: &str) -> Option<Tensor> {
        let made = self.made.borrow();
        let mut all = made.parameters.iter();
        all.find(|entry| entry.name == name)
            .map(|entry| entry.tensor.shallow_clone())
    }

    /// Gives the handle that [`tied`](Self::tied) has given out for this weight what was made for it.
    pub(super) fn keep_promise(&self, name: &str, tensor: &Tensor) -> Result<Option<Tensor>> {
        let Some(mut promised) = self.made_by_now(name) else {
            return Ok(None);
        };
        if self.shared.is_none() {
            promised.f_set_data(tensor)?;
        }
        let made = self.made.borrow();
        let entry = made.parameters.iter().find(|entry| entry.name == name);
        let aliases = entry.map_or_else(Vec::new, |entry| entry.tied.clone());
        drop(made);
        for alias in aliases {
            self.use_alias(&alias, name, &promised)?;
        }
        Ok(Some(promised))
    }

    /// Takes what the checkpoint has under another name of a weight, where it has nothing under the first.
    fn use_alias(&self, alias: &str, name: &str, weight: &Tensor) -> Result<()> {
        let Some(checkpoint) = self.checkpoint else {
            return Ok(());
        };
        let Some(source) = checkpoint.resolve(alias, self.base_prefix) else {
            return Ok(());
        };
        let mut made = self.made.borrow_mut();
        made.used.insert(source.to_owned());
        if let Some(at) = made.missing.iter().position(|missing| *missing == name) {
            weight.shallow_clone().f_copy_(&checkpoint.read(source)?)?;
            made.missing.remove(at);
            made.undrawn
                .retain(|(tensor, _)| tensor.data_ptr() != weight.data_ptr());
        }
        Ok(())
    }
}
