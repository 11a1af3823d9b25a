//! This project's side of `cargo xtask parity`: runs the cases that `parity/cases.py` runs, whose form `parity/README.md` has, and
//! leaves for each the checkpoint of its last step and the state.
//!
//! ```text
//! cargo run --release --example parity_case -- cases.json output_folder
//! ```

mod model;
mod padded;
mod rows;

use std::path::{Path, PathBuf};

use model::make_model;
use padded::{ChoicesCollator, LENGTH, padded};
use rows::{load_rows, uncounted};
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
    collator: Option<Masking>,
    #[serde(default = "yes")]
    dropout: bool,
    #[serde(default)]
    predict: bool,
    #[serde(default)]
    python_losses: bool,
    #[serde(default)]
    uncounted_labels: bool,
}

/// Options of the collator that masks.
#[derive(serde::Deserialize)]
struct Masking {
    mlm_probability: Option<f64>,
    seed: Option<u64>,
}

impl Masking {
    fn collator(&self, tokenizer: &Tokenizer) -> DataCollatorForLanguageModeling {
        let mut collator = DataCollatorForLanguageModeling::new(tokenizer);
        if let Some(probability) = self.mlm_probability {
            collator = collator.mlm_probability(probability);
        }
        if let Some(seed) = self.seed {
            collator = collator.seed(seed);
        }
        collator
    }
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
    Shares,
    Tokens,
    Answers,
    Masked,
    Choices,
}

impl Task {
    /// Whether rows are padded to [`LENGTH`].
    fn is_padded(self) -> bool {
        matches!(
            self,
            Self::Tokens | Self::Answers | Self::Masked | Self::Choices
        )
    }
}

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
        _ if case.collator.is_some() => load_rows(case.task)?
            .map(pair.max_length(LENGTH))?
            .remove_columns(&["label"])?,
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
    let builder = match (&case.collator, case.task.is_padded()) {
        (Some(masking), _) => builder.data_collator(masking.collator(&tokenizer)),
        _ if case.task == Task::Choices => builder.data_collator(ChoicesCollator),
        (_, true) => builder.data_collator(DefaultDataCollator),
        (_, false) => builder.data_collator(DataCollatorWithPadding::new(&tokenizer)),
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
