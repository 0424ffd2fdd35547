//! Fills an organization: made-up people, 300 projects, 3,000 grants. Straight into the tables, for a million people would take
//! hours through the doors.

use std::time::Instant;

use bailiwick::base::config::Settings;
use bailiwick::base::db::{Conn, named};
use bailiwick::base::paging;
use bailiwick::base::text::{Email, Name, Secret};
use bailiwick::base::tx::Caller;
use bailiwick::base::world::{Clock, World};
use bailiwick::instance::setup::{First, set_up};
use bailiwick::instance::start;
use clap::{Args as _, FromArgMatches as _};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::program::Home;

pub const PASSWORD: &str = "a long password for the load bench";
pub const ADMIN: &str = "admin@load.example";

const FIRST: [&str; 32] = [
    "Abena", "Aiko", "Amara", "Bjarne", "Camille", "Chidi", "Darya", "Dilnoza", "Elif", "Emre", "Farah", "Giulia", "Hana", "Ibrahim", "Ines", "Joon",
    "Kofi", "Laszlo", "Leila", "Mateo", "Mei", "Nadia", "Nikolai", "Oluwa", "Priya", "Quentin", "Rafael", "Saoirse", "Tariq", "Ulla", "Yusuf",
    "Zofia",
];
const LAST: [&str; 40] = [
    "Abara",
    "Achterberg",
    "Bianchi",
    "Bondarenko",
    "Castellanos",
    "Chaudhry",
    "Dahlgren",
    "Desrosiers",
    "Eriksson",
    "Fujimoto",
    "Gallagher",
    "Haddad",
    "Ilunga",
    "Jovanovic",
    "Kaplan",
    "Karimov",
    "Lindqvist",
    "Marchetti",
    "Mbeki",
    "Nakamura",
    "Novotny",
    "Okonkwo",
    "Papadakis",
    "Quispe",
    "Rahman",
    "Rosenthal",
    "Sandoval",
    "Silva",
    "Takahashi",
    "Thorsen",
    "Ueda",
    "Vasquez",
    "Vermeulen",
    "Wachira",
    "Wiśniewska",
    "Xu",
    "Yamada",
    "Yilmaz",
    "Zhou",
    "Zimmermann",
];

pub fn user_id(n: u64) -> String {
    format!("usr_{n:026}")
}
pub fn member_id(n: u64) -> String {
    format!("mem_{n:026}")
}
fn name(n: u64) -> String {
    format!("{} {}", FIRST[(n % 32) as usize], LAST[((n / 32) % 40) as usize])
}
pub fn email(n: u64) -> String {
    let name = name(n).to_lowercase().replace(' ', ".").replace('ś', "s");
    format!("{name}{n}@people{}.example", n % 7)
}

pub struct Filled {
    pub world: World,
    pub members: u64,
    pub admin: String,
    pub seconds: f64,
    /// Cursors to places all over the list.
    pub places: Vec<String>,
    /// The same, as the statement takes them.
    pub after: Vec<Vec<String>>,
    pub org: String,
    /// Parts of addresses that few have.
    pub parts: Vec<String>,
}

pub fn settings(database: &str, folder: &std::path::Path) -> Settings {
    let command = bailiwick::base::config::Given::augment_args(clap::Command::new("load"));
    let matches = command.get_matches_from(["load", "--database-url", database, "--data-dir", &folder.display().to_string()]);
    Settings::from(bailiwick::base::config::Given::from_arg_matches(&matches).expect("settings")).expect("settings")
}

pub fn fill(home: &Home, members: u64) -> Filled {
    let begin = Instant::now();
    let world = start::open(settings(&home.database, &home.folder), Clock::System).expect("an installation");
    let first = First {
        org: Name::parse("Load").expect("a name"),
        name: Name::parse("Ada Min").expect("a name"),
        email: Email::parse(ADMIN).expect("an address"),
        password: Secret::new(PASSWORD),
    };
    let done = set_up(&world, &Caller::cli(), first, None).expect("an empty database");
    let hash = world.hasher.make(&Secret::new(PASSWORD)).expect("a hash");
    world.db.alone(|c| write(c, world.now().0, members, &hash).map_err(Into::into)).expect("the rows are written");
    let org = one(&mut world.db.reader().expect("a connection"), "SELECT id FROM orgs WHERE slug = 'load'");
    let list = format!("member.list:{org}:name");
    let after = |n: u64| vec![name(n).to_lowercase(), member_id(n)];
    let step = (members / 500).max(1);
    Filled {
        places: (0..500).map(|k| paging::cursor(&world, &list, &after(k * step % members + 1))).collect(),
        after: (0..500).map(|k| after(k * step % members + 1)).collect(),
        org,
        parts: (0..500).map(|k| email(k * step % members + 2)[3..].split('@').next().unwrap_or_default().to_owned()).collect(),
        admin: done.user_id.as_ref().to_owned(),
        seconds: begin.elapsed().as_secs_f64(),
        members,
        world,
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Text)]
    id: String,
}

fn one(c: &mut Conn, text: &'static str) -> String {
    named(text).once().get_result::<Found>(c).expect("it is there").id
}

const OPEN: i64 = i64::MAX;

