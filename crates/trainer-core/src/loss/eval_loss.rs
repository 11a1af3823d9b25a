//! The mean of evaluation losses, weighted by what each is a mean of.

/// Losses of batches with the number of items each is a mean over.
#[derive(Debug, Default)]
pub(crate) struct EvalLoss {
    batches: Vec<(f32, usize)>,
}

impl EvalLoss {
    pub(crate) fn add(&mut self, loss: f32, items: usize) {
        self.batches.push((loss, items));
    }

    /// The mean over all items, `None` where there is none. With `filter`, batches whose loss is not finite are left out
    /// as long as others remain.
    ///
    /// The digits are Python's: each loss repeated for its items, float32, summed as `numpy.mean` does.
    #[expect(clippy::cast_precision_loss, reason = "numpy divides by a float32 too")]
    pub(crate) fn mean(&self, filter: bool) -> Option<f64> {
        let finite: Vec<_> = self
            .batches
            .iter()
            .copied()
            .filter(|(loss, _)| loss.is_finite())
            .collect();
        let kept = if filter && !finite.is_empty() {
            &finite
        } else {
            &self.batches
        };
        let count: usize = kept.iter().map(|(_, items)| items).sum();
        let mut losses = kept
            .iter()
            .flat_map(|(loss, items)| std::iter::repeat_n(*loss, *items));
        (count > 0).then(|| f64::from(pairwise_sum(&mut losses, count) / count as f32))
    }
}

/// The sum of the next `count` values in the order of numpy's pairwise summation (`pairwise_sum` in
/// [`loops_utils.h.src`](https://github.com/numpy/numpy/blob/main/numpy/_core/src/umath/loops_utils.h.src)): eight running
/// sums over blocks of up to 128 values, blocks added as a tree.
fn pairwise_sum(values: &mut impl Iterator<Item = f32>, count: usize) -> f32 {
    if count < 8 {
        return values
            .by_ref()
            .take(count)
            .fold(-0.0, |sum, value| sum + value);
    }
    if count > 128 {
        let half = count / 2;
        let half = half - half % 8;
        let left = pairwise_sum(values, half);
        return left + pairwise_sum(values, count - half);
    }
    let mut sums = [0.0; 8];
    for sum in &mut sums {
        *sum = values.next().unwrap_or(0.0);
    }
    for at in 8..count - count % 8 {
        sums[at % 8] += values.next().unwrap_or(0.0);
    }
    let [a, b, c, d, e, f, g, h] = sums;
    let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
    values
        .by_ref()
        .take(count % 8)
        .fold(sum, |sum, value| sum + value)
}
