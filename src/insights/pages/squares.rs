//! One square for one person, or for one in a hundred when there are many.

use super::geometry::one;
use crate::base::text::grouped;

const WIDTH: f64 = 554.0;
const GAP: f64 = 6.0;
/// More people than this are told in hundredths.
const EACH: i64 = 196;

pub struct Squares {
    pub height: String,
    pub size: String,
    pub round: String,
    pub cells: Vec<Cell>,
    /// What one square is.
    pub each: String,
}

pub struct Cell {
    pub x: String,
    pub y: String,
    /// The class that colours it.
    pub look: &'static str,
}

/// The groups in their order: a class each, and how many people. `noun` is what they are called, one and many.
#[expect(clippy::cast_precision_loss, reason = "at most 196 squares")]
pub fn squares(groups: &[(&'static str, i64)], noun: (&str, &str)) -> Squares {
    let total: i64 = groups.iter().map(|(_, n)| n).sum();
    let counts: Vec<i64> = groups.iter().map(|(_, n)| *n).collect();
    let (shown, each) = if total > EACH {
        (hundredths(&counts), format!("One square is one in a hundred, about {} {}.", grouped((total + 50) / 100), noun.1))
    } else {
        (counts, format!("One square is one {}.", noun.0))
    };
    let all: i64 = shown.iter().sum();
    let columns: i64 = match all {
        i64::MIN..=42 => 14,
        43..=84 => 21,
        _ if total > EACH => 25,
        _ => 28,
    };
    let pitch = (WIDTH + GAP) / columns as f64;
    let size = pitch - GAP;
    let looks = groups.iter().zip(&shown).flat_map(|((look, _), n)| (0..*n).map(move |_| *look));
    let cell = |(at, look): (i64, &'static str)| Cell { x: one((at % columns) as f64 * pitch), y: one((at / columns) as f64 * pitch), look };
    let rows = (all + columns - 1) / columns;
    Squares {
        height: one((rows as f64 * pitch - GAP).max(0.0)),
        size: one(size),
        round: one(size / 6.0),
        cells: (0..).zip(looks).map(cell).collect(),
        each,
    }
}

/// Shares of a hundred squares. Who is there at all has a square, and the largest group gives it.
fn hundredths(counts: &[i64]) -> Vec<i64> {
    let total: i64 = counts.iter().sum();
    let mut shares: Vec<i64> = counts.iter().map(|n| if *n == 0 { 0 } else { ((n * 100 + total / 2) / total).max(1) }).collect();
    let over = shares.iter().sum::<i64>() - 100;
    if let Some(largest) = shares.iter_mut().max() {
        *largest -= over;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_person_has_a_square_while_they_can_be_counted() {
        let few = squares(&[("p", 35), ("n", 7)], ("member", "members"));
        assert_eq!((few.cells.len(), few.size.as_str(), few.height.as_str()), (42, "34.0", "114.0"));
        assert_eq!(few.cells.iter().filter(|c| c.look == "n").count(), 7);
        assert_eq!((few.cells[15].x.as_str(), few.cells[15].y.as_str()), ("40.0", "40.0"));
        assert_eq!(few.each, "One square is one member.");
        assert!(squares(&[("p", 0), ("n", 0)], ("member", "members")).cells.is_empty());
    }

    #[test]
    fn of_many_people_each_group_keeps_its_share_and_nobody_vanishes() {
        let many = squares(&[("p", 99_999), ("n", 1)], ("member", "members"));
        assert_eq!((many.cells.len(), many.cells.iter().filter(|c| c.look == "n").count()), (100, 1));
        assert_eq!(many.each, "One square is one in a hundred, about 1,000 members.");
        assert_eq!(hundredths(&[333, 333, 334]).iter().sum::<i64>(), 100);
    }
}
