use super::DebertaV2Config;
use super::network::DebertaModel;
use crate::construction::Scope;
use crate::families::{Family, FamilyConfig};
use crate::heads::{ContextPooledHead, Head, HeadKind, HeadSize, MaskedLmHead};
use crate::{Backbone, PretrainedConfig, Result};

/// DeBERTa's row in the list of families.
#[derive(Debug)]
pub(crate) struct DebertaV2;

impl Family for DebertaV2 {
    fn model_type(&self) -> &'static str {
        "deberta-v2"
    }

    fn class_name(&self) -> &'static str {
        "DebertaV2"
    }

    fn base_prefix(&self) -> &'static str {
        "deberta"
    }

    fn read_config(&self, config: &PretrainedConfig) -> Result<FamilyConfig> {
        Ok(DebertaV2Config::from_pretrained_config(config)?.family_config())
    }

    fn config_key(&self, key: &'static str) -> Option<&'static str> {
        Some(match key {
            "classifier_dropout" => "cls_dropout",
            other => other,
        })
    }

    /// There is no pooler: the heads that read one state a row have it.
    fn backbone(
        &self,
        scope: &Scope<'_>,
        config: &PretrainedConfig,
        _with_pooler: bool,
    ) -> Result<Box<dyn Backbone>> {
        let config = DebertaV2Config::from_pretrained_config(config)?;
        Ok(Box::new(DebertaModel::new(scope, &config)?))
    }

    fn labels_decide_problem_type(&self) -> bool {
        false
    }

    fn sequence_head(&self) -> HeadKind {
        POOLED
    }

    fn choice_head(&self) -> HeadKind {
        POOLED
    }

    fn masked_lm_head(&self) -> HeadKind {
        HeadKind {
            reads_pooler: false,
            build: masked_lm_head,
        }
    }
}

const POOLED: HeadKind = HeadKind {
    reads_pooler: false,
    build: |scope, size| {
        let config = DebertaV2Config::from_pretrained_config(size.config)?;
        let (dropout, activation) = (config.pooler_dropout, config.pooler_hidden_act);
        Ok(Box::new(ContextPooledHead::new(
            scope, size, dropout, activation,
        )?))
    },
};

fn masked_lm_head(scope: &Scope<'_>, size: HeadSize<'_>) -> Result<Box<dyn Head>> {
    let kind = match DebertaV2Config::from_pretrained_config(size.config)?.legacy {
        true => MaskedLmHead::BERT,
        false => MaskedLmHead::DEBERTA,
    };
    (kind.build)(scope, size)
}
