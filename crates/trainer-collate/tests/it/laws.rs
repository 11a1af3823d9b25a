//! What holds for every batch, and what is said of rows that make none.

use proptest::prelude::*;
use tch::{Kind, Tensor};
use tokenizers::models::wordpiece::WordPiece;
use trainer_collate::{
    Batch, DataCollatorForLanguageModeling, DataCollatorForSeq2Seq,
    DataCollatorForTokenClassification, DataCollatorWithFlattening, DataCollatorWithPadding,
    DefaultDataCollator, Error, Padding,
};
use trainer_data::{Column, Columns, DataLoader, Dataset, Feature, Rows, Value};
use trainer_tokenize::{Side, Tokenizer, TokenizerConfig};

const PAD: i64 = 4;

fn tokenizer(side: Side) -> Tokenizer {
    let vocabulary = WordPiece::read_bytes(b"[UNK]\n[CLS]\n[SEP]\n[MASK]\n[PAD]").unwrap();
    let model = WordPiece::builder().vocab(vocabulary).build().unwrap();
    let config = TokenizerConfig {
        padding_side: side,
        ..TokenizerConfig::new("BertTokenizer")
    };
    Tokenizer::from_backend(tokenizers::Tokenizer::new(model), config).unwrap()
}

fn ids(rows: &[Vec<i64>]) -> Dataset {
    let types = rows
        .iter()
        .map(|row| row.iter().map(|id| i32::from(*id > 50)).collect::<Vec<_>>());
    let columns = Columns::new()
        .with("input_ids", Column::int_lists(rows))
        .with("token_type_ids", Column::int_lists(types));
    Dataset::from_columns(columns).unwrap()
}

fn collate(collator: &DataCollatorWithPadding, data: &Dataset) -> Result<Batch, Error> {
    let numbers: Vec<usize> = (0..data.num_rows()).collect();
    collator.batch(&data.rows(&numbers).unwrap())
}

fn row(tensor: &Tensor, k: usize) -> Vec<i64> {
    Vec::try_from(tensor.get(i64::try_from(k).unwrap())).unwrap()
}

proptest! {
    #[test]
    fn what_the_mask_keeps_is_the_row(
        rows in prop::collection::vec(prop::collection::vec(0_i64..100, 0..12), 1..9),
        multiple in 1_usize..9,
        left in any::<bool>(),
    ) {
        let side = if left { Side::Left } else { Side::Right };
        let data = ids(&rows);
        let collator = DataCollatorWithPadding::new(&tokenizer(side)).pad_to_multiple_of(multiple);
        let batch = collate(&collator, &data).unwrap();
        let input = batch.require("input_ids").unwrap();
        let mask = batch.require("attention_mask").unwrap();
        let types = batch.require("token_type_ids").unwrap();
        let longest = rows.iter().map(Vec::len).max().unwrap();
        let width = longest.next_multiple_of(multiple);
        prop_assert_eq!(input.size(), vec![rows.len() as i64, width as i64]);
        for (k, want) in rows.iter().enumerate() {
            let mask = row(mask, k);
            prop_assert_eq!(mask.iter().sum::<i64>(), want.len() as i64);
            let keep = |values: Vec<i64>, bit: i64| -> Vec<i64> {
                values.into_iter().zip(&mask).filter(|(_, have)| **have == bit).map(|(value, _)| value).collect()
            };
            prop_assert_eq!(&keep(row(input, k), 1), want);
            prop_assert!(keep(row(input, k), 0).iter().all(|id| *id == PAD));
            prop_assert!(keep(row(types, k), 0).iter().all(|id| *id == 0));
            let types: Vec<i64> = want.iter().map(|id| i64::from(*id > 50)).collect();
            prop_assert_eq!(keep(row(batch.require("token_type_ids").unwrap(), k), 1), types);
            let on_its_side = mask.windows(2).all(|pair| if left { pair[0] <= pair[1] } else { pair[0] >= pair[1] });
            prop_assert!(on_its_side);
        }
    }
}

