use serde::{Deserialize, Serialize};

use super::distances::Distances;
use crate::families::bert::BertConfig;
use crate::families::keys::keys_of;
use crate::families::{FamilyConfig, checks};
use crate::heads::Words;
use crate::layers::Activation;
use crate::{Error, PretrainedConfig, Result};

/// The keys of `config.json` that DeBERTa reads, with Python's defaults (`configuration_deberta_v2.py`), those of
/// `microsoft/deberta-v2-xlarge` as far as the network has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DebertaV2Config {
    /// Number of tokens in the vocabulary.
    pub vocab_size: i64,
    /// Width of the embeddings of words, places and segments; a linear layer leads from another one than `hidden_size` to that, which is
    /// the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding_size: Option<i64>,
    /// Width of the hidden states.
    pub hidden_size: i64,
    /// Number of encoder layers, at least 1.
    pub num_hidden_layers: i64,
    /// Number of attention heads; divides `hidden_size`.
    pub num_attention_heads: i64,
    /// Width inside the feed-forward blocks.
    pub intermediate_size: i64,
    /// The function inside the feed-forward blocks.
    pub hidden_act: Activation,
    /// Dropout after embeddings (those of distances too), attention, convolution and feed-forward.
    pub hidden_dropout_prob: f64,
    /// Dropout of attention weights.
    pub attention_probs_dropout_prob: f64,
    /// The longest sequence, in tokens, where [`position_biased_input`](Self::position_biased_input) is true; else there is no limit.
    pub max_position_embeddings: i64,
    /// Whether embeddings of places are added to those of words.
    pub position_biased_input: bool,
    /// Number of segments that `token_type_ids` may name; 0 for no embeddings of segments.
    pub type_vocab_size: i64,
    /// Standard deviation of weights that are drawn.
    pub initializer_range: f64,
    /// Added to the variance in layer normalisation.
    pub layer_norm_eps: f64,
    /// Whether there are embeddings of distances.
    pub relative_attention: bool,
    /// The distance from which on all are alike; below 1 it is `max_position_embeddings`.
    pub max_relative_positions: i64,
    /// Kinds of distances on either side, of which the near half stand for one distance each; below 1 each distance is a kind.
    pub position_buckets: i64,
    /// Which products are added to the scores: of tokens with places, `c2p`, and of places with tokens, `p2c`.
    pub pos_att_type: Option<PosAttType>,
    /// Whether embeddings of distances go through the layers that make queries and keys, not through layers of their own.
    pub share_att_key: bool,
    /// `layer_norm` to normalise the embeddings of distances, or `none`.
    pub norm_rel_ebd: String,
    /// Width of a convolution beside the first layer, an odd number; 0 for none.
    pub conv_kernel_size: i64,
    /// Parts that the convolution's width is divided into.
    pub conv_groups: i64,
    /// The function behind the convolution.
    pub conv_act: Activation,
    /// The token of padding, whose embedding starts at zero and gets no gradient; a negative number counts from the end of the
    /// vocabulary.
    pub pad_token_id: Option<i64>,
    /// Dropout of the first token's state, for sequences and choices.
    pub pooler_dropout: f64,
    /// The function behind the pooler's layer.
    pub pooler_hidden_act: Activation,
    /// Dropout before the last layer of heads for sequences and choices; `None` takes `hidden_dropout_prob`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cls_dropout: Option<f64>,
    /// Whether the head for masked words is BERT's, `cls.predictions`, and not `lm_predictions.lm_head`, which the published weights have.
    pub legacy: bool,
    /// Kept for Python.
    pub tie_word_embeddings: bool,
}

/// `pos_att_type` as files have it: names between bars (`p2c|c2p`), or a list of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PosAttType {
    /// Names between bars.
    Text(String),
    /// A name each.
    List(Vec<String>),
}

impl PosAttType {
    fn names(&self) -> Vec<String> {
        match self {
            Self::Text(text) => text
                .to_lowercase()
                .split('|')
                .map(|name| name.trim().to_owned())
                .collect(),
            Self::List(names) => names.clone(),
        }
    }
}

impl Default for DebertaV2Config {
    fn default() -> Self {
        Self {
            vocab_size: 128_100,
            embedding_size: None,
            hidden_size: 1536,
            num_hidden_layers: 24,
            num_attention_heads: 24,
            intermediate_size: 6144,
            hidden_act: Activation::Gelu,
            hidden_dropout_prob: 0.1,
            attention_probs_dropout_prob: 0.1,
            max_position_embeddings: 512,
            position_biased_input: true,
            type_vocab_size: 0,
            initializer_range: 0.02,
            layer_norm_eps: 1e-7,
            relative_attention: false,
            max_relative_positions: -1,
            position_buckets: -1,
            pos_att_type: None,
            share_att_key: false,
            norm_rel_ebd: "none".to_owned(),
            conv_kernel_size: 0,
            conv_groups: 1,
            conv_act: Activation::Tanh,
            pad_token_id: Some(0),
            pooler_dropout: 0.0,
            pooler_hidden_act: Activation::Gelu,
            cls_dropout: None,
            legacy: true,
            tie_word_embeddings: true,
        }
    }
}

impl DebertaV2Config {
    /// Reads the keys that DeBERTa knows.
    ///
    /// # Errors
    /// When a value is of the wrong type or out of range, or asks for what this crate does not have; the error names it.
    pub fn from_pretrained_config(config: &PretrainedConfig) -> Result<Self> {
        let own: Self = config.parse()?;
        own.check(config)
            .map_err(|reason| Error::config(config.origin(), reason))?;
        Ok(own)
    }

