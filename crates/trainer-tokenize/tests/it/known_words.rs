//! Columns, whose words are remembered, hold what the library makes of each whole text.

use proptest::prelude::*;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::{AddedToken, NormalizerWrapper};
use trainer_data::{Column, Columns, Dataset, MapOptions};
use trainer_tokenize::{EncodeOptions, Tokenizer, TokenizerConfig};

fn tokenizer(normalizer: Option<BertNormalizer>, added: &[AddedToken]) -> Tokenizer {
    let words = "[UNK]\n[PAD]\n[CLS]\n[SEP]\n[MASK]\ncat\n##s\na\n##a\nb\n##b\n中\n文\ne\né\n,\n-\n[\n]\ncls\n##́\n";
    let vocabulary = WordPiece::read_bytes(words.as_bytes()).unwrap();
    let model = WordPiece::builder().vocab(vocabulary).build().unwrap();
    let mut backend = tokenizers::Tokenizer::new(model);
    backend
        .with_normalizer(normalizer.map(NormalizerWrapper::from))
        .unwrap();
    backend.with_pre_tokenizer(Some(BertPreTokenizer));
    backend.add_tokens(added.iter().cloned()).unwrap();
    Tokenizer::from_backend(backend, TokenizerConfig::new("BertTokenizer")).unwrap()
}

/// Some of which a text could be taken for two words by mistake, or for one.
fn tokenizers() -> Vec<Tokenizer> {
    let lowered = || Some(BertNormalizer::default());
    let cased = Some(BertNormalizer::new(true, true, Some(false), false));
    let token = |content: &str| AddedToken::from(content.to_owned(), false);
    vec![
        tokenizer(lowered(), &[]),
        tokenizer(cased, &[]),
        tokenizer(None, &[]),
        tokenizer(lowered(), &[token("cat cat"), token("b,")]),
        tokenizer(lowered(), &[token("中"), token("é")]),
        tokenizer(
            lowered(),
            &[
                token("[x]").single_word(true),
                token("a-b").lstrip(true).rstrip(true),
            ],
        ),
        tokenizer(lowered(), &[token("[MASK]").normalized(false).lstrip(true)]),
    ]
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    let piece = prop_oneof![
        4 => Just(" ".to_owned()),
        8 => prop::sample::select(&[
            "cat", "cats", "CAT", "a", "aa", "ab", "b,", "-", "中", "文", "中文", "é", "e\u{301}", "\u{301}", "\u{300}\u{323}", "\t", "\n",
            "\u{a0}", "\u{3000}", "\u{200b}", "\0", "[MASK]", "[CLS]", "[x]", "[X]", "a-b", "İ", "Σ", "ﬁ", "👩\u{200d}👧", "\u{fffd}", "zzz",
        ][..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(|c| c.to_string()),
        1 => Just("a".repeat(150)),
    ];
    let text = prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    prop::collection::vec(text, 1..6)
}

proptest! {
    #[test]
    fn columns_hold_what_texts_become(first in texts(), second in texts(), limit in 4_usize..30) {
        let rows = first.len().min(second.len());
        let columns = Columns::new()
            .with("first", Column::strings(&first[..rows]))
            .with("second", Column::strings(&second[..rows]));
        let data = Dataset::from_columns(columns).unwrap();
        let one = MapOptions::default().num_proc(1).batch_size(2);
        for tokenizer in tokenizers() {
            // Twice: words are met for the first time, and again.
            for _ in 0..2 {
                let map = tokenizer.pair("first", "second").truncation(true).max_length(limit);
                let mapped = data.map_with(&map, &one).unwrap();
                for row in 0..rows {
                    let options = EncodeOptions::new().truncation(true).max_length(limit);
                    let whole = tokenizer.encode_with(&first[row], Some(&second[row]), &options).unwrap();
                    let numbers = |name: &str| mapped.row(row).unwrap().int_list(name).unwrap();
                    let same = |numbers: Vec<i64>, of: &[u32]| numbers.iter().copied().eq(of.iter().map(|&id| i64::from(id)));
                    prop_assert!(same(numbers("input_ids"), whole.ids()), "{:?} {:?}", first[row], second[row]);
                    prop_assert!(same(numbers("token_type_ids"), whole.type_ids()));
                    prop_assert!(same(numbers("attention_mask"), whole.attention_mask()));
                }
            }
        }
    }
}