#[test]
fn a_loader_makes_the_same_batches_with_and_without_workers() {
    let rows: Vec<Vec<i64>> = (0..23).map(|k| (0..=k % 5).collect()).collect();
    let data = ids(&rows);
    let collator = DataCollatorWithPadding::new(&tokenizer(Side::Right));
    let batches = |workers| -> Vec<Vec<i64>> {
        let loader = DataLoader::builder(&data, collator.clone())
            .batch_size(4)
            .num_workers(workers)
            .build()
            .unwrap();
        let flat =
            |batch: Batch| Vec::try_from(batch.require("input_ids").unwrap().view([-1])).unwrap();
        loader.iter(0).map(|batch| flat(batch.unwrap())).collect()
    };
    assert_eq!(batches(0), batches(3));
    assert_eq!(batches(0).len(), 6);
}

#[test]
fn class_labels_and_small_numbers_are_int64() {
    let label = trainer_data::ClassLabel::new(["no", "yes"]);
    let columns = Columns::new()
        .with("input_ids", Column::int_lists([vec![1_i32], vec![2, 3]]))
        .with("label", Column::class_labels(label, [1, 0]).unwrap());
    let data = Dataset::from_columns(columns).unwrap();
    let batch = collate(
        &DataCollatorWithPadding::new(&tokenizer(Side::Right)),
        &data,
    )
    .unwrap();
    assert_eq!(batch.require("labels").unwrap().kind(), Kind::Int64);
    assert_eq!(row(batch.require("input_ids").unwrap(), 0), [1, PAD]);
    assert!(batch.get("label").is_none());
}

fn message(data: &Dataset) -> String {
    collate(&DataCollatorWithPadding::new(&tokenizer(Side::Right)), data)
        .unwrap_err()
        .to_string()
}

fn with(name: &str, column: Column) -> Dataset {
    let columns = Columns::new()
        .with("input_ids", Column::int_lists([vec![1_i64], vec![2, 3]]))
        .with(name, column);
    Dataset::from_columns(columns).unwrap()
}

#[test]
fn errors_name_column_and_row() {
    let text = message(&with("sentence", Column::strings(["a", "b"])));
    assert!(
        text.contains("\"sentence\" of type string") && text.contains("remove_columns"),
        "{text}"
    );
    let text = message(&with("words", Column::int_lists([vec![1_i64], vec![2, 3]])));
    assert!(
        text.contains("\"words\", row 1: the list has 2 values") && text.contains("have 1"),
        "{text}"
    );
    let text = message(&with(
        "attention_mask",
        Column::int_lists([vec![1_i64], vec![1]]),
    ));
    assert!(
        text.contains("\"attention_mask\", row 1: 1 values for 2 ids"),
        "{text}"
    );
    let null = Column::values(&Feature::Int64, [Value::Int(1), Value::Null]).unwrap();
    let text = message(&with("label", null));
    assert!(
        text.contains("\"label\", row 1: there is no value"),
        "{text}"
    );
    let text =
        message(&Dataset::from_columns(Columns::new().with("x", Column::ints([1]))).unwrap());
    assert!(
        text.contains("needs the column \"input_ids\"; the rows have x"),
        "{text}"
    );
    let text = message(&with("label", Column::ints([0, 1])).select(&[]).unwrap());
    assert!(text.contains("at least one row"), "{text}");

    let data = with("label", Column::ints([0, 1]));
    let short = DataCollatorWithPadding::new(&tokenizer(Side::Right))
        .padding(Padding::MaxLength)
        .max_length(1);
    let text = collate(&short, &data).unwrap_err().to_string();
    assert!(
        text.contains("row 1: 2 ids, but batches are padded to 1"),
        "{text}"
    );
    let unlimited =
        DataCollatorWithPadding::new(&tokenizer(Side::Right)).padding(Padding::MaxLength);
    let text = collate(&unlimited, &data).unwrap_err().to_string();
    assert!(
        text.contains("\"input_ids\", row 1") && text.contains("let the collator pad"),
        "{text}"
    );
}

