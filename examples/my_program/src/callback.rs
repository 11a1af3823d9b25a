use trainer::prelude::*;

/// Ends the training after so many steps.
pub struct StopAfter(pub u64);

impl Callback for StopAfter {
    fn on_event(
        &mut self,
        event: Event<'_>,
        cx: &CallbackContext<'_>,
        mut control: TrainerControl,
    ) -> Answer {
        if matches!(event, Event::StepEnd) && cx.state.global_step >= self.0 {
            control.should_training_stop = true;
        }
        Ok(control)
    }
}
