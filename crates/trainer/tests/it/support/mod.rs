//! A tiny model, tokenizer and data set in folders, as a user has them, and the example program.

pub mod pipelines;

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, Once, OnceLock, PoisonError};

use trainer::models::PretrainedConfig;
use trainer::prelude::*;

pub const WORDS: [&str; 16] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cat", "dog", "sees", "hears", "the", "old",
    "bird", "now", ".", "##s",
];

/// Keeps tests that seed or draw from libtorch's global generator out of each other's way, while it is held.
pub fn generator() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder with `model/` and `data/`, removed at the end.
pub struct Workplace {
    folder: tempfile::TempDir,
}

impl Workplace {
    /// A BERT of one layer for the words above, and 24 training and 8 validation pairs.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self { folder };
        std::fs::create_dir(place.model()).unwrap();
        std::fs::create_dir(place.data()).unwrap();
        std::fs::write(place.model().join("vocab.txt"), WORDS.join("\n")).unwrap();
        let config = serde_json::json!({
            "model_type": "bert", "vocab_size": WORDS.len(), "hidden_size": 8, "num_hidden_layers": 1,
            "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 32,
        });
        let _alone = generator();
        set_seed(1).unwrap();
        let config = PretrainedConfig::from_json(&config.to_string(), "config.json").unwrap();
        let model = AutoModelForSequenceClassification::from_config(config, num_labels(2)).unwrap();
        model.save_pretrained(&place.model()).unwrap();
        place.write_split("train", 24);
        place.write_split("validation", 8);
        place
    }

    pub fn model(&self) -> PathBuf {
        self.folder.path().join("model")
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn output(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn write_split(&self, split: &str, rows: usize) {
        let lines: String = (0..rows)
            .map(|row| {
                let (first, second) = (["cat", "dog"][row % 2], ["cat", "dog"][row / 2 % 2]);
                let label = u8::from(first == second);
                format!("{{\"sentence1\": \"the {first} sees\", \"sentence2\": \"a {second} hears now\", \"label\": {label}}}\n")
            })
            .collect();
        std::fs::write(self.data().join(format!("{split}.jsonl")), lines).unwrap();
    }

    /// Runs `glue_mrpc` for one step on the CPU, with `flags` behind the usual ones.
    pub fn run(&self, flags: &[&str]) -> Output {
        self.command(flags).output().unwrap()
    }

    /// What [`run`](Self::run) runs.
    pub fn command(&self, flags: &[&str]) -> Command {
        let mut command = Command::new(program("glue_mrpc"));
        command
            .arg("--model")
            .arg(self.model())
            .arg("--dataset")
            .arg(self.data())
            .arg("--output_dir")
            .arg(self.output())
            .args(["--use_cpu", "--disable_tqdm", "--max_steps", "1"])
            .args(flags)
            .env("HF_HUB_OFFLINE", "1")
            .env("HF_HUB_CACHE", self.folder.path().join("empty_cache"))
            .env_remove("RUST_LOG");
        command
    }
}

/// An example program, built when first asked for.
pub fn program(example: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "trainer", "--examples"]);
        // What cargo told this program about its package: build scripts that look at it would run again, and all that
        // depends on them be compiled again, now and in the build after this one.
        for (name, _) in std::env::vars_os() {
            let told = name.to_string_lossy();
            if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
                cargo.env_remove(&name);
            }
        }
        assert!(cargo.status().unwrap().success());
    });
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    profile.join("examples").join(example)
}

thread_local! {
    /// What was warned of in this thread, where somebody wants to know.
    static WARNED: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// What `run` gives back, and what it warned of in this thread.
///
/// One subscriber hears all threads: of two that come and go, a warning that is written for the first time meanwhile may miss one.
pub fn warnings<T>(run: impl FnOnce() -> T) -> (T, String) {
    static SET: Once = Once::new();
    SET.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::WARN)
            .with_writer(|| Warned)
            .init();
    });
    let before = WARNED.replace(Some(Vec::new()));
    let result = run();
    let warned = WARNED.replace(before).unwrap_or_default();
    (result, String::from_utf8(warned).unwrap())
}

struct Warned;

impl io::Write for Warned {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        WARNED.with_borrow_mut(|warned| {
            if let Some(warned) = warned {
                warned.extend_from_slice(text);
            }
        });
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
