//! The names of optimizers that Python knows.

use super::choices::argument_choice;

argument_choice! {
    /// The optimizers of the Python Trainer. Those from other packages have a name here so that asking for one is
    /// answered with its name; [`TrainingArguments::validate`](super::TrainingArguments::validate) refuses them.
    pub enum OptimizerNames {
        /// PyTorch's AdamW.
        AdamwTorch = "adamw_torch",
        /// PyTorch's AdamW with its fused kernel.
        AdamwTorchFused = "adamw_torch_fused",
        /// Python only: `adamw_torch_xla`.
        AdamwTorchXla = "adamw_torch_xla",
        /// Python only: `adamw_torch_npu_fused`.
        AdamwTorchNpuFused = "adamw_torch_npu_fused",
        /// Hugging Face's Adafactor, without relative steps.
        Adafactor = "adafactor",
        /// Python only: `adamw_anyprecision`.
        AdamwAnyprecision = "adamw_anyprecision",
        /// Python only: `adamw_torch_4bit`.
        AdamwTorch4bit = "adamw_torch_4bit",
        /// Python only: `adamw_torch_8bit`.
        AdamwTorch8bit = "adamw_torch_8bit",
        /// Python only: `ademamix`.
        Ademamix = "ademamix",
        /// Stochastic gradient descent.
        Sgd = "sgd",
        /// PyTorch's Adagrad.
        Adagrad = "adagrad",
        /// Python only: `adamw_bnb_8bit`.
        AdamwBnb = "adamw_bnb_8bit",
        /// Python only: `adamw_8bit`.
        Adamw8bit = "adamw_8bit",
        /// Python only: `ademamix_8bit`.
        Ademamix8bit = "ademamix_8bit",
        /// Python only: `lion_8bit`.
        Lion8bit = "lion_8bit",
        /// Python only: `lion_32bit`.
        Lion = "lion_32bit",
        /// Python only: `paged_adamw_32bit`.
        PagedAdamw = "paged_adamw_32bit",
        /// Python only: `paged_adamw_8bit`.
        PagedAdamw8bit = "paged_adamw_8bit",
        /// Python only: `paged_ademamix_32bit`.
        PagedAdemamix = "paged_ademamix_32bit",
        /// Python only: `paged_ademamix_8bit`.
        PagedAdemamix8bit = "paged_ademamix_8bit",
        /// Python only: `paged_lion_32bit`.
        PagedLion = "paged_lion_32bit",
        /// Python only: `paged_lion_8bit`.
        PagedLion8bit = "paged_lion_8bit",
        /// PyTorch's RMSprop.
        Rmsprop = "rmsprop",
        /// Python only: `rmsprop_bnb`.
        RmspropBnb = "rmsprop_bnb",
        /// Python only: `rmsprop_bnb_8bit`.
        Rmsprop8bit = "rmsprop_bnb_8bit",
        /// Python only: `rmsprop_bnb_32bit`.
        Rmsprop32bit = "rmsprop_bnb_32bit",
        /// Python only: `galore_adamw`.
        GaloreAdamw = "galore_adamw",
        /// Python only: `galore_adamw_8bit`.
        GaloreAdamw8bit = "galore_adamw_8bit",
        /// Python only: `galore_adafactor`.
        GaloreAdafactor = "galore_adafactor",
        /// Python only: `galore_adamw_layerwise`.
        GaloreAdamwLayerwise = "galore_adamw_layerwise",
        /// Python only: `galore_adamw_8bit_layerwise`.
        GaloreAdamw8bitLayerwise = "galore_adamw_8bit_layerwise",
        /// Python only: `galore_adafactor_layerwise`.
        GaloreAdafactorLayerwise = "galore_adafactor_layerwise",
        /// Python only: `lomo`.
        Lomo = "lomo",
        /// Python only: `adalomo`.
        Adalomo = "adalomo",
        /// Python only: `grokadamw`.
        Grokadamw = "grokadamw",
        /// Python only: `schedule_free_radam`.
        ScheduleFreeRadam = "schedule_free_radam",
        /// Python only: `schedule_free_adamw`.
        ScheduleFreeAdamw = "schedule_free_adamw",
        /// Python only: `schedule_free_sgd`.
        ScheduleFreeSgd = "schedule_free_sgd",
        /// Python only: `apollo_adamw`.
        ApolloAdamw = "apollo_adamw",
        /// Python only: `apollo_adamw_layerwise`.
        ApolloAdamwLayerwise = "apollo_adamw_layerwise",
        /// Python only: `stable_adamw`.
        StableAdamw = "stable_adamw",
    }
}

impl OptimizerNames {
    /// Whether this project has the optimizer.
    pub fn is_supported(self) -> bool {
        crate::optimizer::is_named(self)
    }
}
