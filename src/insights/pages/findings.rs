//! What each picture shows, as a sentence with figures: its heading.

use crate::base::text::{count, grouped};
use crate::insights::access_map::{AccessMap, COUNTED, Through, Way, rank};
use crate::insights::{Coverage, Growth};

/// A figure that is counted up to 1,000.
fn counted(n: i64, one: &str, more: &str) -> String {
    if usize::try_from(n).is_ok_and(|n| n >= COUNTED) { format!("1,000 or more {more}") } else { count(n, one, more) }
}

pub fn of_growth(growth: &Growth) -> (String, String) {
    let before = growth.members - growth.joined + growth.left;
    let span = if growth.months.len() == 12 { "a year ago".to_owned() } else { format!("{} months ago", growth.months.len()) };
    let than = match growth.members - before {
        0 => format!("as many as {span}"),
        n if n > 0 => format!("{} more than {span}", grouped(n)),
        n => format!("{} fewer than {span}", grouped(-n)),
    };
    let moved = format!("{} joined and {} left in {} months.", grouped(growth.joined), grouped(growth.left), growth.months.len());
    (format!("{}, {than}", count(growth.members, "member", "members")), moved)
}

pub fn of_members(coverage: &Coverage) -> String {
    match (coverage.members_without, coverage.members) {
        (0, 0) => "Nobody is in yet".into(),
        (0, all) => format!("All {} have a second factor", count(all, "member", "members")).replace("All 1 member have", "The one member has"),
        (1, all) => format!("1 of {} has no second factor", count(all, "member", "members")),
        (n, all) => format!("{} of {} have no second factor", grouped(n), count(all, "member", "members")),
    }
}

pub fn of_externals(coverage: &Coverage) -> String {
    let people = counted(coverage.externals, "person", "people");
    match (coverage.externals_without, coverage.externals) {
        (_, 0) => "Nobody from outside has access".into(),
        (0, 1) => "The one person from outside has a second factor".into(),
        (0, _) => format!("All {people} from outside have a second factor"),
        (1, _) => format!("1 of {people} from outside has no second factor"),
        (n, _) => format!("{} of {people} from outside have no second factor", grouped(n)),
    }
}

