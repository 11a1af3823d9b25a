use tch::{Kind, Tensor};

use super::DebertaV2Config;
use super::distances::Distances;
use crate::construction::Scope;
use crate::layers::{Dropout, Linear, least_of};
use crate::{Layout, Pass, Result};

/// What attention of every layer is told of the batch's columns.
#[derive(Debug)]
pub(super) struct Columns {
    /// True where attention may not look: bool, of a form that is broadcast to `[rows, heads, columns, columns]`.
    masked: Option<Tensor>,
    /// The kind of each distance, where they have embeddings: int64 `[1, columns, columns]`.
    kinds: Option<Tensor>,
}

impl Columns {
    /// Of states that lie as the layout says. `kept` has true for tokens and false for padding, `[rows, columns]`, where padding has stayed.
    pub(super) fn new(
        states: &Tensor,
        kept: Option<&Tensor>,
        distances: Option<Distances>,
        layout: &Layout,
    ) -> Result<Self> {
        let (columns, masked) = match layout {
            Layout::Padded { .. } => {
                let pairs = kept.map(|kept| -> Result<Tensor> {
                    let keys = kept.f_unsqueeze(1)?.f_unsqueeze(2)?;
                    Ok(keys.f_logical_and(&kept.f_unsqueeze(1)?.f_unsqueeze(3)?)?)
                });
                (states.size()[1], pairs.transpose()?)
            }
            // Nobody reads what padding would see.
            Layout::Packed(packed) => (
                packed.width,
                packed.mask.as_ref().map(Tensor::shallow_clone),
            ),
        };
        let kinds = distances.map(|distances| distances.kinds(columns, states.device()));
        let masked = masked.map(|mask| mask.f_logical_not());
        Ok(Self {
            masked: masked.transpose()?,
            kinds: kinds.transpose()?,
        })
    }

    pub(super) fn shallow_clone(&self) -> Self {
        let clone = |tensor: &Option<Tensor>| tensor.as_ref().map(Tensor::shallow_clone);
        Self {
            masked: clone(&self.masked),
            kinds: clone(&self.kinds),
        }
    }
}

/// `DisentangledSelfAttention`: scores are products of tokens with tokens, and with embeddings of their distance.
#[derive(Debug)]
pub(super) struct DisentangledAttention {
    query: Linear,
    key: Linear,
    value: Linear,
    /// From embeddings of distances to keys, for products of tokens with places; `None` where those of tokens serve.
    place_key: Option<Linear>,
    /// To queries, for products of places with tokens.
    place_query: Option<Linear>,
    c2p: bool,
    p2c: bool,
    heads: i64,
    span: i64,
    place_dropout: Dropout,
    dropout: Dropout,
}

impl DisentangledAttention {
    pub(super) fn new(scope: &Scope<'_>, config: &DebertaV2Config) -> Result<Self> {
        let width = config.hidden_size;
        let square = |name: &str| Linear::new(&(scope / name), width, width);
        let (c2p, p2c) = (config.has_c2p(), config.has_p2c());
        let distances = config.distances();
        let of_places = distances.is_some() && !config.share_att_key;
        let place = |name, wanted: bool| (of_places && wanted).then(|| square(name)).transpose();
        Ok(Self {
            query: square("query_proj")?,
            key: square("key_proj")?,
            value: square("value_proj")?,
            place_key: place("pos_key_proj", c2p)?,
            place_query: place("pos_query_proj", p2c)?,
            c2p,
            p2c,
            heads: config.num_attention_heads,
            span: distances.map_or(0, |distances| distances.span()),
            place_dropout: Dropout::new(config.hidden_dropout_prob),
            dropout: Dropout::new(config.attention_probs_dropout_prob),
        })
    }

    pub(super) fn shallow_clone(&self) -> Self {
        let clone = |layer: &Option<Linear>| layer.as_ref().map(Linear::shallow_clone);
        Self {
            query: self.query.shallow_clone(),
            key: self.key.shallow_clone(),
            value: self.value.shallow_clone(),
            place_key: clone(&self.place_key),
            place_query: clone(&self.place_query),
            ..*self
        }
    }

    /// States of all tokens to the same; `places` are the embeddings of distances, `[2 span, width]`, where there are any.
    pub(super) fn forward(
        &self,
        hidden: &Tensor,
        places: Option<&Tensor>,
        columns: &Columns,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let projections = [&self.query, &self.key, &self.value];
        let [query, key, value] = match pass.fused([hidden, self.query.weight()]) {
            Some(_) => {
                let states = Linear::forward_all(projections, hidden)?;
                let thirds = states.f_chunk(3, 1)?;
                let third = |number: usize| self.by_heads(&thirds[number], pass.layout);
                [third(0)?, third(1)?, third(2)?]
            }
            None => {
                let project = |layer: &Linear| self.by_heads(&layer.forward(hidden)?, pass.layout);
                [
                    project(&self.query)?,
                    project(&self.key)?,
                    project(&self.value)?,
                ]
            }
        };
        let terms = 1 + i64::from(self.c2p) + i64::from(self.p2c);
        let root = Tensor::f_full([0_i64; 0], query.size()[2], (Kind::Float, query.device()))?;
        let root = root
            .f_mul_scalar(terms)?
            .f_sqrt()?
            .f_to_kind(query.kind())?;
        let mut scores = query.f_bmm(&key.f_transpose(-1, -2)?.f_div(&root)?)?;
        if let (Some(places), Some(kinds)) = (places, &columns.kinds) {
            let places = self
                .place_dropout
                .forward(places, pass.mode)?
                .f_unsqueeze(0)?;
            if let Some(bias) = self.bias([&query, &key], &places, kinds, &root)? {
                scores = scores.f_add(&bias)?;
            }
        }
        let attended = self.attend(&scores, &value, columns, pass)?;
        self.joined(&attended, pass.layout)
    }

