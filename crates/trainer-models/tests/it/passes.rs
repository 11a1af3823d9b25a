//! What a forward pass does beside the numbers: dropout, padding, refusals, counts.

use crate::support::{assert_same_bits, bits, fixture, generator, run};
use tch::{Kind, Tensor};
use trainer_collate::Batch;
use trainer_models::{
    AutoModel, AutoModelForSequenceClassification, Compute, Error, Layout, Mode, Model,
    ModelOptions, ProblemType,
};

fn tiny(options: ModelOptions) -> Box<dyn Model> {
    AutoModelForSequenceClassification::from_pretrained(&fixture("tiny_bert_3"), options).unwrap()
}

fn batch(ids: &[[i64; 4]], mask: Option<&[[i64; 4]]>) -> Batch {
    let mut batch = Batch::new();
    batch.insert("input_ids", Tensor::from_slice2(ids));
    if let Some(mask) = mask {
        batch.insert("attention_mask", Tensor::from_slice2(mask));
    }
    batch
}

fn with(mut batch: Batch, name: &str, tensor: Tensor) -> Batch {
    batch.insert(name, tensor);
    batch
}

fn logits(model: &dyn Model, batch: &Batch, mode: Mode) -> Tensor {
    run(model, batch, mode)
        .unwrap()
        .logits()
        .unwrap()
        .shallow_clone()
}

#[test]
fn every_dropout_drops_in_training_and_none_in_evaluation() {
    let _alone = generator();
    let batch = batch(&[[2, 5, 7, 3], [2, 9, 8, 3]], None);
    for options in [
        ModelOptions::new()
            .hidden_dropout_prob(0.5)
            .classifier_dropout(0.0),
        ModelOptions::new().attention_probs_dropout_prob(0.5),
        ModelOptions::new().classifier_dropout(0.5),
    ] {
        let model = tiny(options.clone());
        let plain = logits(tiny(ModelOptions::new()).as_ref(), &batch, Mode::Eval);
        assert_same_bits(
            "evaluation",
            &logits(model.as_ref(), &batch, Mode::Eval),
            &plain,
        );
        tch::manual_seed(1);
        let first = bits(&logits(model.as_ref(), &batch, Mode::Train));
        let second = bits(&logits(model.as_ref(), &batch, Mode::Train));
        tch::manual_seed(1);
        let again = bits(&logits(model.as_ref(), &batch, Mode::Train));
        assert_ne!(first, bits(&plain), "{options:?}");
        assert_ne!(first, second, "{options:?}");
        assert_eq!(first, again, "{options:?}");
    }
}

#[test]
fn padding_changes_nothing_and_a_full_mask_is_no_mask() {
    let model = tiny(ModelOptions::new());
    let short = with(
        Batch::new(),
        "input_ids",
        Tensor::from_slice2(&[[2_i64, 5, 3]]),
    );
    let padded = batch(&[[2, 5, 3, 0]], Some(&[[1, 1, 1, 0]]));
    let difference =
        logits(model.as_ref(), &short, Mode::Eval) - logits(model.as_ref(), &padded, Mode::Eval);
    assert!(difference.abs().max().double_value(&[]) < 1e-5);

    let full = batch(&[[2, 5, 7, 3]], Some(&[[1, 1, 1, 1]]));
    let none = batch(&[[2, 5, 7, 3]], None);
    assert_same_bits(
        "full mask",
        &logits(model.as_ref(), &full, Mode::Eval),
        &logits(model.as_ref(), &none, Mode::Eval),
    );
    let masked = |batch| {
        let prepared = model.prepare(batch, Compute::Reference).unwrap();
        let layout = prepared.pass(Mode::Eval).layout;
        matches!(layout, Layout::Padded { mask } if mask.is_some())
    };
    assert!(!masked(full));
    assert!(masked(padded));
}

