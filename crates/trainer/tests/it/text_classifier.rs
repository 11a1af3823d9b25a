//! What `TextClassifier` takes, how threads share it, and what it says where it cannot answer.

use std::process::Command;

use serde_json::json;
use tch::{Device, no_grad};
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::pre_tokenizers::whitespace::Whitespace;
use trainer::models::{ModelOptions, PretrainedConfig};
use trainer::pipeline::{FunctionToApply, Label, PipelineOptions, Text, TextClassifier};
use trainer::prelude::*;
use trainer::tokenize::TokenizerConfig;

use crate::support::pipelines::{Folder, animals, change_weights, classifier};
use crate::support::{WORDS, generator, program, warnings};

const TEXTS: [&str; 5] = [
    "the cat sees",
    "birds",
    "",
    "the old old cats",
    "now now now .",
];

const fn is_shared_by_threads<T: Send + Sync + 'static>() {}
const _: () = is_shared_by_threads::<TextClassifier>();

fn names(answers: &[Label]) -> Vec<&str> {
    answers.iter().map(|answer| answer.label.as_str()).collect()
}

/// So many texts of different lengths.
fn many(count: usize) -> Vec<String> {
    let word = |row: usize, at: usize| WORDS[5 + (row * 7 + at * 3) % 10];
    let text = |row: usize| -> Vec<&str> { (0..row % 12).map(|at| word(row, at)).collect() };
    (0..count).map(|row| text(row).join(" ")).collect()
}

#[test]
fn answers_do_not_depend_on_the_batch_and_keep_the_order_of_the_texts() {
    let folder = Folder::of_animals();
    let texts = many(300);
    let one_by_one = classifier(&folder, &PipelineOptions::new().batch_size(1));
    // 2 rows a batch: 300 texts are more than are sorted at once.
    for size in [0, 2, 7, 1000] {
        let batched = classifier(&folder, &PipelineOptions::new().batch_size(size));
        let (found, expected) = (
            batched.classify(&texts).unwrap(),
            one_by_one.classify(&texts).unwrap(),
        );
        assert_eq!(names(&found), names(&expected), "batches of {size}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found.score - expected.score).abs() < 1e-5);
        }
    }
}

/// The same bits as one thread alone: threads share weights and nothing else.
#[test]
fn threads_that_share_a_classifier_get_what_one_gets() {
    let folder = Folder::of_animals();
    let classifier = classifier(&folder, &PipelineOptions::new());
    let texts = many(100);
    let alone = classifier.classify_top_k(&texts, None).unwrap();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    (0..5)
                        .map(|_| classifier.classify_top_k(&texts, None).unwrap())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        for thread in threads {
            for answers in thread.join().unwrap() {
                assert_eq!(answers, alone);
            }
        }
    });
}

#[test]
fn every_usual_list_of_texts_or_pairs_is_taken() {
    let folder = Folder::of_animals();
    let classifier = classifier(&folder, &PipelineOptions::new());
    let expected = classifier.classify(TEXTS).unwrap();
    assert_eq!(expected.len(), TEXTS.len());
    let owned = TEXTS.map(str::to_owned).to_vec();
    assert_eq!(classifier.classify(TEXTS.as_slice()).unwrap(), expected);
    assert_eq!(classifier.classify(&owned).unwrap(), expected);
    assert_eq!(classifier.classify(owned.as_slice()).unwrap(), expected);
    let texts = TEXTS.iter().map(|text| Text::new(text));
    assert_eq!(classifier.classify(texts).unwrap(), expected);

    let pairs = [("the cat sees", "birds"), ("now", "")];
    let expected = classifier.classify(pairs).unwrap();
    let owned = pairs.map(|(first, second)| (first.to_owned(), second.to_owned()));
    assert_eq!(classifier.classify(pairs.as_slice()).unwrap(), expected);
    assert_eq!(classifier.classify(&owned).unwrap(), expected);
    let columns = (["the cat sees", "now"], ["birds", ""]);
    let zipped = columns.0.into_iter().zip(columns.1);
    assert_eq!(classifier.classify(zipped).unwrap(), expected);
    // A pair with an empty second text has one separator more than the text alone.
    assert_ne!(classifier.classify(["now"]).unwrap()[0], expected[1]);
}

