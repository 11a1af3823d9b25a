use super::BertConfig;
use crate::Result;
use crate::construction::Scope;
use crate::families::embeddings::TextEmbeddings;
use crate::families::encoder::{Encoder, EncoderLayer};
use crate::layers::{ActivatedLinear, Dropout, Embedding, LayerNorm, ResidualNorm, SelfAttention};

/// `BertEmbeddings`, of this width; those of its relatives too.
pub(crate) fn embeddings(
    scope: &Scope<'_>,
    config: &BertConfig,
    width: i64,
) -> Result<TextEmbeddings> {
    let table =
        |name: &str, entries, padding| Embedding::new(&(scope / name), entries, width, padding);
    Ok(TextEmbeddings {
        word_embeddings: table("word_embeddings", config.vocab_size, config.pad_token_id)?,
        position_embeddings: table("position_embeddings", config.max_position_embeddings, None)?,
        token_type_embeddings: Some(table(
            "token_type_embeddings",
            config.type_vocab_size,
            None,
        )?),
        layer_norm: LayerNorm::new(&(scope / "LayerNorm"), width, config.layer_norm_eps)?,
        dropout: Dropout::new(config.hidden_dropout_prob),
    })
}

/// `BertEncoder`; that of its relatives too.
pub(crate) fn encoder(scope: &Scope<'_>, config: &BertConfig) -> Result<Encoder> {
    let layers =
        (0..config.num_hidden_layers).map(|number| layer(&(scope / "layer" / number), config));
    Ok(Encoder::new(layers.collect::<Result<_>>()?))
}

fn layer(scope: &Scope<'_>, config: &BertConfig) -> Result<EncoderLayer> {
    let (width, inner) = (config.hidden_size, config.intermediate_size);
    let output = |scope: &Scope<'_>, inputs| {
        let (eps, dropout) = (config.layer_norm_eps, config.hidden_dropout_prob);
        ResidualNorm::new(&(scope / "output"), [inputs, width], eps, dropout)
    };
    let attention = scope / "attention";
    Ok(EncoderLayer {
        attention: SelfAttention::new(
            &(&attention / "self"),
            width,
            config.num_attention_heads,
            config.attention_probs_dropout_prob,
        )?,
        attention_output: output(&attention, width)?,
        intermediate: ActivatedLinear::new(
            &(scope / "intermediate"),
            [width, inner],
            config.hidden_act,
        )?,
        output: output(scope, inner)?,
    })
}
