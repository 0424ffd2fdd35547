//! Reads: members by filter and page, one member, externals.

use serde::{Deserialize, Serialize};

use super::{External, Held, Member, store};
use crate::access::{self, Action, Need, OrgRef, Ref};
use crate::base::error::{Error, Result};
use crate::base::form;
use crate::base::ids::OrgId;
use crate::base::ops::{Place, Query};
use crate::base::order::Order;
use crate::base::paging::{List, Page};
use crate::base::tx::Read;
use crate::base::web::export::Export;
use crate::base::world::World;

/// What narrows a list of members; the same in the address of the page, in the API and in a bulk change.
#[derive(Debug, Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberFilter {
    /// Part of the name or address.
    pub q: Option<String>,
    /// Key or id of a role they hold.
    pub role: Option<String>,
    /// `active` or `suspended`.
    pub status: Option<String>,
    /// `on` or `off`.
    pub mfa: Option<String>,
    /// `60d`: not seen for this many days.
    pub unseen: Option<String>,
    /// `name`, `email`, `last_seen` or `joined` (these two the latest first); a minus in front turns it round.
    pub sort: Option<String>,
}

impl MemberFilter {
    pub fn parse(&self, _: &World) -> Result<store::Filter> {
        let choice = |field: &str, value: &Option<String>, of: &[&'static str]| -> Result<&'static str> {
            match value.as_deref() {
                None | Some("") => Ok(""),
                Some(text) => of
                    .iter()
                    .find(|o| **o == text)
                    .copied()
                    .ok_or_else(|| Error::field(field, "invalid", format!("{} takes {}.", form::label(field), of.join(" or ")))),
            }
        };
        let unseen_days = match self.unseen.as_deref() {
            None | Some("") => None,
            Some(text) => Some(
                text.strip_suffix('d')
                    .and_then(|n| n.parse::<i64>().ok())
                    .filter(|n| (1..=3650).contains(n))
                    .ok_or_else(|| Error::field("unseen", "invalid", "Unseen takes a number of days, such as 60d."))?,
            ),
        };
        Ok(store::Filter {
            q: self.q.clone().unwrap_or_default(),
            role: self.role.clone().unwrap_or_default(),
            status: choice("status", &self.status, &["active", "suspended"])?,
            mfa: choice("mfa", &self.mfa, &["on", "off"])?,
            unseen_days,
            order: Order::parse(store::ORDERS, self.sort.as_deref())?,
            after: Vec::new(),
        })
    }
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberList {
    pub org: OrgRef,
    /// Part of the name or address.
    pub q: Option<String>,
    pub role: Option<String>,
    pub status: Option<String>,
    pub mfa: Option<String>,
    pub unseen: Option<String>,
    pub sort: Option<String>,
    #[serde(default, deserialize_with = "form::whole")]
    pub limit: Option<i64>,
    pub cursor: Option<String>,
    #[serde(default, deserialize_with = "form::truth")]
    pub count: bool,
}

impl MemberList {
    pub fn of(org: &str, filter: MemberFilter, limit: i64, cursor: Option<String>) -> Self {
        let MemberFilter { q, role, status, mfa, unseen, sort } = filter;
        Self { org: Ref::new(org), q, role, status, mfa, unseen, sort, limit: Some(limit), cursor, count: false }
    }

    fn filter(&self) -> MemberFilter {
        MemberFilter {
            q: self.q.clone(),
            role: self.role.clone(),
            status: self.status.clone(),
            mfa: self.mfa.clone(),
            unseen: self.unseen.clone(),
            sort: self.sort.clone(),
        }
    }
}

impl Query for MemberList {
    const ACTION: Action = Action::new("member.list", Need::Org("members.read"));
    type Output = List<Member>;

    fn is_quick(&self) -> bool {
        self.q.is_none() && self.role.is_none() && self.unseen.is_none()
    }

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }

    fn run(&self, read: &mut Read<'_>) -> Result<List<Member>> {
        let org = read.org_id()?;
        let roles = store::org_roles(read.c, &org)?;
        self.among(read, &org, &roles)
    }
}

impl MemberList {
    fn among(&self, read: &mut Read<'_>, org: &OrgId, roles: &[Held]) -> Result<List<Member>> {
        let mut filter = self.filter().parse(read.world)?;
        let page = Page::of::<Self>(read, &filter.order.word(), self.limit, self.cursor.as_deref())?;
        filter.after.clone_from(&page.after);
        let rows = store::list(read.c, org, roles, &filter, page.fetch(), read.now)?;
        let list = page.cut(read.world, rows, |m| store::sort_key(m, &filter.order));
        Ok(list.counted(if self.count { Some(store::count(read.c, org, roles, &filter, read.now)?) } else { None }))
    }
}

impl Export for MemberList {
    type Row = Member;
    const NOTED: &'static str = "member.export";
    const WHAT: &'static str = "members";
    const COLUMNS: &'static [&'static str] =
        &["email", "name", "roles", "status", "mfa", "joined_via", "last_seen_at", "created_at", "id", "user_id"];