#[test]
fn a_tokenizer_without_padding_token_cannot_pad() {
    let vocabulary = WordPiece::read_bytes(b"[UNK]").unwrap();
    let model = WordPiece::builder().vocab(vocabulary).build().unwrap();
    let bare = Tokenizer::from_backend(
        tokenizers::Tokenizer::new(model),
        TokenizerConfig::default(),
    )
    .unwrap();
    let data = with("label", Column::ints([0, 1]));
    let error = collate(&DataCollatorWithPadding::new(&bare), &data).unwrap_err();
    assert!(matches!(error, Error::NoPadToken), "{error}");
    let equal = ids(&[vec![1], vec![2]]);
    assert!(
        collate(
            &DataCollatorWithPadding::new(&bare).padding(Padding::DoNotPad),
            &equal
        )
        .is_ok()
    );
}

#[test]
fn the_default_collator_names_the_row_without_a_label() {
    let label = Column::values(&Feature::Int64, [Value::Int(1), Value::Null]).unwrap();
    let data = Dataset::from_columns(Columns::new().with("label", label)).unwrap();
    let text = DefaultDataCollator
        .batch(&data.rows(&[0, 1]).unwrap())
        .unwrap_err()
        .to_string();
    assert!(text.contains("\"label\", row 1"), "{text}");
}

#[test]
fn lists_that_are_all_empty_are_a_tensor_without_elements() {
    let empty = Feature::List(Box::new(Feature::Null));
    let rows = vec![Value::List(vec![]), Value::List(vec![])];
    let column = Column::values(&empty, rows).unwrap();
    let data = Dataset::from_columns(Columns::new().with("spans", column)).unwrap();
    let batch = DefaultDataCollator.batch(&data.rows(&[1, 0]).unwrap());
    let batch = batch.unwrap();
    let spans = batch.require("spans").unwrap();
    // `torch.tensor([[], []])`.
    assert_eq!((spans.size(), spans.kind()), (vec![2, 0], Kind::Float));
}

#[test]
fn whole_numbers_that_are_never_negative_are_int64_where_they_fit() {
    let whole = |&value: &u64| i64::try_from(value).map_or(Value::UInt(value), Value::Int);
    let unsigned = |values: &[u64]| values.iter().map(whole).collect::<Vec<Value>>();
    let lists = |rows: &[&[u64]]| {
        let rows: Vec<Value> = rows.iter().map(|row| Value::List(unsigned(row))).collect();
        Column::values(&Feature::list(Feature::UInt64), rows).unwrap()
    };
    let column = |values: &[u64]| Column::values(&Feature::UInt64, unsigned(values)).unwrap();
    let largest = i64::MAX as u64;
    let columns = Columns::new()
        .with("input_ids", lists(&[&[1], &[2, 3]]))
        .with("label", column(&[1, largest]))
        .with("boxes", lists(&[&[1, 2], &[3, largest]]));
    let data = Dataset::from_columns(columns).unwrap();
    let collator = DataCollatorWithPadding::new(&tokenizer(Side::Right));
    let batch = collate(&collator, &data).unwrap();
    for name in ["input_ids", "labels", "boxes"] {
        assert_eq!(batch.require(name).unwrap().kind(), Kind::Int64, "{name}");
    }
    assert_eq!(row(batch.require("boxes").unwrap(), 1), [3, i64::MAX]);
    let labels = Vec::<i64>::try_from(batch.require("labels").unwrap()).unwrap();
    assert_eq!(labels, [1, i64::MAX]);

    let over = largest + 1;
    for (name, column) in [
        ("label", column(&[1, over])),
        ("boxes", lists(&[&[1, 2], &[3, over]])),
        ("token_type_ids", lists(&[&[1], &[3, over]])),
    ] {
        let text = message(&with(name, column));
        let place = format!("\"{name}\", row 1: 9223372036854775808 is not below 2^63");
        assert!(text.contains(&place), "{text}");
    }
}

