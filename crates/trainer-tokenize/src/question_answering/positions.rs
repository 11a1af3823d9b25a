//! From places in a text to places in a row of tokens.

use super::answers::Span;
use crate::{Encoding, Tokenizer};

/// Begin and end of each token of the text `sequence`, in characters, and the first and the last of them among all tokens;
/// `None` where the text has no token.
pub(super) struct Context<'e> {
    offsets: &'e [(usize, usize)],
    first: usize,
    last: usize,
}

impl<'e> Context<'e> {
    pub(super) fn of(encoding: &'e Encoding, sequence: usize) -> Option<Self> {
        let sequences = encoding.sequence_ids();
        let is_context = |of: &Option<usize>| *of == Some(sequence);
        Some(Self {
            offsets: encoding.offsets(),
            first: sequences.iter().position(is_context)?,
            last: sequences.iter().rposition(is_context)?,
        })
    }

    /// The tokens in which the answer begins and ends; `None` where not all of it stands in this window.
    pub(super) fn positions(&self, answer: Span) -> Option<(usize, usize)> {
        if self.begin(self.first) > answer.begin || self.end(self.last) < answer.end {
            return None;
        }
        let begins_before = |&at: &usize| self.begin(at) <= answer.begin;
        let ends_after = |&at: &usize| self.end(at) >= answer.end;
        let tokens = self.first..=self.last;
        let start = tokens.clone().take_while(begins_before).last()?;
        let end = tokens.rev().take_while(ends_after).last()?;
        Some((start, end))
    }

    /// As [`positions`](Self::positions), but as Python's script walks: over the end of the text too, where tokens around it have
    /// the offsets 0. `Err` where it walks off the row.
    pub(super) fn python_positions(&self, answer: Span) -> Result<Option<(usize, usize)>, ()> {
        if self.begin(self.first) > answer.begin || self.end(self.last) < answer.end {
            return Ok(None);
        }
        let begins_before = |&at: &usize| self.begin(at) <= answer.begin;
        let begins_after = (self.first..self.offsets.len()).find(|at| !begins_before(at));
        let start = begins_after.unwrap_or(self.offsets.len()) - 1;
        let ends_before = (0..=self.last).rev().find(|&at| self.end(at) < answer.end);
        Ok(Some((start, ends_before.ok_or(())? + 1)))
    }

    fn begin(&self, at: usize) -> i64 {
        i64::try_from(self.offsets[at].0).unwrap_or(i64::MAX)
    }

    fn end(&self, at: usize) -> i64 {
        i64::try_from(self.offsets[at].1).unwrap_or(i64::MAX)
    }
}

/// The token that stands for "no answer here": the first `[CLS]`, else the first that begins texts, else the first of all.
pub(super) fn no_answer(tokenizer: &Tokenizer, encoding: &Encoding) -> usize {
    let special = tokenizer.special_tokens();
    let place = |token: &Option<String>| {
        let id = tokenizer.token_to_id(token.as_deref()?)?;
        encoding.ids().iter().position(|&found| found == id)
    };
    place(&special.cls_token)
        .or_else(|| place(&special.bos_token))
        .unwrap_or(0)
}
