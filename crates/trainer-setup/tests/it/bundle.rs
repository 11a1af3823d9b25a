use crate::machine::{Machine, said};

#[test]
#[cfg(target_os = "linux")]
fn a_program_without_libtorch_and_a_folder_that_is_there_are_refused() {
    let machine = Machine::new();
    let libtorch = machine.libtorch("libtorch");
    let refused = |program: &str, expected: &str| {
        let output = machine.trainer(Some(&libtorch), &["bundle", program, "--into", "bundle"]);
        assert!(!output.status.success());
        assert!(said(&output).contains(expected), "{}", said(&output));
        assert!(!machine.path("crate/bundle.partial").exists());
    };
    refused(env!("CARGO_BIN_EXE_trainer"), "does not use libtorch");
    refused("Cargo.toml", "is no program with libraries");
    machine.put("crate/bundle/mine", "");
    refused(env!("CARGO_BIN_EXE_trainer"), "bundle is there already");
}
