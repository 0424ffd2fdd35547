//! The real program, killed in the middle of its work: what it said it had done is done, and it is ready again.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::app::PASSWORD;
use crate::support::{Value, json};

struct Program {
    child: Child,
    port: u16,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
    command.current_dir(folder).env_clear().env("BAILIWICK_DATA_DIR", folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

fn says(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap()
}

fn start(folder: &Path) -> Program {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let child = command(folder).args(["serve", "--listen", &address, "--public-url", &format!("http://{address}")]).spawn().unwrap();
    let program = Program { child, port };
    let begun = Instant::now();
    while call(program.port, "GET", "/ready", "", &Value::Null).is_none_or(|(status, _)| status != 200) {
        assert!(begun.elapsed() < Duration::from_secs(20), "not ready again");
        std::thread::yield_now();
    }
    program
}

/// One request over a connection of its own; `None` when the program is not there or dies before it answers.
fn call(port: u16, method: &str, path: &str, token: &str, body: &Value) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).ok()?;
    let mut reader = BufReader::new(stream);
    let mut status = String::new();
    reader.read_line(&mut status).ok()?;
    let code = status.split(' ').nth(1)?.parse().ok()?;
    let mut rest = String::new();
    reader.read_to_string(&mut rest).ok()?;
    let body = rest.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())?;
    Some((code, serde_json::from_str(&body).unwrap_or(Value::Null)))
}

/// Writers that keep creating until the program is gone; returns the names that were acknowledged.
fn write_until_killed(port: u16, token: &str, round: usize, program: &mut Program) -> Vec<String> {
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let token = token.to_owned();
            std::thread::spawn(move || {
                let mut done = Vec::new();
                for n in 0.. {
                    let slug = format!("p-{round}-{writer}-{n}");
                    match call(port, "POST", "/api/v1/orgs/acme/projects", &token, &json!({"name": slug, "slug": slug})) {
                        Some((201, _)) => done.push(slug),
                        Some((503, _)) => {}
                        Some((status, body)) => panic!("{status} {body}"),
                        None => break,
                    }
                }
                done
            })
        })
        .collect();
    // Killed after so many answers of another kind, and so in another place of its work each time.
    for _ in 0..(3 + round * 2) {
        call(port, "GET", "/api/v1/orgs/acme", token, &Value::Null);
    }
    program.child.kill().unwrap();
    program.child.wait().unwrap();
    writers.into_iter().flat_map(|w| w.join().unwrap()).collect()
}

#[test]
fn twenty_times_killed_nothing_acknowledged_is_lost_and_the_chain_holds() {
    let folder = std::env::temp_dir().join(format!("bw_suite_crash_{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut setup = command(&folder);
    setup.args(["setup", "--org", "Acme", "--email", "ana@people.example", "--name", "Ana Ruiz", "--password-stdin"]).stdin(Stdio::piped());
    let mut child = setup.spawn().unwrap();
    child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let token = says(command(&folder).args(["token", "create", "--email", "ana@people.example"])).trim().to_owned();
    let mut acknowledged = Vec::new();
    for round in 0..20 {
        let mut program = start(&folder);
        acknowledged.extend(write_until_killed(program.port, &token, round, &mut program));
    }
    let program = start(&folder);
    assert!(acknowledged.len() >= 20, "only {} writes were acknowledged", acknowledged.len());
    for slug in &acknowledged {
        let found = call(program.port, "GET", &format!("/api/v1/orgs/acme/projects/{slug}"), &token, &Value::Null);
        assert_eq!(found.map(|(status, _)| status), Some(200), "{slug} was acknowledged and is gone");
    }
    let verified = says(command(&folder).args(["audit", "verify"]));
    assert!(verified.contains("acme") && !verified.contains("BROKEN"), "{verified}");
    // No half effects: as many projects as events that say so.
    let (_, counted) = call(program.port, "GET", "/api/v1/orgs/acme/projects?count=true&limit=1", &token, &Value::Null).unwrap();
    let events = lines_of_export(program.port, &token);
    assert_eq!(counted["count"], events);
    drop(program);
    let _ = std::fs::remove_dir_all(folder);
}

fn lines_of_export(port: u16, token: &str) -> usize {
    let mut cursor = String::new();
    let mut n = 0;
    loop {
        let path = format!("/api/v1/orgs/acme/audit-events?action=project.create&limit=200{cursor}");
        let (status, page) = call(port, "GET", &path, token, &Value::Null).unwrap();
        assert_eq!(status, 200);
        n += page["items"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return n,
        }
    }
}
