//! The SQL of the figures: each is a range of an index, or kept beside what it counts.

pub mod map;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{Coverage, Growth, Month, months};
use crate::base::db::{Conn, Ts, typed};
use crate::base::error::Result;
use crate::base::ids::OrgId;

/// Who came and went between each two of the bounds, and how many are there now: two statements.
pub fn growth(c: &mut Conn, org: &OrgId, bounds: &[Ts]) -> Result<Growth> {
    let months: Vec<String> = (2..=bounds.len()).map(|n| format!("(${n}, ${})", n + 1)).collect();
    let text = format!(
        "WITH months (since, until) AS (VALUES {})
         SELECT since, (SELECT COUNT(*) FROM members m WHERE m.org_id = $1 AND m.valid_from >= since AND m.valid_from < until),
                       (SELECT COUNT(*) FROM members m WHERE m.org_id = $1 AND m.valid_to >= since AND m.valid_to < until)
         FROM months ORDER BY since",
        months.join(", ")
    );
    let query = bounds.iter().fold(typed::<(BigInt, BigInt, BigInt)>(text).bind(org), |query, at| query.bind(*at));
    let counted: Vec<(i64, i64, i64)> = query.load(c)?;
    let now = typed::<BigInt>("SELECT COALESCE((SELECT members FROM org_counts WHERE org_id = $1), 0)").bind(org).get_result(c)?;
    Ok(told(now, counted))
}

/// The members at the end of each month, reckoned back from now.
fn told(now: i64, counted: Vec<(i64, i64, i64)>) -> Growth {
    let mut months = Vec::with_capacity(counted.len());
    let mut members = now;
    for (since, joined, left) in counted.into_iter().rev() {
        months.push(Month { month: months::key(Ts(since)), joined, left, members });
        members = (members - joined + left).max(0);
    }
    months.reverse();
    Growth { members: now, joined: months.iter().map(|m| m.joined).sum(), left: months.iter().map(|m| m.left).sum(), months }
}

pub fn coverage(c: &mut Conn, org: &OrgId, now: Ts) -> Result<Coverage> {
    let text = "SELECT COALESCE(k.members - k.suspended, 0), COALESCE(k.active_without_mfa, 0),
          (SELECT COUNT(*) FROM (SELECT 1 FROM externals WHERE org_id = $1 AND valid_to > $2 LIMIT 1000) AS e),
          (SELECT COUNT(*) FROM (SELECT mfa FROM externals WHERE org_id = $1 AND valid_to > $2 LIMIT 1000) AS e WHERE NOT mfa)
        FROM orgs o LEFT JOIN org_counts k ON k.org_id = o.id WHERE o.id = $1";
    let found = typed::<(BigInt, BigInt, BigInt, BigInt)>(text).bind(org).bind(now).get_result::<(i64, i64, i64, i64)>(c)?;
    let (members, members_without, externals, externals_without) = found;
    Ok(Coverage { members, members_without, externals, externals_without })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_a_month_are_reckoned_back_from_now() {
        let at = |day: &str| Ts::parse(day).unwrap().0;
        let growth = told(10, vec![(at("2026-09-01"), 4, 0), (at("2026-10-01"), 3, 2), (at("2026-11-01"), 2, 1)]);
        assert_eq!(growth.months.iter().map(|m| m.members).collect::<Vec<_>>(), [8, 9, 10]);
        assert_eq!((growth.joined, growth.left, growth.months[2].month.as_str()), (9, 3, "2026-11"));
    }
}
