//! How changes of projects and of access to them are taken back. A project that was deleted stays deleted.

use super::commands::UpdateProject;
use super::grants::{ChangeAccess, GiveAccess, ReturnAccess, TakeAccess};
use super::{Grant, Project};
use crate::access::Ref;
use crate::base::text::{Line, Name, Slug};
use crate::base::undo::{Inverse, Past};

pub fn of(past: &Past) -> Option<Inverse> {
    let org = past.org.clone();
    if past.is::<UpdateProject>() {
        let was: Project = past.before()?;
        let (name, slug) = (Some(Name::parse(&was.name).ok()?), Some(Slug::parse(&was.slug).ok()?));
        return past.back(UpdateProject { org, project: Ref::new(was.id), name, slug, description: Some(Line::parse(&was.description).ok()?) });
    }
    if past.is::<GiveAccess>() {
        let given: Grant = past.after()?;
        return past.back(TakeAccess { org, project: Ref::new(given.project_id), grant: Ref::new(given.id) });
    }
    if past.is::<ChangeAccess>() {
        let (was, is): (Grant, Grant) = (past.before()?, past.after()?);
        // An end that was added cannot be told by leaving it out; that is changed by hand.
        if was.valid_to.is_none() && is.valid_to.is_some() {
            return None;
        }
        let (project, grant) = (Ref::new(is.project_id), Ref::new(is.id));
        return past.back(ChangeAccess { org, project, grant, role: Some(was.role), valid_to: was.valid_to });
    }
    if past.is::<TakeAccess>() {
        let was: Grant = past.before()?;
        let (project, grant) = (Ref::new(was.project_id), Ref::new(was.id));
        return past.back(ReturnAccess { org, project, grant, valid_to: was.valid_to, external: was.subject.external });
    }
    None
}
