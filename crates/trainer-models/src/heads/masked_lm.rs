use tch::Tensor;
use trainer_collate::NamedTensors;

use super::{Head, HeadKind, HeadSize, Words};
use crate::construction::{Role, Scope};
use crate::layers::{Activation, LayerNorm, Linear};
use crate::{BackboneOutput, Error, Pass, Result};

/// Which word stands at a token's place: a linear layer, an activation, a layer norm, then products with the embeddings of all words and
/// a bias; `logits` of `[rows, length, words]`. The embeddings are the backbone's own weight.
#[derive(Debug)]
pub struct MaskedLmHead {
    dense: Linear,
    activation: Activation,
    layer_norm: LayerNorm,
    words: Tensor,
    bias: Tensor,
    is_layer: bool,
}

/// Where a family has the head's weights.
struct Names {
    /// Where the linear layer and the norm lie; empty for the model itself.
    transform: &'static str,
    dense: &'static str,
    layer_norm: &'static str,
    /// The last layer; empty where products with the embeddings are none.
    decoder: &'static str,
    bias: Bias,
    is_norm_first: bool,
}

/// The bias of the last layer.
enum Bias {
    /// A weight of its own, of this name, which comes first.
    First(&'static str),
    /// The last layer's.
    OfDecoder,
}

const BERT: Names = Names {
    transform: "cls.predictions.transform",
    dense: "dense",
    layer_norm: "LayerNorm",
    decoder: "cls.predictions.decoder",
    bias: Bias::First("cls.predictions.bias"),
    is_norm_first: false,
};

const ROBERTA: Names = Names {
    transform: "lm_head",
    dense: "dense",
    layer_norm: "layer_norm",
    decoder: "lm_head.decoder",
    bias: Bias::First("lm_head.bias"),
    is_norm_first: false,
};

const DISTILBERT: Names = Names {
    transform: "",
    dense: "vocab_transform",
    layer_norm: "vocab_layer_norm",
    decoder: "vocab_projector",
    bias: Bias::OfDecoder,
    is_norm_first: false,
};

const ELECTRA: Names = Names {
    transform: "generator_predictions",
    dense: "dense",
    layer_norm: "LayerNorm",
    decoder: "generator_lm_head",
    bias: Bias::OfDecoder,
    is_norm_first: true,
};

const ALBERT: Names = Names {
    transform: "predictions",
    dense: "dense",
    layer_norm: "LayerNorm",
    decoder: "predictions.decoder",
    bias: Bias::First("predictions.bias"),
    is_norm_first: true,
};

const DEBERTA: Names = Names {
    transform: "lm_predictions.lm_head",
    dense: "dense",
    layer_norm: "LayerNorm",
    decoder: "",
    bias: Bias::First("lm_predictions.lm_head.bias"),
    is_norm_first: false,
};

impl MaskedLmHead {
    /// BERT's, `cls.predictions`.
    pub const BERT: HeadKind = Self::kind(|scope, size| Self::boxed(scope, size, &BERT));
    /// RoBERTa's, `lm_head`.
    pub const ROBERTA: HeadKind = Self::kind(|scope, size| Self::boxed(scope, size, &ROBERTA));
    /// DistilBERT's, `vocab_transform`, `vocab_layer_norm` and `vocab_projector`.
    pub const DISTILBERT: HeadKind =
        Self::kind(|scope, size| Self::boxed(scope, size, &DISTILBERT));
    /// That of ELECTRA's generator, `generator_predictions` and `generator_lm_head`.
    pub const ELECTRA: HeadKind = Self::kind(|scope, size| Self::boxed(scope, size, &ELECTRA));
    /// ALBERT's, `predictions`.
    pub const ALBERT: HeadKind = Self::kind(|scope, size| Self::boxed(scope, size, &ALBERT));
    /// DeBERTa's where it is not BERT's, `lm_predictions.lm_head`.
    pub const DEBERTA: HeadKind = Self::kind(|scope, size| Self::boxed(scope, size, &DEBERTA));

    const fn kind(build: fn(&Scope<'_>, HeadSize<'_>) -> Result<Box<dyn Head>>) -> HeadKind {
        HeadKind {
            reads_pooler: false,
            build,
        }
    }

    fn boxed(scope: &Scope<'_>, size: HeadSize<'_>, names: &Names) -> Result<Box<dyn Head>> {
        let words = size.words.ok_or_else(|| {
            let reason = "this family's configuration names no table of words to predict";
            Error::config("models for masked words", reason)
        })?;
        Ok(Box::new(Self::new(scope, size, words, names)?))
    }

    /// In the order of Python's weights, and of what its constructors draw.
    fn new(scope: &Scope<'_>, size: HeadSize<'_>, words: Words, names: &Names) -> Result<Self> {
        let first = match names.bias {
            Bias::First(name) => {
                let bias = scope.weight(name, &[words.count], Role::Bias)?;
                if !names.decoder.is_empty() {
                    scope.tie(&format!("{}.bias", names.decoder), &bias)?;
                }
                Some(bias)
            }
            Bias::OfDecoder => None,
        };
        let transform = match names.transform {
            "" => scope / names.dense,
            transform => scope / transform / names.dense,
        };
        let norm = match names.transform {
            "" => scope / names.layer_norm,
            transform => scope / transform / names.layer_norm,
        };
        let layer_norm = || LayerNorm::new(&norm, words.width, words.eps);
        let dense = || Linear::new(&transform, size.hidden_size, words.width);
        let (dense, layer_norm) = match names.is_norm_first {
            true => {
                let layer_norm = layer_norm()?;
                (dense()?, layer_norm)
            }
            false => (dense()?, layer_norm()?),
        };
        let table = format!("{}.{}", size.base_prefix, words.table);
        let (table, bias) = match (names.decoder, first) {
            ("", Some(bias)) => (scope.made(&table)?, bias),
            (decoder, first) => last_layer(&(scope / decoder), words, &table, first)?,
        };
        Ok(Self {
            dense,
            activation: words.activation,
            layer_norm,
            words: table,
            bias,
            is_layer: !names.decoder.is_empty(),
        })
    }
}

/// Weight and bias of a last layer whose weight is the embeddings, `table`, and whose bias is `first` where that is there.
fn last_layer(
    decoder: &Scope<'_>,
    words: Words,
    table: &str,
    first: Option<Tensor>,
) -> Result<(Tensor, Tensor)> {
    let bias_role = Role::LinearBias {
        inputs: words.width,
    };
    // What Python draws for the last layer before that gets the embeddings.
    decoder.discard(&[words.count, words.width], Role::LinearWeight)?;
    let table = decoder.tied("weight", table, Role::LinearWeight)?;
    let bias = match first {
        Some(bias) => {
            decoder.discard(&[words.count], bias_role)?;
            bias
        }
        None => decoder.weight("bias", &[words.count], bias_role)?,
    };
    Ok((table, bias))
}

impl Head for MaskedLmHead {
    fn is_token_wise(&self) -> bool {
        true
    }

    fn forward(&self, states: &BackboneOutput, pass: Pass<'_>) -> Result<NamedTensors> {
        let hidden = self.dense.forward(&states.last_hidden_state)?;
        let hidden = self
            .layer_norm
            .forward(&self.activation.forward(&hidden)?)?;
        let logits = match self.is_layer {
            true => hidden.f_linear(&self.words, Some(&self.bias))?,
            false => hidden
                .f_matmul(&self.words.f_transpose(0, 1)?)?
                .f_add(&self.bias)?,
        };
        let logits = pass.layout.unpack(logits)?;
        Ok([("logits", logits)].into_iter().collect())
    }
}
