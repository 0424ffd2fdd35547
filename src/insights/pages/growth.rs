//! The columns of members by month: who stayed and who joined above the line, who left below it.

use super::geometry::{one, short};
use crate::base::text::grouped;
use crate::insights::{Growth, months};

const WIDTH: f64 = 920.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 14.0;
/// From the highest mark to the lowest.
const PLOT: f64 = 196.0;
/// What happened at all is seen.
const THIN: f64 = 1.5;

pub struct Columns {
    pub height: String,
    pub marks: Vec<Mark>,
    pub columns: Vec<Column>,
    pub label_y: String,
    pub year_y: String,
}

/// A line across, with its number.
pub struct Mark {
    pub y: String,
    pub text_y: String,
    pub label: String,
}

pub struct Column {
    /// What the month is about, shown under the pointer.
    pub title: String,
    pub hit_x: String,
    pub hit_width: String,
    pub x: String,
    pub width: String,
    pub middle: String,
    pub stayed: Bar,
    pub joined: Bar,
    pub left: Bar,
    pub label: String,
    pub year: String,
}

pub struct Bar {
    pub y: String,
    pub height: String,
}

impl Bar {
    fn new(y: f64, height: f64) -> Self {
        Self { y: one(y), height: one(height) }
    }
    pub fn is_there(&self) -> bool {
        self.height != "0.0"
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures of people are far below 2^52")]
pub fn columns(growth: &Growth) -> Columns {
    let most = growth.months.iter().map(|m| m.members.max(m.joined)).max().unwrap_or(0).max(1);
    let below = growth.months.iter().map(|m| m.left).max().unwrap_or(0);
    let step = step(most);
    let top = most.div_euclid(step) * step + if most % step == 0 { 0 } else { step };
    let unit = PLOT / (top + below) as f64;
    let zero = TOP + top as f64 * unit;
    let tall = |n: i64| if n == 0 { 0.0 } else { (n as f64 * unit).max(THIN) };

    let pitch = (WIDTH - LEFT) / growth.months.len().max(1) as f64;
    let width = (pitch * 0.52).min(40.0);
    let many = growth.months.len() > 12;
    let column = |(at, m): (usize, &crate::insights::Month)| {
        let hit = LEFT + at as f64 * pitch;
        let (all, came) = (tall(m.members), tall(m.joined).min(tall(m.members)));
        let (name, year) = months::words(&m.month);
        Column {
            title: format!("{name} {year}: {} members, {} joined, {} left", grouped(m.members), grouped(m.joined), grouped(m.left)),
            hit_x: one(hit),
            hit_width: one(pitch),
            x: one(hit + (pitch - width) / 2.0),
            width: one(width),
            middle: one(hit + pitch / 2.0),
            stayed: Bar::new(zero - all + came, (all - came).max(0.0)),
            joined: Bar::new(zero - all, came),
            left: Bar::new(zero + 1.0, tall(m.left)),
            label: if many && at % 2 == 1 { String::new() } else { name.clone() },
            year: if at == 0 || name == "Jan" { year } else { String::new() },
        }
    };
    let mark = |n: i64| {
        let y = zero - n as f64 * unit;
        Mark { y: one(y), text_y: one(y + 4.0), label: short(n) }
    };
    Columns {
        height: one(TOP + PLOT + 40.0),
        marks: (0..=top / step).map(|n| mark(n * step)).collect(),
        columns: growth.months.iter().enumerate().map(column).collect(),
        label_y: one(TOP + PLOT + 20.0),
        year_y: one(TOP + PLOT + 35.0),
    }
}

/// Between two marks: 1, 2 or 5 with zeros, so that there are two to five of them.
fn step(most: i64) -> i64 {
    let mut ten = 1;
    loop {
        for step in [ten, 2 * ten, 5 * ten] {
            if most <= step * 4 {
                return step;
            }
        }
        ten *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::Month;

    fn month(month: &str, joined: i64, left: i64, members: i64) -> Month {
        Month { month: month.into(), joined, left, members }
    }

    #[test]
    fn columns_stand_on_the_line_and_who_left_hangs_below_it() {
        let months = vec![month("2026-10", 0, 0, 30), month("2026-11", 12, 2, 40)];
        let chart = columns(&Growth { members: 40, joined: 12, left: 2, months });
        // 40 above and 2 below share 196 points.
        let zero = 14.0 + 40.0 * 196.0 / 42.0;
        assert_eq!(chart.marks.iter().map(|m| m.label.as_str()).collect::<Vec<_>>(), ["0", "10", "20", "30", "40"]);
        assert_eq!(chart.marks[0].y, one(zero));
        let (before, after) = (&chart.columns[0], &chart.columns[1]);
        assert!(!before.joined.is_there() && !before.left.is_there());
        assert_eq!((after.joined.y.as_str(), after.joined.height.as_str()), ("14.0", "56.0"));
        assert_eq!((after.stayed.y.as_str(), after.stayed.height.as_str()), ("70.0", "130.7"));
        assert_eq!(after.left.height, "9.3");
        assert_eq!(after.title, "Nov 2026: 40 members, 12 joined, 2 left");
        assert_eq!((before.year.as_str(), after.year.as_str()), ("2026", ""));
    }

    #[test]
    fn marks_are_round_numbers_at_every_size() {
        assert_eq!([1, 4, 7, 42, 99_999, 100_001].map(step), [1, 1, 2, 20, 50_000, 50_000]);
        let chart = columns(&Growth { members: 0, joined: 0, left: 0, months: vec![month("2026-11", 0, 0, 0)] });
        assert_eq!(chart.marks.len(), 2, "an empty organization has a picture too");
        let months = vec![month("2026-11", 1, 1, 100_000)];
        let chart = columns(&Growth { members: 100_000, joined: 1, left: 1, months });
        assert_eq!((chart.columns[0].joined.height.as_str(), chart.marks[1].label.as_str()), ("1.5", "50k"));
    }
}
