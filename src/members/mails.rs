//! Mails to people whose access changed.

use crate::access::OrgHead;
use crate::base::db::Ts;
use crate::base::error::Result;
use crate::base::letter::Letter;
use crate::base::outbox::Mail;
use crate::base::text::Email;
use crate::base::world::World;

/// To somebody from outside who was given access to a project; with the link to their account when it waits for them.
pub fn access_given(world: &World, org: &OrgHead, to: Email, by: &str, project: &str, level: &str, first: Option<(String, Ts)>) -> Result<Mail> {
    let can = format!("You can now open the project {project} of {} as {level}.", org.name);
    let only = format!("It is open to {to} only.");
    let (sentences, action, small, foot) = match first {
        Some((page, until)) => (
            vec![can, "Choose a password first: with it you sign in from then on.".into()],
            ("Choose a password", page),
            vec![only, format!("The link works once, until {}. Later, ask for a new one: {}", until.exact(), world.link("/password/forgotten"))],
            format!("{by} named this address, that is why this mail came. If you do not expect it, ignore it."),
        ),
        None => (
            vec![can],
            ("Open the project", world.link(&format!("/o/{}/projects", org.slug))),
            vec![only],
            "You have an account at this address, that is why this mail came.".into(),
        ),
    };
    Letter {
        subject: format!("{by} gave you access to {project}"),
        sender: org.name.clone(),
        heading: format!("{by} gave you access to {project}"),
        sentences,
        action: Some((action.0.into(), action.1)),
        small,
        foot,
    }
    .to("access", Some(&org.id), to, None)
}
