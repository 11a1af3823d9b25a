//! What the Python Trainer knows and this one does not yet: asking for it is an error, never ignored.

use serde_json::{Value, json};

use super::error::{ArgumentsError, ArgumentsResult};
use super::fields::ArgumentFields;
use super::json::accelerator_defaults;
use super::training_arguments::TrainingArguments;

const CHECKPOINTING: &str =
    "of its keys only `use_reentrant` is here, and either value gives the same";
const COMPILE: &str = "there is no compiler for models here; operations run as libtorch has them";
const HUB: &str = "nothing is pushed to the hub; push `output_dir` with another tool";
const REPORTS: &str = "logs go to the console and to `trainer_state.json`";
const PROCESSES: &str = "a run is one process with one device";
const LOADER: &str =
    "batches are loaded by threads of this process, always in the order of the sampler";
const METRICS: &str = "metrics accumulate batch by batch on their own";
const OPTIMIZER: &str = "only the optimizers of PyTorch and Adafactor are here";
const ACCELERATE: &str = "Accelerate, and what it configures, is not part of this project";

/// The arguments that must keep their default, and why.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("optim_target_modules", OPTIMIZER),
    ("torch_compile", COMPILE),
    ("torch_compile_backend", COMPILE),
    ("torch_compile_mode", COMPILE),
    ("use_liger_kernel", COMPILE),
    ("liger_kernel_config", COMPILE),
    (
        "use_cache",
        "the models keep no keys and values of attention",
    ),
    ("neftune_noise_alpha", "no noise is added to embeddings"),
    (
        "torch_empty_cache_steps",
        "the device's memory cache is never emptied",
    ),
    (
        "auto_find_batch_size",
        "set `per_device_train_batch_size` and `gradient_accumulation_steps`",
    ),
    ("log_on_each_node", PROCESSES),
    ("log_level_replica", PROCESSES),
    ("project", REPORTS),
    ("trackio_space_id", REPORTS),
    ("trackio_bucket_id", REPORTS),
    ("trackio_static_space_id", REPORTS),
    (
        "eval_do_concat_batches",
        "predictions of all batches are one array",
    ),
    ("eval_use_gather_object", PROCESSES),
    ("batch_eval_metrics", METRICS),
    ("save_on_each_node", PROCESSES),
    (
        "enable_jit_checkpoint",
        "set `save_steps`: a run resumes exactly from any checkpoint",
    ),
    ("push_to_hub", HUB),
    ("hub_token", HUB),
    ("hub_private_repo", HUB),
    ("hub_model_id", HUB),
    ("hub_strategy", HUB),
    ("hub_always_push", HUB),
    ("hub_revision", HUB),
    (
        "full_determinism",
        "`seed` alone repeats a run on the CPU; operations of other devices are not restricted",
    ),
    ("accelerator_config", ACCELERATE),
    ("parallelism_config", PROCESSES),
    ("dataloader_multiprocessing_context", LOADER),
    ("dataloader_in_order", LOADER),
    ("ddp_find_unused_parameters", PROCESSES),
    ("ddp_bucket_cap_mb", PROCESSES),
    ("ddp_broadcast_buffers", PROCESSES),
    ("ddp_static_graph", PROCESSES),
    ("ddp_backend", PROCESSES),
    ("ddp_timeout", PROCESSES),
    ("fsdp", PROCESSES),
    ("fsdp_config", PROCESSES),
    ("deepspeed", PROCESSES),
    ("debug", "values inside the model are not watched"),
    ("skip_memory_metrics", "memory is not measured"),
    ("local_rank", PROCESSES),
];

impl TrainingArguments {
    /// Refuses what is set away from its default and not supported.
    pub(super) fn refuse_unsupported(&self) -> ArgumentsResult<()> {
        let defaults = Self::default();
        for &(name, reason) in UNSUPPORTED {
            let value = self.get(name).unwrap_or_default();
            if value != defaults.get(name).unwrap_or_default() && !is_off(name, &value) {
                return Err(unsupported(name, &value, reason));
            }
        }
        let kwargs = [
            (
                "activation_checkpointing_kwargs",
                &self.activation_checkpointing_kwargs,
            ),
            (
                "gradient_checkpointing_kwargs",
                &self.gradient_checkpointing_kwargs,
            ),
        ];
        for (name, kwargs) in kwargs {
            let known = |value: &Value| match value {
                Value::Object(entries) => entries
                    .iter()
                    .all(|(key, value)| key == "use_reentrant" && value.is_boolean()),
                Value::Null => true,
                _ => false,
            };
            if let Some(kwargs) = kwargs.as_ref().filter(|kwargs| !known(kwargs)) {
                return Err(unsupported(name, kwargs, CHECKPOINTING));
            }
        }
        if !self.optim.is_supported() {
            return Err(unsupported("optim", &json!(self.optim), OPTIMIZER));
        }
        if !self.effective_report_to().is_empty() {
            return Err(unsupported("report_to", &json!(self.report_to), REPORTS));
        }
        Ok(())
    }
}

/// Values beside the default that ask for nothing either; Python's `to_json_string` writes them.
fn is_off(name: &str, value: &Value) -> bool {
    match name {
        "accelerator_config" => *value == accelerator_defaults(),
        _ => false,
    }
}

fn unsupported(name: &'static str, value: &Value, reason: &'static str) -> ArgumentsError {
    let value = if name.ends_with("_token") {
        "a secret".to_string()
    } else {
        value.to_string()
    };
    ArgumentsError::Unsupported {
        name,
        value,
        reason,
    }
}
