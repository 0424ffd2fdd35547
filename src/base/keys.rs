//! The secret key of the installation and what is derived from it: sealing, signing, link tokens.
//!
//! The key lives in a file outside the database and its backups. From it come keys for one purpose each (HMAC-SHA-256 over the
//! purpose's name), so that a value made for one purpose is worthless for another.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::error::{Error, Result};
use super::private;

pub struct Keys {
    master: [u8; 32],
}

impl Keys {
    pub fn from_bytes(master: [u8; 32]) -> Self {
        Self { master }
    }

    /// Reads the key file, or makes it on the first start (mode 0600). A database without its key is refused by the caller.
    pub fn load_or_make(path: &Path, fresh: [u8; 32], may_make: bool) -> Result<Self> {
        let mend = |what: String| Error::Unavailable(format!("secret-key-file {}: {what}", path.display()));
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let bytes = B64.decode(text.trim()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
                bytes.map(Self::from_bytes).ok_or_else(|| mend("is not a key made by Bailiwick; put the right file back".into()))
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && may_make => {
                if let Some(folder) = path.parent() {
                    private::folder(folder).map_err(|e| mend(e.to_string()))?;
                }
                match private::write(path, &B64.encode(fresh)) {
                    Ok(()) => Ok(Self::from_bytes(fresh)),
                    // Another process started at the same time, and was first.
                    Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Self::load_or_make(path, fresh, false),
                    Err(e) => Err(mend(e.to_string())),
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                Err(mend("is missing, but the database was made with one; put the file back, or point at it".into()))
            }
            Err(e) => Err(mend(e.to_string())),
        }
    }

    fn derived(&self, purpose: &str) -> [u8; 32] {
        mac(&self.master, purpose.as_bytes())
    }

    /// A tag that only this installation can make for this purpose and text.
    pub fn tag(&self, purpose: &str, text: &str) -> String {
        B64.encode(mac(&self.derived(purpose), text.as_bytes()))
    }

    pub fn tag_matches(&self, purpose: &str, text: &str, tag: &str) -> bool {
        same(&self.tag(purpose, text), tag)
    }

    /// 64 bytes for the cookie jar of the sessions.
    pub fn cookie_key(&self) -> Vec<u8> {
        [self.derived("cookie-1"), self.derived("cookie-2")].concat()
    }

    /// The tag under a mask that is another one each time: what stands in a page tells nothing by the page's packed length.
    pub fn masked_tag(&self, purpose: &str, text: &str, mask: [u8; 32]) -> String {
        let tag = decode(&self.tag(purpose, text)).unwrap_or_default();
        let masked = tag.iter().zip(mask).map(|(byte, mask)| byte ^ mask);
        encode(&mask.into_iter().chain(masked).collect::<Vec<u8>>())
    }

    pub fn masked_tag_matches(&self, purpose: &str, text: &str, given: &str) -> bool {
        let Some((mask, masked)) = decode(given).and_then(|bytes| Some((bytes.get(..32)?.to_vec(), bytes.get(32..)?.to_vec()))) else { return false };
        let tag: Vec<u8> = masked.iter().zip(&mask).map(|(byte, mask)| byte ^ mask).collect();
        masked.len() == mask.len() && self.tag_matches(purpose, text, &encode(&tag))
    }

    /// Seals a text for one place (`table:column:row`): taken to another place it does not open. XChaCha20-Poly1305.
    pub fn seal(&self, place: &str, nonce: [u8; 24], text: &str) -> Result<String> {
        let cipher = XChaCha20Poly1305::new(&self.derived("seal").into());
        let payload = Payload { msg: text.as_bytes(), aad: place.as_bytes() };
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| Error::internal("sealing failed"))?;
        Ok(format!("v1.{}.{}", B64.encode(nonce), B64.encode(sealed)))
    }

    pub fn open(&self, place: &str, sealed: &str) -> Result<String> {
        let broken = || Error::internal(format!("a sealed value at {place} does not open with this key"));
        let mut parts = sealed.split('.');
        let (Some("v1"), Some(nonce), Some(body), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(broken());
        };
        let nonce = B64.decode(nonce).ok().and_then(|n| <[u8; 24]>::try_from(n).ok()).ok_or_else(broken)?;
        let body = B64.decode(body).map_err(|_| broken())?;
        let cipher = XChaCha20Poly1305::new(&self.derived("seal").into());
        let text = cipher.decrypt(&XNonce::from(nonce), Payload { msg: &body, aad: place.as_bytes() }).map_err(|_| broken())?;
        String::from_utf8(text).map_err(|_| broken())
    }
}

/// SHA-256 in base64url: how tokens, session keys and codes of enough entropy rest in the database.
pub fn digest(text: &str) -> String {
    B64.encode(Sha256::digest(text.as_bytes()))
}

/// Compares without telling by time where two texts part.
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

pub fn encode(bytes: &[u8]) -> String {
    B64.encode(bytes)
}

pub fn decode(text: &str) -> Option<Vec<u8>> {
    B64.decode(text).ok()
}

fn mac(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    // HMAC takes a key of any length, so this cannot fail; the fallback keeps the code free of panics.
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(text);
            mac.finalize().into_bytes().into()
        }
        Err(_) => Sha256::digest([key.as_slice(), text].concat()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_in_its_place() {
        let keys = Keys::from_bytes([7; 32]);
        let sealed = keys.seal("users:seed:usr_1", [1; 24], "hello").unwrap();
        assert_eq!(keys.open("users:seed:usr_1", &sealed).unwrap(), "hello");
        assert!(keys.open("users:seed:usr_2", &sealed).is_err());
        assert!(Keys::from_bytes([8; 32]).open("users:seed:usr_1", &sealed).is_err());
    }
}
