use std::sync::Once;

use tch::{Kind, Tensor};
use trainer_collate::Batch;
use trainer_data::warning;

use crate::Result;
use crate::arguments::TokenCount;
use crate::engine::Engine;
use crate::journal::Journal;
use crate::run::Run;

/// Tokens of a batch.
#[derive(Default)]
pub(super) struct Tokens {
    /// Elements of the model's main input.
    all: u64,
    /// Those that count as seen.
    seen: u64,
}

impl Tokens {
    /// Counts in a batch in host memory.
    pub(super) fn count(engine: &Engine, journal: &Journal, batch: &Batch) -> Result<Self> {
        let Some(input) = batch.get(engine.model.main_input_name()) else {
            return Ok(Self::default());
        };
        let all = input.numel() as u64;
        let seen = match journal.args.include_num_input_tokens_seen {
            TokenCount::No => 0,
            TokenCount::All => all,
            TokenCount::NonPadding => non_padding(journal, input, batch)?,
        };
        Ok(Self { all, seen })
    }

    /// Adds them to the run's tokens and floating point operations.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(super) fn add_to(&self, journal: &mut Journal, run: &mut Run) {
        run.flos += 6.0 * self.all as f64 * run.num_non_embedding as f64;
        journal.state.num_input_tokens_seen += self.seen;
    }
}

/// Tokens that are no padding: by the mask, else by the padding token, else all.
fn non_padding(journal: &Journal, input: &Tensor, batch: &Batch) -> Result<u64> {
    let pad_token = || journal.processing_class.as_ref()?.pad_token_id();
    let counts = match (batch.get("attention_mask"), pad_token()) {
        (Some(mask), _) => mask.shallow_clone(),
        (None, Some(pad_token)) => input.f_ne(pad_token)?,
        (None, None) => {
            static WARNED: Once = Once::new();
            WARNED.call_once(|| {
                warning!(
                    "include_num_input_tokens_seen=non_padding counts all tokens: batches have no attention_mask, and no \
                     processing_class names the padding token"
                );
            });
            return Ok(input.numel() as u64);
        }
    };
    Ok(counts
        .f_sum(Kind::Int64)?
        .f_int64_value(&[])?
        .cast_unsigned())
}
