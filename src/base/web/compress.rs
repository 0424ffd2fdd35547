//! Smaller answers for who can read them: static files well packed once, pages packed quickly each time. A page holds no secret that
//! stays the same from one answer to the next (the form token is masked anew), so its length tells nothing about it (BREACH).

use std::io::Write as _;

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use actix_web::web::Bytes;

/// Below this an answer fits into one packet anyhow.
const WORTH_IT: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The best that a client reads. What it gives a quality of 0 it does not read.
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(ACCEPT_ENCODING)?.to_str().ok()?;
        let reads = |name: &str| {
            text.split(',').map(str::trim).any(|part| {
                let (coding, parameters) = part.split_once(';').unwrap_or((part, ""));
                coding.trim().eq_ignore_ascii_case(name) && !matches!(parameters.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
            })
        };
        [Self::Brotli, Self::Gzip].into_iter().find(|coding| reads(coding.name()))
    }

    /// As small as it gets; for what is kept.
    pub fn pack_well(self, body: &[u8]) -> Option<Bytes> {
        self.pack(body, 9, flate2::Compression::best())
    }

    /// As quick as it gets.
    fn pack_quickly(self, body: &[u8]) -> Option<Bytes> {
        self.pack(body, 1, flate2::Compression::fast())
    }

    /// Nothing when it cannot be packed, and then it is sent as it is.
    fn pack(self, body: &[u8], quality: i32, level: flate2::Compression) -> Option<Bytes> {
        let packed = match self {
            Self::Brotli => {
                let mut packed = Vec::with_capacity(body.len() / 6);
                let parameters = brotli::enc::BrotliEncoderParams { quality, lgwin: 18, size_hint: body.len(), ..Default::default() };
                brotli::BrotliCompress(&mut &*body, &mut packed, &parameters).ok()?;
                packed
            }
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(body.len() / 6), level);
                encoder.write_all(body).ok()?;
                encoder.finish().ok()?
            }
        };
        Some(packed.into())
    }
}

/// Packs a whole answer of text; what is streamed, small or packed already goes as it is.
pub fn answer(asked: &HeaderMap, res: HttpResponse) -> HttpResponse {
    let is_text =
        res.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|kind| kind.starts_with("text/html") || kind.contains("json"));
    if !is_text || res.headers().contains_key(CONTENT_ENCODING) {
        return res;
    }
    let Some(coding) = Coding::accepted(asked) else { return res };
    let mut packed = false;
    let mut res = res.map_body(|_, body: BoxBody| match body.try_into_bytes() {
        Ok(whole) if whole.len() >= WORTH_IT => match coding.pack_quickly(&whole) {
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
        res.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    res
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn asks(text: &str) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_str(text).unwrap());
        Coding::accepted(&headers)
    }

    #[test]
    fn a_client_gets_the_best_that_it_reads() {
        assert_eq!(asks("gzip, deflate, br"), Some(Coding::Brotli));
        assert_eq!(asks("gzip;q=0.5, br;q=0"), Some(Coding::Gzip));
        assert_eq!(asks("identity"), None);
    }

    #[test]
    fn what_is_packed_is_the_same_unpacked() {
        let text = "A row of a table, and another row of a table. ".repeat(200);
        let mut back = String::new();
        flate2::read::GzDecoder::new(&*Coding::Gzip.pack_quickly(text.as_bytes()).unwrap()).read_to_string(&mut back).unwrap();
        assert_eq!(back, text);
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &*Coding::Brotli.pack_well(text.as_bytes()).unwrap(), &mut back).unwrap();
        assert_eq!(back, text.as_bytes());
    }
}
