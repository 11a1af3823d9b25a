use tch::{Device, Kind, Tensor};
use trainer_data::{BoxError, Collate, DrawBatch, Rows};
use trainer_tokenize::Tokenizer;

use crate::generator::Generator;
use crate::labels::IGNORED;
use crate::special_tokens::{are_special, mask_token_id};
use crate::token_padding::{TokenPadding, by_tokenizer, padding_options};
use crate::{Batch, Error, Result, whole_words};

const SPECIAL: &str = "special_tokens_mask";
const OFFSETS: &str = "offset_mapping";

/// Pads the rows of a batch and makes labels of their tokens: Hugging Face's `DataCollatorForLanguageModeling`.
///
/// With `mlm`, the default, tokens are masked as by [Devlin et al., 2018](https://arxiv.org/abs/1810.04805): each token that is not special
/// is chosen with `mlm_probability`; of the chosen, `mask_replace_prob` become the mask token, `random_replace_prob` any token of the
/// vocabulary, the others stay. `labels`, `[rows, length]`, int64, are the chosen tokens, and -100, which no loss counts, elsewhere.
/// Without, for causal language modelling, `labels` are the ids themselves with -100 for padding.
///
/// Special are the tokens that the column `special_tokens_mask` marks, or else all special tokens of the tokenizer.
///
/// What is drawn equals what Python draws from the same generator: libtorch's default one, or with [`seed`](Self::seed) one of the
/// collator's own, which `draw` steps on with each batch. As part of a `DataLoader`, batches are drawn for in their order, whatever its
/// workers do.
///
/// ```
/// use trainer_collate::DataCollatorForLanguageModeling;
/// # fn collator(tokenizer: &trainer_tokenize::Tokenizer) -> DataCollatorForLanguageModeling {
/// DataCollatorForLanguageModeling::new(tokenizer).mlm_probability(0.2).seed(42)
/// # }
/// ```
#[derive(Debug)]
pub struct DataCollatorForLanguageModeling {
    padding: TokenPadding,
    mlm: bool,
    whole_word_mask: bool,
    mlm_probability: f64,
    mask_replace_prob: f64,
    random_replace_prob: f64,
    generator: Generator,
}

impl DataCollatorForLanguageModeling {
    /// Chooses 15 of 100 tokens and masks 8 of 10 of them, and replaces 1 by any token.
    #[must_use]
    pub fn new(tokenizer: &Tokenizer) -> Self {
        Self {
            padding: TokenPadding::new(tokenizer),
            mlm: true,
            whole_word_mask: false,
            mlm_probability: 0.15,
            mask_replace_prob: 0.8,
            random_replace_prob: 0.1,
            generator: Generator::default(),
        }
    }

    padding_options!();

    /// Whether tokens are masked. Yes by default.
    #[must_use]
    pub fn mlm(mut self, mlm: bool) -> Self {
        self.mlm = mlm;
        self
    }

    /// Whether words are masked with all their tokens. No by default. It needs the column `offset_mapping`
    /// (`return_offsets_mapping` of the tokenizer's mapping), and all chosen words become mask tokens, as in Python: the shares of masked
    /// and random tokens are not looked at.
    #[must_use]
    pub fn whole_word_mask(mut self, whole: bool) -> Self {
        self.whole_word_mask = whole;
        self
    }

    /// The share of tokens, or words, that are chosen, in `0.0..=1.0`. 0.15 by default.
    #[must_use]
    pub fn mlm_probability(mut self, probability: f64) -> Self {
        self.mlm_probability = probability;
        self
    }

    /// The share of the chosen tokens that become the mask token, in `0.0..=1.0`. 0.8 by default.
    #[must_use]
    pub fn mask_replace_prob(mut self, probability: f64) -> Self {
        self.mask_replace_prob = probability;
        self
    }

    /// The share of the chosen tokens that become any token, in `0.0..=1.0`; at most what `mask_replace_prob` leaves. 0.1 by default.
    #[must_use]
    pub fn random_replace_prob(mut self, probability: f64) -> Self {
        self.random_replace_prob = probability;
        self
    }

