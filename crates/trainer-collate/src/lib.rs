//! Batches of named tensors and the data collators that make them from rows of a dataset.
//!
//! [`DataCollatorWithPadding`] pads the columns that a tokenizer makes to the longest row of each batch, so that no
//! length has to be fixed for the whole dataset; [`DefaultDataCollator`] stacks columns that need no padding.
//! [`DataCollatorForTokenClassification`] pads a label for each token too, [`DataCollatorForMultipleChoice`] several choices a row, and
//! [`DataCollatorForLanguageModeling`] makes labels of the tokens themselves, masked or not. [`DataCollatorForSeq2Seq`] pads rows and the texts
//! that a model shall write, [`DataCollatorForPermutationLanguageModeling`] hides tokens for XLNet, and [`DataCollatorWithFlattening`] puts
//! rows one behind the other without padding. All are the `Collate` seam of
//! `trainer-data`, make [`Batch`]es in host memory, and name their tensors as Hugging Face's models do: `label` and `label_ids` become
//! `labels`.
//!
//! ```no_run
//! use trainer_collate::DataCollatorWithPadding;
//! use trainer_data::{DataLoader, load_dataset};
//! use trainer_tokenize::AutoTokenizer;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let tokenizer = AutoTokenizer::from_pretrained("bert-base-cased")?;
//! let data = load_dataset("glue", "mrpc")?.map(tokenizer.pair("sentence1", "sentence2").truncation(true))?;
//! let data = data["train"].remove_columns(&["sentence1", "sentence2"])?;
//! let loader = DataLoader::builder(&data, DataCollatorWithPadding::new(&tokenizer)).batch_size(8).build()?;
//! for batch in loader.iter(0) {
//!     println!("{:?}", batch?.require("input_ids")?.size());
//! }
//! # Ok(())
//! # }
//! ```

mod default_collator;
mod error;
mod for_language_modeling;
mod for_multiple_choice;
mod for_permutation_language_modeling;
mod for_seq2seq;
mod for_token_classification;
mod generator;
mod labels;
mod named_tensors;
mod pad;
mod special_tokens;
mod stack;
mod token_padding;
mod whole_words;
mod with_flattening;
mod with_padding;

pub use default_collator::DefaultDataCollator;
pub use error::{Error, Result};
pub use for_language_modeling::DataCollatorForLanguageModeling;
pub use for_multiple_choice::DataCollatorForMultipleChoice;
pub use for_permutation_language_modeling::DataCollatorForPermutationLanguageModeling;
pub use for_seq2seq::DataCollatorForSeq2Seq;
pub use for_token_classification::DataCollatorForTokenClassification;
pub use named_tensors::{Batch, NamedTensors};
pub use trainer_tokenize::Padding;
pub use with_flattening::DataCollatorWithFlattening;
pub use with_padding::DataCollatorWithPadding;
