//! Writes: invite, send again, withdraw. Taking an invitation up is in `accept.rs`.

use serde::{Deserialize, Serialize};

pub use super::accept::{Accept, Accepted};
use super::{Invitation, mails, store};
use crate::access::{self, Action, Need, OrgRef, Ref, give};
use crate::base::audit::Target;
use crate::base::db::time::{DAY, HOUR};
use crate::base::db::{Conn, Ts, limits};
use crate::base::error::{Error, FieldError, Result};
use crate::base::ids::{InvitationId, OrgId, RoleId};
use crate::base::keys;
use crate::base::ops::{Command, Place};
use crate::base::text::{Email, count};
use crate::base::tx::{Actor, Read, Tx};
use crate::base::world::World;
use crate::{members, projects, roles};

/// How long a link works.
pub const VALID: i64 = 7 * DAY;
/// Addresses at once, and to unknown addresses per organization and hour.
const AT_ONCE: usize = 200;
const PER_HOUR: i64 = 1000;

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitePeople {
    pub org: OrgRef,
    /// Addresses; what is no address is told by itself and does not keep the others back.
    pub emails: Vec<String>,
    /// Keys or ids of the roles they join with: DEFAULT when left out, none for an empty list.
    pub roles: Option<Vec<String>>,
    /// Access to projects that comes with joining.
    #[serde(default)]
    pub grants: Vec<Gift>,
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gift {
    /// Short name or id.
    pub project: Ref,
    /// `viewer`, `editor` or `owner`.
    pub role: String,
}

/// What became of one address.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Outcome {
    pub email: String,
    /// `invited`, `member`, `duplicate` or `invalid`.
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Outcomes {
    pub items: Vec<Outcome>,
}

impl Command for InvitePeople {
    const ACTION: Action = Action::new("invitation.create", Need::Org("members.invite"));
    type Output = Outcomes;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Outcomes> {
        let org = tx.org_id()?;
        if self.emails.is_empty() {
            return Err(Error::field("emails", "required", "Enter at least one e-mail address."));
        }
        if self.emails.len() > AT_ONCE {
            return Err(Error::field("emails", "too_many", format!("That is more than {AT_ONCE} addresses at once. Send them in parts.")));
        }
        let default = vec!["DEFAULT".to_owned()];
        let wanted = roles::store::by_refs(tx, "org", self.roles.as_ref().unwrap_or(&default), "roles")?;
        for role in &wanted {
            let perms = access::store::role_perms(tx.c, &org, &role.id)?;
            give::may_give_in_org(&tx.caller.actor, tx.standing.as_ref(), &perms, &role.name)?;
        }
        let gifts = gifts(tx, &self.grants)?;
        let mut items = Vec::new();
        for text in &self.emails {
            items.push(invite(tx, text, &wanted, &gifts)?);
        }
        let invited: Vec<&Outcome> = items.iter().filter(|o| o.status == "invited").collect();
        if invited.is_empty() {
            let errors = items.iter().enumerate().map(|(at, o)| {
                let message = o.message.clone().unwrap_or_else(|| o.status.clone());
                FieldError::new(format!("emails[{at}]"), code(&o.status), message)
            });
            return Err(Error::Invalid(errors.collect()));
        }
        let n = i64::try_from(invited.len()).unwrap_or(0);
        let (id, name) = (org, tx.org()?.name.clone());
        let who: Vec<String> = invited.iter().map(|o| o.email.clone()).collect();
        let summary = format!("invited {}: {}", count(n, "person", "people"), crate::base::text::names(&who, 5));
        let after = serde_json::json!({"invited": invited, "roles": wanted.iter().map(|r| &r.key).collect::<Vec<_>>()});
        tx.record(Target::new("organization", id, name), summary, &(), &after)?;
        Ok(Outcomes { items })
    }
}

fn code(status: &str) -> &'static str {
    match status {
        "member" => "member",
        "duplicate" => "duplicate",
        _ => "invalid",
    }
}

/// Access to a project that joining will bring.
pub type Promise = (projects::Project, RoleId);

