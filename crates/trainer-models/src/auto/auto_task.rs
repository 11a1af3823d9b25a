/// The types `AutoModelFor…`: name, what the names of the model's classes end with, the family's head, its
/// dropout, the task.
macro_rules! auto_models {
    ($($(#[$documentation:meta])* $name:ident, $suffix:literal, $head:ident, $dropout:ident, $task:ident;)*) => { $(
        $(#[$documentation])*
        ///
        /// ```no_run
        #[doc = concat!("use trainer_models::{", stringify!($name), ", num_labels};")]
        ///
        /// # fn main() -> trainer_models::Result<()> {
        #[doc = concat!("let model = ", stringify!($name), "::from_pretrained(\"bert-base-cased\", num_labels(2))?;")]
        /// # Ok(())
        /// # }
        /// ```
        #[derive(Debug)]
        pub struct $name;

        impl $name {
            const KIND: $crate::pretrained_model::TaskKind = $crate::pretrained_model::TaskKind {
                suffix: $suffix,
                head: |family| family.$head(),
                dropout: |numbers| numbers.$dropout,
                task: |config| Ok(Box::new($task::new(config)?)),
            };

            /// The model in the folder `name_or_path`, or else the hub's model of that name, with a head as `options` say,
            /// in host memory and float32 whatever floating-point type its files have.
            ///
            /// A head that the files lack is drawn from libtorch's global generator (seed it first), as Python draws it:
            /// normal with the configuration's `initializer_range`, biases zero; nothing else is drawn. A warning names
            /// such weights.
            ///
            /// # Errors
            /// When there is no such model, its family is not supported, a file is missing, broken or a pickle of
            /// more than weights, or a weight has another shape than the model (unless
            /// [`ignore_mismatched_sizes`]($crate::ModelOptions::ignore_mismatched_sizes)).
            pub fn from_pretrained(
                name_or_path: &str,
                options: $crate::ModelOptions,
            ) -> $crate::Result<Box<dyn $crate::Model>> {
                let (model, report) = Self::from_pretrained_with_report(name_or_path, options)?;
                report.warn();
                Ok(Box::new(model))
            }

            /// [`from_pretrained`](Self::from_pretrained) with the report instead of a warning.
            ///
            /// # Errors
            /// As `from_pretrained`.
            pub fn from_pretrained_with_report(
                name_or_path: &str,
                options: $crate::ModelOptions,
            ) -> $crate::Result<($crate::PretrainedModel, $crate::LoadReport)> {
                $crate::pretrained::load_pretrained(
                    name_or_path,
                    &options,
                    |config, checkpoint, origin, options| {
                        $crate::PretrainedModel::build(Self::KIND, config, checkpoint, origin, options)
                    },
                )
            }

            /// A model with drawn weights, as Python's constructor draws them from the same seed.
            ///
            /// # Errors
            /// When the configuration cannot be used.
            pub fn from_config(
                config: impl Into<$crate::PretrainedConfig>,
                options: $crate::ModelOptions,
            ) -> $crate::Result<Box<dyn $crate::Model>> {
                let config = config.into().with_options(&options)?;
                let (model, _) = $crate::PretrainedModel::build(Self::KIND, config, None, "", &options)?;
                Ok(Box::new(model))
            }
        }
    )* };
}

pub(super) use auto_models;
