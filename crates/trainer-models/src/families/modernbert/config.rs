use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::rotations::{self, GLOBAL, LOCAL};
use crate::families::keys::keys_of;
use crate::families::{FamilyConfig, checks};
use crate::layers::Activation;
use crate::{Error, PretrainedConfig, Result};

/// The keys of `config.json` that ModernBERT reads, with Python's defaults (`configuration_modernbert.py`), those of
/// `answerdotai/ModernBERT-base`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModernBertConfig {
    /// Number of tokens in the vocabulary.
    pub vocab_size: i64,
    /// Width of the hidden states.
    pub hidden_size: i64,
    /// Width inside the feed-forward blocks, half of what their first layer gives.
    pub intermediate_size: i64,
    /// Number of encoder layers, at least 1.
    pub num_hidden_layers: i64,
    /// Number of attention heads; divides `hidden_size` into even numbers.
    pub num_attention_heads: i64,
    /// The function inside the feed-forward blocks.
    pub hidden_activation: Activation,
    /// Kept for Python: rows may be longer.
    pub max_position_embeddings: i64,
    /// Standard deviation of weights that are drawn, above 0; of layers that lead out of a block it is less.
    pub initializer_range: f64,
    /// How many standard deviations drawn weights are from 0 at most, above 0.
    pub initializer_cutoff_factor: f64,
    /// Added to the variance in layer normalisation.
    pub norm_eps: f64,
    /// Whether normalisation has a shift.
    pub norm_bias: bool,
    /// The token of padding, whose embedding gets no gradient; a negative number counts from the end of the vocabulary.
    pub pad_token_id: Option<i64>,
    /// Whether the layers of attention have a bias.
    pub attention_bias: bool,
    /// Dropout of attention weights, and behind attention.
    pub attention_dropout: f64,
    /// `full_attention` or `sliding_attention` for each layer; where it is not said, by
    /// [`global_attn_every_n_layers`](Self::global_attn_every_n_layers).
    pub layer_types: Option<Vec<String>>,
    /// Of which so many layers the first looks everywhere.
    #[serde(skip_serializing)]
    pub global_attn_every_n_layers: i64,
    /// For each of the two types of layers `rope_type`, of which only `default` is supported, and `rope_theta`, the base of the wavelengths.
    pub rope_parameters: Option<Map<String, Value>>,
    /// `rope_theta` of layers that look everywhere, where [`rope_parameters`](Self::rope_parameters) does not say it.
    #[serde(skip_serializing)]
    pub global_rope_theta: f64,
    /// That of the others.
    #[serde(skip_serializing)]
    pub local_rope_theta: f64,
    /// Width of the window of tokens that layers of the type `sliding_attention` see: half of it to either side.
    pub local_attention: i64,
    /// Dropout after embeddings.
    pub embedding_dropout: f64,
    /// Whether the layers of feed-forward blocks have a bias.
    pub mlp_bias: bool,
    /// Dropout inside feed-forward blocks.
    pub mlp_dropout: f64,
    /// Whether the last layer of the head for masked words has a bias.
    pub decoder_bias: bool,
    /// What stands for a row: its first token or the mean.
    pub classifier_pooling: Pooling,
    /// Dropout before the last layer of a head.
    pub classifier_dropout: f64,
    /// Whether the first layer of a head has a bias.
    pub classifier_bias: bool,
    /// The function behind the first layer of a head.
    pub classifier_activation: Activation,
    /// Whether heads for masked words score those alone; only `false` is supported.
    pub sparse_prediction: bool,
    /// Kept for Python.
    pub tie_word_embeddings: bool,
}

/// `classifier_pooling`: what stands for a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// The state of the first token.
    #[default]
    Cls,
    /// The mean of the states of all tokens.
    Mean,
}

impl Default for ModernBertConfig {
    fn default() -> Self {
        Self {
            vocab_size: 50_368,
            hidden_size: 768,
            intermediate_size: 1152,
            num_hidden_layers: 22,
            num_attention_heads: 12,
            hidden_activation: Activation::Gelu,
            max_position_embeddings: 8192,
            initializer_range: 0.02,
            initializer_cutoff_factor: 2.0,
            norm_eps: 1e-5,
            norm_bias: false,
            pad_token_id: Some(50_283),
            attention_bias: false,
            attention_dropout: 0.0,
            layer_types: None,
            global_attn_every_n_layers: 3,
            rope_parameters: None,
            global_rope_theta: 160_000.0,
            local_rope_theta: 10_000.0,
            local_attention: 128,
            embedding_dropout: 0.0,
            mlp_bias: false,
            mlp_dropout: 0.0,
            decoder_bias: true,
            classifier_pooling: Pooling::Cls,
            classifier_dropout: 0.0,
            classifier_bias: false,
            classifier_activation: Activation::Gelu,
            sparse_prediction: false,
            tie_word_embeddings: true,
        }
    }
}

