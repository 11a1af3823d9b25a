use tch::Device;
use trainer_models::Compute;
use trainer_tokenize::Truncation;

/// How a pipeline computes, whatever it computes.
///
/// ```
/// use trainer::pipeline::PipelineOptions;
///
/// let options = PipelineOptions::new().batch_size(8).max_length(128);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PipelineOptions {
    pub(super) batch_size: usize,
    pub(super) device: Option<Device>,
    pub(super) compute: Compute,
    pub(super) truncation: Truncation,
    pub(super) max_length: Option<usize>,
}

impl Default for PipelineOptions {
    fn default() -> Self {
        Self {
            batch_size: 32,
            device: None,
            compute: Compute::Fast,
            truncation: Truncation::LongestFirst,
            max_length: None,
        }
    }
}

impl PipelineOptions {
    /// Batches of up to 32 texts of similar length, on the first CUDA device that is found or else on the CPU, without work on
    /// padding, and texts that are too long are cut.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The most texts that are computed at once; 0 is taken as 1. Results do not depend on it but for rounding.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size.max(1);
        self
    }

    /// Where the model computes.
    #[must_use]
    pub fn device(mut self, device: Device) -> Self {
        self.device = Some(device);
        self
    }

    /// Which operations compute: [`Compute::Fast`] by default, whose results equal Python's to rounding. [`Compute::Reference`] with
    /// a batch size of 1 does what Python's pipeline does by default, operation by operation.
    #[must_use]
    pub fn compute(mut self, compute: Compute) -> Self {
        self.compute = compute;
        self
    }

    /// How texts are cut that are longer than tokenizer and model take: of a pair the longer one, by default. The first
    /// text that is cut is told in a warning. With [`Truncation::Off`] (`false`), Python's default, such a text is an error.
    #[must_use]
    pub fn truncation(mut self, truncation: impl Into<Truncation>) -> Self {
        self.truncation = truncation.into();
        self
    }

    /// The most tokens of a text that are read, special ones included, where that is less than tokenizer and model take.
    #[must_use]
    pub fn max_length(mut self, max_length: usize) -> Self {
        self.max_length = Some(max_length);
        self
    }
}
