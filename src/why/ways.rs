//! From rows to ways: what gives what, what remains without some of it, and the fewest rows to take. Pure; the guard's own answer to
//! the same question is compared with it by a test.

use std::collections::BTreeSet;

use super::{Explained, Given, Way};
use crate::access::permissions::{CATALOGUE, Level, Perms};
use crate::base::ids::Id;

/// A role held in the organization, and what it gives there.
#[derive(Debug, Clone)]
pub struct Held {
    pub given: Given,
    pub perms: Perms,
}

/// Access given on the project asked about; `to_role` is the role it was given to.
#[derive(Debug, Clone)]
pub struct Opened {
    pub given: Given,
    pub perms: Perms,
    pub to_role: Option<String>,
}

/// The keys of these levels, in the order of the catalogue.
fn keys(perms: &Perms, levels: &[Level]) -> Vec<&'static str> {
    CATALOGUE.iter().filter(|p| levels.contains(&p.level) && perms.has(p.key)).map(|p| p.key).collect()
}

/// Every way to anything of these levels.
pub fn ways(held: &[Held], opened: &[Opened], levels: &[Level]) -> Vec<Way> {
    let by_role = held.iter().map(|h| Way { steps: vec![h.given.clone()], permissions: keys(&h.perms, levels) });
    let by_access = opened.iter().flat_map(|o| {
        let way = |steps: Vec<Given>| Way { steps, permissions: keys(&o.perms, levels) };
        match &o.to_role {
            None => vec![way(vec![o.given.clone()])],
            Some(role) => held.iter().filter(|h| h.given.role.id.as_str() == role).map(|h| way(vec![h.given.clone(), o.given.clone()])).collect(),
        }
    });
    by_role.chain(by_access).filter(|way| !way.permissions.is_empty()).collect()
}

/// What these ways give together.
pub fn permissions(ways: &[Way]) -> Vec<Explained> {
    let of = |key: &str| ways.iter().enumerate().filter(|(_, way)| way.permissions.contains(&key)).map(|(at, _)| at).collect::<Vec<_>>();
    CATALOGUE
        .iter()
        .map(|p| Explained { key: p.key, description: p.description, sensitive: p.sensitive, ways: of(p.key) })
        .filter(|p| !p.ways.is_empty())
        .collect()
}

/// The ways that are left without some rows.
pub fn without(ways: &[Way], rows: &BTreeSet<String>) -> Vec<Way> {
    ways.iter().filter(|way| way.steps.iter().all(|step| !rows.contains(&step.id))).cloned().collect()
}

/// The fewest rows without which no way is left. A way of one step needs that step. Of what remains, the ways by one role all go from
/// one of its holdings to one of its openings, and roles share neither: so either all holdings of it are taken, or all openings, whichever
/// are fewer. Where both are as many, the person loses the role rather than everybody who holds it the access.
pub fn fewest(ways: &[Way]) -> Vec<String> {
    let mut taken: BTreeSet<String> =
        ways.iter().filter(|way| way.steps.len() == 1).filter_map(|way| way.steps.first()).map(|s| s.id.clone()).collect();
    let left = without(ways, &taken);
    let pairs: Vec<(&Given, &Given)> = left.iter().filter_map(|way| way.steps.first().zip(way.steps.get(1))).collect();
    let roles: BTreeSet<&str> = pairs.iter().map(|(held, _)| held.role.id.as_str()).collect();
    for role in roles {
        let of_role = || pairs.iter().filter(|(held, _)| held.role.id.as_str() == role);
        let holdings: BTreeSet<String> = of_role().map(|(held, _)| held.id.clone()).collect();
        let openings: BTreeSet<String> = of_role().map(|(_, opened)| opened.id.clone()).collect();
        taken.extend(if openings.len() < holdings.len() { openings } else { holdings });
    }
    taken.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::RoleHeld;
    use crate::base::db::Ts;
    use crate::base::ids::RoleId;

    fn given(id: String, kind: &'static str, to: &str, role: &str) -> Given {
        Given {
            kind,
            id,
            to: to.into(),
            to_name: String::new(),
            role: RoleHeld { id: RoleId::known(role.into()), key: role.into(), name: role.into() },
            source: "manual".into(),
            given_by: String::new(),
            valid_from: Ts(0),
            valid_to: None,
        }
    }

    /// Some rows, chosen by the bits of a number.
    fn some(seed: u64) -> (Vec<Held>, Vec<Opened>) {
        let bit = |n: u32| seed >> n & 1 == 1;
        let mut held = Vec::new();
        for (at, (role, perms)) in
            [("rol_a", Perms::default()), ("rol_a", Perms::default()), ("rol_b", Perms::default()), ("rol_c", Perms::of(&["projects.read"]))]
                .into_iter()
                .enumerate()
        {
            if bit(u32::try_from(at).unwrap()) {
                held.push(Held { given: given(format!("asg_{at}"), "role_assignment", "user", role), perms });
            }
        }
        let mut opened = Vec::new();
        for (at, (to, level)) in [
            ("rol_a", "editor"),
            ("rol_a", "viewer"),
            ("rol_a", "owner"),
            ("rol_b", "viewer"),
            ("rol_b", "owner"),
            ("rol_c", "editor"),
            ("", "viewer"),
        ]
        .into_iter()
        .enumerate()
        {
            if bit(4 + u32::try_from(at).unwrap()) {
                let to_role = Some(to.to_owned()).filter(|to| !to.is_empty());
                let kind = if to_role.is_some() { "role" } else { "user" };
                let perms = crate::access::permissions::of_builtin("project", level);
                opened.push(Opened { given: given(format!("grt_{at}"), "grant", kind, level), perms, to_role });
            }
        }
        (held, opened)
    }

    #[test]
    fn the_fewest_end_every_way_and_no_fewer_do() {
        for seed in 0..1 << 11 {
            let (held, opened) = some(seed);
            let ways = ways(&held, &opened, &[Level::Project]);
            let fewest = fewest(&ways);
            assert!(without(&ways, &fewest.iter().cloned().collect()).is_empty(), "{seed}: {fewest:?}");
            let rows: Vec<&String> = held.iter().map(|h| &h.given.id).chain(opened.iter().map(|o| &o.given.id)).collect();
            for chosen in 0_u32..1 << rows.len() {
                if chosen.count_ones() as usize >= fewest.len() {
                    continue;
                }
                let some = rows.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, id)| (*id).clone()).collect();
                assert!(!without(&ways, &some).is_empty(), "{seed}: {some:?} is fewer than {fewest:?}");
            }
        }
    }

    #[test]
    fn a_permission_goes_with_its_last_way() {
        let (held, opened) = some(0b0100_0001_0001);
        let all = ways(&held, &opened, &[Level::Project]);
        let keys = |ways: &[Way]| permissions(ways).iter().map(|p| p.key).collect::<Vec<_>>();
        assert_eq!(keys(&all), ["projects.read", "projects.update"], "Viewer by name, and Editor by a role");
        assert_eq!(keys(&without(&all, &BTreeSet::from(["asg_0".to_owned()]))), ["projects.read"]);
        assert!(keys(&without(&all, &BTreeSet::from(["asg_0".to_owned(), "grt_6".to_owned()]))).is_empty());
    }
}
