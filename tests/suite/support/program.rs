//! The real program, as a process of its own, called over HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::Value;
use super::app::PASSWORD;

pub struct Program {
    pub child: Child,
    pub port: u16,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder of its own for a story about the program, gone with it.
pub struct Home(pub PathBuf);

impl Home {
    pub fn new(name: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("bw_suite_{name}_{}_{n}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Set up by the command line: Ana and Acme. Returns a token of hers.
    pub fn set_up(&self, settings: &[&str]) -> String {
        let mut setup = command(&self.0);
        setup.args(["setup", "--org", "Acme", "--email", "ana@people.example", "--name", "Ana Ruiz", "--password-stdin"]).args(settings);
        let mut child = setup.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        says(command(&self.0).args(["token", "create", "--email", "ana@people.example"]).args(settings)).trim().to_owned()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap();
    command.current_dir(folder).env_clear().env("BAILIWICK_DATA_DIR", folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    command
}

/// Runs to its end; the outcome with both outputs as text.
pub fn ends(command: &mut Command) -> (bool, String, String) {
    let Output { status, stdout, stderr } = command.stderr(Stdio::piped()).output().unwrap();
    (status.success(), String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned())
}

pub fn says(command: &mut Command) -> String {
    let (well, said, complained) = ends(command);
    assert!(well, "{said}{complained}");
    said
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Program {
    /// Serves on a free port, and is ready.
    pub fn start(mut command: Command, settings: &[&str]) -> Self {
        let port = free_port();
        let address = format!("127.0.0.1:{port}");
        let child = command.args(["serve", "--listen", &address, "--public-url", &format!("http://{address}")]).args(settings).spawn().unwrap();
        let program = Self { child, port };
        program.until(Duration::from_secs(20), "ready", || program.status("/ready") == Some(200));
        program
    }

    /// Waits until something is so, and fails when it has not become so in time.
    #[track_caller]
    pub fn until(&self, most: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < most, "not {what} within {most:?}");
            std::thread::yield_now();
        }
    }

    pub fn call(&self, method: &str, path: &str, token: &str, body: &Value) -> Option<(u16, Value)> {
        call(self.port, method, path, token, body)
    }

    /// The status of a page or probe; nothing when nobody answers.
    pub fn status(&self, path: &str) -> Option<u16> {
        self.call("GET", path, "", &Value::Null).map(|(status, _)| status)
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// The exit code, when it ends in time.
    #[track_caller]
    pub fn ends_within(&mut self, most: Duration) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < most, "still running after {most:?}");
            std::thread::yield_now();
        }
    }
}

/// One request over a connection of its own; `None` when the program is not there or dies before it answers.
pub fn call(port: u16, method: &str, path: &str, token: &str, body: &Value) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    stream.write_all(head(port, method, path, token, body.len()).as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).ok()?;
    answer(stream)
}

/// Signs Ana in, as a browser does; returns its cookies.
pub fn sign_in(port: u16) -> String {
    let page = raw(port, &format!("GET /login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")).unwrap();
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("csrf", csrf), ("email", "ana@people.example"), ("password", PASSWORD)])
        .finish();
    let answer = raw(
        port,
        &format!(
            "POST /login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            cookies(&page),
            form.len()
        ),
    );
    cookies(&answer.unwrap())
}

fn cookies(answer: &str) -> String {
    let set = answer.lines().filter_map(|l| l.strip_prefix("set-cookie: ").or_else(|| l.strip_prefix("Set-Cookie: ")));
    set.filter_map(|c| c.split(';').next()).collect::<Vec<_>>().join("; ")
}

/// A page as a browser with these cookies sees it: the status.
pub fn page(port: u16, path: &str, cookies: &str) -> Option<u16> {
    let answer = raw(port, &format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nCookie: {cookies}\r\n\r\n"))?;
    answer.split(' ').nth(1)?.parse().ok()
}

/// The body of what is at an address.
pub fn read(port: u16, path: &str) -> Option<String> {
    let answer = raw(port, &format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"))?;
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
}

/// Everything that comes back for a request as it is written here.
pub fn raw(port: u16, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

pub fn head(port: u16, method: &str, path: &str, token: &str, length: usize) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
}

pub fn answer(stream: TcpStream) -> Option<(u16, Value)> {
    let mut reader = BufReader::new(stream);
    let mut status = String::new();
    reader.read_line(&mut status).ok()?;
    let code = status.split(' ').nth(1)?.parse().ok()?;
    let mut rest = String::new();
    reader.read_to_string(&mut rest).ok()?;
    let body = rest.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())?;
    Some((code, serde_json::from_str(&body).unwrap_or(Value::Null)))
}
