//! The demo: a made-up company that looks lived in, and that no real installation can be harmed by.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bailiwick::account::sign_in::{self, Attempt};
use bailiwick::audit;
use bailiwick::base::config::Settings;
use bailiwick::base::db::dialect::Url;
use bailiwick::base::db::time::DAY;
use bailiwick::base::text::Secret;
use bailiwick::base::tx::{Actor, Caller, Via};
use bailiwick::base::world::World;
use bailiwick::demo;
use diesel::RunQueryDsl as _;
use diesel::sql_types::{BigInt, Text};

use crate::support::app;
use crate::support::databases::{Fresh, Kind};

/// The settings of a real installation in whose data folder the demo is opened.
fn real(folder: &Path) -> Settings {
    let mut settings = app::settings(Url::Sqlite(folder.join("bailiwick.db").display().to_string()), folder);
    settings.smtp_url = Some("smtp://127.0.0.1:1".into());
    settings
}

/// A folder that is gone when the test is over.
struct Folder(PathBuf);
impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("bw_suite_demo_{name}_{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Self(folder)
    }
}
impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}
#[derive(diesel::QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

fn number(world: &World, sql: &str) -> i64 {
    diesel::sql_query(sql).get_result::<Number>(&mut *world.db.reader().unwrap()).unwrap().n
}

fn words(world: &World, sql: &str) -> BTreeSet<String> {
    diesel::sql_query(sql).load::<Word>(&mut *world.db.reader().unwrap()).unwrap().into_iter().map(|w| w.word).collect()
}

fn signs_in(world: &World, email: &str) -> bool {
    let attempt = Attempt { email: email.into(), password: Secret::new(demo::PASSWORD), device: None };
    sign_in::with_password(world, &Caller::of(Actor::Nobody, Via::Page), &attempt).is_ok_and(|known| !known.needs_code)
}

#[test]
fn the_demo_is_a_company_of_many_people_with_a_past() {
    let folder = Folder::new("past");
    let world = demo::open(demo::settings(real(&folder.0))).unwrap();
    let fernhill = "(SELECT id FROM orgs WHERE slug = 'fernhill-robotics')";
    let open = "valid_to = 9223372036854775807";
    let members = number(&world, &format!("SELECT COUNT(*) AS n FROM members WHERE org_id = {fernhill} AND status = 'active' AND {open}"));
    assert!(members >= 40, "{members} members");
    let with_mfa = "SELECT COUNT(*) AS n FROM members m JOIN users u ON u.id = m.user_id AND u.mfa_since IS NOT NULL WHERE m.status = 'active'";
    let coverage = number(&world, &format!("{with_mfa} AND m.org_id = {fernhill} AND m.{open}")) * 100 / members;
    assert!((75..=85).contains(&coverage), "{coverage} % have a second factor");
    assert!(number(&world, &format!("SELECT COUNT(*) AS n FROM projects WHERE org_id = {fernhill} AND deleted_at IS NULL")) >= 8);
    let externals = "SELECT COUNT(DISTINCT subject_id) AS n FROM grants g WHERE subject_kind = 'user' AND NOT EXISTS
        (SELECT 1 FROM members m WHERE m.org_id = g.org_id AND m.user_id = g.subject_id)";
    assert!(number(&world, externals) >= 4);
    assert_eq!(number(&world, "SELECT COUNT(*) AS n FROM orgs"), 2);
    assert!(words(&world, "SELECT DISTINCT status AS word FROM members").is_superset(&["active", "suspended", "removed"].map(String::from).into()));
    let invitations = words(&world, "SELECT DISTINCT status AS word FROM invitations");
    assert!(invitations.is_superset(&["accepted", "pending", "revoked"].map(String::from).into()), "{invitations:?}");
    let now = world.now();
    assert!(number(&world, &format!("SELECT COUNT(*) AS n FROM invitations WHERE status = 'pending' AND expires_at < {}", now.0)) >= 1);
    assert_eq!(words(&world, "SELECT DISTINCT state AS word FROM outbox"), ["failed", "sent"].map(String::from).into());
    assert!(number(&world, "SELECT COUNT(DISTINCT actor_id) AS n FROM audit_events WHERE actor_kind = 'user'") >= 12, "few have done anything");
    assert!(number(&world, "SELECT COUNT(*) AS n FROM audit_events WHERE outcome = 'denied'") >= 3);
    let since = number(&world, "SELECT MIN(at) AS n FROM audit_events");
    assert!(since < now.minus(300 * DAY).0, "the past is short");
    assert_eq!(number(&world, &format!("SELECT COUNT(*) AS n FROM audit_events WHERE at > {}", now.0)), 0, "nothing happens in the future");
    assert_eq!(number(&world, "SELECT COUNT(*) AS n FROM users WHERE email NOT LIKE '%.example'"), 0, "an address that could be real");
    let chains = audit::verify::verify(&world, None).unwrap();
    assert!(chains.len() == 3 && chains.iter().all(|c| c.broken.is_none() && c.events > 10), "{chains:?}");
}

#[test]
fn everybody_whose_sign_in_is_printed_can_sign_in_with_the_printed_password() {
    let folder = Folder::new("welcome");
    let world = demo::open(demo::settings(real(&folder.0))).unwrap();
    let welcome = demo::welcome(&world);
    let guides: Vec<&str> = welcome.split_whitespace().filter(|w| w.contains('@')).collect();
    assert!(guides.len() >= 3 && welcome.contains(demo::PASSWORD) && welcome.contains("http://localhost:8080/login"), "{welcome}");
    assert!(guides.iter().all(|email| signs_in(&world, email)), "{welcome}");
    let users = number(&world, "SELECT COUNT(*) AS n FROM users");
    drop(world);
    let again = demo::open(demo::settings(real(&folder.0))).unwrap();
    assert_eq!(number(&again, "SELECT COUNT(*) AS n FROM users"), users, "it is filled once");
}

#[test]
fn the_demo_touches_nothing_of_the_installation_beside_it() {
    let folder = Folder::new("beside");
    let given = real(&folder.0);
    let world = demo::open(demo::settings(given.clone())).unwrap();
    assert!(world.mail_is_off() && world.settings.data_dir == folder.0.join("demo"));
    assert!(!folder.0.join("bailiwick.db").exists() && !given.secret_key_file.exists());
    let left: Vec<String> = std::fs::read_dir(&folder.0).unwrap().flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(left, ["demo"], "it was filled elsewhere and moved");
}

#[test]
fn a_database_that_is_no_demo_is_refused_and_left_alone() {
    let folder = Folder::new("refused");
    let house = Fresh::copy(Kind::Sqlite);
    std::fs::create_dir_all(folder.0.join("demo")).unwrap();
    std::fs::copy(house.folder.join("bailiwick.db"), folder.0.join("demo/bailiwick.db")).unwrap();
    std::fs::write(folder.0.join("demo/secret.key"), "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc").unwrap();
    let refused = demo::open(demo::settings(real(&folder.0))).err().unwrap().to_string();
    assert!(refused.contains("no demo"), "{refused}");
}
