//! The load bench: fills an organization, starts the real program and a bare server beside it, and measures both in turn.
//! See README.md. Figures are for reading, ratios for comparing; nothing here passes or fails.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a bench ends where it cannot go on")]

mod apart;
mod bare;
mod client;
mod fill;
mod import;
mod parts;
mod person;
mod program;
mod table;

use std::time::Duration;

use client::{Load, Request};
use program::Program;
use table::Table;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let flag = |name: &str| args.iter().position(|a| a == name).and_then(|at| args.get(at + 1)).cloned();
    if let Some(port) = flag("--bare") {
        return bare::serve(
            &flag("--database-url").expect("--database-url"),
            &flag("--data-dir").expect("--data-dir"),
            port.parse().expect("a port"),
        );
    }
    let members: Vec<u64> =
        flag("--members").unwrap_or("1000,100000".into()).split(',').map(|n| n.parse().expect("--members takes numbers")).collect();
    let seconds = Duration::from_secs_f64(flag("--seconds").map_or(2.0, |s| s.parse().expect("--seconds takes a number")));
    let only = flag("--only").unwrap_or_default();
    for n in members {
        run(n, seconds, flag("--database-url"), &only, args.iter().any(|a| a == "--keep"));
    }
}

fn run(members: u64, seconds: Duration, database: Option<String>, only: &str, keep: bool) {
    let home = program::Home::new(members, database, keep);
    let filled = fill::fill(&home, members);
    println!("\n## {members} members, 300 projects, 3,000 grants, on {} (filled in {:.1} s)\n", filled.world.db.url.display(), filled.seconds);
    let ana = person::Person::of(&filled);
    let console = Program::console(&home);
    let bare = Program::bare(&home);
    println!("ready after {} ms, {:.1} MiB resident before the first request\n", console.ready_ms, console.memory_mib());
    let mut table = Table::new(only);

    let page = |path: String| Request::get(&path).cookie(&ana.cookie);
    let api = |path: String| Request::get(&path).bearer(&ana.token);
    let load = |clients: usize| Load { clients, seconds };
    let places = filled.places.clone();
    let at = move |n: u64| places[(n % places.len() as u64) as usize].clone();
    let parts = filled.parts.clone();
    let part = move |n: u64| parts[(n % parts.len() as u64) as usize].clone();

    table.line("live (no database)", &console, load(2), |_| Request::get("/live"));
    table.line("bare: members, anywhere", &bare, load(2), |n| Request::get(&format!("/members?cursor={}", at(n))));
    table.line("members, first page", &console, load(2), |_| page("/o/load/members".into()));
    table.line("members, anywhere", &console, load(2), |n| page(format!("/o/load/members?cursor={}", at(n))));
    table.ratio("members, anywhere", "bare: members, anywhere");
    table.line("members by last seen", &console, load(2), |_| page("/o/load/members?sort=last_seen".into()));
    table.line("bare: search", &bare, load(2), |n| Request::get(&format!("/members?q={}", part(n))));
    table.line("search by part of an address", &console, load(2), |n| page(format!("/o/load/members?q={}", part(n))));
    table.ratio("search by part of an address", "bare: search");
    table.line("API: members, anywhere", &console, load(2), |n| api(format!("/api/v1/orgs/load/members?cursor={}", at(n))));
    table.line("admin page", &console, load(2), |_| page("/o/load".into()));
    table.ratio("admin page", "members, anywhere");
    table.line("projects", &console, load(2), |_| page("/o/load/projects".into()));
    table.line("audit log", &console, load(2), |_| page("/o/load/audit".into()));
    table.line("API: own account (key only)", &console, load(2), |_| api("/api/v1/me".into()));
    table.line("API: one project (guard)", &console, load(2), |n| api(format!("/api/v1/orgs/load/projects/project-{:03}", n % 300)));
    parts::of_the_members_page(&mut table, &filled, seconds);
    table.inside("guard alone, in process", &filled.world, seconds, |n| person::guard(&filled, n));
    for clients in [8, 64] {
        let token = ana.token.clone();
        table.line(&format!("role change, {clients} clients"), &console, load(clients), move |n| {
            let roles = if (n / members.max(1)).is_multiple_of(2) { r#"["DEFAULT","helpers"]"# } else { r#"["DEFAULT"]"# };
            Request::send("PATCH", &format!("/api/v1/orgs/load/members/{}", fill::member_id(n % members.min(50_000) + 1)))
                .bearer(&token)
                .json(&format!(r#"{{"roles":{roles}}}"#))
        });
    }
    let door = person::door(&console);
    for clients in [4, 32] {
        table.line(&format!("sign-in, {clients} clients"), &console, load(clients), |n| door.sign_in(&fill::email(n % 64 + 2), n));
    }
    table.inside("argon2 alone, 2 threads", &filled.world, seconds, |_| person::hash_alone(&filled.world));
    table.beside(
        "members page while 32 sign in",
        &console,
        load(2),
        |_| page("/o/load/members".into()),
        load(32),
        |n| door.sign_in(&fill::email(n % 64 + 2), n),
    );
    if table.wanted("apart") {
        apart::of_refusals(&console, &ana);
    }
    if table.wanted("import") {
        import::of_as_many_again(&console, &ana, members, load(2));
    }
    println!("\n{:.1} MiB resident at the end ({:.1} without pages of files)", console.memory_mib(), console.anonymous_mib());
}
