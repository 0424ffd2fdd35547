//! People brought in from a file, as many as the organization has, while others look at pages.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::client::{Line, Load, Outcome, Request, drive};
use crate::person::Person;
use crate::program::Program;

pub fn of_as_many_again(console: &Program, ana: &Person, people: u64, load: Load) {
    let page = |_| Request::get("/o/load/members").cookie(&ana.cookie);
    let alone = drive(console.port, load, page);
    let mut csv = String::from("email,name,roles\\n");
    for n in 0..people {
        let _ = write!(csv, "new{n}@import.example,New Person {n},\\n");
    }
    let mut line = Line::open(console.port);
    let send = |line: &mut Line, method: &str, path: &str, body: &str| {
        let request = Request::send(method, &format!("/api/v1/orgs/load/imports{path}")).bearer(&ana.token);
        let answer = line.ask(&if body.is_empty() { request } else { request.json(body) });
        assert!(answer.status < 300, "{}", answer.text);
        answer.text
    };
    let begun = Instant::now();
    let made = send(&mut line, "POST", "", &format!(r#"{{"way":"add","csv":"{csv}"}}"#));
    let id = made.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id").to_owned();
    let sent = begun.elapsed();
    wait(|| send(&mut line, "GET", &format!("/{id}"), "").contains("\"state\":\"checked\""));
    let checked = begun.elapsed();
    send(&mut line, "POST", &format!("/{id}/run"), "");
    let crowded = drive(console.port, load, page);
    wait(|| send(&mut line, "GET", &format!("/{id}"), "").contains("\"state\":\"done\""));
    let done = begun.elapsed();
    println!(
        "\nimport of {people} people: sent after {:.1} s, checked after {:.1} s, done after {:.1} s",
        sent.as_secs_f64(),
        checked.as_secs_f64(),
        done.as_secs_f64()
    );
    let told =
        |name: &str, o: &Outcome| println!("members page {name}: p50 {} us, p99 {} us, {} refused", o.percentile(0.5), o.percentile(0.99), o.refused);
    told("alone", &alone);
    told("beside it", &crowded);
    println!("{:.1} MiB resident", console.memory_mib());
}

fn wait(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        std::thread::sleep(Duration::from_millis(50));
    }
}
