//! The differences that are kept on purpose; `docs/differences.md` has them.

/// Tokenizers whose names begin so, what of them differs (all that differs, where nothing is said), and why.
const EXPLAINED: &[(&str, &str, &str)] = &[
    ("LayoutLMv2Tokenizer", "", BOXES),
    ("LayoutLMv3Tokenizer", "", BOXES),
    ("LayoutXLMTokenizer", "", BOXES),
    ("UdopTokenizer", "", BOXES),
    (
        "LukeTokenizer",
        "",
        "it takes entities, and parts words otherwise",
    ),
    (
        "MLukeTokenizer",
        "",
        "it takes entities, and parts words otherwise",
    ),
    (
        "SeamlessM4TTokenizer",
        "",
        "languages decide its special tokens",
    ),
    ("EsmcTokenizer", "", "the class has a vocabulary of its own"),
    ("LasrTokenizer", "", "the class changes the vocabulary"),
    (
        "CLIPTokenizer",
        "decoded",
        "the class decodes by code of its own",
    ),
    ("CodeLlamaTokenizer", "special_tokens", NAMED),
    ("SplinterTokenizer", "special_tokens", NAMED),
];

const BOXES: &str = "it takes words with their places on a page";
const NAMED: &str = "special tokens under names of a class's own are no named ones here";

/// Why this value of a tokenizer differs, where that is known.
pub(crate) fn reason(name: &str, kind: &str) -> Option<&'static str> {
    let fits = |(tokenizer, what, _): &&(&str, &str, &str)| {
        name.starts_with(tokenizer) && (what.is_empty() || *what == kind)
    };
    EXPLAINED.iter().find(fits).map(|(_, _, reason)| *reason)
}
