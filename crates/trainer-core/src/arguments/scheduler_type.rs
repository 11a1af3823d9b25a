//! The names of learning-rate schedules.

use super::choices::argument_choice;

argument_choice! {
    /// The learning-rate schedules of the Python Trainer.
    pub enum SchedulerType {
        /// Down to zero in a straight line after the warm-up.
        Linear = "linear",
        /// Down to zero along half a cosine after the warm-up.
        Cosine = "cosine",
        /// Several cosines, each from the top.
        CosineWithRestarts = "cosine_with_restarts",
        /// Down to `lr_end` by a power of the remaining steps.
        Polynomial = "polynomial",
        /// Always the same, without warm-up.
        Constant = "constant",
        /// Always the same after the warm-up.
        ConstantWithWarmup = "constant_with_warmup",
        /// With the inverse square root of the step.
        InverseSqrt = "inverse_sqrt",
        /// Smaller whenever the evaluation metric stops improving.
        ReduceLrOnPlateau = "reduce_lr_on_plateau",
        /// A cosine down to a smallest rate.
        CosineWithMinLr = "cosine_with_min_lr",
        /// A cosine down to a smallest rate, with a first rate for the warm-up.
        CosineWarmupWithMinLr = "cosine_warmup_with_min_lr",
        /// Up, constant, down.
        WarmupStableDecay = "warmup_stable_decay",
        /// Up and down with the evaluation metric.
        Greedy = "greedy",
    }
}
