//! What programs that fine-tune a model have in common: the flags of the scripts in Hugging Face's
//! [`examples/pytorch`](https://github.com/huggingface/transformers/tree/main/examples/pytorch), and their steps.
//!
//! ```no_run
//! use trainer::prelude::*;
//! use trainer::script;
//!
//! fn main() {
//!     trainer::run(|| {
//!         let parser = HfArgumentParser::new("reviews").about("Tells good reviews from bad ones");
//!         let ((model, data), args) = parser.parse::<(ModelArguments, DataArguments)>()?;
//!         let tokenizer = model.tokenizer()?;
//!         let raw = data.load()?.class_encode_column("label")?;
//!         let splits = data.splits(&raw, &args)?.map(tokenizer.single("text").truncation(true))?;
//!         let model = AutoModelForSequenceClassification::from_pretrained(model.name()?, num_labels(2))?;
//!         let builder = Trainer::builder(model, args)
//!             .processing_class(&tokenizer)
//!             .compute_metrics(Accuracy::new());
//!         let mut trainer = splits.give_to(builder).build()?;
//!         script::train_and_evaluate(&mut trainer, &splits)
//!     });
//! }
//! ```

mod data_arguments;
mod model_arguments;
mod splits;
mod steps;

pub use data_arguments::DataArguments;
pub use model_arguments::ModelArguments;
pub use splits::Splits;
pub use steps::{evaluate, predict, train, train_and_evaluate, write_lines};
