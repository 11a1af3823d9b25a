use crate::report::print_line;
use crate::{Answer, Callback, CallbackContext, Event, TrainerControl};

/// Prints the logs, one line each, on standard output. Used instead of the progress bar with `disable_tqdm`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PrinterCallback;

impl Callback for PrinterCallback {
    fn on_event(
        &mut self,
        event: Event<'_>,
        _: &CallbackContext<'_>,
        control: TrainerControl,
    ) -> Answer {
        if let Event::Log(logs) = event {
            print_line(&logs.to_string());
        }
        Ok(control)
    }
}
