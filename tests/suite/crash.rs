//! The real program, killed in the middle of its work: what it said it had done is done, and it is ready again.
//!
//! Longer than in every run: `BAILIWICK_CRASHES=200 BAILIWICK_CRASH_WRITERS=50 cargo test --release --test suite -- killed --nocapture`

use crate::support::databases::{Fresh, kinds};
use crate::support::program::{Home, Program, call, command, says};
use crate::support::{Value, json};

fn wished(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// Writers that keep creating until the program is gone; returns the names that were acknowledged.
fn write_until_killed(port: u16, token: &str, round: usize, program: &mut Program) -> Vec<String> {
    let writers: Vec<_> = (0..wished("BAILIWICK_CRASH_WRITERS", 4))
        .map(|writer| {
            let token = token.to_owned();
            std::thread::spawn(move || {
                let mut done = Vec::new();
                for n in 0.. {
                    let slug = format!("p-{round}-{writer}-{n}");
                    match call(port, "POST", "/api/v1/orgs/acme/projects", &token, &json!({"name": slug, "slug": slug})) {
                        Some((201, _)) => done.push(slug),
                        Some((408 | 503, _)) => {}
                        Some((status, body)) => panic!("{status} {body}"),
                        None => break,
                    }
                }
                done
            })
        })
        .collect();
    // Killed after so many answers of another kind, and so in another place of its work each time.
    for _ in 0..(3 + round % 40 * 2) {
        call(port, "GET", "/api/v1/orgs/acme", token, &Value::Null);
    }
    program.child.kill().unwrap();
    program.child.wait().unwrap();
    writers.into_iter().flat_map(|w| w.join().unwrap()).collect()
}

#[test]
fn twenty_times_killed_nothing_acknowledged_is_lost_and_the_chain_holds() {
    for kind in kinds() {
        let (home, fresh) = (Home::new("crash"), Fresh::empty(*kind));
        let address = fresh.address();
        let settings = ["--database-url", address.as_str(), "--connections-per-address", "0"];
        let (folder, token) = (home.0.clone(), home.set_up(&settings));
        let start = || Program::start(command(&folder), &settings);
        let mut acknowledged = Vec::new();
        let rounds = wished("BAILIWICK_CRASHES", 20);
        for round in 0..rounds {
            let mut program = start();
            acknowledged.extend(write_until_killed(program.port, &token, round, &mut program));
        }
        let program = start();
        println!("{kind:?}: killed {rounds} times, {} writes were acknowledged", acknowledged.len());
        assert!(acknowledged.len() >= 20, "{kind:?}: only {} writes were acknowledged", acknowledged.len());
        for slug in &acknowledged {
            let found = call(program.port, "GET", &format!("/api/v1/orgs/acme/projects/{slug}"), &token, &Value::Null);
            assert_eq!(found.map(|(status, _)| status), Some(200), "{kind:?}: {slug} was acknowledged and is gone");
        }
        let verified = says(command(&folder).args(["audit", "verify"]).args(settings));
        assert!(verified.contains("acme") && !verified.contains("BROKEN"), "{verified}");
        // No half effects: as many projects as events that say so.
        let (_, counted) = call(program.port, "GET", "/api/v1/orgs/acme/projects?count=true&limit=1", &token, &Value::Null).unwrap();
        let events = lines_of_export(program.port, &token);
        assert_eq!(counted["count"], events, "{kind:?}");
    }
}

fn lines_of_export(port: u16, token: &str) -> usize {
    let mut cursor = String::new();
    let mut n = 0;
    loop {
        let path = format!("/api/v1/orgs/acme/audit-events?action=project.create&limit=200{cursor}");
        let (status, page) = call(port, "GET", &path, token, &Value::Null).unwrap();
        assert_eq!(status, 200);
        n += page["items"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return n,
        }
    }
}
