//! `Times`: times as one person reads them, in their zone: "4 min ago" in lists, with the exact time and its zone behind it.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::db::Ts;
use super::preferences::Zone;

#[derive(Debug, Clone)]
pub struct Times {
    now: Ts,
    zone: Zone,
    rules: TimeZone,
}

/// A time on a page.
#[derive(Debug, Clone)]
pub struct When {
    /// For programs: UTC, to the minute as it is told to people; empty when it never was.
    pub at: String,
    /// With its zone: `24 Nov 2026, 09:12 CET`.
    pub exact: String,
    /// What is read.
    pub text: String,
}

impl Times {
    pub fn new(now: Ts, zone: &Zone) -> Self {
        Self { now, zone: zone.clone(), rules: zone.rules() }
    }

    /// "4 min ago", "in 6 days".
    pub fn ago(&self, at: Ts) -> When {
        self.when(at, at.relative(self.now))
    }
    /// The same of what may never have been.
    pub fn ago_or_never(&self, at: Option<Ts>) -> When {
        at.map_or_else(|| When { at: String::new(), exact: String::new(), text: "Never".into() }, |at| self.ago(at))
    }
    /// `14 Mar 2026`
    pub fn day(&self, at: Ts) -> When {
        self.when(at, self.told(at, "%-d %b %Y"))
    }
    /// `14 Mar 2026, 08:12:45`, for a table whose heading names the zone.
    pub fn second(&self, at: Ts) -> When {
        self.when(at, self.told(at, "%-d %b %Y, %H:%M:%S"))
    }
    /// `14 Mar 2026, 08:12 CET`
    pub fn exact(&self, at: Ts) -> String {
        self.told(at, "%-d %b %Y, %H:%M %Z")
    }
    /// The zone by name, for headings.
    pub fn zone(&self) -> &str {
        self.zone.as_str()
    }

    /// The first moment of a day (or of the one after it) in this zone, as a filter takes it; anything but a plain date stays as it is.
    pub fn start_of_day(&self, text: &str, days_later: i64) -> String {
        let start = |date: Date| date.checked_add(jiff::Span::new().try_days(days_later)?)?.to_zoned_datetime(self.rules.clone());
        match text.trim().parse::<Date>().ok().filter(|_| text.trim().len() == 10).map(start) {
            Some(Ok(at)) => Ts(at.timestamp().as_microsecond()).rfc3339(),
            _ => text.to_owned(),
        }
    }

    fn when(&self, at: Ts, text: String) -> When {
        When { at: at.timestamp().strftime("%Y-%m-%dT%H:%MZ").to_string(), exact: self.exact(at), text }
    }
    fn told(&self, at: Ts, format: &str) -> String {
        at.timestamp().to_zoned_datetime(self.rules.clone()).strftime(format).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_zone_of_who_reads_them() {
        let at = Ts::parse("2026-11-24T23:12:00Z").unwrap();
        let of = |zone: &str| Times::new(at, &Zone::parse(zone).unwrap());
        assert_eq!(of("UTC").exact(at), "24 Nov 2026, 23:12 UTC");
        assert_eq!(of("Europe/Berlin").exact(at), "25 Nov 2026, 00:12 CET");
        assert_eq!(of("Europe/Berlin").day(at).text, "25 Nov 2026");
        assert_eq!(of("Asia/Kathmandu").second(at).text, "25 Nov 2026, 04:57:00");
        assert_eq!(of("Asia/Kathmandu").ago(at).at, "2026-11-24T23:12Z", "the machine's time stays UTC");
        assert_eq!(of("UTC").ago_or_never(None).text, "Never");
    }

    #[test]
    fn a_day_begins_at_midnight_where_the_reader_is() {
        let berlin = Times::new(Ts(0), &Zone::parse("Europe/Berlin").unwrap());
        assert_eq!(berlin.start_of_day("2026-11-24", 0), "2026-11-23T23:00:00.000000Z");
        assert_eq!(berlin.start_of_day("2026-03-29", 1), "2026-03-29T22:00:00.000000Z", "the day that has 23 hours");
        assert_eq!(berlin.start_of_day("2026-11-24T08:00:00Z", 0), "2026-11-24T08:00:00Z");
        assert_eq!(berlin.start_of_day("soon", 0), "soon");
    }
}
