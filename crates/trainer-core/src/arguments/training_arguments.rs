//! The table of all arguments.

use std::path::PathBuf;

use trainer_models::Compute;

use super::choices::{
    HubStrategy, IntervalStrategy, LogLevel, SamplingStrategy, SaveStrategy, TokenCount,
};
use super::optimizer_names::OptimizerNames;
use super::scheduler_type::SchedulerType;
use crate::argument_fields;

argument_fields! {
    /// Everything that can be set about a training run, under Hugging Face's names.
    ///
    /// The fields hold what the user asked for; what follows from it is answered by methods, such as
    /// [`effective_eval_steps`](Self::effective_eval_steps), and nothing changes a field behind the user's back.
    /// [`validate`](Self::validate) refuses, by name, what is wrong and what is not supported yet.
    ///
    /// Names, defaults and meaning are those of
    /// [`transformers` 5.23](https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/training_args.py);
    /// `compute` alone is not there.
    ///
    /// ```
    /// use trainer_core::{IntervalStrategy, TrainingArguments};
    ///
    /// let args = TrainingArguments {
    ///     eval_strategy: IntervalStrategy::Epoch,
    ///     learning_rate: 3e-5,
    ///     ..TrainingArguments::new("out")
    /// };
    /// args.validate()?;
    /// # Ok::<(), trainer_core::ArgumentsError>(())
    /// ```
    #[derive(Debug, Clone, PartialEq)]
    pub struct TrainingArguments {
        "Output, duration and batch" {
            /// Where checkpoints and results are written; a leading `~` is the home folder.
            output_dir: PathBuf = PathBuf::from("trainer_output"),
            /// The batch size per device for training.
            per_device_train_batch_size: usize = 8,
            /// Number of epochs; may be a fraction.
            num_train_epochs: f64 = 3.0,
            /// Overrides `num_train_epochs` if positive: the number of optimizer steps.
            max_steps: i64 = -1,
        }
        "Learning rate" {
            /// The initial learning rate for the optimizer.
            learning_rate: f64 = 5e-5,
            /// The learning rate scheduler type to use. See `SchedulerType` for all possible values.
            lr_scheduler_type: SchedulerType = SchedulerType::Linear,
            /// Extra arguments of the schedule, as a JSON object.
            lr_scheduler_kwargs: Option<serde_json::Map<String, serde_json::Value>> = None,
            /// Warm-up from 0 to `learning_rate`: a number of steps, or below 1 a ratio of all steps.
            warmup_steps: f64 = 0.0,
        }
        "Optimizer" {
            /// The optimizer to use. See `OptimizerNames` for the complete list.
            optim: OptimizerNames = OptimizerNames::AdamwTorchFused,
            /// Optional arguments supplied to optimizers such as AnyPrecisionAdamW, AdEMAMix, and GaLore.
            optim_args: Option<String> = None,
            /// Weight decay coefficient applied by the optimizer. Automatically excluded from bias and LayerNorm
            /// parameters.
            weight_decay: f64 = 0.0,
            /// The exponential decay rate for the first moment estimates (momentum) in Adam-based optimizers.
            adam_beta1: f64 = 0.9,
            /// The exponential decay rate for the second moment estimates (variance) in Adam-based optimizers.
            adam_beta2: f64 = 0.999,
            /// Epsilon value for numerical stability in Adam-based optimizers.
            adam_epsilon: f64 = 1e-8,
            /// The target modules to optimize. Currently used for the GaLore and APOLLO algorithms.
            optim_target_modules: Option<Vec<String>> = None,
        }
        "Regularisation and stability" {
            /// Batches whose gradients are added up to one optimizer step.
            gradient_accumulation_steps: usize = 1,
            /// Count the tokens of a step over all devices, so that its loss is their mean.
            average_tokens_across_devices: bool = true,
            /// Maximum gradient norm for gradient clipping. Set to 0 to disable.
            max_grad_norm: f64 = 1.0,
            /// How much of each target goes to all classes alike. Zero means no smoothing.
            label_smoothing_factor: f64 = 0.0,
        }
        "Speed" {
            /// How the model computes: 'reference', Python's operations in Python's order, or 'fast', the same results to
            /// rounding in less time. Not an argument of Python's.
            compute: Compute = Compute::default(),
        }
        "Precision" {
            /// Enable bfloat16 (BF16) mixed precision training. Generally preferred over FP16 due to better numerical
            /// stability.
            bf16: bool = false,
            /// Enable float16 (FP16) mixed precision training, on a GPU. Consider using BF16 instead if your hardware
            /// supports it.
            fp16: bool = false,
            /// Use full BF16 precision for evaluation (not just mixed precision). Faster and saves memory.
            bf16_full_eval: bool = false,
            /// Use full FP16 precision for evaluation (not just mixed precision). Faster and saves memory.
            fp16_full_eval: bool = false,
            /// Enable TF32 mode on Ampere and newer GPUs. Provides up to 8x speedup with negligible accuracy loss.
            tf32: Option<bool> = None,
        }
        "Memory and compilation" {
            /// Enable activation checkpointing to trade compute for memory. Reduces memory at the cost of ~20% slower
            /// training.
            activation_checkpointing: Option<bool> = None,
            /// Arguments of activation checkpointing, as a JSON object.
            activation_checkpointing_kwargs: Option<serde_json::Value> = None,
            /// Deprecated alias of `activation_checkpointing`, will be removed in v6.
            gradient_checkpointing: Option<bool> = None,
            /// Deprecated alias of `activation_checkpointing_kwargs`, will be removed in v6.
            gradient_checkpointing_kwargs: Option<serde_json::Value> = None,
            /// Compile the model using `torch.compile()` for faster training.
            torch_compile: bool = false,
            /// Backend for `torch.compile()`. If set, automatically enables `torch_compile`.
            torch_compile_backend: Option<String> = None,
            /// Compilation mode for `torch.compile()`. If set, automatically enables `torch_compile`.
            torch_compile_mode: Option<String> = None,
            /// Use the Liger kernels.
            use_liger_kernel: bool = false,
            /// Which Liger kernels, as a JSON object.
            liger_kernel_config: Option<serde_json::Value> = None,
            /// Let the model keep keys and values of attention while it trains.
            use_cache: bool = false,
            /// Strength of NEFTune noise on embeddings. Typical: 5 to 15.
            neftune_noise_alpha: Option<f64> = None,
            /// Steps between two calls that empty the device's memory cache. Never if not given.
            torch_empty_cache_steps: Option<usize> = None,
            /// Try smaller training batches when memory does not suffice.
            auto_find_batch_size: bool = false,
        }
        "Logging" {
            /// The logging strategy to adopt during training. Options: 'no', 'epoch', 'steps'.
            logging_strategy: IntervalStrategy = IntervalStrategy::Steps,
            /// Optimizer steps between two logs; below 1 a ratio of all steps.
            logging_steps: f64 = 500.0,
            /// Whether to log the first `global_step` or not.
            logging_first_step: bool = false,
            /// When doing a multinode distributed training, whether to log once per node or just once on the main
            /// node.
            log_on_each_node: bool = true,
            /// Leave losses that are not finite out of logged losses.
            logging_nan_inf_filter: bool = true,
            /// Whether to track the number of input tokens seen. Must be one of [`all`, `non_padding`, `no`] or a
            /// boolean value which map to `all` or `no`
            include_num_input_tokens_seen: TokenCount = TokenCount::No,
            /// Logging level for the main process. Options: 'debug', 'info', 'warning', 'error', 'critical',
            /// 'passive'.
            log_level: LogLevel = LogLevel::Passive,
            /// Logging level of the other processes.
            log_level_replica: LogLevel = LogLevel::Warning,
            /// Disable the progress bars. If not given they are shown.
            disable_tqdm: Option<bool> = None,
            /// Where to report results and logs. Use 'none' for nowhere.
            report_to: Vec<String> = vec!["none".to_string()],
            /// A name for the run, for reports.
            run_name: Option<String> = None,
            /// The name of the project to use for logging. Currently, only used by Trackio.
            project: String = "huggingface".to_string(),
            /// The Space for live Trackio logging.
            trackio_space_id: Option<String> = None,
            /// The bucket that Trackio uses.
            trackio_bucket_id: Option<String> = None,
            /// The static Space that Trackio makes after training.
            trackio_static_space_id: Option<String> = None,
        }
        "Evaluation" {
            /// When to run evaluation. Options: 'no', 'steps', 'epoch'.
            eval_strategy: IntervalStrategy = IntervalStrategy::No,
            /// Optimizer steps between two evaluations; below 1 a ratio of all steps. `logging_steps` if not given.
            eval_steps: Option<f64> = None,
            /// Epochs or steps, as `eval_strategy` says, before the first evaluation.
            eval_delay: f64 = 0.0,
            /// The batch size per device for evaluation.
            per_device_eval_batch_size: usize = 8,
            /// When performing evaluation and generating predictions, only returns the loss.
            prediction_loss_only: bool = false,
            /// Evaluate once before training, as a check.
            eval_on_start: bool = false,
            /// Whether to recursively concat inputs/losses/labels/predictions across batches. If `False`, will
            /// instead store them as lists, with each batch kept separate.
            eval_do_concat_batches: bool = true,
            /// Whether to run recursively gather object in a nested list/tuple/dictionary of objects from all
            /// devices.
            eval_use_gather_object: bool = false,
            /// Evaluation batches after which results move to host memory. Here they always do, batch by batch.
            eval_accumulation_steps: Option<usize> = None,
            /// Include additional data in the `compute_metrics` function. Options: 'inputs', 'loss'.
            include_for_metrics: Vec<String> = Vec::new(),
            /// Call the metrics function batch by batch.
            batch_eval_metrics: bool = false,
        }
        "Saving" {
            /// Save only the weights: such a checkpoint cannot be resumed exactly.
            save_only_model: bool = false,
            /// The checkpoint save strategy to adopt during training. Options: 'no', 'epoch', 'steps', 'best'.
            save_strategy: SaveStrategy = SaveStrategy::Steps,
            /// Optimizer steps between two checkpoints; below 1 a ratio of all steps.
            save_steps: f64 = 500.0,
            /// When doing multi-node distributed training, whether to save models and checkpoints on each node, or
            /// only on the main one
            save_on_each_node: bool = false,
            /// Most checkpoints to keep; older ones are deleted, the best one never with `load_best_model_at_end`.
            save_total_limit: Option<usize> = None,
            /// Save a checkpoint and stop when the process is asked to terminate.
            enable_jit_checkpoint: bool = false,
        }
        "Hub" {
            /// Whether or not to push the model to the Hub every time the model is saved.
            push_to_hub: bool = false,
            /// The token for pushing to the hub. Never written: its place holds `<HUB_TOKEN>`.
            hub_token: Option<String> = None,
            /// Whether the repository is private. If not given, as the organisation has it.
            hub_private_repo: Option<bool> = None,
            /// The name of the repository to keep in sync with the local `output_dir`.
            hub_model_id: Option<String> = None,
            /// Defines what and when to push to Hub. Options: 'end', 'every_save', 'checkpoint', 'all_checkpoints'.
            hub_strategy: HubStrategy = HubStrategy::EverySave,
            /// Unless `True`, the Trainer will skip pushes if the previous one wasn't finished yet.
            hub_always_push: bool = false,
            /// The revision to use when pushing to the Hub. Can be a branch name, a tag, or a commit hash.
            hub_revision: Option<String> = None,
        }
        "Best model and resuming" {
            /// Load the best checkpoint at the end of training. Requires `eval_strategy` to be set.
            load_best_model_at_end: bool = false,
            /// Metric by which models are compared, with or without `eval_`. 'loss' where one is needed and none is
            /// given.
            metric_for_best_model: Option<String> = None,
            /// Whether higher values of that metric are better. If not given: unless its name ends in `loss`.
            greater_is_better: Option<bool> = None,
            /// When resuming, start the epoch again instead of going on with the next batch.
            ignore_data_skip: bool = false,
            /// Whether to restore the callback states from the checkpoint. If `True`, will override callbacks passed
            /// to the `Trainer` if they exist in the checkpoint.
            restore_callback_states_from_checkpoint: bool = false,
        }
        "Reproducibility and hardware" {
            /// Use only deterministic operations. Slower.
            full_determinism: bool = false,
            /// Random seed that will be set at the beginning of training.
            seed: u64 = 42,
            /// Seed of the samplers. `seed` if not given.
            data_seed: Option<u64> = None,
            /// Use the CPU even where another device is found.
            use_cpu: bool = false,
            /// Settings of Accelerate: a JSON object or file.
            accelerator_config: Option<serde_json::Value> = None,
            /// Settings of parallelism, as a JSON object.
            parallelism_config: Option<serde_json::Value> = None,
        }
        "Data" {
            /// Drop the last batch where it is not full, of training and of evaluation.
            dataloader_drop_last: bool = false,
            /// Threads that load batches. 0 means that they are loaded between steps.
            dataloader_num_workers: usize = 0,
            /// Pin the memory of batches for faster copies to the device.
            dataloader_pin_memory: bool = true,
            /// Keep the workers alive between epochs.
            dataloader_persistent_workers: bool = false,
            /// Batches loaded in advance by each worker.
            dataloader_prefetch_factor: Option<usize> = None,
            /// How Python starts data loading processes: 'fork', 'spawn' or 'forkserver'.
            dataloader_multiprocessing_context: Option<String> = None,
            /// Keep the order of batches when several workers load them.
            dataloader_in_order: bool = true,
            /// Whether or not to automatically remove the columns unused by the model forward method.
            remove_unused_columns: bool = true,
            /// The list of keys in your dictionary of inputs that correspond to the labels.
            label_names: Option<Vec<String>> = None,
            /// Sampler for training: 'random' (default), 'sequential', 'group_by_length', or 'batch_rebalance'.
            train_sampling_strategy: SamplingStrategy = SamplingStrategy::Random,
            /// Column with the lengths of rows, for the sampling strategies that read it.
            length_column_name: String = "length".to_string(),
        }
        "Several processes" {
            /// When using distributed training, the value of the flag `find_unused_parameters` passed to
            /// `DistributedDataParallel`.
            ddp_find_unused_parameters: Option<bool> = None,
            /// When using distributed training, the value of the flag `bucket_cap_mb` passed to
            /// `DistributedDataParallel`.
            ddp_bucket_cap_mb: Option<usize> = None,
            /// When using distributed training, the value of the flag `broadcast_buffers` passed to
            /// `DistributedDataParallel`.
            ddp_broadcast_buffers: Option<bool> = None,
            /// When using distributed training, the value of the flag `static_graph` passed to
            /// `DistributedDataParallel`.
            ddp_static_graph: Option<bool> = None,
            /// The backend to use for distributed training. Must be one of 'nccl', 'mpi', 'xccl', 'gloo', 'hccl'.
            ddp_backend: Option<String> = None,
            /// The timeout for `torch.distributed.init_process_group` calls (in seconds).
            ddp_timeout: u64 = 1800,
            /// Fully sharded data parallelism.
            fsdp: Option<String> = None,
            /// Settings of fully sharded data parallelism: a JSON object or file.
            fsdp_config: Option<serde_json::Value> = None,
            /// Settings of DeepSpeed: a JSON object or file.
            deepspeed: Option<serde_json::Value> = None,
        }
        "Debugging and scripts" {
            /// Enable one or more debug features. Options: 'underflow_overflow' (detect overflow in model I/O),
            /// 'tpu_metrics_debug' (print TPU metrics).
            debug: Vec<String> = Vec::new(),
            /// Whether to skip adding memory profiler reports to metrics. Skipped by default because it slows down
            /// training.
            skip_memory_metrics: bool = true,
            /// Whether to train. Read by programs, not by the trainer itself.
            do_train: bool = false,
            /// Whether to evaluate. Read by programs, not by the trainer itself.
            do_eval: bool = false,
            /// Whether to predict on the test set. Read by programs, not by the trainer itself.
            do_predict: bool = false,
            /// A checkpoint folder to resume from, or `last` for the newest whole one in `output_dir`.
            resume_from_checkpoint: Option<String> = None,
            /// Rank of this process on its machine. Deprecated in Python too.
            local_rank: i64 = -1,
        }
    }
}
