//! Static files, made ready to be served: one style sheet and one script out of many files, without comments, each packed as small as it
//! gets. It is done here, once, so that the program starts at once and packs nothing while it serves.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=static");
    println!("cargo:rerun-if-changed=build.rs");
    let from = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("static");
    let to = PathBuf::from(env::var("OUT_DIR").unwrap_or_default());
    let mut names = Vec::new();
    walk(&from, "", &mut names)?;
    names.sort();

    let mut version = DefaultHasher::new();
    let mut served: Vec<(String, Vec<u8>)> = Vec::new();
    let (mut styles, mut script) = (String::new(), String::new());
    for name in names.iter().filter(|n| *n != "ui.lock") {
        let body = fs::read(from.join(name))?;
        (name, &body).hash(&mut version);
        let text = String::from_utf8_lossy(&body);
        match name.as_str() {
            // What others wrote is served as they wrote it.
            // An extension is for the few pages that ask for it.
            n if n.starts_with("vendor/htmx-ext-") => served.push((name.clone(), body)),
            n if n.starts_with("vendor/") && n.ends_with(".js") => script.insert_str(0, &format!("{text}\n;\n")),
            n if n.starts_with("css/") => styles.push_str(&smaller_css(&text)),
            // It has to run before the first paint.
            "js/theme.js" => served.push((name.clone(), smaller_js(&text).into_bytes())),
            n if n.starts_with("js/") => script.push_str(&smaller_js(&text)),
            _ => served.push((name.clone(), body)),
        }
    }
    served.push(("console.css".into(), styles.into_bytes()));
    served.push(("console.js".into(), script.into_bytes()));

    // A change of what this file does to them is a change of the files.
    fs::read("build.rs")?.hash(&mut version);
    let version = format!("{:011x}", version.finish() >> 20);
    let mut table = format!("const VERSION: &str = \"{version}\";\nmacro_rules! icons {{ () => {{ \"/static/{version}/icons.svg\" }} }}\n");
    table.push_str("static FILES: &[File] = &[\n");
    for (name, body) in served {
        let (mime, packs) = kind(&name);
        let keep = |ending: &str, bytes: &[u8]| -> io::Result<String> {
            let path = to.join(format!("{}{ending}", name.replace('/', "_")));
            fs::write(&path, bytes)?;
            Ok(format!("include_bytes!({path:?})"))
        };
        let plain = keep("", &body)?;
        let (brotli, gzip) = if packs { (keep(".br", &brotli(&body)?)?, keep(".gz", &gzip(&body)?)?) } else { ("&[]".into(), "&[]".into()) };
        let _ = writeln!(table, "File {{ name: {name:?}, mime: {mime:?}, plain: {plain}, brotli: {brotli}, gzip: {gzip} }},");
    }
    table.push_str("];\n");
    fs::write(to.join("files.rs"), table)
}

fn walk(folder: &Path, below: &str, names: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() { walk(&entry.path(), &format!("{name}/"), names)? } else { names.push(name) }
    }
    Ok(())
}

/// How it is called in an answer, and whether packing makes it smaller: fonts are packed by nature.
fn kind(name: &str) -> (&'static str, bool) {
    match name.rsplit('.').next() {
        Some("css") => ("text/css; charset=utf-8", true),
        Some("js") => ("text/javascript; charset=utf-8", true),
        Some("svg") => ("image/svg+xml", true),
        Some("woff2") => ("font/woff2", false),
        _ => ("text/plain; charset=utf-8", true),
    }
}

fn brotli(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let best = brotli::enc::BrotliEncoderParams { quality: 11, size_hint: body.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &*body, &mut packed, &best)?;
    Ok(packed)
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body)?;
    encoder.finish()
}

/// Without comments, and without blanks where they mean nothing. Text in quotes stays as it is.
fn smaller_css(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
        } else if c == '"' {
            let end = rest[1..].find('"').map_or(rest.len(), |end| end + 2);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if c.is_whitespace() {
            rest = rest.trim_start();
            let needless = |c: char| matches!(c, '{' | '}' | ';' | ',' | '>' | '~' | '!');
            if !out.is_empty() && !out.ends_with(|c| needless(c) || c == ':') && !rest.starts_with(needless) {
                out.push(' ');
            }
        } else {
            if c == '}' && out.ends_with(';') {
                out.pop();
            }
            out.push(c);
            rest = &rest[c.len_utf8()..];
            if matches!(c, '{' | '}' | ';' | ',' | '>' | '~' | ':') {
                rest = rest.trim_start();
            }
        }
    }
    out
}

/// Without comments that have a line of their own, and without indentation.
fn smaller_js(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_comment = false;
    for line in text.lines().map(str::trim) {
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            out.push_str(line);
            out.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    out
}
