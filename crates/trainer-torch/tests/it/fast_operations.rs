//! The fused operations give what the plain ones of libtorch give, to rounding: outputs and every gradient.

use crate::support::generator;
use proptest::prelude::*;
use tch::{Device, Kind, Tensor};
use trainer_torch::autocast::{HalfKind, autocast};
use trainer_torch::fast::{self, Dropout, Heads, Rows, Table};
use trainer_torch::fused::{self, AdamNumbers, AdamTensors, Scaling};

const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

/// A leaf with numbers from a normal distribution.
fn leaf(size: &[i64]) -> Tensor {
    Tensor::randn(size, FLOAT).set_requires_grad(true)
}

/// The gradients of `output` times fixed numbers, in `leaves`.
fn gradients(output: &Tensor, outer: &Tensor, leaves: &[&Tensor]) -> Vec<Tensor> {
    (output * outer).sum(Kind::Float).backward();
    leaves
        .iter()
        .map(|leaf| {
            let mut leaf = leaf.shallow_clone();
            let gradient = leaf.grad().copy();
            leaf.zero_grad();
            gradient
        })
        .collect()
}

/// Within 1e-5 of the largest number, or of 1: what goes in is of that order, and less is what is left of it.
fn assert_near(name: &str, found: &Tensor, expected: &Tensor) {
    assert_within(name, 1e-5, found, expected);
}

fn assert_within(name: &str, tolerance: f64, found: &Tensor, expected: &Tensor) {
    assert_eq!(found.size(), expected.size(), "{name}");
    let largest = expected.abs().max().double_value(&[]).max(1.0);
    let distance = (found - expected).abs().max().double_value(&[]) / largest;
    assert!(distance < tolerance, "{name}: {distance:e}");
}

/// Compares outputs and gradients of two ways to compute the same.
fn assert_same(leaves: &[&Tensor], fused: impl Fn() -> Tensor, plain: impl Fn() -> Tensor) {
    let (found, expected) = (fused(), plain());
    assert_near("output", &found, &expected);
    let outer = Tensor::randn(expected.size(), FLOAT);
    let found = gradients(&found, &outer, leaves);
    let expected = gradients(&expected, &outer, leaves);
    for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert_near(&format!("gradient {index}"), found, expected);
    }
}

/// Attention of every row alone, by libtorch.
fn plain_attention(queries: &[Tensor], keys: &[Tensor], values: &[Tensor], heads: Heads) -> Tensor {
    let split = |states: &Tensor| {
        let width = states.size()[1] / heads.number;
        states.view([-1, heads.number, width]).transpose(0, 1)
    };
    let rows = queries
        .iter()
        .zip(keys)
        .zip(values)
        .map(|((query, key), value)| {
            let scores = split(query).matmul(&split(key).transpose(1, 2)) * heads.scaling;
            let attended = scores.softmax(-1, Kind::Float).matmul(&split(value));
            attended.transpose(0, 1).reshape([query.size()[0], -1])
        });
    Tensor::cat(&rows.collect::<Vec<_>>(), 0)
}

fn assert_same_linear(rows: i64, inputs: i64, outputs: i64) {
    let _alone = generator();
    let (input, weight) = (leaf(&[rows, inputs]), leaf(&[outputs, inputs]));
    assert_same(
        &[&input, &weight],
        || fast::linear(&input, &[weight.shallow_clone()], None).unwrap(),
        || input.linear(&weight, None::<&Tensor>),
    );
}

