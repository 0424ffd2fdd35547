//! Numbers of a picture: points with one decimal, figures for people.

use crate::base::text::grouped;

/// A coordinate.
pub fn one(n: f64) -> String {
    // No minus zero.
    format!("{:.1}", n + 0.0)
}

/// "1,204", "50k", "1.5M": for an axis.
pub fn short(n: i64) -> String {
    let with = |unit: i64, letter: &str| {
        let tenth = n * 10 / unit;
        if tenth % 10 == 0 { format!("{}{letter}", tenth / 10) } else { format!("{}.{}{letter}", tenth / 10, tenth % 10) }
    };
    match n {
        1_000_000.. => with(1_000_000, "M"),
        10_000.. => with(1000, "k"),
        _ => grouped(n),
    }
}

/// Cut to so many characters, with a sign that there is more.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { format!("{}…", text.chars().take(most - 1).collect::<String>().trim_end()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_exact() {
        assert_eq!([40, 2000, 50_000, 12_500, 1_500_000].map(short), ["40", "2,000", "50k", "12.5k", "1.5M"]);
        assert_eq!((one(1.05), one(-0.0), cut("Simulation farm", 10)), ("1.1".into(), "0.0".into(), "Simulatio…".into()));
    }
}
