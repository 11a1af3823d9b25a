use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use trainer_data::hub::Hub;

/// The commit of `main` at first.
pub const COMMIT: &str = "1111111111111111111111111111111111111111";
/// The commit of `main` after a push.
pub const NEXT: &str = "2222222222222222222222222222222222222222";

type Files = HashMap<&'static str, &'static str>;

/// How the server misbehaves.
#[derive(Clone, Copy, PartialEq)]
pub enum Fault {
    None,
    /// Sends half of each file and closes the connection, without having said how long it is.
    Half,
    /// Sends half of each file and closes the connection, having said how long it is.
    Cut,
    /// Sends other bytes than its tag says.
    Other,
    /// Sends each file as one of another commit.
    Elsewhere,
    /// Closes every connection without an answer.
    Silent,
    /// Answers everything with HTTP 503.
    Busy,
}

/// What a server has, and what it was asked for.
struct State {
    main: &'static str,
    commits: HashMap<&'static str, Files>,
    fault: Fault,
    requests: Vec<String>,
}

/// A hub with one data set `x/y`, and the same as `x/private` for the token `hf_ada`.
pub struct Server {
    pub endpoint: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    /// With `files` at [`COMMIT`].
    pub fn start(files: &[(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let state = State {
            main: COMMIT,
            commits: HashMap::from([(COMMIT, files.iter().copied().collect())]),
            fault: Fault::None,
            requests: Vec::new(),
        };
        let server = Self {
            endpoint: format!("http://{}", listener.local_addr().unwrap()),
            state: Arc::new(Mutex::new(state)),
        };
        let state = Arc::clone(&server.state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let state = Arc::clone(&state);
                thread::spawn(move || answer(stream.unwrap(), &state));
            }
        });
        server
    }

    /// Moves `main` on to [`NEXT`], with `files`.
    pub fn push(&self, files: &[(&'static str, &'static str)]) {
        let mut state = self.state.lock().unwrap();
        state.commits.insert(NEXT, files.iter().copied().collect());
        state.main = NEXT;
    }

    pub fn misbehave(&self, fault: Fault) {
        self.state.lock().unwrap().fault = fault;
    }

    pub fn hub(&self, cache: &TempDir) -> Hub {
        Hub::with_cache(cache.path()).endpoint(&self.endpoint)
    }

    pub fn requests(&self) -> usize {
        self.state.lock().unwrap().requests.len()
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap())
        .lines()
        .map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: Vec<String> = lines
        .take_while(|line| !line.is_empty())
        .map(|line| line.to_lowercase())
        .collect();
    let header = |name: &str| headers.iter().find_map(|line| line.strip_prefix(name));
    let mut state = state.lock().unwrap();
    state.requests.push(path.clone());
    let nothing = "Content-Length: 0\r\n";
    if state.fault == Fault::Silent {
        return;
    }
    if state.fault == Fault::Busy {
        return write(&mut stream, "503 Service Unavailable", nothing, b"");
    }
    if path.contains("private") && header("authorization: bearer ") != Some("hf_ada") {
        return write(&mut stream, "401 Unauthorized", nothing, b"");
    }
    // /api/datasets/x/y/revision/main, /datasets/x/y/resolve/main/data/train.csv
    let parts: Vec<&str> = path.trim_start_matches("/api").splitn(7, '/').collect();
    let [
        "",
        "datasets",
        "x",
        "y" | "private",
        verb,
        revision,
        rest @ ..,
    ] = parts.as_slice()
    else {
        return write(&mut stream, "404 Not Found", nothing, b"");
    };
    let revision = if *revision == "main" {
        state.main
    } else {
        revision
    };
    let Some((commit, files)) = state.commits.get_key_value(revision) else {
        return write(&mut stream, "404 Not Found", nothing, b"");
    };
    match (*verb, rest) {
        ("revision", []) => list(&mut stream, commit, files),
        ("resolve", [name]) if files.contains_key(name) => {
            let range = header("range: bytes=").unwrap_or("0-");
            send(&mut stream, commit, files[name], range, state.fault);
        }
        _ => write(&mut stream, "404 Not Found", nothing, b""),
    }
}

fn list(stream: &mut TcpStream, commit: &str, files: &Files) {
    let siblings: Vec<_> = files
        .keys()
        .map(|name| serde_json::json!({ "rfilename": name }))
        .collect();
    let info = serde_json::json!({ "sha": commit, "siblings": siblings }).to_string();
    let length = format!("Content-Length: {}\r\n", info.len());
    write(stream, "200 OK", &length, info.as_bytes());
}

fn send(stream: &mut TcpStream, commit: &str, text: &str, range: &str, fault: Fault) {
    let tag: String = Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let (start, end) = range.split_once('-').unwrap();
    let start: usize = start.parse().unwrap();
    let end = end.parse().map_or(text.len(), |end: usize| end + 1);
    let mut body = text.as_bytes()[start..end].to_vec();
    let commit = if fault == Fault::Elsewhere {
        NEXT
    } else {
        commit
    };
    let mut headers = format!(
        "x-repo-commit: {commit}\r\netag: \"{tag}\"\r\nContent-Range: bytes {start}-{}/{}\r\n",
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
    write(stream, "206 Partial Content", &headers, &body);
}

fn write(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n");
    // A client that has seen enough may be gone.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
}
