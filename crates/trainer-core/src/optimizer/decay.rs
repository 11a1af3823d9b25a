use trainer_models::{Parameter, Parameters};

use super::ParamGroup;

/// Whether weight decay applies to a parameter: not to those of normalisation layers, nor to those whose name says bias or
/// norm. The patterns are those of Hugging Face's `Trainer.get_decay_parameter_names`: `bias`, `layernorm`, `rmsnorm`,
/// `(?:^|\.)norm(?:$|\.)` and `_norm(?:$|\.)`, in the lower-cased name. Embeddings and heads decay.
#[must_use]
pub fn is_decayed(parameter: &Parameter) -> bool {
    !parameter.role.in_norm() && !is_spared(&parameter.name.to_lowercase())
}

/// The two groups of Hugging Face's Trainer, both with the learning rate `lr`: the parameters that decay by
/// `weight_decay`, then the others, each in the model's order; only those that require a gradient. Either may be empty.
#[must_use]
pub fn decay_parameter_groups(
    parameters: &Parameters,
    weight_decay: f64,
    lr: f64,
) -> Vec<ParamGroup> {
    let group = |decayed: bool, weight_decay: f64| {
        let members = parameters
            .iter()
            .filter(|parameter| {
                parameter.tensor.requires_grad() && is_decayed(parameter) == decayed
            })
            .map(|parameter| (parameter.name.clone(), parameter.tensor.shallow_clone()));
        ParamGroup::new(members, lr, weight_decay)
    };
    vec![group(true, weight_decay), group(false, 0.0)]
}

/// Python looks at every suffix of the dotted name, as it descends the modules. Only `(?:^|\.)norm` can tell a suffix from
/// the whole name, and where it matches one at the start it matches the whole after a dot.
fn is_spared(name: &str) -> bool {
    let mut segments = name.split('.');
    ["bias", "layernorm", "rmsnorm"]
        .iter()
        .any(|word| name.contains(word))
        || segments.any(|segment| segment == "norm" || segment.ends_with("_norm"))
}

#[cfg(test)]
mod tests {
    use super::is_spared;

    #[test]
    fn names_are_judged_as_by_the_regular_expressions() {
        for spared in [
            "bert.encoder.layer.0.output.dense.bias",
            "a.layernorm.weight",
            "x.rmsnorm_2.weight",
            "norm.weight",
            "model.norm",
            "layers.0.attn_norm.weight",
            "block.relative_attention_bias.weight",
        ] {
            assert!(is_spared(spared), "{spared}");
        }
        for decayed in [
            "bert.embeddings.word_embeddings.weight",
            "model.norms.weight",
            "normal.weight",
            "a_normed.weight",
            "layers.q_norm2.weight",
            "classifier.weight",
        ] {
            assert!(!is_spared(decayed), "{decayed}");
        }
    }
}
