//! Prefixed, sortable ids: `prj_01jd...` is a UUIDv7 in lower-case Crockford base32 behind the noun's prefix (the TypeID form).
//! They sort by the time they were made, can be told apart in a log, and are never what guards a record.

use std::fmt;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The 26 characters of a UUID in Crockford base32, most significant first.
pub fn encode(id: uuid::Uuid) -> String {
    let bits = id.as_u128();
    (0..26).rev().map(|at| ALPHABET.get(((bits >> (at * 5)) & 31) as usize).map_or('0', |c| char::from(*c))).collect()
}

/// Whether a text has the form of an id with this prefix. Says nothing about whether such a record exists.
pub fn looks_like(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .is_some_and(|rest| rest.len() == 26 && rest.bytes().all(|c| ALPHABET.contains(&c)))
}

/// What every id type can do; made by [`id_type!`].
pub trait Id: Sized + Clone + fmt::Display {
    const PREFIX: &'static str;
    /// Takes a text that is known to be an id (from a row, or made by `Tx::id`).
    fn known(text: String) -> Self;
    fn as_str(&self) -> &str;
}

#[macro_export]
macro_rules! id_type {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema,
                 diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        #[serde(transparent)]
        #[schemars(transparent)]
        pub struct $name(String);

        impl $crate::base::ids::Id for $name {
            const PREFIX: &'static str = $prefix;
            fn known(text: String) -> Self { Self(text) }
            fn as_str(&self) -> &str { &self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
        // Ids hold nothing that HTML would have to escape.
        impl askama::filters::HtmlSafe for $name {}
        impl askama::FastWritable for $name {
            fn write_into(&self, dest: &mut dyn std::fmt::Write, _: &dyn askama::Values) -> askama::Result<()> { Ok(dest.write_str(&self.0)?) }
        }
        impl AsRef<str> for $name { fn as_ref(&self) -> &str { &self.0 } }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(d)?;
                if $crate::base::ids::looks_like($prefix, &text) { Ok(Self(text)) }
                else { Err(serde::de::Error::custom(concat!("is not an id that starts with ", $prefix, "_"))) }
            }
        }
        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where str: diesel::serialize::ToSql<diesel::sql_types::Text, DB> {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.0.as_str().to_sql(out)
            }
        }
        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB> {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok(Self(<String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(raw)?))
            }
        }
    )*};
}

id_type! {
    OrgId = "org";
    UserId = "usr";
    MemberId = "mem";
    WorkspaceId = "wsp";
    ProjectId = "prj";
    RoleId = "rol";
    /// One holding of an org role by a user.
    AssignmentId = "asg";
    GrantId = "grt";
    InvitationId = "inv";
    SessionId = "ses";
    /// A personal access token.
    TokenId = "key";
    EventId = "evt";
    MailId = "mel";
    ImportId = "imp";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_the_order_of_their_uuids() {
        let earlier = uuid::Uuid::from_u128(1 << 100);
        let later = uuid::Uuid::from_u128((1 << 100) + 1);
        assert!(encode(earlier) < encode(later));
        assert_eq!(encode(later).len(), 26);
        assert!(looks_like("org", &format!("org_{}", encode(later))));
        assert!(!looks_like("org", "org_short") && !looks_like("org", &format!("usr_{}", encode(later))));
    }
}
