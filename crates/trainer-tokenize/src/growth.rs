use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use tokenizers::{InputSequence, NormalizedString, Normalizer, NormalizerWrapper};
use trainer_data::BoxError;

use crate::limits::guarded;

/// How many times as long a normalizer may make a text.
pub(crate) const MOST_GROWTH: usize = 256;
/// So long a text may always become, in bytes.
const ALWAYS: usize = 1 << 16;

/// How long a normalizer makes texts.
///
/// What it does to each text is looked at only where its parts together could make more of one than [`MOST_GROWTH`] times as
/// much: those of all models that are known could not.
pub(crate) struct Growth {
    /// Its parts, in their order, if it could.
    steps: Vec<Step>,
}

struct Step {
    normalizer: NormalizerWrapper,
    /// So many times as long a text becomes at most.
    most: usize,
    /// What is put in the place of what, where that is known.
    replaced: Option<(String, usize)>,
}

impl Growth {
    /// # Errors
    /// When the normalizer cannot be written as JSON, in which its parts are found.
    pub(crate) fn of(normalizer: Option<&NormalizerWrapper>) -> Result<Self, BoxError> {
        let mut steps = Vec::new();
        if let Some(normalizer) = normalizer {
            collect(normalizer, &mut steps)?;
        }
        let most = steps
            .iter()
            .fold(1_usize, |most, step| most.saturating_mul(step.most));
        if most <= MOST_GROWTH {
            steps.clear();
        }
        Ok(Self { steps })
    }

    /// As [`check`](Self::check) of a text, or of all the words of one.
    pub(crate) fn check_sequence(&self, text: &InputSequence<'_>) -> Result<(), BoxError> {
        if self.steps.is_empty() {
            return Ok(());
        }
        match text {
            InputSequence::Raw(text) => self.check(text),
            InputSequence::PreTokenized(words) => self.check(&words.join(" ")),
            InputSequence::PreTokenizedCow(words) => self.check(&words.join(" ")),
            InputSequence::PreTokenizedOwned(words) => self.check(&words.join(" ")),
        }
    }

    /// # Errors
    /// When the text would become too long, or a part of the normalizer fails on it.
    pub(crate) fn check(&self, text: &str) -> Result<(), BoxError> {
        if self.steps.is_empty() {
            return Ok(());
        }
        let most = text
            .len()
            .saturating_mul(MOST_GROWTH)
            .saturating_add(ALWAYS);
        let mut normalized = NormalizedString::from(text);
        for step in &self.steps {
            if step.length(normalized.get()) > most {
                return Err(format!(
                    "the tokenizer's normalizer makes more than {MOST_GROWTH} times as much of a text of {} bytes",
                    text.len()
                )
                .into());
            }
            guarded(|| step.normalizer.normalize(&mut normalized))?;
        }
        Ok(())
    }
}

impl Step {
    /// How long the text becomes at most.
    fn length(&self, text: &str) -> usize {
        match &self.replaced {
            Some((pattern, content)) => {
                let places = text.matches(pattern.as_str()).count();
                places.saturating_mul(*content).saturating_add(text.len())
            }
            None => text.len().saturating_mul(self.most),
        }
    }
}

/// Adds the normalizer, or those that it is a sequence of.
fn collect(normalizer: &NormalizerWrapper, steps: &mut Vec<Step>) -> Result<(), BoxError> {
    if let NormalizerWrapper::Sequence(sequence) = normalizer {
        let parts: &[NormalizerWrapper] = sequence.as_ref();
        return parts.iter().try_for_each(|part| collect(part, steps));
    }
    let mut replaced = None;
    let most = match normalizer {
        // By Unicode's tables.
        NormalizerWrapper::NFKC(_) | NormalizerWrapper::NFKD(_) => 11,
        NormalizerWrapper::NFC(_) | NormalizerWrapper::NFD(_) => 3,
        NormalizerWrapper::Lowercase(_) | NormalizerWrapper::ByteLevel(_) => 2,
        NormalizerWrapper::BertNormalizer(_) => 4,
        NormalizerWrapper::Prepend(prepend) => 1 + prepend.prepend.len(),
        NormalizerWrapper::Precompiled(_) => {
            let parts = serde_json::to_value(normalizer)?;
            longest_replacement(&parts)
        }
        NormalizerWrapper::Replace(replace) => {
            let parts = serde_json::to_value(normalizer)?;
            if let Some(pattern) = parts.pointer("/pattern/String").and_then(Value::as_str) {
                replaced = Some((pattern.to_owned(), replace.content.len()));
            }
            replacement_growth(&parts)
        }
        NormalizerWrapper::StripNormalizer(_)
        | NormalizerWrapper::StripAccents(_)
        | NormalizerWrapper::Nmt(_)
        | NormalizerWrapper::Sequence(_) => 1,
    };
    steps.push(Step {
        normalizer: normalizer.clone(),
        most,
        replaced,
    });
    Ok(())
}

/// How many times as long a `Replace`, of a normalizer or a decoder, makes a text at most.
pub(crate) fn replacement_growth(replace: &Value) -> usize {
    let text = |pointer| replace.pointer(pointer).and_then(Value::as_str);
    let content = text("/content").map_or(0, str::len);
    match text("/pattern/String") {
        Some(pattern) if !pattern.is_empty() => content.div_ceil(pattern.len()).max(1),
        // Before each character, and at the end.
        _ => 1 + content,
    }
}

/// The most bytes that a map of characters has for one: no longer than what stands between two NULs in its texts, which are
/// the rest of the map behind a table of the length that it begins with.
fn longest_replacement(precompiled: &Value) -> usize {
    let map = precompiled.get("precompiled_charsmap");
    let map = map.and_then(Value::as_str).map(base64_bytes);
    let Some((length, rest)) = map.as_deref().and_then(<[u8]>::split_first_chunk::<4>) else {
        return 1;
    };
    let texts = rest.get(u32::from_le_bytes(*length) as usize..);
    let longest = texts.unwrap_or_default().split(|byte| *byte == 0);
    longest.map(<[u8]>::len).max().unwrap_or(1).max(1)
}

/// Whether a map of characters has the table whose length it begins with: the library makes room for it unseen.
pub(crate) fn check_characters_map(map: &str) -> Result<(), BoxError> {
    check_characters(&base64_bytes(map))
}

/// As [`check_characters_map`], of the map itself.
pub(crate) fn check_characters(bytes: &[u8]) -> Result<(), BoxError> {
    let length = bytes
        .first_chunk::<4>()
        .map(|length| u32::from_le_bytes(*length));
    match length {
        Some(length) if (length as usize) < bytes.len() => Ok(()),
        _ => Err("the field \"precompiled_charsmap\" is cut off".into()),
    }
}

fn base64_bytes(text: &str) -> Vec<u8> {
    // The library says what is wrong with what is none.
    STANDARD.decode(text).unwrap_or_default()
}
