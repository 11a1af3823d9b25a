//! Transfers that are not what was announced.

use std::{
    fs,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::support::{Asked, COMMIT, Reply, Server, Tree, tag};
use tempfile::TempDir;
use trainer_data::{
    DatasetLoader, Error, HubReason,
    hub::{Hub, Repository},
};

const FILE: &str = "train.csv";
const TEXT: &str = "text,label\na,0\nb,1\n";
const FILES: [(&str, &str); 1] = [(FILE, TEXT)];
/// A tag that is no SHA-256, as small files have.
const SMALL: &str = "abcdefabcdefabcdefabcdefabcdefabcdefabcd";

/// What breaks off is not tried again.
fn repository(server: &Server, tree: &Tree) -> Repository {
    patient(server, tree, 0)
}

fn patient(server: &Server, tree: &Tree, max_retries: u32) -> Repository {
    let hub = Hub::with_cache(&tree.cache).endpoint(&server.endpoint);
    hub.max_retries(max_retries).dataset("x/y")
}

fn is_listing(asked: &Asked) -> bool {
    asked.path.starts_with("/api/")
}

fn announced(tag: &str, size: &str) -> Reply {
    Reply {
        headers: format!(
            "x-repo-commit: {COMMIT}\r\netag: \"{tag}\"\r\nContent-Length: {size}\r\n"
        ),
        ..Reply::default()
    }
}

fn body(headers: &str, body: &str) -> Reply {
    Reply {
        headers: headers.to_owned(),
        body: body.into(),
        ..Reply::default()
    }
}

/// The error of a file that is announced so and then sent so. Nothing of it is found afterwards.
fn refusal(head: impl Fn() -> Reply + Send + Sync + 'static, sent: Reply) -> String {
    let (tree, server) = (Tree::plant(), Server::start(&FILES));
    let sent = Mutex::new(Some(sent));
    server.script(move |asked| match asked.method.as_str() {
        _ if is_listing(asked) => None,
        "HEAD" => Some(head()),
        _ => sent.lock().unwrap().take(),
    });
    let error = repository(&server, &tree).file(FILE).unwrap_err();
    let Error::Hub { reason, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(
        matches!(reason, HubReason::Failed | HubReason::Unreachable),
        "{error}"
    );
    let text = error.to_string();
    assert!(text.contains(&server.endpoint), "{text}");
    let folder = tree.cache.join("datasets--x--y");
    assert!(!folder.join("blobs").exists() && !folder.join("snapshots").exists());
    tree.assert_untouched(&text);
    text
}

#[test]
fn a_file_has_the_size_that_was_announced() {
    let size = TEXT.len().to_string();
    for name in [SMALL.to_owned(), tag(TEXT)] {
        let head = |size: &str| {
            let (name, size) = (name.clone(), size.to_owned());
            move || announced(&name, &size)
        };
        // Less, with and without having said how much.
        refusal(head(&size), body("Content-Length: 19\r\n", "text"));
        let text = refusal(head(&size), body("", "text"));
        assert!(text.contains("came with 4 bytes of 19"), "{text}");
        // More than anyone has, and then little.
        for huge in ["1000000000000000000", "18446744073709551615"] {
            let headers = format!("Content-Length: {huge}\r\n");
            refusal(head(huge), body(&headers, TEXT));
            refusal(head(&size), body(&headers, "text"));
        }
        // Without an end.
        let endless = Reply {
            endless: true,
            ..body("", TEXT)
        };
        let text = refusal(head(&size), endless);
        assert!(text.contains("more than the 19 bytes announced"), "{text}");
        // No size at all, or none that is a number.
        let unsized_head = {
            let name = name.clone();
            move || body(&format!("x-repo-commit: {COMMIT}\r\netag: {name}\r\n"), "")
        };
        let endless = Reply {
            endless: true,
            ..body("", TEXT)
        };
        assert!(refusal(unsized_head, endless).contains("content-length"));
    }
    for size in ["-1", "99999999999999999999999", "1e3"] {
        let head = move || {
            let mut reply = announced(SMALL, "19");
            reply.headers += &format!("x-linked-size: {size}\r\n");
            reply
        };
        let text = refusal(head, body("", TEXT));
        assert!(
            text.contains("x-linked-size") && text.contains(size),
            "{text}"
        );
    }
}

#[test]
fn an_error_page_is_no_answer() {
    const PAGE: &str = "<html><body>Sign in to the network of this hotel</body></html>";
    let text = refusal(|| body("Content-Length: 62\r\n", PAGE), body("", PAGE));
    assert!(text.contains("x-repo-commit"), "{text}");
    let text = refusal(|| announced(&tag(TEXT), "19"), body("", PAGE));
    assert!(text.contains("more than the 19 bytes"), "{text}");

    let (tree, server) = (Tree::plant(), Server::start(&FILES));
    server.script(|_| Some(body("Content-Type: text/html\r\n", PAGE)));
    let text = repository(&server, &tree).files().unwrap_err().to_string();
    assert!(
        text.contains("<html><body>") && text.contains("a list of files in JSON"),
        "{text}"
    );
    for json in ["[]", "{}", "7", r#"{"sha": 7, "siblings": []}"#] {
        server.script(move |_| Some(body("", json)));
        let text = repository(&server, &tree).files().unwrap_err().to_string();
        assert!(text.contains("commit (sha) and files"), "{text}");
    }
}

#[test]
fn an_answer_without_an_end_is_not_read_to_its_end() {
    let (tree, server) = (Tree::plant(), Server::start(&FILES));
    server.script(|_| {
        Some(Reply {
            endless: true,
            ..body("", &" ".repeat(1 << 20))
        })
    });
    let text = repository(&server, &tree).files().unwrap_err().to_string();
    assert!(text.contains("an end within 128 MiB"), "{text}");
    server.script(|_| Some(body(&format!("a: {}\r\n", "b".repeat(1 << 20)), "")));
    assert!(repository(&server, &tree).files().is_err());
}

/// What is sent of a file, a part a call, and what was asked for.
fn in_parts(name: &str, parts: [Reply; 2]) -> (Vec<Option<String>>, Repository, Tree, Server) {
    let (tree, server) = (Tree::plant(), Server::start(&FILES));
    let ranges: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
    let (seen, parts) = (Arc::clone(&ranges), Mutex::new(Vec::from(parts)));
    let name = name.to_owned();
    server.script(move |asked| match asked.method.as_str() {
        _ if is_listing(asked) => None,
        "HEAD" => Some(announced(&name, "19")),
        _ => {
            let range = asked.header("range: ").map(str::to_owned);
            seen.lock().unwrap().push(range);
            Some(parts.lock().unwrap().remove(0))
        }
    });
    let repository = repository(&server, &tree);
    assert!(repository.file(FILE).is_err());
    let _ = repository.file(FILE);
    let ranges = ranges.lock().unwrap().clone();
    (ranges, repository, tree, server)
}

#[test]
fn a_large_file_goes_on_where_its_transfer_ended() {
    let cut = || body("Content-Length: 19\r\n", &TEXT[..7]);
    let rest = |range: &str, text: &str| Reply {
        status: "206 Partial Content",
        ..body(&format!("Content-Range: {range}\r\n"), text)
    };
    let whole = tag(TEXT);
    for second in [
        rest("bytes 7-18/19", &TEXT[7..]),
        rest("bytes 3-18/19", &TEXT[3..]),
        body("Content-Length: 19\r\n", TEXT),
    ] {
        let (ranges, repository, _tree, _server) = in_parts(&whole, [cut(), second]);
        assert_eq!(ranges, [None, Some("bytes=7-".to_owned())]);
        let file = repository.file(FILE).unwrap();
        assert_eq!(fs::read_to_string(file).unwrap(), TEXT);
    }
    for second in [
        rest("bytes 9-18/19", &TEXT[9..]),
        rest("bytes 7-18/19", &TEXT[..12]),
        rest("bytes", &TEXT[7..]),
    ] {
        let (_, _, tree, _server) = in_parts(&whole, [cut(), second]);
        assert!(!tree.cache.join("datasets--x--y/blobs").exists());
    }
    // Two halves of what may be different files do not make one.
    let second = body("Content-Length: 19\r\n", TEXT);
    let (ranges, repository, _tree, _server) = in_parts(SMALL, [cut(), second]);
    assert_eq!(ranges, [None, None]);
    assert!(repository.file(FILE).is_ok());
}

/// What comes of a file that is sent in `parts` to one call, which tries again so often; and from where on it asked.
fn in_one_call(
    parts: Vec<Reply>,
    max_retries: u32,
) -> (Result<String, Error>, Vec<Option<String>>) {
    let (tree, server) = (Tree::plant(), Server::start(&FILES));
    let ranges: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
    let (seen, parts) = (Arc::clone(&ranges), Mutex::new(parts.into_iter()));
    server.script(move |asked| match asked.method.as_str() {
        _ if is_listing(asked) => None,
        "HEAD" => Some(announced(&tag(TEXT), "19")),
        _ => {
            let range = asked.header("range: ").map(str::to_owned);
            seen.lock().unwrap().push(range);
            parts.lock().unwrap().next()
        }
    });
    let file = patient(&server, &tree, max_retries).file(FILE);
    let text = file.map(|file| fs::read_to_string(file).unwrap());
    let ranges = ranges.lock().unwrap().clone();
    (text, ranges)
}

#[test]
fn a_call_goes_on_where_a_transfer_broke_off() {
    let part = |start: usize, end: usize| Reply {
        status: "206 Partial Content",
        ..body(
            &format!(
                "Content-Range: bytes {start}-18/19\r\nContent-Length: {}\r\n",
                19 - start
            ),
            &TEXT[start..end],
        )
    };
    let busy = || Reply {
        status: "429 Too Many Requests",
        ..Reply::default()
    };
    // Twice in a row nothing came at most, though there were three tries more.
    let parts = vec![part(0, 7), busy(), part(7, 9), part(9, 19)];
    let (text, ranges) = in_one_call(parts, 2);
    assert_eq!(text.unwrap(), TEXT);
    let from = |start: usize| Some(format!("bytes={start}-"));
    assert_eq!(ranges, [None, from(7), from(7), from(9)]);
    let (text, ranges) = in_one_call(vec![part(0, 7), busy(), busy()], 1);
    assert!(text.unwrap_err().to_string().contains("HTTP 429"));
    assert_eq!(ranges.len(), 2);
    // What another try would not change is not tried again.
    for status in [
        "403 Forbidden",
        "404 Not Found",
        "500 Internal Server Error",
    ] {
        let refused = Reply {
            status,
            ..Reply::default()
        };
        let (text, ranges) = in_one_call(vec![refused], 5);
        assert!(text.is_err(), "{status}");
        assert_eq!(ranges.len(), 1, "{status}");
    }
}

#[test]
fn a_file_that_several_ask_for_at_once_is_sent_once() {
    let (tree, server) = (Tree::plant(), Server::start(&FILES));
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    server.script(move |asked| {
        if asked.method == "GET" && !is_listing(asked) {
            count.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        None
    });
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                let file = repository(&server, &tree).file(FILE).unwrap();
                assert_eq!(fs::read_to_string(file).unwrap(), TEXT);
            });
        }
    });
    assert_eq!(sent.load(Ordering::Relaxed), 1);
}

