//! The fate of each row, and the one place that decides it: asked before anything is changed, and again right before a row is taken in.

use std::collections::HashMap;

use super::sheet::Line;
use super::{Way, store};
use crate::access::{self, Ref, give};
use crate::base::error::{Error, Result};
use crate::base::ids::ImportId;
use crate::base::text::{Email, Name};
use crate::base::tx::Read;
use crate::invitations::commands::{Gift, Promise, invitable, promised};
use crate::roles::{self, Role};

/// Who comes in, with what.
pub struct Newcomer {
    pub email: Email,
    pub name: Name,
    pub roles: Vec<Role>,
    pub gifts: Vec<Promise>,
}

pub enum Fate {
    Ready(Box<Newcomer>),
    /// The state of the row, and why.
    Left(&'static str, String),
}

/// What the same words in many rows mean is looked up once.
#[derive(Default)]
pub struct Judge {
    roles: HashMap<String, Result<Role, String>>,
    projects: HashMap<String, Result<Promise, String>>,
    /// The addresses of the rows so far, with their lines: what is not written down yet.
    seen: HashMap<String, i64>,
}

impl Judge {
    pub fn fate(&mut self, read: &mut Read<'_>, import: &ImportId, way: Way, row: &Line) -> Result<Fate> {
        let email = match Email::parse(&row.email) {
            Ok(email) => email,
            Err(_) if row.email.is_empty() => return Ok(Fate::Left("invalid", "There is no address in this row.".into())),
            Err(why) => return Ok(Fate::Left("invalid", why)),
        };
        let name = if row.name.is_empty() { row.email.split('@').next().unwrap_or_default() } else { &row.name };
        let name = match Name::parse(name) {
            Ok(name) => name,
            Err(why) => return Ok(Fate::Left("invalid", format!("Name {why}"))),
        };
        let org = read.org_id()?;
        if let Some((state, why)) = invitable(read.c, &org, &email, read.now)?.filter(|(state, _)| way == Way::Invite || *state == "member") {
            return Ok(Fate::Left(state, why));
        }
        let before = match self.seen.get(&email.key()) {
            Some(line) => Some(*line),
            None => store::earlier(read.c, &org, import, &email, row.line)?,
        };
        if let Some(line) = before {
            return Ok(Fate::Left("duplicate", format!("{email} stands in line {line} already.")));
        }
        let mut roles: Vec<Role> = Vec::new();
        for key in pieces(&row.roles, "DEFAULT") {
            match self.role(read, &key)? {
                Ok(role) if roles.iter().all(|r| r.id != role.id) => roles.push(role),
                Ok(_) => {}
                Err(why) => return Ok(Fate::Left("invalid", why)),
            }
        }
        let mut gifts = Vec::new();
        for text in pieces(&row.projects, "") {
            match self.project(read, &text)? {
                Ok(gift) => gifts.push(gift),
                Err(why) => return Ok(Fate::Left("invalid", why)),
            }
        }
        self.seen.insert(email.key(), row.line);
        Ok(Fate::Ready(Box::new(Newcomer { email, name, roles, gifts })))
    }

    fn role(&mut self, read: &mut Read<'_>, key: &str) -> Result<Result<Role, String>> {
        if let Some(known) = self.roles.get(key) {
            return Ok(known.clone());
        }
        let org = read.org_id()?;
        let found = match roles::store::by_ref(read.c, &org, "org", key, read.now)? {
            None => Err(format!("There is no role “{key}” here.")),
            Some(role) => {
                let perms = access::store::role_perms(read.c, &org, &role.id)?;
                said(give::may_give_in_org(&read.caller.actor, read.standing.as_ref(), &perms, &role.name))?.map(|()| role)
            }
        };
        self.roles.insert(key.to_owned(), found.clone());
        Ok(found)
    }

    /// `apollo:editor`; without a level it is viewer.
    fn project(&mut self, read: &mut Read<'_>, text: &str) -> Result<Result<Promise, String>> {
        if let Some(known) = self.projects.get(text) {
            return Ok(known.clone());
        }
        let (project, role) = text.split_once(':').unwrap_or((text, "viewer"));
        let gift = Gift { project: Ref::new(project.trim()), role: role.trim().to_owned() };
        let found = said(promised(read, &gift))?;
        self.projects.insert(text.to_owned(), found.clone());
        Ok(found)
    }
}

/// A refusal becomes the fate of the row; anything else is an error of the whole.
fn said<T>(outcome: Result<T>) -> Result<Result<T, String>> {
    match outcome {
        Ok(done) => Ok(Ok(done)),
        Err(Error::Invalid(fields)) => Ok(Err(fields.into_iter().map(|f| f.message).collect::<Vec<_>>().join(" "))),
        Err(e @ (Error::Denied(_) | Error::NotFound)) => Ok(Err(e.message())),
        Err(other) => Err(other),
    }
}

/// `ADMIN, helpers` or `ADMIN; helpers`.
fn pieces(text: &str, otherwise: &str) -> Vec<String> {
    let text = if text.is_empty() { otherwise } else { text };
    text.split([',', ';', '|']).map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect()
}
