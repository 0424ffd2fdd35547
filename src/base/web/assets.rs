//! Static files, embedded. Their address carries a fingerprint of all of them, so they may be kept forever by browsers.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;

use super::compress::Coding;

#[derive(RustEmbed)]
#[folder = "static/"]
#[exclude = "ui.lock"]
struct Files;

struct Asset {
    body: web::Bytes,
    mime: &'static str,
    /// Packed when first asked for; fonts are packed by nature.
    brotli: OnceLock<Option<web::Bytes>>,
    gzip: OnceLock<Option<web::Bytes>>,
}

impl Asset {
    fn new(name: &str, body: Vec<u8>) -> Self {
        Self { body: body.into(), mime: mime(name), brotli: OnceLock::new(), gzip: OnceLock::new() }
    }

    fn packed(&self, coding: Coding) -> Option<web::Bytes> {
        let kept = match coding {
            Coding::Brotli => &self.brotli,
            Coding::Gzip => &self.gzip,
        };
        if self.mime.starts_with("font/") { None } else { kept.get_or_init(|| coding.pack_well(&self.body)).clone() }
    }
}

struct Assets {
    version: String,
    files: HashMap<String, Asset>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(load);

fn load() -> Assets {
    let mut files = HashMap::new();
    let mut names: Vec<String> = Files::iter().map(|n| n.to_string()).collect();
    names.sort();
    // One style sheet out of the kit and our components, and one script out of htmx and our behaviours, in the order of their names:
    // few requests for the first look.
    let mut styles = String::new();
    let mut all = String::new();
    for name in &names {
        let Some(file) = Files::get(name) else { continue };
        all.push_str(&crate::base::keys::encode(&file.metadata.sha256_hash()));
        if name.starts_with("css/") || name.starts_with("vendor/oat") || in_script(name) {
            continue;
        }
        files.insert(name.clone(), Asset::new(name, file.data.into_owned()));
    }
    let kit = names.iter().filter(|n| n.starts_with("vendor/oat"));
    for name in kit.chain(names.iter().filter(|n| n.starts_with("css/"))) {
        if let Some(file) = Files::get(name) {
            styles.push_str(&String::from_utf8_lossy(&file.data));
            styles.push('\n');
        }
    }
    files.insert("console.css".into(), Asset::new("console.css", styles.into_bytes()));
    let (htmx, ours): (Vec<&String>, Vec<&String>) = names.iter().filter(|n| in_script(n)).partition(|n| n.starts_with("vendor/"));
    let mut script = String::new();
    for file in htmx.into_iter().chain(ours).filter_map(|name| Files::get(name)) {
        script.push_str(&String::from_utf8_lossy(&file.data));
        script.push_str("\n;\n");
    }
    files.insert("console.js".into(), Asset::new("console.js", script.into_bytes()));
    Assets { version: crate::base::keys::digest(&all).chars().take(12).collect(), files }
}

/// All scripts but the one that has to run before the first paint.
fn in_script(name: &str) -> bool {
    name.ends_with(".js") && name != "js/theme.js"
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}

/// The address of the icons. It stands in a page some hundred times, so it is made once, and is known to need no escaping.
#[derive(Clone, Copy)]
pub struct Icons(&'static str);

pub fn icons() -> Icons {
    static ICONS: LazyLock<String> = LazyLock::new(|| url("icons.svg"));
    Icons(&ICONS)
}

impl std::fmt::Display for Icons {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}
impl askama::filters::HtmlSafe for Icons {}
impl askama::FastWritable for Icons {
    fn write_into(&self, dest: &mut dyn std::fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(dest.write_str(self.0)?)
    }
}

/// The address of a static file: `url("icons.svg")` is `/static/3f9c.../icons.svg`.
pub fn url(path: &str) -> String {
    format!("/static/{}/{path}", ASSETS.version)
}

pub async fn serve(req: HttpRequest) -> HttpResponse {
    let version = req.match_info().get("version").unwrap_or_default();
    let path = req.match_info().get("path").unwrap_or_default();
    match ASSETS.files.get(path) {
        Some(asset) if version == ASSETS.version => {
            let packed = Coding::accepted(req.headers()).and_then(|coding| Some((coding, asset.packed(coding)?)));
            let mut res = HttpResponse::Ok();
            res.insert_header((header::CONTENT_TYPE, asset.mime))
                .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
                .insert_header((header::VARY, "Accept-Encoding"));
            match packed {
                Some((coding, body)) => res.insert_header((header::CONTENT_ENCODING, coding.name())).body(body),
                None => res.body(asset.body.clone()),
            }
        }
        _ => HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("No such file."),
    }
}