    fn page(&mut self, limit: i64, cursor: Option<String>) {
        (self.limit, self.cursor) = (Some(limit), cursor);
    }
}

/// The page of members: the list, and what the reader may do with it.
pub struct MemberTable {
    pub list: MemberList,
}

#[derive(Debug, Clone)]
pub struct Table {
    pub members: Vec<Member>,
    pub next_cursor: Option<String>,
    /// How many match, counted up to 1,000.
    pub matching: i64,
    pub counts: store::ViewCounts,
    pub order: Order,
    pub roles: Vec<super::Held>,
    pub may_assign: bool,
    pub may_remove: bool,
    pub may_invite: bool,
}

impl Query for MemberTable {
    const ACTION: Action = MemberList::ACTION;
    type Output = Table;

    fn is_quick(&self) -> bool {
        self.list.is_quick()
    }

    fn place(&self) -> Place {
        self.list.place()
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Table> {
        let org = read.org_id()?;
        let roles = store::org_roles(read.c, &org)?;
        let page = self.list.among(read, &org, &roles)?;
        let filter = self.list.filter().parse(read.world)?;
        Ok(Table {
            order: filter.order,
            matching: store::count(read.c, &org, &roles, &filter, read.now)?,
            counts: store::view_counts(read.c, &org, read.now)?,
            roles,
            members: page.items,
            next_cursor: page.next_cursor,
            may_assign: read.holds("roles.assign"),
            may_remove: read.holds("members.remove"),
            may_invite: read.holds("members.invite"),
        })
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneMember {
    pub org: OrgRef,
    /// Id of the membership or of the user.
    pub member: Ref,
}

impl Query for OneMember {
    const ACTION: Action = Action::new("member.read", Need::Org("members.read"));
    type Output = Member;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Member> {
        let org = read.org_id()?;
        store::by_ref(read.c, &org, self.member.as_str(), read.now)?.ok_or(Error::NotFound)
    }
}

/// One member with everything they reach.
pub struct MemberPage {
    pub org: OrgRef,
    pub member: Ref,
}

#[derive(Debug, Clone)]
pub struct Detail {
    pub member: Member,
    /// "Editor on Atlas (by Data)", ...
    pub reaches: Vec<String>,
    pub roles: Vec<super::Held>,
    pub may_assign: bool,
    pub may_remove: bool,
    pub may_read_audit: bool,
    pub may_ask_why: bool,
    pub is_me: bool,
}

impl Query for MemberPage {
    const ACTION: Action = OneMember::ACTION;
    type Output = Detail;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Detail> {
        let org = read.org_id()?;
        let member = store::by_ref(read.c, &org, self.member.as_str(), read.now)?.ok_or(Error::NotFound)?;
        let mut reaches: Vec<String> = access::store::reaches(read.c, &org, &member.user_id, read.now)?
            .into_iter()
            .map(|r| r.what)
            .filter(|w| w != "membership" && !w.starts_with("role ") && !w.starts_with("permission "))
            .collect();
        reaches.sort();
        let is_me = read.caller.actor.user_id() == member.user_id.as_ref();
        Ok(Detail {
            reaches,
            roles: store::org_roles(read.c, &org)?,
            may_assign: read.holds("roles.assign"),
            may_remove: read.holds("members.remove"),
            may_read_audit: read.holds("audit.read"),
            may_ask_why: read.holds(crate::insights::queries::SEES_ACCESS),
            is_me,
            member,
        })
    }
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalList {
    pub org: OrgRef,
    pub q: Option<String>,
    #[serde(default, deserialize_with = "form::whole")]
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

impl Query for ExternalList {
    const ACTION: Action = Action::new("external.list", Need::Org("members.read"));
    type Output = List<External>;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<List<External>> {
        let org = read.org_id()?;
        let page = Page::of::<Self>(read, "name", self.limit, self.cursor.as_deref())?;
        let rows = store::externals(read.c, &org, self.q.as_deref().unwrap_or_default(), &page.after, page.fetch(), read.now)?;
        Ok(page.cut(read.world, rows, |e| vec![e.name.to_lowercase(), e.user_id.to_string()]))
    }
}

impl Export for ExternalList {
    type Row = External;
    const NOTED: &'static str = "external.export";
    const WHAT: &'static str = "externals";
    const COLUMNS: &'static [&'static str] = &["email", "name", "projects", "mfa", "last_seen_at", "user_id"];

    fn page(&mut self, limit: i64, cursor: Option<String>) {
        (self.limit, self.cursor) = (Some(limit), cursor);
    }
}

/// The page of externals: the list, the figures of the views beside it, and what the reader may do.
pub struct ExternalTable {
    pub list: ExternalList,
}

#[derive(Debug, Clone)]
pub struct Outside {
    pub people: Vec<External>,
    pub next_cursor: Option<String>,
    pub counts: store::ViewCounts,
    pub may_remove: bool,
    pub may_invite: bool,
}

impl Query for ExternalTable {
    const ACTION: Action = ExternalList::ACTION;
    type Output = Outside;

    fn place(&self) -> Place {
        self.list.place()
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Outside> {
        let org = read.org_id()?;
        let page = self.list.run(read)?;
        Ok(Outside {
            people: page.items,
            next_cursor: page.next_cursor,
            counts: store::view_counts(read.c, &org, read.now)?,
            may_remove: read.holds("members.remove"),
            may_invite: read.holds("members.invite"),
        })
    }
}

/// Somebody from outside, for the question before their access is taken.
pub struct OneExternal {
    pub org: OrgRef,
    pub user: Ref,
}

impl Query for OneExternal {
    const ACTION: Action = ExternalList::ACTION;
    type Output = String;

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<String> {
        let org = read.org_id()?;
        let person = store::insider(read.c, &org, self.user.as_str(), read.now)?.filter(|p| p.external);
        person.map(|p| p.name).ok_or(Error::NotFound)
    }
}

/// Whom a bulk change means, by name, and the roles there are to give.
pub struct Meant {
    pub org: OrgRef,
    pub ids: Vec<String>,
    pub filter: Option<MemberFilter>,
}

impl Query for Meant {
    const ACTION: Action = MemberList::ACTION;
    type Output = (Vec<String>, Vec<Held>);

    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<(Vec<String>, Vec<Held>)> {
        let org = read.org_id()?;
        let roles = store::org_roles(read.c, &org)?;
        let found = match &self.filter {
            Some(filter) => store::list(read.c, &org, &roles, &filter.parse(read.world)?, super::bulk::MOST + 1, read.now)?,
            None => store::by_ids(read.c, &org, &self.ids, read.now)?,
        };
        Ok((found.into_iter().map(|m| m.name).collect(), roles))
    }
}
