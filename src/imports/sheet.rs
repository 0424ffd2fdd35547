//! A CSV file as programs for tables write it: with commas, semicolons or tabs, with or without quotes, the columns in any order.

use crate::base::error::{Error, Result};
use crate::base::web::export::fused;

/// One row as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    pub line: i64,
    pub email: String,
    pub name: String,
    pub roles: String,
    pub projects: String,
}

/// What a column may be called; the first is the name that we give it.
const COLUMNS: [&[&str]; 4] = [
    &["email", "e-mail", "mail", "e-mail address", "email address", "emails"],
    &["name", "full name", "display name"],
    &["roles", "role"],
    &["projects", "project"],
];

/// A cell is cut there: no column takes more.
const LONGEST: usize = 300;

/// Which of our columns stands where, and how the file parts them.
#[derive(Debug, Clone)]
pub struct Layout {
    separator: u8,
    columns: [Option<usize>; 4],
    /// Where the first row begins.
    start: usize,
}

impl Layout {
    /// Reads the heading. A file that cannot be read is refused with what to do about it.
    pub fn of(text: &str) -> Result<Self> {
        let refused = |why: &str| Error::field("file", "invalid", why);
        let first = text.lines().next().unwrap_or_default();
        if first.trim().is_empty() {
            return Err(refused("The first line is empty. It has to name the columns: email, and if you like name, roles, projects."));
        }
        let separator = [b',', b';', b'\t'].into_iter().max_by_key(|s| first.bytes().filter(|b| b == s).count()).unwrap_or(b',');
        let mut reader = reader(text.as_bytes(), separator);
        let mut record = csv::StringRecord::new();
        reader.read_record(&mut record).map_err(|e| refused(&format!("The first line cannot be read as CSV: {e}.")))?;
        let heading: Vec<String> = record.iter().map(|cell| cell.trim().to_lowercase()).collect();
        let columns = COLUMNS.map(|names| names.iter().find_map(|name| heading.iter().position(|h| h == name)));
        let [Some(_), ..] = columns else {
            let hint = if first.contains('@') {
                " The first line seems to be a person already; put a line with the names of the columns above it."
            } else {
                ""
            };
            return Err(refused(&format!("There is no column email. Its name stands in the first line.{hint}")));
        };
        let start = usize::try_from(reader.position().byte()).unwrap_or(0);
        Ok(Self { separator, columns, start })
    }

    /// The rows from a byte of the file on (at the beginning or where the last one ended), at most so many, with where they end.
    pub fn rows(&self, text: &str, position: usize, line: i64, most: usize) -> (Vec<Line>, usize) {
        let from = position.max(self.start);
        let mut reader = reader(text.as_bytes().get(from..).unwrap_or_default(), self.separator);
        let mut rows = Vec::new();
        let (mut line, mut record) = (line.max(1), csv::ByteRecord::new());
        // Every byte sequence is a table of some kind to this reader, so the one thing that ends it is the end.
        while rows.len() < most && reader.read_byte_record(&mut record).unwrap_or(false) {
            line += 1;
            let cell = |column: usize| {
                let at = self.columns.get(column).copied().flatten();
                let bytes = at.and_then(|at| record.get(at)).unwrap_or_default();
                fused(String::from_utf8_lossy(bytes).trim()).chars().filter(|c| !crate::base::text::is_unsafe(*c)).take(LONGEST).collect::<String>()
            };
            let row = Line { line, email: cell(0), name: cell(1), roles: cell(2), projects: cell(3) };
            if !record.iter().all(<[u8]>::is_empty) {
                rows.push(row);
            }
        }
        let read = usize::try_from(reader.position().byte()).unwrap_or(0);
        (rows, from + read)
    }
}

fn reader(bytes: &[u8], separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(bytes)
}

/// The text of a file: UTF-8, with or without its mark.
pub fn text(bytes: Vec<u8>) -> Result<String> {
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::field("file", "invalid", "The file is not in UTF-8. Save it as “CSV UTF-8” and send it again."))?;
    if text.contains('\0') {
        return Err(Error::field("file", "invalid", "This is no CSV file. Save the table as “CSV UTF-8” and send that."));
    }
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_however_they_are_written() {
        for text in [
            "email,name,roles\nana@x.example,Ana,ADMIN\n",
            "Name;E-Mail;Roles\r\n\"Ana\";ana@x.example;ADMIN\r\n",
            "mail\troles\tname\nana@x.example\tADMIN\tAna",
        ] {
            let layout = Layout::of(text).unwrap();
            let (rows, end) = layout.rows(text, 0, 0, 100);
            assert_eq!(rows, [Line { line: 2, email: "ana@x.example".into(), name: "Ana".into(), roles: "ADMIN".into(), projects: String::new() }]);
            assert_eq!(end, text.len());
        }
        assert!(Layout::of("ana@x.example\n").is_err() && Layout::of("").is_err());
    }

    #[test]
    fn a_file_is_read_in_pieces() {
        let text = "email\na@x.example\n\"b\n@x\"\nc@x.example\n\nd@x.example";
        let layout = Layout::of(text).unwrap();
        let (mut at, mut line, mut seen) = (0, 0, Vec::new());
        while at < text.len() {
            let (rows, end) = layout.rows(text, at, line, 2);
            line = rows.last().map_or(line, |r| r.line);
            seen.extend(rows.into_iter().map(|r| r.email));
            at = end;
        }
        assert_eq!(seen, ["a@x.example", "b@x", "c@x.example", "d@x.example"]);
    }

    #[test]
    fn other_files_are_told_what_to_do() {
        assert!(text(vec![0xff, 0xfe, 0x41]).is_err() && text(b"a\0b".to_vec()).is_err());
        assert_eq!(text("\u{feff}email".as_bytes().to_vec()).unwrap(), "email");
    }
}