#[test]
fn no_texts_have_no_answers() {
    let folder = Folder::of_animals();
    let classifier = classifier(&folder, &PipelineOptions::new());
    assert_eq!(classifier.classify(&Vec::<String>::new()).unwrap(), []);
    assert!(
        classifier
            .classify_top_k(Vec::<&str>::new(), None)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn an_answer_is_serialised_as_in_python() {
    let folder = Folder::of_animals();
    let classifier = classifier(&folder, &PipelineOptions::new());
    assert_eq!(classifier.labels(), ["cats", "dogs", "birds"]);
    let answer = Label {
        label: "cats".to_owned(),
        score: 0.5,
    };
    assert_eq!(answer.to_string(), "cats 0.5000");
    let text = serde_json::to_string(&answer).unwrap();
    assert_eq!(text, r#"{"label":"cats","score":0.5}"#);
}

#[test]
fn a_text_that_is_too_long_is_cut_with_one_warning_or_refused_by_its_number() {
    let folder = Folder::of_animals();
    let long = "the old dog sees ".repeat(9);
    let texts = ["now", &long, &long];
    let cutting = classifier(&folder, &PipelineOptions::new());
    let (answers, warned) = warnings(|| cutting.classify(texts).unwrap());
    assert_eq!(answers[1], answers[2]);
    let message = "text 1 has 38 tokens and is cut to 16";
    assert_eq!(warned.matches(message).count(), 1, "{warned}");
    assert_eq!(warned.lines().count(), 1, "{warned}");
    assert_eq!(
        warnings(|| cutting.classify(texts).unwrap()),
        (answers, String::new())
    );

    let refusing = classifier(&folder, &PipelineOptions::new().truncation(false));
    let error = refusing.classify(texts).unwrap_err().to_string();
    assert!(
        error.contains("text 1 has 38 tokens, the limit is 16"),
        "{error}"
    );

    // Without a limit in the tokenizer's files the model's is kept.
    std::fs::remove_file(folder.file("tokenizer_config.json")).unwrap();
    let cutting = classifier(&folder, &PipelineOptions::new());
    assert_eq!(cutting.classify(texts).unwrap().len(), 3);
    // Two special tokens are not fewer than one.
    let impossible = classifier(&folder, &PipelineOptions::new().max_length(1));
    let error = impossible.classify(texts).unwrap_err().to_string();
    assert!(
        error.contains("text 0: cannot truncate to 1 tokens"),
        "{error}"
    );
}

/// A tokenizer of words alone: no special tokens, none to pad with.
fn write_bare_tokenizer(folder: &Folder) {
    let vocabulary = (0..).zip(WORDS).map(|(id, word)| (word.to_owned(), id));
    let model = WordLevel::builder()
        .vocab(vocabulary.collect())
        .unk_token("[UNK]".to_owned())
        .build()
        .unwrap();
    let mut backend = tokenizers::Tokenizer::new(model);
    backend.with_pre_tokenizer(Some(Whitespace {}));
    let config = TokenizerConfig::new("PreTrainedTokenizerFast");
    let tokenizer = Tokenizer::from_backend(backend, config).unwrap();
    assert_eq!(tokenizer.pad_token_id(), None);
    tokenizer.save_pretrained(folder.path()).unwrap();
}

#[test]
fn without_a_token_to_pad_with_texts_of_one_length_are_computed_together() {
    let folder = Folder::new(&animals());
    write_bare_tokenizer(&folder);
    let classifier_of = |size| classifier(&folder, &PipelineOptions::new().batch_size(size));
    let texts = [
        "the cat",
        "now",
        "a dog",
        "the old dog sees",
        "bird",
        "a bird",
    ];
    let (found, expected) = (
        classifier_of(32).classify(texts),
        classifier_of(1).classify(texts),
    );
    assert_eq!(names(&found.unwrap()), names(&expected.unwrap()));

    let error = classifier_of(32).classify(["a", ""]).unwrap_err();
    assert!(
        error.to_string().contains("text 1 has no tokens"),
        "{error}"
    );
}

#[test]
fn a_score_that_is_not_a_number_is_an_error() {
    let folder = Folder::of_animals();
    change_weights(&folder, |model| {
        let bias = &model.parameters().get("classifier.bias").unwrap().tensor;
        let _filled = no_grad(|| bias.get(1).fill_(f64::NAN));
    });
    let broken = classifier(&folder, &PipelineOptions::new());
    let plain = broken.function_to_apply(FunctionToApply::None);
    let error = plain.classify(["now"]).unwrap_err().to_string();
    assert!(
        error.contains(r#"text 0: the score of "dogs" is not a number"#),
        "{error}"
    );
}

fn refused(folder: &Folder) -> String {
    let _alone = generator();
    let error = TextClassifier::from_pretrained(folder.name()).unwrap_err();
    error.to_string()
}

#[test]
fn a_folder_without_a_tokenizer_is_refused() {
    let error = refused(&Folder::new(&animals()));
    assert!(
        error.contains("neither tokenizer.json nor vocab.txt"),
        "{error}"
    );
    let error = TextClassifier::from_pretrained("./no-such-folder").unwrap_err();
    assert!(error.to_string().contains("no-such-folder"), "{error}");
}

/// In Python they answer at random, after a warning.
#[test]
fn a_model_without_a_head_for_sequences_is_refused() {
    let folder = Folder::of_animals();
    let config = || PretrainedConfig::from_json(&animals().to_string(), "config.json").unwrap();
    {
        let _alone = generator();
        let base = AutoModel::from_config(config(), ModelOptions::new()).unwrap();
        base.save_pretrained(folder.path()).unwrap();
    }
    let error = refused(&folder);
    assert!(error.contains("names BertModel"), "{error}");
    assert!(
        error.contains("classifier.weight, classifier.bias"),
        "{error}"
    );
    assert!(error.contains("ForSequenceClassification"), "{error}");
    folder.edit_config(|config| config["architectures"] = json!(["BertForMaskedLM"]));
    assert!(refused(&folder).contains("names BertForMaskedLM"));
    folder.edit_config(|config| config["architectures"] = json!(null));
    assert!(refused(&folder).contains("names no class"));
    {
        let _alone = generator();
        let tokens =
            AutoModelForTokenClassification::from_config(config(), ModelOptions::new()).unwrap();
        tokens.save_pretrained(folder.path()).unwrap();
    }
    let error = refused(&folder);
    assert!(
        error.contains("names BertForTokenClassification"),
        "{error}"
    );
    assert!(error.contains("bert.pooler.dense.weight"), "{error}");
}

/// Old checkpoints for labels of tokens have a pooler too: nothing is missing, and yet the head is another's.
#[test]
fn a_head_of_another_task_is_warned_of() {
    let folder = Folder::of_animals();
    let load = || classifier(&folder, &PipelineOptions::new());
    assert_eq!(warnings(load).1, "");
    folder.edit_config(|config| config["architectures"] = json!(["BertForTokenClassification"]));
    let warned = warnings(load).1;
    assert!(
        warned.contains("names BertForTokenClassification"),
        "{warned}"
    );
}

#[test]
fn a_device_that_is_not_there_is_an_error() {
    if trainer::torch::cuda::is_available().unwrap() {
        return;
    }
    let folder = Folder::of_animals();
    let options = PipelineOptions::new().device(Device::Cuda(0));
    let error = TextClassifier::from_pretrained_with(folder.name(), &options).unwrap_err();
    assert!(error.to_string().contains("CUDA"), "{error}");
}

#[test]
fn the_example_prints_a_label_and_a_score_a_line() {
    let folder = Folder::of_animals();
    let output = Command::new(program("classify"))
        .arg(folder.path())
        .args(TEXTS)
        .output()
        .unwrap();
    let expected = classifier(&folder, &PipelineOptions::new())
        .classify(TEXTS)
        .unwrap();
    let lines: String = expected
        .iter()
        .map(|answer| format!("{answer}\n"))
        .collect();
    assert_eq!(String::from_utf8_lossy(&output.stdout), lines);
}
