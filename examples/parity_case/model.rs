//! The model of a case.

use trainer::models::ProblemType;
use trainer::prelude::*;

use super::{Case, Task};

/// What is 0 in a case without dropout; a case of a whole configuration says each that is not 0 by itself.
const DROPOUTS: [&str; 12] = [
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "classifier_dropout",
    "classifier_dropout_prob",
    "dropout",
    "attention_dropout",
    "seq_classif_dropout",
    "qa_dropout",
    "pooler_dropout",
    "cls_dropout",
    "embedding_dropout",
    "mlp_dropout",
];

pub(crate) fn make_model(case: &Case) -> trainer::Result<Box<dyn Model>> {
    let options: ModelOptions = match case.task {
        Task::Mrpc => num_labels(2),
        Task::Stsb => num_labels(1),
        Task::MultiLabel => num_labels(3).problem_type(ProblemType::MultiLabelClassification),
        Task::Shares | Task::Tokens => num_labels(3),
        Task::Answers | Task::Masked | Task::Choices => ModelOptions::new(),
    };
    if case.from_config {
        let config = configuration(case)?;
        return Ok(match case.task {
            Task::Tokens => AutoModelForTokenClassification::from_config(config, options)?,
            Task::Answers => AutoModelForQuestionAnswering::from_config(config, options)?,
            Task::Masked => AutoModelForMaskedLM::from_config(config, options)?,
            Task::Choices => AutoModelForMultipleChoice::from_config(config, options)?,
            _ => AutoModelForSequenceClassification::from_config(config, options)?,
        });
    }
    let options = match case.dropout {
        true => options,
        false => options
            .hidden_dropout_prob(0.0)
            .attention_probs_dropout_prob(0.0)
            .classifier_dropout(0.0),
    };
    Ok(match case.task {
        Task::Tokens => AutoModelForTokenClassification::from_pretrained(&case.model, options)?,
        Task::Answers => AutoModelForQuestionAnswering::from_pretrained(&case.model, options)?,
        Task::Masked => AutoModelForMaskedLM::from_pretrained(&case.model, options)?,
        Task::Choices => AutoModelForMultipleChoice::from_pretrained(&case.model, options)?,
        _ => AutoModelForSequenceClassification::from_pretrained(&case.model, options)?,
    })
}

/// That of the case's model with the case's keys, or of these alone. Keys that say a dropout are 0 in a case without.
fn configuration(case: &Case) -> trainer::Result<PretrainedConfig> {
    let mut config = match case.config.contains_key("model_type") {
        true => PretrainedConfig::from_json("{}", &case.name)?,
        false => AutoConfig::from_pretrained(&case.model)?,
    };
    for (key, value) in &case.config {
        config.set(key, value.clone());
    }
    for key in DROPOUTS {
        if !case.dropout && config.get(key).is_some_and(serde_json::Value::is_number) {
            config.set(key, 0.0);
        }
    }
    Ok(config)
}
