//! `Ts`: a point in time as microseconds since 1970 in a BIGINT: the same precision, order and index in both databases.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::BigInt;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Ts(pub i64);

pub const SECOND: i64 = 1_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

impl Ts {
    /// The end of a validity that has none: an open row is one whose `valid_to` is still ahead.
    pub const FOREVER: Self = Self(i64::MAX);

    pub fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }
    pub fn minus(self, micros: i64) -> Self {
        Self(self.0.saturating_sub(micros))
    }
    pub fn seconds(self) -> i64 {
        self.0 / SECOND
    }
    /// `None` for [`Ts::FOREVER`].
    pub fn finite(self) -> Option<Self> {
        (self != Self::FOREVER).then_some(self)
    }

    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX)
    }
    /// RFC 3339 in UTC, to the microsecond: `2026-11-24T08:12:00.000001Z`.
    pub fn rfc3339(self) -> String {
        self.timestamp().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
    }
    /// `14 Mar 2026, 08:12 UTC`
    pub fn exact(self) -> String {
        self.timestamp().strftime("%-d %b %Y, %H:%M UTC").to_string()
    }
    /// "just now", "4 min ago", "Yesterday", "12 days ago", "in 6 days".
    pub fn relative(self, now: Self) -> String {
        let away = now.0.saturating_sub(self.0);
        let (span, past) = (away.abs(), away >= 0);
        let text = match span {
            s if s < MINUTE => return if past { "Just now".into() } else { "in a moment".into() },
            s if s < HOUR => format!("{} min", s / MINUTE),
            s if s < DAY => format!("{} h", s / HOUR),
            s if s < 2 * DAY => return if past { "Yesterday".into() } else { "tomorrow".into() },
            s if s < 60 * DAY => format!("{} days", s / DAY),
            s if s < 730 * DAY => format!("{} months", s / (30 * DAY)),
            s => format!("{} years", s / (365 * DAY)),
        };
        if past { format!("{text} ago") } else { format!("in {text}") }
    }

    /// Reads RFC 3339, or a plain date as its first moment in UTC.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
        whole
            .parse::<jiff::Timestamp>()
            .map(|t| Self(t.as_microsecond()))
            .map_err(|_| "takes a time such as 2026-11-24T08:12:00Z, or a date such as 2026-11-24.".to_owned())
    }
}

impl Serialize for Ts {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.rfc3339())
    }
}
impl<'de> Deserialize<'de> for Ts {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}
impl schemars::JsonSchema for Ts {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "date-time"})
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for Ts
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}
impl<DB: Backend> FromSql<BigInt, DB> for Ts
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(i64::from_sql(raw)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_tell_them() {
        let now = Ts::parse("2026-11-24T12:00:00Z").unwrap();
        assert_eq!(now.minus(4 * MINUTE).relative(now), "4 min ago");
        assert_eq!(now.minus(30 * HOUR).relative(now), "Yesterday");
        assert_eq!(now.plus(6 * DAY + HOUR).relative(now), "in 6 days");
        assert_eq!(now.rfc3339(), "2026-11-24T12:00:00.000000Z");
        assert!(Ts::parse("tomorrow").is_err());
    }
}
