//! The arguments that are one of some names.

use serde_json::Value;
use trainer_models::Compute;

use super::value::{ArgumentKind, ArgumentValue};

/// Defines an enum whose variants have a name in Python, in JSON and on the command line.
macro_rules! argument_choice {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$doc:meta])+ $variant:ident = $text:literal),+ $(,)? }
        $($true:literal => $yes:ident, $false:literal => $no:ident)?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$doc])+ #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in Python's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in Python, in JSON and on the command line.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::arguments::ArgumentsError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::arguments::read_argument(stringify!($name), text.into())
            }
        }

        impl $crate::arguments::ArgumentValue for $name {
            const KIND: $crate::arguments::ArgumentKind =
                $crate::arguments::ArgumentKind::Choice(&[$($text),+ $(, $true, $false)?]);

            fn from_json(value: serde_json::Value) -> Option<Self> {
                $(
                    if let Some(answer) = value.as_bool() {
                        return Some(if answer { Self::$yes } else { Self::$no });
                    }
                )?
                let text = value.as_str()?;
                $(
                    match text {
                        $true => return Some(Self::$yes),
                        $false => return Some(Self::$no),
                        _ => {}
                    }
                )?
                Self::ALL.iter().copied().find(|choice| choice.as_str() == text)
            }

            fn to_json(&self) -> serde_json::Value {
                self.as_str().into()
            }
        }
    };
}
pub(crate) use argument_choice;

argument_choice! {
    /// When something is done during training: logging, evaluation.
    pub enum IntervalStrategy {
        /// Never.
        No = "no",
        /// Every so many optimizer steps.
        Steps = "steps",
        /// At the end of every epoch.
        Epoch = "epoch",
    }
}

argument_choice! {
    /// When a checkpoint is saved during training.
    pub enum SaveStrategy {
        /// Never.
        No = "no",
        /// Every `save_steps` optimizer steps.
        Steps = "steps",
        /// At the end of every epoch.
        Epoch = "epoch",
        /// Whenever evaluation gave a better value of `metric_for_best_model` than before.
        Best = "best",
    }
}

argument_choice! {
    /// When checkpoints go to the hub.
    pub enum HubStrategy {
        /// Only at the end of training.
        End = "end",
        /// With each save.
        EverySave = "every_save",
        /// With each save, and the latest checkpoint in the folder `last-checkpoint`.
        Checkpoint = "checkpoint",
        /// All checkpoints as they appear.
        AllCheckpoints = "all_checkpoints",
    }
}

argument_choice! {
    /// How much is logged.
    pub enum LogLevel {
        /// More than information.
        Detail = "detail",
        /// Everything.
        Debug = "debug",
        /// Progress and settings.
        Info = "info",
        /// What may be wrong.
        Warning = "warning",
        /// What is wrong.
        Error = "error",
        /// Only what ends the program.
        Critical = "critical",
        /// Whatever the program has set.
        Passive = "passive",
    }
}

argument_choice! {
    /// The order in which training rows are visited.
    pub enum SamplingStrategy {
        /// Shuffled anew each epoch.
        Random = "random",
        /// In the order of the dataset.
        Sequential = "sequential",
        /// Rows of similar length together.
        GroupByLength = "group_by_length",
        /// Batches of similar cost, of which some have more rows than others.
        BatchRebalance = "batch_rebalance",
    }
}

argument_choice! {
    /// Which input tokens `num_input_tokens_seen` counts. Where a boolean is given, true is all and false is no.
    pub enum TokenCount {
        /// All, padding too.
        All = "all",
        /// All but padding.
        NonPadding = "non_padding",
        /// None.
        No = "no",
    }
    "true" => All, "false" => No
}

/// How the model computes. Python has no such argument.
impl ArgumentValue for Compute {
    const KIND: ArgumentKind =
        ArgumentKind::Choice(&[Self::Reference.as_str(), Self::Fast.as_str()]);

    fn from_json(value: Value) -> Option<Self> {
        let text = value.as_str()?;
        Self::ALL
            .into_iter()
            .find(|compute| compute.as_str() == text)
    }

    fn to_json(&self) -> Value {
        self.as_str().into()
    }
}
