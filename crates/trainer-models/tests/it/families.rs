//! What families take of a configuration, and what they refuse by name.

use crate::support::generator;
use tch::{Device, Kind, Tensor};
use trainer_collate::Batch;
use trainer_models::{
    AutoModelForMultipleChoice, AutoModelForQuestionAnswering, AutoModelForSequenceClassification,
    Compute, Error, Model, ModelOptions, PretrainedConfig, num_labels,
};

fn made(json: &str, options: ModelOptions) -> Result<Box<dyn Model>, Error> {
    let config = PretrainedConfig::from_json(json, "config.json")?;
    AutoModelForSequenceClassification::from_config(config, options)
}

/// The keys of a small model of this family, with more of them.
pub(crate) fn tiny(model_type: &str, more: &str) -> String {
    let sizes = match model_type {
        "distilbert" => r#""dim": 8, "n_layers": 1, "n_heads": 2, "hidden_dim": 12"#,
        "modernbert" => {
            r#""hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 12, "pad_token_id": 0"#
        }
        _ => {
            r#""hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 12"#
        }
    };
    format!(
        r#"{{"model_type": "{model_type}", "vocab_size": 20, "max_position_embeddings": 10, {sizes}{more}}}"#
    )
}

#[test]
fn a_number_that_no_model_can_have_is_refused_by_name() {
    let _alone = generator();
    for (model_type, wrong, expected) in [
        (
            "distilbert",
            r#""dim": 0"#,
            "dim must be a positive number, found 0",
        ),
        (
            "distilbert",
            r#""n_heads": 3"#,
            "n_heads 3 does not divide dim 8",
        ),
        (
            "distilbert",
            r#""n_layers": -1"#,
            "n_layers must be from 0 to 10000",
        ),
        (
            "distilbert",
            r#""attention_dropout": 1.5"#,
            "attention_dropout must be a probability",
        ),
        (
            "distilbert",
            r#""activation": "maxout""#,
            "unknown variant `maxout`",
        ),
        (
            "distilbert",
            r#""pad_token_id": 20"#,
            "pad_token_id 20 is outside the vocabulary of 20",
        ),
        (
            "distilbert",
            r#""hidden_size": 9"#,
            "hidden_size and dim are the same number, found 9 and 8",
        ),
        (
            "electra",
            r#""embedding_size": 0"#,
            "embedding_size must be a positive number, found 0",
        ),
        (
            "electra",
            r#""hidden_act": "maxout""#,
            "unknown variant `maxout`",
        ),
        (
            "electra",
            r#""is_decoder": true"#,
            "is_decoder and add_cross_attention are not supported",
        ),
        (
            "electra",
            r#""position_embedding_type": "relative_key""#,
            "\"relative_key\" is not supported",
        ),
        (
            "xlm-roberta",
            r#""pad_token_id": 9"#,
            "pad_token_id must be from -1",
        ),
        (
            "camembert",
            r#""num_attention_heads": 3"#,
            "num_attention_heads 3 does not divide hidden_size 8",
        ),
        (
            "mpnet",
            r#""relative_attention_num_buckets": 31"#,
            "relative_attention_num_buckets must be 32 or more, found 31",
        ),
        (
            "mpnet",
            r#""vocab_size": 1"#,
            "vocab_size must be 2 or more, found 1",
        ),
        (
            "mpnet",
            r#""max_position_embeddings": 2"#,
            "max_position_embeddings must be 3 or more, found 2",
        ),
        (
            "mpnet",
            r#""hidden_dropout_prob": -0.1"#,
            "hidden_dropout_prob must be a probability, found -0.1",
        ),
        (
            "albert",
            r#""num_hidden_groups": 0"#,
            "num_hidden_groups must be a positive number, found 0",
        ),
        (
            "albert",
            r#""inner_group_num": -1"#,
            "inner_group_num must be a positive number, found -1",
        ),
        (
            "albert",
            r#""classifier_dropout_prob": 2"#,
            "classifier_dropout_prob must be a probability, found 2",
        ),
        (
            "albert",
            r#""classifier_dropout_prob": null"#,
            "invalid type: null",
        ),
        (
            "deberta-v2",
            r#""pos_att_type": "c2p|p2p""#,
            "pos_att_type \"p2p\" is not supported",
        ),
        (
            "deberta-v2",
            r#""pos_att_type": ["C2P"]"#,
            "pos_att_type \"C2P\" is not supported",
        ),
        (
            "deberta-v2",
            r#""pos_att_type": 3"#,
            "data did not match any variant",
        ),
        (
            "deberta-v2",
            r#""norm_rel_ebd": "batch_norm""#,
            "norm_rel_ebd \"batch_norm\" is not supported",
        ),
        (
            "deberta-v2",
            r#""position_buckets": 1"#,
            "position_buckets must be 2 or more",
        ),
        (
            "deberta-v2",
            r#""conv_kernel_size": 4"#,
            "conv_kernel_size must be odd, or 0, found 4",
        ),
        (
            "deberta-v2",
            r#""conv_act": "maxout""#,
            "unknown variant `maxout`",
        ),
        (
            "deberta-v2",
            r#""num_hidden_layers": 0"#,
            "num_hidden_layers must be a positive number, found 0",
        ),
        (
            "deberta-v2",
            r#""pooler_hidden_size": 9"#,
            "pooler_hidden_size must be 8 here, found 9",
        ),
        (
            "deberta-v2",
            r#""attention_head_size": 2"#,
            "attention_head_size must be 4 here, found 2",
        ),
        (
            "deberta-v2",
            r#""type_vocab_size": -1"#,
            "type_vocab_size must be 0 or more, found -1",
        ),
        (
            "deberta-v2",
            r#""cls_dropout": 1.1"#,
            "cls_dropout must be a probability, found 1.1",
        ),
        (
            "deberta-v2",
            r#""pooler_dropout": -1"#,
            "pooler_dropout must be a probability, found -1",
        ),
        (
            "deberta-v2",
            r#""conv_kernel_size": 3, "conv_groups": 3"#,
            "conv_groups 3 does not divide hidden_size 8",
        ),
        (
            "deberta-v2",
            r#""legacy": false, "embedding_size": 4"#,
            "embedding_size must be hidden_size where legacy is false",
        ),
        (
            "modernbert",
            r#""layer_types": ["full_attention", "window"]"#,
            "layer_types \"window\" is not supported",
        ),
        (
            "modernbert",
            r#""layer_types": ["full_attention", "full_attention"]"#,
            "layer_types names 2 layers, num_hidden_layers is 1",
        ),
        (
            "modernbert",
            r#""rope_parameters": {"full_attention": {"rope_type": "yarn"}}"#,
            "rope_type \"yarn\" of full_attention is not supported",
        ),
        (
            "modernbert",
            r#""rope_parameters": {"sliding_attention": {"type": "linear"}}"#,
            "rope_type \"linear\" of sliding_attention is not supported",
        ),
        (
            "modernbert",
            r#""rope_parameters": {"rope_theta": 100}"#,
            "rope_parameters \"rope_theta\" is not supported",
        ),
        (
            "modernbert",
            r#""rope_parameters": {"full_attention": {"rope_theta": 0}}"#,
            "rope_theta of full_attention must be above 0, found 0",
        ),
        (
            "modernbert",
            r#""rope_parameters": {"full_attention": 3}"#,
            "full_attention must be an object, found 3",
        ),
        (
            "modernbert",
            r#""rope_scaling": {"type": "dynamic", "factor": 2.0}"#,
            "rope_type \"dynamic\" of full_attention is not supported",
        ),
        (
            "modernbert",
            r#""local_rope_theta": -1"#,
            "rope_theta of sliding_attention must be above 0, found -1",
        ),
        (
            "modernbert",
            r#""global_attn_every_n_layers": 0"#,
            "global_attn_every_n_layers must be a positive number, found 0",
        ),
        (
            "modernbert",
            r#""local_attention": 0"#,
            "local_attention must be a positive number, found 0",
        ),
        (
            "modernbert",
            r#""classifier_pooling": "max""#,
            "unknown variant `max`",
        ),
        (
            "modernbert",
            r#""hidden_activation": "maxout""#,
            "unknown variant `maxout`",
        ),
        (
            "modernbert",
            r#""mlp_dropout": 1.5"#,
            "mlp_dropout must be a probability, found 1.5",
        ),
        (
            "modernbert",
            r#""initializer_range": 0"#,
            "initializer_range must be above 0, found 0",
        ),
        (
            "modernbert",
            r#""initializer_cutoff_factor": -2"#,
            "initializer_cutoff_factor must be above 0, found -2",
        ),
        (
            "modernbert",
            r#""num_attention_heads": 8"#,
            "divides hidden_size 8 into odd numbers",
        ),
        (
            "modernbert",
            r#""num_hidden_layers": 0"#,
            "num_hidden_layers must be a positive number, found 0",
        ),
        (
            "modernbert",
            r#""pad_token_id": 50283"#,
            "pad_token_id 50283 is outside the vocabulary of 20",
        ),
    ] {
        made(&tiny(model_type, ""), ModelOptions::new()).unwrap_or_else(|error| panic!("{error}"));
        // The last of two keys of one name counts.
        let message = made(
            &tiny(model_type, &format!(", {wrong}")),
            ModelOptions::new(),
        );
        let message = message
            .err()
            .unwrap_or_else(|| panic!("{model_type} takes {wrong}"));
        assert!(message.to_string().contains(expected), "{message}");
    }
}

