/// What can be wrong with a schedule.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// A keyword argument is unknown, missing, of the wrong kind or out of its range.
    #[error("lr_scheduler_kwargs of {schedule}: {reason}")]
    Argument {
        /// The schedule.
        schedule: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A schedule is applied to another number of parameter groups than it was made for.
    #[error("the schedule is for {expected} parameter groups, found {found}")]
    Groups {
        /// Groups that it was given.
        found: usize,
        /// Groups that it was made for.
        expected: usize,
    },
    /// A state has not the form of PyTorch's.
    #[error("the schedule's state: {0}")]
    State(#[from] trainer_torch::PickleError),
    /// What a schedule of one's own has to say.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// The module's result.
pub(crate) type Result<T, E = ScheduleError> = std::result::Result<T, E>;
