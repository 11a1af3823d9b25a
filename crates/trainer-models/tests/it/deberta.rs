//! What DeBERTa takes of a batch, and what its labels are.

use crate::families::tiny;
use crate::support::{bits, generator, run};
use tch::{Kind, Tensor};
use trainer_collate::Batch;
use trainer_models::{
    AutoModelForSequenceClassification, Compute, Error, Mode, Model, ModelOptions,
    PretrainedConfig, ProblemType, num_labels,
};

fn made(more: &str, options: ModelOptions) -> Result<Box<dyn Model>, Error> {
    let config = PretrainedConfig::from_json(&tiny("deberta-v2", more), "config.json")?;
    AutoModelForSequenceClassification::from_config(config, options)
}

fn batch(length: i64) -> Batch {
    let ids = Tensor::arange(2 * length, (Kind::Int64, tch::Device::Cpu)).remainder(20);
    let mut batch = Batch::new();
    batch.insert("input_ids", ids.view([2, length]));
    batch
}

#[test]
fn rows_may_be_of_any_length_where_places_have_no_embeddings() {
    let _alone = generator();
    let keys = r#", "relative_attention": true, "position_buckets": 4, "pos_att_type": "c2p|p2c""#;
    let model = made(keys, ModelOptions::new()).unwrap();
    let message = model.prepare(batch(11), Compute::Reference).unwrap_err();
    assert!(
        message.to_string().contains("at most 10 tokens"),
        "{message}"
    );
    let free = format!(r#"{keys}, "position_biased_input": false"#);
    let model = made(&free, ModelOptions::new()).unwrap();
    run(&*model, &batch(50), Mode::Eval).unwrap();
}

#[test]
fn segments_are_passed_over_where_they_have_no_embeddings() {
    let _alone = generator();
    let model = made("", ModelOptions::new()).unwrap();
    assert!(model.forward_signature().contains(&"token_type_ids"));
    let mut with_segments = batch(5);
    with_segments.insert(
        "token_type_ids",
        Tensor::full([2, 5], 7, (Kind::Int64, tch::Device::Cpu)),
    );
    let logits = |batch: &Batch| {
        let output = run(&*model, batch, Mode::Eval).unwrap();
        bits(output.logits().unwrap())
    };
    assert_eq!(logits(&with_segments), logits(&batch(5)));
}

#[test]
fn a_mask_of_four_dimensions_is_refused() {
    let _alone = generator();
    let model = made("", ModelOptions::new()).unwrap();
    let mut masked = batch(3);
    masked.insert(
        "attention_mask",
        Tensor::ones([2, 1, 1, 3], (Kind::Int64, tch::Device::Cpu)),
    );
    for compute in Compute::ALL {
        let message = model.prepare(masked.shallow_clone(), compute).unwrap_err();
        assert!(message.to_string().contains("[2, 1, 1, 3]"), "{message}");
    }
}

/// Labels that are numbers a class: shares of the classes, unless `problem_type` says that each is a label of its own.
#[test]
fn labels_do_not_decide_the_problem_type() {
    let _alone = generator();
    let model = made("", num_labels(3)).unwrap();
    let mut labelled = batch(4);
    let shares = Tensor::from_slice2(&[[0.5_f32, 0.5, 0.0], [0.0, 0.25, 0.75]]);
    labelled.insert("labels", shares.shallow_clone());
    let output = run(&*model, &labelled, Mode::Eval).unwrap();
    let logs = output.logits().unwrap().log_softmax(-1, Kind::Float);
    let expected = -(logs * &shares).sum(Kind::Float) / 2.0;
    let found = output.loss.unwrap();
    assert!((&found - expected).abs().double_value(&[]) < 1e-6);
    assert_eq!(model.config().unwrap().problem_type(), None);
    // Then one class a row, of the same model.
    labelled.insert("labels", Tensor::from_slice(&[2_i64, 0]));
    let output = run(&*model, &labelled, Mode::Eval).unwrap();
    let expected = output
        .logits()
        .unwrap()
        .cross_entropy_for_logits(&Tensor::from_slice(&[2_i64, 0]));
    assert!((output.loss.unwrap() - expected).abs().double_value(&[]) < 1e-6);
    assert_eq!(model.config().unwrap().problem_type(), None);

    let several = num_labels(3).problem_type(ProblemType::MultiLabelClassification);
    let model = made("", several).unwrap();
    labelled.insert("labels", shares);
    let other = run(&*model, &labelled, Mode::Eval).unwrap().loss.unwrap();
    assert!((other - found).abs().double_value(&[]) > 1e-3);
}
