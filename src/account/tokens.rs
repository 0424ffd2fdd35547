//! Personal access tokens: `bwp_<id>_<43 characters><6 of a checksum>`. Shown once; their SHA-256 rests in the database.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Token, store};
use crate::access::{Action, Need, Ref};
use crate::base::audit::Target;
use crate::base::db::time::{DAY, MINUTE};
use crate::base::db::{Conn, Ts};
use crate::base::error::{Error, Result};
use crate::base::form;
use crate::base::ids::{Id, TokenId, UserId};
use crate::base::keys::{digest, same};
use crate::base::ops::{Command, Place};
use crate::base::text::{Email, Name};
use crate::base::tx::{Actor, Proof, Tx};
use crate::base::world::{World, random};

const PREFIX: &str = "bwp_";
const LONGEST_DAYS: i64 = 365;

/// 43 characters of base62 and a checksum over what stands before, by which secret scanners know a token from chance.
fn make(id: &TokenId) -> String {
    const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut letters = String::new();
    while letters.len() < 43 {
        let [byte] = random::<1>();
        // 248 = 4 * 62: bytes above would make the first letters likelier.
        if let Some(letter) = BASE62.get(usize::from(byte % 62)).filter(|_| byte < 248) {
            letters.push(char::from(*letter));
        }
    }
    let body = format!("{PREFIX}{}_{letters}", id.as_ref().trim_start_matches("key_"));
    format!("{body}{}", checksum(&body))
}

fn checksum(body: &str) -> String {
    Sha256::digest(body.as_bytes()).iter().take(3).map(|b| format!("{b:02x}")).collect()
}

/// The id inside a token that is well formed.
fn id_of(token: &str) -> Option<TokenId> {
    let (body, sum) = token.split_at_checked(token.len().checked_sub(6)?)?;
    let (id, letters) = body.strip_prefix(PREFIX)?.split_once('_')?;
    (id.len() == 26 && letters.len() == 43 && same(&checksum(body), sum)).then(|| TokenId::known(format!("key_{id}")))
}

/// Who a bearer token stands for. Anything that does not hold is nobody.
pub fn authenticate(c: &mut Conn, world: &World, token: &str, ip: &str) -> Result<Actor> {
    let Some(id) = id_of(token) else { return Ok(Actor::Nobody) };
    let now = world.now();
    let Some((row, user)) = store::token_and_user(c, &id, now)? else { return Ok(Actor::Nobody) };
    if !same(&row.secret_hash, &digest(token)) {
        return Ok(Actor::Nobody);
    }
    if row.last_used_at.is_none_or(|at| at.plus(MINUTE) < now) {
        world.seen.token(&id, ip, now);
    }
    Ok(Actor::User(user.actor(Proof::Token { id, proved_mfa: row.proved_mfa })))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    pub name: Name,
    /// 1 to 365; 90 when left out.
    #[serde(default, deserialize_with = "form::whole")]
    pub days: Option<i64>,
}

/// A new token with its secret.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct NewToken {
    #[serde(flatten)]
    pub token: Token,
    /// In the first answer and never again: the same request under its Idempotency-Key hears null.
    pub secret: Option<String>,
}

/// The answer as it is kept: the secret is nowhere but with who asked first.
fn without_secret(new: &NewToken) -> Result<serde_json::Value> {
    Ok(serde_json::to_value(NewToken { secret: None, ..new.clone() })?)
}

impl Command for CreateToken {
    const ACTION: Action = Action::new("token.create", Need::SignedIn).fresh();
    type Output = NewToken;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn kept(output: &NewToken) -> Result<serde_json::Value> {
        without_secret(output)
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<NewToken> {
        let me = tx.me()?.clone();
        if store::tokens(tx.c, &me.id, tx.now)?.len() >= 100 {
            return Err(Error::Conflict("You have 100 tokens already. Revoke some first.".into()));
        }
        // A token never makes one that outlives it: a stolen one cannot renew itself for ever.
        let most = match &me.proof {
            Proof::Token { id, .. } => store::tokens(tx.c, &me.id, tx.now)?.into_iter().find(|t| t.id == *id).map_or(tx.now, |t| t.expires_at),
            Proof::Session { .. } | Proof::Job { .. } => Ts::FOREVER,
        };
        create(tx, (&me.id, &me.name), &self.name, self.days, most, me.assurance().mfa_proved)
    }
}

fn create(tx: &mut Tx<'_>, (user, user_name): (&UserId, &str), name: &Name, days: Option<i64>, most: Ts, proved_mfa: bool) -> Result<NewToken> {
    let days = days.unwrap_or(90);
    if !(1..=LONGEST_DAYS).contains(&days) {
        return Err(Error::field("days", "invalid", format!("Days takes 1 to {LONGEST_DAYS}.")));
    }
    let id: TokenId = tx.id();
    let secret = make(&id);
    let last4: String = secret.chars().skip(secret.chars().count().saturating_sub(4)).collect();
    let token = Token {
        id,
        name: name.to_string(),
        last4,
        expires_at: tx.now.plus(days * DAY).min(most),
        last_used_at: None,
        last_used_ip: None,
        rev: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    store::insert_token(tx.c, user, &token, &digest(&secret), proved_mfa)?;
    tx.record(Target::new("user", user, user_name), format!("made the token {}", token.name), &(), &token)?;
    Ok(NewToken { token, secret: Some(secret) })
}

/// For the person with the shell: a token of any user.
pub struct CreateTokenFor {
    pub email: Email,
    pub name: Name,
    pub days: Option<i64>,
}

impl Command for CreateTokenFor {
    const ACTION: Action = Action::new("token.create", Need::Operator);
    type Output = NewToken;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn kept(output: &NewToken) -> Result<serde_json::Value> {
        without_secret(output)
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<NewToken> {
        let user = store::user_by_email(tx.c, &self.email)?
            .ok_or_else(|| Error::field("email", "unknown", format!("There is no user with the address {}.", self.email)))?;
        create(tx, (&user.id, &user.name), &self.name, self.days, Ts::FOREVER, true)
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeToken {
    pub token: Ref,
}

impl Command for RevokeToken {
    const ACTION: Action = Action::new("token.revoke", Need::SignedIn);
    type Output = Token;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Token> {
        let me = tx.me()?.clone();
        let token = store::tokens(tx.c, &me.id, Ts(0))?.into_iter().find(|t| t.id.as_ref() == self.token.as_str()).ok_or(Error::NotFound)?;
        store::revoke_token(tx.c, &me.id, &token.id, tx.now)?;
        tx.record(Target::new("user", &me.id, &me.name), format!("revoked the token {}", token.name), &token, &())?;
        Ok(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_form() {
        let id = TokenId::known(format!("key_{}", crate::base::ids::encode(uuid::Uuid::from_u128(7))));
        let token = make(&id);
        assert!(token.starts_with("bwp_") && id_of(&token) == Some(id));
        assert!(id_of(&token.replace("bwp_", "bwx_")).is_none() && id_of("bwp_").is_none() && id_of("é").is_none());
        let mut wrong = token.clone();
        wrong.pop();
        assert!(id_of(&wrong).is_none());
    }
}
