//! `TokenClassifier` against what Python's `pipeline("token-classification")` answers on the same folders, recorded by
//! `parity/token_classification.py`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tch::{Device, no_grad};
use trainer::models::ModelOptions;
use trainer::pipeline::{PipelineOptions, Sentence};
use trainer::prelude::*;

use crate::support::pipelines::{Folder, animals, tolerance, ways};
use crate::support::{generator, warnings};

#[derive(Deserialize)]
struct Recorded {
    config: Value,
    tokenizer: String,
    /// The largest of the outputs that the scores were made of.
    logits: f64,
    calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    texts: Vec<TextOrWords>,
    options: Map<String, Value>,
    answers: Vec<Vec<Answer>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrWords {
    Text(String),
    Words(Vec<String>),
}

impl TextOrWords {
    fn sentence(&self) -> Sentence<'_> {
        match self {
            Self::Text(text) => text.into(),
            Self::Words(words) => words.into(),
        }
    }
}

/// Name, score, number of the token, word, begin and end.
#[derive(Clone, Debug, Deserialize)]
struct Answer(String, f32, Option<usize>, String, usize, usize);

const fn is_shared_by_threads<T: Send + Sync + 'static>() {}
const _: () = is_shared_by_threads::<TokenClassifier>();

fn recorded() -> BTreeMap<String, Recorded> {
    serde_json::from_str(include_str!("../data/token_classification.json")).unwrap()
}

fn load(folder: &Folder, options: &PipelineOptions) -> TokenClassifier {
    let options = options.clone().device(Device::Cpu);
    TokenClassifier::from_pretrained_with(folder.name(), &options).unwrap()
}

fn strategy(call: &Call) -> Option<AggregationStrategy> {
    match call.options.get("aggregation_strategy")?.as_str().unwrap() {
        "none" => None,
        "simple" => Some(AggregationStrategy::Simple),
        "first" => Some(AggregationStrategy::First),
        "average" => Some(AggregationStrategy::Average),
        other => {
            assert_eq!(other, "max");
            Some(AggregationStrategy::Max)
        }
    }
}

fn answers(mut classifier: TokenClassifier, call: &Call) -> Vec<Vec<Answer>> {
    if let Some(stride) = call.options.get("stride") {
        classifier = classifier.stride(stride.as_u64().unwrap() as usize);
    }
    if let Some(labels) = call.options.get("ignore_labels") {
        let labels = labels.as_array().unwrap().iter();
        classifier = classifier.ignore_labels(labels.map(|name| name.as_str().unwrap()));
    }
    if let Some(delimiter) = call.options.get("delimiter") {
        classifier = classifier.delimiter(delimiter.as_str().unwrap());
    }
    let texts = call.texts.iter().map(TextOrWords::sentence);
    let of_token = |one: TokenEntity| {
        let index = Some(one.index);
        Answer(one.entity, one.score, index, one.word, one.start, one.end)
    };
    let of_group = |one: EntityGroup| {
        Answer(
            one.entity_group,
            one.score,
            None,
            one.word,
            one.start,
            one.end,
        )
    };
    match strategy(call) {
        None => {
            let found = classifier.classify(texts).unwrap().into_iter();
            found
                .map(|some| some.into_iter().map(of_token).collect())
                .collect()
        }
        Some(strategy) => {
            let found = classifier.classify_groups(texts, strategy).unwrap();
            let found = found.into_iter();
            found
                .map(|some| some.into_iter().map(of_group).collect())
                .collect()
        }
    }
}

/// Of several windows Python has the first group twice where that is of no character.
fn without_twin(answers: &[Answer]) -> &[Answer] {
    match answers {
        [first, rest @ ..] if first.4 == first.5 => match rest {
            [second, ..] if (second.4, second.5, second.1) == (first.4, first.5, first.1) => rest,
            _ => answers,
        },
        _ => answers,
    }
}

/// Names, words, places and their order exactly, scores to rounding; whatever the batches and the operations.
#[test]
fn answers_are_those_of_pythons_pipeline() {
    for (name, case) in recorded() {
        let (folder, tolerance) = (Folder::of_tokens(&case.config), tolerance(case.logits));
        if !folder.write_tokenizer(&case.tokenizer) {
            continue;
        }
        // The tokenizers of the hub take their time to load.
        let sizes: &[usize] = match case.tokenizer.contains('/') {
            true => &[3],
            false => &[1, 3, 32],
        };
        for options in ways(sizes) {
            for call in &case.calls {
                let found = answers(load(&folder, &options), call);
                assert_eq!(found.len(), call.answers.len());
                for (number, (found, expected)) in found.iter().zip(&call.answers).enumerate() {
                    let expected = without_twin(expected);
                    let places = |some: &[Answer]| -> Vec<_> {
                        let place = |it: &Answer| (it.0.clone(), it.2, it.3.clone(), it.4, it.5);
                        some.iter().map(place).collect()
                    };
                    let at = format!("{name}, {:?}, text {number}", call.options);
                    assert_eq!(places(found), places(expected), "{at}");
                    for (found, expected) in found.iter().zip(expected) {
                        let apart = f64::from((found.1 - expected.1).abs());
                        assert!(apart < tolerance, "{at}: {found:?}, Python {expected:?}");
                    }
                }
            }
        }
    }
}

