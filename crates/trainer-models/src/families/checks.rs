//! What configurations of several families ask of their numbers; an error names the key and the number.

/// Sizes of tables and layers, from 1.
pub(super) fn sizes(sizes: &[(&str, i64)]) -> Result<(), String> {
    let wrong = sizes.iter().find(|(_, size)| !(1..=1 << 31).contains(size));
    wrong.map_or(Ok(()), |(key, size)| {
        Err(format!("{key} must be a positive number, found {size}"))
    })
}

/// A size that may be 0, where there is no such table.
pub(super) fn size_or_none(key: &str, size: i64) -> Result<(), String> {
    match size {
        0..=0x8000_0000 => Ok(()),
        _ => Err(format!("{key} must be 0 or more, found {size}")),
    }
}

/// So many layers a model may have.
const MOST_LAYERS: i64 = 10_000;

/// How many layers there are, from 0.
pub(super) fn layers(key: &str, layers: i64) -> Result<(), String> {
    match layers {
        0..=MOST_LAYERS => Ok(()),
        _ => Err(format!(
            "{key} must be from 0 to {MOST_LAYERS}, found {layers}"
        )),
    }
}

/// Whether each head has as many of the states' elements.
pub(super) fn heads(
    (key, heads): (&str, i64),
    (width_key, width): (&str, i64),
) -> Result<(), String> {
    match width % heads {
        0 => Ok(()),
        _ => Err(format!("{key} {heads} does not divide {width_key} {width}")),
    }
}

/// Probabilities of dropout.
pub(super) fn probabilities(probabilities: &[(&str, f64)]) -> Result<(), String> {
    let mut all = probabilities.iter();
    let wrong = all.find(|(_, probability)| !(0.0..=1.0).contains(probability));
    wrong.map_or(Ok(()), |(key, probability)| {
        Err(format!("{key} must be a probability, found {probability}"))
    })
}

/// The standard deviation that weights are drawn with, where 0 counts as not set: see [`drawn_with`].
pub(super) fn initializer_range(range: f64) -> Result<(), String> {
    match range >= 0.0 && range.is_finite() {
        true => Ok(()),
        false => Err(format!(
            "initializer_range must be 0 or more, found {range}"
        )),
    }
}

/// The standard deviation that Python draws with, which takes 0 as not set.
pub(super) fn drawn_with(initializer_range: f64) -> f64 {
    match initializer_range {
        0.0 => 0.02,
        range => range,
    }
}

/// The token of padding, which if negative counts from the end.
pub(super) fn padding(pad_token_id: Option<i64>, vocab_size: i64) -> Result<(), String> {
    match pad_token_id {
        Some(pad) if !(-vocab_size..vocab_size).contains(&pad) => Err(format!(
            "pad_token_id {pad} is outside the vocabulary of {vocab_size}"
        )),
        _ => Ok(()),
    }
}
