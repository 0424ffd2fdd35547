//! Every mail is a letter: one headline, a few sentences, perhaps one thing to do. Text and HTML say the same.

use askama::Template;

use super::error::Result;
use super::ids::OrgId;
use super::outbox::Mail;
use super::text::{Email, initials};

#[derive(Default)]
pub struct Letter {
    pub subject: String,
    /// Who it comes from as the reader sees it: the organization, or Bailiwick.
    pub sender: String,
    pub heading: String,
    pub sentences: Vec<String>,
    /// What to do, and the address that does it.
    pub action: Option<(String, String)>,
    pub small: Vec<String>,
    /// Why this mail came.
    pub foot: String,
}

#[derive(Template)]
#[template(path = "email/letter/body.html")]
struct Html<'a> {
    letter: &'a Letter,
    mark: String,
}

#[derive(Template)]
#[template(path = "email/letter/body.txt", escape = "none")]
struct Text<'a> {
    letter: &'a Letter,
}

impl Letter {
    pub fn to(&self, kind: &'static str, org: Option<&OrgId>, to: Email, expires_at: Option<super::db::Ts>) -> Result<Mail> {
        let letter = &Self {
            subject: unlinked(&self.subject),
            sender: unlinked(&self.sender),
            heading: unlinked(&self.heading),
            sentences: self.sentences.iter().map(|s| unlinked(s)).collect(),
            action: self.action.clone(),
            small: self.small.clone(),
            foot: self.foot.clone(),
        };
        Ok(Mail {
            kind,
            org: org.cloned(),
            to,
            subject: letter.subject.clone(),
            text: Text { letter }.render()?,
            html: Html { letter, mark: initials(&letter.sender) }.render()?,
            expires_at,
        })
    }
}

/// Names of people and organizations stand in these texts. A name that is an address of the web must not become a link in a mail of
/// ours, so such addresses are broken by a character that nobody sees.
fn unlinked(text: &str) -> String {
    text.replace("://", ":\u{200b}//").replace("www.", "www\u{200b}.")
}
