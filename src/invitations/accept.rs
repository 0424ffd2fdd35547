//! Writes: take an invitation up.

use serde::{Deserialize, Serialize};

use super::{Invitation, store};
use crate::access::{self, Action, Need, Ref, Standing};
use crate::account;
use crate::base::audit::Target;
use crate::base::error::{Error, Result};
use crate::base::ids::{Id, OrgId, UserId};
use crate::base::keys;
use crate::base::ops::{Command, Place};
use crate::base::text::{Email, Name};
use crate::base::tx::{Actor, Tx};
use crate::{members, projects};

/// Takes an invitation up: as the signed-in person with that address, or as a new one with the password chosen here.
pub struct Accept {
    pub org: OrgId,
    pub token: String,
    /// For a new person: name and the hash of the password, made before the transaction.
    pub newcomer: Option<(Name, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Accepted {
    pub user_id: UserId,
    pub org_slug: String,
    pub org_name: String,
    pub new_user: bool,
}

impl Command for Accept {
    /// The token is the right; who holds it and has the invited address may.
    const ACTION: Action = Action::new("invitation.accept", Need::Anyone);
    type Output = Accepted;

    fn place(&self) -> Place {
        Place::Org(Ref::new(&self.org))
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Accepted> {
        let org = tx.org()?.clone();
        let gone = |why: &str| Error::Gone(format!("This invitation {why}. Ask for a new one."));
        let found = store::by_token(tx.c, &keys::digest(&self.token), tx.now)?.filter(|(id, _)| *id == org.id).map(|(_, i)| i);
        let invitation = found.ok_or_else(|| gone("is not valid any more"))?;
        match invitation.status.as_str() {
            "pending" => {}
            "accepted" => return Err(gone("was used already")),
            "revoked" => return Err(gone("was withdrawn")),
            _ => return Err(gone("has expired")),
        }
        let (user, new_user) = self.person(tx, &invitation)?;
        let gifts = store::gifts(tx.c, &org.id, &invitation.id)?;
        still_theirs(tx, &org.id, &invitation, &gifts)?;
        // Of many at once only one moves the row on.
        if !store::close(tx.c, &org.id, &invitation.id, "accepted", Some(&user), tx.now)? {
            return Err(gone("was used already"));
        }
        if members::store::membership(tx.c, &org.id, &user, tx.now)?.is_some() {
            return Err(Error::Conflict(format!("You are a member of {} already.", org.name)));
        }
        members::store::insert(tx, &org.id, &user, "invitation", Some(invitation.id.as_ref()))?;
        for gift in &gifts {
            hand_over(tx, &org.id, &user, gift, &invitation)?;
        }
        crate::orgs::store::remember(tx.c, &user, &org.id)?;
        let after = serde_json::json!({"user_id": user, "email": invitation.email, "roles": invitation.roles});
        tx.record(
            Target::new("invitation", &invitation.id, &invitation.email),
            format!("{} joined by invitation", invitation.email),
            &invitation,
            &after,
        )?;
        Ok(Accepted { user_id: user, org_slug: org.slug, org_name: org.name, new_user })
    }
}

impl Accept {
    fn person(&self, tx: &mut Tx<'_>, invitation: &Invitation) -> Result<(UserId, bool)> {
        let address = Email::parse(&invitation.email).map_err(Error::Conflict)?;
        match (&tx.caller.actor, &self.newcomer) {
            (Actor::User(me), _) => {
                if Email::parse(&me.email).map(|e| e.key()).ok().as_deref() != Some(address.key().as_str()) {
                    return Err(Error::denied(format!(
                        "This invitation is for {address}, and you are signed in as {}. Sign out, then open the link again.",
                        me.email
                    )));
                }
                if !me.email_verified {
                    // Whoever opened the link reads the mail of that address: that is what confirming it means.
                    account::store::verify_email(tx.c, &me.id, tx.now)?;
                }
                Ok((me.id.clone(), false))
            }
            (_, Some((name, hash))) => {
                let id = match account::store::user_by_email(tx.c, &address)? {
                    None => account::store::insert_user(tx, &address, name, Some(hash), true, false)?,
                    Some(user) if user.is_unclaimed() => {
                        account::store::claim(tx.c, &user.id, name, hash, tx.now)?;
                        user.id
                    }
                    Some(_) => return Err(Error::Conflict(format!("There is an account with {address} already. Sign in with it to accept."))),
                };
                Ok((id, true))
            }
            _ => Err(Error::SignIn),
        }
    }
}

/// The inviter has to be able to give at acceptance what they promised, still.
fn still_theirs(tx: &mut Tx<'_>, org: &OrgId, invitation: &Invitation, gifts: &[store::GiftRow]) -> Result<()> {
    if invitation.invited_by == "cli" || invitation.invited_by == "system" {
        return Ok(());
    }
    let gone = || Error::Gone("Whoever invited you can no longer give what this invitation promised. Ask for a new one.".into());
    let place = Ref::new(org);
    let giver: Standing = access::store::standing(tx.c, &place, &invitation.invited_by, None, tx.now)?.ok_or_else(gone)?;
    if !giver.in_org.has("members.invite") {
        return Err(gone());
    }
    for gift in gifts {
        let perms = access::store::role_perms(tx.c, org, &gift.role_id)?;
        let held = if gift.scope_kind == "org" {
            giver.in_org.clone()
        } else {
            let project = Ref::new(&gift.scope_id);
            access::store::standing(tx.c, &place, &invitation.invited_by, Some(&project), tx.now)?.map(|s| s.on_project()).unwrap_or_default()
        };
        if !perms.beyond(&held).is_empty() {
            return Err(gone());
        }
    }
    Ok(())
}

fn hand_over(tx: &mut Tx<'_>, org: &OrgId, user: &UserId, gift: &store::GiftRow, invitation: &Invitation) -> Result<()> {
    let source = Some(invitation.id.as_ref());
    if gift.scope_kind == "org" {
        return members::store::assign(tx, org, user, &gift.role_id, "invitation", source);
    }
    let project = crate::base::ids::ProjectId::known(gift.scope_id.clone());
    // A project that was deleted meanwhile is simply not there to be given.
    if projects::store::get(tx.c, org, &project).is_err() {
        return Ok(());
    }
    projects::grants::hand_over(tx, &project, user, &gift.role_id, ("invitation", source), &invitation.invited_by)
}
