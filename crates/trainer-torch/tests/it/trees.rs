//! Trees of any form survive a file.

use proptest::prelude::*;
use tch::{Device, Kind, Tensor};
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

/// Set in the process that [`a_full_disk_is_named_and_nothing_else_is_said`] starts.
#[cfg(target_os = "linux")]
const ON_A_FULL_DISK: &str = "TRAINER_TORCH_TEST_ON_A_FULL_DISK";

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named_and_nothing_else_is_said() {
    if std::env::var_os(ON_A_FULL_DISK).is_some() {
        let weights = Value::from(Tensor::zeros([100_000], (Kind::Float, Device::Cpu)));
        let error = pickle::save("/dev/full".as_ref(), &weights).unwrap_err();
        println!("error: {error}");
        return;
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--nocapture",
            "a_full_disk_is_named_and_nothing_else_is_said",
        ])
        .env(ON_A_FULL_DISK, "1")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        told.contains("error: cannot write /dev/full: No space left on device"),
        "{told}"
    );
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