fn write(c: &mut Conn, now: i64, members: u64, hash: &str) -> QueryResult<()> {
    let org = one(c, "SELECT id FROM orgs WHERE slug = 'load'");
    let workspace = one(c, "SELECT id FROM workspaces");
    let default = one(c, "SELECT id FROM roles WHERE role_key = 'DEFAULT'");
    let viewer = one(c, "SELECT id FROM roles WHERE role_key = 'viewer' AND level = 'project'");
    c.batch_execute("BEGIN")?;
    c.batch_execute(&format!(
        "INSERT INTO roles (org_id, id, role_key, name, description, kind, level, origin, rev, created_at, updated_at)
         VALUES ('{org}', 'rol_{:026}', 'helpers', 'Helpers', '', 'user', 'org', 'org', 1, {now}, {now});
         INSERT INTO role_permissions (org_id, role_id, permission) VALUES ('{org}', 'rol_{:026}', 'members.read');",
        1, 1
    ))?;
    let mut rows = Rows::default();
    for n in 1..=members {
        let (user, address, name, key) = (user_id(n), email(n), name(n), name(n).to_lowercase());
        let mfa = if n.is_multiple_of(5) { "NULL".to_owned() } else { now.to_string() };
        let seen = now - (n as i64 * 7_919_000_000) % (90 * 86_400_000_000);
        let joined = now - (n as i64 * 104_729_000_000) % (700 * 86_400_000_000);
        rows.users.push(format!("('{user}','{address}','{address}',{now},'{name}','{key}','{hash}',FALSE,TRUE,{mfa},NULL,{seen},1,{joined},{now})"));
        let status = if n.is_multiple_of(97) { "suspended" } else { "active" };
        rows.members.push(format!(
            "('{org}','{}','{user}','{status}','{name}','{key}','{address}','{address}',{},'invitation',NULL,'system',{seen},-{seen},1,{joined},{OPEN},{now})",
            member_id(n),
            if mfa == "NULL" { "FALSE" } else { "TRUE" },
        ));
        rows.assignments.push(format!("('{org}','asg_{n:026}','{user}','{default}','manual',NULL,'system',{joined},{OPEN})"));
        if rows.users.len() == 500 || n == members {
            rows.write(c)?;
        }
    }
    // People from outside, one in ten of those with access.
    for n in 0..300 {
        let (user, address) = (format!("usr_9{n:025}"), format!("guest{n}@outside.example"));
        rows.users.push(format!("('{user}','{address}','{address}',{now},'Guest {n}','guest {n}','{hash}',FALSE,TRUE,NULL,NULL,NULL,1,{now},{now})"));
    }
    rows.write(c)?;
    let (mut projects, mut grants) = (Vec::new(), Vec::new());
    for p in 0..300u64 {
        let id = format!("prj_{p:026}");
        projects.push(format!("('{org}','{id}','{workspace}','project-{p:03}','Project {p:03}','project {p:03}','',1,{now},{now})"));
        for g in 0..10u64 {
            let (kind, subject) = match g {
                0 => ("role", default.clone()),
                1 => ("user", format!("usr_9{p:025}")),
                _ => ("user", user_id((p * 31 + g * 53) % members + 1)),
            };
            grants.push(format!(
                "('{org}','grt_{:026}','project','{id}','{kind}','{subject}','{viewer}','manual',NULL,'system',1,{now},{now},{now},{OPEN})",
                p * 10 + g
            ));
        }
    }
    insert(c, "projects (org_id, id, workspace_id, slug, name, name_key, description, rev, created_at, updated_at)", &projects)?;
    insert(
        c,
        "grants (org_id, id, scope_kind, scope_id, subject_kind, subject_id, role_id, source_kind, source_id, granted_by, rev, created_at, updated_at, valid_from, valid_to)",
        &grants,
    )?;
    c.batch_execute("COMMIT")?;
    match c {
        Conn::Sqlite(c) => c.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)"),
        Conn::Postgres(c) => c.batch_execute("SET statement_timeout = 0; VACUUM ANALYZE"),
    }
}

#[derive(Default)]
struct Rows {
    users: Vec<String>,
    members: Vec<String>,
    assignments: Vec<String>,
}

impl Rows {
    fn write(&mut self, c: &mut Conn) -> QueryResult<()> {
        let Self { users, members, assignments } = std::mem::take(self);
        insert(
            c,
            "users (id, email, email_key, email_verified_at, name, name_key, password_hash, is_operator, active, mfa_since, last_org_id, last_seen_at, rev, created_at, updated_at)",
            &users,
        )?;
        insert(
            c,
            "members (org_id, id, user_id, status, name, name_key, email, email_key, mfa, source_kind, source_id, granted_by, last_seen_at, seen_key, rev, valid_from, valid_to, updated_at)",
            &members,
        )?;
        insert(c, "role_assignments (org_id, id, user_id, role_id, source_kind, source_id, granted_by, valid_from, valid_to)", &assignments)
    }
}

fn insert(c: &mut Conn, into: &str, rows: &[String]) -> QueryResult<()> {
    if rows.is_empty() { Ok(()) } else { c.batch_execute(&format!("INSERT INTO {into} VALUES {}", rows.join(","))) }
}
