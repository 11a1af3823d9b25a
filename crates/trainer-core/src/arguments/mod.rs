//! What can be set about a run: the fields once, in a table, and one place that checks them.

mod choices;
mod error;
mod fields;
mod json;
mod optimizer_names;
mod read;
mod resolved;
mod scheduler_type;
mod training_arguments;
mod unsupported;
mod validate;
mod value;

pub use choices::{
    HubStrategy, IntervalStrategy, LogLevel, SamplingStrategy, SaveStrategy, TokenCount,
};
pub use error::{ArgumentsError, ArgumentsResult};
pub use fields::{ArgumentField, ArgumentFields};
pub use optimizer_names::OptimizerNames;
pub use read::read_argument;
pub use scheduler_type::SchedulerType;
pub use training_arguments::TrainingArguments;
pub use value::{ArgumentKind, ArgumentValue};
