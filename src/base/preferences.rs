//! How a person wants the console: light or dark, which time zone, single-key shortcuts. Kept with the user, so that the first paint
//! of every page is right already.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    pub theme: Theme,
    pub time_zone: Zone,
    pub shortcuts: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { theme: Theme::System, time_zone: Zone::default(), shortcuts: true }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [(Self, &str); 3] = [(Self::System, "System"), (Self::Light, "Light"), (Self::Dark, "Dark")];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
    /// As it stands in the database.
    pub fn known(text: &str) -> Self {
        Self::ALL.iter().find(|(theme, _)| theme.as_str() == text).map_or(Self::System, |(theme, _)| *theme)
    }
}

/// The zones come with the program: the same names on every machine, whatever is installed there.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The name of a time zone, such as `Europe/Berlin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Zone(String);

impl Default for Zone {
    fn default() -> Self {
        Self("UTC".into())
    }
}

impl Zone {
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("utc") {
            return Ok(Self::default());
        }
        let zone = ZONES.get(text).map_err(|_| format!("“{text}” is no time zone. Take a name such as Europe/Berlin, or UTC."))?;
        Ok(Self(zone.iana_name().unwrap_or(text).to_owned()))
    }
    /// As it stands in the database.
    pub fn known(text: String) -> Self {
        Self(text)
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
    pub fn rules(&self) -> TimeZone {
        if self.0 == "UTC" { TimeZone::UTC } else { ZONES.get(&self.0).unwrap_or(TimeZone::UTC) }
    }

    /// The zones of each part of the world, for a list to choose from. Old spellings are understood but not offered.
    pub fn offered() -> BTreeMap<String, Vec<String>> {
        const PARTS: [&str; 10] = ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];
        let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in ZONES.available() {
            if let Some((part, _)) = name.as_str().split_once('/').filter(|(part, _)| PARTS.contains(part)) {
                parts.entry(part.to_owned()).or_default().push(name.as_str().to_owned());
            }
        }
        parts
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_name_whatever_the_machine_has() {
        assert_eq!(Zone::parse("europe/berlin").unwrap().as_str(), "Europe/Berlin");
        assert_eq!(Zone::parse(" utc ").unwrap(), Zone::default());
        assert!(Zone::parse("Mars/Olympus").unwrap_err().contains("Mars/Olympus"));
        let offered = Zone::offered();
        assert!(offered["Asia"].contains(&"Asia/Kathmandu".to_owned()) && !offered.contains_key("Etc"));
    }
}
