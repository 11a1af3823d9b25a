use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::print_line;
use crate::{Answer, Callback, CallbackContext, Event, TrainerControl};

/// A bar over the optimizer steps on standard error, a nested one for each evaluation, and the logs above them on
/// standard output. Where standard error is no terminal only the logs appear.
#[derive(Debug, Default)]
pub struct ProgressCallback {
    bars: MultiProgress,
    training: Option<ProgressBar>,
    evaluation: Option<ProgressBar>,
}

impl ProgressCallback {
    /// No bar yet; `TrainBegin` or the first evaluation makes one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn print(&self, line: &str) {
        self.bars.suspend(|| print_line(line));
    }

    fn evaluated(&mut self, done: usize, total: usize) {
        // As Python shows none where the length is not known.
        if total == 0 {
            return;
        }
        let bars = &self.bars;
        let bar = self
            .evaluation
            .get_or_insert_with(|| bars.add(new_bar(total as u64, "Evaluating")));
        bar.set_position(done as u64);
        if done == total {
            bar.finish_and_clear();
            self.bars.remove(bar);
            self.evaluation = None;
        }
    }
}

/// A bar that draws nothing before it has its place: what it drew by itself would stay above the others for good.
fn new_bar(length: u64, title: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
    let template = "{msg} {percent:>3}% |{wide_bar}| {pos}/{len} [{elapsed}<{eta}, {per_sec}]";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar.set_message(title);
    bar
}

impl Callback for ProgressCallback {
    fn on_event(
        &mut self,
        event: Event<'_>,
        cx: &CallbackContext<'_>,
        control: TrainerControl,
    ) -> Answer {
        let state = cx.state;
        match event {
            Event::TrainBegin => {
                let bar = self.bars.add(new_bar(state.max_steps, "Training"));
                bar.set_position(state.global_step);
                bar.reset_eta();
                self.training = Some(bar);
            }
            Event::StepEnd => {
                if let Some(bar) = &self.training {
                    bar.set_position(state.global_step);
                }
            }
            Event::PredictionStep { done, total } => self.evaluated(done, total),
            Event::Log(logs) => self.print(&logs.to_string()),
            Event::TrainEnd => {
                if let Some(bar) = self.training.take() {
                    bar.abandon();
                }
            }
            _ => {}
        }
        Ok(control)
    }
}

#[cfg(test)]
mod tests {
    use indicatif::{InMemoryTerm, MultiProgress, ProgressDrawTarget};
    use trainer_data::BoxError;

    use super::{ProgressCallback, new_bar};
    use crate::{
        Callback, CallbackContext, Event, TrainerControl, TrainerState, TrainingArguments,
    };

    #[test]
    fn a_bar_draws_nothing_outside_its_place() {
        assert!(new_bar(4, "Training").is_hidden());
    }

    #[test]
    fn bars_fit_terminals_of_any_width() -> Result<(), BoxError> {
        for width in [40, 60, 100, 200] {
            let terminal = InMemoryTerm::new(10, width);
            let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
            let bars = MultiProgress::with_draw_target(target);
            let bar = bars.add(new_bar(4, "Training"));
            bar.set_position(3);
            bar.tick();
            let lines = terminal.contents();
            let widest = lines.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(usize::from(width)), "{lines}");
            if width >= 60 {
                assert_eq!(lines.lines().count(), 1, "{lines}");
            }
            bars.suspend(|| assert_eq!(terminal.contents(), "", "something is left of the bar"));
        }
        Ok(())
    }

    #[test]
    fn an_evaluation_has_a_bar_below_that_of_training_until_it_ends() -> Result<(), BoxError> {
        let terminal = InMemoryTerm::new(10, 120);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let mut progress = ProgressCallback {
            bars: MultiProgress::with_draw_target(target),
            ..ProgressCallback::new()
        };
        let args = TrainingArguments::new("out");
        let mut state = TrainerState {
            max_steps: 4,
            ..TrainerState::default()
        };
        let mut shown = |state: &TrainerState, event| -> Result<Vec<String>, BoxError> {
            let cx = CallbackContext { args: &args, state };
            progress.on_event(event, &cx, TrainerControl::default())?;
            // Bars are drawn some times a second; a tick draws them now.
            for bar in [&progress.training, &progress.evaluation]
                .into_iter()
                .flatten()
            {
                bar.tick();
            }
            Ok(terminal.contents().lines().map(str::to_owned).collect())
        };
        shown(&state, Event::TrainBegin)?;
        for step in 1..=3 {
            state.global_step = step;
            shown(&state, Event::StepEnd)?;
            let lines = shown(&state, Event::PredictionStep { done: 1, total: 2 })?;
            let percent = 25 * step;
            assert!(
                lines[0].starts_with(&format!("Training  {percent}%")),
                "{lines:?}"
            );
            assert!(lines[1].starts_with("Evaluating  50%"), "{lines:?}");
            let lines = shown(&state, Event::PredictionStep { done: 2, total: 2 })?;
            assert_eq!(lines.len(), 1, "{lines:?}");
        }
        Ok(())
    }
}
