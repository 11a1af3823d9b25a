//! Hubs, mirrors and caches that name what is not theirs.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::support::{Asked, COMMIT, Fault, Reply, Server, Tree, tag, warnings};
use trainer_data::{
    Error, HubReason, Result,
    hub::{Files, Hub},
    load_dataset_with,
};

const FILE: &str = "data/train-0.csv";
const TEXT: &str = "text,label\na,0\nb,1\n";
const PUBLIC_TREE: [(&str, &str); 1] = [(FILE, TEXT)];

/// Names that lead out of a folder, or into another one, or to nothing.
fn escapes(tree: &Tree) -> Vec<String> {
    let mut names: Vec<String> = (1..=7)
        .flat_map(|up| {
            let up = "../".repeat(up);
            [format!("{up}planted"), format!("a/{up}planted")]
        })
        .collect();
    names.push(tree.outside("planted"));
    names.push(tree.outside("secret.csv"));
    let plain = [
        "..",
        ".",
        "../",
        "a/..",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "/",
        "//a/b",
        "..\\planted",
        "a\\..\\..\\planted",
        "\\planted",
        "\\\\host\\share",
        "C:\\planted",
        "C:planted",
        "a/C:b",
    ];
    names.extend(plain.map(str::to_owned));
    names
}

fn hub(server: &Server, tree: &Tree) -> Hub {
    Hub::with_cache(&tree.cache).endpoint(&server.endpoint)
}

