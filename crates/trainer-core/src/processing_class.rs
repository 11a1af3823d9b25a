use std::path::Path;
use std::sync::Arc;

use trainer_collate::{Batch, DataCollatorWithPadding};
use trainer_data::{BoxError, Collate};
use trainer_tokenize::Tokenizer;

/// What prepared the data: it is saved beside the model, and may know how to collate.
pub trait ProcessingClass: Send {
    /// Writes what `from_pretrained` needs into `folder`, which exists.
    ///
    /// # Errors
    /// When a file cannot be written.
    fn save_pretrained(&self, folder: &Path) -> Result<(), BoxError>;

    /// The token that fills rows up, for `include_num_input_tokens_seen=non_padding`. By default not known.
    fn pad_token_id(&self) -> Option<i64> {
        None
    }

    /// The collator to use when none is given. By default none: rows are stacked as they are.
    fn data_collator(&self) -> Option<Arc<dyn Collate<Batch = Batch>>> {
        None
    }
}

/// What a collator knows, where nothing else was given.
pub(crate) struct CollatorsProcessing(pub(crate) Arc<dyn Collate<Batch = Batch>>);

impl ProcessingClass for CollatorsProcessing {
    fn save_pretrained(&self, folder: &Path) -> Result<(), BoxError> {
        self.0.save_pretrained(folder)
    }

    fn pad_token_id(&self) -> Option<i64> {
        self.0.pad_token_id()
    }
}

impl ProcessingClass for Tokenizer {
    fn save_pretrained(&self, folder: &Path) -> Result<(), BoxError> {
        Ok(Tokenizer::save_pretrained(self, folder)?)
    }

    fn pad_token_id(&self) -> Option<i64> {
        Tokenizer::pad_token_id(self).map(i64::from)
    }

    fn data_collator(&self) -> Option<Arc<dyn Collate<Batch = Batch>>> {
        Some(Arc::new(DataCollatorWithPadding::new(self)))
    }
}
