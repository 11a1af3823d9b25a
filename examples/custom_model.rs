//! A model, an optimizer and a schedule of one's own, trained, saved and loaded like those of the library: a classifier on the
//! mean of word embeddings, steps by the gradient's sign, and a rate that falls with the root of the steps.
//!
//! ```text
//! cargo run --release --example custom_model
//! ```

use tch::{Kind, Tensor};
use trainer::core::optimizer::{OptimizerError, SavedState, decay_parameter_groups};
use trainer::models::{Result, check_inputs, layers::Embedding, register_family};
use trainer::prelude::*;

const WORDS: i64 = 50;

/// The mean of a row's embeddings.
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
        let states = self.0.forward(inputs.require("input_ids")?)?;
        let mean = states.f_mean_dim([1].as_slice(), false, Kind::Float)?;
        Ok(BackboneOutput::new(states, Some(mean)))
    }
}

#[derive(Debug)]
struct BagOfWords;

impl Family for BagOfWords {
    fn model_type(&self) -> &'static str {
        "bag_of_words"
    }
    fn class_name(&self) -> &'static str {
        "BagOfWords"
    }
    fn backbone(&self, at: &Scope, keys: &PretrainedConfig, _: bool) -> Result<Box<dyn Backbone>> {
        let width = self.read_config(keys)?.hidden_size;
        let words = Embedding::new(&(at / "words"), WORDS, width, None)?;
        Ok(Box::new(Bag(words)))
    }
}

/// Steps by the sign of the gradient, and keeps nothing.
#[derive(Clone, Debug)]
struct SignSgd;

type Done = Result<(), OptimizerError>;

impl UpdateRule for SignSgd {
    const NAME: &'static str = "SignSGD";
    type State = ();
    fn new_state(&self, _: &Tensor) -> Done {
        Ok(())
    }
    fn unpack(&self, _: &SavedState<'_>) -> Done {
        Ok(())
    }
    fn update(&self, group: &ParamGroup, param: &mut Tensor, grad: &Tensor, _: &mut ()) -> Done {
        let _ = param.f_sub_(&grad.f_sign()?.f_mul_scalar(group.lr)?)?;
        Ok(())
    }
}

/// Rows of 8 words; the label says whether their numbers are large.
fn rows(count: i64) -> trainer::Result<Dataset> {
    let words = |row: i64| (0..8).map(move |at| (row * 31 + at * at * 7 + row * at) % WORDS);
    let labels = (0..count).map(|row| i64::from(words(row).sum::<i64>() > 196));
    let words = (0..count).map(|row| words(row).collect::<Vec<_>>());
    let columns = Columns::new().with("label", Column::ints(labels));
    let columns = columns.with("input_ids", Column::int_lists(words));
    Ok(Dataset::from_columns(columns)?)
}

fn main() -> trainer::Result<()> {
    register_family(&BagOfWords)?;
    let config = r#"{"model_type": "bag_of_words", "hidden_size": 16}"#;
    let config = PretrainedConfig::from_json(config, "main")?;
    let model = AutoModelForSequenceClassification::from_config(config, num_labels(2))?;
    let rate = |step: f64| (1.0 + step / 50.0).powf(-0.5);
    let mut trainer = Trainer::builder(model, TrainingArguments::new("out/custom_model"))
        .train_dataset(&rows(1000)?)
        .eval_dataset(&rows(200)?)
        .compute_metrics(glue_metric("mrpc")?)
        .optimizer(|all| RuleOptimizer::new(decay_parameter_groups(all, 0.0, 0.01), SignSgd))
        .schedule(move |groups, _| Ok::<_, BoxError>(LambdaLr::new(rate, groups)))
        .build()?;
    trainer.train()?;
    trainer.save_model()?;
    println!("{:?}", trainer.evaluate()?.get_f64("eval_accuracy"));
    AutoModelForSequenceClassification::from_pretrained("out/custom_model", num_labels(2))?;
    Ok(())
}
