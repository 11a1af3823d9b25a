//! `MaskFiller` against what Python's `pipeline("fill-mask")` answers on the same folders, recorded by `parity/fill_mask.py`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use tch::Device;
use trainer::pipeline::PipelineOptions;
use trainer::prelude::*;

use crate::support::pipelines::{Folder, hub_model, tolerance, ways};
use crate::support::warnings;

#[derive(Deserialize)]
struct Recorded {
    /// Absent for a model of the hub.
    config: Option<Value>,
    tokenizer: String,
    /// The largest of the outputs that the scores were made of.
    logits: f64,
    calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    texts: Vec<String>,
    options: Map<String, Value>,
    /// Text by text and mask by mask.
    answers: Vec<Vec<Vec<Answer>>>,
}

/// Score, number, word and text.
type Answer = (f64, u32, String, String);

const fn is_shared_by_threads<T: Send + Sync + 'static>() {}
const _: () = is_shared_by_threads::<MaskFiller>();

fn recorded() -> BTreeMap<String, Recorded> {
    serde_json::from_str(include_str!("../data/fill_mask.json")).unwrap()
}

fn load(name: &str, options: &PipelineOptions) -> MaskFiller {
    let options = options.clone().device(Device::Cpu);
    MaskFiller::from_pretrained_with(name, &options).unwrap()
}

fn set(mut filler: MaskFiller, call: &Call) -> MaskFiller {
    if let Some(top_k) = call.options.get("top_k") {
        filler = filler.top_k(top_k.as_u64().unwrap() as usize);
    }
    match call.options.get("targets") {
        None => filler,
        Some(Value::String(target)) => filler.targets([target]).unwrap(),
        Some(targets) => {
            let targets = targets.as_array().unwrap().iter();
            filler
                .targets(targets.map(|one| one.as_str().unwrap()))
                .unwrap()
        }
    }
}

/// Words and texts exactly, scores to rounding; whatever the batches and the operations.
#[test]
fn answers_are_those_of_pythons_pipeline() {
    for (name, case) in recorded() {
        let tolerance = tolerance(case.logits);
        let folder = case.config.as_ref().map(Folder::of_masked_words);
        let model = match &folder {
            Some(folder) => folder
                .write_tokenizer(&case.tokenizer)
                .then(|| folder.path().into()),
            None => hub_model(&name),
        };
        let Some(model) = model else {
            continue;
        };
        let sizes: &[usize] = if folder.is_some() { &[1, 2, 32] } else { &[2] };
        for options in ways(sizes) {
            for call in &case.calls {
                let filler = set(load(model.to_str().unwrap(), &options), call);
                let found = filler.fill(&call.texts).unwrap();
                assert_eq!(found.len(), call.answers.len());
                for (found, expected) in found.iter().zip(&call.answers) {
                    let words = |mask: &Vec<FilledMask>| -> Vec<_> {
                        let word =
                            |it: &FilledMask| (it.token, it.token_str.clone(), it.sequence.clone());
                        mask.iter().map(word).collect()
                    };
                    let wanted = |mask: &Vec<Answer>| -> Vec<_> {
                        mask.iter()
                            .map(|it| (it.1, it.2.clone(), it.3.clone()))
                            .collect()
                    };
                    let found_words: Vec<_> = found.iter().map(words).collect();
                    let expected_words: Vec<_> = expected.iter().map(wanted).collect();
                    assert_eq!(found_words, expected_words, "{name}: {:?}", call.options);
                    for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
                        let apart = (f64::from(found.score) - expected.0).abs();
                        assert!(
                            apart < tolerance,
                            "{name}: {found:?}, Python {}",
                            expected.0
                        );
                    }
                }
            }
        }
    }
}

fn bert() -> Folder {
    let folder = Folder::of_masked_words(recorded()["bert"].config.as_ref().unwrap());
    folder.write_tokenizer("words");
    folder
}

#[test]
fn answers_are_serialised_as_in_python_and_sorted() {
    let folder = bert();
    let filler = load(folder.name(), &PipelineOptions::new());
    assert_eq!(filler.mask_token(), "[MASK]");
    let found = filler.top_k(usize::MAX).fill(["the [MASK] sees"]).unwrap();
    assert!(found[0][0].is_sorted_by(|a, b| a.score >= b.score));
    let sum: f32 = found[0][0].iter().map(|one| one.score).sum();
    assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    let none = load(folder.name(), &PipelineOptions::new()).top_k(0);
    assert_eq!(
        none.fill(["[MASK] [MASK]"]).unwrap(),
        [vec![vec![], vec![]]]
    );
    assert!(none.fill(Vec::<&str>::new()).unwrap().is_empty());
    let one = FilledMask {
        score: 0.5,
        token: 8,
        token_str: "cat".to_owned(),
        sequence: "the cat".to_owned(),
    };
    assert_eq!(one.to_string(), "cat 0.5000");
    assert_eq!(
        serde_json::to_string(&one).unwrap(),
        r#"{"score":0.5,"token":8,"token_str":"cat","sequence":"the cat"}"#
    );
}

#[test]
fn what_cannot_be_filled_in_is_named() {
    let folder = bert();
    let filler = || load(folder.name(), &PipelineOptions::new());
    let error = |texts: &[&str]| filler().fill(texts).unwrap_err().to_string();
    let expected = "text 1 has no [MASK] among the 4 tokens that are read";
    assert_eq!(error(&["a [MASK]", "a cat"]), expected);
    assert_eq!(
        error(&[""]),
        "text 0 has no [MASK] among the 2 tokens that are read"
    );
    // The mask is cut off.
    let long = format!("{} [MASK]", "cat ".repeat(60));
    assert!(error(&[&long]).contains("among the 48 tokens that are read"));

    let (filled, warned) = warnings(|| filler().targets(["cats", ""]).unwrap());
    assert!(
        warned.contains(r#"the target "cats" is no token: "cat" is taken for it"#),
        "{warned}"
    );
    assert!(
        warned.contains(r#"the target "" has no token and is left out"#),
        "{warned}"
    );
    assert_eq!(filled.fill(["[MASK]"]).unwrap()[0][0][0].token_str, "cat");
    for none in [&[][..], &[" "]] {
        let error = filler().targets(none).unwrap_err().to_string();
        assert!(
            error.starts_with("none of the targets has a token"),
            "{error}"
        );
    }

    folder.write_tokenizer("byte pairs");
    let config = r#"{"tokenizer_class": "PreTrainedTokenizerFast"}"#;
    std::fs::write(folder.file("tokenizer_config.json"), config).unwrap();
    let error = MaskFiller::from_pretrained(folder.name()).unwrap_err();
    assert!(error.to_string().contains("has no mask_token"), "{error}");
}

#[test]
fn a_model_for_something_else_is_refused() {
    let case = &recorded()["bert"];
    let folder = Folder::of_tokens(case.config.as_ref().unwrap());
    folder.write_tokenizer("words");
    let error = MaskFiller::from_pretrained(folder.name())
        .unwrap_err()
        .to_string();
    assert!(error.contains("filling in masks"), "{error}");
    assert!(
        error.contains("cls.predictions") && error.contains("ForMaskedLM"),
        "{error}"
    );
}
