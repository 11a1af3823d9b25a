//! Python's `huggingface_hub` at the server of these tests, which it must find fair, and in a cache that both use.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::support::{COMMIT, NEXT, Reply, Server, tag};
use tempfile::TempDir;
use trainer_data::load_dataset_with;

const CARD: &str = "---\nconfigs:\n- config_name: default\n  data_files: data/*.csv\n---\n";
const ROWS: &str = "text,label\na,0\nb,1\n";
const FILES: [(&str, &str); 2] = [("README.md", CARD), ("data/train.csv", ROWS)];

/// What Python prints of the server's data set, or the name of its error; see `parity/hub_files.py`.
fn python(server: &Server, cache: &TempDir, args: &[&str]) -> Result<String, String> {
    let program = std::env::var_os("TRAINER_PYTHON").expect("TRAINER_PYTHON names an interpreter");
    let output = Command::new(program)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../parity/hub_files.py"
        ))
        .arg(cache.path())
        .args(args)
        .env("HF_ENDPOINT", &server.endpoint)
        .env("HF_HUB_DISABLE_TELEMETRY", "1")
        .env_remove("HF_HUB_OFFLINE")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    match output.status.success() {
        true => Ok(printed),
        false => Err(format!(
            "{printed}{}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

fn both() -> (Server, TempDir) {
    (Server::start(&FILES), TempDir::new().unwrap())
}

#[test]
#[ignore = "needs Python: cargo xtask parity hub"]
fn what_python_fetched_is_found_here() {
    let (server, cache) = both();
    let names = python(&server, &cache, &["x/y"]).unwrap();
    assert_eq!(names, "README.md\ndata/train.csv\n");
    let data = load_dataset_with(&server.hub(&cache).offline(true), "x/y", None).unwrap();
    assert_eq!(data["train"].num_rows(), 2);
    // With a hub that answers nothing is fetched again but the list of files.
    let fetched = server.requests();
    load_dataset_with(&server.hub(&cache), "x/y", None).unwrap();
    assert_eq!(server.requests(), fetched + 1);
}

#[test]
#[ignore = "needs Python: cargo xtask parity hub"]
fn what_is_fetched_here_python_finds() {
    let (server, cache) = both();
    load_dataset_with(&server.hub(&cache), "x/y", None).unwrap();
    let fetched = server.requests();
    let names = python(&server, &cache, &["x/y", "--offline"]).unwrap();
    assert_eq!(names, "README.md\ndata/train.csv\n");
    let rows = python(&server, &cache, &["x/y", "data/train.csv", "--offline"]);
    assert_eq!(rows.as_deref(), Ok(ROWS));
    assert_eq!(server.requests(), fetched);
}

#[test]
#[ignore = "needs Python: cargo xtask parity hub"]
fn python_knows_the_servers_refusals() {
    let (server, cache) = both();
    let refusal = |args: &[&str]| python(&server, &cache, args).unwrap_err();
    assert_eq!(
        refusal(&["x/y", "data/tests.csv"]),
        "RemoteEntryNotFoundError\n"
    );
    assert_eq!(
        refusal(&["x/y", "README.md", "--revision", NEXT]),
        "RevisionNotFoundError\n"
    );
    assert_eq!(refusal(&["x/z", "README.md"]), "RepositoryNotFoundError\n");
    assert_eq!(
        refusal(&["x/private", "README.md"]),
        "RepositoryNotFoundError\n"
    );
    let mine = python(
        &server,
        &cache,
        &["x/private", "README.md", "--token", "hf_ada"],
    );
    assert_eq!(mine.as_deref(), Ok(CARD));
}

#[test]
#[ignore = "needs Python: cargo xtask parity hub"]
fn python_follows_redirections_and_asks_again_for_what_was_cut() {
    let (server, cache) = both();
    let elsewhere = Server::start(&[]);
    let headers = format!(
        "x-repo-commit: {COMMIT}\r\nx-linked-etag: \"{}\"\r\nx-linked-size: {}\r\n\
         Location: {}/stored\r\nContent-Length: 0\r\n",
        tag(ROWS),
        ROWS.len(),
        elsewhere.endpoint
    );
    server.script(move |asked| {
        asked.path.contains("/resolve/").then(|| Reply {
            status: "302 Found",
            headers: headers.clone(),
            ..Reply::default()
        })
    });
    let asked = Arc::new(AtomicUsize::new(0));
    let before = Arc::clone(&asked);
    elsewhere.script(move |asked| {
        let range = asked.header("range: bytes=").unwrap_or("0-");
        let start: usize = range.trim_end_matches('-').parse().unwrap();
        let (last, length) = (ROWS.len() - 1, ROWS.len());
        // The first answer ends before its end.
        let end = match before.fetch_add(1, Ordering::Relaxed) {
            0 => length / 2,
            _ => length,
        };
        Some(Reply {
            status: "206 Partial Content",
            headers: format!(
                "Content-Range: bytes {start}-{last}/{length}\r\nContent-Length: {}\r\n",
                length - start
            ),
            body: ROWS.as_bytes()[start..end].to_vec(),
            ..Reply::default()
        })
    });
    let rows = python(&server, &cache, &["x/y", "data/train.csv"]);
    assert_eq!(rows.as_deref(), Ok(ROWS));
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}
