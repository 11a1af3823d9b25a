//! Trees of any form survive a file.

use proptest::prelude::*;
use trainer_torch::pickle::{self, Dict, Value};

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(()).prop_map(|()| Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>()
            .prop_filter("NaN is not equal to itself", |number| !number.is_nan())
            .prop_map(Value::Float),
        ".{0,12}".prop_map(Value::Str),
        proptest::collection::vec(any::<u8>(), 0..12).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let key = prop_oneof![
            any::<i64>().prop_map(Value::Int),
            "[a-z]{0,6}".prop_map(Value::Str)
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Tuple),
            proptest::collection::vec((key, inner), 0..6)
                .prop_map(|entries| entries.into_iter().collect::<Dict>().into()),
        ]
    })
}

/// Values compare by their form, as they have tensors in them.
fn form(value: &Value) -> String {
    format!("{value:?}")
}

proptest! {
    #[test]
    fn a_tree_is_read_as_it_was_written(tree in tree()) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tree.pt");
        pickle::save(&file, &tree).unwrap();
        prop_assert_eq!(form(&pickle::load(&file).unwrap()), form(&tree));
    }
}
