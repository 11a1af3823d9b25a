//! Means, variances and covariance of pairs, in one pass and mergeable.

/// Running moments of pairs (x, y): Welford's update, and Chan's formula for merging
/// ([Chan, Golub, LeVeque 1979](http://i.stanford.edu/pub/cstr/reports/cs/tr/79/773/CS-TR-79-773.pdf)).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moments {
    count: u64,
    mean: [f64; 2],
    /// Sums of the squared distances from the means.
    squares: [f64; 2],
    /// The sum of the products of the distances from the means.
    products: f64,
}

impl Moments {
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn add(&mut self, x: f64, y: f64) {
        self.count += 1;
        let count = self.count as f64;
        let before = [x - self.mean[0], y - self.mean[1]];
        self.mean[0] += before[0] / count;
        self.mean[1] += before[1] / count;
        self.squares[0] += before[0] * (x - self.mean[0]);
        self.squares[1] += before[1] * (y - self.mean[1]);
        self.products += before[0] * (y - self.mean[1]);
    }

    pub(crate) fn merge(&mut self, other: Self) {
        if self.count == 0 || other.count == 0 {
            *self = if self.count == 0 { other } else { *self };
            return;
        }
        let (here, there) = (self.count as f64, other.count as f64);
        let all = here + there;
        let apart = [other.mean[0] - self.mean[0], other.mean[1] - self.mean[1]];
        let weight = here * there / all;
        for (side, distance) in apart.into_iter().enumerate() {
            self.mean[side] += distance * there / all;
            self.squares[side] += other.squares[side] + distance * distance * weight;
        }
        self.products += other.products + apart[0] * apart[1] * weight;
        self.count += other.count;
    }

    /// The correlation, from -1 to 1; NaN where x or y is always the same or a value was NaN.
    pub(crate) fn correlation(&self) -> f64 {
        let [x, y] = self.squares;
        if x == 0.0 || y == 0.0 {
            return f64::NAN;
        }
        (self.products / (x.sqrt() * y.sqrt())).clamp(-1.0, 1.0)
    }
}