/// The error says whose answer it was, and what was found there.
#[track_caller]
fn assert_refused<T: std::fmt::Debug>(result: Result<T>, server: &Server, parts: &[&str]) {
    let error = result.unwrap_err();
    let Error::Hub { reason, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(*reason, HubReason::Failed, "{error}");
    let text = error.to_string();
    for part in [&[server.endpoint.as_str()], parts].concat() {
        assert!(text.contains(part), "{part}: {text}");
    }
}

fn listing(commit: &str, file: &str) -> Reply {
    let info = serde_json::json!({ "sha": commit, "siblings": [{ "rfilename": file }] });
    Reply {
        body: info.to_string().into(),
        ..Reply::default()
    }
}

fn is_listing(asked: &Asked) -> bool {
    asked.path.starts_with("/api/")
}

/// A file's answer with these headers instead of the right ones.
fn file_with(commit: &str, tag: &str) -> Reply {
    Reply {
        headers: format!(
            "x-repo-commit: {commit}\r\netag: {tag}\r\nContent-Length: {}\r\n",
            TEXT.len()
        ),
        body: TEXT.into(),
        ..Reply::default()
    }
}

#[test]
fn the_tag_of_a_file_is_one_plain_name() {
    let tree = Tree::plant();
    let mut tags = escapes(&tree);
    tags.extend(["", "a/b", ".hidden", "a b", "ü"].map(str::to_owned));
    tags.push("a".repeat(201));
    for name in tags {
        for (header, form) in [
            ("etag", format!("\"{name}\"")),
            ("etag", name.clone()),
            ("etag", format!("W/\"{name}\"")),
            ("x-linked-etag", format!("\"{name}\"")),
        ] {
            if header == "etag" && form.is_empty() {
                continue;
            }
            let server = Server::start(&PUBLIC_TREE);
            let said = form.clone();
            server.script(move |asked| {
                let mut reply = file_with(COMMIT, &said);
                if header == "x-linked-etag" {
                    reply = file_with(COMMIT, &tag(TEXT));
                    reply.headers += &format!("x-linked-etag: {said}\r\n");
                }
                (!is_listing(asked)).then_some(reply)
            });
            let file = hub(&server, &tree).dataset("x/y").file(FILE);
            assert_refused(file, &server, &[header, "a tag that can be a file's name"]);
            tree.assert_untouched(&form);
        }
    }
    assert!(!tree.cache.join("datasets--x--y/blobs").exists());
}

#[test]
fn a_commit_is_forty_hexadecimal_digits() {
    let tree = Tree::plant();
    let mut commits = escapes(&tree);
    commits.extend(["", "main", &COMMIT[1..]].map(str::to_owned));
    commits.push(format!("{COMMIT}1"));
    commits.push(COMMIT.replace('1', "G"));
    for commit in commits {
        let expected = "the hash of a commit, 40 hexadecimal digits,";
        let server = Server::start(&PUBLIC_TREE);
        let said = commit.clone();
        server.script(move |asked| is_listing(asked).then(|| listing(&said, FILE)));
        let repository = hub(&server, &tree).dataset("x/y");
        assert_refused(repository.file(FILE), &server, &["sha", expected]);
        assert_refused(repository.files(), &server, &["sha", expected]);
        tree.assert_untouched(&commit);

        let server = Server::start(&PUBLIC_TREE);
        let said = commit.clone();
        server.script(move |asked| (!is_listing(asked)).then(|| file_with(&said, &tag(TEXT))));
        let file = hub(&server, &tree).dataset("x/y").file(FILE);
        assert_refused(file, &server, &["x-repo-commit", expected]);
        tree.assert_untouched(&commit);
    }
    assert!(!tree.cache.join("datasets--x--y").exists());
}

/// A commit that was asked for by its hash is no other.
#[test]
fn a_pinned_commit_is_the_one_that_is_given() {
    let tree = Tree::plant();
    let server = Server::start(&PUBLIC_TREE);
    let other = "3".repeat(40);
    server.script(move |asked| is_listing(asked).then(|| listing(&other, FILE)));
    let pinned = hub(&server, &tree).dataset("x/y").revision(COMMIT);
    let expected = ["sha", "333", "the commit that was asked for"];
    assert_refused(pinned.file(FILE), &server, &expected);
}

#[test]
fn a_file_that_is_listed_lies_inside_the_repository() {
    let tree = Tree::plant();
    let mut names = escapes(&tree);
    names.extend(["", "a\0b"].map(str::to_owned));
    for name in names {
        let server = Server::start(&PUBLIC_TREE);
        let said = name.clone();
        server.script(move |asked| is_listing(asked).then(|| listing(COMMIT, &said)));
        let hub = hub(&server, &tree);
        let shown: String = format!("{name:?}").chars().take(40).collect();
        let expected = ["rfilename", "a path inside the repository", &shown];
        assert_refused(hub.dataset("x/y").files(), &server, &expected);
        assert!(load_dataset_with(&hub, "x/y", None).is_err());
        // Nor is it taken from the program.
        let file = hub.dataset("x/y").file(&name).unwrap_err().to_string();
        assert!(file.contains("is not a path inside"), "{file}");
        tree.assert_untouched(&name);
    }
    assert!(!tree.cache.join("datasets--x--y").exists());
}

#[test]
fn what_a_cache_says_about_main_is_a_commit() {
    let tree = Tree::plant();
    let refs = tree.cache.join("datasets--x--y/refs");
    fs::create_dir_all(&refs).unwrap();
    fs::create_dir_all(refs.join("../snapshots/x")).unwrap();
    let mut commits = escapes(&tree);
    commits.extend(["x", "main", "\u{1b}[2J", &"1".repeat(9999)].map(str::to_owned));
    commits.push(tree.outside(""));
    let server = Server::start(&PUBLIC_TREE);
    for commit in commits {
        server.misbehave(Fault::None);
        fs::write(refs.join("main"), &commit).unwrap();
        let offline = hub(&server, &tree).offline(true);
        for error in [
            offline.dataset("x/y").files().unwrap_err(),
            offline.dataset("x/y").file("secret.csv").unwrap_err(),
            offline.dataset("x/y").optional_file("a").unwrap_err(),
            load_dataset_with(&offline, "x/y", None).unwrap_err(),
        ] {
            let text = error.to_string();
            let file = refs.join("main").display().to_string();
            assert!(text.contains(&file) && text.contains("40 hex"), "{text}");
            assert!(!text.contains('\u{1b}') && text.len() < 600, "{text}");
        }
        // A hub that does not answer cannot help; one that does mends the cache.
        server.misbehave(Fault::Silent);
        let (file, warned) = warnings(|| hub(&server, &tree).dataset("x/y").file(FILE));
        assert!(matches!(
            file.unwrap_err(),
            Error::Hub {
                reason: HubReason::Unreachable,
                ..
            }
        ));
        assert!(warned[0].contains("refs/main"), "{warned:?}");
        server.misbehave(Fault::None);
        hub(&server, &tree).dataset("x/y").file(FILE).unwrap();
        assert_eq!(fs::read_to_string(refs.join("main")).unwrap(), COMMIT);
        tree.assert_untouched(&commit);
    }
}

/// What was there is not taken for what there is not: a tokenizer without its `vocab.txt`, a data set without its card.
#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_named() {
    let tree = Tree::plant();
    let folder = tree.cache.join("datasets--x--y");
    let snapshot = folder.join("snapshots").join(COMMIT);
    fs::create_dir_all(&snapshot).unwrap();
    fs::create_dir_all(folder.join("refs")).unwrap();
    fs::write(folder.join("refs/main"), COMMIT).unwrap();
    std::os::unix::fs::symlink("../../blobs/gone", snapshot.join("README.md")).unwrap();
    let offline = Hub::with_cache(&tree.cache).offline(true).dataset("x/y");
    let in_folder = Files::in_folder(&snapshot).unwrap();
    for error in [
        offline.optional_file("README.md").unwrap_err(),
        in_folder.find("README.md").unwrap_err(),
    ] {
        let message = error.to_string();
        assert!(
            message.ends_with("README.md: it is a link to ../../blobs/gone, which is not there; remove the link, or bring the file back"),
            "{message}"
        );
    }
    assert_eq!(offline.optional_file("other").unwrap(), None);
}