impl ModernBertConfig {
    /// Reads the keys that ModernBERT knows.
    ///
    /// # Errors
    /// When a value is of the wrong type or out of range, or asks for what this crate does not have; the error names it.
    pub fn from_pretrained_config(config: &PretrainedConfig) -> Result<Self> {
        let bad = |reason| Error::config(config.origin(), reason);
        let mut own: Self = config.parse()?;
        own.check().map_err(bad)?;
        if let Some(scaling) = config.get("rope_scaling").filter(|value| !value.is_null()) {
            own.rope_parameters = Some(own.rotations(Some(scaling)).map_err(bad)?);
        }
        own.rotations(None).map_err(bad)?;
        Ok(own)
    }

    /// What models of any task are made by.
    pub(super) fn family_config(&self) -> FamilyConfig {
        let dropout = self.classifier_dropout;
        FamilyConfig {
            head_dropout: dropout,
            token_dropout: dropout,
            choice_dropout: dropout,
            answer_dropout: dropout,
            initializer_range: self.initializer_range,
            keys: self.to_keys(),
            ..FamilyConfig::new(self.hidden_size)
        }
    }

    pub(super) fn head_width(&self) -> i64 {
        self.hidden_size / self.num_attention_heads
    }

    /// How far layers with a window see.
    pub(super) fn reach(&self) -> i64 {
        self.local_attention / 2
    }

    /// Whether the layer of this number looks everywhere.
    pub(super) fn is_global(&self, layer: i64) -> bool {
        let given = self.layer_types.as_ref();
        match given.and_then(|types| types.get(usize::try_from(layer).ok()?)) {
            Some(name) => name == GLOBAL,
            None => layer % self.global_attn_every_n_layers == 0,
        }
    }

    /// The base of the wavelengths of a type of layers.
    pub(super) fn theta(&self, is_global: bool) -> f64 {
        let (name, default) = match is_global {
            true => (GLOBAL, self.global_rope_theta),
            false => (LOCAL, self.local_rope_theta),
        };
        let given = self.rope_parameters.as_ref().and_then(|all| all.get(name));
        given
            .and_then(|of_type| of_type.get("rope_theta")?.as_f64())
            .unwrap_or(default)
    }

    /// `rope_parameters` with all that they stand for, under those of the older key `rope_scaling`, which are for both types.
    fn rotations(&self, scaling: Option<&Value>) -> Result<Map<String, Value>, String> {
        let defaults = [
            (GLOBAL, self.global_rope_theta),
            (LOCAL, self.local_rope_theta),
        ];
        rotations::complete(self.rope_parameters.as_ref(), scaling, defaults)
    }

    /// The keys as today's files have them.
    fn to_keys(&self) -> Map<String, Value> {
        let name = |is_global| if is_global { GLOBAL } else { LOCAL }.to_owned();
        let types = (0..self.num_hidden_layers).map(|layer| name(self.is_global(layer)));
        keys_of(&Self {
            layer_types: Some(types.collect()),
            // What cannot be completed is refused when it is read.
            rope_parameters: self
                .rotations(None)
                .ok()
                .or_else(|| self.rope_parameters.clone()),
            ..self.clone()
        })
    }

    fn check(&self) -> Result<(), String> {
        checks::sizes(&[
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("num_attention_heads", self.num_attention_heads),
            ("local_attention", self.local_attention),
            (
                "global_attn_every_n_layers",
                self.global_attn_every_n_layers,
            ),
        ])?;
        checks::layers("num_hidden_layers", self.num_hidden_layers)?;
        let heads = ("num_attention_heads", self.num_attention_heads);
        checks::heads(heads, ("hidden_size", self.hidden_size))?;
        if self.head_width() % 2 != 0 {
            return Err(format!(
                "num_attention_heads {} divides hidden_size {} into odd numbers, which are not rotated",
                self.num_attention_heads, self.hidden_size
            ));
        }
        checks::probabilities(&[
            ("attention_dropout", self.attention_dropout),
            ("embedding_dropout", self.embedding_dropout),
            ("mlp_dropout", self.mlp_dropout),
            ("classifier_dropout", self.classifier_dropout),
        ])?;
        for (key, value) in [
            ("initializer_range", self.initializer_range),
            ("initializer_cutoff_factor", self.initializer_cutoff_factor),
        ] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(format!("{key} must be above 0, found {value}"));
            }
        }
        checks::padding(self.pad_token_id, self.vocab_size)?;
        self.check_types()
    }

    fn check_types(&self) -> Result<(), String> {
        let Some(types) = &self.layer_types else {
            return Ok(());
        };
        if let Some(unknown) = types
            .iter()
            .find(|name| ![GLOBAL, LOCAL].contains(&name.as_str()))
        {
            return Err(format!(
                "layer_types {unknown:?} is not supported, only {GLOBAL:?} and {LOCAL:?} are"
            ));
        }
        let (found, layers) = (types.len(), self.num_hidden_layers);
        match i64::try_from(found) == Ok(layers) {
            true => Ok(()),
            false => Err(format!(
                "layer_types names {found} layers, num_hidden_layers is {layers}"
            )),
        }
    }
}

impl From<ModernBertConfig> for PretrainedConfig {
    fn from(config: ModernBertConfig) -> Self {
        let mut pretrained = Self::new("modernbert", "ModernBertConfig");
        pretrained.fill_in(config.to_keys());
        pretrained
    }
}
