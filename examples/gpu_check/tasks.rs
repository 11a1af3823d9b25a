//! A model of each family with each head, and a batch for it.

use serde_json::{Map, Value, json};
use tch::{Device, Kind, Tensor};
use trainer::core::set_seed;
use trainer::prelude::*;

use crate::rows::{FIRST_WORD, Pad, Sizes};

/// Of every family here, as `rows` fill with it; RoBERTa counts positions from behind it.
const PADDING: i64 = 1;
/// The rows of a batch with padding: an even number, for two choices a question.
const ROWS: usize = 12;
const CLASSES: i64 = 3;

/// What a model is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    Sequences,
    Tokens,
    Answers,
    Words,
    Choices,
}

impl Task {
    pub(crate) const ALL: [Self; 5] = [
        Self::Sequences,
        Self::Tokens,
        Self::Answers,
        Self::Words,
        Self::Choices,
    ];

    /// With random weights, the same each time.
    pub(crate) fn model(self, config: PretrainedConfig) -> trainer::Result<Box<dyn Model>> {
        set_seed(42)?;
        let (none, classes) = (ModelOptions::new(), num_labels(CLASSES as usize));
        Ok(match self {
            Self::Sequences => Box::new(AutoModelForSequenceClassification::from_config(
                config, classes,
            )?),
            Self::Tokens => Box::new(AutoModelForTokenClassification::from_config(
                config, classes,
            )?),
            Self::Answers => Box::new(AutoModelForQuestionAnswering::from_config(config, none)?),
            Self::Words => Box::new(AutoModelForMaskedLM::from_config(config, none)?),
            Self::Choices => Box::new(AutoModelForMultipleChoice::from_config(config, none)?),
        })
    }

    /// Batches with labels: one with padding, and one of a single row, or question, without.
    pub(crate) fn batches(self, sizes: &Sizes) -> trainer::Result<[Batch; 2]> {
        let rows = sizes.rows(ROWS, sizes.tiny.vocabulary())?;
        let all: Vec<usize> = (0..ROWS).collect();
        let padded = Pad(PADDING).collate(&rows.rows(&all)?)?;
        let single = Pad(PADDING).collate(&rows.rows(&[3])?)?;
        Ok([self.labelled(padded, sizes)?, self.labelled(single, sizes)?])
    }

    fn labelled(self, mut batch: Batch, sizes: &Sizes) -> trainer::Result<Batch> {
        let ids = batch.take("input_ids")?;
        let mask = batch.take("attention_mask")?;
        let padding = mask.f_eq(0)?;
        let first = ids.f_select(1, 0)?;
        let mut labels = vec![("labels", first.f_remainder(CLASSES)?)];
        match self {
            Self::Sequences | Self::Choices => {}
            Self::Tokens => {
                labels[0].1 = ids.f_remainder(CLASSES)?.f_masked_fill(&padding, -100)?
            }
            Self::Words => {
                let others = ids.f_remainder(4)?.f_ne(0)?.f_logical_or(&padding)?;
                labels[0].1 = ids.f_masked_fill(&others, -100)?;
            }
            Self::Answers => {
                let last = mask
                    .f_sum_dim_intlist([1].as_slice(), false, Kind::Int64)?
                    .f_sub_scalar(1)?;
                let start = first.f_remainder_tensor(&last)?;
                labels = vec![("start_positions", start), ("end_positions", last)];
            }
        }
        let mut inputs = vec![("input_ids", ids), ("attention_mask", mask)];
        if let Self::Choices = self {
            // To a row alone another choice is added, of as many other words.
            let questions = (first.size()[0] / 2).max(1);
            let words = sizes.tiny.vocabulary() - FIRST_WORD;
            let others = inputs[0]
                .1
                .f_sub_scalar(FIRST_WORD - 101)?
                .f_remainder(words)?;
            let mut others = vec![
                others.f_add_scalar(FIRST_WORD)?,
                inputs[1].1.shallow_clone(),
            ]
            .into_iter();
            for (_, tensor) in &mut inputs {
                let width = tensor.size()[1];
                let other = others.next().filter(|_| tensor.size()[0] == 1);
                let all: Vec<_> = std::iter::once(tensor.shallow_clone())
                    .chain(other)
                    .collect();
                *tensor = Tensor::f_cat(&all, 0)?.f_view([questions, 2, width])?;
            }
            labels[0].1 =
                Tensor::f_arange(questions, (Kind::Int64, Device::Cpu))?.f_remainder(2)?;
        }
        Ok(inputs.into_iter().chain(labels).collect())
    }
}

/// Names and configurations, without dropout.
pub(crate) fn families(sizes: &Sizes) -> trainer::Result<Vec<(String, PretrainedConfig)>> {
    let families: Map<String, Value> = serde_json::from_str(include_str!("families.json"))?;
    let with_config = |(name, changed): (String, Value)| {
        let mut config = json!({"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "pad_token_id": PADDING});
        if let (Some(all), Some(changed)) = (config.as_object_mut(), changed.as_object()) {
            all.extend(changed.clone());
        }
        Ok((name, sizes.tiny.config(&config)?))
    };
    families.into_iter().map(with_config).collect()
}