/// As in Python: who owns the cache may have put its files elsewhere, and `huggingface_hub` itself does so.
#[cfg(unix)]
#[test]
fn links_in_a_cache_are_followed() {
    let tree = Tree::plant();
    let folder = tree.cache.join("datasets--x--y");
    let snapshot = folder.join("snapshots").join(COMMIT);
    fs::create_dir_all(&snapshot).unwrap();
    fs::create_dir_all(folder.join("refs")).unwrap();
    fs::write(folder.join("refs/main"), COMMIT).unwrap();
    std::os::unix::fs::symlink(tree.outside("secret.csv"), snapshot.join("train.csv")).unwrap();
    let offline = Hub::with_cache(&tree.cache).offline(true).dataset("x/y");
    assert_eq!(offline.files().unwrap(), ["train.csv"]);
    let text = fs::read_to_string(offline.file("train.csv").unwrap()).unwrap();
    assert_eq!(text, "text\nsecret\n");
}

/// An answer's address says where the bytes are, and never where they go.
#[test]
fn an_answer_that_leads_elsewhere_names_no_place_of_this_machine() {
    for location in [
        "/../../planted",
        "/%2e%2e/%2e%2e/planted",
        "planted?../../x",
    ] {
        let (tree, server) = (Tree::plant(), Server::start(&PUBLIC_TREE));
        server.script(move |asked| match asked.path.contains("planted") {
            true => Some(file_with(COMMIT, &tag(TEXT))),
            false => (!is_listing(asked)).then(|| Reply {
                status: "302 Found",
                headers: format!("Location: {location}\r\n"),
                ..Reply::default()
            }),
        });
        let file = hub(&server, &tree).dataset("x/y").file(FILE).unwrap();
        let snapshot = tree.cache.join("datasets--x--y/snapshots").join(COMMIT);
        assert_eq!(file, snapshot.join(FILE));
        assert_eq!(fs::read_to_string(file).unwrap(), TEXT);
        tree.assert_untouched(location);
    }
    for location in ["file:///etc/hostname", "ftp://x/y", "http://", "a b"] {
        let (tree, server) = (Tree::plant(), Server::start(&PUBLIC_TREE));
        server.script(move |asked| {
            (!is_listing(asked)).then(|| Reply {
                status: "302 Found",
                headers: format!(
                    "x-repo-commit: {COMMIT}\r\netag: \"{}\"\r\nLocation: {location}\r\n",
                    tag(TEXT)
                ),
                ..Reply::default()
            })
        });
        let file = hub(&server, &tree).dataset("x/y").file(FILE);
        assert_refused(file, &server, &["location", location, "an address"]);
        tree.assert_untouched(location);
    }
}

#[test]
fn answers_that_lead_on_for_ever_come_to_an_end() {
    for part in ["/api/", "/resolve/"] {
        let (tree, server) = (Tree::plant(), Server::start(&PUBLIC_TREE));
        let asked_so_far = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked_so_far);
        server.script(move |asked| {
            asked.path.contains(part).then(|| Reply {
                status: "307 Temporary Redirect",
                headers: format!(
                    "Location: {part}{}\r\n",
                    count.fetch_add(1, Ordering::Relaxed)
                ),
                ..Reply::default()
            })
        });
        let file = hub(&server, &tree).dataset("x/y").file(FILE);
        assert_refused(file, &server, &["10 times"]);
        assert_eq!(asked_so_far.load(Ordering::Relaxed), 11);
    }
}

/// The token is for the hub, not for where the hub keeps its files.
#[test]
fn a_token_goes_to_the_hub_alone() {
    let (tree, hub_server) = (Tree::plant(), Server::start(&PUBLIC_TREE));
    let store = Server::start(&PUBLIC_TREE);
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    store.script(move |asked| {
        count.fetch_add(
            usize::from(asked.header("authorization").is_some()),
            Ordering::Relaxed,
        );
        assert_eq!(asked.method, "GET");
        Some(file_with(COMMIT, "\"another\""))
    });
    let address = format!("{}/stored", store.endpoint);
    hub_server.script(move |asked| {
        assert_eq!(asked.header("authorization: bearer "), Some("hf_ada"));
        (!is_listing(asked)).then(|| Reply {
            status: "302 Found",
            headers: format!(
                "x-repo-commit: {COMMIT}\r\nx-linked-etag: \"{}\"\r\nx-linked-size: {}\r\nLocation: {address}\r\n",
                tag(TEXT),
                TEXT.len()
            ),
            ..Reply::default()
        })
    });
    let hub = hub(&hub_server, &tree).token(Some("hf_ada".to_owned()));
    let file = hub.dataset("x/y").file(FILE).unwrap();
    assert_eq!(fs::read_to_string(file).unwrap(), TEXT);
    assert_eq!((store.requests(), told.load(Ordering::Relaxed)), (1, 0));
    assert!(
        tree.cache
            .join("datasets--x--y/blobs")
            .join(tag(TEXT))
            .exists()
    );
}
