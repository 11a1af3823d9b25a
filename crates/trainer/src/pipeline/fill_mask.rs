use std::fmt;

use serde::Serialize;
use tch::{Device, Kind, Tensor};
use trainer_data::warning;
use trainer_models::{AutoModelForMaskedLM, PretrainedModel};
use trainer_tokenize::{EncodeOptions, Encoding};

use super::loading::{Head, ModelKind};
use super::outputs::{first_token, numbers, width};
use super::runner::Runner;
use super::{PipelineError, PipelineOptions, Text};
use crate::Result;

/// A word in the place of a mask.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FilledMask {
    /// Its probability among all words, in `0.0..=1.0`.
    pub score: f32,
    /// Its number.
    pub token: u32,
    /// Its text.
    pub token_str: String,
    /// The text with the word in the place of the mask. Where a text has several masks, the others and the special tokens stand in it.
    pub sequence: String,
}

impl fmt::Display for FilledMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.4}", self.token_str, self.score)
    }
}

/// Texts with masks in, words for these out: Hugging Face's `pipeline("fill-mask")`.
///
/// Words, texts and, to rounding, scores are those of Python's pipeline on the same folder.
///
/// ```no_run
/// use trainer::prelude::*;
///
/// # fn main() -> trainer::Result<()> {
/// let filler = MaskFiller::from_pretrained("bert-base-cased")?.top_k(3);
/// let answers = filler.fill(["The [MASK] rises in the [MASK] Forest."])?;
/// for (mask, words) in answers[0].iter().enumerate() {
///     println!("mask {mask}: {} ({:.4})", words[0].token_str, words[0].score);
/// }
/// # Ok(())
/// # }
/// ```
///
/// Threads share one, as they share a [`TextClassifier`](super::TextClassifier).
#[derive(Debug)]
pub struct MaskFiller {
    runner: Runner,
    mask: u32,
    mask_token: String,
    top_k: usize,
    targets: Option<Vec<u32>>,
}

const MODELS: ModelKind<PretrainedModel> = ModelKind {
    task: "filling in masks",
    head: Head::Trained("ForMaskedLM"),
    load: AutoModelForMaskedLM::from_pretrained_with_report,
};

impl MaskFiller {
    /// Loads tokenizer and model of the folder `name_or_path`, or else of the hub's model of that name, as a training saves them.
    ///
    /// # Errors
    /// When there is no such model, it has no tokenizer, no token that masks, no weights or no head for masked words, a file is broken,
    /// or the device has no room.
    pub fn from_pretrained(name_or_path: &str) -> Result<Self> {
        Self::from_pretrained_with(name_or_path, &PipelineOptions::new())
    }

    /// As [`from_pretrained`](Self::from_pretrained), with other batches, another device, another length. A batch takes memory for a
    /// number for each of its tokens and each word of the vocabulary.
    ///
    /// # Errors
    /// As `from_pretrained`.
    pub fn from_pretrained_with(name_or_path: &str, options: &PipelineOptions) -> Result<Self> {
        let (runner, _) = MODELS.load(name_or_path, options)?;
        let tokenizer = runner.tokenizer();
        let mask_token = tokenizer.special_tokens().mask_token.clone();
        let (Some(mask), Some(mask_token)) = (tokenizer.mask_token_id(), mask_token) else {
            let name = name_or_path.to_owned();
            return Err(PipelineError::NoMaskToken { name }.into());
        };
        Ok(Self {
            runner,
            mask,
            mask_token,
            top_k: 5,
            targets: None,
        })
    }

    /// The most words for a mask: 5 where this is not called.
    #[must_use]
    pub fn top_k(mut self, words: usize) -> Self {
        self.top_k = words;
        self
    }

