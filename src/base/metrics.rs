//! Numbers for Prometheus, on a listener of their own (`--metrics-listen`), off by default.
//!
//! A request costs two counters; everything else is looked at when it is asked for. Labels come from closed sets: the patterns of
//! routes, never their values, so that nobody makes series by asking for addresses.

use std::time::Duration;

use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::error::{Error, Result};
use super::storage;
use super::world::World;

pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds. Most pages take a millisecond; sign-in hashes for some twenty.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: String,
    status: Class,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Class(u16);

impl EncodeLabelValue for Class {
    fn encode(&self, encoder: &mut prometheus_client::encoding::LabelValueEncoder<'_>) -> std::fmt::Result {
        format!("{}xx", self.0).encode(encoder)
    }
}

/// What is counted as it happens.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram>,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::<Request, Counter>::default();
        let durations = Family::<Route, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        let mut registry = Registry::with_prefix("bailiwick");
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register_with_unit("http_request_duration", "Time to an answer", Unit::Seconds, durations.clone());
        Self { registry, requests, durations }
    }
}

impl Metrics {
    /// Notes an answer. `route` is the pattern that the address matched, if it matched one.
    pub fn note(&self, method: &actix_web::http::Method, route: Option<String>, status: u16, took: Duration) {
        let route = route.filter(|pattern| !pattern.is_empty()).unwrap_or_else(|| "none".into());
        self.durations.get_or_create(&Route { route: route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Request { method: known(method), route, status: Class(status / 100) }).inc();
    }
}

fn known(method: &actix_web::http::Method) -> &'static str {
    const KNOWN: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
    KNOWN.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

/// All of it as text. Blocks: it asks the database.
pub fn text(world: &World) -> Result<String> {
    let mut text = String::new();
    let failed = |_: std::fmt::Error| Error::internal("the metrics cannot be written");
    if let Some(metrics) = &world.metrics {
        encode_registry(&mut text, &metrics.registry).map_err(failed)?;
    }
    encode_registry(&mut text, &looked_at(world)).map_err(failed)?;
    encode_registry(&mut text, &process(world)).map_err(failed)?;
    encode_eof(&mut text).map_err(failed)?;
    Ok(text)
}

type Numbers = Family<Vec<(&'static str, String)>, Gauge>;

/// The state of things at this moment.
fn looked_at(world: &World) -> Registry {
    let mut r = Registry::with_prefix("bailiwick");
    let build = Numbers::default();
    build.get_or_create(&vec![("version", env!("CARGO_PKG_VERSION").into())]).set(1);
    r.register("build_info", "The program that answers; always 1", build);
    let ready = i64::from(!world.draining.has_begun());
    r.register("serving", "0 once the process was told to stop", ConstGauge::new(ready));
    r.register("password_hashes_waiting", "Passwords that wait to be hashed", ConstGauge::new(world.hasher.waiting()));
    r.register("database_statements", "Statements sent to the database", ConstCounter::new(world.db.statements()));
    let (in_use, waiting) = (Numbers::default(), Numbers::default());
    for pool in world.db.pools() {
        let label = vec![("pool", pool.name.to_owned())];
        in_use.get_or_create(&label).set(pool.in_use);
        waiting.get_or_create(&label).set(pool.waiting);
    }
    r.register("database_connections_in_use", "Connections that a request holds", in_use);
    r.register("database_connections_waited_for", "Requests that wait for a connection", waiting);
    let answered = world.db.reader().and_then(|mut c| crate::instance::store::tallies(&mut c, world.now()));
    r.register("database_up", "Whether the database answered this question", ConstGauge::new(i64::from(answered.is_ok())));
    if let Ok(tallies) = answered {
        let mails = Numbers::default();
        for (state, count) in tallies.mails {
            mails.get_or_create(&vec![("state", state)]).set(count);
        }
        r.register("mails", "Mails by what became of them; sent ones are forgotten after 30 days", mails);
        r.register("sessions", "People signed in, by their sessions", ConstGauge::new(tallies.sessions));
    }
    let folder = world.db.url.folder().unwrap_or_else(|| world.settings.data_dir.clone());
    if let Some(room) = storage::room(&folder) {
        r.register_with_unit(
            "disk_free",
            "Room on the disk of the database, or else of the data folder",
            Unit::Bytes,
            ConstGauge::new(whole(room.free)),
        );
        r.register_with_unit("disk_size", "The size of that disk", Unit::Bytes, ConstGauge::new(whole(room.total)));
    }
    r
}

/// What the system says about the process, under the names that such numbers have everywhere. Nothing where it does not say.
fn process(world: &World) -> Registry {
    let mut r = Registry::with_prefix("process");
    let started = ConstGauge::new(world.started.0 as f64 / 1e6);
    r.register_with_unit("start_time", "When it began, since 1970", Unit::Seconds, started);
    if let Some(usage) = usage() {
        r.register_with_unit("resident_memory", "Memory in use", Unit::Bytes, ConstGauge::new(whole(usage.resident)));
        r.register_with_unit("cpu", "Processor time used", Unit::Seconds, ConstCounter::new(usage.cpu));
        r.register("open_fds", "Open files and connections", ConstGauge::new(whole(usage.files)));
    }
    r
}

fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

struct Usage {
    resident: u64,
    cpu: f64,
    files: u64,
}

#[cfg(target_os = "linux")]
fn usage() -> Option<Usage> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the program's name, which may hold anything: user and system time are fields 14 and 15 of the whole.
    let ticks: u64 = stat.rsplit(") ").next()?.split(' ').skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    Some(Usage {
        resident: pages * rustix::param::page_size() as u64,
        cpu: ticks as f64 / rustix::param::clock_ticks_per_second() as f64,
        files: std::fs::read_dir("/proc/self/fd").ok()?.count() as u64,
    })
}

#[cfg(not(target_os = "linux"))]
fn usage() -> Option<Usage> {
    None
}
