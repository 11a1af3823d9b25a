//! Fine-tunes a Transformer to answer questions by a part of a text: the Hugging Face library's `run_qa.py`, with its flags.
//!
//! ```text
//! cargo run --release --example run_qa -- --model_name_or_path bert-base-cased --dataset_name squad --output_dir out
//! cargo run --release --example run_qa -- --model_name_or_path bert-base-cased --train_file train.json --output_dir out
//! ```
//!
//! Every field of `TrainingArguments` is a flag; `--help` lists them. It trains on `train`, evaluates `validation` by the answers
//! (exact match and F1) and answers `test`, as far as there are such splits; with any of `--do_train`, `--do_eval` and
//! `--do_predict` only what these ask for. Answers are in `eval_predictions.json` and `eval_nbest_predictions.json`.

use trainer::prelude::*;
use trainer::script;

script_arguments! {
    /// How windows are made, and how answers are chosen.
    struct AnswerArguments {
        /// The most tokens of a window, special ones included.
        max_seq_length: usize = 384,
        /// How many tokens of the text two windows that follow each other have in common.
        doc_stride: usize = 128,
        /// Pad all windows to the most tokens, and not each batch to its longest.
        pad_to_max_length: bool = true,
        /// On how many threads questions become windows; on all cores if not given.
        preprocessing_num_workers: Option<usize> = None,
        /// Some questions have no answer.
        version_2_with_negative: bool = false,
        /// By how much the score of "no answer" must be higher than the best answer's.
        null_score_diff_threshold: f64 = 0.0,
        /// How many answers to a question are kept.
        n_best_size: usize = 20,
        /// The most tokens of an answer.
        max_answer_length: usize = 30,
    }
}

type Arguments = (ModelArguments, DataArguments, AnswerArguments);

fn main() {
    trainer::run(|| {
        let parser = HfArgumentParser::new("run_qa").about("Fine-tunes a Transformer on SQuAD");
        let (arguments, args) = parser.parse::<Arguments>()?;
        trainer::log_to_stderr(args.log_level);
        fine_tune(&arguments, args)
    });
}

fn fine_tune((model, data, answers): &Arguments, args: TrainingArguments) -> trainer::Result<()> {
    args.validate()?;
    set_seed(args.seed)?;
    let raw = data.load_in_field("data")?;
    let questions = data.splits(&raw, &args)?;
    let tokenizer = model.tokenizer()?;
    let network = AutoModelForQuestionAnswering::from_pretrained(model.name()?, model.options())?;

    let mut builder = Trainer::builder(network, args.clone())
        .data_collator(DataCollatorWithPadding::new(&tokenizer))
        .processing_class(&tokenizer);
    let mut splits = Splits::default();
    if let Some(train) = &questions.train {
        let features = answers.features(QuestionAnsweringFeatures::training(&tokenizer), train)?;
        // Of the windows no more than of the questions, as in Python.
        let most = data.max_train_samples.unwrap_or(features.num_rows());
        splits.train = Some(features.take(most));
    }
    if let Some(rows) = &questions.validation {
        let (features, metric) = answers.evaluation(rows, &tokenizer, &args, "eval")?;
        splits.validation = Some(features);
        builder = builder.compute_metrics(metric);
    }
    let mut trainer = splits.give_to(builder).build()?;
    script::train_and_evaluate(&mut trainer, &splits)?;
    if let Some(rows) = &questions.test {
        // Other questions have another metric, so another trainer.
        let (features, metric) = answers.evaluation(rows, &tokenizer, &args, "predict")?;
        let mut trainer = Trainer::builder(trainer.into_model(), args)
            .eval_dataset(&features)
            .data_collator(DataCollatorWithPadding::new(&tokenizer))
            .compute_metrics(metric)
            .build()?;
        script::predict(&mut trainer, &features)?;
    }
    Ok(())
}

impl AnswerArguments {
    /// A row for each window.
    fn features(
        &self,
        features: QuestionAnsweringFeatures,
        questions: &Dataset,
    ) -> trainer::Result<Dataset> {
        let features = features
            .max_length(self.max_seq_length)
            .stride(self.doc_stride)
            .pad_to_max_length(self.pad_to_max_length);
        let mut options = MapOptions::default().remove_columns(questions.column_names());
        options.num_proc = self.preprocessing_num_workers;
        Ok(questions.map_with(&features, &options)?)
    }

    /// The windows of questions, and the metric of the answers to them, which writes these down.
    fn evaluation(
        &self,
        questions: &Dataset,
        tokenizer: &Tokenizer,
        args: &TrainingArguments,
        prefix: &'static str,
    ) -> trainer::Result<(Dataset, SquadMetric)> {
        let features = QuestionAnsweringFeatures::validation(tokenizer);
        let features = self.features(features, questions)?;
        let options = AnswerOptions::new()
            .n_best_size(self.n_best_size)
            .max_answer_length(self.max_answer_length)
            .version_2_with_negative(self.version_2_with_negative)
            .null_score_diff_threshold(self.null_score_diff_threshold as f32);
        let (examples, windows) = (question_examples(questions)?, question_windows(&features)?);
        let output_dir = args.output_dir.clone();
        let metric = SquadMetric::new(examples, windows, options)
            .on_answers(move |answers| save_qa_predictions(answers, &output_dir, Some(prefix)));
        Ok((features, metric))
    }
}
