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

use std::path::PathBuf;

use trainer::data::load_files_in_field;
use trainer::prelude::*;

script_arguments! {
    /// The model, the data and how answers are chosen.
    struct ScriptArguments {
        /// The model: a name on the hub or a folder.
        model_name_or_path: Option<String> = None,
        /// The tokenizer, where it is not the model's.
        tokenizer_name: Option<String> = None,
        /// The dataset: a name on the hub or a folder, with the columns `id`, `question`, `context` and `answers`.
        dataset_name: Option<String> = None,
        /// The dataset's configuration.
        dataset_config_name: Option<String> = None,
        /// Questions to train on: a JSON file with the rows in the field `data`, or a CSV file.
        train_file: Option<PathBuf> = None,
        /// Questions to evaluate, in such a file.
        validation_file: Option<PathBuf> = None,
        /// Questions to answer, in such a file.
        test_file: Option<PathBuf> = None,
        /// The most tokens of a window, special ones included.
        max_seq_length: usize = 384,
        /// How many tokens of the text two windows that follow each other have in common.
        doc_stride: usize = 128,
        /// Pad all windows to the most tokens, and not each batch to its longest.
        pad_to_max_length: bool = true,
        /// On how many threads questions become windows; on all cores if not given.
        preprocessing_num_workers: Option<usize> = None,
        /// The most questions to train on, and windows of them.
        max_train_samples: Option<usize> = None,
        /// The most questions to evaluate.
        max_eval_samples: Option<usize> = None,
        /// The most questions to answer.
        max_predict_samples: Option<usize> = None,
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

fn main() {
    trainer::run(|| {
        let parser = HfArgumentParser::new("run_qa").about("Fine-tunes a Transformer on SQuAD");
        let (script, args) = parser.parse()?;
        trainer::log_to_stderr(args.log_level);
        fine_tune(&script, args)
    });
}

fn fine_tune(script: &ScriptArguments, args: TrainingArguments) -> trainer::Result<()> {
    args.validate()?;
    set_seed(args.seed)?;
    let model_name = script.model_name_or_path.as_deref();
    let model_name = model_name.ok_or("--model_name_or_path is missing")?;
    let raw = script.load()?;
    let tokenizer = script.tokenizer_name.as_deref().unwrap_or(model_name);
    let tokenizer = AutoTokenizer::from_pretrained(tokenizer)?;
    let model = AutoModelForQuestionAnswering::from_pretrained(model_name, ModelOptions::new())?;

    let all = !(args.do_train || args.do_eval || args.do_predict);
    let split = |name: &str, asked: bool, most: Option<usize>| match (raw.get(name), asked) {
        (Ok(rows), _) if all || asked => Ok(Some(rows.take(most.unwrap_or(rows.num_rows())))),
        (Err(error), true) => Err(error),
        _ => Ok(None),
    };
    let train = split("train", args.do_train, script.max_train_samples)?;
    let eval = split("validation", args.do_eval, script.max_eval_samples)?;
    let test = split("test", args.do_predict, script.max_predict_samples)?;

    let mut builder = Trainer::builder(model, args.clone())
        .data_collator(DataCollatorWithPadding::new(&tokenizer))
        .processing_class(&tokenizer);
    let (mut train_rows, mut eval_rows) = (None, None);
    if let Some(train) = &train {
        let features = script.features(QuestionAnsweringFeatures::training(&tokenizer), train)?;
        let most = script.max_train_samples.unwrap_or(features.num_rows());
        let features = features.take(most);
        builder = builder.train_dataset(&features);
        train_rows = Some(features.num_rows() as i64);
    }
    if let Some(eval) = &eval {
        let (features, metric) = script.evaluation(eval, &tokenizer, &args, "eval")?;
        builder = builder.eval_dataset(&features).compute_metrics(metric);
        eval_rows = Some(features.num_rows() as i64);
    }
    let mut trainer = builder.build()?;
    if let Some(rows) = train_rows {
        let mut output = trainer.train()?;
        output.metrics.insert("train_samples", rows);
        trainer.save_model()?;
        trainer.log_metrics("train", &output.metrics);
        trainer.save_metrics("train", &output.metrics)?;
        trainer.save_state()?;
    }
    if let Some(rows) = eval_rows {
        let metrics = trainer.evaluate()?.with("eval_samples", rows);
        trainer.log_metrics("eval", &metrics);
        trainer.save_metrics("eval", &metrics)?;
    }
    if let Some(test) = &test {
        // Other questions have another metric, so another trainer.
        let (features, metric) = script.evaluation(test, &tokenizer, &args, "predict")?;
        let mut trainer = Trainer::builder(trainer.into_model(), args)
            .eval_dataset(&features)
            .data_collator(DataCollatorWithPadding::new(&tokenizer))
            .compute_metrics(metric)
            .build()?;
        let mut output = trainer.predict_on(&features, "predict")?;
        let rows = features.num_rows() as i64;
        output.metrics.insert("predict_samples", rows);
        trainer.log_metrics("predict", &output.metrics);
        trainer.save_metrics("predict", &output.metrics)?;
    }
    Ok(())
}

impl ScriptArguments {
    fn load(&self) -> trainer::Result<DatasetDict> {
        let files = [
            ("train", &self.train_file),
            ("validation", &self.validation_file),
            ("test", &self.test_file),
        ];
        let files = files.map(|(split, file)| Some((split, [file.clone()?])));
        match &self.dataset_name {
            Some(name) => Ok(load_dataset(name, self.dataset_config_name.as_deref())?),
            None if files.iter().all(Option::is_none) => Err(
                "a --dataset_name, a --train_file, a --validation_file or a --test_file is needed"
                    .into(),
            ),
            None => Ok(load_files_in_field(files.into_iter().flatten(), "data")?),
        }
    }

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
