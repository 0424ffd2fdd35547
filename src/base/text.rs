//! Texts that were parsed once at the edge and are never checked again: `Email`, `Slug`, `Name`, `Line`, `Secret`.
//! Each refuses control and bidirectional-override characters (they forge mails, logs and names) and says what to do instead.

use serde::{Deserialize, Deserializer, de};

/// Characters that no name, address or title may carry.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

macro_rules! parsed_text {
    ($($(#[$doc:meta])* $name:ident($schema:literal) via $parse:path;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
        #[serde(transparent)]
        #[schemars(transparent, extend("format" = $schema))]
        pub struct $name(String);
        impl $name {
            /// The error is a sentence for the person who typed it.
            pub fn parse(text: &str) -> Result<Self, String> { $parse(text).map(Self) }
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                Self::parse(&text).map_err(de::Error::custom)
            }
        }
    )*};
}

parsed_text! {
    /// An address as typed, with its domain in lower-case ASCII (IDNA). Compare by [`Email::key`], never by the text.
    Email("email") via parse_email;
    /// A short name for addresses: `field-telemetry`.
    Slug("slug") via parse_slug;
    /// The name of a person or thing: 1 to 100 characters on one line.
    Name("name") via parse_name;
    /// A description: up to 500 characters on one line, may be empty.
    Line("line") via parse_line;
}

impl Email {
    /// What is unique: ASCII lower case only, so that no Unicode folding can make two people one.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl Name {
    /// What somebody is called of whom only the address is known.
    pub fn of(email: &Email) -> Self {
        Self(email.as_str().chars().take(LONGEST_NAME).collect())
    }
}

impl Slug {
    /// A slug out of a name: "Field Telemetry!" becomes "field-telemetry".
    pub fn from_name(name: &str) -> Option<Self> {
        let mut slug = String::new();
        for c in name.chars() {
            match c {
                c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
                _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
                _ => {}
            }
            if slug.len() >= 48 {
                break;
            }
        }
        Self::parse(slug.trim_end_matches('-')).ok()
    }
}

fn parse_email(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.len() > 254 {
        return Err("is longer than any e-mail address can be (254 characters).".into());
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return Err(format!("“{}” is not a complete e-mail address.", shorten(text)));
    };
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let domain = idna::domain_to_ascii_strict(domain).map_err(|_| format!("“{}” has a domain that cannot exist.", shorten(text)))?;
    let domain_ok = domain.contains('.')
        && domain.len() <= 253
        && domain.split('.').all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'));
    if !local_ok || !domain_ok {
        return Err(format!("“{}” is not a complete e-mail address.", shorten(text)));
    }
    Ok(format!("{local}@{domain}"))
}

fn parse_slug(text: &str) -> Result<String, String> {
    let ok = (1..=48).contains(&text.len())
        && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--");
    // "new" and "find" are pages beside the records, an id has an underscore, so neither can be mistaken for a slug.
    match text {
        "new" | "find" => Err(format!("“{text}” is reserved. Choose another short name.")),
        _ if ok => Ok(text.to_owned()),
        _ => Err("takes 1 to 48 lower-case letters, digits and single hyphens, such as field-telemetry.".into()),
    }
}

const LONGEST_NAME: usize = 100;

fn parse_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("is required.".into());
    }
    one_line(text, LONGEST_NAME)
}

fn parse_line(text: &str) -> Result<String, String> {
    one_line(text.trim(), 500)
}

fn one_line(text: &str, most: usize) -> Result<String, String> {
    if text.len() > most * 4 || text.chars().count() > most {
        return Err(format!("takes at most {most} characters."));
    }
    if text.chars().any(is_unsafe) {
        return Err("takes one line of ordinary characters (no line breaks or direction marks).".into());
    }
    Ok(text.to_owned())
}

fn shorten(text: &str) -> String {
    text.chars().filter(|c| !is_unsafe(*c)).take(60).collect()
}

/// A text that must not be seen: it has no `Display`, and its `Debug` says nothing. Never trimmed.
#[derive(Clone, Deserialize, schemars::JsonSchema, Default)]
#[serde(transparent)]
#[schemars(transparent, extend("format" = "password"))]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    pub fn expose(&self) -> &str {
        &self.0
    }
}
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// "12,400".
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = if n < 0 { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "1 project", "3 projects", "4,000 projects".
pub fn count(n: impl std::borrow::Borrow<i64>, one: &str, many: &str) -> String {
    let n = *n.borrow();
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// "Ana", "Ana and Bo", "Ana, Bo and 3 more": names for a sentence, never an endless list.
pub fn names(all: &[String], shown: usize) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        many if many.len() <= shown => {
            let (last, first) = many.split_last().map_or(("", many), |(l, f)| (l.as_str(), f));
            format!("{} and {last}", first.join(", "))
        }
        many => format!("{} and {} more", many.get(..shown).unwrap_or(many).join(", "), many.len() - shown),
    }
}

/// Two letters for an avatar: "Ana Ruiz" is "AR".
pub fn initials(name: &str) -> String {
    let mut words = name.split(|c: char| c.is_whitespace() || c == '-' || c == '.' || c == '@').filter(|w| !w.is_empty());
    let first = words.next().and_then(|w| w.chars().next());
    let second = words.next().and_then(|w| w.chars().next());
    [first, second].into_iter().flatten().flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_or_refused_with_a_reason() {
        assert_eq!(Email::parse(" Ana.Ruiz@Example.ORG ").unwrap().key(), "ana.ruiz@example.org");
        assert_eq!(Email::parse("a@bücher.example").unwrap().as_str(), "a@xn--bcher-kva.example");
        for bad in ["", "ana", "ana@", "@x.org", "a b@x.org", "ana@x", "a@x..org", "a\r\nBcc: x@y.org", "a..b@x.org", "ana@-x.org"] {
            assert!(Email::parse(bad).is_err(), "{bad:?} was taken");
        }
        assert!(Email::parse(&"a".repeat(1 << 20)).is_err());
    }

    #[test]
    fn names_and_slugs_stay_on_one_line() {
        assert!(Name::parse("Ana\u{202e}x").is_err() && Name::parse("a\nb").is_err() && Name::parse("   ").is_err());
        assert_eq!(Slug::from_name("Field  Telemetry!").unwrap().as_str(), "field-telemetry");
        assert!(Slug::parse("new").is_err() && Slug::parse("a--b").is_err() && Slug::parse("prj_x").is_err());
    }

    #[test]
    fn figures_are_grouped_and_one_is_one() {
        let shown: Vec<String> = [0, 999, 1_000, 1_234_567].into_iter().map(grouped).collect();
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((count(1, "seat", "seats"), count(4_000, "seat", "seats")), ("1 seat".into(), "4,000 seats".into()));
    }

    #[test]
    fn a_long_list_of_names_is_cut() {
        let all: Vec<String> = ["Ana", "Bo", "Cy", "Di"].map(String::from).to_vec();
        assert_eq!(names(&all, 2), "Ana, Bo and 2 more");
        assert_eq!(names(&all[..2], 3), "Ana and Bo");
    }
}
