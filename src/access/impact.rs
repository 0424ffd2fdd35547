//! What a change would do, counted and named.

use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Person {
    pub user_id: String,
    pub name: String,
    pub email: String,
    /// `member` or `external`.
    pub kind: String,
    /// What they gain or lose, in words; empty where the list's name says it.
    pub what: Vec<String>,
    /// Last seen, microseconds since 1970; for pages.
    #[serde(skip)]
    pub last_seen: Option<i64>,
}

/// People of one fate: all counted, the first hundred named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct People {
    pub count: i64,
    pub people: Vec<Person>,
}

impl People {
    pub const NAMED: usize = 100;

    pub fn add(&mut self, person: Person) {
        self.count += 1;
        if self.people.len() < Self::NAMED {
            self.people.push(person);
        }
    }
    /// "1 person loses", "4 people lose".
    pub fn counted(&self, one: &str, many: &str) -> String {
        crate::base::text::count(self.count, one, many)
    }
    pub fn names(&self, shown: usize) -> String {
        let names: Vec<String> = self.people.iter().map(|p| p.name.clone()).collect();
        let rest = usize::try_from(self.count).unwrap_or(0).saturating_sub(names.len());
        match rest {
            0 => crate::base::text::names(&names, shown),
            more => {
                format!("{} and {} more", names.iter().take(shown).cloned().collect::<Vec<_>>().join(", "), more + names.len().saturating_sub(shown))
            }
        }
    }
}

/// The difference of what people reach and of who is admitted, before and after a change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Impact {
    /// Have to set up a second factor before they get on.
    pub must_enrol: People,
    /// Have a second factor, but a session that did not prove it: they sign in again.
    pub must_verify: People,
    pub loses: People,
    pub gains: People,
    /// Live sessions that no longer open this organization.
    pub sessions_ended: i64,
    /// Personal access tokens that no longer open this organization.
    pub tokens_failing: i64,
    /// People of the organization for whom nothing changes, when everybody was looked at.
    pub unaffected: i64,
    /// ADMINs who can still sign in afterwards (counted up to 1,000).
    pub admins_left: i64,
    /// Stands for everybody who was looked at, also those not named.
    pub population: String,
}

impl Impact {
    /// What a save carries to say which preview its author saw.
    pub fn hash(&self) -> String {
        // Serializing a struct of texts and numbers cannot fail; an empty text would only make the preview look stale.
        crate::base::keys::digest(&serde_json::to_string(self).unwrap_or_default())
    }

    pub fn takes_away(&self) -> bool {
        self.must_enrol.count + self.must_verify.count + self.loses.count > 0
    }
}