/// Access to a project can only be promised by who could give it there.
pub fn promised(read: &mut Read<'_>, gift: &Gift) -> Result<Promise> {
    let (org, actor) = (read.org_id()?, &read.caller.actor);
    let there = access::store::standing(read.c, &Ref::new(&org), actor.user_id(), Some(&gift.project), read.now)?.ok_or(Error::NotFound)?;
    let Some(project) = there.project.clone() else {
        return Err(Error::field("project", "unknown", format!("There is no project “{}” here.", gift.project)));
    };
    let role = roles::store::by_ref(read.c, &org, "project", &gift.role, read.now)?
        .ok_or_else(|| Error::field("role", "unknown", "Choose viewer, editor or owner."))?;
    if !matches!(actor, Actor::Cli | Actor::System) && !there.on_project().has("projects.share") {
        return Err(Error::denied(format!("You cannot give access to {}.", project.name)));
    }
    let perms = access::store::role_perms(read.c, &org, &role.id)?;
    give::may_give_on_project(actor, Some(&there), &perms, &role.name)?;
    Ok((projects::store::get(read.c, &org, &project.id)?, role.id))
}

fn gifts(tx: &mut Tx<'_>, wanted: &[Gift]) -> Result<Vec<Promise>> {
    let behind = |at: usize, error: Error| match error {
        Error::Invalid(fields) => {
            Error::Invalid(fields.into_iter().map(|f| FieldError { field: format!("grants[{at}].{}", f.field), ..f }).collect())
        }
        other => other,
    };
    wanted.iter().enumerate().map(|(at, gift)| promised(&mut tx.read(), gift).map_err(|e| behind(at, e))).collect()
}

fn invite(tx: &mut Tx<'_>, text: &str, roles: &[roles::Role], gifts: &[Promise]) -> Result<Outcome> {
    let org = tx.org_id()?;
    let shown: String = text.chars().filter(|c| !crate::base::text::is_unsafe(*c)).take(254).collect();
    let fate = |email: String, status: &str, message: &str| {
        Ok(Outcome { email, status: status.into(), id: None, message: Some(message.to_owned()).filter(|m| !m.is_empty()) })
    };
    let email = match Email::parse(text) {
        Ok(email) => email,
        Err(why) => return fate(shown, "invalid", &why),
    };
    if let Some((status, why)) = invitable(tx.c, &org, &email, tx.now)? {
        return fate(email.to_string(), status, &why);
    }
    let id = invite_one(tx, &email, roles, gifts)?;
    Ok(Outcome { email: email.to_string(), status: "invited".into(), id: Some(id.to_string()), message: None })
}

/// Why an address cannot be invited: it is a `member`, or a `duplicate` of an open invitation. Nothing when it can.
pub fn invitable(c: &mut Conn, org: &OrgId, email: &Email, now: Ts) -> Result<Option<(&'static str, String)>> {
    if store::is_member(c, org, email, now)? {
        return Ok(Some(("member", format!("{email} is a member already."))));
    }
    if store::open_for(c, org, email, now)?.is_some() {
        return Ok(Some(("duplicate", format!("{email} has an open invitation already. Send it again instead."))));
    }
    Ok(None)
}

pub fn invite_one(tx: &mut Tx<'_>, email: &Email, roles: &[roles::Role], gifts: &[Promise]) -> Result<InvitationId> {
    let org = tx.org_id()?;
    // One that ran out makes room for a new one.
    store::close_expired(tx.c, &org, email, tx.now)?;
    limits::take(tx.c, &format!("invite:{org}"), PER_HOUR, HOUR, tx.now, "Too many invitations in an hour. Go on later.")?;
    let invitation = Invitation {
        id: tx.id(),
        email: email.to_string(),
        status: "pending".into(),
        delivery: "queued".into(),
        delivery_error: String::new(),
        roles: roles.iter().map(|r| members::Held { id: r.id.to_string(), key: r.key.clone(), name: r.name.clone() }).collect(),
        invited_by: tx.by(),
        expires_at: tx.now.plus(VALID),
        rev: 1,
        created_at: tx.now,
        updated_at: tx.now,
        generation: 1,
        link_is_theirs: false,
    };
    let hash = keys::digest(&token(tx.world, &org, &invitation));
    store::insert(tx.c, &org, &invitation, &hash)?;
    for role in roles {
        store::insert_gift(tx.c, &org, &invitation.id, "org", org.as_ref(), &role.id)?;
    }
    for (project, role) in gifts {
        store::insert_gift(tx.c, &org, &invitation.id, "project", project.id.as_ref(), role)?;
    }
    send(tx, &invitation)?;
    Ok(invitation.id)
}

/// The token of an invitation's present link: made from its id and the number of the link with a key that is not in the database,
/// so that no row ever holds it, and yet an installation without mail can show the link to whoever may invite.
pub fn token(world: &World, org: &OrgId, invitation: &Invitation) -> String {
    world.keys.tag("invitation", &format!("{org}:{}:{}", invitation.id, invitation.generation))
}

