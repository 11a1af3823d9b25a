use serde_json::json;
use trainer_data::{Column, Columns, Dataset};
use trainer_tokenize::{AutoTokenizer, ChatOptions, EncodeOptions, Result, Tokenizer};

use crate::folder::folder;

/// Small vocabularies, which the other files of a folder change.
const WORD_PIECE: &[u8] =
    include_bytes!("../../crates/trainer-tokenize/tests/data/word_piece.json");
const VOCABULARY: &[u8] = b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncat\n##s\n";
const TEXTS: [&str; 4] = [
    "The cats sat, 12 of them: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'.",
    "",
    "caf\u{e9} \u{4e2d}\u{6587} \u{1f600}\u{200d}\u{fb01}\u{ad}",
    "[CLS] <s> <mask> a  b\t\n",
];

fn load(files: &[(&str, &[u8])]) {
    let folder = folder(files);
    let Some(path) = folder.to_str() else { return };
    match AutoTokenizer::from_pretrained(path) {
        Ok(tokenizer) => {
            let _ = use_it(&tokenizer).map_err(|error| error.to_string());
            let _ = tokenizer.save_pretrained(folder.join("saved"));
        }
        Err(error) => {
            let _ = error.to_string();
        }
    }
}

/// Every call that a user's texts and ids reach; what one refuses the next may take.
fn use_it(tokenizer: &Tokenizer) -> Result<()> {
    let options = EncodeOptions::new().truncation(true).max_length(6);
    let mut ids = Vec::new();
    for text in TEXTS {
        if let Ok(encoding) = tokenizer.encode(text) {
            ids.extend(encoding.ids().iter().map(|id| i64::from(*id)));
        }
        let _ = tokenizer.encode_with(text, Some(TEXTS[0]), &options);
    }
    let _ = tokenizer.decode(&[], true);
    let _ = tokenizer.decode(&ids, false);
    let _ = tokenizer.decode(&[0, 1, 2, 3, i64::from(u32::MAX)], true);
    let columns: Columns = [("text", Column::strings(TEXTS))].into_iter().collect();
    let Ok(texts) = Dataset::from_columns(columns) else {
        return Ok(());
    };
    let _ = texts.map(tokenizer.single("text").return_offsets_mapping(true));
    let _ = texts.map(tokenizer.pair("text", "text").truncation(true));
    Ok(())
}

pub(crate) fn tokenizer(bytes: &[u8]) {
    load(&[("tokenizer.json", bytes)]);
}

pub(crate) fn tokenizer_config(bytes: &[u8]) {
    load(&[
        ("tokenizer.json", WORD_PIECE),
        ("tokenizer_config.json", bytes),
    ]);
}

pub(crate) fn special_tokens_map(bytes: &[u8]) {
    load(&[
        ("vocab.txt", VOCABULARY),
        ("special_tokens_map.json", bytes),
    ]);
}

pub(crate) fn added_tokens(bytes: &[u8]) {
    load(&[("vocab.txt", VOCABULARY), ("added_tokens.json", bytes)]);
}

/// A chat that has what templates ask for.
pub(crate) fn chat_template(bytes: &[u8]) {
    let folder = folder(&[
        ("tokenizer.json", WORD_PIECE),
        ("chat_template.jinja", bytes),
    ]);
    let Some(Ok(tokenizer)) = folder.to_str().map(AutoTokenizer::from_pretrained) else {
        return;
    };
    let call = json!({ "type": "function", "function": { "name": "now", "arguments": { "zone": "CET", "n": 1.5 } } });
    let chat = json!([
        { "role": "system", "content": "Be terse." },
        { "role": "user", "content": [{ "type": "text", "text": TEXTS[2] }, { "type": "image" }] },
        { "role": "assistant", "content": null, "tool_calls": [call], "reasoning": "hm" },
        { "role": "tool", "content": "12" },
        { "role": "assistant", "content": TEXTS[0] },
    ]);
    let plain = ChatOptions::new();
    let tools = [json!({ "type": "function", "function": { "name": "now", "parameters": {} } })];
    let more = plain
        .clone()
        .tools(tools)
        .documents([json!({ "title": "A", "text": "b" })])
        .variable("bos_token", "<s>");
    for options in [
        plain.clone().add_generation_prompt(true),
        plain.continue_final_message(true),
        more,
    ] {
        let encode = EncodeOptions::new();
        let _ = tokenizer.encode_chat(&chat, &options, &encode);
        let _ = tokenizer.encode_chat_with_assistant_mask(&chat, &options, &encode);
    }
    let _ = tokenizer.save_pretrained(folder.join("saved"));
}

/// Under the names of the classes that are built from such a model, and of none.
pub(crate) fn sentencepiece(bytes: &[u8]) {
    for (file, class) in [
        ("spiece.model", "AlbertTokenizer"),
        ("spiece.model", "T5Tokenizer"),
        ("sentencepiece.bpe.model", "XLMRobertaTokenizer"),
        ("sentencepiece.bpe.model", "CamembertTokenizer"),
        ("spm.model", "DebertaV2Tokenizer"),
        ("tokenizer.model", "PreTrainedTokenizerFast"),
    ] {
        let config = json!({ "tokenizer_class": class, "add_bos_token": true }).to_string();
        load(&[(file, bytes), ("tokenizer_config.json", config.as_bytes())]);
    }
}

pub(crate) fn vocab(bytes: &[u8]) {
    load(&[
        ("vocab.txt", bytes),
        (
            "tokenizer_config.json",
            b"{\"tokenizer_class\": \"BertTokenizer\"}",
        ),
    ]);
}
