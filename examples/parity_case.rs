//! This project's side of `cargo xtask parity`: runs the cases that `parity/cases.py` runs, see there for their form, and
//! leaves for each the checkpoint of its last step and the state.
//!
//! ```text
//! cargo run --release --example parity_case -- cases.json output_folder
//! ```

use std::path::{Path, PathBuf};

use trainer::models::ProblemType;
use trainer::prelude::*;

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    model: String,
    #[serde(default)]
    from_config: bool,
    #[serde(default)]
    config: serde_json::Map<String, serde_json::Value>,
    task: Task,
    train_rows: Option<usize>,
    eval_rows: Option<usize>,
    args: serde_json::Map<String, serde_json::Value>,
    #[serde(default = "yes")]
    dropout: bool,
    #[serde(default)]
    predict: bool,
    #[serde(default)]
    python_losses: bool,
    #[serde(default)]
    uncounted_labels: bool,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, PartialEq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Task {
    Mrpc,
    Stsb,
    MultiLabel,
    Tokens,
    Answers,
    Masked,
}

impl Task {
    /// Whether rows are padded to [`LENGTH`].
    fn is_padded(self) -> bool {
        matches!(self, Self::Tokens | Self::Answers | Self::Masked)
    }
}

/// Rows of padded tasks are of this length.
const LENGTH: usize = 64;

/// What is 0 in a case without dropout; a case of a whole configuration says each that is not 0 by itself.
const DROPOUTS: [&str; 8] = [
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "classifier_dropout",
    "classifier_dropout_prob",
    "dropout",
    "attention_dropout",
    "seq_classif_dropout",
    "qa_dropout",
];

fn main() -> trainer::Result<()> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [cases, output] = paths.as_slice() else {
        return Err("usage: parity_case CASES.json OUTPUT_FOLDER".into());
    };
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(cases)?)?;
    for case in &cases {
        run(case, &output.join(&case.name))?;
        eprintln!("rust: {} done", case.name);
    }
    Ok(())
}

