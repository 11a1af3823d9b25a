//! A backbone from outside, which knows of rows and columns alone, and of no layer that is computed again.

use crate::support::generator;
use tch::{Kind, Tensor};
use trainer_collate::Batch;
use trainer_models::layers::Embedding;
use trainer_models::{
    AutoModelForSequenceClassification, Backbone, BackboneOutput, Compute, Family, Layout, Mode,
    Pass, PretrainedConfig, Result, Scope, check_inputs, num_labels, register_family,
};

/// The sum of a row's embeddings.
#[derive(Debug)]
struct Bag(Embedding);

impl Backbone for Bag {
    fn input_names(&self) -> &'static [&'static str] {
        &["input_ids", "attention_mask"]
    }

    fn prepare(&self, inputs: &mut Batch) -> Result<[i64; 2]> {
        check_inputs(inputs, 100, &[("input_ids", 10)])
    }

    fn forward(&self, inputs: &Batch, _: Pass<'_>) -> Result<BackboneOutput> {
        let states = self.0.forward(inputs.require("input_ids")?)?;
        let sum = states.f_sum_dim_intlist([1].as_slice(), false, Kind::Float)?;
        Ok(BackboneOutput::new(states, Some(sum)))
    }
}

#[derive(Debug)]
struct Bags;

impl Family for Bags {
    fn model_type(&self) -> &'static str {
        "bag_of_this_test"
    }

    fn class_name(&self) -> &'static str {
        "Bag"
    }

    fn backbone(&self, at: &Scope, keys: &PretrainedConfig, _: bool) -> Result<Box<dyn Backbone>> {
        let width = self.read_config(keys)?.hidden_size;
        let words = Embedding::new(&(at / "words"), 10, width, Some(0))?;
        Ok(Box::new(Bag(words)))
    }
}

#[test]
fn gets_rows_and_columns_from_both_ways_to_compute() {
    let _alone = generator();
    register_family(&Bags).unwrap();
    let config = r#"{"model_type": "bag_of_this_test", "hidden_size": 6}"#;
    let config = PretrainedConfig::from_json(config, "test").unwrap();
    let model = AutoModelForSequenceClassification::from_config(config, num_labels(2)).unwrap();
    let mut batch = Batch::new();
    let ids = Tensor::from_slice2(&[[3_i64, 4, 5], [7, 8, 0]]);
    batch.insert("attention_mask", ids.ne(0).to_kind(Kind::Int64));
    batch.insert("input_ids", ids);
    let [reference, fast] = Compute::ALL.map(|compute| {
        let prepared = model.prepare(batch.shallow_clone(), compute).unwrap();
        let pass = prepared.pass(Mode::Eval);
        assert!(matches!(pass.layout, Layout::Padded { .. }), "{compute}");
        let output = model.forward(&prepared, Mode::Eval).unwrap();
        output.logits().unwrap().shallow_clone()
    });
    assert_eq!(fast.size(), [2, 2]);
    assert!(fast.equal(&reference));

    let mut model = model;
    let error = model.gradient_checkpointing_enable().unwrap_err();
    let expected = "BagForSequenceClassification has no gradient checkpointing";
    assert!(error.to_string().starts_with(expected), "{error}");
}