#[test]
fn absent_segments_and_positions_are_zeros_and_counts() {
    let model = tiny(ModelOptions::new());
    let plain = batch(&[[2, 5, 7, 3]], None);
    let said = with(
        batch(&[[2, 5, 7, 3]], None),
        "token_type_ids",
        Tensor::from_slice2(&[[0_i64; 4]]),
    );
    let said = with(
        said,
        "position_ids",
        Tensor::from_slice2(&[[0_i64, 1, 2, 3]]),
    );
    let expected = logits(model.as_ref(), &plain, Mode::Eval);
    assert_same_bits(
        "said",
        &logits(model.as_ref(), &said, Mode::Eval),
        &expected,
    );
    let moved = with(
        plain,
        "position_ids",
        Tensor::from_slice2(&[[3_i64, 2, 1, 0]]),
    );
    assert_ne!(
        bits(&logits(model.as_ref(), &moved, Mode::Eval)),
        bits(&expected)
    );

    let words = &model
        .parameters()
        .get("bert.embeddings.word_embeddings.weight")
        .unwrap()
        .tensor;
    let vectors = words
        .detach()
        .index_select(0, &Tensor::from_slice(&[2_i64, 5, 7, 3]))
        .unsqueeze(0);
    let vectors = with(Batch::new(), "inputs_embeds", vectors);
    assert_same_bits(
        "inputs_embeds",
        &logits(model.as_ref(), &vectors, Mode::Eval),
        &expected,
    );
}

#[test]
fn padding_has_no_gradient() {
    let model = tiny(ModelOptions::new());
    let batch = with(
        batch(&[[2, 5, 3, 0]], Some(&[[1, 1, 1, 0]])),
        "labels",
        Tensor::from_slice(&[1_i64]),
    );
    run(&model, &batch, Mode::Train)
        .unwrap()
        .loss
        .unwrap()
        .backward();
    let words = model
        .parameters()
        .get("bert.embeddings.word_embeddings.weight")
        .unwrap()
        .tensor
        .grad();
    assert_eq!(words.get(0).abs().sum(Kind::Float).double_value(&[]), 0.0);
    assert!(words.get(5).abs().sum(Kind::Float).double_value(&[]) > 0.0);
}