/// What linear layers multiply inside autocast: numbers rounded to bfloat16, where the processor gains by it.
fn rounded(tensor: &Tensor) -> Tensor {
    match fast::has_bfloat16_products() {
        true => tensor.detach().to_kind(Kind::BFloat16).to_kind(Kind::Float),
        false => tensor.detach(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    // Only what is multiplied is rounded: sums, biases and GELU are those of float32, forward and backward.
    #[test]
    fn linear_layers_inside_autocast(
        rows in 1i64..150, inputs in prop_oneof![1i64..140, 780i64..900], outputs in prop::collection::vec(1i64..140, 1..4),
        bias: bool, gelu: bool,
    ) {
        let _alone = generator();
        let gelu = gelu && outputs.len() == 1;
        let input = leaf(&[rows, inputs]);
        let weights: Vec<Tensor> = outputs.iter().map(|&outputs| leaf(&[outputs, inputs])).collect();
        let biases: Vec<Tensor> = outputs.iter().map(|&outputs| leaf(&[outputs])).collect();
        let output = autocast(Device::Cpu, HalfKind::BFloat16, || match gelu {
            true => fast::linear_gelu(&input, &weights[0], bias.then_some(&biases[0])),
            false => fast::linear(&input, &weights, bias.then_some(&biases)),
        })
        .unwrap()
        .unwrap();
        let (left, right) = (rounded(&input), rounded(&Tensor::cat(&weights, 0)));
        let sums = left.matmul(&right.tr()).set_requires_grad(true);
        let offset = Tensor::cat(&biases, 0).detach();
        let finished = if bias { &sums + offset } else { sums.shallow_clone() };
        let finished = if gelu { finished.gelu("none") } else { finished };
        assert_near("output", &output, &finished);
        let outer = Tensor::randn(finished.size(), FLOAT);
        let inner = gradients(&finished, &outer, &[&sums]).remove(0);
        let multiplied = rounded(&inner);
        let mut leaves: Vec<&Tensor> = weights.iter().chain([&input]).collect();
        let mut expected = multiplied.tr().matmul(&left).split_with_sizes(&outputs, 0);
        expected.push(multiplied.matmul(&right));
        if bias {
            leaves.extend(&biases);
            expected.extend(inner.sum_dim_intlist([0i64].as_slice(), false, Kind::Float).split_with_sizes(&outputs, 0));
        }
        // GELU's gradients are apart by a rounding, which a few of them then carry over to the next number in bfloat16.
        let tolerance = if gelu { 1e-2 } else { 1e-5 };
        for (index, (found, expected)) in gradients(&output, &outer, &leaves).iter().zip(&expected).enumerate() {
            assert_within(&format!("gradient {index}"), tolerance, found, expected);
        }
    }

    #[test]
    fn linear_layers_side_by_side(
        rows in 1i64..120, inputs in 1i64..70,
        outputs in prop::collection::vec(prop_oneof![3 => 1i64..90, 1 => 780i64..900], 1..4), bias: bool,
    ) {
        let _alone = generator();
        let input = leaf(&[rows, inputs]);
        let weights: Vec<Tensor> = outputs.iter().map(|&outputs| leaf(&[outputs, inputs])).collect();
        let biases: Vec<Tensor> = outputs.iter().map(|&outputs| leaf(&[outputs])).collect();
        let mut leaves: Vec<&Tensor> = weights.iter().chain([&input]).collect();
        if bias {
            leaves.extend(&biases);
        }
        assert_same(
            &leaves,
            || fast::linear(&input, &weights, bias.then_some(&biases)).unwrap(),
            || {
                let parts = weights.iter().zip(&biases);
                let parts = parts.map(|(weight, offset)| input.linear(weight, bias.then_some(offset)));
                Tensor::cat(&parts.collect::<Vec<_>>(), 1)
            },
        );
    }

    // What is computed in pieces of a number has all of its bits: short sums of numbers of many sizes, against float64.
    #[test]
    fn products_have_the_bits_of_float32(
        rows in 1i64..40, inputs in 1i64..50, outputs in 1i64..80, exponent in 0f64..40.0,
    ) {
        let _alone = generator();
        let scattered = |size: [i64; 2]| {
            let exponents = (Tensor::rand(size, FLOAT) * 2.0 - 1.0) * exponent;
            Tensor::randn(size, FLOAT) * exponents.exp2()
        };
        let (input, weight) = (scattered([rows, inputs]), scattered([outputs, inputs]));
        let found = fast::linear(&input, &[weight.shallow_clone()], None).unwrap();
        let (input, weight) = (input.to_kind(Kind::Double), weight.to_kind(Kind::Double).tr());
        let error = (found.to_kind(Kind::Double) - input.matmul(&weight)).abs();
        let error = (error / input.abs().matmul(&weight.abs())).max().double_value(&[]);
        // A sum in float32 may be away by a rounding, 2⁻²⁴, for each number; pieces by a few more.
        let bound = (inputs as f64 + 8.0) * 2f64.powi(-24);
        assert!(error < bound, "{error:e}, not {bound:e}");
    }

    // Sums over more steps than are taken at once.
    #[test]
    fn deep_linear_layers(rows in 1i64..60, inputs in 380i64..1700, outputs in 1i64..80) {
        assert_same_linear(rows, inputs, outputs);
    }

    // The gradient of a weight is such a sum over all tokens.
    #[test]
    fn linear_layers_over_many_tokens(rows in 380i64..2200, inputs in 1i64..40, outputs in 1i64..110) {
        assert_same_linear(rows, inputs, outputs);
    }

    #[test]
    fn a_linear_layer_with_gelu(
        rows in 1i64..60, inputs in prop_oneof![1i64..40, 700i64..900], outputs in 1i64..90, bias: bool,
    ) {
        let _alone = generator();
        let (input, weight, offset) = (leaf(&[rows, inputs]), leaf(&[outputs, inputs]), leaf(&[outputs]));
        // Sums of the order of 1, whatever their length.
        let _ = tch::no_grad(|| weight.shallow_clone().divide_scalar_((inputs as f64).sqrt()));
        let offset = bias.then_some(&offset);
        let mut leaves = vec![&input, &weight];
        leaves.extend(offset);
        assert_same(
            &leaves,
            || fast::linear_gelu(&input, &weight, offset).unwrap(),
            || input.linear(&weight, offset).gelu("none"),
        );
    }

    #[test]
    fn rows_of_tables_added_up(
        tokens in 1i64..100, width in 1i64..200, entries in prop::collection::vec(1i64..40, 1..4), padding: bool,
    ) {
        let _alone = generator();
        let weights: Vec<Tensor> = entries.iter().map(|&entries| leaf(&[entries, width])).collect();
        let ids: Vec<Tensor> =
            entries.iter().map(|&entries| Tensor::randint(entries, [tokens], (Kind::Int64, Device::Cpu))).collect();
        let padding = padding.then_some(0);
        let leaves: Vec<&Tensor> = weights.iter().collect();
        assert_same(
            &leaves,
            || {
                let tables = weights.iter().zip(&ids).map(|(weight, ids)| Table { weight, ids, padding });
                fast::embedding_sum(&tables.collect::<Vec<_>>()).unwrap()
            },
            || {
                let rows = weights.iter().zip(&ids);
                rows.map(|(weight, ids)| Tensor::embedding(weight, ids, padding.unwrap_or(-1), false, false))
                    .reduce(|sum, rows| sum + rows)
                    .unwrap()
            },
        );
    }

    // Zero rows that stay so are passed over: no number may differ for it.
    #[test]
    fn a_step_of_adamw(
        rows in prop::collection::vec(any::<[bool; 2]>(), 1..60), width in 1i64..150, decay: bool, steps in 1u16..6,
    ) {
        let _alone = generator();
        let marks = |which: usize| {
            let marks: Vec<f32> = rows.iter().map(|row| f32::from(u8::from(row[which]))).collect();
            Tensor::from_slice(&marks).view([-1, 1])
        };
        let size = [rows.len() as i64, width];
        let (param, grad) = (Tensor::randn(size, FLOAT), Tensor::randn(size, FLOAT) * marks(0));
        let (first, second) = (Tensor::randn(size, FLOAT) * marks(1), Tensor::rand(size, FLOAT) * marks(1));
        let numbers = AdamNumbers {
            lr: 0.1, beta1: 0.9, beta2: 0.99, weight_decay: if decay { 0.3 } else { 0.0 }, eps: 1e-3, amsgrad: false, maximize: false,
        };
        let run = |step: &dyn Fn(AdamTensors<'_>) -> trainer_torch::Result<()>| {
            let tensors = [&param, &grad, &first, &second].map(|tensor| [tensor.copy()]);
            let [params, grads, exp_avgs, exp_avg_sqs] = &tensors;
            step(AdamTensors {
                params, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs: &[], steps: &[Tensor::from(f32::from(steps))],
            })
            .unwrap();
            tensors.map(|[tensor]| tensor)
        };
        let found = run(&|tensors| fast::adamw_(tensors, numbers));
        let expected = run(&|tensors| fused::adamw_(tensors, numbers, Scaling::default()));
        let names = ["param", "grad", "exp_avg", "exp_avg_sq"];
        for ((name, found), expected) in names.into_iter().zip(&found).zip(&expected) {
            assert_near(name, found, expected);
        }
    }

    #[test]
    fn scaling_has_the_bits_of_a_product(values in prop::collection::vec(prop::num::f32::ANY, 0..300), factor in 0f32..2.0) {
        let tensor = Tensor::from_slice(&values);
        fast::scale_(&[tensor.shallow_clone()], factor).unwrap();
        let bits = |value: f32| if value.is_nan() { f32::NAN.to_bits() } else { value.to_bits() };
        let found: Vec<u32> = Vec::<f32>::try_from(&tensor).unwrap().into_iter().map(bits).collect();
        let expected = values.iter().map(|&value| bits(value * factor));
        prop_assert_eq!(found, expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_norm_of_a_sum(rows in 1i64..100, width in 1i64..200) {
        let _alone = generator();
        let (input, residual) = (leaf(&[rows, width]), leaf(&[rows, width]));
        let (weight, bias) = (leaf(&[width]), leaf(&[width]));
        // The norm of a few elements hardly follows them: what is left of the gradient is rounding.
        let eps = if width < 8 { 1.0 } else { 1e-5 };
        assert_same(
            &[&input, &residual, &weight, &bias],
            || fast::residual_norm([&input, &residual], [&weight, &bias], eps, Dropout::NONE).unwrap(),
            || (&input + &residual).layer_norm([width], Some(&weight), Some(&bias), eps, false),
        );
    }

    #[test]
    fn attention_among_the_tokens_of_each_row(
        lengths in prop::collection::vec(1i64..120, 1..6), number in 1i64..4, width in 1i64..40,
    ) {
        let _alone = generator();
        let heads = Heads { number, scaling: 0.3 };
        let states = leaf(&[lengths.iter().sum(), 3 * number * width]);
        assert_same(
            &[&states],
            || fast::attention(None, &states, &lengths, heads, Dropout::NONE).unwrap(),
            || {
                let parts = states.chunk(3, 1);
                let [query, key, value] = [0, 1, 2].map(|part| parts[part].split_with_sizes(&lengths, 0));
                plain_attention(&query, &key, &value, heads)
            },
        );
    }

    #[test]
    fn attention_to_the_first_tokens_of_each_row(
        rows in prop::collection::vec((1i64..120, 0i64..30), 1..6), number in 1i64..4, width in 1i64..40,
    ) {
        let _alone = generator();
        let heads = Heads { number, scaling: 0.3 };
        let keys: Vec<i64> = rows.iter().map(|(keys, _)| *keys).collect();
        let lengths: Vec<i64> = rows.iter().map(|(keys, others)| keys + others).collect();
        let states = leaf(&[lengths.iter().sum(), 3 * number * width]);
        let rows = Rows { lengths: &lengths, keys: &keys };
        assert_same(
            &[&states],
            || fast::attention(None, &states, rows, heads, Dropout::NONE).unwrap(),
            || {
                let parts = states.chunk(3, 1);
                let [query, key, value] = [0, 1, 2].map(|part| parts[part].split_with_sizes(&lengths, 0));
                let first = |rows: Vec<Tensor>| -> Vec<Tensor> {
                    rows.iter().zip(&keys).map(|(row, keys)| row.narrow(0, 0, *keys)).collect()
                };
                plain_attention(&query, &first(key), &first(value), heads)
            },
        );
    }

    #[test]
    fn attention_of_first_tokens(
        lengths in prop::collection::vec(1i64..120, 1..6), number in 1i64..4, width in 1i64..40,
    ) {
        let _alone = generator();
        let heads = Heads { number, scaling: 0.3 };
        let rows = lengths.len() as i64;
        let queries = leaf(&[rows, number * width]);
        let states = leaf(&[lengths.iter().sum(), 2 * number * width]);
        assert_same(
            &[&queries, &states],
            || fast::attention(Some(&queries), &states, &lengths, heads, Dropout::NONE).unwrap(),
            || {
                let parts = states.chunk(2, 1);
                let [key, value] = [0, 1].map(|part| parts[part].split_with_sizes(&lengths, 0));
                plain_attention(&queries.split(1, 0), &key, &value, heads)
            },
        );
    }
}

/// Rows do not meet in a product: what is not a number stays in its own.
#[test]
fn a_row_that_is_not_finite_spoils_no_other() {
    let _alone = generator();
    let weight = Tensor::randn([64, 48], FLOAT);
    let linear = |input: &Tensor| fast::linear(input, &[weight.shallow_clone()], None).unwrap();
    let input = Tensor::randn([40, 48], FLOAT);
    let expected = linear(&input);
    // NaN with few bits, all bits and its last bit, then infinity.
    for bits in [0x7fc0_0000, 0xffff_ffff, 0x7f80_0001, 0x7f80_0000] {
        let spoiled = input.copy();
        let value = Tensor::from_slice(&[f32::from_bits(bits)]);
        spoiled.get(33).narrow(0, 7, 1).copy_(&value);
        let found = linear(&spoiled);
        let finite = found.get(33).isfinite().any();
        assert!(!bool::try_from(finite).unwrap(), "{bits:x}");
        for (start, rows) in [(0, 33), (34, 6)] {
            let part = |output: &Tensor| output.narrow(0, start, rows);
            assert_eq!(part(&found), part(&expected), "{bits:x}");
        }
    }
}

#[test]
fn what_overflows_is_not_finite() {
    let large = Tensor::full([40, 40], 1.2345e22, FLOAT);
    let found = fast::linear(&large, &[large.shallow_clone()], None).unwrap();
    assert!(!bool::try_from(found.isfinite().any()).unwrap());
}

/// What is kept for a backward pass alone is not kept where none can come; the results are the same.
#[test]
fn without_gradients_the_bits_are_those_with_them() {
    let _alone = generator();
    let (input, residual) = (leaf(&[70, 850]), leaf(&[70, 450]));
    let (weight, bias) = (leaf(&[450, 850]), leaf(&[450]));
    let norm = [&leaf(&[450]), &leaf(&[450])];
    let compute = || {
        let hidden = fast::linear_gelu(&input, &weight, Some(&bias)).unwrap();
        fast::residual_norm([&hidden, &residual], norm, 1e-5, Dropout::NONE).unwrap()
    };
    let in_bfloat16 = || autocast(Device::Cpu, HalfKind::BFloat16, compute).unwrap();
    assert_eq!(tch::no_grad(compute), compute());
    assert_eq!(tch::no_grad(in_bfloat16), in_bfloat16());
}

/// Standard deviations that the share of ones is away from what is expected.
fn deviations(kept: &Tensor, expected: f64) -> f64 {
    let count = kept.numel() as f64;
    let share = kept
        .to_kind(Kind::Double)
        .mean(Kind::Double)
        .double_value(&[]);
    (share - expected).abs() / (expected * (1.0 - expected) / count).sqrt()
}

#[test]
fn dropout_keeps_the_right_share_everywhere() {
    let _alone = generator();
    tch::manual_seed(3);
    let ones = Tensor::ones([3000, 200], FLOAT);
    for probability in [0.1, 0.5, 0.9] {
        let dropout = Dropout::draw(probability).unwrap();
        let output = fast::dropout(&ones, dropout).unwrap();
        let kept = output.ne(0.0);
        let rounded = 1.0 - (probability * 65536.0_f64).round() / 65536.0;
        assert!(deviations(&kept, rounded) < 5.0);
        for column in [0, 63, 64, 199] {
            assert!(
                deviations(&kept.select(1, column), rounded) < 5.0,
                "column {column}"
            );
        }
        // Neighbours do not follow each other.
        let both = kept.narrow(1, 0, 199).logical_and(&kept.narrow(1, 1, 199));
        assert!(deviations(&both, rounded * rounded) < 7.0);
        let scale = output.max().double_value(&[]);
        assert!((scale * rounded - 1.0).abs() < 1e-6);
    }
    let all = fast::dropout(&ones, Dropout::draw(1.0).unwrap()).unwrap();
    assert_eq!(all.abs().max().double_value(&[]), 0.0);
}

#[test]
fn backward_has_the_mask_of_forward() {
    let _alone = generator();
    let input = leaf(&[50, 70]);
    let dropout = Dropout::draw(0.3).unwrap();
    let output = fast::dropout(&input, dropout).unwrap();
    let outer = Tensor::randn([50, 70], FLOAT);
    let factors = (output.detach() / input.detach()).nan_to_num(0.0, 0.0, 0.0);
    let gradient = gradients(&output, &outer, &[&input]).remove(0);
    assert_near("gradient", &gradient, &(factors * outer));
}

/// Compares a gradient with how the output changes along a direction, the mask held.
fn assert_slope(leaf: &Tensor, output: impl Fn(&Tensor) -> Tensor) {
    let direction = Tensor::randn(leaf.size(), FLOAT);
    let outer = Tensor::randn(output(leaf).size(), FLOAT);
    let value = |at: &Tensor| {
        (output(at).to_kind(Kind::Double) * &outer)
            .sum(Kind::Double)
            .double_value(&[])
    };
    let step = 1e-2;
    let at = |distance: f64| (leaf + &direction * distance).detach();
    let found = (value(&at(step)) - value(&at(-step))) / (2.0 * step);
    let gradient = gradients(&output(leaf), &outer, &[leaf]).remove(0);
    let expected = (gradient * direction).sum(Kind::Double).double_value(&[]);
    let size = outer.norm().double_value(&[]) * leaf.size()[1] as f64;
    assert!(
        (found - expected).abs() < 1e-3 * size,
        "{found} {expected} of {size}"
    );
    assert!(
        expected.abs() > 1e-3 * size,
        "nothing to compare: {expected} of {size}"
    );
}

#[test]
fn gradients_through_dropout_are_slopes() {
    let _alone = generator();
    tch::manual_seed(5);
    let dropout = Dropout::draw(0.2).unwrap();
    let lengths = [5, 70, 9];
    let heads = Heads {
        number: 2,
        scaling: 0.4,
    };
    let states = leaf(&[84, 48]);
    assert_slope(&states, |states| {
        fast::attention(None, states, &lengths, heads, dropout).unwrap()
    });
    let rows = Rows {
        lengths: &[8, 70, 6],
        keys: &[5, 64, 6],
    };
    assert_slope(&states, |states| {
        fast::attention(None, states, rows, heads, dropout).unwrap()
    });
    let (residual, weight, bias) = (leaf(&[40, 33]), leaf(&[33]), leaf(&[33]));
    assert_slope(&leaf(&[40, 33]), |input| {
        fast::residual_norm([input, &residual], [&weight, &bias], 1e-5, dropout).unwrap()
    });
}

#[test]
fn threads_change_no_bit() {
    let _alone = generator();
    tch::manual_seed(6);
    let (input, weight, bias) = (leaf(&[901, 130]), leaf(&[390, 130]), leaf(&[390]));
    let (scale, offset) = (leaf(&[130]), leaf(&[130]));
    let lengths = [1, 450, 240, 210];
    let heads = Heads {
        number: 5,
        scaling: 0.2,
    };
    let dropout = Dropout::draw(0.1).unwrap();
    let outer = Tensor::randn([901, 130], FLOAT);
    let run = |threads| {
        trainer_torch::info::set_num_threads(threads).unwrap();
        let states = fast::linear(
            &input,
            &[weight.shallow_clone()],
            Some(&[bias.shallow_clone()]),
        )
        .unwrap();
        let attended = fast::attention(None, &states, &lengths, heads, dropout).unwrap();
        let output =
            fast::residual_norm([&attended, &input], [&scale, &offset], 1e-5, dropout).unwrap();
        let all = gradients(&output, &outer, &[&input, &weight, &bias, &scale, &offset]);
        let all = all
            .iter()
            .chain([&output])
            .map(|tensor| tensor.reshape([-1]));
        Vec::<f32>::try_from(Tensor::cat(&all.collect::<Vec<_>>(), 0)).unwrap()
    };
    let before = trainer_torch::info::num_threads().unwrap();
    let runs = [1, 2, 3].map(run);
    trainer_torch::info::set_num_threads(before).unwrap();
    let bits = |values: &[f32]| {
        values
            .iter()
            .map(|value| value.to_bits())
            .collect::<Vec<_>>()
    };
    assert_eq!(bits(&runs[0]), bits(&runs[1]));
    assert_eq!(bits(&runs[0]), bits(&runs[2]));
}

/// Gradient and moments are each as large as the table, and it is as large as what may be taken.
#[test]
fn rows_that_do_not_occur_take_no_memory() {
    let _alone = generator();
    let size = [1 << 17, 512];
    let weight = fast::zeros_like(&Tensor::zeros([1, 1], FLOAT).expand(size, false)).unwrap();
    assert_eq!(weight.size(), size);
    let before = resident();
    let weight = weight.set_requires_grad(true);
    let ids = Tensor::from_slice(&[5i64, 1 << 16, 5]);
    let table = Table {
        weight: &weight,
        ids: &ids,
        padding: None,
    };
    let rows = fast::embedding_sum(&[table]).unwrap();
    rows.sum(Kind::Float).backward();
    let grad = weight.grad();
    let written = fast::written_rows(&grad).unwrap().unwrap();
    assert_eq!(written.size(), [2, 512]);
    assert_eq!(written.double_value(&[0, 511]), 2.0);
    fast::scale_(&[grad.shallow_clone()], 0.5).unwrap();
    let moments = [(); 2].map(|()| fast::zeros_like(&weight).unwrap());
    let param = weight.detach();
    let [exp_avgs, exp_avg_sqs] = moments.each_ref().map(|moment| [moment.shallow_clone()]);
    let tensors = AdamTensors {
        params: &[param.shallow_clone()],
        grads: &[grad.shallow_clone()],
        exp_avgs: &exp_avgs,
        exp_avg_sqs: &exp_avg_sqs,
        max_exp_avg_sqs: &[],
        steps: &[Tensor::from(1f32)],
    };
    let numbers = AdamNumbers {
        lr: 1.0,
        beta1: 0.9,
        beta2: 0.99,
        weight_decay: 0.0,
        eps: 0.0,
        amsgrad: false,
        maximize: false,
    };
    fast::adamw_(tensors, numbers).unwrap();
    assert!(fast::written_rows(&grad).unwrap().is_some());
    let taken = resident() - before;
    assert!(taken < 1 << 26, "{taken} bytes for three rows");
    let row = |tensor: &Tensor, row| tensor.double_value(&[row, 511]);
    assert_eq!([5, 1 << 16, 6].map(|at| row(&grad, at)), [1.0, 0.5, 0.0]);
    for (at, expected) in [(5, -1.0), (1 << 16, -1.0), (6, 0.0)] {
        assert!((row(&param, at) - expected).abs() < 1e-6);
    }
    let _ = grad.get(9).fill_(3.0);
    assert!(fast::written_rows(&grad).unwrap().is_none());
    assert!(fast::written_rows(&param).unwrap().is_none());
}

/// Steps with moments of which it is known which rows are zero: by the rows of an embedding's gradient, by a gradient of all rows, with
/// weight decay, and after another has written to a moment.
#[test]
fn steps_of_adamw_with_rows_that_are_known_to_be_zero() {
    let _alone = generator();
    let size = [700, 400];
    let param = Tensor::randn(size, FLOAT);
    let gradient_of = |rows: &[i64]| {
        let weight = param.copy().set_requires_grad(true);
        let ids = Tensor::from_slice(rows);
        let table = Table {
            weight: &weight,
            ids: &ids,
            padding: None,
        };
        let outer = Tensor::randn([rows.len() as i64, 400], FLOAT);
        let sum = fast::embedding_sum(&[table]).unwrap() * outer;
        sum.sum(Kind::Float).backward();
        weight.grad()
    };
    let fresh = || fast::zeros_like(&param).unwrap();
    let zeros = || Tensor::zeros(size, FLOAT);
    let found = [param.copy(), fresh(), fresh()];
    let expected = [param.copy(), zeros(), zeros()];
    for step in 1i16..9 {
        let gradient = match step {
            4 | 7 => Tensor::randn(size, FLOAT) * Tensor::rand([700, 1], FLOAT).gt(0.5),
            _ => gradient_of(&[i64::from(step), 30, 699, 31, i64::from(step)]),
        };
        if step == 5 {
            for all in [&found, &expected] {
                let _ = all[2].get(500).fill_(2.0);
            }
        }
        let numbers = AdamNumbers {
            lr: 0.1,
            beta1: 0.9,
            beta2: 0.99,
            weight_decay: if step % 3 == 0 { 0.3 } else { 0.0 },
            eps: 1e-3,
            amsgrad: false,
            maximize: false,
        };
        for (all, is_fast) in [(&found, true), (&expected, false)] {
            let [params, exp_avgs, exp_avg_sqs] =
                all.each_ref().map(|tensor| [tensor.shallow_clone()]);
            let tensors = AdamTensors {
                params: &params,
                grads: &[gradient.shallow_clone()],
                exp_avgs: &exp_avgs,
                exp_avg_sqs: &exp_avg_sqs,
                max_exp_avg_sqs: &[],
                steps: &[Tensor::from(f32::from(step))],
            };
            match is_fast {
                true => fast::adamw_(tensors, numbers).unwrap(),
                false => fused::adamw_(tensors, numbers, Scaling::default()).unwrap(),
            }
        }
        let known = fast::written_rows(&found[1]).unwrap();
        assert_eq!(known.is_some(), step < 5, "step {step}");
        for (name, (found, expected)) in ["param", "exp_avg", "exp_avg_sq"]
            .iter()
            .zip(found.iter().zip(&expected))
        {
            assert_near(&format!("{name} of step {step}"), found, expected);
        }
    }
}

#[test]
fn rows_are_no_longer_known_when_another_has_written() {
    let _alone = generator();
    let size = [700, 400];
    let fresh = || [fast::zeros_like(&Tensor::zeros(size, FLOAT)).unwrap()];
    let is_known = |tensor: &Tensor| fast::written_rows(tensor).unwrap().is_some();
    let [params, exp_avgs, exp_avg_sqs] = [fresh(), fresh(), fresh()];
    assert!(is_known(&params[0]) && is_known(&exp_avgs[0]) && is_known(&exp_avg_sqs[0]));
    let numbers = AdamNumbers {
        lr: 0.1,
        beta1: 0.9,
        beta2: 0.99,
        weight_decay: 0.0,
        eps: 1e-3,
        amsgrad: false,
        maximize: false,
    };
    let tensors = AdamTensors {
        params: &params,
        grads: &[Tensor::randn(size, FLOAT)],
        exp_avgs: &exp_avgs,
        exp_avg_sqs: &exp_avg_sqs,
        max_exp_avg_sqs: &[],
        steps: &[Tensor::from(1f32)],
    };
    fused::adamw_(tensors, numbers, Scaling::default()).unwrap();
    assert!(!is_known(&params[0]) && !is_known(&exp_avgs[0]) && !is_known(&exp_avg_sqs[0]));

    // Another shape has other rows.
    let [whole] = fresh();
    assert!(is_known(&whole) && !is_known(&whole.view([400, 700])));

    let [mut read] = fresh();
    assert!(trainer_torch::memory::read_exact(&mut read, &[1u8; 9][..]).is_err());
    assert!(!is_known(&read));

    let [mut scaled] = fresh();
    fast::scale_(&[scaled.shallow_clone()], 0.5).unwrap();
    assert!(is_known(&scaled));
    let _ = scaled.g_mul_scalar_(2.0);
    assert!(!is_known(&scaled));
}

/// What is added to a gradient is not passed over: rows that only a second batch has.
#[test]
fn rows_of_accumulated_batches_are_all_seen() {
    let _alone = generator();
    let weight = Tensor::zeros([1 << 10, 512], FLOAT).set_requires_grad(true);
    for row in [5i64, 900] {
        let ids = Tensor::from_slice(&[row]);
        let table = Table {
            weight: &weight,
            ids: &ids,
            padding: None,
        };
        let rows = fast::embedding_sum(&[table]).unwrap();
        rows.sum(Kind::Float).backward();
        let known = fast::written_rows(&weight.grad()).unwrap();
        assert_eq!(known.is_some(), row == 5);
    }
    let grad = weight.grad();
    fast::scale_(&[grad.shallow_clone()], 0.5).unwrap();
    let row = |row| grad.double_value(&[row, 511]);
    assert_eq!([5, 900, 6].map(row), [0.5, 0.5, 0.0]);
}

/// Resident memory of this process, in bytes.
fn resident() -> i64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: i64 = text.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

#[test]
fn what_does_not_fit_is_an_error() {
    let _alone = generator();
    let zeros = |size: &[i64]| Tensor::zeros(size, FLOAT);
    let none = Dropout::NONE;
    let heads = Heads {
        number: 2,
        scaling: 1.0,
    };
    let states = zeros(&[5, 12]);
    let keys_of = |keys: &[i64]| {
        let lengths = &[5];
        fast::attention(None, &states, Rows { lengths, keys }, heads, none)
    };
    let rows_of = |weight: &Tensor, ids: &[i64]| {
        let ids = Tensor::from_slice(ids);
        let padding = None;
        fast::embedding_sum(&[Table {
            weight,
            ids: &ids,
            padding,
        }])
    };
    for (message, result) in [
        (
            "input",
            fast::linear(&zeros(&[2, 3]), &[zeros(&[4, 5])], None),
        ),
        (
            "weight",
            fast::linear(&zeros(&[2, 3]), &[zeros(&[4])], None),
        ),
        (
            "bias",
            fast::linear(&zeros(&[2, 3]), &[zeros(&[4, 3])], Some(&[zeros(&[3])])),
        ),
        (
            "biases",
            fast::linear(&zeros(&[2, 3]), &[zeros(&[4, 3])], Some(&[])),
        ),
        (
            "float32",
            fast::linear(
                &zeros(&[2, 3]).to_kind(Kind::Double),
                &[zeros(&[4, 3])],
                None,
            ),
        ),
        (
            "does not end in 3",
            fast::linear(&zeros(&[2, 6]), &[zeros(&[4, 3])], None),
        ),
        (
            "does not end in 1",
            fast::linear(&zeros(&[]), &[zeros(&[4, 1])], None),
        ),
        (
            "nothing",
            fast::linear(&zeros(&[0, 3]), &[zeros(&[4, 3])], None),
        ),
        (
            "nothing",
            fast::linear(&zeros(&[2, 3]), &[zeros(&[0, 3])], None),
        ),
        (
            "nothing",
            fast::linear(&zeros(&[2, 0]), &[zeros(&[4, 0])], None),
        ),
        (
            "does not end in 3",
            fast::residual_norm(
                [&zeros(&[2, 6]), &zeros(&[2, 6])],
                [&zeros(&[3]), &zeros(&[3])],
                1.0,
                none,
            ),
        ),
        (
            "does not end in 0",
            fast::dropout(&zeros(&[]), Dropout::draw(0.5).unwrap()),
        ),
        (
            "4 tokens",
            fast::attention(None, &states, &[3, 1], heads, none),
        ),
        (
            "0 tokens",
            fast::attention(None, &states, &[5, 0], heads, none),
        ),
        ("0 keys", keys_of(&[0])),
        ("6 keys in a row of 5", keys_of(&[6])),
        ("keys", keys_of(&[2, 3])),
        ("no table", fast::embedding_sum(&[])),
        (
            "id 3 is not in a table of 3",
            rows_of(&zeros(&[3, 4]), &[3]),
        ),
        ("id -1 is not", rows_of(&zeros(&[3, 4]), &[-1])),
        ("table", rows_of(&zeros(&[3]), &[0])),
        (
            "5 heads",
            fast::attention(None, &states, &[5], Heads { number: 5, ..heads }, none),
        ),
        (
            "queries",
            fast::attention(Some(&zeros(&[2, 6])), &states, &[5], heads, none),
        ),
        (
            "rows of 0",
            fast::attention(None, &zeros(&[0, 12]), &[], heads, none),
        ),
        (
            "residual",
            fast::residual_norm(
                [&zeros(&[2, 3]), &zeros(&[3, 3])],
                [&zeros(&[3]), &zeros(&[3])],
                1.0,
                none,
            ),
        ),
        (
            "bias",
            fast::residual_norm(
                [&zeros(&[2, 3]), &zeros(&[2, 3])],
                [&zeros(&[3]), &zeros(&[2])],
                1.0,
                none,
            ),
        ),
    ] {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(message), "{message}: {error}");
    }
}
