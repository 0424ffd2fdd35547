//! Passwords: argon2id on a few fixed threads with kept memory, behind a bounded gate.
//!
//! Parameters are the OWASP and ASVS minimum (19 MiB, 2 passes, 1 lane). Hashing on a general pool would keep 19 MiB per
//! thread of it; two threads with kept buffers do more per second in a fortieth of the memory.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq;

use super::error::{Error, Result};
use super::text::Secret;
use super::world::random;

pub const MEMORY_KIB: u32 = 19_456;
pub const PASSES: u32 = 2;
pub const LANES: u32 = 1;
/// How many may wait; whoever comes when it is full hears "busy" at once.
const QUEUE: usize = 64;
const PATIENCE: Duration = Duration::from_secs(2);
/// After so long without work the memory is given back.
const IDLE: Duration = Duration::from_secs(60);

type Memory = Vec<Block>;

enum Work {
    Make { password: Secret, answer: mpsc::SyncSender<Result<String>> },
    Check { password: Secret, hash: Option<String>, answer: mpsc::SyncSender<Result<bool>> },
}

/// The next piece of work; nothing when there will be none any more.
fn next(work: &Mutex<mpsc::Receiver<Work>>, kept: &Mutex<Vec<Memory>>) -> Option<Work> {
    let queue = work.lock().ok()?;
    loop {
        match queue.recv_timeout(IDLE) {
            Ok(next) => return Some(next),
            Err(mpsc::RecvTimeoutError::Timeout) => buffers(kept).clear(),
            Err(mpsc::RecvTimeoutError::Disconnected) => return None,
        }
    }
}

fn buffers(kept: &Mutex<Vec<Memory>>) -> MutexGuard<'_, Vec<Memory>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

pub struct Hasher {
    gate: mpsc::SyncSender<Work>,
    waiting: Arc<AtomicI64>,
}

impl Hasher {
    pub fn start(threads: usize) -> Self {
        let (gate, work) = mpsc::sync_channel::<Work>(QUEUE);
        let work = Arc::new(Mutex::new(work));
        let waiting = Arc::<AtomicI64>::default();
        let kept = Arc::<Mutex<Vec<Memory>>>::default();
        for _ in 0..threads.max(1) {
            let (work, waiting, kept) = (work.clone(), waiting.clone(), kept.clone());
            std::thread::spawn(move || {
                // Whoever looks at a page goes before whoever signs in. Where the system forbids it, they go side by side.
                let _ = rustix::process::nice(19);
                while let Some(next) = next(&work, &kept) {
                    waiting.fetch_sub(1, Ordering::Relaxed);
                    let mut memory = buffers(&kept).pop().unwrap_or_default();
                    match next {
                        Work::Make { password, answer } => drop(answer.try_send(make(&password, &mut memory))),
                        Work::Check { password, hash, answer } => drop(answer.try_send(check(&password, hash.as_deref(), &mut memory))),
                    }
                    buffers(&kept).push(memory);
                }
            });
        }
        Self { gate, waiting }
    }

    /// How many wait at this moment.
    pub fn waiting(&self) -> i64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// The PHC string of a password. Blocks for some 15 ms: never call it on an async thread or inside a transaction.
    pub fn make(&self, password: &Secret) -> Result<String> {
        let (answer, made) = mpsc::sync_channel(1);
        self.enter(Work::Make { password: password.clone(), answer })?;
        made.recv_timeout(PATIENCE).map_err(|_| busy())?
    }

    /// Whether the password is the one. Without a hash the same work is done and the answer is no, so that the time tells nothing.
    pub fn check(&self, password: &Secret, hash: Option<String>) -> Result<bool> {
        let (answer, checked) = mpsc::sync_channel(1);
        self.enter(Work::Check { password: password.clone(), hash, answer })?;
        checked.recv_timeout(PATIENCE).map_err(|_| busy())?
    }

    fn enter(&self, work: Work) -> Result<()> {
        // Counted before, because a thread may take it at once.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.gate.try_send(work).map_err(|_| {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            busy()
        })
    }
}

/// Whether a stored hash was made with weaker parameters than today's, and wants to be made anew at the next sign-in.
pub fn is_outdated(hash: &str) -> bool {
    !hash.starts_with(&prefix())
}

fn prefix() -> String {
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$")
}

fn busy() -> Error {
    Error::Unavailable("Too many people are signing in at this moment. Try again in a few seconds.".into())
}

fn make(password: &Secret, memory: &mut Vec<Block>) -> Result<String> {
    let salt: [u8; 16] = random();
    let raw = derive(password, &salt, MEMORY_KIB, PASSES, LANES, memory)?;
    Ok(format!("{}{}${}", prefix(), STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(raw)))
}

fn check(password: &Secret, hash: Option<&str>, memory: &mut Vec<Block>) -> Result<bool> {
    let Some(hash) = hash else {
        derive(password, &[0; 16], MEMORY_KIB, PASSES, LANES, memory)?;
        return Ok(false);
    };
    let broken = |_| Error::internal("a stored password hash cannot be read");
    let parsed = PasswordHash::new(hash).map_err(|_| ()).map_err(broken)?;
    let (Some(salt), Some(expected)) = (&parsed.salt, &parsed.hash) else {
        return Err(broken(()));
    };
    let params = Params::try_from(&parsed).map_err(|_| ()).map_err(broken)?;
    let raw = derive(password, salt.as_ref(), params.m_cost(), params.t_cost(), params.p_cost(), memory)?;
    Ok(raw.ct_eq(expected.as_bytes()).into())
}

fn derive(password: &Secret, salt: &[u8], m: u32, t: u32, p: u32, memory: &mut Vec<Block>) -> Result<[u8; 32]> {
    let failed = |e: argon2::Error| Error::internal(format!("argon2: {e}"));
    let params = Params::new(m, t, p, Some(32)).map_err(failed)?;
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::default());
    }
    let mut raw = [0u8; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.expose().as_bytes(), salt, &mut raw, memory.as_mut_slice())
        .map_err(failed)?;
    Ok(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_nothing_else_is() {
        let hasher = Hasher::start(1);
        let hash = hasher.make(&Secret::new("correct horse battery")).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.check(&Secret::new("correct horse battery"), Some(hash.clone())).unwrap());
        assert!(!hasher.check(&Secret::new("correct horse batterx"), Some(hash.clone())).unwrap());
        assert!(!hasher.check(&Secret::new("anything"), None).unwrap());
        assert!(!is_outdated(&hash) && is_outdated("$argon2id$v=19$m=8,t=1,p=1$x$y"));
    }
}
