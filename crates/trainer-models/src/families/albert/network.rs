use super::AlbertConfig;
use crate::Result;
use crate::construction::Scope;
use crate::families::bert::embeddings;
use crate::families::encoder::{Encoder, EncoderLayer};
use crate::families::pooler::Pooler;
use crate::families::tables::Tables;
use crate::families::text_model::TextModel;
use crate::layers::{ActivatedLinear, Dropout, LayerNorm, Linear, ResidualNorm, SelfAttention};

/// `AlbertModel`.
pub(super) fn model(
    scope: &Scope<'_>,
    config: &AlbertConfig,
    with_pooler: bool,
) -> Result<TextModel> {
    let (embedded, width) = (config.embedding_size, config.hidden_size);
    let encoder = scope / "encoder";
    let pooler = || Pooler::new(&(scope / "pooler"), width);
    Ok(TextModel {
        tables: Tables {
            words: config.vocab_size,
            segments: Some(config.type_vocab_size),
            places: config.max_position_embeddings,
            padding: None,
        },
        embeddings: embeddings(&(scope / "embeddings"), &config.bert(), embedded)?,
        projection: Some(Linear::new(
            &(&encoder / "embedding_hidden_mapping_in"),
            embedded,
            width,
        )?),
        encoder: Encoder::repeating(layers(&encoder, config)?, turns(config)),
        pooler: with_pooler.then(pooler).transpose()?,
    })
}

/// The layers of all groups, one group behind the other.
fn layers(scope: &Scope<'_>, config: &AlbertConfig) -> Result<Vec<EncoderLayer>> {
    let mut layers = Vec::new();
    for group in 0..config.num_hidden_groups {
        for inner in 0..config.inner_group_num {
            let place = scope / "albert_layer_groups" / group / "albert_layers" / inner;
            layers.push(layer(&place, config)?);
        }
    }
    Ok(layers)
}

/// The layers that compute, in order: Python shares the turns out among the groups by a quotient in double precision.
fn turns(config: &AlbertConfig) -> Vec<usize> {
    let turns_of_a_group = config.num_hidden_layers as f64 / config.num_hidden_groups as f64;
    let inner = config.inner_group_num as usize;
    let first = |turn: i64| (turn as f64 / turns_of_a_group) as usize * inner;
    (0..config.num_hidden_layers)
        .flat_map(|turn| first(turn)..first(turn) + inner)
        .collect()
}

/// `AlbertLayer`: nothing is dropped between the feed-forward block and its residual.
fn layer(scope: &Scope<'_>, config: &AlbertConfig) -> Result<EncoderLayer> {
    let (width, inner) = (config.hidden_size, config.intermediate_size);
    let layer_norm = LayerNorm::new(
        &(scope / "full_layer_layer_norm"),
        width,
        config.layer_norm_eps,
    )?;
    let attention = scope / "attention";
    Ok(EncoderLayer {
        attention: SelfAttention::new(
            &attention,
            width,
            config.num_attention_heads,
            config.attention_probs_dropout_prob,
        )?,
        attention_output: ResidualNorm::new(
            &attention,
            [width, width],
            config.layer_norm_eps,
            config.hidden_dropout_prob,
        )?,
        intermediate: ActivatedLinear::from_parts(
            Linear::new(&(scope / "ffn"), width, inner)?,
            config.hidden_act,
        ),
        output: ResidualNorm::from_parts(
            Linear::new(&(scope / "ffn_output"), inner, width)?,
            layer_norm,
            Dropout::new(0.0),
        ),
    })
}
