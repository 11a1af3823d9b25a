use trainer::models::{Result, check_inputs, layers::Embedding};
use trainer::prelude::*;
use trainer::tch::Kind;

/// The number of words there are. Word 0 fills rows up.
pub const WORDS: i64 = 50;

/// A classifier on the mean of word embeddings: the name `bag_of_words` in a `config.json`.
#[derive(Debug)]
pub struct BagOfWords;

impl Family for BagOfWords {
    fn model_type(&self) -> &'static str {
        "bag_of_words"
    }

    fn class_name(&self) -> &'static str {
        "BagOfWords"
    }

    fn backbone(&self, at: &Scope, keys: &PretrainedConfig, _: bool) -> Result<Box<dyn Backbone>> {
        let width = self.read_config(keys)?.hidden_size;
        let words = Embedding::new(&(at / "words"), WORDS, width, Some(0))?;
        Ok(Box::new(Bag(words)))
    }
}

/// The sum of a row's embeddings over the number of its words; that of word 0 is zero.
#[derive(Debug)]
struct Bag(Embedding);

impl Backbone for Bag {
    fn input_names(&self) -> &'static [&'static str] {
        &["input_ids"]
    }

    fn prepare(&self, inputs: &mut Batch) -> Result<[i64; 2]> {
        check_inputs(inputs, i64::MAX, &[("input_ids", WORDS)])
    }

    fn forward(&self, inputs: &Batch, _: Pass<'_>) -> Result<BackboneOutput> {
        let words = inputs.require("input_ids")?;
        let states = self.0.forward(words)?;
        let count = words
            .f_ne(0)?
            .f_sum_dim_intlist([1].as_slice(), true, Kind::Float)?;
        let mean = states
            .f_sum_dim_intlist([1].as_slice(), false, Kind::Float)?
            .f_div(&count)?;
        Ok(BackboneOutput::new(states, Some(mean)))
    }
}
