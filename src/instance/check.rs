//! `bailiwick check`: looks at everything that has to be right before and while it serves, changes nothing, and says what to mend.

use std::net::IpAddr;
use std::path::Path;

use lettre::transport::smtp::SmtpTransport;

use super::{start, store};
use crate::base::config::Settings;
use crate::base::db::time::{MINUTE, SECOND};
use crate::base::db::{Conn, Database, Ts, dialect, migrate};
use crate::base::error::{Error, Result};
use crate::base::keys::{self, Keys};
use crate::base::storage;
use crate::base::world::{self, Clock, World};
use crate::{account, audit};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    Ok,
    /// It serves, but not as it should.
    Warn,
    Fail,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub what: &'static str,
    pub grade: Grade,
    /// What is so, and what to do about it when it is not well.
    pub said: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self.grade {
            Grade::Ok => "ok",
            Grade::Warn => "warn",
            Grade::Fail => "FAIL",
        };
        write!(f, "{word:<5} {:<9} {}", self.what, self.said)
    }
}

fn ok(what: &'static str, said: impl Into<String>) -> Finding {
    Finding { what, grade: Grade::Ok, said: said.into() }
}
fn warn(what: &'static str, said: impl Into<String>) -> Finding {
    Finding { what, grade: Grade::Warn, said: said.into() }
}
fn fail(what: &'static str, said: impl Into<String>) -> Finding {
    Finding { what, grade: Grade::Fail, said: said.into() }
}

/// All findings, in the order in which one would mend them. Settings that cannot be read are the only finding then.
pub fn all(settings: Result<Settings>) -> Vec<Finding> {
    let settings = match settings {
        Ok(settings) => settings,
        Err(e) => return vec![fail("settings", e.to_string())],
    };
    let mut found = vec![ok("settings", "can be read")];
    found.push(disk(&settings));
    let (database, c) = database(&settings);
    found.push(database);
    match c {
        Some((mut c, true)) => {
            found.push(key(&settings, true));
            found.push(sealed(&settings, &mut c).unwrap_or_else(|e| fail("key", e.to_string())));
            found.push(clock(&mut c).unwrap_or_else(|e| fail("clock", e.to_string())));
        }
        _ => found.push(key(&settings, false)),
    }
    found.push(mail(&settings));
    found.extend(address(&settings));
    found.extend(proxies(&settings));
    found
}

fn disk(settings: &Settings) -> Finding {
    let shown = settings.data_dir.display();
    // A folder that is not there yet will lie on the disk of the one above it.
    let Some(folder) = settings.data_dir.ancestors().map(|f| if f.as_os_str().is_empty() { Path::new(".") } else { f }).find(|f| f.is_dir()) else {
        return fail("disk", format!("data-dir {shown}: neither it nor a folder above it is there"));
    };
    let Some(room) = storage::room(folder) else { return ok("disk", format!("{shown}; this system does not say how much room there is")) };
    let said = format!("{} MiB free on the disk of {shown} ({} %)", room.free >> 20, room.percent_free());
    match room.percent_free() {
        _ if room.free < 64 << 20 => fail("disk", format!("{said}: make room, changes will be refused soon")),
        0..5 => warn("disk", format!("{said}: keep at least 5 % free")),
        _ => ok("disk", said),
    }
}

/// The finding, and an open connection with whether the schema is the program's and somebody has set it up.
fn database(settings: &Settings) -> (Finding, Option<(Conn, bool)>) {
    let url = &settings.database_url;
    let shown = url.display();
    if let dialect::Url::Sqlite(path) = url
        && !Path::new(path).exists()
    {
        return (warn("database", format!("{shown} is not there yet; `bailiwick serve` makes it")), None);
    }
    let mut c = match url.connect() {
        Ok(c) => c,
        Err(e) => return (fail("database", format!("{shown} cannot be opened: {}", one_line(&e))), None),
    };
    let looked = (|| -> Result<(Finding, bool)> {
        let state = migrate::state(&mut c, url)?;
        if let Some(newer) = state.unknown {
            let said =
                format!("{shown} was made by a newer version (migration {newer}): start that version, or restore a backup into an empty database");
            return Ok((fail("database", said), false));
        }
        if state.pending > 0 {
            let n = crate::base::text::count(i64::try_from(state.pending).unwrap_or(0), "migration", "migrations");
            return Ok((warn("database", format!("{shown} lacks {n}; `bailiwick serve` or `bailiwick migrate` brings it up to date")), false));
        }
        if let Err(e) = store::can_write(&mut c) {
            return Ok((fail("database", format!("{shown} can be read but not written: {e}")), false));
        }
        let set_up = store::is_set_up(&mut c)?;
        let word = if set_up { "" } else { "; nobody has set it up yet" };
        Ok((ok("database", format!("{shown} answers, can be written, schema {}{word}", state.schema)), set_up))
    })();
    match looked {
        Ok((finding, deeper)) => (finding, Some((c, deeper))),
        Err(e) => (fail("database", format!("{shown}: {e}")), None),
    }
}

