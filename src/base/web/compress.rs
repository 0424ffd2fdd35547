//! Smaller answers for who can read them: pages are packed each time, static files were packed by build.rs. A page holds no secret that
//! stays the same from one answer to the next (the form token is masked anew), so its length tells nothing about it (BREACH).

use std::io::Write as _;

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use actix_web::web::Bytes;

/// Below this an answer fits into one packet anyhow.
const WORTH_IT: usize = 1024;

/// Every browser reads it, and it is quick: half the time of brotli for a page that is a tenth larger.
const CODING: &str = "gzip";
/// Where a page is a quarter smaller than packed in the quickest way, and higher ones give little more.
const LEVEL: u32 = 5;

/// Whether a client reads this coding. What it gives a quality of 0 it does not read.
pub fn accepts(headers: &HeaderMap, wanted: &str) -> bool {
    let Some(text) = headers.get(ACCEPT_ENCODING).and_then(|v| v.to_str().ok()) else { return false };
    text.split(',').map(str::trim).any(|part| {
        let (coding, parameters) = part.split_once(';').unwrap_or((part, ""));
        coding.trim().eq_ignore_ascii_case(wanted) && !matches!(parameters.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// Nothing when it cannot be packed, and then it is sent as it is.
fn pack(body: &[u8]) -> Option<Bytes> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(body.len() / 6), flate2::Compression::new(LEVEL));
    encoder.write_all(body).ok()?;
    Some(encoder.finish().ok()?.into())
}

/// Packs a whole answer of text; what is streamed, small or packed already goes as it is.
pub fn answer(asked: &HeaderMap, res: HttpResponse) -> HttpResponse {
    let is_text =
        res.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|kind| kind.starts_with("text/html") || kind.contains("json"));
    if !is_text || res.headers().contains_key(CONTENT_ENCODING) || !accepts(asked, CODING) {
        return res;
    }
    let mut packed = false;
    let mut res = res.map_body(|_, body: BoxBody| match body.try_into_bytes() {
        Ok(whole) if whole.len() >= WORTH_IT => match pack(&whole) {
            Some(small) => {
                packed = true;
                BoxBody::new(small)
            }
            None => BoxBody::new(whole),
        },
        Ok(whole) => BoxBody::new(whole),
        Err(stream) => stream,
    });
    if packed {
        res.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(CODING));
    }
    res
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_client_gets_what_it_reads() {
        let reads = |text: &'static str, coding: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(text));
            accepts(&headers, coding)
        };
        assert!(reads("gzip, deflate, br", "br") && reads("GZIP;q=0.5", "gzip"));
        assert!(!reads("gzip;q=0.5, br;q=0", "br") && !reads("identity", "gzip"));
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }

    #[test]
    fn what_is_packed_is_the_same_unpacked() {
        let text = "A row of a table, and another row of a table. ".repeat(200);
        let mut back = String::new();
        flate2::read::GzDecoder::new(&*pack(text.as_bytes()).unwrap()).read_to_string(&mut back).unwrap();
        assert_eq!(back, text);
    }
}
