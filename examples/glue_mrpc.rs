//! Fine-tunes a Transformer on a GLUE task, or on pairs of sentences of your own: the program of the Trainer chapter of
//! the Hugging Face course.
//!
//! ```text
//! cargo run --release --example glue_mrpc -- --model bert-base-cased --eval_strategy epoch --output_dir test-trainer
//! cargo run --release --example glue_mrpc -- --dataset my_folder --output_dir test-trainer
//! ```
//!
//! Every field of `TrainingArguments` is a flag; `--help` lists them. It trains, evaluates and predicts; with any of
//! `--do_train`, `--do_eval` and `--do_predict` only what these ask for.

use std::io::Write;
use std::path::PathBuf;

use trainer::prelude::*;

script_arguments! {
    /// The model, the data and what to write.
    struct ScriptArguments {
        /// The model: a name on the hub or a folder.
        model: String = "bert-base-cased".to_owned(),
        /// The dataset: a name on the hub, or a folder or file with columns for sentences and `label`.
        dataset: String = "glue".to_owned(),
        /// The dataset's configuration: for GLUE the task, `mrpc` if not given.
        dataset_config: Option<String> = None,
        /// The column with the first sentence.
        sentence1_column: String = "sentence1".to_owned(),
        /// The column with the second sentence, `None` for single sentences.
        sentence2_column: Option<String> = Some("sentence2".to_owned()),
        /// How many classes there are, 1 for scores. If not given, the label column says: its classes, its words, the length of
        /// its lists (several labels a row), 1 for floats, else 2.
        num_labels: Option<usize> = None,
        /// Train on the first so many rows only.
        max_train_samples: Option<usize> = None,
        /// The split whose rows are predicted.
        predict_split: String = "validation".to_owned(),
        /// Write the scores of all predicted rows to this file, as a JSON list of lists.
        predictions_file: Option<PathBuf> = None,
    }
}

fn main() {
    trainer::run(|| {
        let parser =
            HfArgumentParser::new("glue_mrpc").about("Fine-tunes a Transformer on GLUE MRPC");
        let (script, args) = parser.parse()?;
        trainer::log_to_stderr(args.log_level);
        fine_tune(&script, args)
    });
}

fn fine_tune(script: &ScriptArguments, args: TrainingArguments) -> trainer::Result<()> {
    args.validate()?;
    set_seed(args.seed)?;
    let config = match &script.dataset_config {
        None if script.dataset == "glue" => Some("mrpc"),
        config => config.as_deref(),
    };
    let mut raw = load_dataset(&script.dataset, config)?;
    if raw.get("train")?.features().get("label") == Some(&Feature::String) {
        raw = raw.class_encode_column("label")?;
    }
    let tokenizer = AutoTokenizer::from_pretrained(&script.model)?;
    let first = &script.sentence1_column;
    let tokenized = match &script.sentence2_column {
        Some(second) => raw.map(tokenizer.pair(first, second).truncation(true))?,
        None => raw.map(tokenizer.single(first).truncation(true))?,
    };
    let validation = tokenized.get("validation").ok();
    let to_predict = match script.predict_split.as_str() {
        "validation" => validation,
        split => Some(tokenized.get(split)?),
    };
    let train = tokenized.get("train")?;
    let train = train.take(script.max_train_samples.unwrap_or(train.num_rows()));
    let features = train.features();
    let label = features.get("label");
    let several_labels = matches!(label, Some(Feature::List(_)));
    let num_classes = match (script.num_labels, label) {
        (Some(count), _) => count,
        (None, Some(Feature::ClassLabel(label))) => label.num_classes(),
        (None, Some(Feature::Float32 | Feature::Float64)) => 1,
        (None, Some(Feature::List(_))) => train.row(0)?.float_list("label")?.len(),
        (None, _) => 2,
    };
    let compute_metrics = match config.and_then(|task| glue_metric(task).ok()) {
        Some(metric) => metric,
        None => metric_for(num_classes, several_labels)?,
    };
    let mut options = num_labels(num_classes);
    if several_labels {
        options = options.problem_type(ProblemType::MultiLabelClassification);
    }
    let model = AutoModelForSequenceClassification::from_pretrained(&script.model, options)?;

    let all = !(args.do_train || args.do_eval || args.do_predict);
    let [do_train, do_eval, do_predict] =
        [args.do_train, args.do_eval, args.do_predict].map(|asked| asked || all);
    let mut builder = Trainer::builder(model, args)
        .train_dataset(&train)
        .data_collator(DataCollatorWithPadding::new(&tokenizer))
        .processing_class(&tokenizer)
        .compute_metrics(compute_metrics);
    if let Some(validation) = validation {
        builder = builder.eval_dataset(validation);
    }
    let mut trainer = builder.build()?;

    if do_train {
        let output = trainer.train()?;
        trainer.save_model()?;
        trainer.log_metrics("train", &output.metrics);
        trainer.save_metrics("train", &output.metrics)?;
        trainer.save_state()?;
    }
    if do_eval && validation.is_some() {
        let metrics = trainer.evaluate()?;
        trainer.log_metrics("eval", &metrics);
        trainer.save_metrics("eval", &metrics)?;
    }
    let Some(to_predict) = to_predict.filter(|_| do_predict) else {
        return Ok(());
    };
    let output = trainer.predict(to_predict)?;
    trainer.log_metrics("test", &output.metrics);
    trainer.save_metrics("test", &output.metrics)?;
    if let Some(path) = &script.predictions_file {
        let scores: Vec<f64> = output.logits()?.values().collect();
        let rows: Vec<&[f64]> = scores.chunks(num_classes).collect();
        std::fs::write(path, serde_json::to_vec(&rows)?)
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let (predictions, label_ids) = (output.predictions.shape(), output.label_ids.shape());
    // The end of a long run is no place to fail because nobody reads any more.
    let _ = writeln!(std::io::stdout(), "{predictions:?} {label_ids:?}");
    Ok(())
}

/// For data of one's own: correlations for scores, accuracy and F1 for two classes, accuracy for more, F1 and exact match for several
/// labels a row.
fn metric_for(num_classes: usize, several_labels: bool) -> trainer::Result<MetricGroup> {
    if several_labels {
        return Ok(MetricGroup::new("several labels")
            .with_named("f1_micro", F1::new(Average::Micro).with_threshold(0.0))
            .with_named("f1_macro", F1::new(Average::Macro).with_threshold(0.0))
            .with(ExactMatch::new().with_threshold(0.0)));
    }
    Ok(glue_metric(
        ["stsb", "mrpc", "mnli"][num_classes.clamp(1, 3) - 1],
    )?)
}
