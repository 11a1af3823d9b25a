//! Callbacks: what happens in a run, who is told, and what they may ask for.

mod callback;
mod control;
mod early_stopping;
mod flow;
mod handler;
mod printer;
mod progress;

pub use callback::{Answer, Callback, CallbackContext, Event};
pub use control::TrainerControl;
pub use early_stopping::EarlyStoppingCallback;
pub use flow::DefaultFlowCallback;
pub(crate) use handler::CallbackHandler;
pub use printer::PrinterCallback;
pub use progress::ProgressCallback;
