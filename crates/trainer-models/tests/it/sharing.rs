//! Clones of a model that share its weights.

use tch::{Kind, Tensor, no_grad};
use trainer_collate::Batch;
use trainer_models::bert::BertConfig;
use trainer_models::roberta::RobertaConfig;
use trainer_models::{
    AutoModel, AutoModelForSequenceClassification, AutoModelForTokenClassification, BaseModel,
    Compute, LoadReport, Mode, Model, ModelOptions, PretrainedConfig, PretrainedModel, Result,
    num_labels,
};

use crate::support::{assert_same_bits, bits, generator, run};

fn sizes() -> BertConfig {
    BertConfig {
        vocab_size: 40,
        hidden_size: 8,
        num_hidden_layers: 2,
        num_attention_heads: 2,
        intermediate_size: 12,
        max_position_embeddings: 14,
        ..BertConfig::default()
    }
}

type Load = fn(&str, ModelOptions) -> Result<(PretrainedModel, LoadReport)>;

/// BERT and RoBERTa, for sequences and tokens, as they are loaded from a folder.
fn models() -> Vec<PretrainedModel> {
    let _alone = generator();
    let roberta = BertConfig {
        pad_token_id: Some(1),
        ..sizes()
    };
    let configs: [PretrainedConfig; 2] = [sizes().into(), RobertaConfig { bert: roberta }.into()];
    let loads: [Load; 2] = [
        AutoModelForSequenceClassification::from_pretrained_with_report,
        AutoModelForTokenClassification::from_pretrained_with_report,
    ];
    let mut models = Vec::new();
    for (config, load) in configs
        .iter()
        .flat_map(|config| loads.map(|load| (config, load)))
    {
        let folder = tempfile::tempdir().unwrap();
        let options = num_labels(3);
        AutoModelForSequenceClassification::from_config(config.clone(), options.clone())
            .unwrap()
            .save_pretrained(folder.path())
            .unwrap();
        models.push(load(folder.path().to_str().unwrap(), options).unwrap().0);
    }
    models
}

fn batch() -> Batch {
    let ids = Tensor::from_slice(&[5_i64, 7, 9, 11, 5, 8, 1, 1]).view([2, 4]);
    let mut batch = Batch::new();
    batch.insert("attention_mask", ids.ne(1).to_kind(Kind::Int64));
    batch.insert("input_ids", ids);
    batch
}

fn logits(model: &PretrainedModel) -> Tensor {
    let output = run(model, &batch(), Mode::Eval).unwrap();
    output.logits().unwrap().shallow_clone()
}

#[test]
fn a_clone_computes_the_same_with_the_same_weights() {
    for model in models() {
        model.parameters().freeze("*.embeddings.*").unwrap();
        let clone = model.shallow_clone().unwrap();
        let what = model.architecture();
        assert_eq!(clone.architecture(), what);
        assert_eq!(clone.config(), model.config());
        assert_same_bits(what, &logits(&clone), &logits(&model));
        assert_eq!(clone.parameters().len(), model.parameters().len());
        for (own, shared) in clone.parameters().iter().zip(model.parameters()) {
            assert_eq!((&own.name, own.role), (&shared.name, shared.role));
            assert_eq!(own.tensor.data_ptr(), shared.tensor.data_ptr());
            assert_eq!(own.tensor.requires_grad(), shared.tensor.requires_grad());
        }
        let before = logits(&clone);
        let weight = &model.parameters().get("classifier.weight");
        let weight = weight.or(model.parameters().get("classifier.out_proj.weight"));
        let _filled = no_grad(|| weight.unwrap().tensor.shallow_clone().fill_(0.25));
        assert_same_bits(what, &logits(&clone), &logits(&model));
        assert_ne!(bits(&logits(&clone)), bits(&before));
    }
}

#[test]
fn clones_compute_in_threads_of_their_own() {
    for model in models() {
        let expected = logits(&model);
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let clone = model.shallow_clone().unwrap();
                std::thread::spawn(move || logits(&clone))
            })
            .collect();
        for thread in threads {
            assert_same_bits(model.architecture(), &thread.join().unwrap(), &expected);
        }
    }
}

/// `max_position_embeddings`, of which RoBERTa's positions leave out those up to the padding token's number.
#[test]
fn the_most_tokens_of_a_row_follow_from_the_positions() {
    let longest: Vec<_> = models().iter().map(PretrainedModel::max_length).collect();
    assert_eq!(longest, [Some(14), Some(14), Some(12), Some(12)]);
}

/// A base model's clone too; and without a pooling layer a checkpoint that lacks its weights lacks nothing.
#[test]
fn a_base_model_without_a_pooling_layer_is_cloned_as_it_is() {
    let _alone = generator();
    let folder = tempfile::tempdir().unwrap();
    AutoModelForTokenClassification::from_config(sizes(), num_labels(3))
        .unwrap()
        .save_pretrained(folder.path())
        .unwrap();
    let load = |options| {
        AutoModel::from_pretrained_with_report(folder.path().to_str().unwrap(), options).unwrap()
    };
    let (_, report) = load(ModelOptions::new());
    assert_eq!(report.missing, ["pooler.dense.weight", "pooler.dense.bias"]);
    let (model, report) = load(ModelOptions::new().add_pooling_layer(false));
    assert!(report.missing.is_empty(), "{report}");
    assert_eq!(model.max_length(), Some(14));
    let clone = model.shallow_clone().unwrap();
    assert_eq!(clone.parameters().len(), model.parameters().len());
    let states = |model: &BaseModel| {
        let prepared = model.prepare(batch(), Compute::Fast).unwrap();
        let output = model.forward(&prepared, Mode::Eval).unwrap();
        assert!(output.pooler_output.is_none());
        output.last_hidden_state
    };
    assert_same_bits("states", &states(&clone), &states(&model));
}
