/// Why a pipeline cannot be made, or a text not be answered. Texts are counted from 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// The weights that the task needs are not all there: those that are missing would be drawn at random.
    #[error(
        "{name:?} is no model for {task}: its weights lack {}, and its config.json names {}. A model that was trained for it is \
         needed, whose class ends with {suffix}",
        list(missing, 4),
        class_names(.architectures)
    )]
    NoHead {
        /// The name or folder.
        name: String,
        /// What the pipeline does.
        task: &'static str,
        /// What the names of its classes end with.
        suffix: &'static str,
        /// `architectures` of `config.json`.
        architectures: Vec<String>,
        /// The weights that are missing.
        missing: Vec<String>,
    },
    /// A text cannot be made tokens.
    #[error("text {text}: {source}")]
    Encode {
        /// Its number.
        text: usize,
        /// Why.
        source: trainer_tokenize::Error,
    },
    /// A text is too long, and is not to be cut.
    #[error(
        "text {text} has {tokens} tokens, the limit is {limit}: shorten it, or let it be cut \
         (PipelineOptions::truncation)"
    )]
    TooLong {
        /// Its number.
        text: usize,
        /// How many tokens it has, special ones included.
        tokens: usize,
        /// How many it may have.
        limit: usize,
    },
    /// A text has no tokens: it is empty, and the tokenizer adds no special ones.
    #[error("text {text} has no tokens: there is nothing to compute from")]
    NoTokens {
        /// Its number.
        text: usize,
    },
    /// A question or the text that is to answer it is empty.
    #[error("pair {text}: the {what} is empty")]
    Empty {
        /// The number of the pair.
        text: usize,
        /// Which of the two.
        what: &'static str,
    },
    /// An option is 0 that must be 1 or more.
    #[error("{option} is 0; it must be at least 1")]
    Zero {
        /// The option.
        option: &'static str,
    },
    /// The model gives something else than a number for each row and label, or for each row and token.
    #[error(
        "the model's scores should be {expected:?}, rows and labels or tokens, but they are {found:?}"
    )]
    Logits {
        /// Rows and labels, or rows and tokens.
        expected: [usize; 2],
        /// The shape that was found.
        found: Vec<i64>,
    },
    /// A score is not a number: the weights are broken, or overflow.
    #[error(
        "text {text}: the score of {label:?} is not a number; the model's weights may be broken"
    )]
    NotANumber {
        /// Its number.
        text: usize,
        /// The label, or the output, whose score it is.
        label: String,
    },
}

/// Some names, and how many more there are.
fn list(names: &[String], most: usize) -> String {
    let shown = names[..names.len().min(most)].join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

pub(super) fn class_names(names: &[String]) -> String {
    match names {
        [] => "no class".to_owned(),
        names => names.join(", "),
    }
}
