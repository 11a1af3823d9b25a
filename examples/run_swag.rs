//! Fine-tunes a Transformer to choose how a text goes on: the Hugging Face library's `run_swag.py`, with its flags.
//!
//! ```text
//! cargo run --release --example run_swag -- --model_name_or_path bert-base-cased --dataset_name swag --output_dir out
//! cargo run --release --example run_swag -- --model_name_or_path bert-base-cased --train_file train.csv --output_dir out
//! ```
//!
//! Rows have the columns `sent1`, `sent2`, `ending0`, `ending1`, … and `label`, the number of the right ending. Every field of
//! `TrainingArguments` is a flag; `--help` lists them. It trains on `train`, evaluates `validation` and writes the chosen endings of
//! `test` into `predictions.txt`, as far as there are such splits; with any of `--do_train`, `--do_eval` and `--do_predict` only what
//! these ask for.

use trainer::data::Value;
use trainer::prelude::*;
use trainer::script;
use trainer::tokenize::EncodeOptions;

script_arguments! {
    /// How endings become tokens.
    struct SwagArguments {
        /// The most tokens of an ending, special ones included; by default what the model takes.
        max_seq_length: Option<usize> = None,
        /// Pad all endings to the most tokens, and not each batch to its longest.
        pad_to_max_length: bool = false,
    }
}

type Arguments = (ModelArguments, DataArguments, SwagArguments);

fn main() {
    trainer::run(|| {
        let parser = HfArgumentParser::new("run_swag")
            .about("Fine-tunes a Transformer to choose how a text goes on");
        let (arguments, args) = parser.parse::<Arguments>()?;
        trainer::log_to_stderr(args.log_level);
        fine_tune(&arguments, args)
    });
}

fn fine_tune((model, data, swag): &Arguments, args: TrainingArguments) -> trainer::Result<()> {
    args.validate()?;
    set_seed(args.seed)?;
    let tokenizer = model.tokenizer()?;
    let mut options = EncodeOptions::new().truncation(true);
    let mut collator = DataCollatorForMultipleChoice::new(&tokenizer);
    if let Some(most) = swag.max_seq_length {
        options = options.max_length(most);
        collator = collator.max_length(most);
    }
    if swag.pad_to_max_length {
        collator = collator.padding(Padding::MaxLength);
    }
    let splits = data.splits(&data.load()?, &args)?;
    let splits = splits.map(|rows: &Rows<'_>| endings(rows, &tokenizer, &options))?;

    let network = AutoModelForMultipleChoice::from_pretrained(model.name()?, model.options())?;
    let output_dir = args.output_dir.clone();
    let builder = Trainer::builder(network, args)
        .data_collator(collator)
        .processing_class(&tokenizer)
        .compute_metrics(Accuracy::new());
    let mut trainer = splits.give_to(builder).build()?;
    script::train_and_evaluate(&mut trainer, &splits)?;
    if let Some(rows) = &splits.test {
        let output = script::predict(&mut trainer, rows)?;
        let chosen = output.logits()?.argmax().ok_or("there are no endings")?;
        script::write_lines(&output_dir.join("predictions.txt"), chosen.values())?;
    }
    Ok(())
}

/// The tokens of each row's endings: of `sent1` as the first text, and `sent2` with an ending as the second.
fn endings(
    rows: &Rows<'_>,
    tokenizer: &Tokenizer,
    options: &EncodeOptions,
) -> Result<Columns, BoxError> {
    let names = (0..).map(|number| format!("ending{number}"));
    let names: Vec<String> = names.take_while(|name| rows.has_column(name)).collect();
    let (contexts, begins) = (rows.column("sent1")?, rows.column("sent2")?);
    let choices = names.iter().map(|name| rows.column(name));
    let choices = choices.collect::<Result<Vec<_>, _>>()?;
    let mut encodings = Vec::with_capacity(rows.len() * choices.len());
    for k in 0..rows.len() {
        for choice in &choices {
            let second = format!("{} {}", begins.str(k)?, choice.str(k)?);
            encodings.push(tokenizer.encode_with(contexts.str(k)?, Some(&second), options)?);
        }
    }
    let mut columns = Columns::new();
    for (name, column) in tokenizer.columns(&encodings).iter() {
        let all: Vec<Value> = column.iter().collect();
        let by_row = all.chunks(choices.len().max(1));
        let by_row = by_row.map(|row| Value::List(row.to_vec()));
        columns.insert(
            name,
            Column::values(&Feature::list(column.feature().clone()), by_row)?,
        );
    }
    Ok(columns)
}
