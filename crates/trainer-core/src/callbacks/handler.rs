use trainer_data::warning;

use super::{Answer, Callback, CallbackContext, Event, TrainerControl};
use crate::{Error, Result};

/// The callbacks of a run, in calling order, and the control they share.
#[derive(Default)]
pub(crate) struct CallbackHandler {
    callbacks: Vec<Box<dyn Callback>>,
    pub(crate) control: TrainerControl,
}

impl CallbackHandler {
    pub(crate) fn push(&mut self, callback: Box<dyn Callback>) {
        self.callbacks.push(callback);
    }

    /// Takes out the first callback of this name.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Box<dyn Callback>> {
        let at = self
            .callbacks
            .iter()
            .position(|callback| callback.name() == name)?;
        Some(self.callbacks.remove(at))
    }

    /// Clears the flags that the event answers, then calls every callback.
    pub(crate) fn call(&mut self, event: Event<'_>, cx: &CallbackContext<'_>) -> Result<()> {
        let control = &mut self.control;
        match event {
            Event::TrainBegin => control.should_training_stop = false,
            Event::EpochBegin => control.should_epoch_stop = false,
            Event::StepBegin => {
                control.should_log = false;
                control.should_evaluate = false;
                control.should_save = false;
            }
            Event::Evaluate(_) => control.should_evaluate = false,
            Event::Save => control.should_save = false,
            Event::Log(_) => control.should_log = false,
            _ => {}
        }
        for callback in &mut self.callbacks {
            let answer: Answer = callback.on_event(event, cx, self.control);
            self.control = answer.map_err(|source| Error::Callback {
                callback: callback.name(),
                source,
            })?;
        }
        Ok(())
    }

    /// The states for `trainer_state.json`: one object a name, a list where several callbacks share a name.
    pub(crate) fn states(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut states = serde_json::Map::new();
        let control = serde_json::json!({ "args": self.control, "attributes": {} });
        states.insert("TrainerControl".to_owned(), control);
        for callback in &self.callbacks {
            let Some(state) = callback.state() else {
                continue;
            };
            match states.get_mut(callback.name()) {
                None => {
                    states.insert(callback.name().to_owned(), state);
                }
                Some(serde_json::Value::Array(list)) => list.push(state),
                Some(first) => *first = serde_json::json!([first.clone(), state]),
            }
        }
        states
    }

    /// Gives the callbacks back what [`states`](Self::states) took: all of it where `with_args`, else without what they were made
    /// with, their `args`, which stay those of this run.
    pub(crate) fn load_states(
        &mut self,
        states: &serde_json::Map<String, serde_json::Value>,
        with_args: bool,
    ) -> Result<()> {
        for (name, state) in states {
            if name == "TrainerControl" {
                continue;
            }
            let mut states = match state {
                serde_json::Value::Array(list) => list.iter().collect(),
                one => vec![one],
            }
            .into_iter();
            let mut found = false;
            for callback in self.callbacks.iter_mut().filter(|c| c.name() == name) {
                let Some(state) = states.next() else { break };
                found = true;
                let mut state = state.clone();
                if !with_args && let Some(args) = state.get_mut("args") {
                    let own = callback
                        .state()
                        .and_then(|mut own| Some(own.get_mut("args")?.take()));
                    *args = own.unwrap_or_else(|| args.take());
                }
                callback
                    .load_state(&state)
                    .map_err(|source| Error::Callback {
                        callback: callback.name(),
                        source,
                    })?;
            }
            if !found {
                warning!(
                    "the checkpoint has the state of a callback that this run has not: {name}"
                );
            }
        }
        Ok(())
    }
}
