//! The mails of an application without a mail server: files in its mailbox folder.

use bailiwick::base::outbox;

use super::App;

pub struct Letter {
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl Letter {
    /// The first address in the text that has this in it.
    pub fn link(&self, part: &str) -> String {
        let found = self.text.split_whitespace().find(|word| word.starts_with("http") && word.contains(part));
        found.unwrap_or_else(|| panic!("no link with {part} in: {}", self.text)).to_owned()
    }

    /// The token at the end of that address.
    pub fn token(&self, part: &str) -> String {
        self.link(part).rsplit(['/', '=']).next().unwrap().to_owned()
    }
}

/// Delivers what is due and reads everything that ever came for this address, oldest first.
pub fn of(app: &App, address: &str) -> Vec<Letter> {
    outbox::deliver_due(app.world()).unwrap();
    let mut files: Vec<_> = std::fs::read_dir(app.folder().join("mailbox")).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.sort();
    files.iter().map(|file| read(&std::fs::read_to_string(file).unwrap())).filter(|l| l.to.contains(address)).collect()
}

/// The latest mail for this address.
pub fn latest(app: &App, address: &str) -> Letter {
    of(app, address).pop().unwrap_or_else(|| panic!("no mail for {address}"))
}

pub fn read(raw: &str) -> Letter {
    let header = |name: &str| raw.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    let part = raw.split("text/plain").nth(1).unwrap_or_default();
    let (head, rest) = part.split_once("\r\n\r\n").unwrap_or_default();
    let body = rest.split("\r\n--").next().unwrap_or_default();
    let text = if head.contains("quoted-printable") { unquote(body) } else { body.to_owned() };
    Letter { to: header("To:"), subject: header("Subject:"), text }
}

fn unquote(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        match (first, more) {
            (b'=', [a, b, tail @ ..]) => {
                let hex = format!("{}{}", char::from(*a), char::from(*b));
                bytes.push(u8::from_str_radix(&hex, 16).unwrap_or(b'?'));
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
