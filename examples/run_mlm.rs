//! Trains a Transformer to fill in masked words: the Hugging Face library's `run_mlm.py`, with its flags.
//!
//! ```text
//! cargo run --release --example run_mlm -- --model_name_or_path roberta-base --dataset_name karpathy/tiny_shakespeare --output_dir out
//! cargo run --release --example run_mlm -- --model_name_or_path roberta-base --train_file text.txt --line_by_line --output_dir out
//! ```
//!
//! Every field of `TrainingArguments` is a flag; `--help` lists them. It trains on `train` and evaluates `validation` by loss and
//! perplexity; with `--do_train` or `--do_eval` only what these ask for.

use trainer::data::{MapOptions, Value};
use trainer::prelude::*;
use trainer::script;

script_arguments! {
    /// Which text is read, how it becomes rows and what is masked.
    struct MlmArguments {
        /// The column with texts; `text` if there is one, else the first of texts.
        text_column_name: Option<String> = None,
        /// The most tokens of a row, special ones included; by default what the model takes, and no more than 1024.
        max_seq_length: Option<usize> = None,
        /// Each text is a row of its own; otherwise all are joined and cut into rows of the most tokens.
        line_by_line: bool = false,
        /// The share of tokens, or words, that are to be filled in.
        mlm_probability: f64 = 0.15,
        /// Mask words with all their tokens.
        whole_word_mask: bool = false,
        /// The share of rows, in hundredths, that are evaluated where the data have no validation split.
        validation_split_percentage: usize = 5,
    }
}

type Arguments = (ModelArguments, DataArguments, MlmArguments);

fn main() {
    trainer::run(|| {
        let parser =
            HfArgumentParser::new("run_mlm").about("Trains a Transformer to fill in masked words");
        let (arguments, args) = parser.parse::<Arguments>()?;
        trainer::log_to_stderr(args.log_level);
        train_and_evaluate(&arguments, args)
    });
}

fn train_and_evaluate(
    (model, data, mlm): &Arguments,
    args: TrainingArguments,
) -> trainer::Result<()> {
    args.validate()?;
    set_seed(args.seed)?;
    let raw = mlm.with_validation(data.load()?)?;
    let tokenizer = model.tokenizer()?;
    let encoded = mlm.rows(&raw, &tokenizer)?;
    let splits = data.splits(&encoded, &args)?;
    let network = AutoModelForMaskedLM::from_pretrained(model.name()?, model.options())?;
    let collator = DataCollatorForLanguageModeling::new(&tokenizer)
        .mlm_probability(mlm.mlm_probability)
        .whole_word_mask(mlm.whole_word_mask);
    let builder = Trainer::builder(network, args)
        .data_collator(collator)
        .processing_class(&tokenizer);
    let mut trainer = splits.give_to(builder).build()?;
    if let Some(rows) = &splits.train {
        script::train(&mut trainer, rows)?;
    }
    if let Some(rows) = &splits.validation {
        script::evaluate(&mut trainer, rows, |metrics| {
            let loss = metrics.get_f64("eval_loss").unwrap_or(f64::NAN);
            metrics.insert("perplexity", loss.exp());
        })?;
    }
    Ok(())
}

impl MlmArguments {
    /// The data with a validation split, which is the beginning of `train` where there is none.
    fn with_validation(&self, mut raw: DatasetDict) -> trainer::Result<DatasetDict> {
        if raw.get("validation").is_err() {
            let train = raw.get("train")?.clone();
            let count = train.num_rows() * self.validation_split_percentage.min(100) / 100;
            raw.insert("validation", train.take(count));
            raw.insert("train", train.skip(count));
        }
        Ok(raw)
    }

    /// Texts as rows of tokens.
    fn rows(&self, raw: &DatasetDict, tokenizer: &Tokenizer) -> trainer::Result<DatasetDict> {
        let longest = tokenizer.model_max_length().unwrap_or(1024).min(1024);
        let most = self.max_seq_length.unwrap_or(longest).min(longest);
        let column = self.text_column(raw)?;
        let encode = tokenizer
            .single(&column)
            .return_special_tokens_mask(self.whole_word_mask)
            .return_offsets_mapping(self.whole_word_mask);
        let (_, rows) = raw.iter().next().ok_or("there are no rows")?;
        let options = MapOptions::default().remove_columns(rows.column_names());
        if self.line_by_line {
            let raw = raw.filter(|row| Ok(!row.str(&column)?.trim().is_empty()))?;
            return Ok(raw.map_with(&encode.truncation(true).max_length(most), &options)?);
        }
        let encoded = raw.map_with(&encode, &options)?;
        Ok(encoded.map(|rows: &Rows<'_>| grouped(rows, most))?)
    }

    fn text_column(&self, raw: &DatasetDict) -> trainer::Result<String> {
        if let Some(column) = &self.text_column_name {
            return Ok(column.clone());
        }
        let (_, rows) = raw.iter().next().ok_or("there are no rows")?;
        let features = rows.features();
        let texts = |(name, feature): (&str, &Feature)| {
            (*feature == Feature::String).then(|| name.to_owned())
        };
        let first = features.iter().find_map(texts);
        match rows.has_column("text") {
            true => Ok("text".to_owned()),
            false => Ok(first.ok_or("no column has texts: give --text_column_name")?),
        }
    }
}

/// The tokens of all rows behind one another, cut into rows of `most`; what is left at the end is dropped.
fn grouped(rows: &Rows<'_>, most: usize) -> Result<Columns, BoxError> {
    let mut columns = Columns::new();
    for name in rows.column_names() {
        let column = rows.column(name)?;
        let mut all = Vec::new();
        for k in 0..rows.len() {
            if let Value::List(values) = column.value(k)? {
                all.extend(values);
            }
        }
        let rows = all.chunks_exact(most).map(|row| Value::List(row.to_vec()));
        columns.insert(name, Column::values(column.feature(), rows)?);
    }
    Ok(columns)
}
