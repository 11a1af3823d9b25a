use tch::{Device, no_grad};
use trainer_collate::{Batch, DataCollatorWithPadding, Padding};
use trainer_data::Dataset;
use trainer_models::{Compute, ModelOutput, PretrainedModel};
use trainer_tokenize::{Encoding, Tokenizer};

use super::model_pool::ModelPool;
use super::runnable::Runnable;
use super::tokens::Tokens;
use super::{PipelineOptions, Text};
use crate::Result;

/// As many batches are sorted by length at once: the tokens of so many texts are in memory.
const BATCHES_AT_ONCE: usize = 64;

/// From texts to a model's outputs: what all pipelines have in common.
#[derive(Debug)]
pub(super) struct Runner<M = PretrainedModel> {
    tokens: Tokens,
    collator: DataCollatorWithPadding,
    models: ModelPool<M>,
    device: Device,
    compute: Compute,
    batch_size: usize,
}

impl<M: Runnable> Runner<M> {
    /// `model` lies on `device`.
    pub(super) fn new(
        model: M,
        tokenizer: Tokenizer,
        device: Device,
        options: &PipelineOptions,
    ) -> Self {
        let padding = match tokenizer.pad_token_id() {
            Some(_) => Padding::Longest,
            None => Padding::DoNotPad,
        };
        Self {
            collator: DataCollatorWithPadding::new(&tokenizer).padding(padding),
            tokens: Tokens::new(tokenizer, model.max_length(), options),
            models: ModelPool::new(model),
            device,
            compute: options.compute,
            batch_size: options.batch_size,
        }
    }

    /// Runs the model over `texts` in batches of similar length, and hands over the texts' numbers and the outputs of each.
    pub(super) fn run(
        &self,
        texts: &[Text<'_>],
        mut take: impl FnMut(&[usize], &ModelOutput) -> Result<()>,
    ) -> Result<()> {
        self.encode(texts, |first, encodings| {
            let lengths: Vec<usize> = encodings.iter().map(Encoding::len).collect();
            let data = Dataset::from_columns(self.tokenizer().columns(&encodings))?;
            drop(encodings);
            self.run_rows(&data, &lengths, |rows, output| {
                let numbers: Vec<usize> = rows.iter().map(|row| first + row).collect();
                take(&numbers, output)
            })
        })
    }

    /// Hands over the tokens of `texts`, as many texts' at once as memory is meant to hold, with the number of the first of them.
    pub(super) fn encode(
        &self,
        texts: &[Text<'_>],
        mut take: impl FnMut(usize, Vec<Encoding>) -> Result<()>,
    ) -> Result<()> {
        let at_once = self.texts_at_once();
        for (chunk, texts) in texts.chunks(at_once).enumerate() {
            let first = chunk * at_once;
            let encodings = (first..)
                .zip(texts)
                .map(|(number, text)| self.tokens.encode(number, *text));
            take(first, encodings.collect::<Result<_, _>>()?)?;
        }
        Ok(())
    }

    /// Runs the model over texts that are tokens already in batches of similar length, and hands over the texts' numbers and the
    /// outputs of each.
    pub(super) fn run_encoded(
        &self,
        encodings: &[Encoding],
        take: impl FnMut(&[usize], &ModelOutput) -> Result<()>,
    ) -> Result<()> {
        let lengths: Vec<usize> = encodings.iter().map(Encoding::len).collect();
        let data = Dataset::from_columns(self.tokenizer().columns(encodings))?;
        self.run_rows(&data, &lengths, take)
    }

    fn run_rows(
        &self,
        data: &Dataset,
        lengths: &[usize],
        mut take: impl FnMut(&[usize], &ModelOutput) -> Result<()>,
    ) -> Result<()> {
        self.models.with(|model| {
            for rows in self.batches(lengths) {
                let output = self.forward(model, self.collator.batch(&data.rows(&rows)?)?)?;
                take(&rows, &output)?;
            }
            Ok(())
        })
    }

    /// How many texts' tokens are in memory at once.
    pub(super) fn texts_at_once(&self) -> usize {
        self.batch_size.saturating_mul(BATCHES_AT_ONCE)
    }

    pub(super) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    pub(super) fn tokenizer(&self) -> &Tokenizer {
        self.tokens.tokenizer()
    }

    /// The most tokens that tokenizer and model take and the options allow.
    pub(super) fn limit(&self) -> Option<usize> {
        self.tokens.limit()
    }

    /// The rows of each batch, the longest first: what memory has no room for shows at once. Where there is no token to pad with,
    /// the rows of a batch are of one length.
    fn batches(&self, lengths: &[usize]) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        order.sort_by_key(|&row| std::cmp::Reverse(lengths[row]));
        let pads = self.tokenizer().pad_token_id().is_some();
        order
            .chunk_by(|&a, &b| pads || lengths[a] == lengths[b])
            .flat_map(|alike| alike.chunks(self.batch_size))
            .map(<[usize]>::to_vec)
            .collect()
    }

    fn forward(&self, model: &M, batch: Batch) -> Result<ModelOutput> {
        let prepared = model.prepare(batch, self.compute)?.to_device(self.device)?;
        Ok(no_grad(|| model.run(&prepared))?)
    }
}
