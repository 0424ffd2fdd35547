//! The programs that are measured, each a process of its own, and what the system says of them (Linux).

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::{Line, Request};

/// Where an installation lies.
pub struct Home {
    pub folder: PathBuf,
    pub database: String,
    /// Left there, to be looked into.
    pub keep: bool,
}

impl Home {
    pub fn new(members: u64, database: Option<String>, keep: bool) -> Self {
        let folder = std::env::temp_dir().join(format!("bailiwick-load-{members}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let database = database.unwrap_or_else(|| format!("sqlite:{}", folder.join("load.db").display()));
        Self { folder, database, keep }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.keep {
            println!("\nkept in {}", self.folder.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

pub struct Program {
    child: Child,
    pub port: u16,
    metrics: Option<u16>,
    pub ready_ms: u128,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port()
}

impl Program {
    pub fn console(home: &Home) -> Self {
        let (port, metrics) = (free_port(), free_port());
        let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--metrics-listen", &format!("127.0.0.1:{metrics}")]);
        command.args(["--public-url", &format!("http://127.0.0.1:{port}"), "--connections-per-address", "0"]);
        // So that a question can come from an address of its own, and no limit of one client is met.
        command.args(["--trusted-proxies", "127.0.0.1"]);
        command.args(["--database-url", &home.database, "--data-dir"]).arg(&home.folder);
        Self::start(command, port, Some(metrics), "/ready")
    }

    pub fn bare(home: &Home) -> Self {
        let port = free_port();
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--bare", &port.to_string(), "--database-url", &home.database, "--data-dir"]).arg(&home.folder);
        Self::start(command, port, None, "/hello")
    }

    fn start(mut command: Command, port: u16, metrics: Option<u16>, ready: &str) -> Self {
        let begin = Instant::now();
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() || Line::open(port).ask(&Request::get(ready)).status != 200 {
            assert!(begin.elapsed() < Duration::from_secs(30), "the program is not ready");
            std::thread::sleep(Duration::from_millis(2));
        }
        Self { child, port, metrics, ready_ms: begin.elapsed().as_millis() }
    }

    /// Seconds of processor time used so far.
    pub fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        (fields[11].parse::<f64>().expect("utime") + fields[12].parse::<f64>().expect("stime")) / 100.0
    }

    pub fn memory_mib(&self) -> f64 {
        self.status("VmRSS:")
    }
    pub fn anonymous_mib(&self) -> f64 {
        self.status("RssAnon:")
    }
    fn status(&self, name: &str) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("status");
        let line = text.lines().find_map(|l| l.strip_prefix(name)).unwrap_or("0");
        line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }

    /// Statements sent to the database so far.
    pub fn statements(&self) -> Option<f64> {
        let text = Line::open(self.metrics?).ask(&Request::get("/metrics")).text;
        text.lines().find_map(|l| l.strip_prefix("bailiwick_database_statements_total ")).and_then(|n| n.trim().parse().ok())
    }
}
