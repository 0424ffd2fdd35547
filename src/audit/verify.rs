//! Walks the hash chains: an edited, deleted or inserted event is found, and so is a chain whose end was cut off.

use super::store;
use crate::base::error::Result;
use crate::base::world::World;

#[derive(Debug)]
pub struct Report {
    pub chain: String,
    pub events: u64,
    /// What is wrong first, with the event's place and id.
    pub broken: Option<String>,
}

pub fn verify(world: &World, only: Option<&str>) -> Result<Vec<Report>> {
    let mut c = world.db.reader()?;
    let mut reports = Vec::new();
    for (name, chain, kept_head) in store::chains(&mut c)? {
        if only.is_some_and(|slug| slug != name && slug != chain) {
            continue;
        }
        let mut report = Report { chain: name, events: 0, broken: None };
        let (mut head, mut seq) = (String::new(), 0);
        'walk: loop {
            let slice = store::after(&mut c, &chain, seq, 1000)?;
            if slice.is_empty() {
                break;
            }
            for row in slice {
                seq = row.seq;
                report.events += 1;
                let expected = world.keys.tag("audit", &format!("{head}{}", row.canonical()));
                if !crate::base::keys::same(&expected, &row.hash) {
                    report.broken =
                        Some(format!("event {} ({}) does not follow from the one before: it, or what stood before it, was changed", row.seq, row.id));
                    break 'walk;
                }
                head = row.hash;
            }
        }
        if report.broken.is_none() && head != kept_head {
            report.broken = Some(format!("the chain ends at event {seq}, but later events were written: its end is missing"));
        }
        reports.push(report);
    }
    Ok(reports)
}
