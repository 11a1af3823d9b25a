//! The differences that are kept on purpose; `docs/differences.md` has them.

/// Tokenizers whose names begin so, what of them differs, and why.
const EXPLAINED: &[(&str, &str, &str)] = &[];

/// Why this value of a tokenizer differs, where that is known.
pub(crate) fn reason(name: &str, kind: &str) -> Option<&'static str> {
    let fits =
        |(tokenizer, what, _): &&(&str, &str, &str)| name.starts_with(tokenizer) && *what == kind;
    EXPLAINED.iter().find(fits).map(|(_, _, reason)| *reason)
}
