//! What would end a run in the middle is looked for before its first step.

use trainer_collate::{Batch, DefaultDataCollator};
use trainer_data::{BoxError, ClassLabel, Collate, Dataset, Feature, Features, warning};
use trainer_models::num_counted_labels;

use crate::draws::{generators, set_generators};
use crate::engine::Engine;
use crate::inputs::{EvalDataset, Inputs};
use crate::loss::LabelUse;
use crate::{Error, Result, TrainerDataset, TrainingArguments, best};

/// A data set, and what errors call it.
struct Named<'a> {
    dataset: &'a TrainerDataset,
    description: String,
    is_train: bool,
}

impl Named<'_> {
    fn unusable(&self, source: impl Into<BoxError>) -> Error {
        Error::InDataset {
            dataset: self.description.clone(),
            source: source.into(),
        }
    }
}

/// Looks at all labels, at the first rows of each set as batches, and at the names of what is followed.
pub(crate) fn check(inputs: &Inputs, args: &TrainingArguments, engine: &Engine) -> Result<()> {
    check_followed_metric(inputs, args, engine)?;
    let train = inputs.train_dataset.as_ref().map(|dataset| Named {
        dataset,
        description: "the training set".to_owned(),
        is_train: true,
    });
    let eval = inputs
        .eval_datasets
        .iter()
        .map(|EvalDataset { name, dataset }| Named {
            dataset,
            description: match name {
                Some(name) => format!("the evaluation set {name:?}"),
                None => "the evaluation set".to_owned(),
            },
            is_train: false,
        });
    let mut names: Option<(String, ClassLabel)> = None;
    for set in train.into_iter().chain(eval) {
        if !set.is_train {
            drop(inputs.eval_source(set.dataset, args, &*engine.model)?);
        }
        check_class_names(inputs, &set, &mut names)?;
        // What a stream holds is looked at when it is read, batch by batch.
        if let TrainerDataset::Rows(dataset) = set.dataset {
            check_labels(inputs, engine, &set, dataset)?;
            check_first_rows(inputs, args, engine, &set, dataset)?;
        }
    }
    Ok(())
}

/// A metric by which models are compared must be one that evaluations have, as far as that is known.
fn check_followed_metric(inputs: &Inputs, args: &TrainingArguments, engine: &Engine) -> Result<()> {
    let Some(metric) = args.effective_metric_for_best_model() else {
        return Ok(());
    };
    let computed = match &engine.compute_metrics {
        Some(metrics) if !args.prediction_loss_only => metrics.value_names(),
        _ => Some(Vec::new()),
    };
    let (Some(computed), false) = (computed, inputs.eval_datasets.is_empty()) else {
        return Ok(());
    };
    let always = ["loss", "runtime", "samples_per_second", "steps_per_second"];
    let values = computed.iter().map(String::as_str).chain(always);
    let values: Vec<&str> = values.collect();
    let prefixes = inputs.eval_datasets.iter().map(EvalDataset::prefix);
    let present: Vec<String> = prefixes
        .flat_map(|prefix| {
            values
                .iter()
                .map(move |value| best::prefixed(&prefix, value))
        })
        .collect();
    let name = best::eval_name(metric);
    if present.contains(&name) {
        return Ok(());
    }
    Err(Error::MissingMetric {
        asked: format!("metric_for_best_model is {metric:?}"),
        name,
        present,
    })
}

/// Sets whose classes have other names, or another order of them, number them differently.
fn check_class_names(
    inputs: &Inputs,
    set: &Named<'_>,
    names: &mut Option<(String, ClassLabel)>,
) -> Result<()> {
    let Some(label) = class_label(inputs, set.dataset) else {
        return Ok(());
    };
    match names {
        None => *names = Some((set.description.clone(), label)),
        Some((first, known)) if known.names() != label.names() => {
            let (found, expected) = (label.names().join(", "), known.names().join(", "));
            return Err(set.unusable(format!(
                "its classes are {found}; those of {first} are {expected}: number all alike, with class_encode_column of \
                 the DatasetDict or cast_column"
            )));
        }
        Some(_) => {}
    }
    Ok(())
}

