use std::ops::Range;

use tch::{Device, Kind, Tensor};
use trainer_collate::Batch;

use crate::{Error, Result};

/// What the models of BERT's kind take; all but the first may be absent.
pub(super) const TEXT_INPUTS: &[&str] = &[
    "input_ids",
    "attention_mask",
    "token_type_ids",
    "position_ids",
    "inputs_embeds",
];

/// The same of models that know no segments.
pub(super) const TEXT_INPUTS_WITHOUT_SEGMENTS: &[&str] = &[
    "input_ids",
    "attention_mask",
    "position_ids",
    "inputs_embeds",
];

/// Looks at a padded batch in host memory: either `input_ids`, `[rows, length]`, or `inputs_embeds`, of at most `longest`
/// tokens a row unless the batch brings `position_ids`, and numbers in `0..end` for each name. Gives rows and length.
///
/// # Errors
/// When the batch has neither or both, or a tensor has a wrong shape or a number outside its range.
pub fn check_inputs(
    inputs: &Batch,
    longest: i64,
    ranges: &[(&'static str, i64)],
) -> Result<[i64; 2]> {
    let (name, tensor, rank, shape) = match (inputs.get("input_ids"), inputs.get("inputs_embeds")) {
        (Some(ids), None) => ("input_ids", ids, 2, "[batch, length]"),
        (None, Some(vectors)) => ("inputs_embeds", vectors, 3, "[batch, length, hidden_size]"),
        (ids, _) => {
            let found = ids.map_or("neither in the batch", |_| "both in the batch");
            return Err(Error::input("input_ids", "them or inputs_embeds", found));
        }
    };
    let size = tensor.size();
    if size.len() != rank {
        return Err(Error::input(name, shape, format!("{size:?}")));
    }
    let (rows, length) = (size[0], size[1]);
    if inputs.get("position_ids").is_none() && length > longest {
        return Err(Error::input(
            name,
            format!("at most {longest} tokens a row (max_position_embeddings)"),
            length.to_string(),
        ));
    }
    for (name, end) in ranges {
        if let Some(ids) = inputs.get(name) {
            check_range(name, ids, *end)?;
        }
    }
    Ok([rows, length])
}

/// Refuses a mask of four dimensions: for networks that must know which tokens are padding.
pub(super) fn check_mask_of_two_dimensions(inputs: &Batch) -> Result<()> {
    match inputs.get("attention_mask").map(Tensor::size) {
        Some(size) if size.len() != 2 => Err(Error::input(
            "attention_mask",
            "[batch, length]",
            format!("{size:?}"),
        )),
        _ => Ok(()),
    }
}

/// Adds `position_ids` that are the same for every row: `[1, length]`.
pub(super) fn add_positions(inputs: &mut Batch, positions: Range<i64>) -> Result<()> {
    let integers = (Kind::Int64, Device::Cpu);
    let positions = Tensor::f_arange_start(positions.start, positions.end, integers)?;
    inputs.insert("position_ids", positions.f_unsqueeze(0)?);
    Ok(())
}

fn check_range(name: &'static str, ids: &Tensor, end: i64) -> Result<()> {
    if ids.numel() == 0 {
        return Ok(());
    }
    let (least, most) = ids.f_aminmax(None, false)?;
    for extreme in [least.f_int64_value(&[])?, most.f_int64_value(&[])?] {
        if !(0..end).contains(&extreme) {
            return Err(Error::input(
                name,
                format!("numbers in 0..{end}"),
                extreme.to_string(),
            ));
        }
    }
    Ok(())
}
