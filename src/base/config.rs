//! Settings, read once: a flag, else the environment (`BAILIWICK_*`), else `bailiwick.toml`, else the default.
//! What is wrong or missing stops the start with one line that says what to mend.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Command, FromArgMatches};

use super::db::dialect;
use super::error::{Error, Result};

#[derive(Debug, Clone, Args)]
pub struct Given {
    /// Address and port to serve on
    #[arg(long, env = "BAILIWICK_LISTEN", default_value = "127.0.0.1:8080", global = true)]
    pub listen: String,
    /// The address under which people reach it; https://, or http:// on a loopback name
    #[arg(long, env = "BAILIWICK_PUBLIC_URL", default_value = "http://localhost:8080", global = true)]
    pub public_url: String,
    /// Folder for the database, the key and the mailbox
    #[arg(long, env = "BAILIWICK_DATA_DIR", default_value = "./data", global = true)]
    pub data_dir: PathBuf,
    /// sqlite:FILE or postgres://USER:PASSWORD@HOST/DB [default: sqlite:<data-dir>/bailiwick.db; DATABASE_URL is read too]
    #[arg(long, env = "BAILIWICK_DATABASE_URL", global = true, hide_env_values = true)]
    pub database_url: Option<String>,
    /// smtp://USER:PASSWORD@HOST:PORT or smtps://; without it mails go to <data-dir>/mailbox and invitations show their link
    #[arg(long, env = "BAILIWICK_SMTP_URL", global = true, hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// Sender of mails
    #[arg(long, env = "BAILIWICK_MAIL_FROM", default_value = "Bailiwick <bailiwick@localhost>", global = true)]
    pub mail_from: String,
    /// The installation's secret key [default: <data-dir>/secret.key]; made on the first start, keep it out of backups
    #[arg(long, env = "BAILIWICK_SECRET_KEY_FILE", global = true)]
    pub secret_key_file: Option<PathBuf>,
    /// Proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas
    #[arg(long, env = "BAILIWICK_TRUSTED_PROXIES", default_value = "", global = true)]
    pub trusted_proxies: String,
    /// Connections for reading
    #[arg(long, env = "BAILIWICK_DB_READERS", default_value = "8", global = true)]
    pub db_readers: u32,
    /// Connections for writing (PostgreSQL; SQLite has one)
    #[arg(long, env = "BAILIWICK_DB_WRITERS", default_value = "8", global = true)]
    pub db_writers: u32,
    /// Threads that hash passwords
    #[arg(long, env = "BAILIWICK_HASH_THREADS", default_value = "2", global = true)]
    pub hash_threads: usize,
    /// Connections that one client address may hold at once; 0: any number. Trusted proxies are not counted
    #[arg(long, env = "BAILIWICK_CONNECTIONS_PER_ADDRESS", default_value = "100", global = true)]
    pub connections_per_address: u32,
    /// Seconds to go on serving after SIGTERM while /ready says no, so that a balancer sends nobody here any more
    #[arg(long, env = "BAILIWICK_SHUTDOWN_DELAY", default_value = "5", global = true)]
    pub shutdown_delay: u64,
    /// Address and port for Prometheus to ask at /metrics; without it nothing is counted. Not for everybody: it tells how much is going on
    #[arg(long, env = "BAILIWICK_METRICS_LISTEN", global = true)]
    pub metrics_listen: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Settings {
    pub listen: SocketAddr,
    pub public_url: url::Url,
    pub data_dir: PathBuf,
    pub database_url: dialect::Url,
    pub smtp_url: Option<String>,
    pub mail_from: String,
    pub secret_key_file: PathBuf,
    pub trusted_proxies: Vec<ipnet::IpNet>,
    pub db_readers: u32,
    pub db_writers: u32,
    pub hash_threads: usize,
    pub connections_per_address: u32,
    pub shutdown_delay: std::time::Duration,
    pub metrics_listen: Option<SocketAddr>,
}

const FILE: &str = "bailiwick.toml";

/// Parses a command line with the settings file's values as defaults, so that flags and environment win over it.
pub fn parse<T: FromArgMatches>(command: Command) -> Result<T> {
    let matches = with_file(command)?.get_matches();
    T::from_arg_matches(&matches).map_err(|e| Error::Unavailable(e.to_string()))
}

fn with_file(command: Command) -> Result<Command> {
    let text = match std::fs::read_to_string(FILE) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(command),
        Err(e) => return Err(mend(FILE, e)),
    };
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| mend(FILE, e.message()))?;
    let mut command = command;
    for (key, value) in table {
        let id = key.replace('-', "_");
        if !command.get_arguments().any(|a| a.get_id().as_str() == id) {
            return Err(mend(FILE, format!("there is no setting {key}; `bailiwick serve --help` lists them")));
        }
        let text = match value {
            toml::Value::String(s) => s,
            toml::Value::Integer(i) => i.to_string(),
            other => return Err(mend(FILE, format!("{key} takes a text or a number, not {other}"))),
        };
        command = command.mut_arg(&id, |arg| arg.default_value(text));
    }
    Ok(command)
}