pub fn link(world: &World, org: &OrgId, invitation: &Invitation) -> String {
    world.link(&format!("/invitations/{}", token(world, org, invitation)))
}

fn send(tx: &mut Tx<'_>, invitation: &Invitation) -> Result<()> {
    let org = tx.org()?.clone();
    let by = tx.caller.actor.user().map_or_else(|| org.name.clone(), |u| u.name.clone());
    let link = link(tx.world, &org.id, invitation);
    let mail = mails::invitation(&org, invitation, &by, link)?;
    let id = tx.mail(&mail)?;
    store::set_mail(tx.c, &org.id, &invitation.id, &id)
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendAgain {
    pub org: OrgRef,
    pub invitation: Ref,
}

impl Command for SendAgain {
    const ACTION: Action = Action::new("invitation.send", Need::Org("members.invite"));
    type Output = Invitation;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }

    /// A new link and a new term; the link before is dead.
    fn run(&self, tx: &mut Tx<'_>) -> Result<Invitation> {
        let org = tx.org_id()?;
        let before = open(tx, &self.invitation)?;
        limits::take(tx.c, &format!("invite:{org}"), PER_HOUR, HOUR, tx.now, "Too many invitations in an hour. Go on later.")?;
        let after = Invitation {
            generation: before.generation + 1,
            expires_at: tx.now.plus(VALID),
            status: "pending".into(),
            delivery: "queued".into(),
            delivery_error: String::new(),
            rev: before.rev + 1,
            updated_at: tx.now,
            ..before.clone()
        };
        let hash = keys::digest(&token(tx.world, &org, &after));
        store::renew(tx.c, &org, &after, &hash)?;
        send(tx, &after)?;
        tx.record(Target::new("invitation", &after.id, &after.email), format!("sent the invitation of {} again", after.email), &before, &after)?;
        Ok(after)
    }
}

/// An invitation that is still open, perhaps expired.
fn open(tx: &mut Tx<'_>, invitation: &Ref) -> Result<Invitation> {
    let org = tx.org_id()?;
    let found = store::get(tx.c, &org, invitation.as_str(), tx.now)?.ok_or(Error::NotFound)?;
    tx.expect_rev(found.rev)?;
    match found.status.as_str() {
        "accepted" => Err(Error::Conflict(format!("{} has accepted already.", found.email))),
        "revoked" => Err(Error::Conflict(format!("The invitation of {} was withdrawn. Invite again.", found.email))),
        _ => Ok(found),
    }
}

/// Opens an invitation again that was withdrawn: its link works as before, until its old term ends.
#[derive(Debug)]
pub struct Reopen {
    pub org: OrgRef,
    pub invitation: Ref,
}

impl Command for Reopen {
    const ACTION: Action = Action::new("invitation.reopen", Need::Org("members.invite"));
    type Output = Invitation;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Invitation> {
        let org = tx.org_id()?;
        let before = store::get(tx.c, &org, self.invitation.as_str(), tx.now)?.ok_or(Error::NotFound)?;
        tx.expect_rev(before.rev)?;
        let email = Email::parse(&before.email).map_err(Error::internal)?;
        let taken =
            before.status != "revoked" || store::is_member(tx.c, &org, &email, tx.now)? || store::open_for(tx.c, &org, &email, tx.now)?.is_some();
        if taken || before.expires_at <= tx.now {
            return Err(Error::Conflict(format!(
                "The invitation of {} cannot be opened again. Invite them anew if they are not in yet.",
                before.email
            )));
        }
        store::reopen(tx.c, &org, &before.id, tx.now)?;
        let after = Invitation { status: "pending".into(), rev: before.rev + 1, updated_at: tx.now, ..before.clone() };
        tx.record(Target::new("invitation", &after.id, &after.email), format!("opened the invitation of {} again", after.email), &before, &after)?;
        Ok(after)
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    pub org: OrgRef,
    pub invitation: Ref,
}

impl Command for Revoke {
    const ACTION: Action = Action::new("invitation.revoke", Need::Org("members.invite"));
    type Output = Invitation;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Invitation> {
        let org = tx.org_id()?;
        let before = open(tx, &self.invitation)?;
        store::close(tx.c, &org, &before.id, "revoked", None, tx.now)?;
        let after = Invitation { status: "revoked".into(), rev: before.rev + 1, updated_at: tx.now, ..before.clone() };
        tx.record(Target::new("invitation", &after.id, &after.email), format!("withdrew the invitation of {}", after.email), &before, &after)?;
        Ok(after)
    }
}
