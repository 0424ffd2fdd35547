//! One way from what was typed or sent to a command: a map of JSON values, decoded with the error's field named.
//! Forms and JSON bodies take the same way, so the same words refuse the same mistake at both doors.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::{Error, FieldError, Result};

/// Decodes a command; an error says which field and what would be right.
pub fn decode<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T> {
    let value = Value::Object(fields);
    serde_path_to_error::deserialize(&value).map_err(|e| {
        let path = e.path().to_string();
        Error::Invalid(vec![field_error(&path, &e.inner().to_string())])
    })
}

/// Serde's sentences, turned into ours.
fn field_error(path: &str, said: &str) -> FieldError {
    let here = if path == "." { "" } else { path };
    let quoted = said.split('`').nth(1).unwrap_or_default();
    // Of a field that is unknown the path names the field itself already; of one that is missing, what it is missing from.
    let inner = |name: &str| match here {
        "" => name.to_owned(),
        _ if here == name || here.ends_with(&format!(".{name}")) => here.to_owned(),
        _ => format!("{here}.{name}"),
    };
    if said.starts_with("missing field") {
        return FieldError::new(inner(quoted), "required", format!("{} is required.", label(quoted)));
    }
    if said.starts_with("unknown field") {
        // Depending on the shape of the record the path ends before the unknown field, or in it.
        let named = here == quoted || here.ends_with(&format!(".{quoted}"));
        let field = if named { here.to_owned() } else { inner(quoted) };
        return FieldError::new(field, "unknown", format!("There is no field {quoted} here."));
    }
    let leaf = here.rsplit('.').next().unwrap_or(here);
    if said.starts_with("invalid type") || said.starts_with("unknown variant") || said.starts_with("invalid value") {
        let plain = said.split(" at line ").next().unwrap_or(said).replace('`', "");
        return FieldError::new(here, "invalid", format!("{}: {plain}.", label(leaf)));
    }
    let code = if said.starts_with("is required") { "required" } else { "invalid" };
    // A sentence that names the value itself stands alone; one that begins with a verb continues the field's name.
    let message = if said.starts_with('“') { said.to_owned() } else { format!("{} {said}", label(leaf)) };
    FieldError::new(here, code, message)
}

/// What nothing brings back asks a person for a word; a program may leave it out. `to` says what for: "delete the role".
pub fn confirmed(typed: Option<&str>, word: &str, to: &str) -> Result<()> {
    match typed {
        Some(typed) if typed.trim() != word => Err(Error::field("confirm", "invalid", format!("Type {word} to {to}."))),
        _ => Ok(()),
    }
}

/// `org_creation` as a person reads it: "Org creation".
pub fn label(field: &str) -> String {
    if field == "org" {
        return "Organization".into();
    }
    let words = field.split('[').next().unwrap_or(field).replace('_', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => "This".into(),
    }
}

/// What a browser form sends, in order, repeated names kept. Names that belong to the adapter are taken out by it.
#[derive(Debug, Clone, Default)]
pub struct Form(pub Vec<(String, String)>);

/// Fields that are about the request and not about the record.
const ADAPTER: &[&str] = &["csrf", "return_to", "rev", "was", "preview", "do"];

impl Form {
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.clone()).collect()
    }

    /// The command's fields: a name ending in `[]` is a list, an empty text is left out, "on" of a ticked box is true.
    pub fn fields(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        for (name, value) in &self.0 {
            if ADAPTER.contains(&name.as_str()) || value.is_empty() {
                continue;
            }
            match name.strip_suffix("[]") {
                Some(list) => {
                    if let Value::Array(items) = fields.entry(list).or_insert_with(|| Value::Array(Vec::new())) {
                        items.push(Value::String(value.clone()));
                    }
                }
                None => {
                    fields.insert(name.clone(), Value::String(value.clone()));
                }
            }
        }
        fields
    }

    /// Decodes a command out of the form and what the path says.
    pub fn command<T: DeserializeOwned>(&self, path: &[(&str, &str)]) -> Result<T> {
        let mut fields = self.fields();
        for (name, value) in path {
            fields.insert((*name).to_owned(), Value::String((*value).to_owned()));
        }
        decode(fields)
    }
}

/// A field that pages send as text and programs as a truth value.
pub fn truth<'de, D: serde::Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
    match Value::deserialize(d)? {
        Value::Bool(b) => Ok(b),
        Value::String(s) if s == "on" || s == "true" => Ok(true),
        Value::String(s) if s == "off" || s == "false" => Ok(false),
        _ => Err(serde::de::Error::custom("takes true or false.")),
    }
}
use serde::Deserialize as _;

/// The same of one that may be left out.
pub fn maybe_truth<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<bool>, D::Error> {
    truth(d).map(Some)
}

/// A whole number that pages send as text and programs as a number.
pub fn whole<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<i64>, D::Error> {
    match Value::deserialize(d)? {
        Value::Null => Ok(None),
        Value::Number(n) if n.as_i64().is_some() => Ok(n.as_i64()),
        Value::String(s) => s.trim().parse().map(Some).map_err(|_| serde::de::Error::custom("takes a whole number.")),
        _ => Err(serde::de::Error::custom("takes a whole number.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::{Email, Name};

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Invite {
        #[expect(dead_code, reason = "decoded only")]
        name: Name,
        #[expect(dead_code, reason = "decoded only")]
        emails: Vec<Email>,
    }

    fn errors(json: Value) -> Vec<FieldError> {
        let Err(Error::Invalid(fields)) = decode::<Invite>(json.as_object().unwrap().clone()) else { return Vec::new() };
        fields
    }

    #[test]
    fn a_mistake_is_told_beside_its_field() {
        let missing = errors(serde_json::json!({"emails": []}));
        assert_eq!((missing[0].field.as_str(), missing[0].code), ("name", "required"));
        let unknown = errors(serde_json::json!({"name": "A", "emails": [], "role": "x"}));
        assert_eq!((unknown[0].field.as_str(), unknown[0].code), ("role", "unknown"));
        let wrong = errors(serde_json::json!({"name": "A", "emails": ["a@x.org", "hugo"]}));
        assert_eq!(wrong[0].field, "emails[1]");
        assert!(wrong[0].message.contains("hugo"), "{wrong:?}");
        let long = errors(serde_json::json!({"name": "x".repeat(101), "emails": []}));
        assert_eq!(long[0].message, "Name takes at most 100 characters.");
    }
}
