use std::fmt;
use std::sync::Arc;

use super::example::{QuestionExample, QuestionWindow};
use super::options::AnswerOptions;
use super::postprocess::postprocess_qa_predictions;
use super::predictions::QaPredictions;
use super::squad::{SquadPrediction, squad};
use super::squad_v2::squad_v2;
use crate::classes::IGNORED_LABEL;
use crate::error::{BoxError, MetricError, Result, at_least};
use crate::metric::{Metric, downcast};
use crate::named_arrays::NamedArrays;
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// SQuAD's metrics of the answers that a model gives: what Python's `QuestionAnsweringTrainer` computes in an evaluation.
///
/// It holds the questions and their windows. The windows' scores (`start_logits` and `end_logits`) come batch by batch, in the order of
/// the windows; of their rows no labels are needed. At the end [`postprocess_qa_predictions`] makes answers of them, and
/// [`squad`], or with [`version_2_with_negative`](AnswerOptions::version_2_with_negative) [`squad_v2`] with a threshold of 1, scores
/// these.
#[derive(Clone)]
pub struct SquadMetric {
    examples: Arc<[QuestionExample]>,
    windows: Arc<[QuestionWindow]>,
    options: AnswerOptions,
    take: Option<Arc<TakeAnswers>>,
    batches: Vec<EvalPrediction>,
}

type TakeAnswers = dyn Fn(&QaPredictions) -> Result<(), BoxError> + Send + Sync;

const NAME: &str = "squad";

impl SquadMetric {
    /// Of questions and of the windows that a model is given, in that order.
    pub fn new(
        examples: impl Into<Arc<[QuestionExample]>>,
        windows: impl Into<Arc<[QuestionWindow]>>,
        options: AnswerOptions,
    ) -> Self {
        Self {
            examples: examples.into(),
            windows: windows.into(),
            options,
            take: None,
            batches: Vec::new(),
        }
    }

    /// Gives the answers of each evaluation to `take` too, before they are scored: to write them down, for instance.
    #[must_use]
    pub fn on_answers<E: Into<BoxError>>(
        mut self,
        take: impl Fn(&QaPredictions) -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        self.take = Some(Arc::new(move |answers: &QaPredictions| {
            take(answers).map_err(Into::into)
        }));
        self
    }
}

impl Metric for SquadMetric {
    fn name(&self) -> &str {
        NAME
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        let mut predictions = NamedArrays::new();
        for name in ["start_logits", "end_logits"] {
            predictions = predictions.with(name, batch.predictions.require(name)?.clone());
        }
        self.batches
            .push(EvalPrediction::named(predictions, NamedArrays::new()));
        Ok(())
    }

    /// The other has seen the windows that follow.
    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        if (&self.examples, &self.windows) != (&other.examples, &other.windows)
            || self.options != other.options
        {
            let found = format!("{NAME} of other questions or options");
            let expected = NAME.to_owned();
            return Err(MetricError::Merge { expected, found });
        }
        self.batches.extend(other.batches);
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        at_least(NAME, 1, self.batches.len() as u64)?;
        let all = EvalPrediction::concatenate(&self.batches, IGNORED_LABEL)?;
        let (examples, windows, options) = (&self.examples, &self.windows, &self.options);
        let found = postprocess_qa_predictions(examples, windows, &all.predictions, options)?;
        if let Some(take) = &self.take {
            take(&found).map_err(MetricError::Function)?;
        }
        let answers = found.answers.into_iter();
        let predictions = answers.map(|one| SquadPrediction::new(one.id, one.text));
        let predictions: Vec<SquadPrediction> = predictions.collect();
        match options.version_2_with_negative {
            true => squad_v2(&predictions, examples, 1.0),
            false => squad(&predictions, examples),
        }
    }

    fn reset(&mut self) {
        self.batches.clear();
    }

    fn value_names(&self) -> Option<Vec<String>> {
        if !self.options.version_2_with_negative {
            return Some(["exact_match", "f1"].map(str::to_owned).to_vec());
        }
        let kinds = [
            ("", true),
            ("HasAns_", self.any(true)),
            ("NoAns_", self.any(false)),
        ];
        let kinds = kinds.into_iter().filter(|(_, there)| *there);
        let scores = kinds
            .flat_map(|(prefix, _)| ["exact", "f1", "total"].map(|name| format!("{prefix}{name}")));
        let best = ["exact", "exact_thresh", "f1", "f1_thresh"];
        Some(
            scores
                .chain(best.map(|name| format!("best_{name}")))
                .collect(),
        )
    }

    fn needs_labels(&self) -> bool {
        false
    }
}

impl SquadMetric {
    /// Whether there is a question that has an answer, or one that has none.
    fn any(&self, has_answer: bool) -> bool {
        let mut examples = self.examples.iter();
        examples.any(|example| example.answers.is_empty() != has_answer)
    }
}

impl fmt::Debug for SquadMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SquadMetric")
            .field("examples", &self.examples.len())
            .field("windows", &self.windows.len())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
