//! Fine-tunes a Transformer to name the words of a text: the Hugging Face library's `run_ner.py`, with its flags.
//!
//! ```text
//! cargo run --release --example run_ner -- --model_name_or_path bert-base-cased --dataset_name leondz/wnut_17 --output_dir out
//! cargo run --release --example run_ner -- --model_name_or_path bert-base-cased --train_file train.json --output_dir out
//! ```
//!
//! Every field of `TrainingArguments` is a flag; `--help` lists them. It trains on `train`, evaluates `validation` by the entities that
//! are found (seqeval) and names the words of `test` in `predictions.txt`, as far as there are such splits; with any of `--do_train`,
//! `--do_eval` and `--do_predict` only what these ask for.

use trainer::prelude::*;
use trainer::script;

script_arguments! {
    /// Words, labels and how they become tokens.
    struct NerArguments {
        /// The column with lists of words; `tokens` if there is one, else the first of lists of texts.
        text_column_name: Option<String> = None,
        /// The column with a label for each word; `ner_tags` if there is one, else `labels` or `tags`.
        label_column_name: Option<String> = None,
        /// The most tokens of a row, special ones included; by default what the model takes.
        max_seq_length: Option<usize> = None,
        /// Pad all rows to the most tokens, and not each batch to its longest.
        pad_to_max_length: bool = false,
        /// Give a word's label to all its tokens, and not to the first alone.
        label_all_tokens: bool = false,
        /// Say how each kind of entity is found, too.
        return_entity_level_metrics: bool = false,
    }
}

type Arguments = (ModelArguments, DataArguments, NerArguments);

fn main() {
    trainer::run(|| {
        let parser = HfArgumentParser::new("run_ner")
            .about("Fine-tunes a Transformer to name the words of a text");
        let (arguments, args) = parser.parse::<Arguments>()?;
        trainer::log_to_stderr(args.log_level);
        fine_tune(&arguments, args)
    });
}

fn fine_tune((model, data, ner): &Arguments, args: TrainingArguments) -> trainer::Result<()> {
    args.validate()?;
    set_seed(args.seed)?;
    let raw = data.load()?;
    let (words, labels) = ner.columns(&raw)?;
    let raw = raw.class_encode_column(&labels)?;
    let splits = data.splits(&raw, &args)?;
    let features = splits.any().ok_or("there is nothing to do")?.features();
    let label = features.get(&labels).and_then(Feature::as_class_label);
    let names = label.ok_or("labels of words are lists")?.names();

    let tokenizer = model.tokenizer()?;
    let mut encode = tokenizer
        .single(&words)
        .word_labels(&labels)
        .label_all_tokens(ner.label_all_tokens)
        .truncation(true);
    let mut collator = DataCollatorForTokenClassification::new(&tokenizer);
    if let Some(most) = ner.max_seq_length {
        encode = encode.max_length(most);
        collator = collator.max_length(most);
    }
    if ner.pad_to_max_length {
        collator = collator.padding(Padding::MaxLength);
    }
    let splits = splits.each(|rows| {
        let rows = rows.map(encode.clone())?;
        Ok(rows.remove_columns(&[&words, &labels])?)
    })?;

    let options = model.options().num_labels(names.len()).id2label(names);
    let network = AutoModelForTokenClassification::from_pretrained(model.name()?, options)?;
    let output_dir = args.output_dir.clone();
    let metric = Seqeval::new(names).with_entity_level(ner.return_entity_level_metrics);
    let builder = Trainer::builder(network, args)
        .data_collator(collator)
        .processing_class(&tokenizer)
        .compute_metrics(metric);
    let mut trainer = splits.give_to(builder).build()?;
    script::train_and_evaluate(&mut trainer, &splits)?;
    if let Some(rows) = &splits.test {
        let output = script::predict(&mut trainer, rows)?;
        script::write_lines(&output_dir.join("predictions.txt"), lines(&output, names)?)?;
    }
    Ok(())
}

/// For each row the names that were predicted for its words.
fn lines(output: &PredictionOutput, names: &[String]) -> trainer::Result<Vec<String>> {
    let (classes, labels) = (output.logits()?.argmax(), output.labels()?);
    let classes = classes.ok_or("the model has no classes")?;
    let tokens: Vec<(f64, f64)> = classes.values().zip(labels.values()).collect();
    let line = |row: &[(f64, f64)]| {
        let words = row.iter().filter(|(_, label)| *label != -100.0);
        let words: Vec<&str> = words
            .map(|(class, _)| names[*class as usize].as_str())
            .collect();
        words.join(" ")
    };
    let width = labels.shape().last().copied().unwrap_or(1).max(1);
    Ok(tokens.chunks(width).map(line).collect())
}

impl NerArguments {
    /// The columns of words and of labels.
    fn columns(&self, raw: &DatasetDict) -> trainer::Result<(String, String)> {
        let (_, rows) = raw.iter().next().ok_or("there are no rows")?;
        let features = rows.features();
        let known = |names: &[&str]| {
            let mut names = names.iter().filter(|name| rows.has_column(name));
            names.next().map(|name| (*name).to_owned())
        };
        let words = Feature::list(Feature::String);
        let first = || features.iter().find(|(_, feature)| **feature == words);
        let words = self.text_column_name.clone().or_else(|| known(&["tokens"]));
        let words = words.or_else(|| first().map(|(name, _)| name.to_owned()));
        let labels = self.label_column_name.clone();
        let labels = labels.or_else(|| known(&["ner_tags", "labels", "tags"]));
        Ok((
            words.ok_or("no column has lists of words: give --text_column_name")?,
            labels.ok_or("no column is ner_tags, labels or tags: give --label_column_name")?,
        ))
    }
}