/// Looks for rows without a label and labels that are no class. Those for a criterion of the user's own are looked at for missing
/// ones only.
fn check_labels(
    inputs: &Inputs,
    engine: &Engine,
    set: &Named<'_>,
    dataset: &Dataset,
) -> Result<()> {
    let features = dataset.features();
    let Some(column) = label_column(inputs, &features) else {
        return Ok(());
    };
    let unusable = |error: BoxError| set.unusable(format!("column {column:?}: {error}"));
    let mut labels = dataset.select_columns(&[column])?;
    if let Some(row) = first_null(&labels, column)? {
        let column = column.to_owned();
        return Err(set.unusable(trainer_collate::Error::Null { column, row }));
    }
    // Lists are looked at as the collator makes them, in the first rows.
    if engine.criterion.label_use() == LabelUse::Own
        || matches!(features.get(column), Some(Feature::List(_)))
    {
        return Ok(());
    }
    if matches!(features.get(column), Some(Feature::String)) {
        return Err(unusable(
            format!("it holds words: number them with class_encode_column({column:?}) of the DatasetDict, all splits alike")
                .into(),
        ));
    }
    if column != "label" {
        labels = labels.rename_column(column, "label")?;
    }
    let batch = DefaultDataCollator
        .collate(&labels.all_rows())
        .map_err(unusable)?;
    let Some(values) = batch.get("labels") else {
        return Ok(());
    };
    engine
        .model
        .validate_labels(&batch)
        .map_err(|error| unusable(error.into()))?;
    if num_counted_labels(values)? == 0 {
        let of = if set.is_train { "train on" } else { "evaluate" };
        return Err(unusable(
            format!("all labels are -100, which marks a label to ignore: there is nothing to {of}")
                .into(),
        ));
    }
    Ok(())
}

/// What the collator draws for a batch, after which the generators stand where they stood.
fn draw_and_return(collator: &dyn Collate<Batch = Batch>, batch: Batch) -> Result<Batch, BoxError> {
    let Some(random) = collator.random() else {
        return Ok(batch);
    };
    let stood = generators(collator)?;
    let batch = random.draw(batch)?;
    set_generators(collator, &stood)?;
    Ok(batch)
}

/// Makes a batch of the first rows and lets the model look at it.
fn check_first_rows(
    inputs: &Inputs,
    args: &TrainingArguments,
    engine: &Engine,
    set: &Named<'_>,
    dataset: &Dataset,
) -> Result<()> {
    let batch_size = match set.is_train {
        true => args.train_batch_size(),
        false => args.eval_batch_size(),
    };
    let rows = dataset.take(batch_size.min(dataset.num_rows()));
    let rows = inputs.used_columns(&rows, &set.description, args, &*engine.model)?;
    let batch = inputs.data_collator.collate(&rows.all_rows());
    let batch = batch.and_then(|batch| draw_and_return(&*inputs.data_collator, batch));
    let batch = batch.map_err(|error| set.unusable(error))?;
    let names: Vec<String> = batch.names().map(str::to_owned).collect();
    let features = dataset.features();
    let column = label_column(inputs, &features);
    let of_labels = |error: Error| match column {
        Some(column) => set.unusable(format!("column {column:?}: {error}")),
        None => set.unusable(error),
    };
    if let Some(labels) = column.and(batch.get("labels"))
        && engine.criterion.label_use() != LabelUse::Own
    {
        let labels: Batch = [("labels", labels.shallow_clone())].into_iter().collect();
        let checked = engine.model.validate_labels(&labels);
        checked.map_err(Error::from).map_err(of_labels)?;
        let checked = engine.criterion.check_labels(&labels, &*engine.model);
        checked.map_err(of_labels)?;
    }
    let work = engine.prepare(batch).map_err(|error| set.unusable(error))?;
    if set.is_train && !work.has_labels && engine.criterion.label_use() != LabelUse::Own {
        return Err(Error::NoLoss(names.join(", ")));
    }
    Ok(())
}

/// Gives the model's classes the names that the data sets have for them, and warns where it calls them otherwise.
pub(crate) fn name_labels(inputs: &Inputs, model: &mut dyn trainer_models::Model) {
    let sets = inputs.train_dataset.iter();
    let mut sets = sets.chain(inputs.eval_datasets.iter().map(|set| &set.dataset));
    let Some(label) = sets.find_map(|dataset| class_label(inputs, dataset)) else {
        return;
    };
    if let Some(names) = model.name_labels(label.names())
        && names != label.names()
    {
        warning!(
            "the model calls its classes {}, the data set {}",
            names.join(", "),
            label.names().join(", ")
        );
    }
}

/// The column that the collator makes labels of.
fn label_column<'a>(inputs: &'a Inputs, features: &Features) -> Option<&'a str> {
    let mut columns = inputs.data_collator.label_columns().iter().copied();
    columns.find(|name| features.get(name).is_some())
}

/// The classes of that column, where it has names for them.
fn class_label(inputs: &Inputs, dataset: &TrainerDataset) -> Option<ClassLabel> {
    let features = dataset.features()?;
    match features.get(label_column(inputs, &features)?) {
        Some(Feature::ClassLabel(label)) => Some(label.clone()),
        _ => None,
    }
}

/// The first row without a value.
fn first_null(dataset: &Dataset, column: &str) -> Result<Option<usize>> {
    let rows = dataset.all_rows();
    let column = rows.column(column)?;
    for row in 0..rows.len() {
        if column.is_null(row)? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}
