//! The fused operations of `Compute::Fast` against libtorch's plain ones, each forward and backward at the sizes of a MiniLM-L6
//! layer over 850 tokens, a batch of 16 rows of MRPC: `cargo bench --bench fused`.
//!
//! Of the linear layers the throughput is in floating-point operations; a core with two units for fused multiplication and addition
//! of 8 (AVX2) or 16 (AVX-512) numbers does 32 or 64 a cycle at best.

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use trainer::tch::{Device, Kind, Tensor};
use trainer_torch::fast::{self, Dropout, Heads};

const ROWS: i64 = 17;
const LENGTH: i64 = 50;
const TOKENS: i64 = ROWS * LENGTH;
const WIDTH: i64 = 384;
const INNER: i64 = 1536;
const HEADS: Heads = Heads {
    number: 12,
    scaling: 0.177,
};
const PROBABILITY: f64 = 0.1;

fn leaf(size: &[i64]) -> Tensor {
    Tensor::randn(size, (Kind::Float, Device::Cpu)).set_requires_grad(true)
}

fn forward_and_backward(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    operation: impl Fn() -> Tensor,
) {
    let outer = operation().randn_like();
    group.bench_function(name, |bencher| {
        bencher.iter(|| (operation() * &outer).sum(Kind::Float).backward());
    });
}

fn linear_gelu(criterion: &mut Criterion) {
    let (input, weight, bias) = (
        leaf(&[TOKENS, WIDTH]),
        leaf(&[INNER, WIDTH]),
        leaf(&[INNER]),
    );
    let mut group = criterion.benchmark_group("linear layer and GELU");
    group.throughput(Throughput::Elements(
        (6 * TOKENS * WIDTH * INNER).unsigned_abs(),
    ));
    forward_and_backward(&mut group, "fused", || {
        fast::linear_gelu(&input, &weight, Some(&bias)).expect("sizes fit")
    });
    forward_and_backward(&mut group, "plain", || {
        input.linear(&weight, Some(&bias)).gelu("none")
    });
}

fn attention(criterion: &mut Criterion) {
    let states = leaf(&[TOKENS, 3 * WIDTH]);
    let lengths = [LENGTH; ROWS as usize];
    let mut group = criterion.benchmark_group("attention with dropout");
    group.throughput(Throughput::Elements(TOKENS.unsigned_abs()));
    forward_and_backward(&mut group, "fused", || {
        let dropout = Dropout::draw(PROBABILITY).expect("the generator draws");
        fast::attention(None, &states, &lengths, HEADS, dropout).expect("sizes fit")
    });
    forward_and_backward(&mut group, "plain, in one padded batch", || {
        let parts = states.view([ROWS, LENGTH, 3, HEADS.number, -1]);
        let [query, key, value] = [0, 1, 2].map(|part| parts.select(2, part).transpose(1, 2));
        Tensor::scaled_dot_product_attention(
            &query,
            &key,
            &value,
            None::<Tensor>,
            PROBABILITY,
            false,
            HEADS.scaling,
            false,
        )
    });
}

fn residual_norm(criterion: &mut Criterion) {
    let (input, residual) = (leaf(&[TOKENS, WIDTH]), leaf(&[TOKENS, WIDTH]));
    let (weight, bias) = (leaf(&[WIDTH]), leaf(&[WIDTH]));
    let mut group = criterion.benchmark_group("dropout, residual and layer norm");
    group.throughput(Throughput::Elements(TOKENS.unsigned_abs()));
    forward_and_backward(&mut group, "fused", || {
        let dropout = Dropout::draw(PROBABILITY).expect("the generator draws");
        fast::residual_norm([&input, &residual], [&weight, &bias], 1e-12, dropout)
            .expect("sizes fit")
    });
    forward_and_backward(&mut group, "plain", || {
        (input.dropout(PROBABILITY, true) + &residual).layer_norm(
            [WIDTH],
            Some(&weight),
            Some(&bias),
            1e-12,
            true,
        )
    });
}

criterion_group!(benches, linear_gelu, attention, residual_norm);
criterion_main!(benches);