    /// What is added to the scores (`disentangled_attention_bias`), `[rows * heads, columns, columns]`.
    fn bias(
        &self,
        [query, key]: [&Tensor; 2],
        places: &Tensor,
        kinds: &Tensor,
        root: &Tensor,
    ) -> Result<Option<Tensor>> {
        let [of_all, columns, _] = query.size().try_into().unwrap_or([0; 3]);
        let of_every_row = |layer: &Linear| -> Result<Tensor> {
            let heads = self.split(&layer.forward(places)?)?;
            Ok(heads.f_repeat([of_all / self.heads, 1, 1])?)
        };
        let key_layer = self.place_key.as_ref().unwrap_or(&self.key);
        let query_layer = self.place_query.as_ref().unwrap_or(&self.query);
        let place_query = || self.p2c.then(|| of_every_row(query_layer)).transpose();
        let place_key = || self.c2p.then(|| of_every_row(key_layer)).transpose();
        // In Python's order, in which gradients are added up.
        let (place_query, place_key) = match self.place_key.is_some() || self.place_query.is_some()
        {
            true => {
                let place_key = place_key()?;
                (place_query()?, place_key)
            }
            false => (place_query()?, place_key()?),
        };
        let product = |states: &Tensor, places: &Tensor, kinds: &Tensor| -> Result<Tensor> {
            let all = states.f_bmm(&places.f_transpose(-1, -2)?)?;
            let kinds = kinds
                .f_add_scalar(self.span)?
                .f_clamp(0, 2 * self.span - 1)?;
            let kinds = kinds.f_expand([of_all, columns, columns], false)?;
            Ok(all.f_gather(-1, &kinds, false)?)
        };
        let mut bias = None;
        if let Some(place_key) = place_key {
            bias = Some(product(query, &place_key, kinds)?.f_div(root)?);
        }
        if let Some(place_query) = place_query {
            let scores = product(key, &place_query, &kinds.f_neg()?)?.f_transpose(-1, -2)?;
            let scores = scores.f_div(root)?;
            bias = Some(match bias {
                Some(mut bias) => bias.f_add_(&scores)?,
                None => scores,
            });
        }
        Ok(bias)
    }

    fn attend(
        &self,
        scores: &Tensor,
        value: &Tensor,
        columns: &Columns,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let [of_all, length, _] = scores.size().try_into().unwrap_or([0; 3]);
        let mut scores = scores.f_view([-1, self.heads, length, length])?;
        if let Some(masked) = &columns.masked {
            let least = least_of(scores.kind());
            scores = scores.f_masked_fill(masked, least)?;
        }
        let weights = scores.f_softmax(-1, None)?;
        let weights = self.dropout.forward(&weights, pass.mode)?;
        Ok(weights.f_view([of_all, length, length])?.f_bmm(value)?)
    }

    /// `[rows, columns, width]` to `[rows * heads, columns, head width]`.
    fn split(&self, states: &Tensor) -> Result<Tensor> {
        let [rows, columns, width] = states.size().try_into().unwrap_or([0; 3]);
        let heads = states.f_view([rows, columns, self.heads, -1])?;
        let heads = heads.f_permute([0, 2, 1, 3])?.f_contiguous()?;
        Ok(heads.f_view([-1, columns, width / self.heads])?)
    }

    /// [`split`](Self::split) of states that lie as the layout says, with padding.
    fn by_heads(&self, states: &Tensor, layout: &Layout) -> Result<Tensor> {
        match layout {
            Layout::Padded { .. } => self.split(states),
            Layout::Packed(packed) => self.split(&packed.unpack(states, 0.0)?),
        }
    }

    /// The way back, where padding is taken out again.
    fn joined(&self, attended: &Tensor, layout: &Layout) -> Result<Tensor> {
        let [_, columns, width] = attended.size().try_into().unwrap_or([0; 3]);
        let heads = attended.f_view([-1, self.heads, columns, width])?;
        let joined = heads.f_permute([0, 2, 1, 3])?.f_contiguous()?;
        let joined = joined.f_view([-1, columns, self.heads * width])?;
        match layout {
            Layout::Padded { .. } => Ok(joined),
            Layout::Packed(packed) => packed.pack(&joined),
        }
    }
}