#[test]
fn options_set_what_the_family_calls_so() {
    let _alone = generator();
    let options = || {
        ModelOptions::new()
            .hidden_dropout_prob(0.3)
            .classifier_dropout(0.4)
    };
    for (model_type, hidden, classifier) in [
        ("bert", "hidden_dropout_prob", "classifier_dropout"),
        ("distilbert", "dropout", "seq_classif_dropout"),
        ("electra", "hidden_dropout_prob", "classifier_dropout"),
        ("xlm-roberta", "hidden_dropout_prob", "classifier_dropout"),
        ("albert", "hidden_dropout_prob", "classifier_dropout_prob"),
        ("deberta-v2", "hidden_dropout_prob", "cls_dropout"),
    ] {
        let model = made(&tiny(model_type, ""), options()).unwrap();
        let config = model.config().unwrap();
        assert_eq!(config.get(hidden).unwrap(), 0.3, "{model_type}");
        assert_eq!(config.get(classifier).unwrap(), 0.4, "{model_type}");
    }
    for (model_type, expected) in [
        ("mpnet", "mpnet has no classifier_dropout"),
        ("modernbert", "modernbert has no hidden_dropout_prob"),
    ] {
        let message = made(&tiny(model_type, ""), options()).err().unwrap();
        assert!(message.to_string().contains(expected), "{message}");
    }
    let options = ModelOptions::new()
        .attention_probs_dropout_prob(0.3)
        .classifier_dropout(0.4);
    let model = made(&tiny("modernbert", ""), options).unwrap();
    let config = model.config().unwrap();
    assert_eq!(config.get("attention_dropout").unwrap(), 0.3);
    assert_eq!(config.get("classifier_dropout").unwrap(), 0.4);
}

