//! `Compute::Fast` gives what `Compute::Reference` gives in float64, to the rounding of float32: outputs, loss and every gradient.

use crate::small_families::{LONGEST, VOCABULARY, configs, sizes};
use crate::support::{bits, generator};
use proptest::prelude::*;
use tch::{Kind, Tensor};
use trainer_collate::Batch;
use trainer_models::bert::BertConfig;
use trainer_models::{
    AutoModel, AutoModelForMaskedLM, AutoModelForMultipleChoice, AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification, AutoModelForTokenClassification, Compute, Layout, Mode,
    Model, ModelOptions, ModelOutput, PretrainedConfig, num_labels,
};

/// Whether labels are one a row or one a token.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Labels {
    None,
    Rows,
    Tokens,
    Answers,
}

/// A batch of rows of these lengths, padded on the right to `width`.
fn batch(lengths: &[i64], width: i64, labels: Labels, seed: i64) -> Batch {
    let rows = lengths.len() as i64;
    tch::manual_seed(seed);
    let integers = (Kind::Int64, tch::Device::Cpu);
    let ids = Tensor::randint_low(5, VOCABULARY, [rows, width], integers);
    let columns = Tensor::arange(width, integers).unsqueeze(0);
    let mask = columns
        .lt_tensor(&Tensor::from_slice(lengths).unsqueeze(1))
        .to_kind(Kind::Int64);
    let mut batch = Batch::new();
    batch.insert("input_ids", &ids * &mask);
    batch.insert("token_type_ids", ids.remainder(2) * &mask);
    match labels {
        Labels::None => {}
        Labels::Rows => batch.insert("labels", ids.select(1, 0).remainder(3)),
        Labels::Tokens => {
            let labels = ids.remainder(3).masked_fill(&mask.eq(0), -100);
            batch.insert("labels", labels);
        }
        Labels::Answers => {
            let columns = ids.narrow(1, 0, 1).remainder(width).squeeze_dim(1);
            batch.insert("start_positions", columns.shallow_clone());
            // Some behind the row, where they do not count; the first does.
            let ends = &columns + ids.select(1, 0).remainder(3);
            ends.get(0).copy_(&columns.get(0));
            batch.insert("end_positions", ends);
        }
    }
    batch.insert("attention_mask", mask);
    batch
}

fn gradients(model: &dyn Model) -> Vec<Tensor> {
    let weights = model.parameters().iter();
    weights
        .map(|entry| {
            let mut tensor = entry.tensor.shallow_clone();
            let gradient = tensor.grad();
            let copy = if gradient.defined() {
                gradient.copy()
            } else {
                tensor.zeros_like()
            };
            tensor.zero_grad();
            copy
        })
        .collect()
}

fn run(model: &dyn Model, batch: &Batch, compute: Compute) -> (ModelOutput, Vec<Tensor>) {
    let prepared = model.prepare(batch.shallow_clone(), compute).unwrap();
    let output = model.forward(&prepared, Mode::Train).unwrap();
    if let Some(loss) = &output.loss {
        loss.backward();
    }
    (output, gradients(model))
}

/// What `Compute::Reference` gives in float64: in float32 it has a rounding of its own, which adds up where much cancels.
fn run_in_float64(model: &dyn Model, batch: &Batch) -> (ModelOutput, Vec<Tensor>) {
    let convert = |kind| {
        for entry in model.parameters() {
            let mut weight = entry.tensor.shallow_clone();
            weight.set_data(&weight.detach().to_kind(kind));
        }
    };
    convert(Kind::Double);
    let result = run(model, batch, Compute::Reference);
    convert(Kind::Float);
    result
}

/// The largest distance, relative to the largest number, or to 1 where all are less: the terms of these sums are about so
/// large, and what is left when they cancel carries the rounding of all of them.
fn apart(one: &Tensor, other: &Tensor) -> f64 {
    let distance = (one - other).abs().max().double_value(&[]);
    distance / other.abs().max().double_value(&[]).max(1.0)
}

