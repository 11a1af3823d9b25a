/// How answers are chosen: the arguments of `run_qa.py` that `postprocess_qa_predictions` takes.
///
/// ```
/// use trainer_metrics::AnswerOptions;
///
/// let options = AnswerOptions::new().n_best_size(5).max_answer_length(15).version_2_with_negative(true);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerOptions {
    pub(super) n_best_size: usize,
    pub(super) max_answer_length: usize,
    pub(super) version_2_with_negative: bool,
    pub(super) null_score_diff_threshold: f32,
}

impl Default for AnswerOptions {
    fn default() -> Self {
        Self {
            n_best_size: 20,
            max_answer_length: 30,
            version_2_with_negative: false,
            null_score_diff_threshold: 0.0,
        }
    }
}

impl AnswerOptions {
    /// The 20 best answers of up to 30 tokens, to questions that all have one.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many answers to a question are kept, and how many beginnings and ends of a window are looked at.
    #[must_use]
    pub const fn n_best_size(mut self, n_best_size: usize) -> Self {
        self.n_best_size = n_best_size;
        self
    }

    /// The most tokens of an answer.
    #[must_use]
    pub const fn max_answer_length(mut self, max_answer_length: usize) -> Self {
        self.max_answer_length = max_answer_length;
        self
    }

    /// Whether there may be questions that their text does not answer: then "no answer", the empty text, competes with its
    /// score on the first token of each window.
    #[must_use]
    pub const fn version_2_with_negative(mut self, negative: bool) -> Self {
        self.version_2_with_negative = negative;
        self
    }

    /// By how much the score of "no answer" must be higher than the best answer's to win.
    #[must_use]
    pub const fn null_score_diff_threshold(mut self, threshold: f32) -> Self {
        self.null_score_diff_threshold = threshold;
        self
    }
}
