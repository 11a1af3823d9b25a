use trainer_torch::grad;
use trainer_torch::pickle::{Dict, Value};

use super::error::Result;
use super::named::check_owner;
use super::state_dict::{Unpacked, pack};
use super::{Member, Optimizer, ParamGroup, SavedGroup, SavedState, UpdateRule};

/// The optimizer of a [rule](UpdateRule), which has an example.
#[derive(Debug)]
pub struct RuleOptimizer<R: UpdateRule> {
    groups: Vec<ParamGroup>,
    /// One a group: a state dict may give each its own.
    rules: Vec<R>,
    states: Vec<Vec<Option<R::State>>>,
}

impl<R: UpdateRule> RuleOptimizer<R> {
    /// An optimizer of these groups. The state of a weight is made by its first step, or at once where
    /// [the rule says so](UpdateRule::STATE_AT_START).
    ///
    /// # Errors
    /// When a hyper-parameter is out of range, or there is no memory for the state.
    pub fn new(groups: Vec<ParamGroup>, rule: R) -> Result<Self> {
        rule.check()?;
        let _no_grad = tch::no_grad_guard();
        let state = |param| R::STATE_AT_START.then(|| rule.new_state(param)).transpose();
        let states = groups
            .iter()
            .map(|group| group.params.iter().map(state).collect())
            .collect::<Result<_>>()?;
        let rules = vec![rule; groups.len()];
        Ok(Self {
            groups,
            rules,
            states,
        })
    }

    fn read_rule(&self, group: usize, entries: &Dict) -> Result<R> {
        let rule = &self.rules[group];
        check_owner(rule, entries)?;
        let rule = rule.with_options(&SavedGroup::new(R::NAME, group, entries))?;
        rule.check()?;
        Ok(rule)
    }
}

impl<R: UpdateRule> Optimizer for RuleOptimizer<R> {
    fn step(&mut self) -> Result<()> {
        let _no_grad = tch::no_grad_guard();
        for ((group, rule), states) in self.groups.iter().zip(&self.rules).zip(&mut self.states) {
            let mut members = Vec::with_capacity(group.params.len());
            for (param, state) in group.params.iter().zip(states) {
                let Some(grad) = grad::get(param)? else {
                    continue;
                };
                let state = match state {
                    Some(state) => state,
                    empty => empty.insert(rule.new_state(param)?),
                };
                members.push(Member {
                    param: param.shallow_clone(),
                    grad,
                    state,
                });
            }
            rule.update_group(group, members)?;
        }
        Ok(())
    }

    fn param_groups(&self) -> &[ParamGroup] {
        &self.groups
    }

    fn param_groups_mut(&mut self) -> &mut [ParamGroup] {
        &mut self.groups
    }

    fn state_dict(&self) -> Result<Value> {
        let options: Vec<Dict> = self.rules.iter().map(R::options).collect();
        let packed = |state: &Option<R::State>| state.as_ref().map(R::pack);
        let states: Vec<Vec<Option<Dict>>> = self
            .states
            .iter()
            .map(|states| states.iter().map(packed).collect())
            .collect();
        Ok(pack(&self.groups, options, states))
    }

    fn load_state_dict(&mut self, state: &Value) -> Result<()> {
        let _no_grad = tch::no_grad_guard();
        let unpacked = Unpacked::new(state, &self.groups)?;
        let rules: Vec<R> = unpacked
            .groups
            .iter()
            .enumerate()
            .map(|(number, entries)| self.read_rule(number, entries))
            .collect::<Result<_>>()?;
        let nothing = Dict::new();
        let mut states = Vec::with_capacity(self.groups.len());
        for ((group, entries), rule) in self.groups.iter().zip(&unpacked.states).zip(&rules) {
            let read = |(place, entry): (usize, &Option<&Dict>)| {
                entry
                    .or(R::STATE_AT_START.then_some(&nothing))
                    .map(|entry| rule.unpack(&SavedState::new(group, place, entry)))
                    .transpose()
            };
            let read = entries.iter().enumerate().map(read);
            states.push(read.collect::<Result<Vec<_>>>()?);
        }
        unpacked.apply_rates(&mut self.groups)?;
        (self.rules, self.states) = (rules, states);
        Ok(())
    }
}
