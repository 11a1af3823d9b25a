//! Texts in, labels out: the folder of a model that a training saved, then the texts; a label and its score a line.
//!
//! ```text
//! cargo run --release --example classify -- my-model "I like it." "Never again!"
//! ```

use trainer::prelude::*;

fn main() -> trainer::Result<()> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("usage: classify FOLDER TEXT...")?;
    let texts: Vec<String> = args.collect();
    let answers = TextClassifier::from_pretrained(&folder)?.classify(&texts)?;
    answers.iter().for_each(|answer| println!("{answer}"));
    Ok(())
}
