//! Byte pairs from `vocab.json` and `merges.txt`.

use std::path::Path;

use serde_json::{Map, Value, json};
use tokenizers::Tokenizer;
use trainer_data::BoxError;

use crate::limits;
use crate::source::read;
use crate::{Error, Result};

/// A tokenizer of tokens and their ids, and of pairs that are put together, one a line in the order of their weight. Neither cuts texts
/// nor cleans them, which its class says how.
pub(crate) fn from_vocabulary(vocabulary: &Path, merges: &Path) -> Result<Tokenizer> {
    let ids: Map<String, Value> =
        serde_json::from_slice(&read(vocabulary)?).map_err(|source| Error::Json {
            path: vocabulary.to_owned(),
            source,
        })?;
    let model = json!({
        "type": "BPE",
        "dropout": null,
        "unk_token": null,
        "continuing_subword_prefix": "",
        "end_of_word_suffix": "",
        "fuse_unk": false,
        "vocab": ids,
        "merges": pairs(merges)?,
    });
    let tokenizer = json!({"version": "1.0", "added_tokens": [], "model": model});
    limits::read(tokenizer.to_string().as_bytes()).map_err(|source| Error::Vocabulary {
        path: vocabulary.to_owned(),
        source,
    })
}

fn pairs(path: &Path) -> Result<Vec<[String; 2]>> {
    let unusable = |source: BoxError| Error::Vocabulary {
        path: path.to_owned(),
        source,
    };
    let text = String::from_utf8(read(path)?).map_err(|source| unusable(source.into()))?;
    let lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.starts_with("#version"));
    lines
        .map(|(number, line)| match line.split(' ').collect::<Vec<_>>().as_slice() {
            [left, right] => Ok([(*left).to_owned(), (*right).to_owned()]),
            _ => Err(unusable(
                format!("line {number} should be two tokens with a blank between them, but it is {line:?}").into(),
            )),
        })
        .collect()
}
