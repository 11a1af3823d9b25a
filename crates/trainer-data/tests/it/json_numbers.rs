//! Whole numbers of any length in JSON.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;
use trainer_data::{DatasetLoader, Feature, Value};

/// The type and the values of the column `a` of a file.
fn column(name: &str, text: &str) -> trainer_data::Result<(Feature, Vec<Value>)> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, text).unwrap();
    let data = DatasetLoader::new("json")
        .data_files([file.to_str().unwrap()])
        .load()?;
    let column = data["train"].column("a")?;
    Ok((column.feature().clone(), column.iter().collect()))
}

proptest! {
    /// Among texts a number is a text of JSON: what stands in the file.
    #[test]
    fn no_digit_of_a_number_in_a_text_is_lost(number in "-?[1-9][0-9]{0,60}", is_array: bool) {
        let (name, text) = match is_array {
            true => ("a.json", format!(r#"[{{"a": {number}}}, {{"a": "x, {number}"}}, {{"a": [{number}, 1]}}]"#)),
            false => ("a.jsonl", format!("{{\"a\":{number}}}\n{{\"a\":\"x, {number}\"}}\n{{\"a\": [{number}, 1]}}\n")),
        };
        let texts = [number.clone(), format!("\"x, {number}\""), format!("[{number},1]")];
        prop_assert_eq!(column(name, &text).unwrap(), (Feature::Json, texts.map(Value::from).to_vec()));
    }

    /// Among numbers with a point it is the nearest of these.
    #[test]
    fn a_long_number_among_numbers_is_the_nearest(number in "-?[1-9][0-9]{19,60}") {
        let text = format!("{{\"a\": 0.5}}\n{{\"a\": {number}}}\n");
        let nearest: f64 = number.parse().unwrap();
        let values = vec![Value::from(0.5), Value::from(nearest)];
        prop_assert_eq!(column("a.jsonl", &text).unwrap(), (Feature::Float64, values));
    }
}

/// A number beyond those that there are is refused at its place, however long the numbers before it are.
#[test]
fn a_number_out_of_range_is_refused_at_its_place() {
    let long = "1".repeat(400);
    for number in ["1e400", &long] {
        let refused = column(
            "a.json",
            &format!("[{{\"b\": 18446744073709551616, \"a\": {number}}}]"),
        );
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("number out of range"), "{message}");
        let (_, place) = message.split_once("at column ").unwrap();
        let place: usize = place.split(':').next().unwrap().parse().unwrap();
        assert!((35..=38 + number.len()).contains(&place), "{message}");
    }
}
