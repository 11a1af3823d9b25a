use tch::{Kind, Tensor};
use trainer_collate::NamedTensors;

use super::drawing::Drawing;
use super::layer::norm;
use super::{ModernBertConfig, Pooling};
use crate::construction::{Role, Scope};
use crate::heads::{Head, HeadKind, HeadSize, PooledHead, SpanHead, TokenHead};
use crate::layers::{Activation, LayerNorm, Linear};
use crate::{BackboneOutput, Error, Layout, Pass, Reads, Result};

/// `ModernBertPredictionHead` on the states of tokens or rows, and then the head of a task.
#[derive(Debug)]
struct PredictionHead {
    pooled: Option<Pooled>,
    dense: Linear,
    activation: Activation,
    norm: LayerNorm,
    scores: Box<dyn Head>,
}

/// What stands for a row.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Pooled {
    /// The state of the first column.
    First,
    /// The state of the first token that is no padding.
    FirstKept,
    Mean,
}

/// Whole sequences.
pub(super) const SEQUENCES: HeadKind = kind(|scope, size| {
    let pooled = pooled(size, Pooled::First)?;
    PredictionHead::boxed(scope, size, Some(pooled), |scope, size| {
        (PooledHead::KIND.build)(scope, size)
    })
});

/// Choices.
pub(super) const CHOICES: HeadKind = kind(|scope, size| {
    let pooled = pooled(size, Pooled::FirstKept)?;
    PredictionHead::boxed(scope, size, Some(pooled), |scope, size| {
        (PooledHead::KIND.build)(scope, size)
    })
});

/// Single tokens.
pub(super) const TOKENS: HeadKind = kind(|scope, size| {
    PredictionHead::boxed(scope, size, None, |scope, size| {
        (TokenHead::KIND.build)(scope, size)
    })
});

/// Answers in a text.
pub(super) const ANSWERS: HeadKind = kind(|scope, size| {
    PredictionHead::boxed(scope, size, None, |scope, size| {
        Ok(Box::new(SpanHead::named("classifier", scope, size)?))
    })
});

/// Masked words.
pub(super) const WORDS: HeadKind = kind(|scope, size| {
    let config = ModernBertConfig::from_pretrained_config(size.config)?;
    if config.sparse_prediction {
        let reason = "sparse_prediction true is not supported";
        return Err(Error::config(size.config.origin(), reason));
    }
    PredictionHead::boxed(scope, size, None, |scope, size| {
        Ok(Box::new(Decoder::new(scope, size)?))
    })
});

const fn kind(build: fn(&Scope<'_>, HeadSize<'_>) -> Result<Box<dyn Head>>) -> HeadKind {
    HeadKind {
        reads_pooler: false,
        build,
    }
}

fn pooled(size: HeadSize<'_>, first: Pooled) -> Result<Pooled> {
    let config = ModernBertConfig::from_pretrained_config(size.config)?;
    Ok(match config.classifier_pooling {
        Pooling::Cls => first,
        Pooling::Mean => Pooled::Mean,
    })
}

impl PredictionHead {
    fn boxed(
        scope: &Scope<'_>,
        size: HeadSize<'_>,
        pooled: Option<Pooled>,
        scores: fn(&Scope<'_>, HeadSize<'_>) -> Result<Box<dyn Head>>,
    ) -> Result<Box<dyn Head>> {
        let config = ModernBertConfig::from_pretrained_config(size.config)?;
        let (head, width) = (scope / "head", config.hidden_size);
        let dense = &head / "dense";
        let dense = Linear::perhaps_biased(&dense, [width, width], config.classifier_bias)?;
        let norm = norm(&(&head / "norm"), &config)?;
        let drawing = Drawing::of(&config);
        drawing.outward(&head, dense.weight());
        let scores = scores(scope, size)?;
        if let Ok(last) = scope.made("classifier.weight") {
            drawing.last(scope, &last);
        }
        Ok(Box::new(Self {
            pooled,
            dense,
            activation: config.classifier_activation,
            norm,
            scores,
        }))
    }

    fn predict(&self, states: &Tensor) -> Result<Tensor> {
        let states = self.activation.forward(&self.dense.forward(states)?)?;
        self.norm.forward(&states)
    }
}

