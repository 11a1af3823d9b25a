//! Fine-tunes a Transformer to sort texts, or to score them: the Hugging Face library's `run_glue.py`, with its flags.
//!
//! ```text
//! cargo run --release --example run_glue -- --model_name_or_path bert-base-cased --task_name mrpc --output_dir out
//! cargo run --release --example run_glue -- --model_name_or_path bert-base-cased --train_file train.csv --validation_file dev.csv --output_dir out
//! ```
//!
//! Every field of `TrainingArguments` is a flag; `--help` lists them. It trains on `train`, evaluates `validation` and writes the
//! predictions for `test`, as far as there are such splits, into `predict_results_TASK.txt`; with any of `--do_train`, `--do_eval` and
//! `--do_predict` only what these ask for. Of `mnli` the matched rows are evaluated.

use trainer::prelude::*;
use trainer::script;

script_arguments! {
    /// The task, and how its texts become tokens.
    struct GlueArguments {
        /// A task of GLUE: cola, mnli, mrpc, qnli, qqp, rte, sst2, stsb or wnli. Without one, texts and `label` are columns of the data.
        task_name: Option<String> = None,
        /// The most tokens of a row, special ones included.
        max_seq_length: usize = 128,
        /// Pad all rows to the most tokens, and not each batch to its longest.
        pad_to_max_length: bool = true,
    }
}

type Arguments = (ModelArguments, DataArguments, GlueArguments);

/// The columns of texts of GLUE's tasks; the second may be missing.
const TEXTS: [(&str, &str); 6] = [
    ("sentence1", "sentence2"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("question", "sentence"),
    ("sentence", ""),
    ("text", ""),
];

fn main() {
    trainer::run(|| {
        let parser =
            HfArgumentParser::new("run_glue").about("Fine-tunes a Transformer to sort texts");
        let (arguments, args) = parser.parse::<Arguments>()?;
        trainer::log_to_stderr(args.log_level);
        fine_tune(&arguments, args)
    });
}

fn fine_tune((model, data, glue): &Arguments, args: TrainingArguments) -> trainer::Result<()> {
    args.validate()?;
    set_seed(args.seed)?;
    let mut raw = match &glue.task_name {
        Some(task) => matched(load_dataset("glue", task.as_str())?)?,
        None => data.load()?,
    };
    let (_, rows) = raw.iter().next().ok_or("there are no rows")?;
    let label = rows.features().get("label").cloned();
    let regression = matches!(label, Some(Feature::Float32 | Feature::Float64));
    if !regression && label.is_some() {
        raw = raw.class_encode_column("label")?;
    }
    let splits = data.splits(&raw, &args)?;
    let features = splits.any().ok_or("there is nothing to do")?.features();
    let names = features.get("label").and_then(Feature::as_class_label);
    let names = names.map(|label| label.names().to_vec());

    let tokenizer = model.tokenizer()?;
    let (first, second) = texts(&features)?;
    let encode = match second {
        Some(second) => tokenizer.pair(first, second),
        None => tokenizer.single(first),
    };
    let encode = encode.truncation(true).max_length(glue.max_seq_length);
    let splits = splits.map(encode)?;
    let mut collator = DataCollatorWithPadding::new(&tokenizer).max_length(glue.max_seq_length);
    if glue.pad_to_max_length {
        collator = collator.padding(Padding::MaxLength);
    }
    let options = match &names {
        Some(names) => model.options().num_labels(names.len()).id2label(names),
        None => model.options().num_labels(1),
    };
    let network = AutoModelForSequenceClassification::from_pretrained(model.name()?, options)?;
    let metric = match (&glue.task_name, regression) {
        (Some(task), _) => glue_metric(task)?,
        (None, true) => MetricGroup::new("scores").with(MeanSquaredError::new()),
        (None, false) => MetricGroup::new("classes").with(Accuracy::new()),
    };
    let output_dir = args.output_dir.clone();
    let builder = Trainer::builder(network, args)
        .data_collator(collator)
        .processing_class(&tokenizer)
        .compute_metrics(metric);
    let mut trainer = splits.give_to(builder).build()?;
    script::train_and_evaluate(&mut trainer, &splits)?;
    if let Some(rows) = &splits.test {
        // The labels of GLUE's test rows are -1, or made up.
        let rows = match rows.has_column("label") {
            true => rows.remove_columns(&["label"])?,
            false => rows.clone(),
        };
        let output = script::predict(&mut trainer, &rows)?;
        let lines = lines(&output, names.as_deref())?;
        let task = glue.task_name.as_deref().unwrap_or("None");
        let path = output_dir.join(format!("predict_results_{task}.txt"));
        let header = ["index\tprediction".to_owned()];
        script::write_lines(&path, header.into_iter().chain(lines))?;
    }
    Ok(())
}

/// MNLI with its matched rows to be evaluated and predicted.
fn matched(mut raw: DatasetDict) -> trainer::Result<DatasetDict> {
    for split in ["validation", "test"] {
        if let Ok(rows) = raw.get(&format!("{split}_matched")).cloned() {
            raw.insert(split, rows);
        }
    }
    Ok(raw)
}

/// The columns of the first and the second text.
fn texts(features: &Features) -> trainer::Result<(&str, Option<&str>)> {
    let there = |name: &str| features.get(name).is_some();
    let known = TEXTS
        .iter()
        .find(|(first, second)| there(first) && (second.is_empty() || there(second)));
    if let Some((first, second)) = known {
        return Ok((first, Some(*second).filter(|name| !name.is_empty())));
    }
    let strings = features
        .iter()
        .filter(|(name, feature)| *name != "label" && **feature == Feature::String);
    let mut strings = strings.map(|(name, _)| name);
    let first = strings.next().ok_or("no column has texts")?;
    Ok((first, strings.next()))
}

/// A line a row: its number, and the score or the name of the class.
fn lines(output: &PredictionOutput, names: Option<&[String]>) -> trainer::Result<Vec<String>> {
    let scores = output.logits()?;
    let Some(names) = names else {
        let line = |(row, score): (usize, f64)| format!("{row}\t{score:.3}");
        return Ok(scores.values().enumerate().map(line).collect());
    };
    let classes = scores.argmax().ok_or("the model has no classes")?;
    let line = |(row, class): (usize, f64)| format!("{row}\t{}", names[class as usize]);
    Ok(classes.values().enumerate().map(line).collect())
}
