//! The real program, killed in the middle of its work: what it said it had done is done, and it is ready again.

use crate::support::program::{Home, Program, call, command, says, start};
use crate::support::{Value, json};

/// Writers that keep creating until the program is gone; returns the names that were acknowledged.
fn write_until_killed(port: u16, token: &str, round: usize, program: &mut Program) -> Vec<String> {
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let token = token.to_owned();
            std::thread::spawn(move || {
                let mut done = Vec::new();
                for n in 0.. {
                    let slug = format!("p-{round}-{writer}-{n}");
                    match call(port, "POST", "/api/v1/orgs/acme/projects", &token, &json!({"name": slug, "slug": slug})) {
                        Some((201, _)) => done.push(slug),
                        Some((503, _)) => {}
                        Some((status, body)) => panic!("{status} {body}"),
                        None => break,
                    }
                }
                done
            })
        })
        .collect();
    // Killed after so many answers of another kind, and so in another place of its work each time.
    for _ in 0..(3 + round * 2) {
        call(port, "GET", "/api/v1/orgs/acme", token, &Value::Null);
    }
    program.child.kill().unwrap();
    program.child.wait().unwrap();
    writers.into_iter().flat_map(|w| w.join().unwrap()).collect()
}

#[test]
fn twenty_times_killed_nothing_acknowledged_is_lost_and_the_chain_holds() {
    let home = Home::new("crash");
    let (folder, token) = (home.0.clone(), home.set_up(&[]));
    let mut acknowledged = Vec::new();
    for round in 0..20 {
        let mut program = start(&folder);
        acknowledged.extend(write_until_killed(program.port, &token, round, &mut program));
    }
    let program = start(&folder);
    assert!(acknowledged.len() >= 20, "only {} writes were acknowledged", acknowledged.len());
    for slug in &acknowledged {
        let found = call(program.port, "GET", &format!("/api/v1/orgs/acme/projects/{slug}"), &token, &Value::Null);
        assert_eq!(found.map(|(status, _)| status), Some(200), "{slug} was acknowledged and is gone");
    }
    let verified = says(command(&folder).args(["audit", "verify"]));
    assert!(verified.contains("acme") && !verified.contains("BROKEN"), "{verified}");
    // No half effects: as many projects as events that say so.
    let (_, counted) = call(program.port, "GET", "/api/v1/orgs/acme/projects?count=true&limit=1", &token, &Value::Null).unwrap();
    let events = lines_of_export(program.port, &token);
    assert_eq!(counted["count"], events);
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
