//! The address of a list: what filters it, and where in it one is. Links to its neighbours keep the rest.

use actix_web::HttpRequest;
use url::form_urlencoded::{Serializer, byte_serialize, parse};

use super::ctx::{Ctx, is_local};
use crate::base::order::Order;

/// Where in the list one is, and the places before it that lead back, oldest first.
const CURSOR: &str = "cursor";
const TRAIL: &str = "from";
/// A way back longer than this starts again at the first page, so that addresses stay short.
const REMEMBERED: usize = 8;
/// How many rows a page may have; the address says so when it is not the usual number.
const SIZES: &[i64] = &[25, 50, 100];
const SIZE: i64 = 50;

pub struct Address {
    path: String,
    pairs: Vec<(String, String)>,
    /// The page under the dialog, when this request fills one.
    under: String,
}

/// The links that take a list out.
pub struct Files {
    pub csv: String,
    pub ndjson: String,
}

impl Files {
    /// With one filter more.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        for link in [&mut self.csv, &mut self.ndjson] {
            link.push_str(&format!("&{name}={}", encoded(value)));
        }
        self
    }
}

impl Address {
    /// Of a page that asks for no dialog.
    pub fn of_page(ctx: &Ctx) -> Self {
        Self { path: ctx.path.clone(), pairs: pairs(&ctx.query), under: String::new() }
    }

    pub fn of(req: &HttpRequest) -> Self {
        let under = req.headers().get("hx-current-url").and_then(|v| v.to_str().ok()).and_then(|u| url::Url::parse(u).ok());
        Self {
            path: req.path().to_owned(),
            pairs: pairs(req.query_string()),
            under: under.map(|u| format!("{}{}", u.path(), u.query().map(|q| format!("?{q}")).unwrap_or_default())).unwrap_or_default(),
        }
    }

