//! The form of `torch.optim.Optimizer.state_dict()`: `{"state": {0: {…}}, "param_groups": [{…, "params": [0]}]}`, where
//! parameters are numbered through all groups.

use std::collections::HashMap;

use trainer_torch::pickle::{Dict, Value};

use super::error::Result;
use super::saved::number;
use super::{OptimizerError, ParamGroup};

/// Makes the state dict of the groups, with the hyper-parameters of each and the state of each of its weights.
pub(super) fn pack(
    groups: &[ParamGroup],
    options: Vec<Dict>,
    states: Vec<Vec<Option<Dict>>>,
) -> Value {
    let (mut all_states, mut packed, mut next) = (Dict::new(), Vec::new(), 0i64);
    for ((group, options), states) in groups.iter().zip(options).zip(states) {
        let mut entries = Dict::new()
            .with("weight_decay", group.weight_decay)
            .with("lr", group.lr);
        for (key, value) in &options {
            entries.push(key.shallow_clone(), value.shallow_clone());
        }
        if let Some(initial_lr) = group.initial_lr {
            entries.push("initial_lr", initial_lr);
        }
        let first = next;
        for state in states {
            if let Some(state) = state.filter(|state| !state.is_empty()) {
                all_states.push(next, state);
            }
            next += 1;
        }
        entries.push("params", (first..next).collect::<Value>());
        packed.push(Value::Dict(entries));
    }
    Value::Dict(
        Dict::new()
            .with("state", all_states)
            .with("param_groups", Value::List(packed)),
    )
}

/// A state dict that fits an optimizer's groups.
pub(super) struct Unpacked<'a> {
    /// The entries of each group.
    pub(super) groups: Vec<&'a Dict>,
    /// The state of each parameter that has one, by group and place in it.
    pub(super) states: Vec<Vec<Option<&'a Dict>>>,
}

impl<'a> Unpacked<'a> {
    /// Checks the numbers of groups and parameters.
    pub(super) fn new(state: &'a Value, expected: &[ParamGroup]) -> Result<Self> {
        let root = state
            .as_dict()
            .ok_or_else(|| state.unexpected("a dict with \"state\" and \"param_groups\""))?;
        let list = root.require("param_groups")?;
        let list = list
            .as_slice()
            .ok_or_else(|| list.unexpected("a list as \"param_groups\""))?;
        if list.len() != expected.len() {
            return Err(OptimizerError::Groups {
                found: list.len(),
                expected: expected.len(),
            });
        }
        let states = root.require("state")?;
        let states = states
            .as_dict()
            .ok_or_else(|| states.unexpected("a dict as \"state\""))?;
        let by_id: HashMap<i64, &Dict> = states
            .iter()
            .filter_map(|(id, entry)| Some((id.as_i64()?, entry.as_dict()?)))
            .collect();
        let mut unpacked = Self {
            groups: Vec::new(),
            states: Vec::new(),
        };
        for (number, (found, group)) in list.iter().zip(expected).enumerate() {
            let entries = found
                .as_dict()
                .ok_or_else(|| found.unexpected("a dict as parameter group"))?;
            let params = params(entries, number, group)?;
            let states = params.iter().map(|id| by_id.get(&id.as_i64()?).copied());
            unpacked.states.push(states.collect());
            unpacked.groups.push(entries);
        }
        Ok(unpacked)
    }

    /// Sets learning rates and weight decay of the groups to those of the state.
    pub(super) fn apply_rates(&self, groups: &mut [ParamGroup]) -> Result<()> {
        let rates: Vec<_> = self
            .groups
            .iter()
            .map(|entries| rates(entries))
            .collect::<Result<_>>()?;
        for (group, (lr, initial_lr, weight_decay)) in groups.iter_mut().zip(rates) {
            group.lr = lr;
            group.initial_lr = initial_lr.or(group.initial_lr);
            group.weight_decay = weight_decay;
        }
        Ok(())
    }
}

/// The numbers of a group's parameters, as many as it has.
fn params<'a>(entries: &'a Dict, number: usize, group: &ParamGroup) -> Result<&'a [Value]> {
    let params = entries.require("params")?;
    let params = params
        .as_slice()
        .ok_or_else(|| params.unexpected("a list as \"params\""))?;
    if params.len() != group.params.len() {
        return Err(OptimizerError::Params {
            group: number,
            found: params.len(),
            expected: group.params.len(),
        });
    }
    Ok(params)
}

fn rates(entries: &Dict) -> Result<(f64, Option<f64>, f64)> {
    let required = |key| number(entries.require(key)?, key);
    let initial_lr = entries.get("initial_lr").and_then(Value::as_f64);
    Ok((required("lr")?, initial_lr, required("weight_decay")?))
}