fn one_line(e: &impl std::fmt::Display) -> String {
    e.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The key file itself. `needed`: the database was made with one.
fn key(settings: &Settings, needed: bool) -> Finding {
    let file = settings.secret_key_file.display();
    if !settings.secret_key_file.exists() {
        return match needed {
            true => fail("key", format!("{file} is missing, but the database was made with one: put the file back, or point secret-key-file at it")),
            false => ok("key", format!("{file} is not there yet; the first start makes it")),
        };
    }
    if let Err(e) = start::keys(settings) {
        return fail("key", e.to_string());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        match std::fs::metadata(&settings.secret_key_file).map(|m| m.permissions().mode() & 0o777) {
            Ok(mode) if mode & 0o077 != 0 => return fail("key", format!("{file} can be read by others (mode {mode:o}): chmod 600 {file}")),
            Ok(_) => {}
            Err(e) => return fail("key", format!("{file}: {e}")),
        }
    }
    ok("key", format!("{file} is there, for its owner's eyes only"))
}

/// Whether the key is the one that the database was made with: its first event was tagged with it, and authenticators open.
fn sealed(settings: &Settings, c: &mut Conn) -> Result<Finding> {
    let keys: Keys = start::keys(settings)?;
    let mut first = None;
    for chain in chains(c)? {
        first = first.or(audit::store::after(c, &chain, 0, 1)?.pop());
    }
    if first.is_some_and(|row| !keys::same(&keys.tag("audit", &row.canonical()), &row.hash)) {
        return Ok(fail("key", "it is not the key that this database was made with: put that one back"));
    }
    let db = Database::open(settings.database_url.clone(), 1, 1);
    let seeds = account::mfa::seeds(&World::new(settings.clone(), keys, db, Clock::System))?;
    Ok(match seeds.unreadable {
        0 => ok("key", format!("opens what is sealed in the database ({} authenticators)", seeds.all)),
        n => fail("key", format!("does not open {n} of {} authenticators: those people cannot sign in. Restore them from a backup", seeds.all)),
    })
}

/// A few chains of the audit log: enough to tell what holds for all of them.
fn chains(c: &mut Conn) -> Result<Vec<String>> {
    Ok(audit::store::chains(c)?.into_iter().rev().take(20).map(|(_, chain, _)| chain).collect())
}

/// Sign-in codes and expiry live by the clock: it has to agree with the database's, and cannot lie before what has happened.
fn clock(c: &mut Conn) -> Result<Finding> {
    let now = world::now();
    let mut latest = Ts(0);
    for chain in chains(c)? {
        latest = latest.max(audit::store::latest(c, &chain)?.map_or(latest, |row| row.at));
    }
    if latest > now.plus(MINUTE) {
        return Ok(fail(
            "clock",
            format!("the clock says {}, but the audit log has an event of {}: set the clock, by NTP for one", now.exact(), latest.exact()),
        ));
    }
    let Some(theirs) = dialect::clock(c)? else { return Ok(ok("clock", format!("{} is not before what has happened", now.exact()))) };
    let apart = (theirs.0 - now.0).abs();
    let said = format!("{} s apart from the database's", apart / SECOND);
    Ok(match apart {
        a if a > MINUTE => fail("clock", format!("{said}: set both by NTP")),
        a if a > 5 * SECOND => warn("clock", format!("{said}: set both by NTP")),
        _ => ok("clock", "agrees with the database's"),
    })
}

/// Connects, says EHLO, starts TLS and signs in, as for a mail; and sends none.
fn mail(settings: &Settings) -> Finding {
    let Some(url) = &settings.smtp_url else {
        let folder = settings.data_dir.join("mailbox");
        return warn("mail", format!("smtp-url is not set: mails become files in {}, and invitations show their link", folder.display()));
    };
    let shown = url::Url::parse(url)
        .ok()
        .map(|u| format!("{}:{}", u.host_str().unwrap_or_default(), u.port().map_or_else(|| "default port".into(), |p| p.to_string())));
    let shown = shown.unwrap_or_else(|| "the mail server".into());
    let transport = match SmtpTransport::from_url(url) {
        Ok(builder) => builder.timeout(Some(std::time::Duration::from_secs(10))).build(),
        Err(e) => return fail("mail", format!("smtp-url: {e}")),
    };
    match transport.test_connection() {
        Ok(true) if travels_open(url) => {
            warn("mail", format!("{shown} takes mail, but the password travels in the clear: use smtps://, or smtp://...?tls=required"))
        }
        Ok(true) => ok("mail", format!("{shown} takes mail from {}", settings.mail_from)),
        Ok(false) => fail("mail", format!("{shown} closed the connection")),
        Err(e) => fail("mail", format!("{shown}: {}. Mails stay queued until this is mended; see smtp-url", chain(&e))),
    }
}

/// Whether a password is sent to another machine without TLS.
fn travels_open(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    let tls = url.scheme() == "smtps" || url.query_pairs().any(|(name, value)| name == "tls" && value == "required");
    let here = match url.host_str() {
        Some("localhost") => true,
        Some(host) => host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        None => false,
    };
    !tls && !here && !url.username().is_empty()
}

/// An error with what it stems from, in one line.
fn chain(e: &dyn std::error::Error) -> String {
    let mut said = one_line(&e);
    let mut source = e.source();
    while let Some(cause) = source {
        let cause_said = one_line(&cause);
        if !said.contains(&cause_said) {
            said = format!("{said}: {cause_said}");
        }
        source = cause.source();
    }
    said
}

/// Whether people can reach what it serves under the address that is in every link.
fn address(settings: &Settings) -> Vec<Finding> {
    let (public, listen) = (&settings.public_url, settings.listen);
    let mut found = Vec::new();
    match (settings.is_https(), listen.ip().is_loopback()) {
        (true, _) => found.push(ok("address", format!("{public} for people, {listen} for the proxy in front that speaks TLS"))),
        (false, true) if public.port_or_known_default() != Some(listen.port()) => {
            found.push(warn("address", format!("links say {public}, but it serves on {listen}: set public-url to the same port")));
        }
        (false, true) => found.push(ok("address", format!("{public}, for this machine only"))),
        (false, false) => {
            found.push(warn(
                "address",
                format!("it serves on {listen} to other machines, but public-url is {public}: set it to the https:// address that people use"),
            ));
        }
    }
    found
}

fn proxies(settings: &Settings) -> Vec<Finding> {
    let wide = settings.trusted_proxies.iter().find(|net| net.prefix_len() == 0);
    match (settings.trusted_proxies.is_empty(), wide) {
        (_, Some(net)) => {
            vec![fail("proxies", format!("trusted-proxies {net} lets everybody say that they come from anywhere: name the proxy's address"))]
        }
        (true, _) if settings.is_https() => {
            vec![warn("proxies", "public-url is https://, but trusted-proxies is empty: everybody seems to come from the proxy. Name its address")]
        }
        (true, _) => vec![ok("proxies", "none, and none needed")],
        (false, _) => {
            let names: Vec<String> = settings.trusted_proxies.iter().map(ToString::to_string).collect();
            vec![ok("proxies", format!("X-Forwarded-For is believed from {}", names.join(", ")))]
        }
    }
}

/// Asks the process that serves under these settings whether it is ready, as a container's health check does.
pub fn running(settings: &Settings) -> Result<()> {
    use std::io::{Read as _, Write as _};
    let patience = std::time::Duration::from_secs(3);
    let mut address = settings.listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    let host = settings.public_url.host_str().unwrap_or_default();
    let answer = (|| -> std::io::Result<String> {
        let mut stream = std::net::TcpStream::connect_timeout(&address, patience)?;
        stream.set_read_timeout(Some(patience))?;
        stream.write_all(format!("GET /ready HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.take(10_000).read_to_string(&mut answer)?;
        Ok(answer)
    })();
    match answer {
        Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => Ok(()),
        Ok(_) => Err(Error::Unavailable(format!("what serves on {address} is not ready; its log says why"))),
        Err(e) => Err(Error::Unavailable(format!("nothing answers on {address}: {e}"))),
    }
}

/// For the command line: everything, and whether it may serve like this.
pub fn report(settings: Result<Settings>) -> (String, bool) {
    let found = all(settings);
    let said = found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    (said, found.iter().all(|f| f.grade != Grade::Fail))
}
