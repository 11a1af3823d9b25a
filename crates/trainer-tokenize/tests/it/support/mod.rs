use std::io::Write;
use std::path::{Path, PathBuf};

use trainer_tokenize::{Side, Tokenizer, TokenizerConfig};

/// The tokenizers that the recorded values are of.
pub(crate) const MODELS: [&str; 5] = [
    "google-bert/bert-base-cased",
    "sentence-transformers/all-MiniLM-L6-v2",
    "openai-community/gpt2",
    "FacebookAI/roberta-base",
    "rxn4chemistry/rxnmapper-albert",
];

/// The folder of a model or dataset in the assets; `None`, said on the console, where there are none.
pub(crate) fn snapshot(kind: &str, name: &str) -> Option<PathBuf> {
    let hub = match std::env::var_os("HF_HUB_CACHE") {
        Some(hub) => PathBuf::from(hub),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/assets/hub"),
    };
    let folder = hub.join(format!("{kind}--{}", name.replace('/', "--")));
    let commit = std::fs::read_to_string(folder.join("refs/main"));
    match commit {
        Ok(commit) => Some(folder.join("snapshots").join(commit.trim())),
        Err(_) => {
            // Not by `println`, which passing tests do not show.
            let _ = writeln!(
                std::io::stderr(),
                "skipped: {name} is not in {}",
                hub.display()
            );
            None
        }
    }
}

/// The same vocabulary, cut on the left.
pub(crate) fn cut_on_the_left(tokenizer: &Tokenizer) -> Tokenizer {
    with_config(tokenizer, |config| config.truncation_side = Side::Left)
}

/// The same vocabulary, padded on the left.
pub(crate) fn padded_on_the_left(tokenizer: &Tokenizer) -> Tokenizer {
    with_config(tokenizer, |config| config.padding_side = Side::Left)
}

fn with_config(tokenizer: &Tokenizer, change: impl FnOnce(&mut TokenizerConfig)) -> Tokenizer {
    let folder = tempfile::tempdir().unwrap();
    tokenizer.save_pretrained(folder.path()).unwrap();
    let backend = tokenizers::Tokenizer::from_file(folder.path().join("tokenizer.json")).unwrap();
    let mut config = tokenizer.config().clone();
    change(&mut config);
    let changed = Tokenizer::from_backend(backend, config).unwrap();
    assert_eq!(changed.vocab_size(), tokenizer.vocab_size());
    changed
}
