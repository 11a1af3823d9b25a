//! A small model of each family, without dropout.

use trainer_models::PretrainedConfig;
use trainer_models::albert::AlbertConfig;
use trainer_models::bert::BertConfig;
use trainer_models::deberta_v2::{DebertaV2Config, PosAttType};
use trainer_models::distilbert::DistilBertConfig;
use trainer_models::electra::ElectraConfig;
use trainer_models::layers::Activation;
use trainer_models::modernbert::{ModernBertConfig, Pooling};
use trainer_models::mpnet::MpnetConfig;
use trainer_models::roberta::{CamembertConfig, RobertaConfig, XlmRobertaConfig};

pub(crate) const VOCABULARY: i64 = 40;
pub(crate) const LONGEST: i64 = 12;

pub(crate) fn sizes() -> BertConfig {
    BertConfig {
        vocab_size: VOCABULARY,
        hidden_size: 20,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 28,
        max_position_embeddings: LONGEST + 2,
        // Far enough from zero that every operation shows.
        initializer_range: 0.3,
        hidden_dropout_prob: 0.0,
        attention_probs_dropout_prob: 0.0,
        ..BertConfig::default()
    }
}

/// One of each family.
pub(crate) fn configs() -> Vec<PretrainedConfig> {
    let roberta = BertConfig {
        pad_token_id: Some(1),
        ..sizes()
    };
    let distilbert = DistilBertConfig {
        vocab_size: VOCABULARY,
        dim: 20,
        n_layers: 2,
        n_heads: 4,
        hidden_dim: 28,
        max_position_embeddings: LONGEST + 2,
        initializer_range: 0.3,
        dropout: 0.0,
        attention_dropout: 0.0,
        seq_classif_dropout: 0.0,
        qa_dropout: 0.0,
        ..DistilBertConfig::default()
    };
    let electra = ElectraConfig {
        bert: sizes(),
        embedding_size: 12,
        summary_last_dropout: 0.0,
        ..ElectraConfig::default()
    };
    let roberta = RobertaConfig { bert: roberta };
    let camembert = CamembertConfig {
        roberta: roberta.clone(),
    };
    let xlm_roberta = XlmRobertaConfig {
        roberta: roberta.clone(),
    };
    vec![
        albert().into(),
        sizes().into(),
        camembert.into(),
        deberta().into(),
        deberta_with_convolution().into(),
        distilbert.into(),
        electra.into(),
        modernbert().into(),
        modernbert_with_biases().into(),
        mpnet().into(),
        roberta.into(),
        xlm_roberta.into(),
    ]
}

fn albert() -> AlbertConfig {
    AlbertConfig {
        vocab_size: VOCABULARY,
        embedding_size: 12,
        hidden_size: 20,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 28,
        hidden_act: Activation::Gelu,
        max_position_embeddings: LONGEST + 2,
        initializer_range: 0.3,
        classifier_dropout_prob: 0.0,
        ..AlbertConfig::default()
    }
}

/// With what the third version has.
fn deberta() -> DebertaV2Config {
    DebertaV2Config {
        vocab_size: VOCABULARY,
        hidden_size: 20,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 28,
        position_biased_input: false,
        relative_attention: true,
        max_relative_positions: LONGEST + 2,
        position_buckets: 6,
        pos_att_type: Some(PosAttType::Text("p2c|c2p".to_owned())),
        share_att_key: true,
        norm_rel_ebd: "layer_norm".to_owned(),
        initializer_range: 0.3,
        hidden_dropout_prob: 0.0,
        attention_probs_dropout_prob: 0.0,
        legacy: false,
        ..DebertaV2Config::default()
    }
}

/// With what the third version has not.
fn deberta_with_convolution() -> DebertaV2Config {
    DebertaV2Config {
        embedding_size: Some(12),
        max_position_embeddings: LONGEST + 2,
        position_biased_input: true,
        type_vocab_size: 2,
        max_relative_positions: 5,
        position_buckets: -1,
        pos_att_type: Some(PosAttType::List(vec!["c2p".to_owned(), "p2c".to_owned()])),
        share_att_key: false,
        conv_kernel_size: 3,
        conv_groups: 2,
        legacy: true,
        ..deberta()
    }
}

/// With a window that most rows are wider than.
fn modernbert() -> ModernBertConfig {
    ModernBertConfig {
        vocab_size: VOCABULARY,
        hidden_size: 24,
        num_hidden_layers: 3,
        num_attention_heads: 4,
        intermediate_size: 28,
        initializer_range: 0.3,
        pad_token_id: Some(0),
        global_attn_every_n_layers: 2,
        local_attention: 6,
        ..ModernBertConfig::default()
    }
}

/// With a window that no row is wider than.
fn modernbert_with_biases() -> ModernBertConfig {
    ModernBertConfig {
        norm_bias: true,
        attention_bias: true,
        mlp_bias: true,
        classifier_bias: true,
        decoder_bias: false,
        classifier_pooling: Pooling::Mean,
        hidden_activation: Activation::Silu,
        local_attention: 2 * LONGEST,
        ..modernbert()
    }
}

fn mpnet() -> MpnetConfig {
    MpnetConfig {
        vocab_size: VOCABULARY,
        hidden_size: 20,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 28,
        max_position_embeddings: LONGEST + 2,
        initializer_range: 0.3,
        hidden_dropout_prob: 0.0,
        attention_probs_dropout_prob: 0.0,
        ..MpnetConfig::default()
    }
}