    /// What models of any task are made by.
    pub(super) fn family_config(&self) -> FamilyConfig {
        let dropout = self.cls_dropout.unwrap_or(self.hidden_dropout_prob);
        let (act, eps) = (self.hidden_act, self.layer_norm_eps);
        FamilyConfig {
            head_dropout: dropout,
            choice_dropout: dropout,
            token_dropout: self.hidden_dropout_prob,
            words: Some(Words::new(
                self.vocab_size,
                self.embedding_width(),
                act,
                eps,
            )),
            initializer_range: checks::drawn_with(self.initializer_range),
            keys: keys_of(self),
            ..FamilyConfig::new(self.hidden_size)
        }
    }

    pub(super) fn embedding_width(&self) -> i64 {
        self.embedding_size.unwrap_or(self.hidden_size)
    }

    /// Whether scores get products of tokens with places.
    pub(super) fn has_c2p(&self) -> bool {
        self.adds("c2p")
    }

    /// Whether scores get products of places with tokens.
    pub(super) fn has_p2c(&self) -> bool {
        self.adds("p2c")
    }

    fn adds(&self, name: &str) -> bool {
        let names = self.pos_att_type.as_ref().map(PosAttType::names);
        names.is_some_and(|names| names.iter().any(|other| other == name))
    }

    /// Which kinds of distances have embeddings, where any have.
    pub(super) fn distances(&self) -> Option<Distances> {
        let farthest = match self.max_relative_positions {
            ..1 => self.max_position_embeddings,
            farthest => farthest,
        };
        self.relative_attention.then_some(Distances {
            farthest,
            buckets: Some(self.position_buckets).filter(|buckets| *buckets > 0),
        })
    }

    /// Whether embeddings of distances are normalised.
    pub(super) fn normalises_distances(&self) -> bool {
        self.norm_names().any(|name| name == "layer_norm")
    }

    fn norm_names(&self) -> impl Iterator<Item = String> {
        let names = self.norm_rel_ebd.to_lowercase();
        let names: Vec<String> = names
            .split('|')
            .map(|name| name.trim().to_owned())
            .collect();
        names.into_iter()
    }

    /// What BERT calls the same.
    fn bert(&self) -> BertConfig {
        BertConfig {
            vocab_size: self.vocab_size,
            hidden_size: self.hidden_size,
            num_hidden_layers: self.num_hidden_layers,
            num_attention_heads: self.num_attention_heads,
            intermediate_size: self.intermediate_size,
            hidden_dropout_prob: self.hidden_dropout_prob,
            attention_probs_dropout_prob: self.attention_probs_dropout_prob,
            max_position_embeddings: self.max_position_embeddings,
            initializer_range: self.initializer_range,
            pad_token_id: self.pad_token_id,
            ..BertConfig::default()
        }
    }

    fn check(&self, config: &PretrainedConfig) -> Result<(), String> {
        self.bert().check(config)?;
        checks::sizes(&[
            ("num_hidden_layers", self.num_hidden_layers),
            ("embedding_size", self.embedding_width()),
            ("conv_groups", self.conv_groups),
            ("max_relative_positions", self.max_relative_positions.max(1)),
            ("position_buckets", self.position_buckets.max(1)),
        ])?;
        checks::layers("num_hidden_layers", self.num_hidden_layers)?;
        checks::size_or_none("type_vocab_size", self.type_vocab_size)?;
        checks::probabilities(&[
            ("pooler_dropout", self.pooler_dropout),
            ("cls_dropout", self.cls_dropout.unwrap_or(0.0)),
        ])?;
        self.check_names()?;
        self.check_convolution()?;
        if self.position_buckets == 1 {
            return Err(
                "position_buckets must be 2 or more, or 0 or less for none, found 1".to_owned(),
            );
        }
        let head_width = self.hidden_size / self.num_attention_heads;
        for (key, supported) in [
            ("pooler_hidden_size", self.hidden_size),
            ("attention_head_size", head_width),
        ] {
            if let Some(found) = config.get(key).filter(|found| **found != supported) {
                return Err(format!("{key} must be {supported} here, found {found}"));
            }
        }
        match self.legacy || self.embedding_width() == self.hidden_size {
            true => Ok(()),
            false => Err("embedding_size must be hidden_size where legacy is false".to_owned()),
        }
    }

    fn check_names(&self) -> Result<(), String> {
        let mut added = self.pos_att_type.iter().flat_map(PosAttType::names);
        if let Some(unknown) = added.find(|name| !["c2p", "p2c"].contains(&name.as_str())) {
            return Err(format!(
                "pos_att_type {unknown:?} is not supported, only \"c2p\" and \"p2c\" are"
            ));
        }
        let mut norms = self.norm_names();
        match norms.find(|name| !["none", "layer_norm"].contains(&name.as_str())) {
            Some(unknown) => Err(format!(
                "norm_rel_ebd {unknown:?} is not supported, only \"none\" and \"layer_norm\" are"
            )),
            None => Ok(()),
        }
    }

    fn check_convolution(&self) -> Result<(), String> {
        let width = self.conv_kernel_size;
        if width > 0 && (width % 2 == 0 || width > 1 << 16) {
            return Err(format!("conv_kernel_size must be odd, or 0, found {width}"));
        }
        if width > 0 && self.hidden_size % self.conv_groups != 0 {
            return Err(format!(
                "conv_groups {} does not divide hidden_size {}",
                self.conv_groups, self.hidden_size
            ));
        }
        Ok(())
    }
}

impl From<DebertaV2Config> for PretrainedConfig {
    fn from(config: DebertaV2Config) -> Self {
        let mut pretrained = Self::new("deberta-v2", "DebertaV2Config");
        pretrained.fill_in(keys_of(&config));
        pretrained
    }
}