/// The distance of each gradient, relative to the largest number in any of them, with its name.
fn gradients_apart(
    model: &dyn Model,
    gradients: &[Tensor],
    expected: &[Tensor],
) -> Vec<(String, f64)> {
    let largest = expected
        .iter()
        .map(|gradient| gradient.abs().max().double_value(&[]));
    let largest = largest.fold(1e-6, f64::max);
    let found = model
        .parameters()
        .iter()
        .zip(gradients.iter().zip(expected));
    found
        .map(|(entry, (found, expected))| {
            let distance = (found - expected).abs().max().double_value(&[]);
            (format!("gradient of {}", entry.name), distance / largest)
        })
        .collect()
}

/// The distances of outputs, loss and gradients.
fn all_apart(
    model: &dyn Model,
    (found, gradients): &(ModelOutput, Vec<Tensor>),
    (exact, expected): &(ModelOutput, Vec<Tensor>),
    kept: &Tensor,
) -> Vec<(String, f64)> {
    let outputs = exact.outputs.iter().map(|(name, wanted)| {
        let found = found.outputs.require(name).unwrap();
        (name.to_owned(), apart(&(found * kept), &(wanted * kept)))
    });
    let losses = found.loss.iter().zip(&exact.loss);
    let loss = losses.map(|(found, wanted)| ("loss".to_owned(), apart(found, wanted)));
    let mut distances: Vec<_> = outputs.chain(loss).collect();
    distances.extend(gradients_apart(model, gradients, expected));
    distances
}

fn assert_near(distances: &[(String, f64)], bound: f64) {
    for (name, distance) in distances {
        assert!(*distance < bound, "{name}: {distance:e}, not {bound:e}");
    }
}

/// Within 1e-5 of float64; in the few models so badly conditioned that float32 alone loses about as much, within 16 times what
/// the reference loses.
fn assert_equal(model: &dyn Model, batch: &Batch, kept: &Tensor) {
    let fast = run(model, batch, Compute::Fast);
    let exact = run_in_float64(model, batch);
    let distances = all_apart(model, &fast, &exact, kept);
    let mut bound = 1e-5;
    if distances.iter().any(|(_, distance)| *distance >= bound) {
        let reference = run(model, batch, Compute::Reference);
        let lost = all_apart(model, &reference, &exact, kept);
        bound = lost
            .iter()
            .map(|(_, lost)| 16.0 * lost)
            .fold(bound, f64::max);
    }
    assert_near(&distances, bound);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sequences_of_every_length(
        lengths in prop::collection::vec(1..=LONGEST, 1..6),
        more in 0..3_i64,
        labelled in any::<bool>(),
        seed in 0..1000_i64,
    ) {
        let _alone = generator();
        let width = (lengths.iter().max().unwrap() + more).min(LONGEST);
        let labels = if labelled { Labels::Rows } else { Labels::None };
        let batch = batch(&lengths, width, labels, seed);
        for config in configs() {
            let model = AutoModelForSequenceClassification::from_config(config, num_labels(3)).unwrap();
            assert_equal(&model, &batch, &Tensor::from(1.0_f32));
        }
    }

    #[test]
    fn tokens_of_every_length(
        lengths in prop::collection::vec(1..=LONGEST, 1..6),
        labelled in any::<bool>(),
        seed in 0..1000_i64,
    ) {
        let _alone = generator();
        let width = *lengths.iter().max().unwrap();
        let labels = if labelled { Labels::Tokens } else { Labels::None };
        let batch = batch(&lengths, width, labels, seed);
        // Scores of padding are nobody's.
        let kept = batch.require("attention_mask").unwrap().unsqueeze(-1).shallow_clone();
        for config in configs() {
            let model =
                AutoModelForTokenClassification::from_config(config.clone(), num_labels(3)).unwrap();
            assert_equal(&model, &batch, &kept);
            let model = AutoModelForMaskedLM::from_config(config, ModelOptions::new()).unwrap();
            assert_equal(&model, &batch, &kept);
        }
    }

    #[test]
    fn answers_of_every_length(
        lengths in prop::collection::vec(1..=LONGEST, 3..6),
        more in 1..4_i64,
        seed in 0..1000_i64,
    ) {
        let _alone = generator();
        let width = (lengths.iter().max().unwrap() + more).min(LONGEST);
        let batch = batch(&lengths, width, Labels::Answers, seed);
        for config in configs() {
            let model =
                AutoModelForQuestionAnswering::from_config(config, ModelOptions::new()).unwrap();
            assert_equal(&model, &batch, &Tensor::from(1.0_f32));
        }
    }
}

