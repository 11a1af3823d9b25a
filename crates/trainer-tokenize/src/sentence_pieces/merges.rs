use serde_json::{Map, Value};
use trainer_data::BoxError;

/// So many bytes of halves of pieces are looked at.
const MOST_HALVES: usize = 1 << 27;

/// The pairs of tokens that tokens are put together of, in the order in which they are: transformers' `generate_merges`. The vocabulary
/// is in the order of its ids.
///
/// # Errors
/// When its tokens are too long.
pub(super) fn merges(ids: &Map<String, Value>) -> Result<Vec<[String; 2]>, BoxError> {
    let square = |token: &String| token.len().saturating_mul(token.len());
    let halves = ids.keys().map(square).fold(0, usize::saturating_add);
    if halves > MOST_HALVES {
        return Err("its pieces are too long to be put together of pairs".into());
    }
    let mut numbered: Vec<(u64, &str)> = ids
        .iter()
        .map(|(token, id)| (id.as_u64().unwrap_or_default(), token.as_str()))
        .collect();
    numbered.sort_unstable();
    let mut merges = Vec::new();
    for (_, token) in numbered {
        for (at, _) in token.char_indices().skip(1) {
            let (left, right) = token.split_at(at);
            if ids.contains_key(left) && ids.contains_key(right) {
                merges.push([left.to_owned(), right.to_owned()]);
            }
        }
    }
    Ok(merges)
}
