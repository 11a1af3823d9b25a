use crate::machine::{Machine, said};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// A program that prints where the dynamic linker is told to look, and its arguments.
fn program(machine: &Machine) -> String {
    machine.put(
        "bin/program",
        "#!/bin/sh\necho \"$LD_LIBRARY_PATH$DYLD_LIBRARY_PATH $*\"\nexit 7\n",
    );
    let path = machine.path("bin/program");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

#[test]
fn the_program_gets_the_libraries_its_arguments_and_gives_its_exit_status() {
    let machine = Machine::new();
    let libtorch = machine.libtorch("libtorch");
    let program = program(&machine);
    let output = machine.trainer(Some(&libtorch), &["run", &program, "--flag", "-x"]);
    assert_eq!(output.status.code(), Some(7));
    let expected = format!("{}/lib --flag -x\n", libtorch.display());
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn libtorch_in_the_cache_is_found() {
    let machine = Machine::new();
    let libtorch = machine.libtorch(".cache/trainer/libtorch-2.11.0");
    let program = program(&machine);
    let output = machine.trainer(None, &["run", &program]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains(&libtorch.display().to_string()),
        "{text}{}",
        said(&output)
    );
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let machine = Machine::new();
    let output = machine.trainer(None, &["run", "./no-such-program"]);
    assert!(!output.status.success());
    assert!(said(&output).contains("./no-such-program: there is no such program"));
}
