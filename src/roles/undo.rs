//! How a change of a role is taken back. A role that was deleted stays deleted.

use super::Role;
use super::commands::UpdateRole;
use crate::access::Ref;
use crate::base::text::{Line, Name};
use crate::base::undo::{Inverse, Past};

pub fn of(past: &Past) -> Option<Inverse> {
    if !past.is::<UpdateRole>() {
        return None;
    }
    let was: Role = past.before()?;
    past.back(UpdateRole {
        org: past.org.clone(),
        role: Ref::new(was.id),
        name: Some(Name::parse(&was.name).ok()?),
        description: Some(Line::parse(&was.description).ok()?),
        permissions: Some(was.permissions.into_iter().collect()),
    })
}
