use crate::machine::{Machine, said};
use std::fs;

#[test]
fn the_crate_leads_to_the_users_libtorch_after_one_call_and_after_two() {
    let machine = Machine::new();
    let libtorch = machine.libtorch("libtorch");
    let config = machine.path("crate/.cargo/config.toml");
    let mut written = Vec::new();
    for _ in 0..2 {
        let output = machine.trainer(Some(&libtorch), &["setup"]);
        assert!(output.status.success(), "{}", said(&output));
        written.push(fs::read_to_string(&config).unwrap());
    }
    assert_eq!(written[0], written[1]);
    assert!(written[0].contains(&format!("LIBTORCH = \"{}\"", libtorch.display())));
    assert!(written[0].contains(&format!("{}/lib\"]", libtorch.display())));
}

#[test]
fn a_member_of_a_workspace_is_set_up_in_its_root() {
    let machine = Machine::new();
    let libtorch = machine.libtorch("libtorch");
    machine.put(
        "Cargo.toml",
        "[workspace]\nmembers = [\"crate\"]\nresolver = \"3\"\n",
    );
    let output = machine.trainer(Some(&libtorch), &["setup"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(machine.path(".cargo/config.toml").is_file());
    assert!(!machine.path("crate/.cargo").exists());
}

#[test]
fn what_is_refused_is_refused_before_anything_is_downloaded() {
    let machine = Machine::new();
    let taken = "[env]\nLIBTORCH = \"/opt/libtorch\"\n";
    machine.put("crate/.cargo/config.toml", taken);
    let output = machine.trainer(None, &["setup"]);
    assert!(!output.status.success());
    assert!(
        said(&output).contains("env.LIBTORCH is set already, to \"/opt/libtorch\""),
        "{}",
        said(&output)
    );
    assert!(
        output.stdout.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(!machine.path(".cache").exists());
    let text = fs::read_to_string(machine.path("crate/.cargo/config.toml")).unwrap();
    assert_eq!(text, taken);
}

#[test]
fn the_doctor_needs_no_checkout_and_names_the_fix() {
    let machine = Machine::new();
    let libtorch = machine.libtorch("libtorch");
    let report = |libtorch: Option<&std::path::Path>| {
        let output = machine.trainer(libtorch, &["doctor"]);
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (content, text) = report(None);
    assert!(!content && text.contains("fix:   trainer setup"), "{text}");
    assert!(text.contains("it does not lead to libtorch"), "{text}");

    machine.trainer(Some(&libtorch), &["setup"]);
    let (content, text) = report(Some(&libtorch));
    assert!(content && text.contains("leads to "), "{text}");
}