/// A seventh of the tokens count, at least one.
fn few_labels(batch: &mut Batch) {
    let ids = batch.require("input_ids").unwrap();
    let mut counts = ids.remainder(7).eq(0);
    let mut first = counts.narrow(0, 0, 1).narrow(1, 0, 1);
    let _ = first.fill_(1);
    let padding = batch.require("attention_mask").unwrap().eq(0);
    let uncounted = counts.logical_not_().logical_or(&padding);
    let labels = ids.remainder(3).masked_fill(&uncounted, -100);
    batch.insert("labels", labels);
}

#[test]
fn a_loss_alone_reads_no_more_than_the_tokens_that_count() {
    let _alone = generator();
    for config in configs() {
        let kind = config.model_type().unwrap().to_owned();
        let words = AutoModelForMaskedLM::from_config(config.clone(), ModelOptions::new()).unwrap();
        let tokens = AutoModelForTokenClassification::from_config(config, num_labels(3)).unwrap();
        for model in [words, tokens] {
            let mut batch = batch(&[LONGEST, 1, 5, 7], LONGEST, Labels::None, 5);
            few_labels(&mut batch);
            let (reference, expected) = run_in_float64(&model, &batch);
            let prepared = model.prepare(batch.shallow_clone(), Compute::Fast).unwrap();
            let output = model
                .forward(&prepared.for_loss_alone(), Mode::Train)
                .unwrap();
            assert!(output.outputs.is_empty(), "{kind}");
            let loss = output.loss.unwrap();
            assert!(apart(&loss, &reference.loss.unwrap()) < 1e-5);
            loss.backward();
            assert_near(
                &gradients_apart(&model, &gradients(&model), &expected),
                1e-5,
            );

            // Most tokens count, or none: there is nothing to choose.
            let padding = batch.require("attention_mask").unwrap().eq(0);
            let labels = batch.require("input_ids").unwrap().remainder(3);
            let all = labels.masked_fill(&padding, -100);
            for labels in [all, labels.full_like(-100)] {
                batch.insert("labels", labels);
                let prepared = model.prepare(batch.shallow_clone(), Compute::Fast).unwrap();
                let output = model.forward(&prepared.for_loss_alone(), Mode::Eval);
                assert!(output.unwrap().logits().is_ok(), "{kind}");
            }
        }
    }
}

/// Rows of this many choices each.
fn choices(lengths: &[i64], width: i64, number: i64) -> Batch {
    let flat = batch(lengths, width, Labels::None, 1);
    let mut batch = Batch::new();
    for (name, tensor) in flat.iter() {
        batch.insert(name, tensor.view([-1, number, width]));
    }
    let rows = lengths.len() as i64 / number;
    let labels = Tensor::arange(rows, (Kind::Int64, tch::Device::Cpu));
    batch.insert("labels", labels.remainder(number));
    batch
}

#[test]
fn choices_are_scored_without_padding() {
    let _alone = generator();
    for config in configs() {
        let model = AutoModelForMultipleChoice::from_config(config, ModelOptions::new()).unwrap();
        let batch = choices(&[2, 5, 3, 1, 4, 6], 6, 3);
        let prepared = model.prepare(batch.shallow_clone(), Compute::Fast).unwrap();
        let layout = prepared.pass(Mode::Eval).layout;
        assert!(matches!(layout, Layout::Packed(_)));
        let output = model.forward(&prepared, Mode::Eval).unwrap();
        assert_eq!(output.logits().unwrap().size(), [2, 3]);
        assert_equal(&model, &batch, &Tensor::from(1.0_f32));
    }
}