#[test]
fn an_empty_file_is_a_file() {
    let (tree, server) = (Tree::plant(), Server::start(&FILES));
    server.script(|asked| (!is_listing(asked)).then(|| announced(SMALL, "0")));
    let file = repository(&server, &tree).file(FILE).unwrap();
    assert_eq!(fs::read(file).unwrap(), b"");
}

/// Files of a data set, larger than one transfer at a time would bring in a moment.
const MANY: [(&str, &str); 12] = [
    ("0.csv", "text\n0\n"),
    ("1.csv", "text\n1\n"),
    ("2.csv", "text\n2\n"),
    ("3.csv", "text\n3\n"),
    ("4.csv", "text\n4\n"),
    ("5.csv", "text\n5\n"),
    ("6.csv", "text\n6\n"),
    ("7.csv", "text\n7\n"),
    ("8.csv", "text\n8\n"),
    ("9.csv", "text\n9\n"),
    ("a.csv", "text\na\n"),
    ("b.csv", "text\nb\n"),
];

#[test]
fn several_files_come_at_the_same_time_and_in_order() {
    let (tree, server) = (Tree::plant(), Server::start(&MANY));
    let running = Arc::new((Mutex::new((0_usize, 0_usize)), Condvar::new()));
    let shared = Arc::clone(&running);
    server.script(move |asked| {
        if asked.method == "GET" && !is_listing(asked) {
            let (counts, changed) = &*shared;
            let mut counts = counts.lock().unwrap();
            counts.0 += 1;
            counts.1 = counts.1.max(counts.0);
            changed.notify_all();
            // Until eight are on their way, or the last ones, or forever is over.
            let wait = Duration::from_secs(20);
            let (mut counts, _) = changed
                .wait_timeout_while(counts, wait, |counts| counts.1 < 8)
                .unwrap();
            counts.0 -= 1;
        }
        None
    });
    let repository = repository(&server, &tree);
    let names: Vec<&str> = MANY.iter().map(|(name, _)| *name).rev().collect();
    let files = repository.files_at(&names).unwrap();
    for ((name, text), file) in MANY.iter().rev().zip(&files) {
        assert!(file.ends_with(name), "{}", file.display());
        assert_eq!(&fs::read_to_string(file).unwrap(), text);
    }
    assert_eq!(running.0.lock().unwrap().1, 8);
    // What the cache has is not asked for again, and files of no name or a wrong one are refused before any is fetched.
    let before = server.requests();
    assert_eq!(repository.files_at(&names).unwrap(), files);
    assert_eq!(repository.files_at::<&str>(&[]).unwrap().len(), 0);
    repository.files_at(&["0.csv", "../secret"]).unwrap_err();
    assert_eq!(server.requests(), before);
}

