//! `QuestionAnswerer` against what Python's `pipeline("question-answering")` answers on the same folders, recorded by
//! `parity/question_answering.py`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tch::{Device, no_grad};
use trainer::models::{Compute, ModelOptions};
use trainer::pipeline::{AnswerSpan, PipelineOptions, QuestionAnswerer};
use trainer::prelude::*;

use crate::support::generator;
use crate::support::pipelines::{Folder, animals};

#[derive(Deserialize)]
struct Recorded {
    config: Value,
    tokenizer: Value,
    words: Vec<String>,
    /// The largest of the outputs that the scores were made of.
    logits: f64,
    questions: Vec<(String, String)>,
    calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    options: Map<String, Value>,
    answers: Vec<Vec<(f64, usize, usize, String)>>,
}

const fn is_shared_by_threads<T: Send + Sync + 'static>() {}
const _: () = is_shared_by_threads::<QuestionAnswerer>();

fn recorded() -> BTreeMap<String, Recorded> {
    serde_json::from_str(include_str!("../data/question_answering.json")).unwrap()
}

fn folder(case: &Recorded) -> Folder {
    let folder = Folder::of_answers(&case.config);
    folder.write_words(&case.words, &case.tokenizer);
    folder
}

fn load(folder: &Folder, options: &PipelineOptions) -> QuestionAnswerer {
    let options = options.clone().device(Device::Cpu);
    QuestionAnswerer::from_pretrained_with(folder.name(), &options).unwrap()
}

/// The answerer with the options of a call, and how many answers that asks for.
fn set(mut answerer: QuestionAnswerer, options: &Map<String, Value>) -> (QuestionAnswerer, usize) {
    let mut top_k = 1;
    for (name, value) in options {
        let number = value.as_u64().unwrap_or(0) as usize;
        let flag = value.as_bool().unwrap_or(false);
        answerer = match name.as_str() {
            "align_to_words" => answerer.align_to_words(flag),
            "doc_stride" => answerer.doc_stride(number),
            "handle_impossible_answer" => answerer.handle_impossible_answer(flag),
            "max_answer_len" => answerer.max_answer_len(number),
            "max_seq_len" => answerer.max_seq_len(number),
            other => {
                assert_eq!(other, "top_k");
                top_k = number;
                answerer
            }
        };
    }
    (answerer, top_k)
}

/// By what part of a score it may be off: outputs by 64 roundings of the largest, as in the tests of the classifier; a probability
/// by twice, and their product by four times that. A score that is a sum is off by no greater part.
fn tolerance(case: &Recorded) -> f64 {
    4.0 * 64.0 * 2f64.powi(-24) * case.logits.max(1.0)
}

