//! How a change of an organization's name and address is taken back. One that was deleted stays deleted.

use super::Org;
use super::commands::UpdateOrg;
use crate::base::text::{Line, Name, Slug};
use crate::base::undo::{Inverse, Past};

pub fn of(past: &Past) -> Option<Inverse> {
    if !past.is::<UpdateOrg>() {
        return None;
    }
    let was: Org = past.before()?;
    let (name, slug) = (Some(Name::parse(&was.name).ok()?), Some(Slug::parse(&was.slug).ok()?));
    past.back(UpdateOrg { org: past.org.clone(), name, slug, description: Some(Line::parse(&was.description).ok()?) })
}
