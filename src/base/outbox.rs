//! Mail that survives everything: queued in the transaction of its change, delivered by a worker that leases a row, tries, backs
//! off, and tries again with the same Message-ID. Nobody ever waits for a mail server.

use diesel::prelude::*;
use lettre::message::{Mailbox, MultiPart, SinglePart, header};
use lettre::transport::smtp::{SmtpTransport, response::Severity};
use lettre::{Message, Transport};
use serde::{Deserialize, Serialize};

use super::db::Ts;
use super::db::schema::outbox as o;
use super::db::time::{DAY, HOUR, MINUTE, SECOND};
use super::error::{Error, Result};
use super::ids::{MailId, OrgId};
use super::text::Email;
use super::tx::Tx;
use super::world::World;

/// A rendered mail. It may hold a link that opens something, so it rests sealed and is wiped once it is out.
#[derive(Debug, Clone)]
pub struct Mail {
    pub kind: &'static str,
    pub org: Option<OrgId>,
    pub to: Email,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// After this it is not worth sending any more.
    pub expires_at: Option<Ts>,
}

#[derive(Serialize, Deserialize)]
struct Body {
    subject: String,
    text: String,
    html: String,
}

const KEEP_TRYING: i64 = 3 * DAY;
const LEASE: i64 = 2 * MINUTE;

/// Queues a mail in the transaction and returns its id.
pub fn queue(tx: &mut Tx<'_>, mail: &Mail) -> Result<String> {
    let id: MailId = tx.id();
    let body = Body { subject: one_line(&mail.subject), text: mail.text.clone(), html: mail.html.clone() };
    let sealed = tx.world.seal(&place(&id), &serde_json::to_string(&body)?)?;
    let host = tx.world.settings.public_url.host_str().unwrap_or("localhost");
    diesel::insert_into(o::table)
        .values((
            o::id.eq(&id),
            o::org_id.eq(mail.org.as_ref().map(ToString::to_string)),
            o::kind.eq(mail.kind),
            o::recipient.eq(mail.to.as_str()),
            o::message_id.eq(format!("<{id}@{host}>")),
            o::sealed.eq(sealed),
            o::state.eq("queued"),
            o::attempts.eq(0),
            o::next_at.eq(tx.now),
            o::lease.eq(""),
            o::lease_until.eq(0),
            o::last_error.eq(""),
            o::expires_at.eq(mail.expires_at.unwrap_or(tx.now.plus(KEEP_TRYING)).min(tx.now.plus(KEEP_TRYING))),
            o::created_at.eq(tx.now),
        ))
        .execute(tx.c)?;
    Ok(id.to_string())
}

/// A subject line cannot break out of its header.
fn one_line(subject: &str) -> String {
    subject.chars().map(|c| if super::text::is_unsafe(c) { ' ' } else { c }).take(200).collect()
}

fn place(id: &MailId) -> String {
    format!("outbox:sealed:{id}")
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = o)]
struct Due {
    id: MailId,
    recipient: String,
    message_id: String,
    sealed: String,
    attempts: i64,
    expires_at: Ts,
}

enum Fate {
    Sent,
    Again(String),
    Refused(String),
}

/// Delivers what is due, one by one; returns how many were taken. Blocks: run it on a thread of its own.
pub fn deliver_due(world: &World) -> Result<usize> {
    let mut taken = 0;
    while !world.draining.has_begun() {
        let Some((due, lease)) = take(world)? else { break };
        taken += 1;
        let now = world.now();
        if due.expires_at <= now {
            settle(world, &due.id, &lease, "dropped", "expired before it could be sent", now, true)?;
            continue;
        }
        match send(world, &due) {
            Fate::Sent => settle(world, &due.id, &lease, "sent", "", now, true)?,
            Fate::Refused(why) => {
                tracing::warn!(mail = %due.id, "the mail server refused a mail for good: {why}");
                settle(world, &due.id, &lease, "failed", &why, now, true)?;
            }
            Fate::Again(why) => {
                tracing::warn!(mail = %due.id, attempts = due.attempts, "a mail could not be sent, it stays queued: {why}");
                settle(world, &due.id, &lease, "queued", &why, now.plus(back_off(due.attempts)), false)?;
                // The server is away: the others would fare the same.
                return Ok(taken);
            }
        }
    }
    Ok(taken)
}

/// 10 s, 20 s, 40 s ... at most an hour.
fn back_off(attempts: i64) -> i64 {
    (10 * SECOND).saturating_mul(1 << attempts.clamp(0, 12)).min(HOUR)
}