/// Whose attention looks past padding that stays behind a row.
fn takes_packed_padding(config: &PretrainedConfig) -> bool {
    let others = ["deberta-v2", "modernbert", "mpnet"];
    !others.contains(&config.model_type().unwrap())
}

#[test]
fn answers_are_looked_for_without_padding_but_learned_with_it() {
    let _alone = generator();
    for config in configs() {
        let packs_padding = takes_packed_padding(&config);
        let model =
            AutoModelForQuestionAnswering::from_config(config, ModelOptions::new()).unwrap();
        let form = |batch: &Batch| {
            let prepared = model.prepare(batch.shallow_clone(), Compute::Fast).unwrap();
            let ids = prepared.inputs().require("input_ids").unwrap().size();
            let packed = matches!(prepared.pass(Mode::Eval).layout, Layout::Packed(_));
            (packed, ids)
        };
        let unlabelled = batch(&[2, 5, 3], 6, Labels::None, 0);
        assert_eq!(form(&unlabelled), (true, vec![10]));
        let kept = unlabelled.require("attention_mask").unwrap();
        assert_equal(&model, &unlabelled, kept);
        let prepared = model.prepare(unlabelled.shallow_clone(), Compute::Fast);
        let output = model.forward(&prepared.unwrap(), Mode::Eval).unwrap();
        let ends = output.outputs.require("end_logits").unwrap();
        let padding = ends.masked_select(&kept.eq(0));
        assert_eq!(padding.max().double_value(&[]), f64::from(f32::MIN));

        let everywhere = Tensor::from(1.0_f32);
        let labelled = batch(&[2, 5, 3], 6, Labels::Answers, 0);
        let size = if packs_padding { vec![18] } else { vec![3, 6] };
        assert_eq!(form(&labelled), (packs_padding, size));
        assert_equal(&model, &labelled, &everywhere);
        // Nothing to keep.
        let whole = batch(&[4, 4], 4, Labels::Answers, 0);
        assert_eq!(form(&whole), (true, vec![8]));
        assert_equal(&model, &whole, &everywhere);
        // Padding in front of a token.
        let mut split = labelled.shallow_clone();
        let mask = labelled.require("attention_mask").unwrap().copy();
        let _ = mask.get(0).get(4).fill_(1);
        split.insert("attention_mask", mask);
        assert_eq!(form(&split), (false, vec![3, 6]));
        assert_equal(&model, &split, &everywhere);
    }
}

#[test]
fn padding_is_taken_out_where_nobody_reads_it() {
    let _alone = generator();
    let model = AutoModelForTokenClassification::from_config(sizes(), num_labels(3)).unwrap();
    let tokens = |batch: Batch| {
        let prepared = model.prepare(batch, Compute::Fast).unwrap();
        let packed = matches!(prepared.pass(Mode::Eval).layout, Layout::Packed(_));
        (
            packed,
            prepared.inputs().require("input_ids").unwrap().size(),
        )
    };
    let padded = || batch(&[2, 4, 1], 4, Labels::Tokens, 0);
    assert_eq!(tokens(padded()), (true, vec![7]));
    // Nothing to take out, with a mask or without.
    assert_eq!(
        tokens(batch(&[4, 4], 4, Labels::Tokens, 0)),
        (true, vec![8])
    );
    let mut unmasked = batch(&[1], 1, Labels::None, 0);
    unmasked.remove("attention_mask");
    assert_eq!(tokens(unmasked), (true, vec![1]));
    // The first token is masked, and heads read it.
    let mut left = padded();
    left.insert(
        "attention_mask",
        padded().require("attention_mask").unwrap().flip([1]),
    );
    assert_eq!(tokens(left), (false, vec![3, 4]));
    // A token that counts behind the mask.
    let mut labelled = padded();
    labelled.insert(
        "labels",
        Tensor::zeros([3, 4], (Kind::Int64, tch::Device::Cpu)),
    );
    assert_eq!(tokens(labelled), (true, vec![12]));
    // A row of nothing but padding.
    let mut empty = padded();
    let mask =
        padded().require("attention_mask").unwrap() * Tensor::from_slice2(&[[1_i64], [0], [1]]);
    empty.insert("attention_mask", mask);
    assert_eq!(tokens(empty), (false, vec![3, 4]));
}

