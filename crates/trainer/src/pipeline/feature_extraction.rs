use tch::Tensor;
use trainer_models::{AutoModel, BaseModel};
use trainer_tokenize::Encoding;

use super::loading::{Head, ModelKind};
use super::runner::Runner;
use super::{PipelineError, PipelineOptions, Text, outputs};
use crate::Result;

/// How the states of a text's tokens become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pooling {
    /// Their mean, special tokens included: what models of the kind of `all-MiniLM-L6-v2` are made for.
    Mean,
    /// That of the first token, such as BERT's `[CLS]`.
    FirstToken,
}

/// Texts in, states of their tokens or embeddings out: Hugging Face's `pipeline("feature-extraction")`.
///
/// States are, to rounding, those of Python's pipeline on the same folder. [`embed`](Self::embed) is this project's own: Python's pipeline
/// leaves it to the program.
///
/// ```no_run
/// use trainer::prelude::*;
///
/// # fn main() -> trainer::Result<()> {
/// let extractor = FeatureExtractor::from_pretrained("sentence-transformers/all-MiniLM-L6-v2")?;
/// let states = extractor.extract(["I like it."])?;
/// println!("{:?}", states[0].size());                                        // [1, 6, 384]
/// let embeddings = extractor.embed(["I like it.", "Never again!"], Pooling::Mean)?;
/// println!("{} {}", embeddings.len(), embeddings[0].len());                  // 2 384
/// # Ok(())
/// # }
/// ```
///
/// Threads share one, as they share a [`TextClassifier`](super::TextClassifier).
#[derive(Debug)]
pub struct FeatureExtractor {
    runner: Runner<BaseModel>,
}

const MODELS: ModelKind<BaseModel> = ModelKind {
    task: "states of tokens",
    head: Head::None,
    load: |name, options| {
        AutoModel::from_pretrained_with_report(name, options.add_pooling_layer(false))
    },
};

/// What the model calls its states.
const STATES: &str = "last_hidden_state";

/// The states of a text's tokens, one after the other.
struct States {
    numbers: Vec<f32>,
    /// How many numbers a state has.
    width: usize,
}

impl FeatureExtractor {
    /// Loads tokenizer and model of the folder `name_or_path`, or else of the hub's model of that name. A model that was trained for
    /// whichever task does; its head is left out.
    ///
    /// # Errors
    /// When there is no such model, it has no tokenizer or no weights, a file is broken, or the device has no room.
    pub fn from_pretrained(name_or_path: &str) -> Result<Self> {
        Self::from_pretrained_with(name_or_path, &PipelineOptions::new())
    }

    /// As [`from_pretrained`](Self::from_pretrained), with other batches, another device, another length.
    ///
    /// # Errors
    /// As `from_pretrained`.
    pub fn from_pretrained_with(name_or_path: &str, options: &PipelineOptions) -> Result<Self> {
        let (runner, _) = MODELS.load(name_or_path, options)?;
        Ok(Self { runner })
    }

    /// The states of the last layer for the tokens of each text, special ones included: `[1, tokens, hidden_size]`, float32, in host
    /// memory; Python's `return_tensors=True`. None is for padding.
    ///
    /// # Errors
    /// When a text cannot be used (see [`PipelineError`]; the error has its number), or memory is full. Then there is no answer
    /// for any of them.
    pub fn extract<'t, T: Into<Text<'t>>>(
        &self,
        texts: impl IntoIterator<Item = T>,
    ) -> Result<Vec<Tensor>> {
        let size = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
        let tensor = |states: States| {
            let tokens = states.numbers.len() / states.width.max(1);
            let shape = [1, size(tokens), size(states.width)];
            Ok(Tensor::f_from_slice(&states.numbers)?.f_view(shape)?)
        };
        self.each(texts, tensor)
    }

    /// One embedding of `hidden_size` numbers for each text, not normalised.
    ///
    /// # Errors
    /// As [`extract`](Self::extract).
    pub fn embed<'t, T: Into<Text<'t>>>(
        &self,
        texts: impl IntoIterator<Item = T>,
        pooling: Pooling,
    ) -> Result<Vec<Vec<f32>>> {
        self.each(texts, |states| Ok(states.pooled(pooling)))
    }

    /// What `make` makes of each text's states, in the order of the texts.
    fn each<'t, T: Into<Text<'t>>, R>(
        &self,
        texts: impl IntoIterator<Item = T>,
        make: impl Fn(States) -> Result<R>,
    ) -> Result<Vec<R>> {
        let texts: Vec<Text<'t>> = texts.into_iter().map(Into::into).collect();
        let mut made: Vec<Option<R>> = texts.iter().map(|_| None).collect();
        let side = self.runner.tokenizer().padding_side();
        self.runner.encode(&texts, |first, encodings| {
            let lengths: Vec<usize> = encodings.iter().map(Encoding::len).collect();
            self.runner.run_encoded(&encodings, |rows, output| {
                let states = output.outputs.require(STATES)?;
                let lengths: Vec<usize> = rows.iter().map(|&row| lengths[row]).collect();
                let width = outputs::width(states);
                let states = outputs::unpadded(states, &lengths, &[width], side)?;
                for (row, numbers) in rows.iter().zip(states) {
                    let text = first + row;
                    if numbers.iter().any(|number| number.is_nan()) {
                        let label = STATES.to_owned();
                        return Err(PipelineError::NotANumber { text, label }.into());
                    }
                    made[text] = Some(make(States { numbers, width })?);
                }
                Ok(())
            })
        })?;
        Ok(made.into_iter().flatten().collect())
    }
}

impl States {
    fn pooled(self, pooling: Pooling) -> Vec<f32> {
        let Self { mut numbers, width } = self;
        if pooling == Pooling::FirstToken {
            numbers.truncate(width);
            return numbers;
        }
        let mut sums = vec![0.0; width];
        let tokens = numbers.chunks_exact(width.max(1));
        let count = tokens.len().max(1) as f64;
        for token in tokens {
            let both = sums.iter_mut().zip(token);
            both.for_each(|(sum, number)| *sum += f64::from(*number));
        }
        sums.into_iter().map(|sum| (sum / count) as f32).collect()
    }
}
