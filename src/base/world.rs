//! The only doors to the outside: clock, randomness, keys, database, password hashing, mail. Everything else is a function
//! of what it is given, so tests turn the clock and read the mail.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::config::Settings;
use super::db::{Database, Ts};
use super::draining::Draining;
use super::hasher::Hasher;
use super::ids::{self, Id};
use super::keys::{self, Keys};
use super::metrics::Metrics;
use super::seen::Seen;
use super::web::health::Health;

#[derive(Clone)]
pub enum Clock {
    System,
    /// Microseconds since 1970, turned by a test.
    Fixed(Arc<AtomicI64>),
}

pub struct World {
    pub settings: Settings,
    pub clock: Clock,
    pub keys: Keys,
    pub db: Database,
    pub hasher: Hasher,
    pub seen: Seen,
    /// Rings when a mail was queued, so that the worker need not wait for its next round.
    pub mail_bell: tokio::sync::Notify,
    /// The same for work in the background.
    pub job_bell: tokio::sync::Notify,
    /// Begins with SIGTERM.
    pub draining: Draining,
    pub health: Health,
    /// Counted only when somebody can ask for them.
    pub metrics: Option<Metrics>,
    pub started: Ts,
    /// By which this process knows what it has leased.
    pub mark: String,
}

impl World {
    pub fn new(settings: Settings, keys: Keys, db: Database, clock: Clock) -> Self {
        let hasher = Hasher::start(settings.hash_threads);
        let metrics = settings.metrics_listen.map(|_| Metrics::default());
        let mark = keys::encode(&random::<9>());
        let (seen, mail_bell, job_bell) = (Seen::default(), tokio::sync::Notify::new(), tokio::sync::Notify::new());
        let (draining, health) = (Draining::default(), Health::default());
        Self { settings, clock, keys, db, hasher, seen, mail_bell, job_bell, draining, health, metrics, started: now(), mark }
    }

    pub fn now(&self) -> Ts {
        match &self.clock {
            Clock::System => now(),
            Clock::Fixed(at) => Ts(at.load(Ordering::SeqCst)),
        }
    }

    /// A new id of its kind that sorts by `now`.
    pub fn id<T: Id>(&self, now: Ts) -> T {
        T::known(format!("{}_{}", T::PREFIX, ids::encode(uuid_at(now))))
    }

    /// 256 random bits as 43 characters that fit into a URL.
    pub fn token(&self) -> String {
        keys::encode(&random::<32>())
    }

    pub fn nonce(&self) -> [u8; 24] {
        random()
    }

    pub fn mail_is_off(&self) -> bool {
        self.settings.smtp_url.is_none()
    }

    pub fn seal(&self, place: &str, text: &str) -> crate::base::error::Result<String> {
        self.keys.seal(place, self.nonce(), text)
    }

    /// An absolute address of this installation.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.settings.public_url.as_str().trim_end_matches('/'))
    }
}

/// What the clock on the wall says. Whoever has a world asks that instead.
#[expect(clippy::disallowed_methods, reason = "the one door to the clock")]
pub fn now() -> Ts {
    Ts(jiff::Timestamp::now().as_microsecond())
}

/// Random bytes of the operating system's generator.
#[expect(clippy::disallowed_methods, reason = "the one door to randomness")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    rand::fill(&mut bytes);
    bytes
}

fn uuid_at(now: Ts) -> uuid::Uuid {
    let millis = u64::try_from(now.0 / 1000).unwrap_or(0);
    let noise: [u8; 10] = random();
    // The microseconds below the millisecond go first into the random part, so that ids of one burst keep their order.
    let micros = u16::try_from(now.0.rem_euclid(1000)).unwrap_or(0);
    let mut tail = noise;
    // Ten bits of microseconds: the version takes the upper half of the first byte, the variant two bits of the third.
    let [high, low, ..] = &mut tail;
    *high = u8::try_from(micros >> 6 & 0x0f).unwrap_or(0);
    *low = u8::try_from(micros << 2 & 0xfc).unwrap_or(0) | (*low & 0b11);
    uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}
