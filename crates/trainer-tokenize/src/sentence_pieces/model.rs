use std::path::Path;

use prost::Message;
use prost::encoding::{DecodeContext, decode_key, skip_field};
use trainer_data::BoxError;

use crate::limits::check_piece;
use crate::source::read;
use crate::{Error, Result};

/// How many pieces a model may have. The largest known have less than a million.
const MOST_PIECES: usize = 1 << 22;
/// How many of them may be control pieces or its maker's own: each that is added to a vocabulary is compared with all others.
const MOST_ADDED: usize = 10_000;
/// How long the file may be, in bytes. The longest known have 20 million.
const LONGEST: usize = 64 << 20;

/// `ModelProto` of SentencePiece's `sentencepiece_model.proto`, without what texts are not cut by.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Model {
    #[prost(message, repeated, tag = "1")]
    pieces: Vec<Piece>,
    #[prost(message, required, tag = "2")]
    trainer: TrainerSpec,
    #[prost(message, required, tag = "3")]
    normalizer: NormalizerSpec,
}

#[derive(Clone, PartialEq, Message)]
struct Piece {
    #[prost(string, tag = "1")]
    piece: String,
    #[prost(float, tag = "2")]
    score: f32,
    #[prost(int32, tag = "3")]
    kind: i32,
}

/// `SentencePiece.Type`: the end of a text, for instance.
const CONTROL: i32 = 3;
const USER_DEFINED: i32 = 4;

#[derive(Clone, PartialEq, Message)]
struct TrainerSpec {
    #[prost(int32, optional, tag = "3", default = "1")]
    model_type: Option<i32>,
    #[prost(bool, tag = "35")]
    byte_fallback: bool,
    #[prost(int32, optional, tag = "40", default = "0")]
    unk_id: Option<i32>,
    #[prost(int32, optional, tag = "41", default = "1")]
    bos_id: Option<i32>,
    #[prost(int32, optional, tag = "42", default = "2")]
    eos_id: Option<i32>,
    #[prost(string, optional, tag = "45", default = "<unk>")]
    unk_piece: Option<String>,
    #[prost(string, optional, tag = "46", default = "<s>")]
    bos_piece: Option<String>,
    #[prost(string, optional, tag = "47", default = "</s>")]
    eos_piece: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct NormalizerSpec {
    #[prost(bytes = "vec", tag = "2")]
    precompiled_charsmap: Vec<u8>,
}

impl Model {
    /// # Errors
    /// [`Error::Vocabulary`] when the file is no model, or over a bound.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = read(path)?;
        Self::parse(&bytes).map_err(|source| Error::Vocabulary {
            path: path.to_owned(),
            source,
        })
    }

    fn parse(bytes: &[u8]) -> Result<Self, BoxError> {
        if bytes.len() > LONGEST {
            return Err(format!("it has {} bytes, more than {LONGEST}", bytes.len()).into());
        }
        let count = count_pieces(bytes)?;
        if count > MOST_PIECES {
            return Err(format!("it has {count} pieces, more than {MOST_PIECES}").into());
        }
        let model = Self::decode(bytes)?;
        let longest = model.pieces.iter().map(|piece| piece.piece.len()).max();
        check_piece(longest.unwrap_or(0))?;
        let added = model.added_pieces().count();
        match added > MOST_ADDED {
            true => Err(format!(
                "it has {added} control pieces and pieces that its maker defined, more than {MOST_ADDED}"
            )
            .into()),
            false => Ok(model),
        }
    }

    /// Pieces and their scores.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (&str, f64)> {
        self.pieces
            .iter()
            .map(|piece| (piece.piece.as_str(), f64::from(piece.score)))
    }

    /// The control pieces, which are special tokens, and those that its maker defined, which are not.
    pub(crate) fn added_pieces(&self) -> impl Iterator<Item = (&str, bool)> {
        self.pieces
            .iter()
            .filter(|piece| [CONTROL, USER_DEFINED].contains(&piece.kind))
            .map(|piece| (piece.piece.as_str(), piece.kind == CONTROL))
    }

    /// How characters are put in the place of others, if they are.
    pub(crate) fn characters_map(&self) -> Option<&[u8]> {
        let map = self.normalizer.precompiled_charsmap.as_slice();
        (!map.is_empty()).then_some(map)
    }

    /// Whether it weighs whole pieces, and is not put together of pairs. Python takes all other kinds for the latter.
    pub(crate) fn is_unigram(&self) -> bool {
        // A number that is no kind counts as none, as in Protocol Buffers.
        !matches!(self.trainer.model_type(), 2..=4)
    }

    /// Whether what no piece has is cut into bytes.
    pub(crate) fn byte_fallback(&self) -> bool {
        self.trainer.byte_fallback
    }

    /// The number of the piece for what no other has.
    pub(crate) fn unk_id(&self) -> i32 {
        self.trainer.unk_id()
    }

    pub(crate) fn unk_piece(&self) -> &str {
        self.trainer.unk_piece()
    }

    /// The names of special tokens in `tokenizer_config.json`, and the pieces that are these.
    pub(crate) fn special_pieces(&self) -> [(&'static str, Option<&str>); 3] {
        let trainer = &self.trainer;
        let named = |id: i32, piece, default| match (id >= 0, piece) {
            (false, _) => None,
            (true, "") => Some(default),
            (true, piece) => Some(piece),
        };
        [
            (
                "bos_token",
                named(trainer.bos_id(), trainer.bos_piece(), "<s>"),
            ),
            (
                "eos_token",
                named(trainer.eos_id(), trainer.eos_piece(), "</s>"),
            ),
            (
                "unk_token",
                named(trainer.unk_id(), trainer.unk_piece(), "<unk>"),
            ),
        ]
    }
}

/// How many pieces a file has. A piece may take two bytes there, and sixteen times as many when it is read.
fn count_pieces(mut bytes: &[u8]) -> Result<usize, BoxError> {
    let mut count = 0;
    while !bytes.is_empty() {
        let (tag, wire_type) = decode_key(&mut bytes)?;
        skip_field(wire_type, tag, &mut bytes, DecodeContext::default())?;
        count += usize::from(tag == 1);
    }
    Ok(count)
}
