//! Clients over keep-alive: each waits for its answer before it asks again.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[derive(Clone)]
pub struct Request {
    head: String,
    body: String,
}

impl Request {
    pub fn get(path: &str) -> Self {
        Self::send("GET", path)
    }
    pub fn send(method: &str, path: &str) -> Self {
        Self { head: format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"), body: String::new() }
    }
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head.push_str(&format!("{name}: {value}\r\n"));
        self
    }
    pub fn cookie(self, cookie: &str) -> Self {
        self.header("Cookie", cookie)
    }
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }
    pub fn json(mut self, body: &str) -> Self {
        self.body = body.into();
        self.header("Content-Type", "application/json")
    }
    pub fn form(mut self, body: &str) -> Self {
        self.body = body.into();
        self.header("Content-Type", "application/x-www-form-urlencoded")
    }
    fn bytes(&self) -> Vec<u8> {
        let length = if self.body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", self.body.len()) };
        format!("{}{length}\r\n{}", self.head, self.body).into_bytes()
    }
}

#[derive(Clone, Copy)]
pub struct Load {
    pub clients: usize,
    pub seconds: Duration,
}

pub struct Answer {
    pub status: u16,
    /// Head and body.
    pub text: String,
}

/// One connection that is kept.
pub struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    pub fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server answers");
        stream.set_nodelay(true).expect("nodelay");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("timeout");
        Self { stream, buffer: Vec::new() }
    }

    /// The status, and where in the buffer the body stands.
    fn exchange(&mut self, request: &Request) -> std::io::Result<(u16, usize)> {
        self.stream.write_all(&request.bytes())?;
        self.buffer.clear();
        let mut chunk = [0u8; 32 * 1024];
        loop {
            let n = self.stream.read(&mut chunk)?;
            if n == 0 {
                return Err(std::io::Error::other("closed"));
            }
            self.buffer.extend_from_slice(&chunk[..n]);
            let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
            let length: usize = head.lines().find_map(|l| l.strip_prefix("content-length: ")).and_then(|l| l.trim().parse().ok()).unwrap_or(0);
            if self.buffer.len() >= end + 4 + length {
                return Ok((head.get(9..12).and_then(|s| s.parse().ok()).unwrap_or(0), end + 4));
            }
        }
    }

    pub fn ask(&mut self, request: &Request) -> Answer {
        let (status, _) = self.exchange(request).expect("an answer");
        Answer { status, text: String::from_utf8_lossy(&self.buffer).into_owned() }
    }
}

pub struct Outcome {
    pub answers: u64,
    pub refused: u64,
    pub seconds: f64,
    /// Microseconds, sorted.
    pub latencies: Vec<u64>,
}

impl Outcome {
    pub fn per_second(&self) -> f64 {
        self.answers as f64 / self.seconds
    }
    pub fn percentile(&self, p: f64) -> u64 {
        let at = ((self.latencies.len() as f64 - 1.0) * p) as usize;
        self.latencies.get(at).copied().unwrap_or(0)
    }
}

/// Asks for as long as the load says; `request` is told the number of the question.
pub fn drive(port: u16, load: Load, request: impl Fn(u64) -> Request + Sync) -> Outcome {
    let (next, begin) = (AtomicU64::new(0), Instant::now());
    let mut latencies = Vec::new();
    let mut refused = 0;
    std::thread::scope(|scope| {
        let (next, request) = (&next, &request);
        let clients: Vec<_> = (0..load.clients)
            .map(|_| {
                scope.spawn(move || {
                    let (mut line, mut times, mut refused) = (Line::open(port), Vec::new(), 0);
                    while begin.elapsed() < load.seconds {
                        // Spread, so that neighbours in the list are not asked one after the other.
                        let n = next.fetch_add(1, Ordering::Relaxed).wrapping_mul(7919);
                        let asked = Instant::now();
                        match line.exchange(&request(n)) {
                            Ok((status, _)) if status < 400 => times.push(asked.elapsed().as_micros() as u64),
                            Ok(_) => refused += 1,
                            Err(_) => {
                                refused += 1;
                                line = Line::open(port);
                            }
                        }
                    }
                    (times, refused)
                })
            })
            .collect();
        for client in clients {
            let (times, no) = client.join().expect("a client");
            latencies.extend(times);
            refused += no;
        }
    });
    latencies.sort_unstable();
    Outcome { answers: latencies.len() as u64, refused, seconds: begin.elapsed().as_secs_f64(), latencies }
}
