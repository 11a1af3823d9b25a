//! The form of `torch.optim.Optimizer.state_dict()`: `{"state": {0: {…}}, "param_groups": [{…, "params": [0]}]}`, where
//! parameters are numbered through all groups.

use tch::{Device, Kind, Tensor};
use trainer_torch::pickle::{Dict, Value};

use super::error::Result;
use super::{OptimizerError, ParamGroup};

/// Entries of a group between `lr` and `initial_lr`, in PyTorch's order.
pub(crate) type Options = Vec<(&'static str, Value)>;

/// Makes the state dict. `options` and `state` are asked by group, and by group and place in it.
pub(crate) fn pack(
    groups: &[ParamGroup],
    options: impl Fn(usize) -> Options,
    state: impl Fn(usize, usize) -> Option<Dict>,
) -> Value {
    let (mut states, mut packed, mut next) = (Dict::new(), Vec::new(), 0i64);
    for (number, group) in groups.iter().enumerate() {
        let mut entries = Dict::new()
            .with("weight_decay", group.weight_decay)
            .with("lr", group.lr);
        for (key, value) in options(number) {
            entries.push(key, value);
        }
        if let Some(initial_lr) = group.initial_lr {
            entries.push("initial_lr", initial_lr);
        }
        let first = next;
        for place in 0..group.params.len() {
            if let Some(entry) = state(number, place) {
                states.push(next, entry);
            }
            next += 1;
        }
        entries.push("params", (first..next).collect::<Value>());
        packed.push(Value::Dict(entries));
    }
    Value::Dict(
        Dict::new()
            .with("state", states)
            .with("param_groups", Value::List(packed)),
    )
}

/// A state dict that fits an optimizer's groups.
pub(crate) struct Unpacked<'a> {
    /// The entries of each group.
    pub(crate) groups: Vec<&'a Dict>,
    /// The state of each parameter that has one, by group and place in it.
    pub(crate) states: Vec<Vec<Option<&'a Dict>>>,
}

impl<'a> Unpacked<'a> {
    /// Checks the numbers of groups and parameters.
    pub(crate) fn new(state: &'a Value, expected: &[ParamGroup]) -> Result<Self> {
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
        let by_id: std::collections::HashMap<i64, &Dict> = states
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
            let params = entries.require("params")?;
            let params = params
                .as_slice()
                .ok_or_else(|| params.unexpected("a list as \"params\""))?;
            if params.len() != group.params.len() {
                let (found, expected) = (params.len(), group.params.len());
                return Err(OptimizerError::Params {
                    group: number,
                    found,
                    expected,
                });
            }
            let states = params.iter().map(|id| by_id.get(&id.as_i64()?).copied());
            unpacked.states.push(states.collect());
            unpacked.groups.push(entries);
        }
        Ok(unpacked)
    }

    /// Sets learning rates and weight decay of the groups to those of the state.
    pub(crate) fn apply_rates(&self, groups: &mut [ParamGroup]) -> Result<()> {
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

fn rates(entries: &Dict) -> Result<(f64, Option<f64>, f64)> {
    let initial_lr = entries.get("initial_lr").and_then(Value::as_f64);
    Ok((
        number(entries, "lr")?,
        initial_lr,
        number(entries, "weight_decay")?,
    ))
}

/// A number of a group or of a parameter's state, given as number or as tensor of one element.
pub(crate) fn number(entries: &Dict, key: &str) -> Result<f64> {
    let value = entries.require(key)?;
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

/// Two numbers of a group.
pub(crate) fn pair(entries: &Dict, key: &str) -> Result<(f64, f64)> {
    let value = entries.require(key)?;
    match value.as_slice() {
        Some([first, second]) => match (first.as_f64(), second.as_f64()) {
            (Some(first), Some(second)) => Ok((first, second)),
            _ => Err(first.unexpected(format!("two numbers as {key:?}")).into()),
        },
        _ => Err(value.unexpected(format!("two numbers as {key:?}")).into()),
    }
}

/// A switch of a group; absent and `None` are off.
pub(crate) fn flag(entries: &Dict, key: &str) -> bool {
    entries.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// Refuses a switch that this crate has not.
pub(crate) fn require_off(entries: &Dict, keys: &[&'static str]) -> Result<()> {
    match keys.iter().find(|key| flag(entries, key)) {
        Some(key) => Err(Value::Bool(true)
            .unexpected(format!("{key:?} to be False, the only supported value"))
            .into()),
        None => Ok(()),
    }
}

/// A copy of a tensor of the state, with shape, dtype, device and strides of `param`: fused steps walk over both at once.
pub(crate) fn tensor(
    entries: &Dict,
    key: &'static str,
    parameter: &str,
    param: &Tensor,
) -> Result<Tensor> {
    let found = find(entries, key, parameter, &param.size())?;
    copied(found, param.f_empty_like()?)
}

/// A copy of a tensor of the state, which must have the shape `shape`, as another dtype and on another device.
pub(crate) fn tensor_of(
    entries: &Dict,
    key: &'static str,
    parameter: &str,
    shape: &[i64],
    options: (Kind, Device),
) -> Result<Tensor> {
    let found = find(entries, key, parameter, shape)?;
    copied(found, Tensor::f_empty(shape, options)?)
}

fn copied(found: &Tensor, mut into: Tensor) -> Result<Tensor> {
    let _no_grad = tch::no_grad_guard();
    into.f_copy_(found)?;
    Ok(into)
}

fn find<'e>(
    entries: &'e Dict,
    key: &'static str,
    parameter: &str,
    shape: &[i64],
) -> Result<&'e Tensor> {
    let value = entries.require(key)?;
    let found = value.as_tensor().ok_or_else(|| OptimizerError::State {
        parameter: parameter.to_owned(),
        key,
        found: value.kind().to_owned(),
        expected: "a tensor".to_owned(),
    })?;
    if found.size() != shape {
        return Err(OptimizerError::State {
            parameter: parameter.to_owned(),
            key,
            found: format!("of shape {:?}", found.size()),
            expected: format!("{shape:?}"),
        });
    }
    Ok(found)
}

/// A number of steps as PyTorch keeps it: a 0-d float32 tensor.
pub(crate) fn step_tensor(step: f64, device: Device) -> Result<Tensor> {
    Ok(Tensor::f_full([0i64; 0], step, (Kind::Float, device))?)
}
