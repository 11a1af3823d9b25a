use serde_json::{Map, Value, json};
use tokenizers::decoders::DecoderWrapper;
use tokenizers::decoders::byte_fallback::ByteFallback;
use tokenizers::decoders::fuse::Fuse;
use tokenizers::decoders::sequence::Sequence as Decoders;
use tokenizers::models::unigram::Unigram;
use tokenizers::normalizers::{Replace, Sequence};
use tokenizers::{NormalizerWrapper, Tokenizer};
use trainer_data::BoxError;

use super::merges::merges;
use super::{Model, characters_map};
use crate::limits::{self, guarded, set_normalizer};

/// What the model says of special tokens, where neither the fields nor `others` do: `_convert_from_sentencepiece`.
pub(crate) fn plain_defaults(
    model: &Model,
    fields: &mut Map<String, Value>,
    others: Option<&Map<String, Value>>,
) {
    for (name, piece) in model.special_pieces() {
        let said = fields.contains_key(name) || others.is_some_and(|all| all.contains_key(name));
        if let Some(piece) = piece.filter(|_| !said) {
            fields.insert(name.to_owned(), piece.into());
        }
    }
}

/// The tokenizer that Python makes of a model where no class is known: `SpmConverter.build_tokenizer_from_spm_proto`. `listed` are the
/// added tokens with their ids.
pub(crate) fn plain_backend(
    model: &Model,
    listed: &Map<String, Value>,
) -> Result<Tokenizer, BoxError> {
    let byte_fallback = model.byte_fallback();
    let mut backend = match model.is_unigram() {
        true => {
            let pieces = model
                .pieces()
                .map(|(piece, score)| (piece.to_owned(), score));
            let unknown = usize::try_from(model.unk_id()).ok();
            Tokenizer::new(guarded(|| {
                Unigram::from(pieces.collect(), unknown, byte_fallback)
            })?)
        }
        false => byte_pairs(model, listed)?,
    };
    let mut cleaning: Vec<NormalizerWrapper> = Vec::new();
    cleaning.extend(characters_map(model)?);
    cleaning.push(Replace::new(" ", "▁")?.into());
    set_normalizer(&mut backend, Some(Sequence::new(cleaning)))?;
    let mut decoders: Vec<DecoderWrapper> = vec![Replace::new("▁", " ")?.into()];
    if byte_fallback {
        decoders.extend([ByteFallback::new().into(), Fuse::new().into()]);
    }
    backend.with_decoder(Some(Decoders::new(decoders)));
    Ok(backend)
}

fn byte_pairs(model: &Model, listed: &Map<String, Value>) -> Result<Tokenizer, BoxError> {
    let mut ids: Map<String, Value> = Map::new();
    for (id, (piece, _)) in model.pieces().enumerate() {
        ids.insert(piece.to_owned(), id.into());
    }
    let merges = merges(&ids)?;
    put_in_place(&mut ids, model, listed);
    let model = json!({
        "type": "BPE",
        "dropout": null,
        "unk_token": model.unk_piece(),
        "continuing_subword_prefix": null,
        "end_of_word_suffix": null,
        "fuse_unk": true,
        "byte_fallback": model.byte_fallback(),
        "ignore_merges": false,
        "vocab": ids,
        "merges": merges,
    });
    let tokenizer = json!({"version": "1.0", "added_tokens": [], "model": model});
    limits::read(tokenizer.to_string().as_bytes())
}

/// Gives ids to the added tokens that are listed with these, in the place of pieces that keep it.
fn put_in_place(ids: &mut Map<String, Value>, model: &Model, listed: &Map<String, Value>) {
    let pieces: Vec<&str> = model.pieces().map(|(piece, _)| piece).collect();
    for (id, token) in listed {
        let token = token.get("content").and_then(Value::as_str);
        let place = id.parse::<usize>().ok().zip(token);
        let Some((place, token)) = place else {
            continue;
        };
        let is_other = |piece: &&&str| !ids.contains_key(token) && **piece != token;
        if let Some(piece) = pieces.get(place).filter(is_other)
            && let Some(id) = ids.swap_remove(*piece)
        {
            ids.insert(token.to_owned(), id);
        }
    }
}
