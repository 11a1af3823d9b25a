//! Folders, and what Python's `datasets` makes of them: the same splits, columns, types and rows here, but for what stands
//! in `DIFFERENT` with its reason.

use std::{collections::BTreeSet, fs, io::Read, path::Path};

use flate2::read::GzDecoder;
use serde_json::{Map, Value as Json};
use tempfile::TempDir;
use trainer_data::load_dataset;

use crate::support::{described, widened};

/// What is done where Python does something else.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Here {
    /// An error, with these words.
    Refused(&'static str),
    /// Rows, where Python fails.
    Loads(&'static str),
    /// These rows in place of Python's.
    Rows(&'static str),
}
use Here::{Loads, Refused, Rows};

fn tests(name: &str) -> String {
    format!("{}/tests/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn json(name: &str) -> Map<String, Json> {
    serde_json::from_slice(&fs::read(tests(name)).unwrap()).unwrap()
}

/// What Python makes of the folders in `tests/cases`.
fn reported() -> Map<String, Json> {
    let mut cases = json("cases/expected.json");
    let mut long = Vec::new();
    let packed = fs::File::open(tests("cases/expected_long.json.gz")).unwrap();
    GzDecoder::new(packed).read_to_end(&mut long).unwrap();
    cases.append(&mut serde_json::from_slice(&long).unwrap());
    cases
}

/// What is wrong with what `folder` becomes, if Python recorded `case`.
fn wrong(name: &str, case: &Json, folder: &Path) -> Option<String> {
    let loaded = load_dataset(folder.to_str().unwrap(), None);
    let loaded = loaded
        .map(|data| described(&data))
        .map_err(|error| error.to_string());
    let python = case.get("ok").map(widened);
    let here = DIFFERENT
        .iter()
        .find(|(names, ..)| names.split(' ').any(|have| have == name));
    let here = here.map(|(_, here, _)| *here);
    let expected = match (&loaded, &python, here) {
        (Ok(loaded), Some(python), None) => loaded == python,
        (Err(_), None, None) => true,
        (Err(message), _, Some(Refused(words))) => message.contains(words),
        (Ok(loaded), None, Some(Loads(rows))) | (Ok(loaded), Some(_), Some(Rows(rows))) => {
            rows_of(loaded) == rows
        }
        _ => false,
    };
    (!expected).then(|| match loaded {
        Ok(loaded) => format!(
            "{name}: {here:?}\n  here   {}\n  {loaded}\n  Python {case}",
            rows_of(&loaded)
        ),
        Err(error) => format!("{name}: {here:?}\n  here   {error}\n  Python {case}"),
    })
}

/// The rows alone, as text.
fn rows_of(data: &Json) -> String {
    let splits = data.as_object().unwrap().iter();
    let splits = splits.map(|(split, data)| format!("{split} {}", data["rows"]));
    splits.collect::<Vec<_>>().join(" ")
}

fn none_wrong(wrong: Vec<String>) {
    assert!(
        wrong.is_empty(),
        "{} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn reported_folders_are_read_as_python_reads_them() {
    let cases = reported();
    assert_eq!(cases.len(), 120);
    let wrong = cases
        .iter()
        .filter_map(|(name, case)| wrong(name, case, Path::new(&tests(&format!("cases/{name}")))));
    none_wrong(wrong.collect());
}

#[test]
fn made_folders_are_read_as_python_reads_them() {
    let cases = json("data/folders.json");
    let wrong = cases.iter().filter_map(|(name, case)| {
        let folder = TempDir::new().unwrap();
        for (file, content) in case["files"].as_object().unwrap() {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes(content)).unwrap();
        }
        wrong(name, case, folder.path())
    });
    none_wrong(wrong.collect());
}

fn bytes(content: &Json) -> Vec<u8> {
    let Some(hex) = content.get("hex") else {
        return content.as_str().unwrap().into();
    };
    let hex = hex.as_str().unwrap();
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

#[test]
fn every_difference_is_of_a_case() {
    let (reported, made) = (reported(), json("data/folders.json"));
    for (names, ..) in DIFFERENT {
        for name in names.split(' ') {
            assert!(
                reported.contains_key(name) || made.contains_key(name),
                "{name}"
            );
        }
    }
}

/// The reported cases that differ stand in the documents, and no others.
#[test]
fn the_documents_list_the_reported_cases_that_differ() {
    let (documents, reported) = (tests("../../../docs/differences.md"), reported());
    let text = fs::read_to_string(documents).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows = rows.filter_map(|line| line.split_once(" |"));
    let listed: BTreeSet<&str> = rows
        .flat_map(|(names, _)| names.split(['`', ',', ' ']))
        .filter(|name| !name.is_empty())
        .collect();
    let names = DIFFERENT.iter().flat_map(|(names, ..)| names.split(' '));
    let differing: BTreeSet<&str> = names.filter(|name| reported.contains_key(*name)).collect();
    assert_eq!(listed, differing);
}

/// Cases, what they become here, and why.
const DIFFERENT: &[(&str, Here, &str)] = &[
    // Splits.
    (
        "split_dir_and_name folder_and_name folder_of_text data_dir_shards",
        Refused("test.csv would be left out, with the split test that its name stands for"),
        "Python drops a split without a word",
    ),
    (
        "case_of_some_words",
        Refused("TEST.csv would be left out, with the split test that its name stands for"),
        "Python drops a split without a word",
    ),
    (
        "shards_before_folders shards_before_names",
        Refused("would be left out, with the split train that its name stands for"),
        "Python drops a split without a word",
    ),
    (
        "word_twice",
        Rows(r#"train [{"text":"train_train.csv"}] test [{"text":"test.csv"}]"#),
        "Python takes a file's rows twice where two patterns match it",
    ),
    (
        "word_twice_in_one_split",
        Rows(r#"train [{"text":"train.csv"}] test [{"text":"test-eval.csv"}]"#),
        "as word_twice",
    ),
    (
        "folder_twice",
        Rows(r#"train [{"text":"train train-x a.csv"}] test [{"text":"test a.csv"}]"#),
        "as word_twice",
    ),
    (
        "pattern_twice",
        Rows(r#"train [{"text":"a","label":1},{"text":"b","label":1}]"#),
        "as word_twice",
    ),
    (
        "formats_tsv_and_csv",
        Loads(r#"train [{"text":"train.tsv","more":1}] test [{"text":"test.csv","more":null}]"#),
        "each file has the separator of its own name",
    ),
    (
        "formats_tsv_in_csv",
        Loads(r#"train [{"text":"x","more":1},{"text":"y","more":2},{"text":"z","more":3}]"#),
        "each file has the separator of its own name",
    ),
    (
        "format_of_second",
        Loads(r#"train [{"text":"b","label":1}]"#),
        "Python reads all configurations in the format of the first",
    ),
    (
        "gz_only_by_name",
        Loads(r#"train [{"text":"plain"}]"#),
        "what a file begins with says that it is packed",
    ),
    // Settings of a card.
    (
        "sep_wide sep_blanks header_second skiprows nrows usecols decimal comment keep_linebreaks \
         sample_by",
        Refused("is not supported"),
        "settings that are not honoured are refused by name",
    ),
    (
        "encoding_json_array",
        Loads(r#"train [{"a":"é"},{"a":"€"}]"#),
        "Python knows of no encoding where a file is one array",
    ),
    (
        "bz2_not",
        Loads(r#"train [{"BZh91AY":1,"b":2}]"#),
        "Python takes every text that begins with BZh for bzip2",
    ),
    (
        "names_too_few names_too_many",
        Refused("2 fields where the card gives"),
        "Python makes an index of the rest, or a column without values",
    ),
    (
        "field_of_columns",
        Refused("expected an array of rows, found '{'"),
        "a table as an object of columns is not supported",
    ),
    (
        "config_features_more",
        Loads(r#"train [{"text":"x","more":null}]"#),
        "a declared column that a file lacks has no values, as under dataset_info in Python",
    ),
    (
        "config_features_and_info",
        Refused("the card declares features twice"),
        "Python reads by one and converts to the other",
    ),
    (
        "info_of_another_config",
        Loads(r#"train [{"n":"1"}]"#),
        "the only columns that a card declares are meant",
    ),
    (
        "type_string_of_ints",
        Rows(r#"train [{"n":"01"},{"n":"2"}]"#),
        "a declared text is as it stands in the file; pandas has made it a number before",
    ),
    (
        "more_csv_float_str",
        Rows(r#"train [{"n":"1.50"},{"n":"2"}]"#),
        "as type_string_of_ints",
    ),
    (
        "more_csv_bool_str",
        Rows(r#"train [{"n":"True"},{"n":"false"}]"#),
        "as type_string_of_ints",
    ),
    (
        "type_string_of_json_object",
        Rows(
            r#"train [{"n":"{\"a\":1,\"b\":\"é\\\"\",\"c\":null}"},{"n":null},{"n":"{\"a\":2.5,\"b\":\"/\",\"c\":null}"}]"#,
        ),
        "as type_string_of_ints",
    ),
    (
        "label_count",
        Loads(r#"train [{"label":1}]"#),
        "classes that are only counted are called by their numbers",
    ),
    // Cells of CSV.
    (
        "csv_na_words",
        Rows(
            r#"train [{"text":"NA","label":0},{"text":"null","label":1},{"text":"None","label":0},{"text":"n/a","label":1},{"text":"hello","label":0},{"text":"nan","label":1}]"#,
        ),
        "words for missing numbers are texts among texts",
    ),
    (
        "csv_short_rows",
        Rows(r#"train [{"a":1,"b":2,"c":null},{"a":3,"b":4,"c":5}]"#),
        "whole numbers stay so where some are missing",
    ),
    (
        "csv_ctrl_z",
        Rows(
            r#"train [{"text":"a","label":1},{"text":"b","label":0},{"text":"\u001a","label":null}]"#,
        ),
        "as csv_short_rows",
    ),
    (
        "csv_nullint_label_text",
        Rows(r#"train [{"label":1},{"label":null},{"label":0}]"#),
        "as csv_short_rows",
    ),
    (
        "csv_trailing_comma_all",
        Rows(
            r#"train [{"text":"a","label":1,"Unnamed: 2":null},{"text":"b","label":0,"Unnamed: 2":null}]"#,
        ),
        "a column without a value has no type",
    ),
    (
        "na_values",
        Rows(r#"train [{"text":null,"label":1}]"#),
        "as csv_trailing_comma_all",
    ),
    (
        "na_values_text",
        Rows(r#"train [{"text":null,"label":1},{"text":"NA","label":2},{"text":"a","label":3}]"#),
        "as csv_na_words",
    ),
    (
        "keep_default_na_off_and_values",
        Rows(r#"train [{"text":"NA","label":1},{"text":null,"label":null},{"text":"","label":2}]"#),
        "as csv_short_rows",
    ),
    (
        "csv_long_behind_point",
        Rows(r#"train [{"a":"0.5","b":"x"},{"a":"18446744073709551616","b":"y"}]"#),
        "no digit is lost, wherever the long number stands; Python makes texts where it comes first",
    ),
    (
        "csv_long_beside_missing",
        Rows(r#"train [{"a":9223372036854775808,"b":"x"},{"a":null,"b":"y"}]"#),
        "as csv_short_rows; Python makes texts, one of them empty",
    ),
    (
        "csv_long_beside_negative",
        Rows(
            r#"train [{"a":"18446744073709551615","b":"x"},{"a":"-4","b":"y"},{"a":null,"b":"z"}]"#,
        ),
        "an empty cell is missing, in texts of numbers as in others",
    ),
    (
        "csv_blanks_before_separator_cr csv_empty_line_before_separator_cr",
        Rows(r#"train [{"a":"p","b":"x"},{"a":null,"b":"y"},{"a":"q","b":"z"}]"#),
        "Python loses the first field behind a line of blanks, or of nothing, that ends with CR",
    ),
    (
        "csv_blanks_before_separators_cr",
        Rows(r#"train [{"a":"p","b":"x"},{"a":null,"b":null}]"#),
        "as csv_blanks_before_separator_cr",
    ),
    (
        "csv_comma_decimal",
        Refused("2 fields where the first line has 1"),
        "Python shifts the values to other columns and makes an index of the first",
    ),
    (
        "csv_trailing_comma_rows",
        Refused("3 fields where the first line has 2"),
        "as csv_comma_decimal",
    ),
    // Other files.
    (
        "pq_int96",
        Rows(r#"train [{"t":"a","d":"<datetime 2020-01-01 00:00:00>"},{"t":"b","d":null}]"#),
        "the unit is the one that the file declares",
    ),
    (
        "text_bom text_bom_double",
        Rows(r#"train [{"text":"a"},{"text":"b"}]"#),
        "a byte order mark is no text",
    ),
    (
        "disk_dict",
        Rows(r#"train [{"a":1},{"a":2},{"a":3}] odd.name [{"a":4}]"#),
        "what save_to_disk wrote is read as it says; Python's load_dataset takes it for a folder of files",
    ),
    // JSON.
    (
        "json_date",
        Rows(r#"train [{"d":"2020-01-01"},{"d":"2021-05-06"}]"#),
        "a text is a text, unless a timestamp is declared",
    ),
    (
        "json_datetime",
        Rows(r#"train [{"d":"2020-01-01T10:00:00Z"},{"d":"2021-05-06 11:12:13"}]"#),
        "as json_date",
    ),
    (
        "json_i64_over",
        Rows(r#"train [{"a":1},{"a":9223372036854775808}]"#),
        "whole numbers keep their digits",
    ),
    (
        "json_array_infinity",
        Rows(r#"train [{"a":"<inf>"},{"a":"<-inf>"},{"a":{"f":1.5}}]"#),
        "a number is not dropped; in lines Python keeps it",
    ),
    (
        "json_number_long",
        Loads(r#"train [{"a":{"f":1.8446744073709552e+19}},{"a":{"f":-5.0}},{"a":{"f":0.5}}]"#),
        "as in lines",
    ),
    (
        "json_long_beside_negative",
        Rows(r#"train [{"a":-1},{"a":9223372036854775808}]"#),
        "as json_i64_over",
    ),
    (
        "json_list_long_beside_negative",
        Rows(r#"train [{"a":[-1,5]},{"a":[9223372036854775808]}]"#),
        "as json_i64_over",
    ),
    (
        "json_struct_long_beside_negative",
        Rows(r#"train [{"a":{"x":-1}},{"a":{"x":9223372036854775808}}]"#),
        "as json_i64_over",
    ),
    (
        "json_lines_nan_beside_mixed",
        Rows(r#"train [{"a":"<nan>","b":1},{"a":{"f":2.0},"b":"x"}]"#),
        "NaN in lines is a number, whatever stands in other columns",
    ),
    (
        "json_lines_nan_float_beside_mixed",
        Rows(r#"train [{"a":"<nan>","b":1},{"a":{"f":2.5},"b":"x"}]"#),
        "as json_lines_nan_beside_mixed",
    ),
    (
        "json_whole_floats_after_blanks",
        Rows(r#"train [{"a":{"f":1.0}},{"a":{"f":1000.0}},{"a":{"f":-0.0}}]"#),
        "floating-point numbers stay so, as in Python without the blanks",
    ),
    (
        "json_list_nulls_miscounted",
        Loads(r#"train [{"a":[],"b":{"f":308.0}},{"a":[null,null,5],"b":{"f":0.5}}]"#),
        "Arrow counts a list's elements wrongly",
    ),
    (
        "j2_nested_arr",
        Refused("a row must be a JSON object"),
        "rows are all objects, or none has one in it",
    ),
    (
        "json_array_control json_lone_surrogate json_number_leading_zero json_number_big",
        Refused("not JSON at column"),
        "not JSON; Python changes or drops the value",
    ),
    (
        "json_array_empty json_empty json_blanks json_array_empty_after_mark json_mark_alone",
        Loads("train []"),
        "a file without rows is a data set without rows",
    ),
];