#[test]
fn what_the_network_cannot_take_is_refused_by_name() {
    let model = tiny(ModelOptions::new());
    let ids = [[2_i64, 5, 7, 3]];
    for (batch, expected) in [
        (
            Batch::new(),
            "input_ids: expected them or inputs_embeds, found neither",
        ),
        (
            with(Batch::new(), "input_ids", Tensor::from_slice(&[1_i64])),
            "input_ids: expected [batch, length]",
        ),
        (
            with(
                Batch::new(),
                "input_ids",
                Tensor::from_slice2(&[[1_i64; 11]]),
            ),
            "at most 10 tokens a row (max_position_embeddings), found 11",
        ),
        (
            with(
                batch(&ids, None),
                "attention_mask",
                Tensor::from_slice2(&[[1_i64; 3]]),
            ),
            "attention_mask: expected [1, 4], found [1, 3]",
        ),
        (
            with(batch(&ids, None), "labels", Tensor::from_slice(&[1.0_f32])),
            "the labels are float32 of shape [rows], and problem_type \"multi_label_classification\", which these labels decide, of \
             a model with 3 outputs takes a list of 0.0 and 1.0 a row",
        ),
        (
            with(batch(&ids, None), "labels", Tensor::from_slice(&[3_i64])),
            "labels[0] is 3, outside 0..3",
        ),
    ] {
        let error = run(&tiny(ModelOptions::new()), &batch, Mode::Eval).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    for (name, value, expected) in [
        (
            "input_ids",
            20_i64,
            "input_ids: expected numbers in 0..20, found 20",
        ),
        (
            "input_ids",
            -1,
            "input_ids: expected numbers in 0..20, found -1",
        ),
        (
            "token_type_ids",
            2,
            "token_type_ids: expected numbers in 0..2, found 2",
        ),
        (
            "position_ids",
            10,
            "position_ids: expected numbers in 0..10, found 10",
        ),
    ] {
        let batch = with(
            batch(&ids, None),
            name,
            Tensor::from_slice2(&[[0, value, 1, 1]]),
        );
        let error = run(&model, &batch, Mode::Eval).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn labels_outside_the_classes_are_named_before_the_kernel_runs() {
    let model = tiny(ModelOptions::new());
    let labels = |values: &[i64]| {
        with(
            batch(&[[2, 5, 7, 3]; 3], None),
            "labels",
            Tensor::from_slice(values),
        )
    };
    model.validate_labels(&labels(&[0, 2, -100])).unwrap();
    run(&model, &labels(&[0, 2, -100]), Mode::Eval).unwrap();
    let error = model.validate_labels(&labels(&[0, -1, 5])).unwrap_err();
    assert!(
        matches!(
            error,
            Error::LabelOutOfRange {
                row: 1,
                value: -1,
                num_labels: 3
            }
        ),
        "{error}"
    );
    // Not a class number in these: nothing to check.
    let model = tiny(ModelOptions::new().problem_type(ProblemType::Regression));
    let numbers = Tensor::from_slice2(&[[7.5_f32, 8.0, 9.0]; 3]);
    let numbers = with(Batch::new(), "labels", numbers);
    model.validate_labels(&numbers).unwrap();
}

#[test]
fn items_are_what_the_mean_is_over() {
    let of = |problem, labels: Tensor| {
        let model = tiny(ModelOptions::new().problem_type(problem));
        let rows = labels.size()[0] as usize;
        let batch = batch(&vec![[2, 5, 7, 3]; rows], None);
        let prepared = model.prepare(with(batch, "labels", labels), Compute::Reference);
        prepared.unwrap().num_items()
    };
    let scores = Tensor::zeros([4, 3], tch::kind::FLOAT_CPU);
    assert_eq!(
        of(
            ProblemType::SingleLabelClassification,
            Tensor::from_slice(&[0_i64, -100, 2])
        ),
        2
    );
    assert_eq!(of(ProblemType::Regression, scores.shallow_clone()), 4);
    assert_eq!(of(ProblemType::MultiLabelClassification, scores), 4);
    let unlabelled = tiny(ModelOptions::new())
        .prepare(batch(&[[2, 5, 7, 3]], None), Compute::Reference)
        .unwrap();
    assert_eq!(unlabelled.num_items(), 0);
}

#[test]
fn losses_of_parts_weighted_by_items_make_the_loss_of_the_whole() {
    let ids = [
        [2_i64, 5, 7, 3],
        [2, 6, 7, 3],
        [2, 5, 9, 3],
        [2, 5, 7, 8],
        [2, 4, 7, 3],
    ];
    let labels = [0_i64, -100, 2, 1, 1];
    let model = tiny(ModelOptions::new());
    let part = |rows: std::ops::Range<usize>| {
        let batch = with(
            batch(&ids[rows.clone()], None),
            "labels",
            Tensor::from_slice(&labels[rows]),
        );
        let prepared = model.prepare(batch, Compute::Reference).unwrap();
        let loss = model.forward(&prepared, Mode::Eval).unwrap().loss.unwrap();
        let items = prepared.num_items() as f64;
        (loss.double_value(&[]) * items, items)
    };
    let (whole, items) = part(0..5);
    let parts = [part(0..2), part(2..5)];
    assert_eq!(parts.iter().map(|part| part.1).sum::<f64>(), items);
    let sum: f64 = parts.iter().map(|part| part.0).sum();
    assert!((sum - whole).abs() < 1e-5, "{sum} {whole}");
}

#[test]
fn a_base_model_gives_states_for_a_head_of_ones_own() {
    let model = AutoModel::from_pretrained(&fixture("tiny_bert_3"), ModelOptions::new()).unwrap();
    let prepared = model.prepare(batch(&[[2, 5, 7, 3]; 2], None), Compute::Reference);
    let output = model.forward(&prepared.unwrap(), Mode::Eval).unwrap();
    assert_eq!(output.last_hidden_state.size(), [2, 4, 8]);
    let pooled = output.pooler_output.unwrap();
    assert_eq!(pooled.size(), [2, 8]);
    pooled.sum(Kind::Float).backward();
    let first = model.parameters().get("pooler.dense.weight").unwrap();
    assert!(first.tensor.grad().abs().sum(Kind::Float).double_value(&[]) > 0.0);
}

#[test]
fn the_signature_and_the_counts_are_pythons() {
    let model = tiny(ModelOptions::new());
    let expected = [
        "input_ids",
        "attention_mask",
        "token_type_ids",
        "position_ids",
        "inputs_embeds",
        "labels",
    ];
    assert_eq!(model.forward_signature(), expected);
    // As `num_parameters(exclude_embeddings=True)`: the tables are left out, their LayerNorm counts.
    let embeddings: usize = ["word", "position", "token_type"]
        .map(|table| {
            let name = format!("bert.embeddings.{table}_embeddings.weight");
            model.parameters().get(&name).unwrap().tensor.numel()
        })
        .into_iter()
        .sum();
    assert_eq!(
        model.num_non_embedding_elements() + embeddings,
        model.parameters().num_elements(true)
    );
}
