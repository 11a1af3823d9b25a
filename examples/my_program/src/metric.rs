use std::any::Any;

use trainer::prelude::*;

type Result<T> = std::result::Result<T, MetricError>;

/// The share of rows whose label is not the class with the higher score.
#[derive(Debug, Default)]
pub struct Wrong {
    wrong: usize,
    rows: usize,
}

impl Metric for Wrong {
    fn name(&self) -> &str {
        "wrong"
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        let scores: Vec<f64> = batch.logits()?.values().collect();
        for (scores, label) in scores.chunks(2).zip(batch.labels()?.values()) {
            self.wrong += usize::from((scores[1] > scores[0]) != (label == 1.0));
            self.rows += 1;
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let found = other.name().to_owned();
        let other = (other as Box<dyn Any>)
            .downcast::<Self>()
            .map_err(|_| MetricError::Merge {
                expected: self.name().to_owned(),
                found,
            })?;
        self.wrong += other.wrong;
        self.rows += other.rows;
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        Ok(Metrics::new().with(self.name(), self.wrong as f64 / self.rows as f64))
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn higher_is_better(&self) -> bool {
        false
    }
}