/// "Data", "Data and directly", "Data, everyone and directly".
fn through(map: &AccessMap, ways: &[Way]) -> String {
    let mut words: Vec<String> = Vec::new();
    for way in ways {
        let word = in_words(map, &way.through);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    crate::base::text::names(&words, 6)
}

/// By what somebody reaches something.
pub fn in_words(map: &AccessMap, through: &Through) -> String {
    match through {
        Through::Role(id) => map.roles.iter().find(|r| r.id == *id).map_or_else(|| "another role".into(), |r| r.name.clone()),
        Through::Everyone => "Everyone".into(),
        Through::Directly => "Direct access".into(),
    }
}

pub fn of_access(map: &AccessMap) -> String {
    let chosen = &map.chosen;
    let projects = format!("{} of {}", grouped(chosen.projects), count(chosen.all_projects, "project", "projects"));
    let ways = map.lit();
    let level = ways.iter().map(|w| w.level.as_str()).max_by_key(|l| rank(l)).unwrap_or_default();
    match (map.person(), map.role(), map.project()) {
        (None, None, None) => match map.externals {
            0 => "Nobody from outside reaches any project".into(),
            n => format!(
                "{} from outside reach{} {} of {}",
                counted(n, "person", "people"),
                if n == 1 { "es" } else { "" },
                grouped(map.external_projects),
                count(chosen.all_projects, "project", "projects")
            ),
        },
        (Some(person), None, None) if person.suspended => format!("{} is suspended and reaches nothing", person.name),
        (Some(person), None, None) => format!("{} reaches {projects}", person.name),
        (None, Some(role), None) => format!("{} opens {projects} to {}", role.name, counted(chosen.people, "person", "people")),
        (None, None, Some(project)) => {
            let outside = match chosen.externals {
                0 => String::new(),
                n => format!(", {} of them from outside", grouped(n)),
            };
            format!("{} reach{} {}{outside}", counted(chosen.people, "person", "people"), if chosen.people == 1 { "es" } else { "" }, project.name)
        }
        (Some(person), Some(role), None) if !person.roles.contains(&role.id) => format!("{} does not hold {}", person.name, role.name),
        (Some(person), Some(role), None) => format!("{} reaches {projects} as {}", person.name, role.name),
        (None, Some(role), Some(project)) => {
            let given = map.gives.iter().filter(|g| g.kind == "role" && g.subject == role.id && g.project == project.id).map(|g| g.level.as_str());
            match given.chain(role.everywhere.as_deref()).max_by_key(|l| rank(l)) {
                Some(level) => format!("{} makes {} {level} of {}", role.name, counted(chosen.people, "person", "people"), project.name),
                None => format!("{} does not open {}", role.name, project.name),
            }
        }
        (Some(person), role, Some(project)) if ways.is_empty() => {
            let by = role.map(|r| format!(" as {}", r.name)).unwrap_or_default();
            format!("{} does not reach {}{by}", person.name, project.name)
        }
        (Some(person), _, Some(project)) => format!("{} is {level} of {} through {}", person.name, project.name, through(map, &ways)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::access_map::{Chosen, Give, MapPerson, MapProject, MapRole};

    #[test]
    fn headings_say_the_finding_with_its_figures() {
        let coverage = |members, members_without, externals, externals_without| Coverage { members, members_without, externals, externals_without };
        assert_eq!(of_members(&coverage(42, 14, 0, 0)), "14 of 42 members have no second factor");
        assert_eq!(of_members(&coverage(42, 1, 0, 0)), "1 of 42 members has no second factor");
        assert_eq!(of_members(&coverage(1, 0, 0, 0)), "The one member has a second factor");
        assert_eq!(of_members(&coverage(100_000, 0, 0, 0)), "All 100,000 members have a second factor");
        assert_eq!(of_externals(&coverage(1, 0, 1000, 12)), "12 of 1,000 or more people from outside have no second factor");
        let growth = |members, joined, left| Growth { members, joined, left, months: Vec::new() };
        assert_eq!(of_growth(&growth(42, 12, 5)).0, "42 members, 7 more than 0 months ago");
        assert_eq!(of_growth(&growth(1, 0, 2)).0, "1 member, 2 fewer than 0 months ago");
    }

    #[test]
    fn the_map_answers_what_it_was_asked_in_every_combination() {
        let map = |person: bool, role: bool, project: bool| AccessMap {
            people: vec![MapPerson {
                user_id: "u".into(),
                name: "Bea Olsen".into(),
                email: String::new(),
                external: false,
                suspended: false,
                roles: vec!["d".into()],
            }],
            roles: vec![MapRole { id: "d".into(), key: "data".into(), name: "Data".into(), holders: 3, everywhere: None }],
            projects: vec![MapProject { id: "p".into(), slug: "sensors".into(), name: "Sensors".into() }],
            gives: vec![
                Give { project: "p".into(), kind: "role".into(), subject: "d".into(), level: "Editor".into() },
                Give { project: "p".into(), kind: "user".into(), subject: "u".into(), level: "Viewer".into() },
            ],
            chosen: Chosen {
                person: person.then(|| "u".into()),
                role: role.then(|| "d".into()),
                project: project.then(|| "p".into()),
                projects: 2,
                all_projects: 8,
                people: 3,
                externals: 1,
            },
            externals: 4,
            external_projects: 3,
            ..AccessMap::default()
        };
        for (asked, said) in [
            ((false, false, false), "4 people from outside reach 3 of 8 projects"),
            ((true, false, false), "Bea Olsen reaches 2 of 8 projects"),
            ((false, true, false), "Data opens 2 of 8 projects to 3 people"),
            ((false, false, true), "3 people reach Sensors, 1 of them from outside"),
            ((true, true, false), "Bea Olsen reaches 2 of 8 projects as Data"),
            ((false, true, true), "Data makes 3 people Editor of Sensors"),
            ((true, false, true), "Bea Olsen is Editor of Sensors through Data and Direct access"),
            ((true, true, true), "Bea Olsen is Editor of Sensors through Data"),
        ] {
            assert_eq!(of_access(&map(asked.0, asked.1, asked.2)), said);
        }
        let mut none = map(true, false, true);
        none.gives.clear();
        assert_eq!(of_access(&none), "Bea Olsen does not reach Sensors");
    }
}