impl Settings {
    pub fn from(given: Given) -> Result<Self> {
        let listen = address("listen", &given.listen)?;
        let metrics_listen = given.metrics_listen.filter(|a| !a.is_empty()).map(|a| address("metrics-listen", &a)).transpose()?;
        let public_url =
            url::Url::parse(&given.public_url).map_err(|_| mend("public-url", "takes an address such as https://console.example.org"))?;
        check_public(&public_url)?;
        let database = given
            .database_url
            .or_else(|| std::env::var("DATABASE_URL").ok())
            .unwrap_or_else(|| format!("sqlite:{}", given.data_dir.join("bailiwick.db").display()));
        let database_url = dialect::Url::parse(&database).map_err(|e| mend("database-url", e))?;
        let smtp_url = given.smtp_url.filter(|u| !u.is_empty());
        if let Some(url) = &smtp_url {
            lettre::transport::smtp::SmtpTransport::from_url(url)
                .map_err(|e| mend("smtp-url", format!("takes smtp://user:password@host:port or smtps:// ({e})")))?;
        }
        given
            .mail_from
            .parse::<lettre::message::Mailbox>()
            .map_err(|_| mend("mail-from", "takes an address such as Console <console@example.org>"))?;
        let trusted_proxies = given.trusted_proxies.split(',').map(str::trim).filter(|p| !p.is_empty()).map(network).collect::<Result<_>>()?;
        if given.db_readers == 0 || given.db_writers == 0 {
            return Err(mend("db-readers and db-writers", "take at least 1"));
        }
        if given.hash_threads == 0 {
            return Err(mend("hash-threads", "takes at least 1"));
        }
        Ok(Self {
            listen,
            public_url,
            secret_key_file: given.secret_key_file.unwrap_or_else(|| given.data_dir.join("secret.key")),
            data_dir: given.data_dir,
            database_url,
            smtp_url,
            mail_from: given.mail_from,
            trusted_proxies,
            db_readers: given.db_readers,
            db_writers: given.db_writers,
            hash_threads: given.hash_threads,
            connections_per_address: given.connections_per_address,
            shutdown_delay: std::time::Duration::from_secs(given.shutdown_delay),
            metrics_listen,
        })
    }

    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

/// Cookies of a sign-in may travel in the clear only where nobody can listen.
fn check_public(url: &url::Url) -> Result<()> {
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    match url.scheme() {
        _ if url.path() != "/" || url.query().is_some() => {
            Err(mend("public-url", "takes an address without a path, such as https://console.example.org"))
        }
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        _ => Err(mend("public-url", "has to start with https:// (http:// only on localhost), because sign-ins travel over it")),
    }
}

fn address(setting: &str, text: &str) -> Result<SocketAddr> {
    text.parse().map_err(|_| mend(setting, "takes an address and a port, such as 127.0.0.1:8080"))
}

fn network(text: &str) -> Result<ipnet::IpNet> {
    text.parse()
        .or_else(|_| text.parse::<IpAddr>().map(ipnet::IpNet::from))
        .map_err(|_| mend("trusted-proxies", format!("{text} is neither an address nor a network such as 10.0.0.0/8")))
}

fn mend(setting: &str, what: impl std::fmt::Display) -> Error {
    Error::Unavailable(format!("{setting}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_ins_never_travel_in_the_clear() {
        for ok in ["https://console.example.org", "http://localhost:8080", "http://127.0.0.1:9", "http://[::1]:9"] {
            assert!(check_public(&ok.parse().unwrap()).is_ok(), "{ok}");
        }
        for bad in ["http://console.example.org", "http://192.168.1.4:8080", "ftp://localhost", "https://x.org/console"] {
            assert!(check_public(&bad.parse().unwrap()).is_err(), "{bad}");
        }
    }
}
