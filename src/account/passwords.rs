//! What makes a password acceptable: length, and not being one that everybody tries. No rules about which characters.

use crate::base::error::{Error, Result};
use crate::base::text::Secret;

const SHORTEST: usize = 12;
const LONGEST: usize = 256;

/// Checks a new password; `about` are words that a stranger would try first (the address, names of organizations, the product).
pub fn check(password: &Secret, about: &[&str]) -> Result<()> {
    let refuse = |message: &str| Err(Error::field("password", "weak", message));
    let text = password.expose();
    // Bytes first, so that a megabyte is refused without being counted.
    if text.len() > LONGEST * 4 || text.chars().count() > LONGEST {
        return refuse("Password takes at most 256 characters.");
    }
    if text.chars().count() < SHORTEST {
        return refuse("Password needs at least 12 characters. Three or four unrelated words are easy to remember.");
    }
    let lower = text.to_lowercase();
    let plain = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    let words = about.iter().flat_map(|a| [a.to_lowercase(), a.split('@').next().unwrap_or_default().to_lowercase()]);
    if words.filter(|w| w.chars().count() >= 4).any(|w| w == lower || w == plain) {
        return refuse("Password must not be your address, your name or the name of the organization.");
    }
    if is_common(&lower) {
        return refuse("That password is among those that are tried first. Choose another.");
    }
    Ok(())
}

/// Whether the password is made of nothing but what is tried first: entries of the list of common passwords (the 30,000 of the
/// zxcvbn estimator), runs, keyboard rows and repetitions, and few guesses away.
fn is_common(lower: &str) -> bool {
    use zxcvbn::matching::patterns::MatchPattern;
    let head: String = lower.chars().take(72).collect();
    let guess = zxcvbn::zxcvbn(&head, &["bailiwick"]);
    let whole = guess.sequence().len() == 1;
    let known = guess.sequence().iter().all(|part| !matches!(part.pattern, MatchPattern::BruteForce));
    known && guess.guesses_log10() < if whole { 8.0 } else { 6.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(password: &str) -> bool {
        check(&Secret::new(password), &["ana.ruiz@example.org", "Fernhill Robotics"]).is_ok()
    }

    #[test]
    fn length_counts_and_characters_do_not() {
        assert!(taken("correct horse") && taken("            x") && taken("ñandú-ñandú-ñandú") && taken(&"long ".repeat(51)));
        assert!(!taken("elevenchars") && !taken(&"x y ".repeat(65)) && !taken(&"a".repeat(1 << 20)));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for bad in [
            "passwordpassword",
            "123456789012",
            "qwertyuiop[]",
            "fernhill robotics",
            "Fernhill Robotics!",
            "ana.ruiz@example.org",
            "aaaaaaaaaaaaaa",
            "unbelievable",
        ] {
            assert!(!taken(bad), "{bad} was taken");
        }
    }
}
