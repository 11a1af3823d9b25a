use tch::{Kind, Reduction, Tensor};
use trainer_collate::{Batch, NamedTensors};

use super::{Task, form_of};
use crate::{Error, PretrainedConfig, Result};

/// Where the answer to a question begins and ends in a row: `start_positions` and `end_positions`, the numbers of two tokens. The loss is
/// the mean of two cross entropies over the places of the batch, those of padding included. A place behind the row, as in a window
/// without the answer, does not count; one below 0 is 0.
#[derive(Debug)]
pub struct QuestionAnswering;

/// What labels are called, and the outputs that they are labels of.
const PLACES: [(&str, &str); 2] = [
    ("start_positions", "start_logits"),
    ("end_positions", "end_logits"),
];

impl QuestionAnswering {
    pub(crate) fn new(config: &PretrainedConfig) -> Result<Self> {
        match config.num_labels() {
            2 => Ok(Self),
            other => Err(Error::config(
                config.origin(),
                format!(
                    "a model that answers questions has 2 outputs, a beginning and an end; num_labels is {other}"
                ),
            )),
        }
    }
}

impl Task for QuestionAnswering {
    fn label_names(&self) -> &'static [&'static str] {
        &["start_positions", "end_positions"]
    }

    fn num_outputs(&self) -> i64 {
        2
    }

    fn scores_padding(&self) -> bool {
        true
    }

    fn check(&self, labels: &Batch) -> Result<()> {
        for (name, _) in PLACES {
            let places = labels.require(name)?;
            let one_a_row = places.dim() == 1 || (places.dim() == 2 && places.size()[1] == 1);
            if !one_a_row || places.is_floating_point() {
                return Err(Error::LabelForm {
                    found: format!("{name}: {}", form_of(places)),
                    task: "question answering".to_owned(),
                    expected: "the number of a token a row".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Rows: which places lie behind them is not known here.
    fn num_items(&self, labels: &Batch) -> Result<i64> {
        let places = labels.require("start_positions")?;
        Ok(places.size().first().copied().unwrap_or(1))
    }

    fn loss(&self, outputs: &NamedTensors, labels: &Batch) -> Result<Tensor> {
        let [start, end] = PLACES.map(|(label, output)| {
            let (logits, places) = (outputs.require(output)?, labels.require(label)?);
            place_loss(logits, places)
        });
        Ok(start?.f_add(&end?)?.f_div_scalar(2)?)
    }
}

/// The mean cross entropy of places, `[rows]` or `[rows, 1]`, against `[rows, length]`.
fn place_loss(logits: &Tensor, places: &Tensor) -> Result<Tensor> {
    let behind = logits.size()[1];
    let places = match places.dim() {
        2 => places.f_squeeze_dim(-1)?,
        _ => places.shallow_clone(),
    };
    let places = places.f_to_kind(Kind::Int64)?.f_clamp(0, behind)?;
    Ok(logits.f_cross_entropy_loss(&places, None::<Tensor>, Reduction::Mean, behind, 0.0)?)
}
