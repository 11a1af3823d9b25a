//! A crate outside of trainer's workspace that depends on `trainer` alone and brings each part that can be one's own: a model, an
//! optimizer, a schedule, a metric, a callback and a collator.
//!
//! ```
//! use my_program::{WORDS, rows};
//!
//! let rows = rows(10)?;
//! assert_eq!(rows.num_rows(), 10);
//! assert_eq!(WORDS, 50);
//! // libtorch is found by documentation tests too.
//! assert_eq!(trainer::tch::Tensor::from_slice(&[1.0, 2.0]).size(), [2]);
//! # Ok::<(), trainer::Error>(())
//! ```

mod callback;
mod collator;
mod metric;
mod model;
mod optimizer;
mod rows;
mod schedule;

pub use callback::StopAfter;
pub use collator::PadWithZeros;
pub use metric::Wrong;
pub use model::{BagOfWords, WORDS};
pub use optimizer::Lion;
pub use rows::rows;
pub use schedule::Halving;

use trainer::core::optimizer::decay_parameter_groups;
use trainer::prelude::*;

/// A trainer of all the parts, which stops after `steps`. [`BagOfWords`] is registered, once a process.
pub fn my_trainer(args: TrainingArguments, steps: u64) -> trainer::Result<Trainer> {
    set_seed(args.seed)?;
    let config = r#"{"model_type": "bag_of_words", "hidden_size": 16}"#;
    let config = PretrainedConfig::from_json(config, "my_program")?;
    let model = AutoModelForSequenceClassification::from_config(config, num_labels(2))?;
    Ok(Trainer::builder(model, args)
        .train_dataset(&rows(600)?)
        .eval_dataset(&rows(100)?)
        .data_collator(PadWithZeros)
        .compute_metrics(Wrong::default())
        .optimizer(|all| {
            RuleOptimizer::new(decay_parameter_groups(all, 0.0, 0.01), Lion::default())
        })
        .schedule(|groups, _| Ok::<_, BoxError>(Halving::new(40, groups)))
        .callback(StopAfter(steps))
        .build()?)
}