fn run(case: &Case, output_dir: &Path) -> trainer::Result<()> {
    let mut args = TrainingArguments::from_dict(case.args.clone())?;
    args.output_dir = output_dir.to_owned();
    args.use_cpu = true;
    args.disable_tqdm = Some(true);
    set_seed(args.seed)?;
    let tokenizer = AutoTokenizer::from_pretrained(&case.model)?;
    let pair = tokenizer.pair("sentence1", "sentence2").truncation(true);
    let mut rows = match case.task.is_padded() {
        true => load_rows(case.task)?
            .map(pair.max_length(LENGTH))?
            .map(|rows: &Rows<'_>| padded(rows, case.task, &tokenizer))?
            .remove_columns(&["label"])?,
        false => load_rows(case.task)?.map(pair)?,
    };
    if case.uncounted_labels {
        rows = rows.map(uncounted)?;
    }
    let train = first_rows(&rows["train"], case.train_rows);
    let validation = first_rows(&rows["validation"], case.eval_rows);
    let model = make_model(case)?;
    if args.max_steps == 0 {
        let folder = output_dir.join("checkpoint-0");
        std::fs::create_dir_all(&folder)?;
        return Ok(model.save_pretrained(&folder)?);
    }
    let builder = Trainer::builder(model, args);
    let builder = match case.task.is_padded() {
        true => builder.data_collator(DefaultDataCollator),
        false => builder.data_collator(DataCollatorWithPadding::new(&tokenizer)),
    };
    let mut builder = builder
        .train_dataset(&train)
        .eval_dataset(&validation)
        .processing_class(&tokenizer)
        .python_losses(case.python_losses)
        .compute(Compute::Reference);
    if case.task == Task::Mrpc && !case.uncounted_labels {
        builder = builder.compute_metrics(glue_metric("mrpc")?);
    }
    let mut trainer = builder.build()?;
    trainer.train()?;
    trainer.save_state()?;
    if case.predict {
        let output = trainer.predict(&validation)?;
        std::fs::write(
            output_dir.join("predictions.json"),
            serde_json::to_vec(&scores(&output.predictions)?)?,
        )?;
    }
    Ok(())
}

/// The scores as nested lists; those of several outputs stand beside each other, innermost.
fn scores(outputs: &trainer::metrics::NamedArrays) -> trainer::Result<serde_json::Value> {
    let arrays: Vec<_> = outputs.iter().map(|(_, array)| array).collect();
    let first = arrays.first().ok_or("the model gave nothing")?;
    let columns: Vec<Vec<f64>> = arrays
        .iter()
        .map(|array| array.values().collect())
        .collect();
    let mut shape = first.shape().to_vec();
    let mut values = columns[0].clone();
    if columns.len() > 1 {
        shape.push(columns.len());
        let beside = |at: usize| columns.iter().map(move |column| column[at]);
        values = (0..columns[0].len()).flat_map(beside).collect();
    }
    Ok(nested(&values, &shape[1..]))
}

/// Values in row-major order as lists of lists.
fn nested(values: &[f64], shape: &[usize]) -> serde_json::Value {
    let [inner @ .., _] = shape else {
        return values.into();
    };
    let width: usize = shape[shape.len() - inner.len() - 1..].iter().product();
    values
        .chunks(width)
        .map(|row| nested(row, &shape[1..]))
        .collect()
}

fn first_rows(dataset: &Dataset, rows: Option<usize>) -> Dataset {
    dataset.take(rows.unwrap_or(dataset.num_rows()))
}

fn load_rows(task: Task) -> trainer::Result<DatasetDict> {
    Ok(match task {
        Task::Mrpc | Task::Tokens | Task::Answers | Task::Masked => load_dataset("glue", "mrpc")?,
        Task::Stsb => load_dataset("glue", "stsb")?,
        Task::MultiLabel => load_dataset("glue", "mrpc")?
            .map(three_labels)?
            .remove_columns(&["label"])?,
    })
}

/// Every fifth label does not count.
fn uncounted(rows: &Rows<'_>) -> Result<Columns, BoxError> {
    let (label, idx) = (rows.column("label")?, rows.column("idx")?);
    let labels = (0..rows.len())
        .map(|row| {
            let counts = idx.int(row)? % 5 != 0;
            Ok(if counts { label.int(row)? } else { -100 })
        })
        .collect::<Result<Vec<_>, trainer::data::Error>>()?;
    Ok(Columns::new().with("label", Column::ints(labels)))
}

/// Three labels that follow from a row: its own, and two from its number.
fn three_labels(rows: &Rows<'_>) -> Result<Columns, BoxError> {
    let (label, idx) = (rows.column("label")?, rows.column("idx")?);
    let flag = |yes: bool| f64::from(u8::from(yes));
    let labels = (0..rows.len())
        .map(|row| {
            let (label, idx) = (label.int(row)?, idx.int(row)?);
            Ok([flag(label == 1), flag(idx % 2 == 1), flag(idx % 3 == 0)])
        })
        .collect::<Result<Vec<_>, trainer::data::Error>>()?;
    Ok(Columns::new().with("labels", Column::float_lists(labels)))
}

/// Pads rows to one length and gives them the labels of the task.
fn padded(rows: &Rows<'_>, task: Task, tokenizer: &Tokenizer) -> Result<Columns, BoxError> {
    let padding = i64::from(tokenizer.pad_token_id().ok_or("no padding token")?);
    let padded = |name: &str, fill: i64| -> Result<Vec<Vec<i64>>, trainer::data::Error> {
        let column = rows.column(name)?;
        let row = |row| {
            let mut values = column.int_list(row)?.into_owned();
            values.resize(LENGTH, fill);
            Ok(values)
        };
        (0..rows.len()).map(row).collect()
    };
    let input_ids = padded("input_ids", padding)?;
    let mut columns = match task {
        Task::Answers => answers(rows)?,
        Task::Masked => chosen_words(rows, &input_ids, padding)?,
        _ => labelled_tokens(&input_ids, padding),
    };
    columns = columns
        .with("input_ids", Column::int_lists(input_ids))
        .with(
            "attention_mask",
            Column::int_lists(padded("attention_mask", 0)?),
        );
    if rows.has_column("token_type_ids") {
        columns = columns.with(
            "token_type_ids",
            Column::int_lists(padded("token_type_ids", 0)?),
        );
    }
    Ok(columns)
}

/// A label that follows from a token's number.
fn labelled_tokens(input_ids: &[Vec<i64>], padding: i64) -> Columns {
    let label = |token: &i64| if *token == padding { -100 } else { token % 3 };
    let labels = input_ids
        .iter()
        .map(|row| row.iter().map(label).collect::<Vec<_>>());
    Columns::new().with("labels", Column::int_lists(labels.collect::<Vec<_>>()))
}

/// A seventh of all tokens are to be predicted.
fn chosen_words(
    rows: &Rows<'_>,
    input_ids: &[Vec<i64>],
    padding: i64,
) -> Result<Columns, BoxError> {
    let idx = rows.column("idx")?;
    let label = |token: i64, number: i64| match token != padding && (token + number) % 7 == 0 {
        true => token,
        false => -100,
    };
    let labels = input_ids.iter().enumerate().map(|(row, ids)| {
        let number = idx.int(row)?;
        Ok(ids.iter().map(|token| label(*token, number)).collect())
    });
    let labels = labels.collect::<Result<Vec<Vec<i64>>, trainer::data::Error>>()?;
    Ok(Columns::new().with("labels", Column::int_lists(labels)))
}

/// Places of an answer that follow from a row's number; some end behind the row.
fn answers(rows: &Rows<'_>) -> Result<Columns, BoxError> {
    let idx = rows.column("idx")?;
    let numbers = (0..rows.len()).map(|row| idx.int(row));
    let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
    let starts: Vec<i64> = numbers.iter().map(|number| number % 31).collect();
    let ends = starts.iter().zip(&numbers);
    let ends: Vec<i64> = ends.map(|(start, number)| start + number % 37).collect();
    Ok(Columns::new()
        .with("start_positions", Column::ints(starts))
        .with("end_positions", Column::ints(ends)))
}

fn make_model(case: &Case) -> trainer::Result<Box<dyn Model>> {
    let options: ModelOptions = match case.task {
        Task::Mrpc => num_labels(2),
        Task::Stsb => num_labels(1),
        Task::MultiLabel => num_labels(3).problem_type(ProblemType::MultiLabelClassification),
        Task::Tokens => num_labels(3),
        Task::Answers | Task::Masked => ModelOptions::new(),
    };
    if case.from_config {
        let config = configuration(case)?;
        return Ok(match case.task {
            Task::Tokens => AutoModelForTokenClassification::from_config(config, options)?,
            Task::Answers => AutoModelForQuestionAnswering::from_config(config, options)?,
            Task::Masked => AutoModelForMaskedLM::from_config(config, options)?,
            _ => AutoModelForSequenceClassification::from_config(config, options)?,
        });
    }
    let options = match case.dropout {
        true => options,
        false => options
            .hidden_dropout_prob(0.0)
            .attention_probs_dropout_prob(0.0)
            .classifier_dropout(0.0),
    };
    Ok(match case.task {
        Task::Tokens => AutoModelForTokenClassification::from_pretrained(&case.model, options)?,
        Task::Answers => AutoModelForQuestionAnswering::from_pretrained(&case.model, options)?,
        Task::Masked => AutoModelForMaskedLM::from_pretrained(&case.model, options)?,
        _ => AutoModelForSequenceClassification::from_pretrained(&case.model, options)?,
    })
}

/// That of the case's model with the case's keys, or of these alone. Keys that say a dropout are 0 in a case without.
fn configuration(case: &Case) -> trainer::Result<PretrainedConfig> {
    let mut config = match case.config.contains_key("model_type") {
        true => PretrainedConfig::from_json("{}", &case.name)?,
        false => AutoConfig::from_pretrained(&case.model)?,
    };
    for (key, value) in &case.config {
        config.set(key, value.clone());
    }
    for key in DROPOUTS {
        if !case.dropout && config.get(key).is_some_and(serde_json::Value::is_number) {
            config.set(key, 0.0);
        }
    }
    Ok(config)
}
