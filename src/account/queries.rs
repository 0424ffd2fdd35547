//! Reads about oneself.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Me, MySession, Token, mfa, store};
use crate::access::{Action, Need};
use crate::base::error::Result;
use crate::base::ops::{Place, Query};
use crate::base::paging::List;
use crate::base::tx::Read;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadMe {}

impl Query for ReadMe {
    const ACTION: Action = Action::new("user.read", Need::SignedIn);
    type Output = Me;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Me> {
        let me = read.me()?.id.clone();
        store::me(read.c, &me)
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MySessions {}

impl Query for MySessions {
    const ACTION: Action = Action::new("session.list", Need::SignedIn);
    type Output = List<MySession>;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<MySession>> {
        let me = read.me()?.clone();
        Ok(List::whole(store::sessions(read.c, &me.id, me.session(), read.now)?))
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MyTokens {}

impl Query for MyTokens {
    const ACTION: Action = Action::new("token.list", Need::SignedIn);
    type Output = List<Token>;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<Token>> {
        let me = read.me()?.id.clone();
        Ok(List::whole(store::tokens(read.c, &me, read.now)?))
    }
}

/// How two-factor sign-in stands for oneself.
pub struct MyMfa;

#[derive(Debug, Clone)]
pub struct MfaState {
    pub since: Option<crate::base::db::Ts>,
    pub recovery_codes_left: i64,
    /// A key that waits for its first code.
    pub pending: Option<mfa::Enrolment>,
    /// The organizations of the person that ask for it.
    pub wanted_by: Vec<String>,
}

impl Query for MyMfa {
    const ACTION: Action = Action::new("mfa.read", Need::SignedIn);
    type Output = MfaState;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, read: &mut Read<'_>) -> Result<MfaState> {
        let me = read.me()?.clone();
        let user = store::user(read.c, &me.id)?.ok_or(crate::base::error::Error::SignIn)?;
        let pending = match store::authenticator(read.c, &me.id)? {
            Some(row) if row.confirmed_at.is_none() => Some(mfa::enrolment(read.world, &me.id, &me.email, &row.secret_sealed)?),
            _ => None,
        };
        Ok(MfaState {
            since: user.mfa_since,
            recovery_codes_left: store::recovery_codes_left(read.c, &me.id)?,
            pending,
            wanted_by: store::orgs_wanting_mfa(read.c, &me.id, read.now)?,
        })
    }
}

/// "Chrome on Linux" out of what a browser calls itself.
pub fn device(agent: &str) -> String {
    let has = |word: &str| agent.contains(word);
    let browser = [("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"), ("curl", "curl")]
        .iter()
        .find(|(mark, _)| has(mark))
        .map_or("A browser", |(_, name)| name);
    let system = [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")]
        .iter()
        .find(|(mark, _)| has(mark))
        .map(|(_, name)| name);
    match system {
        Some(system) => format!("{browser} on {system}"),
        None => browser.into(),
    }
}
