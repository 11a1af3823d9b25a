#![allow(missing_docs, clippy::unwrap_used)]
use trainer_models::*;
#[test]
fn save() {
    tch::manual_seed(42);
    let m = trainer_models::bert::BertForSequenceClassification::from_pretrained_with_report(
        "sentence-transformers/all-MiniLM-L6-v2",
        &num_labels(2).id2label(["not_equivalent", "equivalent"]),
    )
    .unwrap();
    println!("{}", m.1);
    m.0.save_pretrained(std::path::Path::new("/tmp/tm/rs_saved/two"))
        .unwrap();
    m.0.save_pretrained_with(
        std::path::Path::new("/tmp/tm/rs_saved/two_sharded"),
        &SaveOptions {
            max_shard_size: 30_000_000,
        },
    )
    .unwrap();
    for name in [
        "nope/none",
        "./nope",
        "merck/sapiens-vh",
        "google-bert/bert-base-cased",
        "nope",
    ] {
        println!(
            "{}",
            AutoModel::from_pretrained(name, ModelOptions::new())
                .err()
                .unwrap()
        );
    }
}
