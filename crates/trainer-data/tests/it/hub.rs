//! The hub: its cache, and downloads from a server of the test's own.

use std::{fs, net::TcpListener};

use crate::support::{COMMIT, Fault, NEXT, Server, warnings};
use tempfile::TempDir;
use trainer_data::{
    DatasetDict, Error, HubReason,
    hub::{Files, Hub},
    load_dataset_with,
};

const CARD: &str = "---\nconfigs:\n- config_name: small\n  data_files:\n  - split: train\n    path: data/train-*\n---\n";
const FILES: [(&str, &str); 3] = [
    ("README.md", CARD),
    ("data/train-0.csv", "text,label\na,0\nb,1\n"),
    ("data/train-1.csv", "text,label\nc,1\n"),
];

/// The same files after a push, all with other words.
const CHANGED: [(&str, &str); 3] = [
    ("README.md", CARD_CHANGED),
    ("data/train-0.csv", "text,label\nA,0\n"),
    ("data/train-1.csv", "text,label\nC,1\nD,0\n"),
];
const CARD_CHANGED: &str = "---\nconfigs:\n- config_name: small\n  data_files: data/train-*\n---\n";

/// The column `text` of all rows.
fn words(data: &DatasetDict) -> String {
    let rows = data["train"].iter();
    rows.map(|row| row.str("text").unwrap().to_owned())
        .collect::<Vec<_>>()
        .join("")
}

fn load(hub: &Hub) -> trainer_data::Result<DatasetDict> {
    load_dataset_with(hub, "x/y", None)
}

/// An address at which nobody answers.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn reason(error: &Error) -> HubReason {
    let Error::Hub { reason, .. } = error else {
        panic!("{error:?}")
    };
    *reason
}

#[test]
fn a_data_set_is_fetched_once_and_then_read_offline() {
    let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
    let data = load_dataset_with(&server.hub(&cache), "x/y", "small").unwrap();
    assert_eq!(data["train"].num_rows(), 3);
    let folder = cache.path().join("datasets--x--y");
    assert_eq!(
        fs::read_to_string(folder.join("refs/main")).unwrap(),
        COMMIT
    );
    let file = folder
        .join("snapshots")
        .join(COMMIT)
        .join("data/train-0.csv");
    assert_eq!(fs::read_to_string(&file).unwrap(), FILES[1].1);
    #[cfg(unix)]
    assert!(fs::read_link(&file).unwrap().starts_with("../../../blobs"));

    let fetched = server.requests();
    load_dataset_with(&server.hub(&cache), "x/y", None).unwrap();
    assert_eq!(
        server.requests(),
        fetched + 1,
        "only the list of files is asked for again"
    );
    let offline = server.hub(&cache).offline(true);
    let again = load_dataset_with(&offline, "x/y", None).unwrap();
    assert_eq!(again["train"].num_rows(), 3);
    assert_eq!(
        offline.dataset("x/y").files().unwrap(),
        ["README.md", "data/train-0.csv", "data/train-1.csv"]
    );
    assert_eq!(server.requests(), fetched + 1);
}

#[test]
fn half_a_download_or_a_wrong_one_is_never_used() {
    for fault in [Fault::Half, Fault::Cut, Fault::Other, Fault::Elsewhere] {
        let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
        server.misbehave(fault);
        let repository = server.hub(&cache).dataset("x/y");
        let error = repository.file("data/train-0.csv").unwrap_err();
        assert!(
            matches!(reason(&error), HubReason::Failed | HubReason::Unreachable),
            "{error}"
        );
        assert!(
            error
                .to_string()
                .starts_with("data set x/y: data/train-0.csv "),
            "{error}"
        );
        let offline = server.hub(&cache).offline(true).dataset("x/y");
        assert_eq!(
            reason(&offline.file("data/train-0.csv").unwrap_err()),
            HubReason::Offline
        );
        assert!(!cache.path().join("datasets--x--y/blobs").exists());

        server.misbehave(Fault::None);
        let file = repository.file("data/train-0.csv").unwrap();
        assert_eq!(fs::read_to_string(file).unwrap(), FILES[1].1);
    }
}

#[test]
fn optional_files_may_be_missing() {
    let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
    let repository = server.hub(&cache).dataset("x/y");
    assert_eq!(repository.optional_file("nothing.json").unwrap(), None);
    assert_eq!(server.requests(), 1);
    assert!(repository.optional_file("README.md").unwrap().is_some());
    let error = repository.file("nothing.json").unwrap_err();
    assert_eq!(reason(&error), HubReason::NotFound);
    let offline = server.hub(&cache).offline(true);
    assert_eq!(
        offline
            .dataset("x/y")
            .optional_file("nothing.json")
            .unwrap(),
        None
    );
    assert_eq!(
        reason(
            &offline
                .dataset("x/z")
                .optional_file("nothing.json")
                .unwrap_err()
        ),
        HubReason::Offline
    );
}

