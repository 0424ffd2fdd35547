//! What the server looks an address up in. Each address stands there once, with all its methods, and those of an organization stand
//! together below its stem: a request is compared with few patterns, and a process keeps few of them.

use std::collections::BTreeMap;

use actix_web::web::{self, ServiceConfig};
use actix_web::{Resource, Route, Scope, guard};

use super::routes::{nothing_here, wrong_method};

/// Where many addresses begin.
const STEMS: [&str; 2] = ["/o/{org}", "/api/v1/orgs/{org}"];

type Make = Box<dyn Fn() -> Route + Send + Sync>;

/// In the order of their letters, in which a brace comes after every letter: a word is tried before the placeholder at its place.
#[derive(Default)]
pub struct Resources(BTreeMap<String, Vec<Make>>);

impl Resources {
    pub fn add(&mut self, path: impl Into<String>, route: impl Fn() -> Route + Send + Sync + 'static) {
        self.0.entry(path.into()).or_default().push(Box::new(route));
    }

    pub fn configure(&self, cfg: &mut ServiceConfig) {
        let mut stems: BTreeMap<&str, Scope> = BTreeMap::new();
        for (path, routes) in &self.0 {
            match STEMS.iter().find_map(|stem| Some((*stem, below(path, stem)?))) {
                Some((stem, path)) => {
                    let scope = stems.remove(stem).unwrap_or_else(|| web::scope(stem).default_service(web::route().to(nothing_here)));
                    stems.insert(stem, scope.service(resource(path, routes)));
                }
                None => {
                    cfg.service(resource(path, routes));
                }
            }
        }
        for scope in stems.into_values() {
            cfg.service(scope);
        }
    }
}

/// GET, and what HEAD asks of the same page.
pub fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn below<'a>(path: &'a str, stem: &str) -> Option<&'a str> {
    path.strip_prefix(stem).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn resource(path: &str, routes: &[Make]) -> Resource {
    routes.iter().fold(web::resource(path), |resource, route| resource.route(route())).default_service(web::route().to(wrong_method))
}
