use tch::Kind;
use trainer_collate::Batch;

use super::inputs::{add_positions, check_inputs};
use crate::Result;

/// The tables that a model's tokens are looked up in, and how their places are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tables {
    /// How many tokens there are.
    pub(super) words: i64,
    /// How many segments, where the model knows any.
    pub(super) segments: Option<i64>,
    /// How many places.
    pub(super) places: i64,
    /// The token whose number is the place of padding: those of tokens begin behind it. `None` where they begin at 0.
    pub(super) padding: Option<i64>,
}

impl Tables {
    /// The most tokens of a row.
    pub(super) fn longest(&self) -> i64 {
        self.places - self.padding.map_or(0, |padding| padding + 1)
    }

    /// Looks at inputs in host memory and adds `position_ids` where there are none. Gives rows and length.
    ///
    /// With a padding token those of a row's tokens are counted from behind its number on, and padding has that number itself.
    pub(super) fn prepare(&self, inputs: &mut Batch) -> Result<[i64; 2]> {
        let mut ranges = vec![("input_ids", self.words)];
        ranges.extend(self.segments.map(|segments| ("token_type_ids", segments)));
        ranges.push(("position_ids", self.places));
        let [rows, length] = check_inputs(inputs, self.longest(), &ranges)?;
        if inputs.get("position_ids").is_some() {
            return Ok([rows, length]);
        }
        match (self.padding, inputs.get("input_ids")) {
            (Some(padding), Some(ids)) => {
                let tokens = ids.f_ne(padding)?.f_to_kind(Kind::Int64)?;
                let counted = tokens.f_cumsum(1, Kind::Int64)?.f_mul(&tokens)?;
                inputs.insert("position_ids", counted.f_add_scalar(padding)?);
            }
            (padding, _) => {
                let first = padding.map_or(0, |padding| padding + 1);
                add_positions(inputs, first..first + length)?;
            }
        }
        Ok([rows, length])
    }
}
