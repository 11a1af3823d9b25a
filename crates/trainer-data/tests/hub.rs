//! The hub: its cache, and downloads from a server of the test's own.
#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use trainer_data::{Error, HubReason, hub::Hub, load_dataset_with};

const COMMIT: &str = "1111111111111111111111111111111111111111";

/// How the server misbehaves.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// Sends half of each file and closes the connection, without having said how long it is.
    Half,
    /// Sends half of each file and closes the connection, having said how long it is.
    Cut,
    /// Sends other bytes than its tag says.
    Other,
}

/// A hub with one data set `x/y`.
struct Server {
    endpoint: String,
    requests: Arc<Mutex<Vec<String>>>,
    fault: Arc<Mutex<Fault>>,
}

impl Server {
    fn start(files: &[(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            endpoint: format!("http://{}", listener.local_addr().unwrap()),
            requests: Arc::default(),
            fault: Arc::new(Mutex::new(Fault::None)),
        };
        let (requests, fault) = (Arc::clone(&server.requests), Arc::clone(&server.fault));
        let files: HashMap<String, &str> = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), *text))
            .collect();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (files, requests, fault) =
                    (files.clone(), Arc::clone(&requests), *fault.lock().unwrap());
                thread::spawn(move || answer(stream.unwrap(), &files, &requests, fault));
            }
        });
        server
    }

    fn hub(&self, cache: &TempDir) -> Hub {
        Hub::with_cache(cache.path()).endpoint(&self.endpoint)
    }

    fn requests(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

fn answer(
    mut stream: TcpStream,
    files: &HashMap<String, &str>,
    requests: &Mutex<Vec<String>>,
    fault: Fault,
) {
    let mut lines = BufReader::new(stream.try_clone().unwrap())
        .lines()
        .map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: Vec<String> = lines
        .take_while(|line| !line.is_empty())
        .map(|line| line.to_lowercase())
        .collect();
    let token = headers
        .iter()
        .find_map(|line| line.strip_prefix("authorization: bearer "));
    requests.lock().unwrap().push(path.clone());
    let range = headers
        .iter()
        .find_map(|line| line.strip_prefix("range: bytes="))
        .unwrap_or("0-");
    if path.contains("private") && token != Some("hf_ada") {
        return write(
            &mut stream,
            "401 Unauthorized",
            "Content-Length: 0\r\n",
            b"",
        );
    }
    if path == "/api/datasets/x/y/revision/main" {
        let siblings: Vec<_> = files
            .keys()
            .map(|name| serde_json::json!({ "rfilename": name }))
            .collect();
        let info = serde_json::json!({ "sha": COMMIT, "siblings": siblings }).to_string();
        return write(
            &mut stream,
            "200 OK",
            &format!("Content-Length: {}\r\n", info.len()),
            info.as_bytes(),
        );
    }
    let name = path
        .split_once("/resolve/")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map(|(_, name)| name);
    let Some(text) = name.and_then(|name| files.get(name)) else {
        return write(&mut stream, "404 Not Found", "Content-Length: 0\r\n", b"");
    };
    let tag: String = Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let (start, end) = range.split_once('-').unwrap();
    let start: usize = start.parse().unwrap();
    let end = end.parse().map_or(text.len(), |end: usize| end + 1);
    let mut body = text.as_bytes()[start..end].to_vec();
    let mut headers = format!(
        "x-repo-commit: {COMMIT}\r\netag: \"{tag}\"\r\nContent-Range: bytes {start}-{}/{}\r\n",
        end - 1,
        text.len()
    );
    let whole = body.len() > 1;
    if whole && fault == Fault::Other {
        body.fill(b'?');
    }
    if !(whole && fault == Fault::Half) {
        headers += &format!("Content-Length: {}\r\n", body.len());
    }
    if whole && matches!(fault, Fault::Half | Fault::Cut) {
        body.truncate(body.len() / 2);
    }
    write(&mut stream, "206 Partial Content", &headers, &body);
}

fn write(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n");
    // A client that has seen enough may be gone.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
}

const CARD: &str = "---\nconfigs:\n- config_name: small\n  data_files:\n  - split: train\n    path: data/train-*\n---\n";
const FILES: [(&str, &str); 3] = [
    ("README.md", CARD),
    ("data/train-0.csv", "text,label\na,0\nb,1\n"),
    ("data/train-1.csv", "text,label\nc,1\n"),
];

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
fn half_a_download_is_never_used() {
    for fault in [Fault::Half, Fault::Cut, Fault::Other] {
        let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
        *server.fault.lock().unwrap() = fault;
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

        *server.fault.lock().unwrap() = Fault::None;
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

    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let nobody = Hub::with_cache(cache.path()).endpoint(&format!("http://{closed}"));
    let error = nobody.model("x/y").file("config.json").unwrap_err();
    assert_eq!(reason(&error), HubReason::Unreachable);
    assert!(error.to_string().contains("HF_ENDPOINT"), "{error}");
}

#[test]
fn the_cache_serves_when_the_hub_does_not_answer() {
    let (server, cache) = (Server::start(&FILES), TempDir::new().unwrap());
    load_dataset_with(&server.hub(&cache), "x/y", None).unwrap();
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let nobody = Hub::with_cache(cache.path()).endpoint(&format!("http://{closed}"));
    assert_eq!(
        load_dataset_with(&nobody, "x/y", None).unwrap()["train"].num_rows(),
        3
    );
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
    for path in ["../../secret", "/etc/passwd", "a//b", "a\\b"] {
        assert_eq!(
            reason(&hub.model("x/y").file(path).unwrap_err()),
            HubReason::NotFound,
            "{path}"
        );
    }
    assert!(hub.model("x/y").revision("../main").file("a").is_err());
}
