use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

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

fn new_bar(length: u64, title: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    let template = "{msg} {percent:>3}% |{bar:30}| {pos}/{len} [{elapsed}<{eta}, {per_sec}]";
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
