//! Reads: invitations of an organization, and the one that a link names.

use serde::Deserialize;

use super::{Invitation, store};
use crate::access::{Action, Need, OrgRef, Ref};
use crate::account;
use crate::base::error::{Error, Result};
use crate::base::form;
use crate::base::ids::OrgId;
use crate::base::keys;
use crate::base::ops::{Place, Query};
use crate::base::order::Order;
use crate::base::paging::{List, Page};
use crate::base::text::Email;
use crate::base::tx::Read;
use crate::base::web::export::Export;

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationList {
    pub org: OrgRef,
    /// Part of the address.
    pub q: Option<String>,
    /// `pending`, `expired`, `accepted` or `revoked`; `open` for pending and expired; `failed` for those of them whose mail failed.
    pub status: Option<String>,
    /// `created` (the newest first) or `email`; a minus in front turns it round.
    pub sort: Option<String>,
    #[serde(default, deserialize_with = "form::whole")]
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

const STATUSES: &[&str] = &["", "pending", "expired", "accepted", "revoked", "open", "failed"];

impl Query for InvitationList {
    const ACTION: Action = Action::new("invitation.list", Need::Org("members.invite"));
    type Output = List<Invitation>;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<Invitation>> {
        let org = read.org_id()?;
        let order = Order::parse(store::ORDERS, self.sort.as_deref())?;
        let page = Page::of::<Self>(read, &order.word(), self.limit, self.cursor.as_deref())?;
        let wanted = self.status.as_deref().unwrap_or_default();
        let status = STATUSES.iter().copied().find(|s| *s == wanted);
        let status = status.ok_or_else(|| Error::field("status", "invalid", "Status takes pending, expired, accepted, revoked, open or failed."))?;
        let filter = store::Filter { q: self.q.clone().unwrap_or_default(), status, order, after: page.after.clone() };
        let rows = store::list(read.c, &org, &filter, page.fetch(), read.now)?;
        Ok(page.cut(read.world, rows, |i| store::sort_key(i, &order)))
    }
}

impl Export for InvitationList {
    type Row = Invitation;
    const NOTED: &'static str = "invitation.export";
    const WHAT: &'static str = "invitations";
    const COLUMNS: &'static [&'static str] =
        &["email", "roles", "status", "delivery", "delivery_error", "invited_by", "created_at", "expires_at", "updated_at", "id"];

    fn page(&mut self, limit: i64, cursor: Option<String>) {
        (self.limit, self.cursor) = (Some(limit), cursor);
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneInvitation {
    pub org: OrgRef,
    pub invitation: Ref,
}

impl Query for OneInvitation {
    const ACTION: Action = Action::new("invitation.read", Need::Org("members.invite"));
    type Output = Invitation;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Invitation> {
        let org = read.org_id()?;
        store::get(read.c, &org, self.invitation.as_str(), read.now)?.ok_or(Error::NotFound)
    }
}

/// The invitation that a link opens, for whoever holds the link.
pub struct ByToken {
    pub token: String,
}

#[derive(Debug, Clone)]
pub struct Offer {
    pub org_id: OrgId,
    pub org_name: String,
    pub invitation: Invitation,
    pub invited_by: String,
    /// Whether an account with the invited address exists: then one signs in, else one is made here.
    pub has_account: bool,
}

impl Query for ByToken {
    const ACTION: Action = Action::new("invitation.open", Need::Anyone);
    type Output = Offer;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Offer> {
        let gone = || {
            Error::Gone(
                "This invitation is not valid any more: it was used, withdrawn, replaced by a newer mail, or has expired. Ask for a new one.".into(),
            )
        };
        let (org_id, invitation) = store::by_token(read.c, &keys::digest(&self.token), read.now)?.ok_or_else(gone)?;
        if invitation.status != "pending" {
            return Err(gone());
        }
        let org = crate::orgs::store::get(read.c, &org_id)?;
        let address = Email::parse(&invitation.email).map_err(Error::Conflict)?;
        let has_account = account::store::user_by_email(read.c, &address)?.is_some_and(|user| !user.is_unclaimed());
        let invited_by = store::name_of(read.c, &invitation.invited_by)?.unwrap_or_else(|| org.name.clone());
        Ok(Offer { org_id, org_name: org.name, invitation, invited_by, has_account })
    }
}

/// What the form for invitations offers: the roles to join with.
pub struct InviteForm {
    pub org: OrgRef,
}

impl Query for InviteForm {
    const ACTION: Action = Action::new("invitation.form", Need::Org("members.invite"));
    type Output = Vec<crate::members::Held>;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Vec<crate::members::Held>> {
        let org = read.org_id()?;
        crate::members::store::org_roles(read.c, &org)
    }
}

#[derive(Debug, Clone)]
pub struct Table {
    pub invitations: Vec<Invitation>,
    pub next_cursor: Option<String>,
    pub counts: store::ViewCounts,
    pub order: Order,
    pub org: OrgId,
}

/// The page of invitations: the list, and whose they are, for the links that a console without mail shows.
pub struct InvitationTable {
    pub list: InvitationList,
}

impl Query for InvitationTable {
    const ACTION: Action = InvitationList::ACTION;
    type Output = Table;

    fn place(&self) -> Place {
        self.list.place()
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Table> {
        let mut list = self.list.run(read)?;
        let (me, admin) = (read.caller.actor.label(), read.standing.as_ref().is_some_and(crate::access::Standing::is_admin));
        for invitation in &mut list.items {
            invitation.link_is_theirs = admin || invitation.invited_by == me;
        }
        let org = read.org_id()?;
        let order = Order::parse(store::ORDERS, self.list.sort.as_deref())?;
        Ok(Table { invitations: list.items, next_cursor: list.next_cursor, counts: store::view_counts(read.c, &org, read.now)?, order, org })
    }
}
