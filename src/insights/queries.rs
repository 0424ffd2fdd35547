//! Reads: growth, two-factor coverage, the access map, and all three for the page.

mod map;

use serde::Deserialize;

pub use map::{AccessMapOf, Asked, SEES_ACCESS, may_see_access};

use super::access_map::AccessMap;
use super::{Coverage, Growth, months, store};
use crate::access::{Action, Need, OrgRef, Ref};
use crate::base::error::{Error, FieldError, Result};
use crate::base::form;
use crate::base::ops::{Place, Query};
use crate::base::tx::Read;

/// How membership grew month by month.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberGrowth {
    pub org: OrgRef,
    /// How many months back, this one included: 1 to 24; 12 when nothing is said.
    #[serde(default, deserialize_with = "form::whole")]
    pub months: Option<i64>,
}

impl Query for MemberGrowth {
    const ACTION: Action = Action::new("insight.growth", Need::Org("members.read"));
    type Output = Growth;

    fn is_quick(&self) -> bool {
        false
    }
    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Growth> {
        let org = read.org_id()?;
        let months = match self.months.unwrap_or(12) {
            n @ 1..=24 => n,
            _ => return Err(Error::field("months", "invalid", "Months takes a whole number from 1 to 24.")),
        };
        store::growth(read.c, &org, &months::bounds(read.now, months)?)
    }
}

/// Who signs in with a second factor.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TwoFactorCoverage {
    pub org: OrgRef,
}

impl Query for TwoFactorCoverage {
    const ACTION: Action = Action::new("insight.two_factor", Need::Org("members.read"));
    type Output = Coverage;

    fn is_quick(&self) -> bool {
        false
    }
    fn place(&self) -> Place {
        Place::Org(self.org.clone())
    }
    fn run(&self, read: &mut Read<'_>) -> Result<Coverage> {
        let org = read.org_id()?;
        store::coverage(read.c, &org, read.now)
    }
}

/// The page: everything that the reader may see of it.
pub struct InsightsPage {
    pub org: String,
    pub months: i64,
    pub asked: Asked,
}

pub struct Insights {
    pub growth: Growth,
    pub coverage: Coverage,
    /// Nothing for readers who may not see who has access to what.
    pub map: Option<AccessMap>,
    /// What the address asks for and nobody knows.
    pub unknown: Vec<FieldError>,
    /// Whether roles lead to their pages for this reader.
    pub may_read_roles: bool,
}

impl Query for InsightsPage {
    const ACTION: Action = Action::new("insight.page", Need::Org("members.read"));
    type Output = Insights;

    fn is_quick(&self) -> bool {
        false
    }
    fn place(&self) -> Place {
        Place::Org(Ref::new(&self.org))
    }

    /// Somebody unknown in the address is told on the page, beside everything else.
    fn run(&self, read: &mut Read<'_>) -> Result<Insights> {
        let org = Ref::new(&self.org);
        let sees_access = read.holds("projects.share");
        let (map, unknown) = if sees_access {
            let (map, unknown) = map::draw(read, &self.asked)?;
            (Some(map), unknown)
        } else {
            (None, Vec::new())
        };
        Ok(Insights {
            growth: MemberGrowth { org: org.clone(), months: Some(self.months) }.run(read)?,
            coverage: TwoFactorCoverage { org }.run(read)?,
            map,
            unknown,
            may_read_roles: read.holds("roles.read"),
        })
    }
}
