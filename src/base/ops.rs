//! `run` and `ask`: the only ways to a change and to a look. Authorization, invariants, audit, previews and idempotency happen
//! here and nowhere else; pages, API and command line are adapters in front.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::audit;
use super::db::{Conn, Then};
use super::error::{Error, Result};
use super::tx::{Actor, Bells, Caller, Read, Tx, Via};
use super::undo::{self, Offer};
use super::world::World;
use crate::access::{self, Action, Impact, OrgRef, Population, Ref, Standing, preview};

/// Where an act takes place: what is locked, whose chain it is written to, and what the actor's standing is loaded for.
#[derive(Debug, Clone)]
pub enum Place {
    Instance,
    Org(OrgRef),
    Project(OrgRef, Ref),
}

/// A change: an imperative struct, built by an adapter from a form or from JSON.
pub trait Command: Send + Sync + 'static {
    const ACTION: Action;
    /// The longest body of the API that it is read from, in bytes.
    const LONGEST: usize = 1024 * 1024;
    type Output: Serialize + DeserializeOwned + Send + 'static;

    fn place(&self) -> Place;
    /// Checks its rules, writes through the capability's store, and records its event.
    fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output>;
    /// What is kept of the answer, to be given again under the same Idempotency-Key. What is shown only once is left out here.
    fn kept(output: &Self::Output) -> Result<serde_json::Value> {
        Ok(serde_json::to_value(output)?)
    }
    /// Whose access it can touch, for the preview. Looked at inside the transaction, before the change.
    fn population(&self, _tx: &mut Tx<'_>) -> Result<Population> {
        Ok(Population::Nobody)
    }
}

/// A look: a noun.
pub trait Query: Send + Sync + 'static {
    const ACTION: Action;
    type Output: Send + 'static;

    fn place(&self) -> Place;
    fn run(&self, read: &mut Read<'_>) -> Result<Self::Output>;
    /// Whether it is answered from an index in well under a millisecond, however much there is. What searches or counts is not.
    fn is_quick(&self) -> bool {
        true
    }
}

/// The look in front of a change: what its form shows, for whoever may make the change and for nobody else.
pub struct FormOf<C, Q> {
    look: Q,
    change: PhantomData<C>,
}

impl<C, Q> FormOf<C, Q> {
    pub fn new(look: Q) -> Self {
        Self { look, change: PhantomData }
    }
}

impl<C: Command, Q: Query> Query for FormOf<C, Q> {
    const ACTION: Action = C::ACTION;
    type Output = Q::Output;

