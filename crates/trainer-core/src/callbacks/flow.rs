use crate::{
    Answer, Callback, CallbackContext, Event, IntervalStrategy, SaveStrategy, TrainerControl,
};

/// Decides when to log, evaluate, save and stop, from the arguments' strategies; as Hugging Face's `DefaultFlowCallback`.
#[derive(Clone, Copy, Debug, Default)]
pub struct DefaultFlowCallback;

impl Callback for DefaultFlowCallback {
    fn on_event(
        &mut self,
        event: Event<'_>,
        context: &CallbackContext<'_>,
        control: TrainerControl,
    ) -> Answer {
        Ok(match event {
            Event::StepEnd => after_step(context, control),
            Event::EpochEnd => after_epoch(context, control),
            _ => control,
        })
    }
}

fn after_step(cx: &CallbackContext<'_>, mut control: TrainerControl) -> TrainerControl {
    let CallbackContext { args, state } = *cx;
    let step = state.global_step;
    let every = |steps: u64| steps > 0 && step.is_multiple_of(steps);
    let eval_by_steps = args.eval_strategy == IntervalStrategy::Steps;
    let save_by_steps = args.save_strategy == SaveStrategy::Steps;
    #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
    let eval_allowed = args.eval_delay <= step as f64;

    control.should_log |= step == 1 && args.logging_first_step
        || args.logging_strategy == IntervalStrategy::Steps && every(state.logging_steps);
    control.should_evaluate |= eval_by_steps && eval_allowed && every(state.eval_steps);
    control.should_save |= save_by_steps && every(state.save_steps);
    if step >= state.max_steps {
        control.should_training_stop = true;
        control.should_evaluate |= eval_by_steps && eval_allowed;
        control.should_save |= save_by_steps;
    }
    control
}

fn after_epoch(cx: &CallbackContext<'_>, mut control: TrainerControl) -> TrainerControl {
    let args = cx.args;
    control.should_log |= args.logging_strategy == IntervalStrategy::Epoch;
    control.should_evaluate |=
        args.eval_strategy == IntervalStrategy::Epoch && args.eval_delay <= cx.state.epoch;
    control.should_save |= args.save_strategy == SaveStrategy::Epoch;
    control
}
