//! Static files, embedded as build.rs made them ready. Their address carries a fingerprint of all of them, so they may be kept forever
//! by browsers.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use super::compress::accepts;

struct File {
    name: &'static str,
    mime: &'static str,
    plain: &'static [u8],
    /// Empty where packing makes nothing smaller.
    brotli: &'static [u8],
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The address of the icons. It stands in a page some hundred times, so it is known to need no escaping.
#[derive(Clone, Copy)]
pub struct Icons;

pub fn icons() -> Icons {
    Icons
}

impl std::fmt::Display for Icons {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(icons!())
    }
}
impl askama::filters::HtmlSafe for Icons {}
impl askama::FastWritable for Icons {
    fn write_into(&self, dest: &mut dyn std::fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(dest.write_str(icons!())?)
    }
}

/// The address of a static file: `url("icons.svg")` is `/static/3f9c.../icons.svg`.
pub fn url(path: &str) -> String {
    format!("/static/{VERSION}/{path}")
}

pub async fn serve(req: HttpRequest) -> HttpResponse {
    let version = req.match_info().get("version").unwrap_or_default();
    let path = req.match_info().get("path").unwrap_or_default();
    let Some(file) = FILES.iter().find(|f| f.name == path && version == VERSION) else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("No such file.");
    };
    let mut res = HttpResponse::Ok();
    res.insert_header((header::CONTENT_TYPE, file.mime))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::VARY, "Accept-Encoding"));
    let packed = [("br", file.brotli), ("gzip", file.gzip)];
    match packed.into_iter().find(|(coding, body)| !body.is_empty() && accepts(req.headers(), coding)) {
        Some((coding, body)) => res.insert_header((header::CONTENT_ENCODING, coding)).body(body),
        None => res.body(file.plain),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_is_packed_is_the_same_unpacked() {
        for file in FILES.iter().filter(|f| !f.gzip.is_empty()) {
            let mut back = Vec::new();
            flate2::read::GzDecoder::new(file.gzip).read_to_end(&mut back).unwrap();
            assert!(back == file.plain, "{}", file.name);
            assert!(file.brotli.len() < file.plain.len(), "{}", file.name);
        }
    }

    #[test]
    fn a_style_sheet_loses_its_comments_and_nothing_that_is_quoted() {
        let text = |name: &str| String::from_utf8_lossy(FILES.iter().find(|f| f.name == name).unwrap().plain).into_owned();
        let ours = text("console.css");
        assert!(!ours.contains("/*") && !ours.contains('\n') || ours.lines().count() < 4, "comments and lines are gone");
        assert!(ours.contains(r#""Inter Var","Inter Fallback",system-ui"#));
        assert!(text("console.js").starts_with("var htmx="));
    }
}