    /// The words to choose from. Scores stay those among all words. One that is no token is taken for its first token, and one that has
    /// none is left out, with a warning, as in Python.
    ///
    /// # Errors
    /// When none of them has a token, or one cannot be made tokens.
    pub fn targets<S: AsRef<str>>(mut self, targets: impl IntoIterator<Item = S>) -> Result<Self> {
        let tokenizer = self.runner.tokenizer();
        let first = EncodeOptions::new().add_special_tokens(false).max_length(1);
        let mut ids = Vec::new();
        for (text, target) in targets.into_iter().enumerate() {
            let target = target.as_ref();
            if let Some(id) = tokenizer.token_to_id(target) {
                ids.push(id);
                continue;
            }
            let tokens = tokenizer.encode_with(target, None, &first);
            let tokens = tokens.map_err(|source| PipelineError::Encode { text, source })?;
            match (tokens.ids().first(), tokens.tokens().first()) {
                (Some(&id), Some(token)) => {
                    warning!("the target {target:?} is no token: {token:?} is taken for it");
                    ids.push(id);
                }
                _ => warning!("the target {target:?} has no token and is left out"),
            }
        }
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Err(PipelineError::NoTargets.into());
        }
        self.targets = Some(ids);
        Ok(self)
    }

    /// The token that masks, such as `[MASK]`.
    #[must_use]
    pub fn mask_token(&self) -> &str {
        &self.mask_token
    }

    /// For each text and each of its masks the words with the highest scores, the highest first. Python has no list of masks where a text
    /// has a single one.
    ///
    /// # Errors
    /// When a text has no mask or cannot be used (see [`PipelineError`]; the error has its number), a target is unknown to the model, or
    /// memory is full. Then there is no answer for any of them.
    pub fn fill<'t, T: Into<Text<'t>>>(
        &self,
        texts: impl IntoIterator<Item = T>,
    ) -> Result<Vec<Vec<Vec<FilledMask>>>> {
        let texts: Vec<Text<'t>> = texts.into_iter().map(Into::into).collect();
        let mut answers = vec![Vec::new(); texts.len()];
        self.runner.encode(&texts, |first, encodings| {
            let masks = encodings.iter().enumerate();
            let masks = masks.map(|(at, encoding)| self.masks(first + at, encoding));
            let masks: Vec<Vec<usize>> = masks.collect::<Result<_, _>>()?;
            self.runner.run_encoded(&encodings, |rows, output| {
                let scores = self.scores(output.logits()?, rows, &encodings, &masks)?;
                let mut scores = scores.chunks(width(output.logits()?).max(1));
                for &row in rows {
                    for (&mask, scores) in masks[row].iter().zip(scores.by_ref()) {
                        let number = first + row;
                        let is_single = masks[row].len() == 1;
                        let words = self.words(number, &encodings[row], mask, scores, is_single)?;
                        answers[number].push(words);
                    }
                }
                Ok(())
            })
        })?;
        Ok(answers)
    }

    /// Where the masks of a text are, at least one.
    fn masks(&self, text: usize, encoding: &Encoding) -> Result<Vec<usize>, PipelineError> {
        let ids = encoding.ids().iter().enumerate();
        let masks = ids.filter(|(_, id)| **id == self.mask);
        let masks: Vec<usize> = masks.map(|(at, _)| at).collect();
        match masks.is_empty() {
            false => Ok(masks),
            true => Err(PipelineError::NoMask {
                text,
                mask_token: self.mask_token.clone(),
                tokens: encoding.len(),
            }),
        }
    }

    /// The probabilities of all words for each mask of a batch's rows, one mask after the other.
    fn scores(
        &self,
        logits: &Tensor,
        rows: &[usize],
        encodings: &[Encoding],
        masks: &[Vec<usize>],
    ) -> Result<Vec<f32>> {
        let words = width(logits);
        let length = |row: &usize| encodings[*row].len();
        let longest = rows.iter().map(length).max().unwrap_or(0);
        let shape = [rows.len(), longest, words];
        let found = logits.size();
        if found != shape.map(|size| i64::try_from(size).unwrap_or(i64::MAX)) {
            let expected = shape.to_vec();
            return Err(PipelineError::Shape { expected, found }.into());
        }
        let side = self.runner.tokenizer().padding_side();
        let mut places = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let begin = at * longest + first_token(length(row), longest, side);
            let place = |mask: &usize| i64::try_from(begin + mask).unwrap_or(i64::MAX);
            places.extend(masks[*row].iter().map(place));
        }
        // Of the many numbers only the masks' leave the device.
        let chosen = Tensor::f_from_slice(&places)?.f_to_device(logits.device())?;
        let logits = logits.f_flatten(0, 1)?.f_index_select(0, &chosen)?;
        let scores = logits
            .f_softmax(-1, Kind::Float)?
            .f_to_device(Device::Cpu)?;
        numbers(&scores, &[places.len(), words])
    }

    /// The words with the highest scores in the place of a mask.
    fn words(
        &self,
        text: usize,
        encoding: &Encoding,
        mask: usize,
        scores: &[f32],
        is_single: bool,
    ) -> Result<Vec<FilledMask>> {
        if scores.iter().any(|score| score.is_nan()) {
            let label = self.mask_token.clone();
            return Err(PipelineError::NotANumber { text, label }.into());
        }
        let tokenizer = self.runner.tokenizer();
        let failed = |source| PipelineError::Encode { text, source };
        let mut words = Vec::new();
        for (token, score) in self.best(scores)? {
            let mut ids: Vec<i64> = encoding.ids().iter().copied().map(i64::from).collect();
            ids[mask] = token.into();
            let pad = tokenizer.pad_token_id().map(i64::from);
            ids.retain(|&id| Some(id) != pad);
            let sequence = tokenizer.decode(&ids, is_single).map_err(failed)?;
            let word = tokenizer.decode(&[token.into()], false).map_err(failed)?;
            words.push(FilledMask {
                score,
                token,
                token_str: word,
                sequence,
            });
        }
        Ok(words)
    }

    /// The words with the highest scores, of equal ones the first.
    fn best(&self, scores: &[f32]) -> Result<Vec<(u32, f32)>, PipelineError> {
        let outside = |id: &&u32| usize::try_from(**id).map_or(true, |id| id >= scores.len());
        if let Some(&id) = self.targets.iter().flatten().find(outside) {
            let token = self.runner.tokenizer().id_to_token(id);
            return Err(PipelineError::TargetOutside {
                token: token.unwrap_or_default(),
                id,
                words: scores.len(),
            });
        }
        let all = (0..).zip(scores.iter().copied());
        let mut words: Vec<(u32, f32)> = match &self.targets {
            None => all.collect(),
            Some(ids) => ids.iter().map(|&id| (id, scores[id as usize])).collect(),
        };
        let higher = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if self.top_k > 0 && self.top_k < words.len() {
            words.select_nth_unstable_by(self.top_k - 1, higher);
        }
        words.truncate(self.top_k);
        words.sort_unstable_by(higher);
        Ok(words)
    }
}