impl Head for PredictionHead {
    fn reads(&self) -> Reads {
        match self.pooled {
            Some(Pooled::First | Pooled::FirstKept) => Reads::FirstTokens,
            Some(Pooled::Mean) | None => Reads::AllTokens,
        }
    }

    fn is_token_wise(&self) -> bool {
        self.pooled.is_none() && self.scores.is_token_wise()
    }

    fn forward(&self, states: &BackboneOutput, pass: Pass<'_>) -> Result<NamedTensors> {
        let states = &states.last_hidden_state;
        let (of_tokens, of_rows) = match self.pooled {
            None => (self.predict(states)?, None),
            Some(pooled) => {
                let pooled = pooled.of(states, pass)?;
                (states.shallow_clone(), Some(self.predict(&pooled)?))
            }
        };
        let states = BackboneOutput::new(of_tokens, of_rows);
        self.scores.forward(&states, pass)
    }
}

impl Pooled {
    /// States of all tokens to `[rows, width]`.
    fn of(self, states: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        match (self, pass.layout) {
            (Self::First, _) | (Self::FirstKept, Layout::Packed(_)) => pass.first_tokens(states),
            (Self::FirstKept, Layout::Padded { .. }) => first_kept(states, pass.layout),
            (Self::Mean, _) => mean(states, pass.layout),
        }
    }
}

fn first_kept(states: &Tensor, layout: &Layout) -> Result<Tensor> {
    let integers = (Kind::Int64, states.device());
    let rows = Tensor::f_arange(states.size()[0], integers)?;
    let columns = match layout.kept()? {
        Some(kept) => kept.f_to_kind(Kind::Int64)?.f_argmax(-1, false)?,
        None => Tensor::f_zeros([0_i64; 0], integers)?,
    };
    Ok(states.f_index(&[Some(rows), Some(columns)])?)
}

fn mean(states: &Tensor, layout: &Layout) -> Result<Tensor> {
    let (states, counts) = match layout {
        Layout::Packed(packed) => {
            let lengths = Tensor::f_from_slice(&packed.lengths)?.f_unsqueeze(1)?;
            let lengths = lengths.f_to_device(states.device())?;
            (packed.unpack(states, 0.0)?, lengths)
        }
        Layout::Padded { .. } => match layout.kept()? {
            Some(kept) => {
                let weights = kept.f_unsqueeze(-1)?.f_to_kind(states.kind())?;
                let counts = kept.f_sum_dim_intlist([1].as_slice(), true, Kind::Int64)?;
                (states.f_mul(&weights)?, counts)
            }
            None => {
                let length = states.size()[1];
                let count = Tensor::f_full([1, 1], length, (Kind::Int64, states.device()))?;
                (states.shallow_clone(), count)
            }
        },
    };
    let sums = states.f_sum_dim_intlist([1].as_slice(), false, None)?;
    Ok(sums.f_div(&counts)?)
}

/// Products with the embeddings of all words, which are the backbone's, and perhaps a bias: `logits` of `[rows, length, words]`.
#[derive(Debug)]
struct Decoder {
    words: Tensor,
    bias: Option<Tensor>,
}

impl Decoder {
    fn new(scope: &Scope<'_>, size: HeadSize<'_>) -> Result<Self> {
        let config = ModernBertConfig::from_pretrained_config(size.config)?;
        let (count, inputs) = (config.vocab_size, config.hidden_size);
        let decoder = scope / "decoder";
        // What Python draws before the layer gets the embeddings.
        decoder.discard(&[count, inputs], Role::LinearWeight)?;
        let table = format!("{}.embeddings.tok_embeddings.weight", size.base_prefix);
        let words = decoder.tied("weight", &table, Role::LinearWeight)?;
        let bias = || decoder.weight("bias", &[count], Role::LinearBias { inputs });
        Ok(Self {
            words,
            bias: config.decoder_bias.then(bias).transpose()?,
        })
    }
}

impl Head for Decoder {
    fn is_token_wise(&self) -> bool {
        true
    }

    fn forward(&self, states: &BackboneOutput, pass: Pass<'_>) -> Result<NamedTensors> {
        let logits = states
            .last_hidden_state
            .f_linear(&self.words, self.bias.as_ref())?;
        let logits = pass.layout.unpack(logits)?;
        Ok([("logits", logits)].into_iter().collect())
    }
}
