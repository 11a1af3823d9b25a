//! Trains the parts of this crate, saves the model and loads it again.

use my_program::{BagOfWords, my_trainer};
use trainer::models::register_family;
use trainer::prelude::*;

fn main() -> trainer::Result<()> {
    register_family(&BagOfWords)?;
    let folder = std::env::args().nth(1).unwrap_or_else(|| "out".to_owned());
    let args = TrainingArguments {
        learning_rate: 0.01,
        ..TrainingArguments::new(&folder)
    };
    let mut trainer = my_trainer(args, 100)?;
    trainer.train()?;
    trainer.save_model()?;
    let metrics = trainer.evaluate()?;
    AutoModelForSequenceClassification::from_pretrained(&folder, num_labels(2))?;
    println!(
        "wrong: {}",
        trainer::serde_json::to_string(&metrics.get_f64("eval_wrong"))?
    );
    Ok(())
}