#[test]
fn tokens_masked_in_the_middle_keep_their_places() {
    let _alone = generator();
    for config in configs() {
        let model = AutoModelForSequenceClassification::from_config(config, num_labels(3)).unwrap();
        let mut batch = batch(&[5, 5], 5, Labels::Rows, 3);
        batch.insert(
            "attention_mask",
            Tensor::from_slice2(&[[1_i64, 0, 1, 1, 0], [1, 1, 0, 0, 1]]),
        );
        let prepared = model.prepare(batch.shallow_clone(), Compute::Fast).unwrap();
        assert!(matches!(
            prepared.pass(Mode::Eval).layout,
            Layout::Packed(_)
        ));
        assert_equal(&model, &batch, &Tensor::from(1.0_f32));
    }
}

#[test]
fn a_base_model_gives_the_states_of_tokens_alone() {
    let _alone = generator();
    let model = AutoModel::from_config(sizes(), ModelOptions::new()).unwrap();
    let batch = batch(&[3, 1], 3, Labels::None, 0);
    let states = |compute| {
        let prepared = model.prepare(batch.shallow_clone(), compute).unwrap();
        model
            .forward(&prepared, Mode::Eval)
            .unwrap()
            .last_hidden_state
    };
    let (padded, packed) = (states(Compute::Reference), states(Compute::Fast));
    assert_eq!(packed.size(), [4, 20]);
    assert!(apart(&packed.narrow(0, 0, 3), &padded.get(0)) < 1e-5);
    assert!(apart(&packed.get(3), &padded.get(1).get(0)) < 1e-5);
}

#[test]
fn dropout_drops_in_training_and_follows_the_seed() {
    let _alone = generator();
    let config = BertConfig {
        hidden_dropout_prob: 0.5,
        ..sizes()
    };
    let model = AutoModelForSequenceClassification::from_config(config, num_labels(3)).unwrap();
    let batch = batch(&[2, 5], 5, Labels::None, 0);
    let logits = |mode, seed| {
        tch::manual_seed(seed);
        let prepared = model.prepare(batch.shallow_clone(), Compute::Fast).unwrap();
        bits(model.forward(&prepared, mode).unwrap().logits().unwrap())
    };
    assert_eq!(logits(Mode::Train, 1), logits(Mode::Train, 1));
    assert_ne!(logits(Mode::Train, 1), logits(Mode::Train, 2));
    assert_eq!(logits(Mode::Eval, 1), logits(Mode::Eval, 2));
}

/// Layers that are computed again in the backward pass, with what they dropped.
#[test]
fn gradient_checkpointing_changes_no_bit() {
    let _alone = generator();
    for mut config in configs() {
        let architecture = config.model_type().unwrap().to_owned();
        let options = num_labels(3).attention_probs_dropout_prob(0.2);
        let options = match architecture.as_str() {
            "modernbert" => {
                config.set("mlp_dropout", 0.2);
                options
            }
            _ => options.hidden_dropout_prob(0.2),
        };
        let mut model = AutoModelForSequenceClassification::from_config(config, options).unwrap();
        let batch = batch(&[3, 1, 9, 6], 9, Labels::Rows, 4);
        let both = |model: &dyn Model| {
            Compute::ALL.map(|compute| {
                tch::manual_seed(8);
                let (output, gradients) = run(model, &batch, compute);
                (output.loss.unwrap().double_value(&[]), gradients)
            })
        };
        let kept = both(&*model);
        model.gradient_checkpointing_enable().unwrap();
        for (compute, (found, kept)) in Compute::ALL.iter().zip(both(&*model).iter().zip(&kept)) {
            assert_eq!(found.0, kept.0, "{architecture} {compute}");
            let weights = model.parameters().iter();
            for (entry, (found, kept)) in weights.zip(found.1.iter().zip(&kept.1)) {
                assert!(found.equal(kept), "{architecture} {compute} {}", entry.name);
            }
        }
    }
}
