//! Fuzz targets: for each reader of files, and of a hub's answers, a function that hands it any bytes, through the public API.
//!
//! A target's function may do anything but panic, print by a panic hook, or take more time and memory than
//! `docs/security.md` says. libFuzzer drives them (`fuzz_targets/`, a program each); the program `replay` gives them files.

mod data;
mod folder;
mod hub;
#[cfg(feature = "torch")]
mod runs;
mod tokenizers;
#[cfg(feature = "torch")]
mod weights;

/// A reader, given any bytes.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("arrow", data::arrow),
    ("card", data::card),
    ("csv", data::csv),
    ("dataset_infos", data::dataset_infos),
    ("hub", hub::hub),
    ("json", data::json),
    ("packed", data::packed),
    ("parquet", data::parquet),
    ("refs", data::refs),
    ("saved", data::saved),
    ("saved_splits", data::saved_splits),
    ("stream_state", data::stream_state),
    ("text", data::text),
    ("zip", data::zip),
    ("added_tokens", tokenizers::added_tokens),
    ("chat_template", tokenizers::chat_template),
    ("sentencepiece", tokenizers::sentencepiece),
    ("special_tokens_map", tokenizers::special_tokens_map),
    ("tokenizer", tokenizers::tokenizer),
    ("tokenizer_config", tokenizers::tokenizer_config),
    ("vocab", tokenizers::vocab),
    #[cfg(feature = "torch")]
    ("arguments", runs::arguments),
    #[cfg(feature = "torch")]
    ("manifest", runs::manifest),
    #[cfg(feature = "torch")]
    ("optimizer", runs::optimizer),
    #[cfg(feature = "torch")]
    ("rng_state", runs::rng_state),
    #[cfg(feature = "torch")]
    ("scheduler", runs::scheduler),
    #[cfg(feature = "torch")]
    ("trainer_state", runs::trainer_state),
    #[cfg(feature = "torch")]
    ("config", weights::config),
    #[cfg(feature = "torch")]
    ("pickle", weights::pickle),
    #[cfg(feature = "torch")]
    ("safetensors", weights::safetensors),
    #[cfg(feature = "torch")]
    ("weights_index", weights::weights_index),
];

/// What a process does before its first input: what readers warn of is not written anywhere.
pub fn start() {
    let nowhere = tracing::subscriber::NoSubscriber::new();
    // It fails where this was done before.
    let _ = tracing::subscriber::set_global_default(nowhere);
}

/// Gives the target of that name an input.
///
/// # Panics
/// When there is no such target, and when one has found something.
pub fn run(name: &str, bytes: &[u8]) {
    let (_, target) = TARGETS
        .iter()
        .find(|(have, _)| *have == name)
        .expect("a target's name");
    target(bytes);
}
