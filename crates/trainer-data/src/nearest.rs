/// The name in `present` that `name` was most likely meant to be, or nothing when none is near.
pub(crate) fn nearest<'a>(name: &str, present: &'a [String]) -> Option<&'a str> {
    let name = name.to_lowercase();
    present
        .iter()
        .map(|have| {
            (
                strsim::damerau_levenshtein(&name, &have.to_lowercase()),
                have,
            )
        })
        .filter(|(distance, have)| *distance <= have.len().max(name.len()).div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, have)| have.as_str())
}

/// `" (did you mean …?)"` or nothing.
pub(crate) fn hint(name: &str, present: &[String]) -> String {
    nearest(name, present).map_or_else(String::new, |have| format!(" (did you mean {have:?}?)"))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_misspelt_and_leaves_the_unrelated() {
        let present = ["sentence1", "sentence2", "label"].map(str::to_owned);
        assert_eq!(nearest("lable", &present), Some("label"));
        assert_eq!(nearest("Sentence2", &present), Some("sentence2"));
        assert_eq!(nearest("answer", &present), None);
    }
}
