//! The mail of an invitation.

use super::Invitation;
use crate::access::OrgHead;
use crate::base::error::{Error, Result};
use crate::base::letter::Letter;
use crate::base::outbox::Mail;
use crate::base::text::{Email, names};

pub fn invitation(org: &OrgHead, invitation: &Invitation, by: &str, link: String) -> Result<Mail> {
    let roles: Vec<String> = invitation.roles.iter().map(|r| r.name.clone()).collect();
    let with = match roles.as_slice() {
        [] => "You would join without a role at first.".to_owned(),
        [one] => format!("You would join with the role {one}."),
        many => format!("You would join with the roles {}.", names(many, 8)),
    };
    let to = Email::parse(&invitation.email).map_err(|e| Error::field("email", "invalid", e))?;
    Letter {
        subject: format!("{by} invited you to {}", org.name),
        sender: org.name.clone(),
        heading: format!("{by} invited you to {}", org.name),
        sentences: vec![with],
        action: Some(("Accept the invitation".into(), link)),
        small: vec![format!("The link works until {}, for {to} only.", invitation.expires_at.exact())],
        foot: "Did not expect this? Nothing happens unless you accept. You can ignore this message.".into(),
    }
    .to("invitation", Some(&org.id), to, Some(invitation.expires_at))
}
