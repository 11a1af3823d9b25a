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

/// What a hostile server says instead.
#[derive(Default)]
pub struct Reply {
    /// `200 OK` where it is empty.
    pub status: &'static str,
    /// Each with its end of line.
    pub headers: String,
    pub body: Vec<u8>,
    /// Sends the body again and again, until nobody reads it.
    pub endless: bool,
}

/// What a server is asked.
pub struct Asked {
    pub method: String,
    pub path: String,
    /// In lower case, as `name: value`.
    pub headers: Vec<String>,
}

impl Asked {
    /// The value of a header, given its name and what of the value is known.
    pub fn header(&self, beginning: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find_map(|line| line.strip_prefix(beginning))
    }
}

/// What a server is told to say; nothing where it is to answer as it would.
type Script = Arc<dyn Fn(&Asked) -> Option<Reply> + Send + Sync>;

/// What a server has, and what it was asked for.
struct State {
    main: &'static str,
    commits: HashMap<&'static str, Files>,
    fault: Fault,
    requests: Vec<String>,
    script: Option<Script>,
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
            script: None,
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

    /// From now on `script` answers, where it has an answer.
    pub fn script(&self, script: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) {
        self.state.lock().unwrap().script = Some(Arc::new(script));
    }

    pub fn hub(&self, cache: &TempDir) -> Hub {
        Hub::with_cache(cache.path()).endpoint(&self.endpoint)
    }

    pub fn requests(&self) -> usize {
        self.state.lock().unwrap().requests.len()
    }
}

fn answer(mut stream: TcpStream, shared: &Mutex<State>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap())
        .lines()
        .map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    let mut words = request.split(' ').map(str::to_owned);
    let asked = Asked {
        method: words.next().unwrap_or_default(),
        path: words.next().unwrap_or_default(),
        headers: lines
            .take_while(|line| !line.is_empty())
            .map(|line| line.to_lowercase())
            .collect(),
    };
    let (path, is_head) = (&asked.path, asked.method == "HEAD");
    let mut state = shared.lock().unwrap();
    state.requests.push(path.clone());
    if let Some(script) = state.script.clone() {
        // It may take its time, and others are to be answered meanwhile.
        drop(state);
        if let Some(reply) = script(&asked) {
            return reply.write(&mut stream, is_head);
        }
        state = shared.lock().unwrap();
    }
    let nothing = "Content-Length: 0\r\n";
    if state.fault == Fault::Silent {
        return;
    }
    if state.fault == Fault::Busy {
        return write(&mut stream, "503 Service Unavailable", nothing, b"");
    }
    if path.contains("private") && asked.header("authorization: bearer ") != Some("hf_ada") {
        return refuse(&mut stream, "401 Unauthorized", "RepoNotFound");
    }
    // /api/datasets/x/y/revision/main, /datasets/x/y/resolve/main/data/train.csv
    let path = path.split('?').next().unwrap_or_default();
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
        return refuse(&mut stream, "404 Not Found", "RepoNotFound");
    };
    let revision = if *revision == "main" {
        state.main
    } else {
        revision
    };
    let Some((commit, files)) = state.commits.get_key_value(revision) else {
        return refuse(&mut stream, "404 Not Found", "RevisionNotFound");
    };
    match (*verb, rest) {
        ("revision", []) => list(&mut stream, commit, files),
        ("tree", []) => list_sizes(&mut stream, files),
        ("resolve", [name]) if files.contains_key(name) => {
            send(&mut stream, &asked, commit, files[name], state.fault);
        }
        _ => refuse(&mut stream, "404 Not Found", "EntryNotFound"),
    }
}

/// What is refused, the hub says in a header; what is private, as if it was not there.
fn refuse(stream: &mut TcpStream, status: &str, what: &str) {
    let headers = format!("X-Error-Code: {what}\r\nContent-Length: 0\r\n");
    write(stream, status, &headers, b"");
}

fn list(stream: &mut TcpStream, commit: &str, files: &Files) {
    let siblings: Vec<_> = files
        .keys()
        .map(|name| serde_json::json!({ "rfilename": name }))
        .collect();
    let info = serde_json::json!({ "id": "x/y", "sha": commit, "siblings": siblings });
    tell(stream, &info);
}

/// The files as Python asks for them before it brings them all.
fn list_sizes(stream: &mut TcpStream, files: &Files) {
    let entries = files.iter().map(|(name, text)| {
        let (hash, size) = (tag(text), text.len());
        serde_json::json!({ "type": "file", "oid": hash, "size": size, "path": name })
    });
    tell(stream, &entries.collect());
}

fn tell(stream: &mut TcpStream, value: &serde_json::Value) {
    let text = value.to_string();
    let length = format!("Content-Length: {}\r\n", text.len());
    write(stream, "200 OK", &length, text.as_bytes());
}

/// The file, from the beginning of a range on where one is asked for, or only what there is to say about it.
fn send(stream: &mut TcpStream, asked: &Asked, commit: &str, text: &str, fault: Fault) {
    let commit = match fault {
        Fault::Elsewhere => NEXT,
        _ => commit,
    };
    let mut headers = format!("x-repo-commit: {commit}\r\netag: \"{}\"\r\n", tag(text));
    if asked.method == "HEAD" {
        headers += &format!("Content-Length: {}\r\n", text.len());
        return write(stream, "200 OK", &headers, b"");
    }
    let mut body = text.as_bytes().to_vec();
    let mut status = "200 OK";
    if let Some(range) = asked.header("range: bytes=") {
        let start: usize = range.trim_end_matches('-').parse().unwrap();
        body.drain(..start);
        let (last, length) = (text.len() - 1, text.len());
        headers += &format!("Content-Range: bytes {start}-{last}/{length}\r\n");
        status = "206 Partial Content";
    }
    if fault == Fault::Other {
        body.fill(b'?');
    }
    if fault != Fault::Half {
        headers += &format!("Content-Length: {}\r\n", body.len());
    }
    if matches!(fault, Fault::Half | Fault::Cut) {
        body.truncate(body.len() / 2);
    }
    write(stream, status, &headers, &body);
}

/// The SHA-256 of a text.
pub fn tag(text: &str) -> String {
    let hash = Sha256::digest(text);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Reply {
    fn write(&self, stream: &mut TcpStream, head: bool) {
        let status = match self.status {
            "" => "200 OK",
            status => status,
        };
        let body: &[u8] = if head { b"" } else { &self.body };
        write(stream, status, &self.headers, body);
        while self.endless && !head && stream.write_all(&self.body).is_ok() {}
    }
}

fn write(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n");
    // A client that has seen enough may be gone.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
}
