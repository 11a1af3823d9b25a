//! The rows that questions become.

use trainer_data::{Column, Feature, Rows, Value};

use super::QuestionAnsweringFeatures;
use super::answers::{Span, first_answer};
use super::positions::{Context, no_answer};
use crate::columns::{in_column, text_of, texts};
use crate::{EncodeOptions, Encoding, Error, Result, Side, Truncation, padding};

impl QuestionAnsweringFeatures {
    /// The windows of all rows, and for each the place of its row among `rows`.
    pub(super) fn windows(&self, rows: &Rows<'_>) -> Result<(Vec<Encoding>, Vec<usize>)> {
        let questions = texts(rows, &self.question)?;
        let contexts = texts(rows, &self.context)?;
        let (limit, question_first) = (self.limit(), self.question_first());
        if !question_first && !self.pad_to_max_length {
            return Err(Error::PadsOnTheLeft);
        }
        let options = EncodeOptions::new()
            .truncation(match question_first {
                true => Truncation::OnlySecond,
                false => Truncation::OnlyFirst,
            })
            .max_length(limit)
            .stride(self.stride);
        let (mut windows, mut of) = (Vec::with_capacity(rows.len()), Vec::new());
        for k in 0..rows.len() {
            let row = rows.number(k).unwrap_or(k);
            let question = text_of(&questions, k, row)?.trim_start_matches(is_python_space);
            let context = text_of(&contexts, k, row)?;
            let (first, second) = match question_first {
                true => (question, context),
                false => (context, question),
            };
            let parts = self.tokenizer.encode_windows(first, Some(second), &options);
            windows.extend(parts.map_err(|source| source.in_row(row))?);
            of.resize(windows.len(), k);
        }
        if self.pad_to_max_length {
            let side = self.tokenizer.padding_side();
            padding::to_length(&self.tokenizer, &mut windows, limit, side)?;
        }
        Ok((windows, of))
    }

    fn limit(&self) -> usize {
        let limits = [Some(self.max_length), self.tokenizer.model_max_length()];
        limits
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(self.max_length)
    }

    fn question_first(&self) -> bool {
        self.tokenizer.padding_side() == Side::Right
    }

    fn context_sequence(&self) -> usize {
        usize::from(self.question_first())
    }

    /// `start_positions` and `end_positions`.
    pub(super) fn positions(
        &self,
        rows: &Rows<'_>,
        windows: &[Encoding],
        of: &[usize],
    ) -> Result<(Vec<i64>, Vec<i64>)> {
        let answers = texts(rows, &self.answers)?;
        let (mut answered, mut answer) = (None, None);
        let position = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
        let mut positions = (Vec::new(), Vec::new());
        for (window, &k) in windows.iter().zip(of) {
            let row = rows.number(k).unwrap_or(k);
            if answered != Some(k) {
                answer = first_answer(&answers, k, row)?;
                answered = Some(k);
            }
            let found = match answer {
                None => None,
                Some(answer) => self
                    .position(window, answer)
                    .map_err(|reason| Error::Answers {
                        column: self.answers.clone(),
                        row,
                        reason: reason.to_owned(),
                    })?,
            };
            let (start, end) = found.unwrap_or_else(|| {
                let place = no_answer(&self.tokenizer, window);
                (place, place)
            });
            positions.0.push(position(start));
            positions.1.push(position(end));
        }
        Ok(positions)
    }

    fn position(
        &self,
        window: &Encoding,
        answer: Span,
    ) -> Result<Option<(usize, usize)>, &'static str> {
        let context = Context::of(window, self.context_sequence())
            .ok_or("there is an answer, but its context has no tokens")?;
        match self.python_positions {
            true => context
                .python_positions(answer)
                .map_err(|()| "the answer is empty: Python finds no position for it"),
            false => Ok(context.positions(answer)),
        }
    }

    /// `offset_mapping`: null for what is no token of the context.
    pub(super) fn offsets(&self, windows: &[Encoding]) -> Result<Column> {
        let number = |place: usize| Value::Int(i64::try_from(place).unwrap_or(i64::MAX));
        let context = Some(self.context_sequence());
        let list = |window: &Encoding| {
            let tokens = window.offsets().iter().zip(window.sequence_ids());
            let offsets = tokens.map(|(&(begin, end), of)| match of == context {
                true => Value::List(vec![number(begin), number(end)]),
                false => Value::Null,
            });
            Value::List(offsets.collect())
        };
        let feature = Feature::list(Feature::list(Feature::Int64));
        Column::values(&feature, windows.iter().map(list))
            .map_err(|source| in_column("offset_mapping", source))
    }
}

/// What Python's `str.lstrip` takes away.
fn is_python_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}
