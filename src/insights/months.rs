//! Months of the calendar, in UTC: where each begins, and what it is called.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::base::db::Ts;
use crate::base::error::{Error, Result};

/// Where the latest `count` months begin, the oldest first, with the end of the one under way as last.
pub fn bounds(now: Ts, count: i64) -> Result<Vec<Ts>> {
    let wrong = |e: jiff::Error| Error::internal(format!("month: {e}"));
    let today = TimeZone::UTC.to_datetime(jiff::Timestamp::from_microsecond(now.0).map_err(wrong)?).date();
    let begin = |back: i64| -> Result<Ts> {
        let first = today.first_of_month().checked_sub(jiff::Span::new().months(back)).map_err(wrong)?;
        Ok(Ts(TimeZone::UTC.to_timestamp(first.to_datetime(jiff::civil::Time::midnight())).map_err(wrong)?.as_microsecond()))
    };
    (-1..count).rev().map(begin).collect()
}

/// `2026-11`
pub fn key(begin: Ts) -> String {
    begin.rfc3339().chars().take(7).collect()
}

/// "Nov" and "2026" of `2026-11`.
pub fn words(key: &str) -> (String, String) {
    let date: Option<Date> = format!("{key}-01").parse().ok();
    date.map_or_else(|| (key.to_owned(), String::new()), |d| (d.strftime("%b").to_string(), d.strftime("%Y").to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_their_first_moment_over_the_turn_of_the_year() {
        let now = Ts::parse("2026-01-31T23:59:59Z").unwrap();
        let bounds: Vec<String> = bounds(now, 3).unwrap().into_iter().map(Ts::rfc3339).collect();
        let days = ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"];
        assert_eq!(bounds, days.map(|d| format!("{d}T00:00:00.000000Z")));
        assert_eq!(key(now), "2026-01");
        assert_eq!(words("2026-01"), ("Jan".into(), "2026".into()));
    }
}
