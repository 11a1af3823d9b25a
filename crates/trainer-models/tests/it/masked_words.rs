//! Masked language modelling: weights that have two names, in every family.

use crate::families::tiny;
use crate::support::{assert_same_bits, generator, read_tensors, run, write_tensors};
use tch::Tensor;
use trainer_collate::Batch;
use trainer_models::{AutoModelForMaskedLM, Mode, Model, ModelOptions, PretrainedConfig};

/// Of each family the first name of the weight that embeddings and last layer share, its place, and the file's name of the bias.
const WORDS: [(&str, &str, usize, &str); 9] = [
    ("albert", "albert.", 0, "predictions.bias"),
    ("bert", "bert.", 0, "cls.predictions.bias"),
    ("camembert", "roberta.", 5, "lm_head.bias"),
    ("deberta-v2", "deberta.", 0, "cls.predictions.bias"),
    ("distilbert", "distilbert.", 0, "vocab_projector.bias"),
    ("electra", "electra.", 0, "generator_lm_head.bias"),
    ("mpnet", "mpnet.", 0, "lm_head.bias"),
    ("roberta", "roberta.", 0, "lm_head.bias"),
    ("xlm-roberta", "roberta.", 5, "lm_head.bias"),
];

#[test]
fn words_are_predicted_by_their_embeddings() {
    let _alone = generator();
    for (model_type, prefix, place, bias) in WORDS {
        let config = PretrainedConfig::from_json(&tiny(model_type, ""), "config.json").unwrap();
        let model = AutoModelForMaskedLM::from_config(config, ModelOptions::new()).unwrap();
        let table = format!("{prefix}embeddings.word_embeddings.weight");
        assert_eq!(model.parameters().iter().nth(place).unwrap().name, table);
        let mut batch = Batch::new();
        batch.insert("input_ids", Tensor::from_slice2(&[[2_i64, 5, 3, 7]]));
        batch.insert("labels", Tensor::from_slice2(&[[-100_i64, 6, -100, 19]]));
        let output = run(&model, &batch, Mode::Train).unwrap();
        output.loss.unwrap().backward();
        // Words of neither inputs nor labels learn that they are not there.
        let words = &model.parameters().get(&table).unwrap().tensor;
        assert!(
            words.grad().get(12).abs().max().double_value(&[]) > 0.0,
            "{model_type}"
        );

        let folder = tempfile::tempdir().unwrap();
        model.save_pretrained(folder.path()).unwrap();
        let saved = read_tensors(&folder.path().join("model.safetensors"));
        let names: Vec<&str> = saved.iter().map(|(name, _)| name.as_str()).collect();
        assert!(
            names.contains(&table.as_str()) && names.contains(&bias),
            "{names:?}"
        );
        assert!(
            !names.iter().any(|name| name.contains("decoder")),
            "{names:?}"
        );
        let path = folder.path().to_str().unwrap();
        let (loaded, report) =
            AutoModelForMaskedLM::from_pretrained_with_report(path, ModelOptions::new()).unwrap();
        assert!(report.is_exact(), "{report}");
        let clone = loaded.shallow_clone().unwrap();
        for model in [&loaded as &dyn Model, &clone] {
            let logits = run(model, &batch, Mode::Eval).unwrap();
            let logits = logits.logits().unwrap();
            assert_same_bits(model_type, logits, &expected(&saved, path, &batch));
        }
        for (mine, entry) in loaded.parameters().iter().zip(model.parameters()) {
            assert_eq!(mine.name, entry.name, "order of {model_type}'s weights");
        }
    }
}