/// Leases the next mail that is due, also one whose worker died while sending.
fn take(world: &World) -> Result<Option<(Due, String)>> {
    let now = world.now();
    let lease = format!("{}.{}", world.mark, world.token());
    world.db.write(|c| {
        let waiting = o::state.eq("queued").and(o::next_at.le(now));
        let orphaned = o::state.eq("sending").and(o::lease_until.le(now));
        let next: Option<MailId> = o::table.filter(waiting).order(o::next_at).select(o::id).first(c).optional()?;
        let next = match next {
            Some(id) => Some(id),
            None => o::table.filter(orphaned).select(o::id).first(c).optional()?,
        };
        let Some(id) = next else { return Ok(None) };
        let leased = diesel::update(o::table.filter(o::id.eq(&id)).filter(o::state.eq("queued").or(o::lease_until.le(now))))
            .set((o::state.eq("sending"), o::lease.eq(&lease), o::lease_until.eq(now.plus(LEASE)), o::attempts.eq(o::attempts + 1)))
            .execute(c)?;
        if leased == 0 {
            return Ok(None);
        }
        let due: Due = o::table.filter(o::id.eq(&id)).select((o::id, o::recipient, o::message_id, o::sealed, o::attempts, o::expires_at)).first(c)?;
        Ok(Some((due, lease)))
    })
}

fn settle(world: &World, id: &MailId, lease: &str, state: &str, error: &str, next: Ts, wipe: bool) -> Result<()> {
    let error: String = error.chars().take(300).collect();
    world.db.write(|c| {
        let row = o::table.filter(o::id.eq(id)).filter(o::lease.eq(lease));
        diesel::update(row)
            .set((o::state.eq(state), o::last_error.eq(&error), o::next_at.eq(next), o::sent_at.eq((state == "sent").then_some(next))))
            .execute(c)?;
        if wipe {
            diesel::update(row).set(o::sealed.eq("")).execute(c)?;
        }
        Ok(())
    })
}

fn send(world: &World, due: &Due) -> Fate {
    let message = match compose(world, due) {
        Ok(message) => message,
        Err(e) => return Fate::Refused(e.to_string()),
    };
    let Some(url) = &world.settings.smtp_url else { return into_mailbox(world, due, &message) };
    let transport = match SmtpTransport::from_url(url) {
        Ok(builder) => builder.timeout(Some(std::time::Duration::from_secs(10))).build(),
        Err(e) => return Fate::Again(format!("smtp-url: {e}")),
    };
    match transport.send(&message) {
        Ok(answer) if answer.is_positive() => Fate::Sent,
        Ok(answer) => Fate::Again(format!("{:?}", answer.code())),
        Err(e) if e.is_permanent() => Fate::Refused(e.to_string()),
        Err(e) => match e.status() {
            Some(code) if code.severity == Severity::PermanentNegativeCompletion => Fate::Refused(e.to_string()),
            _ => Fate::Again(e.to_string()),
        },
    }
}

/// Without a mail server the mail becomes a file that a person can open.
fn into_mailbox(world: &World, due: &Due, message: &Message) -> Fate {
    let folder = world.settings.data_dir.join("mailbox");
    let file = folder.join(format!("{}.eml", due.id));
    match std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, message.formatted())) {
        Ok(()) => Fate::Sent,
        Err(e) => Fate::Again(format!("{}: {e}", file.display())),
    }
}

fn compose(world: &World, due: &Due) -> Result<Message> {
    let failed = |e: &dyn std::fmt::Display| Error::Internal(format!("mail {}: {e}", due.id));
    let body: Body = serde_json::from_str(&world.keys.open(&place(&due.id), &due.sealed)?)?;
    let from: Mailbox = world.settings.mail_from.parse().map_err(|e: lettre::address::AddressError| failed(&e))?;
    let to: Mailbox = due.recipient.parse().map_err(|e: lettre::address::AddressError| failed(&e))?;
    let parts = MultiPart::alternative()
        .singlepart(SinglePart::builder().header(header::ContentType::TEXT_PLAIN).body(body.text))
        .singlepart(SinglePart::builder().header(header::ContentType::TEXT_HTML).body(body.html));
    Message::builder().from(from).to(to).subject(body.subject).message_id(Some(due.message_id.clone())).multipart(parts).map_err(|e| failed(&e))
}

/// Delivers until the process is on its way out: when a mail was queued, and every few seconds for what is due again.
pub async fn work(world: std::sync::Arc<World>) {
    while !world.draining.has_begun() {
        let rung = tokio::time::timeout(std::time::Duration::from_secs(5), world.mail_bell.notified());
        tokio::select! { _ = rung => {}, () = world.draining.begun() => return }
        let hands = world.clone();
        match tokio::task::spawn_blocking(move || deliver_due(&hands)).await {
            Ok(Ok(_)) => {}
            Ok(Err(e)) => tracing::warn!("mail delivery: {e}"),
            Err(e) => tracing::error!("mail delivery stopped: {e}"),
        }
    }
}

/// Gives back what this process has taken and not settled, for another to send at once instead of when the lease has run out.
pub fn let_go(world: &World) -> Result<()> {
    let ours = o::table.filter(o::state.eq("sending").and(o::lease.like(format!("{}.%", world.mark))));
    world.db.write(|c| {
        diesel::update(ours).set((o::state.eq("queued"), o::lease.eq(""), o::next_at.eq(world.now()))).execute(c)?;
        Ok(())
    })
}