/// Places, texts and their order exactly, scores to rounding; whatever the batches and the operations. What Python adds where a text has
/// too few answers, with a score of 0, is no answer.
#[test]
fn answers_are_those_of_pythons_pipeline() {
    for (name, case) in recorded() {
        let (folder, tolerance) = (folder(&case), tolerance(&case));
        for size in [1, 3, 32] {
            for compute in [Compute::Fast, Compute::Reference] {
                let options = PipelineOptions::new().batch_size(size).compute(compute);
                for call in &case.calls {
                    let (answerer, top_k) = set(load(&folder, &options), &call.options);
                    let found = answerer
                        .answer_top_k(case.questions.clone(), top_k)
                        .unwrap();
                    assert_eq!(found.len(), call.answers.len());
                    for (found, expected) in found.iter().zip(&call.answers) {
                        let expected = expected.iter().filter(|answer| answer.0 > 0.0);
                        let expected: Vec<_> = expected.collect();
                        let place = |one: &AnswerSpan| (one.start, one.end, one.answer.clone());
                        let places: Vec<_> = found.iter().map(place).collect();
                        let wanted = expected.iter().map(|it| (it.1, it.2, it.3.clone()));
                        let wanted: Vec<_> = wanted.collect();
                        assert_eq!(places, wanted, "{name}: {:?}", call.options);
                        for (found, expected) in found.iter().zip(expected) {
                            let apart = (found.score / expected.0 - 1.0).abs();
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
}

fn bert() -> (Folder, Vec<(String, String)>) {
    let mut recorded = recorded();
    let case = recorded.remove("bert").unwrap();
    (folder(&case), case.questions)
}

#[test]
fn the_best_answer_is_the_first_of_several() {
    let (folder, questions) = bert();
    let answerer = load(&folder, &PipelineOptions::new()).align_to_words(false);
    let best = answerer.answer(questions.clone()).unwrap();
    for (best, (question, context)) in best.iter().zip(&questions) {
        let text: String = context
            .chars()
            .skip(best.start)
            .take(best.end - best.start)
            .collect();
        assert_eq!(best.answer, text, "{question}");
        assert!(best.score > 0.0 && best.score <= 1.0);
    }
    let several = answerer.answer_top_k(questions, 3).unwrap();
    assert!(
        several
            .iter()
            .all(|some| some.len() <= 3 && some.is_sorted_by(|a, b| a.score >= b.score))
    );
    let shown = AnswerSpan {
        answer: "cat".to_owned(),
        start: 4,
        end: 7,
        score: 0.25,
    };
    assert_eq!(shown.to_string(), "cat (4..7) 0.2500");
}

/// A tokenizer that pads on the left reads the text first; answers are of the text, and do not depend on the padding.
#[test]
fn padding_on_the_left_moves_no_answer() {
    let (folder, questions) = bert();
    let words = recorded().remove("bert").unwrap().words;
    folder.write_words(
        &words,
        &json!({"model_max_length": 48, "padding_side": "left"}),
    );
    let answer = |size| {
        let answerer = load(&folder, &PipelineOptions::new().batch_size(size));
        answerer.answer_top_k(questions.clone(), 2).unwrap()
    };
    let alone = answer(1);
    for (answers, (_, context)) in alone.iter().zip(&questions) {
        assert!(!answers.is_empty() && answers.iter().all(|one| context.contains(&one.answer)));
    }
    assert_eq!(alone.len(), questions.len());
}

#[test]
fn a_long_question_is_read_as_far_as_asked() {
    let (folder, _) = bert();
    let text = "The old cat sees a dog now.";
    let answerer = load(&folder, &PipelineOptions::new());
    let short = answerer.answer([("who sees", text)]).unwrap();
    let cut = answerer.max_question_len(2);
    assert_eq!(
        cut.answer([("who sees the old dog ?", text)]).unwrap(),
        short
    );
    assert_eq!(cut.answer([("who sees", text)]).unwrap(), short);
    let none = load(&folder, &PipelineOptions::new()).max_question_len(0);
    assert!(none.answer([("who", text)]).is_ok());
}

#[test]
fn what_cannot_be_answered_is_named() {
    let (folder, _) = bert();
    let answerer = || load(&folder, &PipelineOptions::new());
    let error = |answerer: QuestionAnswerer, pairs: &[(&str, &str)]| {
        answerer.answer(pairs.to_vec()).unwrap_err().to_string()
    };
    let pairs = [("who ?", "a cat"), ("", "a cat")];
    assert_eq!(error(answerer(), &pairs), "pair 1: the question is empty");
    assert_eq!(
        error(answerer(), &[("who ?", "")]),
        "pair 0: the text is empty"
    );
    let zero = error(answerer().max_answer_len(0), &pairs[..1]);
    assert_eq!(zero, "max_answer_len is 0; it must be at least 1");
    assert!(
        answerer()
            .answer_top_k(pairs, 0)
            .unwrap_err()
            .to_string()
            .starts_with("top_k")
    );
    let long = "who ".repeat(60);
    let error_of = error(answerer(), &[("who ?", "a cat"), (&long, "a cat")]);
    assert!(
        error_of.starts_with("text 1:") && error_of.contains("only_second"),
        "{error_of}"
    );
    let wide = error(answerer().doc_stride(45), &[("who ?", &"cat ".repeat(80))]);
    assert!(wide.contains("overlap by 45"), "{wide}");
    // Nothing but spaces: there is no token to answer with.
    let spaces = answerer().answer([("who ?", "  ")]).unwrap();
    assert_eq!(spaces, [AnswerSpan::default()]);
    assert!(
        answerer()
            .answer(Vec::<(&str, &str)>::new())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_model_that_is_none_or_broken_is_refused() {
    let mut config = animals();
    config.as_object_mut().unwrap().remove("id2label");
    let classifier = Folder::new(&config);
    classifier.write_words(&recorded()["bert"].words, &json!({}));
    let error = QuestionAnswerer::from_pretrained(classifier.name())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("question answering") && error.contains("qa_outputs"),
        "{error}"
    );

    let (folder, questions) = bert();
    let model = {
        let _alone = generator();
        AutoModelForQuestionAnswering::from_pretrained(folder.name(), ModelOptions::new()).unwrap()
    };
    let mut weights = model.parameters().iter();
    let head = weights
        .find(|weight| weight.name == "qa_outputs.bias")
        .unwrap();
    let _ = no_grad(|| head.tensor.shallow_clone().fill_(f64::NAN));
    model.save_pretrained(folder.path()).unwrap();
    let error = load(&folder, &PipelineOptions::new())
        .answer(questions)
        .unwrap_err();
    assert!(error.to_string().contains("not a number"), "{error}");
}
