//! The way to PostgreSQL, as far as somebody could listen on it. TLS there is libpq's, which wants OpenSSL, and that takes as long to
//! build as everything else together: so it is a feature (`postgres-tls`) of the build, and a build without it never goes over a
//! network in the clear unless it is told to.

use std::path::PathBuf;

/// What a build knows of TLS, and what the machine holds for it.
pub struct Tls {
    pub built_in: bool,
    /// The certificates that this system trusts.
    pub trusted: fn() -> Option<PathBuf>,
    /// libpq's own settings in the environment.
    pub environment: fn(&str) -> Option<String>,
}

impl Tls {
    pub fn of_this_build() -> Self {
        Self { built_in: cfg!(feature = "postgres-tls"), trusted, environment: |name| std::env::var(name).ok() }
    }

    /// The address as libpq takes it, or why this build does not go there.
    pub fn settle(&self, address: &str) -> Result<String, String> {
        if self.built_in { self.verified(address) } else { self.unencrypted(address) }
    }

    /// `sslrootcert=system` means the system's certificates; an OpenSSL built from source looks for them where nobody put any.
    fn verified(&self, address: &str) -> Result<String, String> {
        if value(address, "sslrootcert").as_deref() != Some("system") {
            return Ok(address.to_owned());
        }
        match value(address, "sslmode").as_deref() {
            None | Some("verify-full") => {}
            Some(mode) => {
                return Err(format!("sslrootcert=system goes with sslmode=verify-full, not {mode}, which would not look whose certificate it is"));
            }
        }
        let found = (self.trusted)().ok_or("sslrootcert=system finds no certificates on this machine; install ca-certificates, or name a file")?;
        let (place, settings) = address.split_once('?').unwrap_or((address, ""));
        let others = settings.split('&').filter(|s| !s.starts_with("sslrootcert=") && !s.starts_with("sslmode="));
        let file = found.display().to_string();
        let own = ["sslmode=verify-full".to_owned(), format!("sslrootcert={file}")];
        Ok(format!("{place}?{}", others.map(str::to_owned).chain(own).collect::<Vec<_>>().join("&")))
    }

    fn unencrypted(&self, address: &str) -> Result<String, String> {
        let mode = value(address, "sslmode").or_else(|| (self.environment)("PGSSLMODE"));
        match mode.as_deref() {
            Some("disable") => Ok(address.to_owned()),
            Some(mode @ ("require" | "verify-ca" | "verify-full")) => {
                Err(format!("sslmode={mode} asks for TLS, which this build has not; build it with `--features postgres-tls`"))
            }
            _ if self.stays_here(address) => Ok(address.to_owned()),
            _ => Err("this build has no TLS for a database on another machine; build it with `--features postgres-tls`, or add \
                      sslmode=disable if nobody can listen in between"
                .into()),
        }
    }

    /// Whether every host that libpq would try is this machine.
    fn stays_here(&self, address: &str) -> bool {
        let Ok(url) = url::Url::parse(address) else { return false };
        let named = ["host", "hostaddr"].into_iter().filter_map(|name| value(address, name));
        let hosts: Vec<String> = url.host_str().filter(|h| !h.is_empty()).map(str::to_owned).into_iter().chain(named).collect();
        if hosts.is_empty() {
            return ["PGHOST", "PGHOSTADDR"].into_iter().filter_map(self.environment).all(|h| is_here(&h)) && !self.by_service(address);
        }
        hosts.iter().all(|h| is_here(h)) && !self.by_service(address)
    }

    /// A service file can name another host.
    fn by_service(&self, address: &str) -> bool {
        value(address, "service").is_some() || (self.environment)("PGSERVICE").is_some()
    }
}

/// A folder of sockets, or the loopback; several are separated by commas.
fn is_here(hosts: &str) -> bool {
    hosts.split(',').all(|host| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host.starts_with('/')
            || host.to_ascii_lowercase().starts_with("%2f")
            || host == "localhost"
            || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

/// A setting behind the `?` of an address; the last one counts.
fn value(address: &str, name: &str) -> Option<String> {
    let (_, settings) = address.split_once('?')?;
    url::form_urlencoded::parse(settings.as_bytes()).filter(|(key, _)| key == name).last().map(|(_, v)| v.into_owned())
}

#[cfg(feature = "postgres-tls")]
fn trusted() -> Option<PathBuf> {
    openssl_probe::probe().cert_file
}

#[cfg(not(feature = "postgres-tls"))]
fn trusted() -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITHOUT: Tls = Tls { built_in: false, trusted: || None, environment: |_| None };
    const WITH: Tls = Tls { built_in: true, trusted: || Some("/etc/ssl/cert.pem".into()), environment: |_| None };

    #[test]
    fn without_tls_nothing_leaves_the_machine_unless_told_to() {
        for here in [
            "postgres://u:p@localhost/db",
            "postgres://u@127.0.0.1:5433/db",
            "postgres://u@[::1]/db",
            "postgres://u@%2Fvar%2Frun%2Fpostgresql/db",
            "postgres:///db",
            "postgres:///db?host=/var/run/postgresql",
            "postgres://u@localhost/db?sslmode=prefer",
            "postgres://u:p@db.example.org/db?sslmode=disable",
        ] {
            assert_eq!(WITHOUT.settle(here).as_deref(), Ok(here));
        }
        for elsewhere in [
            "postgres://u:p@db.example.org/db",
            "postgres://u:p@10.0.0.4/db?sslmode=prefer",
            "postgres://u@localhost,db.example.org/db",
            "postgres://u@localhost:1,db.example.org:2/db",
            "postgres://u@localhost/db?host=db.example.org",
            "postgres://u@localhost/db?hostaddr=10.0.0.4",
            "postgres:///db?service=far",
            "postgres://u@localhost/db?sslmode=require",
            "postgres://u@db.example.org/db?sslmode=disable&sslmode=verify-full",
        ] {
            let why = WITHOUT.settle(elsewhere).unwrap_err();
            assert!(why.contains("--features postgres-tls"), "{elsewhere}: {why}");
        }
        let far = Tls { environment: |name| (name == "PGHOST").then(|| "db.example.org".into()), ..WITHOUT };
        assert!(far.settle("postgres:///db").is_err() && far.settle("postgres://localhost/db").is_ok());
        let told = Tls { environment: |name| (name == "PGSSLMODE").then(|| "disable".into()), ..WITHOUT };
        assert!(told.settle("postgres://u:p@db.example.org/db").is_ok());
    }

    #[test]
    fn the_systems_certificates_are_those_of_the_system() {
        let plain = "postgres://u:p@db.example.org/db?sslmode=require";
        assert_eq!(WITH.settle(plain).as_deref(), Ok(plain));
        assert_eq!(
            WITH.settle("postgres://u:p@db.example.org/db?sslrootcert=system&connect_timeout=9").as_deref(),
            Ok("postgres://u:p@db.example.org/db?connect_timeout=9&sslmode=verify-full&sslrootcert=/etc/ssl/cert.pem")
        );
        assert!(WITH.settle("postgres://h/db?sslrootcert=system&sslmode=require").unwrap_err().contains("verify-full"));
        assert!(Tls { trusted: || None, ..WITH }.settle("postgres://h/db?sslrootcert=system").unwrap_err().contains("ca-certificates"));
    }
}
