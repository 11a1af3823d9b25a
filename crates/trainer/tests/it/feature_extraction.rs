//! `FeatureExtractor` against what Python's `pipeline("feature-extraction")` gives on the same folders, recorded by
//! `parity/feature_extraction.py`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tch::{Device, Tensor, no_grad};
use trainer::models::ModelOptions;
use trainer::pipeline::PipelineOptions;
use trainer::prelude::*;

use crate::support::pipelines::{Folder, animals, hub_model, tolerance, ways};
use crate::support::{generator, warnings};

#[derive(Deserialize)]
struct Recorded {
    /// Absent for a model of the hub.
    config: Option<Value>,
    tokenizer: String,
    texts: Vec<String>,
    /// The largest of the states.
    largest: f64,
    shapes: Vec<Vec<i64>>,
    /// The first numbers of each token's state, text by text.
    states: Vec<Vec<Vec<f32>>>,
    /// The first numbers of the states' mean.
    mean: Vec<Vec<f64>>,
}

const fn is_shared_by_threads<T: Send + Sync + 'static>() {}
const _: () = is_shared_by_threads::<FeatureExtractor>();

fn recorded() -> BTreeMap<String, Recorded> {
    serde_json::from_str(include_str!("../data/feature_extraction.json")).unwrap()
}

fn load(name: &str, options: &PipelineOptions) -> FeatureExtractor {
    let options = options.clone().device(Device::Cpu);
    FeatureExtractor::from_pretrained_with(name, &options).unwrap()
}

fn rows(states: &Tensor) -> Vec<Vec<f32>> {
    let (_, tokens, _) = states.size3().unwrap();
    (0..tokens)
        .map(|at| Vec::try_from(&states.get(0).get(at)).unwrap())
        .collect()
}

/// Shapes exactly, numbers to rounding; whatever the batches and the operations.
#[test]
fn states_are_those_of_pythons_pipeline() {
    for (name, case) in recorded() {
        let folder = case.config.as_ref().map(Folder::of_states);
        let model = match &folder {
            Some(folder) => folder
                .write_tokenizer(&case.tokenizer)
                .then(|| folder.path().into()),
            None => hub_model(&name),
        };
        let Some(model) = model else {
            continue;
        };
        let close = |found: f32, expected: f64, what: &str| {
            let apart = (f64::from(found) - expected).abs();
            assert!(
                apart < tolerance(case.largest),
                "{name}, {what}: {found}, Python {expected}"
            );
        };
        for options in ways(&[1, 2, 32]) {
            let extractor = load(model.to_str().unwrap(), &options);
            let states = extractor.extract(&case.texts).unwrap();
            let mean = extractor.embed(&case.texts, Pooling::Mean).unwrap();
            let first = extractor.embed(&case.texts, Pooling::FirstToken).unwrap();
            assert_eq!(states.len(), case.texts.len());
            for text in 0..states.len() {
                assert_eq!(states[text].size(), case.shapes[text], "{name}");
                let found = rows(&states[text]);
                assert_eq!(first[text], found[0]);
                assert_eq!(mean[text].len(), found[0].len());
                for (found, expected) in found.iter().zip(&case.states[text]) {
                    for (&found, &expected) in found.iter().zip(expected) {
                        close(found, expected.into(), "a state");
                    }
                }
                for (&found, &expected) in mean[text].iter().zip(&case.mean[text]) {
                    close(found, expected, "a mean");
                }
            }
        }
    }
}

/// Models for whichever task do, without a word: a pooler or a head more or less is not looked at.
#[test]
fn heads_and_poolers_are_left_out_in_silence() {
    let config = animals();
    let texts = ["the cat", "a dog hears the bird"];
    for folder in [
        Folder::new(&config),
        Folder::of_tokens(&config),
        Folder::of_states(&config),
    ] {
        folder.write_tokenizer("words");
        let (extractor, warned) = warnings(|| load(folder.name(), &PipelineOptions::new()));
        assert_eq!(warned, "");
        let embeddings = extractor.embed(texts, Pooling::Mean).unwrap();
        assert_eq!((embeddings.len(), embeddings[1].len()), (2, 8));
        let none: Vec<&str> = Vec::new();
        assert!(extractor.extract(none).unwrap().is_empty());
        let pair = extractor.extract([("the cat", "a dog")]).unwrap();
        assert_eq!(pair[0].size(), [1, 7, 8]);
    }
}

#[test]
fn threads_that_share_an_extractor_get_what_one_gets() {
    let folder = Folder::of_states(&animals());
    folder.write_tokenizer("words");
    let extractor = load(folder.name(), &PipelineOptions::new());
    let texts: Vec<String> = (1..40).map(|count| "cat dog ".repeat(count % 9)).collect();
    let alone = extractor.embed(&texts, Pooling::Mean).unwrap();
    std::thread::scope(|scope| {
        let run = || extractor.embed(&texts, Pooling::Mean).unwrap();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), alone);
        }
    });
}

#[test]
fn a_model_without_all_its_weights_or_a_broken_one_is_refused() {
    let folder = Folder::of_states(&animals());
    folder.write_tokenizer("words");
    folder.edit_config(|config| config["num_hidden_layers"] = 3.into());
    let error = FeatureExtractor::from_pretrained(folder.name())
        .unwrap_err()
        .to_string();
    assert!(error.contains("encoder.layer.2"), "{error}");

    folder.edit_config(|config| config["num_hidden_layers"] = 2.into());
    let model = {
        let _alone = generator();
        AutoModel::from_pretrained(folder.name(), ModelOptions::new()).unwrap()
    };
    let bias = &model
        .parameters()
        .get("encoder.layer.1.output.LayerNorm.bias")
        .unwrap()
        .tensor;
    let _filled = no_grad(|| bias.get(1).fill_(f64::NAN));
    model.save_pretrained(folder.path()).unwrap();
    let error = load(folder.name(), &PipelineOptions::new())
        .extract(["a cat"])
        .unwrap_err();
    assert!(error.to_string().contains("last_hidden_state"), "{error}");
}
