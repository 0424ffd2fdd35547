//! What a clock could tell a stranger: refusals that have to take equally long, asked in turn, and their medians side by side.

use std::time::Instant;

use crate::client::{Line, Request};
use crate::fill;
use crate::person::{self, Door, Person};
use crate::program::Program;

/// As many tries of each as security asks for.
const TRIES: u64 = 200;

pub fn of_refusals(console: &Program, ana: &Person) {
    println!("\nmedians of {TRIES} refusals each, in microseconds; no two of a line may be told apart");
    let door = person::door(console);
    no_password_yet(console, ana);
    at_the_door(console, &door);
    beyond_the_wall(console, ana);
}

/// Accounts that wait for their person: given access by address.
fn no_password_yet(console: &Program, ana: &Person) {
    let mut line = Line::open(console.port);
    for n in 0..TRIES {
        let body = format!(r#"{{"subject":{{"kind":"user","email":"{}"}},"role":"viewer"}}"#, unclaimed(n));
        let answer = line.ask(&Request::send("POST", "/api/v1/orgs/load/projects/project-001/grants").bearer(&ana.token).json(&body));
        assert_eq!(answer.status, 201, "{}", answer.text);
    }
}

fn unclaimed(n: u64) -> String {
    format!("waits{n}@apart.example")
}

fn at_the_door(console: &Program, door: &Door) {
    let known = |n: u64| door.says(&fill::email(n + 2), "not the password", n);
    let unknown = |n: u64| door.says(&format!("nobody{n}@apart.example"), "not the password", n);
    let passwordless = |n: u64| door.says(&unclaimed(n), "not the password", n);
    in_turn(console, 401, &[("wrong password", &known), ("unknown address", &unknown), ("account without a password", &passwordless)]);
}

/// A record of another organization, and one that is nowhere.
fn beyond_the_wall(console: &Program, ana: &Person) {
    let mut line = Line::open(console.port);
    let mut make = |path: &str, body: &str| {
        let answer = line.ask(&Request::send("POST", &format!("/api/v1/orgs{path}")).bearer(&ana.token).json(body));
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.text.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id").to_owned()
    };
    make("", r#"{"name":"Aside"}"#);
    let there = make("/aside/projects", r#"{"name":"Secret"}"#);
    let nowhere: String = there.chars().rev().take(8).collect();
    let nowhere = format!("{}{nowhere}", there.get(..there.len() - 8).expect("an id is long"));
    let of = |id: String| move |_: u64| Request::get(&format!("/api/v1/orgs/load/projects/{id}")).bearer(&ana.token);
    in_turn(console, 404, &[("project of another organization", &of(there)), ("random id", &of(nowhere))]);
}

type Asked<'a> = (&'a str, &'a dyn Fn(u64) -> Request);

fn in_turn(console: &Program, status: u16, all: &[Asked<'_>]) {
    let mut line = Line::open(console.port);
    let mut times: Vec<Vec<u128>> = all.iter().map(|_| Vec::new()).collect();
    for n in 0..TRIES {
        for ((name, request), times) in all.iter().zip(&mut times) {
            let begun = Instant::now();
            let answer = line.ask(&request(n));
            times.push(begun.elapsed().as_micros());
            assert_eq!(answer.status, status, "{name}: {}", answer.text);
        }
    }
    let told: Vec<String> = all
        .iter()
        .zip(&mut times)
        .map(|((name, _), times)| {
            times.sort_unstable();
            format!("{name} {}", times[times.len() / 2])
        })
        .collect();
    println!("  {}", told.join(" · "));
}