/// What a model gives whose file has the weights under the other names too, as files of old do, and the words under these alone.
fn expected(saved: &[(String, Tensor)], path: &str, batch: &Batch) -> Tensor {
    let decoder = |name: &str| match name {
        _ if name.starts_with("cls.") => "cls.predictions.decoder",
        _ if name.starts_with("lm_head.") => "lm_head.decoder",
        _ if name.starts_with("predictions.") => "predictions.decoder",
        _ if name.starts_with("generator_lm_head") => "generator_lm_head",
        _ => "vocab_projector",
    };
    let head = saved.iter().map(|(name, _)| decoder(name));
    let head = head
        .min_by_key(|name| usize::from(*name == "vocab_projector"))
        .unwrap();
    let renamed: Vec<_> = saved
        .iter()
        .map(
            |(name, tensor)| match name.ends_with("word_embeddings.weight") {
                true => (format!("{head}.weight"), tensor.shallow_clone()),
                false => (name.clone(), tensor.shallow_clone()),
            },
        )
        .collect();
    let folder = tempfile::tempdir().unwrap();
    write_tensors(&folder.path().join("model.safetensors"), &renamed);
    let config = std::path::Path::new(path).join("config.json");
    std::fs::copy(config, folder.path().join("config.json")).unwrap();
    let folder = folder.path().to_str().unwrap();
    let (model, report) =
        AutoModelForMaskedLM::from_pretrained_with_report(folder, ModelOptions::new()).unwrap();
    assert!(report.is_exact(), "{report}");
    run(&model, batch, Mode::Eval)
        .unwrap()
        .logits()
        .unwrap()
        .shallow_clone()
}

/// DeBERTa's head for the weights that its authors published.
#[test]
fn words_are_predicted_without_a_last_layer() {
    let _alone = generator();
    let json = tiny("deberta-v2", r#", "legacy": false"#);
    let config = PretrainedConfig::from_json(&json, "config.json").unwrap();
    let model = AutoModelForMaskedLM::from_config(config, ModelOptions::new()).unwrap();
    let mut batch = Batch::new();
    batch.insert("input_ids", Tensor::from_slice2(&[[2_i64, 5, 3, 7]]));
    let folder = tempfile::tempdir().unwrap();
    model.save_pretrained(folder.path()).unwrap();
    let mut saved = read_tensors(&folder.path().join("model.safetensors"));
    let head = |name: &str| format!("lm_predictions.lm_head.{name}");
    let mut names: Vec<&str> = saved.iter().map(|(name, _)| name.as_str()).collect();
    names.retain(|name| !name.starts_with("deberta."));
    names.sort_unstable();
    let expected = [
        "LayerNorm.bias",
        "LayerNorm.weight",
        "bias",
        "dense.bias",
        "dense.weight",
    ];
    assert_eq!(names, expected.map(head));
    // As files of old have them.
    for (name, _) in &mut saved {
        *name = name
            .replace("LayerNorm.weight", "LayerNorm.gamma")
            .replace("LayerNorm.bias", "LayerNorm.beta");
    }
    write_tensors(&folder.path().join("model.safetensors"), &saved);
    let path = folder.path().to_str().unwrap();
    let (loaded, report) =
        AutoModelForMaskedLM::from_pretrained_with_report(path, ModelOptions::new()).unwrap();
    assert!(report.is_exact(), "{report}");
    let clone = loaded.shallow_clone().unwrap();
    let logits = |model: &dyn Model| {
        let output = run(model, &batch, Mode::Eval).unwrap();
        output.logits().unwrap().shallow_clone()
    };
    let expected = logits(&*model);
    for model in [&loaded as &dyn Model, &clone] {
        assert_same_bits("logits", &logits(model), &expected);
    }
    let table = "deberta.embeddings.word_embeddings.weight";
    let words = &model.parameters().get(table).unwrap().tensor;
    let bias = &model.parameters().get(&head("bias")).unwrap().tensor;
    assert_eq!(expected.size(), [1, 4, words.size()[0]]);
    assert_eq!(bias.size(), [words.size()[0]]);
}

#[test]
fn words_that_have_a_last_layer_of_their_own_are_refused() {
    let _alone = generator();
    let json = tiny("bert", r#", "tie_word_embeddings": false"#);
    let config = PretrainedConfig::from_json(&json, "config.json").unwrap();
    let message = AutoModelForMaskedLM::from_config(config, ModelOptions::new());
    let message = message.err().unwrap().to_string();
    assert!(
        message.contains("tie_word_embeddings false is not supported"),
        "{message}"
    );
}