#[test]
fn of_several_files_that_do_not_come_the_first_is_named() {
    let (tree, server) = (Tree::plant(), Server::start(&MANY));
    server.script(|asked| {
        let is_gone = ["3.csv", "5.csv"]
            .iter()
            .any(|name| asked.path.ends_with(name));
        is_gone.then(|| Reply {
            status: "404 Not Found",
            headers: "Content-Length: 0\r\n".to_owned(),
            ..Reply::default()
        })
    });
    let names: Vec<&str> = MANY.iter().map(|(name, _)| *name).collect();
    let error = repository(&server, &tree).files_at(&names).unwrap_err();
    assert!(error.to_string().contains("3.csv"), "{error}");
}

#[test]
fn a_data_set_comes_from_the_revision_with_the_token_into_the_cache_that_are_asked_for() {
    let (tree, server) = (Tree::plant(), Server::start(&FILES));
    server.push(&[(FILE, "text,label\nnew,1\n")]);
    let texts = |loader: DatasetLoader| {
        let splits = loader
            .hub(Hub::with_cache(&tree.cache).endpoint(&server.endpoint))
            .load()?;
        let rows = splits["train"]
            .iter()
            .map(|row| Ok(row.str("text")?.to_owned()));
        rows.collect::<trainer_data::Result<Vec<String>>>()
    };
    let old = || DatasetLoader::new("x/y").revision(COMMIT);
    assert_eq!(texts(DatasetLoader::new("x/y")).unwrap(), ["new"]);
    assert_eq!(texts(old()).unwrap(), ["a", "b"]);
    let error = texts(DatasetLoader::new("x/y").revision("gone"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("x/y"), "{error}");

    let private = || DatasetLoader::new("x/private");
    let error = texts(private()).unwrap_err().to_string();
    assert!(
        error.contains("x/private") && error.contains("HF_TOKEN"),
        "{error}"
    );
    texts(private().token("hf_eve")).unwrap_err();
    assert_eq!(texts(private().token("hf_ada")).unwrap(), ["new"]);

    let own = TempDir::new().unwrap();
    let requests = server.requests();
    assert_eq!(texts(old().cache_dir(own.path())).unwrap(), ["a", "b"]);
    assert!(server.requests() > requests);
    assert!(own.path().join("datasets--x--y").is_dir());
}
