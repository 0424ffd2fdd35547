//! Mails to people whose access changed.

use crate::access::OrgHead;
use crate::base::error::Result;
use crate::base::letter::Letter;
use crate::base::outbox::Mail;
use crate::base::text::Email;
use crate::base::world::World;

/// To somebody from outside who was given access to a project.
pub fn access_given(world: &World, org: &OrgHead, to: Email, by: &str, project: &str, level: &str) -> Result<Mail> {
    Letter {
        subject: format!("{by} gave you access to {project}"),
        sender: org.name.clone(),
        heading: format!("{by} gave you access to {project}"),
        sentences: vec![format!("You can now open the project {project} of {} as {level}.", org.name)],
        action: Some(("Open the project".into(), world.link(&format!("/o/{}/projects", org.slug)))),
        small: vec![format!("It is open to {to} only.")],
        foot: "You have an account at this address, that is why this mail came.".into(),
    }
    .to("access", Some(&org.id), to, None)
}
