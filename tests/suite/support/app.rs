//! The whole application in process, on a database of its own.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Service;
use actix_web::http::header::HeaderMap;
use actix_web::test::{self, TestRequest};
use actix_web::web::{Bytes, Data};
use bailiwick::base::config::Settings;
use bailiwick::base::db::Database;
use bailiwick::base::db::dialect::Url;
use bailiwick::base::keys::Keys;
use bailiwick::base::text::{Email, Name, Secret};
use bailiwick::base::tx::Caller;
use bailiwick::base::web::server;
use bailiwick::base::world::World;
use bailiwick::instance::setup::{self, First};
use bailiwick::sections::Map;
use serde_json::Value;

use super::clock;
use super::databases::{Fresh, Kind, kinds};

/// The password of everybody in the stories.
pub const PASSWORD: &str = "plum tractor ozone lantern";
pub const OPERATOR: &str = "olga@house.example";

/// Tells a story on every database there is, each time with an application of its own.
pub fn each<F: Future<Output = ()>>(story: impl Fn(App) -> F) {
    for kind in kinds() {
        println!("on {kind:?}");
        actix_web::rt::System::new().block_on(async { story(App::fresh(*kind).await).await });
    }
}

type Answering = Pin<Box<dyn Future<Output = Answer>>>;

struct Inner {
    send: Box<dyn Fn(TestRequest) -> Answering>,
    world: Arc<World>,
    map: Data<Map>,
    fresh: Fresh,
}

#[derive(Clone)]
pub struct App(Rc<Inner>);

impl App {
    pub async fn fresh(kind: Kind) -> Self {
        Self::with(kind, |_| {}).await
    }

    pub async fn with(kind: Kind, change: impl FnOnce(&mut Settings)) -> Self {
        Self::over(Fresh::copy(kind), change).await
    }

    /// On a database that a story has prepared itself.
    pub async fn over(fresh: Fresh, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = settings(fresh.url.clone(), &fresh.folder);
        change(&mut settings);
        let world = Arc::new(world(settings));
        let map = Data::new(Map::default());
        let service = Rc::new(test::init_service(server::app(world.clone(), map.clone())).await);
        let send = move |req: TestRequest| -> Answering {
            let service = service.clone();
            Box::pin(async move {
                let res = service.call(req.to_request()).await.expect("the outermost layer answers everything itself");
                let (status, headers) = (res.status().as_u16(), res.headers().clone());
                Answer { status, headers, body: test::read_body(res).await }
            })
        };
        Self(Rc::new(Inner { send: Box::new(send), world, map, fresh }))
    }

    pub fn world(&self) -> &Arc<World> {
        &self.0.world
    }
    pub fn map(&self) -> &Map {
        &self.0.map
    }
    pub fn kind(&self) -> Kind {
        self.0.fresh.kind
    }
    pub fn folder(&self) -> &Path {
        &self.0.fresh.folder
    }

    /// Sends a request; the clock goes on by a millisecond, as it does in life.
    pub async fn send(&self, req: TestRequest) -> Answer {
        clock::forward(self.world(), 1000);
        (self.0.send)(req.insert_header(("host", "localhost")).peer_addr(([127, 0, 0, 1], 4000).into())).await
    }

    /// As nobody.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(TestRequest::get().uri(path)).await
    }
}

pub fn settings(url: Url, folder: &Path) -> Settings {
    Settings {
        listen: ([127, 0, 0, 1], 8080).into(),
        public_url: url::Url::parse("http://localhost:8080").unwrap(),
        data_dir: folder.to_owned(),
        database_url: url,
        smtp_url: None,
        mail_from: "Bailiwick <bailiwick@localhost>".into(),
        secret_key_file: folder.join("secret.key"),
        trusted_proxies: Vec::new(),
        db_readers: 4,
        db_writers: 4,
        hash_threads: 1,
        connections_per_address: 0,
        shutdown_delay: Duration::ZERO,
        metrics_listen: None,
    }
}

/// A world with the suite's key and a clock that only tests turn.
pub fn world(settings: Settings) -> World {
    let db = Database::open(settings.database_url.clone(), settings.db_readers, settings.db_writers);
    World::new(settings, Keys::from_bytes([7; 32]), db, clock::fixed())
}

/// What every template begins with: Olga, who runs the installation, and her organization House.
pub fn set_up(url: &Url, folder: &Path) {
    let world = world(settings(url.clone(), folder));
    let first = First {
        org: Name::parse("House").unwrap(),
        name: Name::parse("Olga Orlova").unwrap(),
        email: Email::parse(OPERATOR).unwrap(),
        password: Secret::new(PASSWORD),
    };
    setup::set_up(&world, &Caller::cli(), first, None).unwrap();
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The answer has this status, or the test stops with what it said.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The problem of this status says each of these words to the person who reads it.
    #[track_caller]
    pub fn says(self, status: u16, words: &[&str]) -> Self {
        let answer = self.is(status);
        let text = answer.text();
        for word in words {
            assert!(text.contains(word), "“{word}” is not in: {text}");
        }
        answer
    }
}
