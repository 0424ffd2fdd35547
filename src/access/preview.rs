//! Previews: the same command inside a transaction that is rolled back, and the difference that it made.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::admit::{Assurance, Verdict, admit};
use super::impact::{Impact, Person};
use super::policy::Policy;
use super::standing::Relation;
use super::store::{self, PersonRow};
use crate::base::db::{Conn, Ts};
use crate::base::error::Result;
use crate::base::ids::{Id, OrgId, RoleId, UserId};

/// Who a change can touch.
#[derive(Debug, Clone)]
pub enum Population {
    Nobody,
    Users(Vec<UserId>),
    Holders(RoleId),
    /// Everybody inside, for changes of the policy.
    Everybody,
}

/// More people than this are read with everybody else.
const ONE_BY_ONE: usize = 100;

/// By user: who they are, and what they reach in words.
type Looked = BTreeMap<String, (Option<PersonRow>, BTreeSet<String>)>;

/// What was true before the change.
pub struct Before {
    policy: Policy,
    users: Vec<UserId>,
    people: Looked,
    everybody: bool,
}

pub fn before(c: &mut Conn, org: &OrgId, policy: &Policy, population: &Population, now: Ts) -> Result<Before> {
    let (users, everybody) = match population {
        Population::Nobody => (Vec::new(), false),
        Population::Users(users) => (users.clone(), false),
        Population::Holders(role) => (store::holders(c, org, role, now)?, false),
        Population::Everybody => (Vec::new(), true),
    };
    let people = look(c, org, &users, now)?;
    Ok(Before { policy: policy.clone(), users, people, everybody })
}

pub fn after(c: &mut Conn, org: &OrgId, policy: &Policy, before: Before, now: Ts) -> Result<Impact> {
    let mut impact = Impact { admins_left: store::admins_able(c, org, now)?, ..Impact::default() };
    let mut population = Sha256::new();
    if before.everybody {
        admissions(c, org, &before.policy, policy, now, &mut impact, &mut population)?;
    } else {
        reaches(c, org, before, now, &mut impact, &mut population)?;
    }
    impact.population = crate::base::keys::encode(&population.finalize());
    Ok(impact)
}

fn look(c: &mut Conn, org: &OrgId, users: &[UserId], now: Ts) -> Result<Looked> {
    let mut people = BTreeMap::new();
    let mut rows = if users.len() > ONE_BY_ONE { everybody(c, org, now)? } else { BTreeMap::new() };
    for user in users {
        let row = if users.len() > ONE_BY_ONE { rows.remove(user.as_str()) } else { store::person(c, org, user, now)? };
        let reaches = store::reaches(c, org, user, now)?.into_iter().map(|r| r.what).collect();
        people.insert(user.to_string(), (row, reaches));
    }
    Ok(people)
}

fn everybody(c: &mut Conn, org: &OrgId, now: Ts) -> Result<BTreeMap<String, PersonRow>> {
    let mut people = BTreeMap::new();
    let mut after = String::new();
    loop {
        let slice = store::people_after(c, org, &after, now)?;
        let Some(last) = slice.last() else { return Ok(people) };
        after = last.user_id.clone();
        people.extend(slice.into_iter().map(|row| (row.user_id.clone(), row)));
    }
}

/// Who gains and who loses what, person by person.
fn reaches(c: &mut Conn, org: &OrgId, before: Before, now: Ts, impact: &mut Impact, population: &mut Sha256) -> Result<()> {
    let later = look(c, org, &before.users, now)?;
    for (user, (row, had)) in before.people {
        let (row_now, has) = later.get(&user).cloned().unwrap_or_default();
        population.update(user.as_bytes());
        let Some(person) = row.as_ref().or(row_now.as_ref()) else { continue };
        let lost: Vec<String> = had.difference(&has).cloned().collect();
        let gained: Vec<String> = has.difference(&had).cloned().collect();
        if !lost.is_empty() {
            if has.is_empty() {
                impact.sessions_ended += person.sessions;
                impact.tokens_failing += person.tokens;
            }
            impact.loses.add(named(person, lost));
        }
        if !gained.is_empty() {
            impact.gains.add(named(person, gained));
        }
    }
    Ok(())
}

/// Whose admission changes when the policy does: everybody inside, in slices.
fn admissions(c: &mut Conn, org: &OrgId, old: &Policy, new: &Policy, now: Ts, impact: &mut Impact, population: &mut Sha256) -> Result<()> {
    let mut after = String::new();
    loop {
        let slice = store::people_after(c, org, &after, now)?;
        let Some(last) = slice.last() else { return Ok(()) };
        after = last.user_id.clone();
        for person in &slice {
            population.update(person.user_id.as_bytes());
            let relation = relation(person);
            let at =
                |policy: &Policy, proved: bool| admit(policy, &relation, Assurance { mfa_enrolled: person.mfa_since.is_some(), mfa_proved: proved });
            let weak = person.weak_sessions > 0;
            match (at(old, !weak), at(new, !weak)) {
                (Verdict::Admitted, Verdict::EnrolMfa) => {
                    impact.sessions_ended += person.sessions;
                    impact.tokens_failing += person.tokens;
                    impact.must_enrol.add(named(person, Vec::new()));
                }
                (Verdict::Admitted, Verdict::VerifyMfa) => {
                    impact.sessions_ended += person.weak_sessions;
                    impact.must_verify.add(named(person, Vec::new()));
                }
                _ => impact.unaffected += 1,
            }
        }
    }
}

fn relation(person: &PersonRow) -> Relation {
    match person.relation.as_str() {
        "member" => Relation::Member,
        "external" => Relation::External,
        _ => Relation::Suspended,
    }
}

fn named(person: &PersonRow, what: Vec<String>) -> Person {
    let kind = if person.relation == "external" { "external" } else { "member" };
    Person {
        user_id: person.user_id.clone(),
        name: person.name.clone(),
        email: person.email.clone(),
        kind: kind.into(),
        what,
        last_seen: person.last_seen_at,
    }
}
