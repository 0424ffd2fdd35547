//! Addresses as people paste them: with commas, semicolons, spaces, line breaks, or as `Name <a@b>`.

use crate::base::text::Email;

/// Each address found, in order, with the line that it stands on (from 1): taken, or refused with the reason.
pub fn split(text: &str) -> Vec<(usize, String, Result<Email, String>)> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for piece in line.split([',', ';']) {
            for address in pieces(piece) {
                let parsed = Email::parse(&address);
                found.push((at + 1, address, parsed));
            }
        }
    }
    found
}

/// `Ola Berg <ola@x.org>` is one address; `a@x.org b@x.org` are two; `hugo` is one wrong one.
fn pieces(piece: &str) -> Vec<String> {
    let piece = piece.trim();
    if let (Some(open), Some(close)) = (piece.find('<'), piece.find('>'))
        && let Some(inside) = piece.get(open + 1..close)
    {
        let mut all = vec![inside.trim().to_owned()];
        all.extend(pieces(piece.get(close + 1..).unwrap_or_default()));
        return all;
    }
    let words: Vec<&str> = piece.split_whitespace().collect();
    match words.iter().filter(|w| w.contains('@')).count() {
        0 if piece.is_empty() => Vec::new(),
        0 => vec![piece.to_owned()],
        _ => words.into_iter().map(|w| w.trim_matches(|c| matches!(c, '"' | '\'' | '(' | ')')).to_owned()).filter(|w| !w.is_empty()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_however_they_are_pasted() {
        let text = "rosa@x.example, wen.li@x.example; a@x.example b@x.example\nOla Berg <ola@y.example>, \"Jo\" <jo@y.example>\n\nhugo@fernhill\nnobody here";
        let found = split(text);
        let good: Vec<_> = found.iter().filter(|f| f.2.is_ok()).map(|f| f.1.as_str()).collect();
        assert_eq!(good, ["rosa@x.example", "wen.li@x.example", "a@x.example", "b@x.example", "ola@y.example", "jo@y.example"]);
        let bad: Vec<_> = found.iter().filter(|f| f.2.is_err()).map(|f| (f.0, f.1.as_str())).collect();
        assert_eq!(bad, [(4, "hugo@fernhill"), (5, "nobody here")]);
    }
}