    /// Draws from a generator of the collator's own, with this seed, instead of libtorch's default one.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.generator = Generator::seeded(seed);
        self
    }

    /// The rows as one batch, masked.
    ///
    /// # Errors
    /// When the tokenizer has no mask token, a probability is none, the offsets that whole words need are missing, and as
    /// [`DataCollatorWithPadding::batch`](crate::DataCollatorWithPadding::batch).
    pub fn batch(&self, rows: &Rows<'_>) -> Result<Batch> {
        let batch = self.padded(rows)?;
        match self.mlm {
            true => self.masked(batch),
            false => Ok(batch),
        }
    }

    /// The rows as one batch, with everything that masking needs, or with the labels of causal language modelling.
    fn padded(&self, rows: &Rows<'_>) -> Result<Batch> {
        self.check(rows)?;
        let mut others = vec![OFFSETS];
        if !self.mlm {
            others.push(SPECIAL);
        }
        let (mut batch, widths) = self.padding.batch(rows, &others)?;
        let ids = batch.require(self.padding.ids())?;
        if !self.mlm {
            let labels = match self.tokenizer().pad_token_id() {
                Some(pad) => ids.f_masked_fill(&ids.f_eq(i64::from(pad))?, IGNORED)?,
                None => ids.copy(),
            };
            batch.insert("labels", labels);
            return Ok(batch);
        }
        if batch.get(SPECIAL).is_none() {
            let special = are_special(ids, self.tokenizer())?;
            batch.insert(SPECIAL, special);
        }
        if self.whole_word_mask {
            batch.insert(OFFSETS, widths.pad_pairs(rows, &rows.column(OFFSETS)?)?);
        }
        Ok(batch)
    }

    fn check(&self, rows: &Rows<'_>) -> Result<()> {
        let share = |name, value: f64| match (0.0..=1.0).contains(&value) {
            true => Ok(()),
            false => Err(Error::Option {
                name,
                value,
                reason: "a probability from 0 to 1 is expected",
            }),
        };
        share("mlm_probability", self.mlm_probability)?;
        share("mask_replace_prob", self.mask_replace_prob)?;
        share("random_replace_prob", self.random_replace_prob)?;
        if self.mask_replace_prob + self.random_replace_prob > 1.0 {
            return Err(Error::Option {
                name: "random_replace_prob",
                value: self.random_replace_prob,
                reason: "with mask_replace_prob it is more than 1",
            });
        }
        match (self.mlm, self.whole_word_mask) {
            (false, true) => Err(Error::WholeWords("mlm")),
            (true, _) if self.tokenizer().special_tokens().mask_token.is_none() => {
                Err(Error::NoMaskToken)
            }
            (true, true) if !rows.has_column(OFFSETS) => Err(Error::WholeWords(
                "the column \"offset_mapping\": let the tokenizer's mapping make it with return_offsets_mapping(true)",
            )),
            _ => Ok(()),
        }
    }

    /// `torch_mask_tokens`.
    fn masked(&self, mut batch: Batch) -> Result<Batch> {
        let special = batch.take(SPECIAL)?.f_to_kind(Kind::Bool)?;
        let ids = self.padding.ids().to_owned();
        let inputs = batch.require(&ids)?.shallow_clone();
        let (chosen, replaced) = match self.whole_word_mask {
            true => {
                let begins = whole_words::begins_of_words(&batch.take(OFFSETS)?, &special)?;
                let never = begins.f_logical_not()?;
                self.generator.with(|| {
                    let chosen = self.choose(&inputs, &never)?;
                    let chosen = whole_words::whole(&chosen, &begins, &special)?;
                    let inputs = self.replace(&inputs, &chosen, 1.0, 0.0)?;
                    Ok((chosen, inputs))
                })?
            }
            false => self.generator.with(|| {
                let chosen = self.choose(&inputs, &special)?;
                let (masks, others) = (self.mask_replace_prob, self.random_replace_prob);
                let inputs = self.replace(&inputs, &chosen, masks, others)?;
                Ok((chosen, inputs))
            })?,
        };
        let labels = inputs.f_masked_fill(&chosen.f_logical_not()?, IGNORED)?;
        batch.insert(ids, replaced);
        batch.insert("labels", labels);
        Ok(batch)
    }

    /// Draws which tokens are chosen, of those that are not among `never`.
    fn choose(&self, inputs: &Tensor, never: &Tensor) -> Result<Tensor> {
        let probabilities = full(inputs, self.mlm_probability)?.f_masked_fill(never, 0.0)?;
        Ok(probabilities.f_bernoulli()?.f_to_kind(Kind::Bool)?)
    }

    /// Draws what becomes of the chosen tokens: the share `masks` the mask token, `others` any token.
    fn replace(&self, inputs: &Tensor, chosen: &Tensor, masks: f64, others: f64) -> Result<Tensor> {
        let mask_token = mask_token_id(self.tokenizer())?;
        let masked = full(inputs, masks)?.f_bernoulli()?.f_to_kind(Kind::Bool)?;
        let masked = masked.f_logical_and(chosen)?;
        let inputs = inputs.f_masked_fill(&masked, mask_token)?;
        if masks == 1.0 || others == 0.0 {
            return Ok(inputs);
        }
        let others = full(&inputs, others / (1.0 - masks))?;
        let random = others.f_bernoulli()?.f_to_kind(Kind::Bool)?;
        let random = random
            .f_logical_and(chosen)?
            .f_logical_and(&masked.f_logical_not()?)?;
        let vocab_size = self.tokenizer().vocab_size() as i64;
        let words = Tensor::f_randint(vocab_size, inputs.size(), (Kind::Int64, Device::Cpu))?;
        Ok(words.f_where_self(&random, &inputs)?)
    }
}

/// `value` for each of the ids, float32.
fn full(ids: &Tensor, value: f64) -> Result<Tensor> {
    Ok(Tensor::f_full(
        ids.size(),
        value,
        (Kind::Float, Device::Cpu),
    )?)
}

impl Collate for DataCollatorForLanguageModeling {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        Ok(self.padded(rows)?)
    }

    fn input_columns(&self) -> &[&str] {
        match self.whole_word_mask {
            true => &[OFFSETS, SPECIAL],
            false => &[],
        }
    }

    fn random(&self) -> Option<&dyn DrawBatch<Batch>> {
        self.mlm.then_some(self)
    }

    by_tokenizer!();
}

impl DrawBatch<Batch> for DataCollatorForLanguageModeling {
    fn draw(&self, batch: Batch) -> Result<Batch, BoxError> {
        Ok(self.masked(batch)?)
    }

    fn generator_state(&self) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(self.generator.state()?)
    }

    fn set_generator_state(&self, state: &[u8]) -> Result<(), BoxError> {
        self.generator.set_state(state);
        Ok(())
    }
}
