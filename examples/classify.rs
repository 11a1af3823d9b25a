//! Texts in, labels out: the folder of a model that a training saved, then the texts; a label and its score a line.
//!
//! ```text
//! cargo run --release --example classify -- my-model "I like it." "Never again!"
//! ```

use trainer::prelude::*;

fn main() -> trainer::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: classify FOLDER TEXT...")?;
    let texts: Vec<String> = arguments.collect();
    for answer in TextClassifier::from_pretrained(&folder)?.classify(&texts)? {
        println!("{} {:.4}", answer.label, answer.score);
    }
    Ok(())
}