fn of_animals() -> Folder {
    let mut config = animals();
    config["vocab_size"] = json!(29);
    config["id2label"] = json!({"0": "O", "1": "B-PER", "2": "I-PER"});
    let folder = Folder::of_tokens(&config);
    folder.write_tokenizer("words");
    folder
}

#[test]
fn every_usual_list_of_texts_or_words_is_taken() {
    let classifier = load(&of_animals(), &PipelineOptions::new()).ignore_labels([""; 0]);
    let texts = ["the cat", "", "old dogs now"];
    let expected = classifier.classify(texts).unwrap();
    assert_eq!(expected[1], []);
    assert_eq!(expected[2].len(), 4);
    let owned = texts.map(str::to_owned).to_vec();
    assert_eq!(classifier.classify(&owned).unwrap(), expected);
    assert_eq!(classifier.classify(texts.as_slice()).unwrap(), expected);

    let expected = classifier.classify([["the", "cat"]]).unwrap();
    assert_eq!(expected, classifier.classify(["the cat"]).unwrap());
    let owned = vec![vec!["the".to_owned(), "cat".to_owned()]];
    assert_eq!(classifier.classify(&owned).unwrap(), expected);
    let none = classifier.classify([Sentence::Words(Vec::new())]).unwrap();
    assert_eq!(none, [[]]);
    let no_text: Vec<&str> = Vec::new();
    assert!(classifier.classify(no_text).unwrap().is_empty());
}

#[test]
fn answers_are_serialised_as_in_python() {
    let token = TokenEntity {
        entity: "B-PER".to_owned(),
        score: 0.5,
        index: 1,
        word: "ada".to_owned(),
        start: 0,
        end: 3,
    };
    assert_eq!(token.to_string(), "B-PER ada (0..3) 0.5000");
    assert_eq!(
        serde_json::to_string(&token).unwrap(),
        r#"{"entity":"B-PER","score":0.5,"index":1,"word":"ada","start":0,"end":3}"#
    );
    let group = EntityGroup {
        entity_group: "PER".to_owned(),
        score: 0.5,
        word: "ada".to_owned(),
        start: 0,
        end: 3,
    };
    assert_eq!(group.to_string(), "PER ada (0..3) 0.5000");
    assert_eq!(
        serde_json::to_string(&group).unwrap(),
        r#"{"entity_group":"PER","score":0.5,"word":"ada","start":0,"end":3}"#
    );
}

#[test]
fn a_text_that_is_too_long_is_cut_refused_or_read_in_windows() {
    let folder = of_animals();
    let long = "the old dog sees ".repeat(9);
    let texts = ["now", &long];
    let all = |classifier: TokenClassifier| classifier.ignore_labels([""; 0]);
    let cutting = all(load(&folder, &PipelineOptions::new()));
    let (answers, warned) = warnings(|| cutting.classify(texts).unwrap());
    assert_eq!(answers[1].len(), 14);
    assert!(
        warned.contains("text 1 has 38 tokens and is cut to 16"),
        "{warned}"
    );

    let refusing = load(&folder, &PipelineOptions::new().truncation(false));
    let error = refusing.classify(texts).unwrap_err().to_string();
    assert!(
        error.contains("text 1 has 38 tokens, the limit is 16"),
        "{error}"
    );

    let windows = all(load(&folder, &PipelineOptions::new()).stride(4));
    let groups = windows.classify_groups(texts, AggregationStrategy::Simple);
    let groups = groups.unwrap();
    let last = groups[1].last().unwrap();
    assert_eq!(last.end, long.trim_end().len());
    assert!(
        groups[1].is_sorted_by(|a, b| a.end <= b.start),
        "{groups:?}"
    );
    let error = windows.classify(texts).unwrap_err().to_string();
    assert!(error.starts_with("stride is for groups"), "{error}");
    let wide = load(&folder, &PipelineOptions::new()).stride(14);
    let error = wide.classify_groups(texts, AggregationStrategy::Max);
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("text 0") && error.contains("overlap by 14"),
        "{error}"
    );
}

#[test]
fn a_model_that_is_none_or_broken_is_refused() {
    let mut config = animals();
    config.as_object_mut().unwrap().remove("id2label");
    let masked = Folder::of_masked_words(&config);
    masked.write_tokenizer("words");
    let error = TokenClassifier::from_pretrained(masked.name())
        .unwrap_err()
        .to_string();
    assert!(error.contains("token classification"), "{error}");
    assert!(error.contains("classifier.weight"), "{error}");

    let folder = of_animals();
    let model = {
        let _alone = generator();
        AutoModelForTokenClassification::from_pretrained(folder.name(), ModelOptions::new())
            .unwrap()
    };
    let bias = &model.parameters().get("classifier.bias").unwrap().tensor;
    let _filled = no_grad(|| bias.get(1).fill_(f64::NAN));
    model.save_pretrained(folder.path()).unwrap();
    let error = load(&folder, &PipelineOptions::new())
        .classify(["a cat"])
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("text 0: the score of \"O\" is not a number"),
        "{error}"
    );
}