#[test]
fn distilbert_reads_berts_names_too() {
    let _alone = generator();
    let json = r#"{"model_type": "distilbert", "vocab_size": 20, "hidden_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 2, "hidden_dim": 12}"#;
    let model = made(json, ModelOptions::new()).unwrap();
    let weight = &model.parameters().get("classifier.weight").unwrap().tensor;
    assert_eq!(weight.size(), [2, 8]);
    assert_eq!(model.config().unwrap().get("dim").unwrap(), 8);
}

#[test]
fn answers_need_two_outputs_and_places_that_are_whole_numbers() {
    let _alone = generator();
    let config = || PretrainedConfig::from_json(&tiny("bert", ""), "config.json").unwrap();
    let made = |options| AutoModelForQuestionAnswering::from_config(config(), options);
    let message = made(num_labels(3)).err().unwrap().to_string();
    assert!(message.contains("num_labels is 3"), "{message}");
    let model = made(ModelOptions::new()).unwrap();
    assert_eq!(model.label_names(), ["start_positions", "end_positions"]);
    let places = |end: Tensor| {
        let mut labels = Batch::new();
        labels.insert("start_positions", Tensor::from_slice(&[1_i64, 2]));
        labels.insert("end_positions", end);
        labels
    };
    model
        .validate_labels(&places(Tensor::from_slice(&[-1_i64, 99])))
        .unwrap();
    for wrong in [
        Tensor::from_slice(&[1.5, 2.0]),
        Tensor::from_slice2(&[[1_i64, 2], [3, 4]]),
    ] {
        let message = model
            .validate_labels(&places(wrong))
            .unwrap_err()
            .to_string();
        assert!(message.contains("end_positions"), "{message}");
    }
}

#[test]
fn choices_of_another_form_are_refused() {
    let _alone = generator();
    let made = |json: &str| {
        let config = PretrainedConfig::from_json(json, "config.json").unwrap();
        AutoModelForMultipleChoice::from_config(config, ModelOptions::new())
    };
    let model = made(&tiny("bert", "")).unwrap();
    let refusal = |ids: Tensor, mask: Tensor, labels: Tensor| {
        let mut batch = Batch::new();
        batch.insert("input_ids", ids);
        batch.insert("attention_mask", mask);
        batch.insert("labels", labels);
        model
            .prepare(batch, Compute::Reference)
            .unwrap_err()
            .to_string()
    };
    let ids = |shape: &[i64]| Tensor::full(shape, 3, (Kind::Int64, Device::Cpu));
    let label = |number: i64| Tensor::from_slice(&[number]);
    for (message, expected) in [
        (
            refusal(ids(&[1, 4]), ids(&[1, 4]), label(0)),
            "[batch, choices, length]",
        ),
        (
            refusal(ids(&[1, 2, 4]), ids(&[1, 3, 4]), label(0)),
            "attention_mask [1, 3, 4]",
        ),
        (refusal(ids(&[1, 2, 4]), ids(&[1, 2, 4]), label(2)), "2"),
        (
            refusal(ids(&[1, 0, 4]), ids(&[1, 0, 4]), label(0)),
            "[1, 0, 4]",
        ),
    ] {
        assert!(message.contains(expected), "{message}");
    }
    let mut labels = Batch::new();
    labels.insert("labels", label(-1));
    model.validate_labels(&labels).unwrap_err();
    for (key, value) in [
        ("summary_type", r#""mean""#),
        ("summary_use_proj", "false"),
        ("summary_activation", "null"),
        ("summary_first_dropout", "0.1"),
    ] {
        let message = made(&tiny("electra", &format!(r#", "{key}": {value}"#)));
        let message = message.err().unwrap().to_string();
        assert!(
            message.contains(&format!("{key} {value} is not supported")),
            "{message}"
        );
    }
}