#[test]
fn files_are_those_of_a_folder_or_else_of_the_hub() {
    let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
    let hub = server.hub(&cache);
    let repository = Files::locate("x/y", || Ok(hub.dataset("x/y"))).unwrap();
    assert_eq!(server.requests(), 0);
    let local = TempDir::new().unwrap();
    fs::create_dir(local.path().join("data")).unwrap();
    for (name, text) in FILES {
        fs::write(local.path().join(name), text).unwrap();
    }
    let path = local.path().to_str().unwrap();
    let folder = Files::locate(path, || panic!("a folder wins")).unwrap();
    assert_eq!(folder.folder(), Some(local.path()));
    for files in [&repository, &folder] {
        assert_eq!(
            files.list().unwrap(),
            ["README.md", "data/train-0.csv", "data/train-1.csv"]
        );
        for found in [
            files.require("README.md").unwrap(),
            files.find("README.md").unwrap().unwrap(),
        ] {
            assert_eq!(fs::read_to_string(found).unwrap(), CARD);
        }
        assert!(files.find("absent").unwrap().is_none());
        assert!(files.require("absent").is_err());
    }
    assert_eq!(repository.to_string(), "data set x/y of the hub");
    assert_eq!(folder.to_string(), path);

    for (name, message) in [
        ("./x", r#"there is no file or folder "./x""#),
        (
            "x/y/z",
            r#"there is no file or folder "x/y/z", and it is not a name of the hub, as ORG/NAME"#,
        ),
        (
            &format!("{path}/README.md"),
            &format!(r#""{path}/README.md" is not a folder"#),
        ),
    ] {
        let error = Files::locate(name, || panic!("it is no name")).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn errors_say_what_to_do() {
    let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
    let hub = server.hub(&cache);
    let error = hub.model("x/private").file("config.json").unwrap_err();
    assert_eq!(reason(&error), HubReason::Unauthorised);
    let text = error.to_string();
    assert!(
        text.contains("model x/private")
            && text.contains(&server.endpoint)
            && text.contains("HF_TOKEN"),
        "{text}"
    );
    let error = hub
        .clone()
        .token(Some("hf_ada".to_owned()))
        .model("x/private")
        .file("config.json")
        .unwrap_err();
    assert_eq!(reason(&error), HubReason::NotFound);
    let error = load_dataset_with(&hub, "x/absent", None)
        .unwrap_err()
        .to_string();
    assert!(error.starts_with(
        "there is no file or folder \"x/absent\", and data set x/absent is not on the hub"
    ));

    let nobody = Hub::with_cache(cache.path()).endpoint(&nobody());
    let error = nobody.model("x/y").file("config.json").unwrap_err();
    assert_eq!(reason(&error), HubReason::Unreachable);
    assert!(error.to_string().contains("HF_ENDPOINT"), "{error}");
}

#[test]
fn a_load_has_the_files_of_what_main_is_now() {
    let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
    let hub = server.hub(&cache);
    assert_eq!(words(&load(&hub).unwrap()), "abc");
    // One for the commit, and two for each file.
    assert_eq!(server.requests(), 7);
    server.push(&CHANGED);
    assert_eq!(words(&load(&hub).unwrap()), "ACD");
    assert_eq!(server.requests(), 14);
    assert_eq!(words(&load(&hub).unwrap()), "ACD");
    assert_eq!(server.requests(), 15);
    let (data, warned) = warnings(|| load(&hub.clone().offline(true)).unwrap());
    assert_eq!(words(&data), "ACD");
    assert_eq!(warned, [""; 0]);
    assert_eq!(server.requests(), 15);
}

/// Whatever is asked for first, and whatever the cache has of which commit.
#[test]
fn a_handle_stays_with_one_commit() {
    let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
    let before = server.hub(&cache).dataset("x/y");
    let fetched = before.file("README.md").unwrap();
    assert_eq!(fs::read_to_string(fetched).unwrap(), CARD);
    server.push(&CHANGED);
    for commit in [COMMIT, NEXT] {
        let expected = if commit == COMMIT { &FILES } else { &CHANGED };
        let handle = match commit {
            COMMIT => before.clone(),
            _ => server.hub(&cache).dataset("x/y"),
        };
        assert_eq!(handle.optional_file("nothing.json").unwrap(), None);
        for (name, text) in expected {
            let file = handle.file(name).unwrap();
            assert_eq!(&fs::read_to_string(&file).unwrap(), text);
            assert_eq!(handle.optional_file(name).unwrap(), Some(file.clone()));
            let snapshot = cache.path().join("datasets--x--y/snapshots").join(commit);
            assert_eq!(file, snapshot.join(name));
        }
    }
}

#[test]
fn the_cached_commit_serves_whole_when_the_hub_does_not_answer() {
    for fault in [Some(Fault::Silent), Some(Fault::Busy), None] {
        let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
        assert_eq!(words(&load(&server.hub(&cache)).unwrap()), "abc");
        server.push(&CHANGED);
        let hub = match fault {
            Some(fault) => {
                server.misbehave(fault);
                server.hub(&cache)
            }
            None => Hub::with_cache(cache.path()).endpoint(&nobody()),
        };
        let asked = server.requests();
        let (data, warned) = warnings(|| load(&hub).unwrap());
        assert_eq!(words(&data), "abc");
        let [warned] = warned.as_slice() else {
            panic!("{warned:?}")
        };
        assert!(
            warned.starts_with("data set x/y: ")
                && warned.contains(COMMIT)
                && warned.contains("main"),
            "{warned}"
        );
        if fault.is_some() {
            assert_eq!(server.requests(), asked + 1);
        }
        // Back again, but asked a moment ago.
        server.misbehave(Fault::None);
        let (data, warned) = warnings(|| load(&hub).unwrap());
        let busy = fault == Some(Fault::Busy);
        assert_eq!(words(&data), if busy { "ACD" } else { "abc" });
        assert_eq!(warned.len(), usize::from(!busy));
    }
}

/// A wait for each of its files would be a long one.
#[test]
fn a_hub_that_does_not_answer_is_asked_once() {
    let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
    let hub = server.hub(&cache);
    hub.dataset("x/y").file("README.md").unwrap();
    server.misbehave(Fault::Silent);
    let asked = server.requests();
    for pinned in [false, true, false] {
        let repository = hub.dataset("x/y");
        let repository = match pinned {
            true => repository.revision(COMMIT),
            false => repository,
        };
        assert!(repository.file("README.md").is_ok());
        assert_eq!(repository.optional_file("nothing.json").unwrap(), None);
        let error = repository.file("data/train-0.csv").unwrap_err();
        assert_eq!(reason(&error), HubReason::Unreachable);
        assert!(
            error.to_string().starts_with(
                "data set x/y: data/train-0.csv is not in the cache and the hub at http"
            ),
            "{error}"
        );
        assert_eq!(server.requests(), asked + 1);
    }
    // What the cache has nothing of can only come from the hub.
    assert!(hub.dataset("x/z").file("README.md").is_err());
    assert_eq!(server.requests(), asked + 2);
}

#[test]
fn a_commit_that_is_cached_is_not_asked_for() {
    let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
    let pinned = || server.hub(&cache).dataset("x/y").revision(COMMIT);
    pinned().file("data/train-0.csv").unwrap();
    server.push(&CHANGED);
    let asked = server.requests();
    let repository = pinned();
    let file = repository.file("data/train-0.csv").unwrap();
    assert_eq!(fs::read_to_string(file).unwrap(), FILES[1].1);
    assert!(repository.optional_file("data/train-0.csv").is_ok());
    assert_eq!(server.requests(), asked);
    // Of what is not cached only the hub knows whether it is there.
    let card = repository.optional_file("README.md").unwrap().unwrap();
    assert_eq!(fs::read_to_string(card).unwrap(), CARD);
    assert_eq!(server.requests(), asked + 3);
}

#[test]
fn a_download_that_breaks_off_does_not_mix_commits() {
    let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
    let hub = server.hub(&cache);
    load(&hub).unwrap();
    server.push(&CHANGED);
    server.misbehave(Fault::Cut);
    assert!(load(&hub).is_err());
    let offline = load(&hub.clone().offline(true)).unwrap();
    assert_eq!(words(&offline), "abc");
    server.misbehave(Fault::None);
    assert_eq!(words(&load(&hub).unwrap()), "ACD");
}

/// As in Python: what was fetched with a token serves without it.
#[test]
fn the_cached_commit_serves_when_the_hub_refuses() {
    let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
    let known = server.hub(&cache).token(Some("hf_ada".to_owned()));
    known.dataset("x/private").file("README.md").unwrap();
    let unknown = server.hub(&cache).dataset("x/private");
    let (file, warned) = warnings(|| unknown.file("README.md"));
    assert!(file.is_ok());
    assert!(warned[0].contains("401"), "{warned:?}");
    let error = unknown.file("data/train-0.csv").unwrap_err();
    assert_eq!(reason(&error), HubReason::Unauthorised);
}

#[test]
fn main_is_noted_where_the_cache_has_its_files_already() {
    let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
    let hub = server.hub(&cache);
    hub.dataset("x/y").file("README.md").unwrap();
    server.push(&CHANGED);
    let next = hub.dataset("x/y").revision(NEXT);
    next.file("README.md").unwrap();
    let offline = || {
        let repository = hub.clone().offline(true).dataset("x/y");
        fs::read_to_string(repository.file("README.md").unwrap()).unwrap()
    };
    assert_eq!(offline(), CARD);
    hub.dataset("x/y").file("README.md").unwrap();
    assert_eq!(offline(), CARD_CHANGED);
}

#[test]
fn names_stay_inside_the_cache() {
    let cache = TempDir::new().unwrap();
    let hub = Hub::with_cache(cache.path()).offline(true);
    for name in ["../x", "a/b/c", "", "/", "a/..", "a b", "x/.y"] {
        assert_eq!(
            reason(&hub.model(name).file("config.json").unwrap_err()),
            HubReason::NotFound,
            "{name}"
        );
    }
    for path in ["../../secret", "/etc/passwd", "a//b", "a\\..\\b", "C:\\b"] {
        assert_eq!(
            reason(&hub.model("x/y").file(path).unwrap_err()),
            HubReason::NotFound,
            "{path}"
        );
    }
    assert!(hub.model("x/y").revision("../main").file("a").is_err());
}
