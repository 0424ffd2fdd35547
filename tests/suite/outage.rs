//! PostgreSQL goes away in the middle of everything and comes back: nobody hears anything but the truth, and nobody restarts anything.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::databases;
use crate::support::postgres::Server;
use crate::support::program::{Home, Program, call, command, page, sign_in};
use crate::support::{Value, json};

/// People who read and write without a pause; what they were answered, and which projects they were told are made.
struct Crowd {
    done: Arc<AtomicBool>,
    hands: Vec<std::thread::JoinHandle<Told>>,
}

#[derive(Default)]
struct Told {
    statuses: Vec<(String, u16)>,
    made: Vec<String>,
}

impl Crowd {
    fn begin(port: u16, token: &str) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let hands = (0..4).map(|hand| {
            let (done, token, cookies) = (done.clone(), token.to_owned(), sign_in(port));
            std::thread::spawn(move || {
                let mut told = Told::default();
                for n in (0..).take_while(|_| !done.load(Ordering::Relaxed)) {
                    let slug = format!("p-{hand}-{n}");
                    let asks = [
                        ("POST", "/api/v1/orgs/acme/projects", json!({"name": slug, "slug": slug})),
                        ("GET", "/api/v1/orgs/acme/members", Value::Null),
                        ("GET", "/login", Value::Null),
                    ];
                    if let Some(status) = page(port, "/o/acme", &cookies) {
                        told.statuses.push(("a page of somebody signed in".into(), status));
                    }
                    for (method, path, body) in asks {
                        let Some((status, _)) = call(port, method, path, &token, &body) else { continue };
                        told.statuses.push((format!("{method} {path}"), status));
                        if method == "POST" && status == 201 {
                            told.made.push(slug.clone());
                        }
                    }
                }
                told
            })
        });
        Self { hands: hands.collect(), done }
    }

    fn ends(self) -> Told {
        self.done.store(true, Ordering::Relaxed);
        self.hands.into_iter().map(|h| h.join().unwrap()).fold(Told::default(), |mut sum, told| {
            sum.statuses.extend(told.statuses);
            sum.made.extend(told.made);
            sum
        })
    }
}

#[test]
fn while_the_database_is_away_everything_is_503_and_afterwards_it_goes_on_by_itself() {
    if databases::server().is_none() {
        return;
    }
    let Some(postgres) = Server::new() else {
        let _ = writeln!(std::io::stderr(), "PostgreSQL is not installed here: this run leaves out its outage");
        return;
    };
    let home = Home::new("outage");
    let url = postgres.url();
    let token = home.set_up(&["--database-url", &url]);
    let program = Program::start(command(&home.0), &["--database-url", &url]);
    let reads = || program.call("GET", "/api/v1/orgs/acme/projects?limit=1", &token, &Value::Null).map(|(status, _)| status);
    assert_eq!(reads(), Some(200));
    let crowd = Crowd::begin(program.port, &token);
    for _ in 0..2 {
        postgres.stop();
        program.until(Duration::from_secs(2), "unready", || program.status("/ready") == Some(503));
        assert_eq!(program.status("/live"), Some(200));
        assert_eq!(reads(), Some(503));
        postgres.start();
        program.until(Duration::from_secs(2), "ready again", || program.status("/ready") == Some(200));
        program.until(Duration::from_secs(5), "in full service", || {
            (0..20).all(|_| reads() == Some(200))
                && program.call("PATCH", "/api/v1/orgs/acme", &token, &json!({"description": "Back"})).is_some_and(|(s, _)| s == 200)
        });
    }
    let told = crowd.ends();
    let wrong: Vec<_> = told.statuses.iter().filter(|(_, status)| !matches!(status, 200 | 201 | 303 | 503)).collect();
    let log = std::fs::read_to_string(home.0.join("log")).unwrap();
    assert!(
        wrong.is_empty(),
        "{wrong:?}\n{}",
        log.lines().filter(|l| !l.contains("\"request\"") && !l.contains("\"WARN\"")).collect::<Vec<_>>().join("\n")
    );
    let refused = told.statuses.iter().filter(|(_, status)| *status == 503).count();
    assert!(told.statuses.iter().any(|(what, status)| what.contains("signed in") && *status == 200), "nobody was signed in");
    assert!(refused > 0 && !told.made.is_empty(), "the outage was not noticed");
    for slug in &told.made {
        let found = program.call("GET", &format!("/api/v1/orgs/acme/projects/{slug}"), &token, &Value::Null).unwrap();
        assert_eq!(found.0, 200, "{slug} was acknowledged and is gone");
    }
}
