use super::DistilBertConfig;
use crate::Result;
use crate::construction::Scope;
use crate::families::embeddings::TextEmbeddings;
use crate::families::encoder::{Encoder, EncoderLayer};
use crate::families::tables::Tables;
use crate::families::text_model::TextModel;
use crate::layers::{
    ActivatedLinear, Attend, Dropout, Embedding, LayerNorm, Linear, ResidualNorm, SelfAttention,
};

/// The variance of layer normalisation gets this added, whatever the configuration says.
pub(super) const EPS: f64 = 1e-12;

/// `DistilBertModel`.
pub(super) fn model(scope: &Scope<'_>, config: &DistilBertConfig) -> Result<TextModel> {
    let numbered = |number: i64| layer(&(scope / "transformer" / "layer" / number), config);
    Ok(TextModel {
        tables: Tables {
            words: config.vocab_size,
            segments: None,
            places: config.max_position_embeddings,
            padding: None,
        },
        embeddings: embeddings(&(scope / "embeddings"), config)?,
        projection: None,
        encoder: Encoder::new((0..config.n_layers).map(numbered).collect::<Result<_>>()?),
        pooler: None,
    })
}

fn embeddings(scope: &Scope<'_>, config: &DistilBertConfig) -> Result<TextEmbeddings> {
    let (width, places) = (config.dim, config.max_position_embeddings);
    let words = scope / "word_embeddings";
    let position_embeddings = scope / "position_embeddings";
    Ok(TextEmbeddings {
        word_embeddings: Embedding::new(&words, config.vocab_size, width, config.pad_token_id)?,
        token_type_embeddings: None,
        position_embeddings: match config.sinusoidal_pos_embds {
            true => Embedding::sinusoidal(&position_embeddings, places, width)?,
            false => Embedding::new(&position_embeddings, places, width, None)?,
        },
        layer_norm: LayerNorm::new(&(scope / "LayerNorm"), width, EPS)?,
        dropout: Dropout::new(config.dropout),
    })
}

/// `TransformerBlock`: nothing is dropped between attention's output and its residual.
fn layer(scope: &Scope<'_>, config: &DistilBertConfig) -> Result<EncoderLayer> {
    let (width, inner) = (config.dim, config.hidden_dim);
    let (attention, ffn) = (scope / "attention", scope / "ffn");
    let square = |name: &str| Linear::new(&(&attention / name), width, width);
    let norm = |name: &str| LayerNorm::new(&(scope / name), width, EPS);
    Ok(EncoderLayer {
        attention: SelfAttention::from_parts(
            [square("q_lin")?, square("k_lin")?, square("v_lin")?],
            Attend::new(width / config.n_heads, config.attention_dropout),
        ),
        attention_output: ResidualNorm::from_parts(
            square("out_lin")?,
            norm("sa_layer_norm")?,
            Dropout::new(0.0),
        ),
        intermediate: ActivatedLinear::from_parts(
            Linear::new(&(&ffn / "lin1"), width, inner)?,
            config.activation,
        ),
        output: ResidualNorm::from_parts(
            Linear::new(&(&ffn / "lin2"), inner, width)?,
            norm("output_layer_norm")?,
            Dropout::new(config.dropout),
        ),
    })
}
