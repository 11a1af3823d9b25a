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
    /// The model gives something else than numbers for each row, or for each token of each row.
    #[error("the model's output should have the shape {expected:?}, but it has {found:?}")]
    Shape {
        /// Rows, tokens where there are numbers for each, and what is said of a row or token, such as labels.
        expected: Vec<usize>,
        /// The shape that was found.
        found: Vec<i64>,
    },
    /// Windows over long texts were asked for, and yet no groups: tokens that two windows share would be there twice.
    #[error("stride is for groups of tokens (classify_groups): single tokens would be there twice")]
    StrideOfTokens,
    /// The tokenizer has no token that masks others.
    #[error("the tokenizer of {name:?} has no mask_token: there is nothing to fill in")]
    NoMaskToken {
        /// The name or folder.
        name: String,
    },
    /// A text has no mask to fill in, or it stands behind what is read of the text.
    #[error("text {text} has no {mask_token} among the {tokens} tokens that are read")]
    NoMask {
        /// Its number.
        text: usize,
        /// What is looked for.
        mask_token: String,
        /// How many tokens it has, special ones included, after it was cut where it is too long.
        tokens: usize,
    },
    /// None of the words that may be filled in has a token, or there are none.
    #[error("none of the targets has a token: there is nothing to choose from")]
    NoTargets,
    /// A word that may be filled in has a token that the model does not know.
    #[error("the target {token:?} has the number {id}, but the model knows {words} words")]
    TargetOutside {
        /// The token.
        token: String,
        /// Its number.
        id: u32,
        /// How many words the model has.
        words: usize,
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
