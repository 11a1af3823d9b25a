/// What can go wrong in an optimizer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptimizerError {
    /// A hyper-parameter is out of its range.
    #[error("{optimizer}: {name} is {value}, expected {expected}")]
    Config {
        /// The optimizer.
        optimizer: &'static str,
        /// The hyper-parameter.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A state has another number of groups than the optimizer.
    #[error("the optimizer state has {found} parameter groups, expected {expected}")]
    Groups {
        /// Groups in the state.
        found: usize,
        /// Groups of the optimizer.
        expected: usize,
    },
    /// A group of a state has another number of parameters than the optimizer's.
    #[error("the optimizer state has {found} parameters in group {group}, expected {expected}")]
    Params {
        /// Number of the group, from 0.
        group: usize,
        /// Parameters in the state.
        found: usize,
        /// Parameters of the optimizer.
        expected: usize,
    },
    /// A state belongs to another optimizer.
    #[error("the optimizer state is that of {found}, expected that of {expected}")]
    Optimizer {
        /// The optimizer that the state belongs to, by its hyper-parameters.
        found: &'static str,
        /// The optimizer that reads it.
        expected: &'static str,
    },
    /// A group of a state lacks a hyper-parameter, as that of an optimizer which is not of this crate may.
    #[error(
        "the optimizer state is not that of {optimizer}: group {group} has no {key}, it has {keys}"
    )]
    Option {
        /// The optimizer that reads the state.
        optimizer: &'static str,
        /// Number of the group, from 0.
        group: usize,
        /// The hyper-parameter.
        key: String,
        /// The keys of the group, between commas.
        keys: String,
    },
    /// The state of a parameter does not fit it.
    #[error("the optimizer state of {parameter}: {key} is {found}, expected {expected}")]
    State {
        /// The parameter's name.
        parameter: String,
        /// The entry of its state.
        key: String,
        /// What the entry is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// A state has not the form of PyTorch's.
    #[error("the optimizer state: {0}")]
    Form(#[from] trainer_torch::PickleError),
    /// What an optimizer of one's own has to say.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
    /// libtorch, through `trainer-torch`.
    #[error(transparent)]
    TrainerTorch(#[from] trainer_torch::Error),
    /// libtorch refused an operation.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
}

/// The module's result.
pub(crate) type Result<T, E = OptimizerError> = std::result::Result<T, E>;
