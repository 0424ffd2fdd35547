//! A PostgreSQL of a story's own, to be stopped and started while the program runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::program::free_port;

pub struct Server {
    folder: PathBuf,
    bin: PathBuf,
    port: u16,
}

impl Server {
    /// Nothing where PostgreSQL is not installed.
    pub fn new() -> Option<Self> {
        let bin = newest_bin()?;
        let folder = std::env::temp_dir().join(format!("bw_suite_pg_{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        // It refuses to run as root, and Debian has a user for it.
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(&folder).status().unwrap().success());
        }
        let server = Self { folder, bin, port: free_port() };
        assert!(server.run("initdb", &["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]), "initdb failed");
        server.start();
        Some(server)
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Returns when it takes connections.
    pub fn start(&self) {
        let options = format!("-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories= -c fsync=off", self.port);
        let log = self.folder.join("log");
        assert!(self.run("pg_ctl", &["-l", log.to_str().unwrap(), "-w", "-o", &options, "start"]), "PostgreSQL did not start");
    }

    /// As when its machine loses power.
    pub fn stop(&self) {
        assert!(self.run("pg_ctl", &["-m", "immediate", "-w", "stop"]), "PostgreSQL did not stop");
    }

    fn run(&self, program: &str, args: &[&str]) -> bool {
        let (data, program) = (self.folder.join("data"), self.bin.join(program));
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.arg("-D").arg(data).args(args).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.run("pg_ctl", &["-m", "immediate", "-w", "stop"]);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}

fn newest_bin() -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let mut all: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path()).collect();
    all.retain(|path| version(path).is_some());
    all.sort_by_key(|path| version(path));
    all.pop().map(|path| path.join("bin")).filter(|bin| bin.join("initdb").exists())
}