/// As `torch.tensor` makes them of Python's lists, which know no widths.
#[test]
fn whole_numbers_of_every_width_are_the_same_batches() {
    let list = |values: &[i64]| Value::List(values.iter().copied().map(Value::Int).collect());
    let lists = |rows: &[&[i64]]| rows.iter().map(|row| list(row)).collect::<Vec<Value>>();
    let pairs = [[[0, 1], [1, 2]], [[0, 0], [2, 3]]]
        .map(|row| Value::List(row.iter().map(|pair| list(pair)).collect()));
    let columns = [
        ("input_ids", 1, lists(&[&[1, 2, 0], &[3, 0]])),
        ("attention_mask", 1, lists(&[&[1, 1, 1], &[1, 1]])),
        ("token_type_ids", 1, lists(&[&[0, 1, 1], &[0, 1]])),
        ("special_tokens_mask", 1, lists(&[&[1, 0, 1], &[1, 1]])),
        ("label", 0, vec![Value::Int(1), Value::Int(0)]),
        ("labels", 1, lists(&[&[1, 0, 1], &[2, 1]])),
        ("weight", 0, vec![Value::Int(7), Value::Int(100)]),
        ("boxes", 2, pairs.to_vec()),
    ];
    let data = |width: &Feature, names: &[&str]| {
        let chosen = columns.iter().filter(|(name, ..)| names.contains(name));
        let columns = chosen.map(|(name, depth, values)| {
            let feature = (0..*depth).fold(width.clone(), |element, _| Feature::list(element));
            (*name, Column::values(&feature, values.clone()).unwrap())
        });
        Dataset::from_columns(columns.collect()).unwrap()
    };
    let tokenizer = tokenizer(Side::Right);
    let texts = ["input_ids", "attention_mask", "token_type_ids"];
    let with = |more: &[&'static str]| [&texts[..], more].concat();
    type Make<'m> = (Vec<&'static str>, Box<dyn Fn(&Rows<'_>) -> Batch + 'm>);
    let collators: [Make<'_>; 6] = [
        (
            vec!["label", "weight", "boxes"],
            Box::new(|rows| DefaultDataCollator.batch(rows).unwrap()),
        ),
        (
            with(&["label", "weight", "boxes"]),
            Box::new(|rows| {
                DataCollatorWithPadding::new(&tokenizer)
                    .batch(rows)
                    .unwrap()
            }),
        ),
        (
            with(&["labels"]),
            Box::new(|rows| {
                let collator = DataCollatorForTokenClassification::new(&tokenizer);
                collator.batch(rows).unwrap()
            }),
        ),
        (
            with(&["labels"]),
            Box::new(|rows| DataCollatorForSeq2Seq::new(&tokenizer).batch(rows).unwrap()),
        ),
        (
            vec!["input_ids", "labels"],
            Box::new(|rows| DataCollatorWithFlattening::new().batch(rows).unwrap()),
        ),
        (
            with(&["special_tokens_mask"]),
            Box::new(|rows| {
                let collator = DataCollatorForLanguageModeling::new(&tokenizer).seed(7);
                collator.batch(rows).unwrap()
            }),
        ),
    ];
    for (names, collate) in &collators {
        let batch = |width: &Feature| collate(&data(width, names).rows(&[0, 1]).unwrap());
        let expected = batch(&Feature::Int64);
        for width in [
            Feature::Int8,
            Feature::Int16,
            Feature::Int32,
            Feature::UInt8,
            Feature::UInt16,
            Feature::UInt32,
            Feature::UInt64,
        ] {
            let made = batch(&width);
            let of = |batch: &Batch| -> Vec<String> {
                batch.iter().map(|(name, _)| name.to_owned()).collect()
            };
            assert_eq!(of(&made), of(&expected), "{width}, {names:?}");
            for (name, tensor) in expected.iter() {
                let found = made.require(name).unwrap();
                assert_eq!(found.kind(), tensor.kind(), "{width}, {name}");
                assert_eq!(found, tensor, "{width}, {name}");
            }
        }
    }
}