    pub fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }
    /// Everything that is said under a name that may be said several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name).to_owned()).filter(|v| !v.is_empty())
    }
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == value
    }
    pub fn path(&self) -> &str {
        &self.path
    }

    fn link(&self, pairs: &[(&str, &str)]) -> String {
        if pairs.is_empty() {
            return self.path.clone();
        }
        format!("{}?{}", self.path, Serializer::new(String::new()).extend_pairs(pairs).finish())
    }
    fn filters(&self, but: &str) -> Vec<(&str, &str)> {
        self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).filter(|(n, _)| ![CURSOR, TRAIL, but].contains(n)).collect()
    }

    /// This list, with all that stands in its address.
    pub fn here(&self) -> String {
        let pairs: Vec<(&str, &str)> = self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.link(&pairs)
    }
    /// The first page of the list with one filter set otherwise; an empty value takes it away.
    pub fn with(&self, name: &str, value: &str) -> String {
        let mut pairs = self.filters(name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
        self.link(&pairs)
    }
    /// The first page of the list without two of the filters.
    pub fn without(&self, one: &str, other: &str) -> String {
        let pairs: Vec<(&str, &str)> = self.filters(one).into_iter().filter(|(n, _)| *n != other).collect();
        self.link(&pairs)
    }
    /// A filter, or a word where it is not set.
    pub fn or<'a>(&'a self, name: &str, word: &'a str) -> &'a str {
        if self.get(name).is_empty() { word } else { self.get(name) }
    }
    /// A filter as a switch: set when it is not, taken away when it is.
    pub fn toggled(&self, name: &str, value: &str) -> String {
        self.with(name, if self.is(name, value) { "" } else { value })
    }
    /// What filters the list, as the end of another address: `&q=ana`.
    pub fn tail(&self) -> String {
        self.tail_without(&[])
    }
    pub fn tail_without(&self, but: &[&str]) -> String {
        self.filters("").iter().filter(|(n, _)| !but.contains(n)).map(|(n, v)| format!("&{n}={}", encoded(v))).collect()
    }
    /// Where these rows are had as files: `path`, with those of the filters that the list there knows.
    pub fn files(&self, path: String, filters: &[&str]) -> Files {
        let known = self.filters("").into_iter().filter(|(n, _)| filters.contains(n));
        let known: String = known.map(|(n, v)| format!("&{n}={}", encoded(v))).collect();
        Files { csv: format!("{path}?format=csv{known}"), ndjson: format!("{path}?format=ndjson{known}") }
    }
    pub fn is_filtered(&self) -> bool {
        self.filters("sort").iter().any(|(n, _)| !["view", "rows"].contains(n))
    }
    /// Where a click on a heading leads: the list in the order of that column, or turned round when it is so already.
    pub fn sorted(&self, order: &Order, word: &str) -> String {
        self.with("sort", &order.of_heading(word))
    }

    /// How many rows a page has.
    pub fn rows(&self) -> i64 {
        SIZES.iter().copied().find(|n| self.is("rows", &n.to_string())).unwrap_or(SIZE)
    }
    /// The numbers of rows to choose from, for a list that shows so many now; none where every choice shows the same.
    pub fn sizes(&self, shown: &usize) -> Vec<(i64, String, bool)> {
        let few = SIZES.first().is_some_and(|least| i64::try_from(*shown).unwrap_or(0) < *least);
        if few && self.is_first() {
            return Vec::new();
        }
        let href = |n: i64| self.with("rows", &if n == SIZE { String::new() } else { n.to_string() });
        SIZES.iter().map(|n| (*n, href(*n), *n == self.rows())).collect()
    }
    pub fn is_first(&self) -> bool {
        self.get(CURSOR).is_empty()
    }

    pub fn older(&self, next: Option<&str>) -> String {
        let Some(next) = next else { return String::new() };
        let mut trail = self.trail();
        trail.extend(Some(self.get(CURSOR)).filter(|c| !c.is_empty()));
        let kept = trail.get(trail.len().saturating_sub(REMEMBERED)..).unwrap_or_default().join("~");
        self.at(next, &kept)
    }
    pub fn newer(&self) -> String {
        let mut trail = self.trail();
        match (trail.pop(), self.is_first()) {
            (Some(before), _) => self.at(before, &trail.join("~")),
            (None, false) => self.link(&self.filters("")),
            (None, true) => String::new(),
        }
    }
    fn trail(&self) -> Vec<&str> {
        self.get(TRAIL).split('~').filter(|c| !c.is_empty()).collect()
    }
    fn at(&self, cursor: &str, trail: &str) -> String {
        let mut pairs = self.filters("");
        pairs.push((CURSOR, cursor));
        if !trail.is_empty() {
            pairs.push((TRAIL, trail));
        }
        self.link(&pairs)
    }

    /// A link that comes back here.
    pub fn returning(&self, href: &str) -> String {
        format!("{href}{}", self.way_back())
    }
    /// What makes a link come back here: `?return_to=...`. Nothing where this is the plain list, which forms go back to by themselves.
    pub fn way_back(&self) -> String {
        if self.pairs.is_empty() { String::new() } else { format!("?return_to={}", encoded(&self.here())) }
    }
    /// Where a form goes back to: what its link says, the page under the dialog, or the fallback.
    pub fn back(&self, fallback: &str) -> String {
        let wanted = if self.get("return_to").is_empty() { self.under.as_str() } else { self.get("return_to") };
        if is_local(wanted) { wanted.to_owned() } else { fallback.to_owned() }
    }
}

fn pairs(query: &str) -> Vec<(String, String)> {
    parse(query.as_bytes()).into_owned().filter(|(_, v)| !v.trim().is_empty()).collect()
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_filters_and_the_way_back() {
        let at = |uri: &str| Address::of(&actix_web::test::TestRequest::with_uri(uri).to_http_request());
        let first = at("/o/a/members?q=an+a&mfa=&sort=name");
        assert_eq!(first.with("mfa", "off"), "/o/a/members?q=an+a&sort=name&mfa=off");
        assert_eq!((first.newer(), first.older(None)), (String::new(), String::new()));
        let second = at(&first.older(Some("c1")));
        let third = at(&second.older(Some("c2")));
        assert_eq!((third.get("cursor"), third.get("from")), ("c2", "c1"));
        assert_eq!(third.newer(), second.here());
        assert_eq!(second.newer(), "/o/a/members?q=an+a&sort=name");
        assert_eq!(third.with("q", ""), "/o/a/members?sort=name");
    }
}