    fn place(&self) -> Place {
        self.look.place()
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Q::Output> {
        self.look.run(read)
    }
}

/// A change whose type does not matter to whoever carries it out.
pub trait AnyCommand: Send + Sync {
    fn action(&self) -> Action;
    fn at(&self) -> Place;
    fn touches(&self, tx: &mut Tx<'_>) -> Result<Population>;
    fn carry_out(&self, tx: &mut Tx<'_>) -> Result<()>;
}

impl<C: Command> AnyCommand for C {
    fn action(&self) -> Action {
        C::ACTION
    }
    fn at(&self) -> Place {
        self.place()
    }
    fn touches(&self, tx: &mut Tx<'_>) -> Result<Population> {
        self.population(tx)
    }
    fn carry_out(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.run(tx).map(drop)
    }
}

/// A part of a change that is a change itself: decided by its own rules at its own place, in the same transaction. Returns what it did
/// (or why it did not), with its events, which the whole records in its own words or leaves out.
pub fn within<T>(
    tx: &mut Tx<'_>,
    part: &dyn AnyCommand,
    if_rev: Option<i64>,
    act: impl FnOnce(&dyn AnyCommand, &mut Tx<'_>) -> Result<T>,
) -> Result<(Result<T>, Vec<audit::Event>)> {
    let standing = stand(tx.c, &tx.caller.actor, &part.at(), tx.now)?;
    access::decide(&tx.caller.actor, standing.as_ref(), &part.action(), tx.now)?;
    let caller = Caller { if_rev, ..tx.caller.clone() };
    let (chain, preview) = (tx.chain.clone(), tx.preview);
    let mut inner =
        Tx { c: tx.c, world: tx.world, caller: &caller, now: tx.now, standing, chain, events: Vec::new(), bells: Bells::default(), preview };
    let output = act(part, &mut inner);
    let (mut events, bells) = (inner.events, inner.bells);
    for event in &mut events {
        event.action.get_or_insert(part.action().name);
    }
    tx.bells.mail |= bells.mail;
    tx.bells.job |= bells.job;
    Ok((output, events))
}

/// How often a whole transaction is tried when it loses a race against another.
const TRIES: u32 = 4;

/// Runs a change to its end: committed with its event, or not at all.
pub fn run<C: Command>(world: &World, caller: &Caller, command: &C) -> Result<C::Output> {
    run_undoable(world, caller, command).map(|(output, _)| output)
}

/// The same, with what takes it back again where something does and the caller may.
pub fn run_undoable<C: Command>(world: &World, caller: &Caller, command: &C) -> Result<(C::Output, Option<Offer>)> {
    let mut tries = 0;
    loop {
        tries += 1;
        let outcome = attempt(world, caller, command, false).map(|(output, _, undo)| (output, undo));
        match outcome {
            Err(Error::Race) if tries < TRIES => continue,
            Err(refusal) if refusal.is_refusal() => {
                write_down_refusal(world, caller, &C::ACTION, &command.place(), &refusal.message());
                return Err(refusal);
            }
            other => return other,
        }
    }
}

/// Runs a change as "what if": everything as in [`run`], then it is undone, and what it would have done is returned.
pub fn preview<C: Command>(world: &World, caller: &Caller, command: &C) -> Result<Impact> {
    let (_, impact, _) = attempt(world, caller, command, true)?;
    Ok(impact.unwrap_or_default())
}

fn attempt<C: Command>(world: &World, caller: &Caller, command: &C, what_if: bool) -> Result<(C::Output, Option<Impact>, Option<Offer>)> {
    let then = if what_if { Then::Undo } else { Then::Keep };
    let Done { output, impact, bells, undo } = world.db.write_then(|c| Ok((inside(world, caller, command, what_if, c)?, then)))?;
    if bells.mail && !what_if {
        world.mail_bell.notify_one();
    }
    if bells.job && !what_if {
        world.job_bell.notify_one();
    }
    output.map(|output| (output, impact, undo))
}

/// The outer result is the transaction's (an error undoes it); the inner one is the caller's: an attempt that failed by itself
/// (a wrong password) is committed with its event, and then told.
struct Done<T> {
    output: Result<T>,
    impact: Option<Impact>,
    bells: Bells,
    undo: Option<Offer>,
}

fn inside<C: Command>(world: &World, caller: &Caller, command: &C, what_if: bool, connection: &mut Conn) -> Result<Done<C::Output>> {
    let now = world.now();
    let place = command.place();
    somebody(&caller.actor, &C::ACTION)?;
    let chain = audit::lock(connection, &place)?;
    if !super::db::sessions::still_counts(connection, &caller.actor, now)? {
        return Err(Error::SignIn);
    }
    let standing = stand(connection, &caller.actor, &place, now)?;
    access::decide(&caller.actor, standing.as_ref(), &C::ACTION, now)?;
    let mut tx = Tx { c: connection, world, caller, now, standing, chain, events: Vec::new(), bells: Bells::default(), preview: what_if };

    if let Some(answer) = idempotent_answer::<C>(&mut tx)? {
        return Ok(Done { output: Ok(answer), impact: None, bells: Bells::default(), undo: None });
    }
    let watch = match (&tx.standing, what_if || caller.preview.is_some()) {
        (Some(standing), true) => {
            let (org, policy) = (standing.org.id.clone(), standing.org.policy.clone());
            let population = command.population(&mut tx)?;
            Some((org.clone(), preview::before(tx.c, &org, &policy, &population, now)?))
        }
        _ => None,
    };
    let output = command.run(&mut tx);
    let failed = output.is_err();
    if failed && !tx.events.iter().any(|e| e.failed) {
        return Err(output.err().unwrap_or(Error::NotFound));
    }
    if tx.events.is_empty() {
        return Err(Error::internal(format!("{} changed something without recording it", C::ACTION.name)));
    }
    let org = tx.chain.starts_with("org_").then(|| <super::ids::OrgId as super::ids::Id>::known(tx.chain.clone()));
    if let (Some(org), false) = (&org, failed) {
        access::invariants::check(tx.c, org, now)?;
    }
    let impact = match watch {
        Some((org, before)) => {
            let policy = access::policy::Policy::read(&audit::policy_of(tx.c, &org)?)?;
            Some(preview::after(tx.c, &org, &policy, before, now)?)
        }
        None => None,
    };
    if let (Some(seen), Some(impact), false) = (&caller.preview, &impact, what_if)
        && *seen != impact.hash()
    {
        return Err(Error::PreviewStale(Box::new(impact.clone())));
    }
    let written = audit::write(&mut tx, &C::ACTION)?;
    if let (Ok(output), false) = (&output, what_if) {
        keep_answer::<C>(&mut tx, output)?;
    }
    let undo = match written {
        // Only pages offer it; to a program the event says all it needs.
        Some(event) if !what_if && caller.via == Via::Page => undo::offer(&mut tx, &event)?,
        _ => None,
    };
    let bells = tx.bells;
    Ok(Done { output, impact, bells, undo })
}

/// Nobody hears whether a thing exists before it is known who asks.
fn somebody(actor: &Actor, action: &Action) -> Result<()> {
    match actor {
        Actor::Nobody if action.need != access::Need::Anyone => Err(Error::SignIn),
        _ => Ok(()),
    }
}

pub(super) fn stand(c: &mut Conn, actor: &Actor, place: &Place, now: super::db::Ts) -> Result<Option<Standing>> {
    let found = match place {
        Place::Instance => return Ok(None),
        Place::Org(org) => access::store::standing(c, org, actor.user_id(), None, now)?,
        Place::Project(org, project) => access::store::standing(c, org, actor.user_id(), Some(project), now)?,
    };
    found.map(Some).ok_or(Error::NotFound)
}

/// A look, on a connection that the caller already has; also the standing it was decided on, for the page around it.
pub fn ask_standing<Q: Query>(c: &mut Conn, world: &World, caller: &Caller, query: &Q) -> Result<(Q::Output, Option<Standing>)> {
    let now = world.now();
    somebody(&caller.actor, &Q::ACTION)?;
    let standing = stand(c, &caller.actor, &query.place(), now)?;
    access::decide(&caller.actor, standing.as_ref(), &Q::ACTION, now)?;
    let mut read = Read { c, world, caller, now, standing };
    let output = query.run(&mut read)?;
    Ok((output, read.standing))
}

pub fn ask<Q: Query>(world: &World, caller: &Caller, query: &Q) -> Result<Q::Output> {
    let outcome = {
        let mut connection = world.db.reader()?;
        ask_standing(&mut connection, world, caller, query).map(|(output, _)| output)
    };
    if let Err(refusal) = &outcome
        && refusal.is_refusal()
    {
        write_down_refusal(world, caller, &Q::ACTION, &query.place(), &refusal.message());
    }
    outcome
}

/// A refusal changes nothing but is kept, in a transaction of its own. Asking for a fresh sign-in or a second factor is a step
/// on the way and not a refusal of the act, but it is kept all the same: the log says who was stopped where.
pub fn write_down_refusal(world: &World, caller: &Caller, action: &Action, place: &Place, why: &str) {
    let outcome = world.db.write(|c| {
        let now = world.now();
        let chain = audit::lock(c, place)?;
        let mut tx = Tx { c, world, caller, now, standing: None, chain, events: Vec::new(), bells: Bells::default(), preview: false };
        audit::write_denied(&mut tx, action, place, why)
    });
    if let Err(e) = outcome {
        tracing::error!(action = action.name, "a refusal could not be written down: {e}");
    }
}

/// The kept answer for this Idempotency-Key, or nothing; another request under the same key is refused.
fn idempotent_answer<C: Command>(tx: &mut Tx<'_>) -> Result<Option<C::Output>> {
    let Some((key, request)) = &tx.caller.idempotency else { return Ok(None) };
    let principal = tx.caller.actor.label();
    let Some((kept_request, body)) = audit::idempotent_row(tx.c, &principal, key)? else { return Ok(None) };
    if kept_request != *request {
        return Err(Error::field("Idempotency-Key", "reused", "This key was used for another request. Use a new key for each request."));
    }
    let body = tx.world.keys.open(&format!("idempotent_answers:body:{principal}:{key}"), &body)?;
    Ok(Some(serde_json::from_str(&body)?))
}

fn keep_answer<C: Command>(tx: &mut Tx<'_>, output: &C::Output) -> Result<()> {
    let Some((key, request)) = tx.caller.idempotency.clone() else { return Ok(()) };
    let principal = tx.caller.actor.label();
    // Sealed: an answer is for who asked, and this table is swept by age and not by what is deleted.
    let body = tx.world.seal(&format!("idempotent_answers:body:{principal}:{key}"), &C::kept(output)?.to_string())?;
    audit::keep_idempotent(tx.c, &principal, &key, &request, &body, tx.now)
}
