//! Models by name: `config.json` says which family a checkpoint belongs to, the type asked for the task. One line a task.

mod auto_config;
mod auto_model;
mod auto_task;

use crate::tasks::{
    MaskedLanguageModelling, MultipleChoice, QuestionAnswering, SequenceClassification,
    TokenClassification,
};

pub use auto_config::AutoConfig;
pub use auto_model::AutoModel;

auto_task::auto_models! {
    /// Models that predict masked words, by name.
    AutoModelForMaskedLM, "ForMaskedLM", masked_lm_head, token_dropout, MaskedLanguageModelling;
    /// Models that choose among several texts, by name.
    AutoModelForMultipleChoice, "ForMultipleChoice", choice_head, choice_dropout, MultipleChoice;
    /// Models that find the answer to a question in a text, by name.
    AutoModelForQuestionAnswering, "ForQuestionAnswering", answer_head, answer_dropout, QuestionAnswering;
    /// Models that give scores to whole sequences, by name.
    AutoModelForSequenceClassification, "ForSequenceClassification", sequence_head, head_dropout, SequenceClassification;
    /// Models that give scores to every token, by name.
    AutoModelForTokenClassification, "ForTokenClassification", token_head, token_dropout, TokenClassification;
}
