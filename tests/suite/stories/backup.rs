//! Backups: made while people work, put back into either kind of database, and worth nothing without the key.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use bailiwick::access::Ref;
use bailiwick::account::links::ForgetPassword;
use bailiwick::account::sign_in::VerifyCode;
use bailiwick::base::db::dump::{self, LEFT_OUT};
use bailiwick::base::db::migrate;
use bailiwick::base::error::Error;
use bailiwick::base::keys::Keys;
use bailiwick::base::ops;
use bailiwick::base::text::{Email, Name, Secret};
use bailiwick::base::tx::{Actor, Caller, Via};
use bailiwick::instance::{backup, restore};
use bailiwick::projects::commands::CreateProject;
use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::BigInt;

use crate::support::app::{self, PASSWORD};
use crate::support::databases::{Fresh, kinds};
use crate::support::totp::Authenticator;
use crate::support::{App, GET, POST, Person, Scene, each, json};

fn back_up(app: &App) -> Vec<u8> {
    let mut file = Vec::new();
    backup::write(&app.world().settings.database_url, &app.world().keys, app.world().now(), &mut file).unwrap();
    file
}

fn put_back(into: &Fresh, file: &[u8]) -> Result<restore::Restored, Error> {
    restore::read(&into.url, &Keys::from_bytes([7; 32]), file)
}

/// How many rows each table has.
fn counts(app: &App) -> BTreeMap<String, u64> {
    #[derive(diesel::QueryableByName)]
    struct Number {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let mut c = app.by_hand();
    let tables = dump::tables(&mut c).unwrap().into_iter().map(|t| t.table);
    tables.map(|t| (t.clone(), diesel::sql_query(format!("SELECT COUNT(*) AS n FROM {t}")).get_result::<Number>(&mut c).unwrap().n as u64)).collect()
}

/// Tells a story of a move from every kind of database to every kind.
fn each_way<F: Future<Output = ()>>(story: impl Fn(App, Fresh) -> F) {
    for from in kinds() {
        for to in kinds() {
            println!("from {from:?} to {to:?}");
            actix_web::rt::System::new().block_on(async { story(App::fresh(*from).await, Fresh::empty(*to)).await });
        }
    }
}

/// Somebody who has set up an authenticator, a moment ago.
fn enrolled(person: &Person) -> (Authenticator, Vec<String>) {
    let enrolled = person.enrols();
    crate::support::clock::forward(person.app.world(), 60_000_000);
    enrolled
}

#[test]
fn a_backup_made_while_people_work_is_one_moment_of_the_installation() {
    each_way(|app, elsewhere| async move {
        let scene = Scene::set(&app).await;
        enrolled(&scene.ana);
        let (world, caller, busy) = (app.world().clone(), scene.ana.caller(), AtomicBool::new(true));
        let (file, made) = std::thread::scope(|threads| {
            let writers: Vec<_> = (0..3)
                .map(|writer| {
                    let (world, caller, busy) = (&world, &caller, &busy);
                    threads.spawn(move || {
                        (0..)
                            .take_while(|_| busy.load(Ordering::Relaxed))
                            .map(|n| {
                                let name = Name::parse(&format!("Busy {writer} {n}")).unwrap();
                                let command = CreateProject { org: Ref::new("acme"), name, slug: None, description: None, workspace_id: None };
                                ops::run(world, caller, &command).unwrap();
                            })
                            .count()
                    })
                })
                .collect();
            let files: Vec<Vec<u8>> = (0..5).map(|_| back_up(&app)).collect();
            busy.store(false, Ordering::Relaxed);
            (files.into_iter().next_back().unwrap(), writers.into_iter().map(|w| w.join().unwrap()).sum::<usize>())
        });
        assert!(made > 0, "nobody worked meanwhile");
        let restored = put_back(&elsewhere, &file).unwrap();
        let there = App::over(elsewhere, |_| {}).await;
        assert_eq!(counts(&there), restored.rows);
        assert!(there.broken_chains().is_empty(), "{:?}", there.broken_chains());
        // No half effects: as many projects as events that say so.
        let created = there.events().iter().filter(|e| e.action == "project.create").count();
        assert_eq!(restored.rows["projects"] as usize, created);
    });
}

#[test]
fn after_a_restore_everything_is_as_it_was_and_people_sign_in_with_their_codes() {
    each_way(|app, elsewhere| async move {
        let scene = Scene::set(&app).await;
        let (authenticator, codes) = enrolled(&scene.ana);
        let before = counts(&app);
        let restored = put_back(&elsewhere, &back_up(&app)).unwrap();
        assert_eq!(restored.rows, before);
        let there = App::over(elsewhere, |_| {}).await;
        crate::support::clock::forward(there.world(), app.world().now().0 - there.world().now().0 + 60_000_000);
        let user = scene.ana.caller().actor.user().unwrap().id.clone();
        let proves = |code: &str| {
            let command = VerifyCode { user: user.clone(), code: Secret::new(code), device: None, signs_in: true };
            ops::run(there.world(), &Caller::of(Actor::Nobody, Via::Page), &command).map(drop)
        };
        assert!(there.known(&scene.ana.email).signs_in_with(PASSWORD));
        proves(&authenticator.code(&there)).unwrap();
        proves(&codes[0]).unwrap();
        // A personal token is neither a session nor a thing of one moment: scripts go on.
        let ana = scene.ana.at(&there);
        assert_eq!(ana.reads("/orgs/acme").await, scene.ana.reads("/orgs/acme").await);
        assert_eq!(ana.reads("/orgs/acme/members").await["items"], scene.ana.reads("/orgs/acme/members").await["items"]);
        // And the installation can be worked with: keys, chains and counters go on where they were.
        ana.api(POST, "/orgs/acme/projects", json!({"name": "After"})).await.is(201);
        assert!(there.broken_chains().is_empty());
    });
}

impl Person {
    /// Whether the password is right, as the page of sign-in asks it.
    fn signs_in_with(&self, password: &str) -> bool {
        use bailiwick::account::sign_in::{Attempt, with_password};
        let attempt = Attempt { email: self.email.clone(), password: Secret::new(password), device: None };
        with_password(self.app.world(), &Caller::of(Actor::Nobody, Via::Page), &attempt).is_ok()
    }
}

#[test]
fn sessions_links_devices_and_waiting_mails_of_that_time_are_gone() {
    each_way(|app, elsewhere| async move {
        let (ana, mia) = (app.person("Ana Ruiz"), app.person("Mia Holt"));
        app.org(&ana, "Acme").await;
        ana.sign_in(false);
        ana.get("/o/acme").await.is(200);
        ana.api_with(POST, "/orgs/acme/projects", json!({"name": "Once"}), &[("idempotency-key", "once")]).await.is(201);
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": ["new@people.example"]})).await.is(200);
        let nobody = Caller::of(Actor::Nobody, Via::Page);
        ops::run(app.world(), &nobody, &ForgetPassword { email: Email::parse(&mia.email).unwrap() }).unwrap();
        let file = back_up(&app);
        let restored = put_back(&elsewhere, &file).unwrap();
        assert_eq!(restored.mails_dropped, 2, "the invitation and the link for a password");
        let there = App::over(elsewhere, |_| {}).await;
        let again = ana.at(&there);
        assert_eq!(again.get("/o/acme").await.is(303).header("location"), "/login?next=%2Fo%2Facme");
        let letters = crate::support::mailbox::of(&app, &mia.email);
        assert!(letters.iter().any(|l| l.text.contains("/password/reset/")), "the link exists where it was made");
        assert!(crate::support::mailbox::of(&there, "people.example").is_empty(), "nothing is sent twice");
        for table in LEFT_OUT {
            assert!(!String::from_utf8_lossy(&file).contains(&format!("{{\"table\":\"{table}\"")), "{table} is in the backup");
        }
        // The same key is a new one now: a second project, or a word about the name that is taken.
        again.api_with(POST, "/orgs/acme/projects", json!({"name": "Twice"}), &[("idempotency-key", "once")]).await.is(201);
    });
}

#[test]
fn a_backup_tells_no_secret_to_who_has_no_key() {
    each(|app| async move {
        let (ana, mia) = (app.person("Ana Ruiz"), app.person("Mia Holt"));
        app.org(&ana, "Acme").await;
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": [mia.email]})).await.is(200);
        let (authenticator, codes) = enrolled(&ana);
        let file = String::from_utf8(back_up(&app)).unwrap();
        let invitation = crate::support::mailbox::latest(&app, &mia.email).token("/invitations/");
        assert!(file.contains(&ana.email) && file.contains("v1."), "it is a backup, with sealed values in it");
        let secrets = [PASSWORD, authenticator.seed(), &ana.token, &codes[0], &codes[0].replace('-', ""), &invitation, "BwcHBwcHBwcHBw"];
        for secret in secrets {
            assert!(!file.contains(secret), "{secret} stands in the backup");
        }
        assert!(file.starts_with("{\"bailiwick_backup\":1,"), "a person sees what it is");
    });
}

#[test]
fn what_is_damaged_changed_or_of_another_key_is_refused_and_leaves_nothing() {
    each(|app| async move {
        Scene::set(&app).await;
        let file = back_up(&app);
        let text = String::from_utf8(file.clone()).unwrap();
        let end = text.trim_end().rfind('\n').unwrap();
        let turned = text.replacen("Apollo", "Apolla", 1);
        let sum = |body: &str| backup::hex(&<sha2::Sha256 as sha2::Digest>::digest(body.as_bytes()));
        // Somebody who can count but has no key.
        let forged = turned.replace(&sum(&text[..=end]), &sum(&turned[..=end]));
        let twice = text[..end].rfind('\n').map(|at| format!("{}{}", &text[..end], &text[at..])).unwrap();
        for (broken, why) in [
            (&text.as_bytes()[..text.len() / 2], "cannot take the rows|cannot be read|its end is missing"),
            (&text.as_bytes()[..=end], "its end is missing"),
            (turned.as_bytes(), "checksum"),
            (forged.as_bytes(), "seal"),
            (twice.as_bytes(), "checksum|cannot take"),
            (b"SQLite format 3\0 and so on".as_slice(), "no backup"),
            (b"".as_slice(), "no backup"),
            (text.replacen("\"bailiwick_backup\":1", "\"bailiwick_backup\":2", 1).as_bytes(), "newer version"),
            (text.replacen("\"schema\":\"2", "\"schema\":\"9", 1).as_bytes(), "newer version"),
        ] {
            let into = Fresh::empty(app.kind());
            let said = put_back(&into, broken).unwrap_err().to_string();
            assert!(why.split('|').any(|w| said.contains(w)), "{said} says nothing of {why}");
            put_back(&into, &file).expect("nothing is left of it, so the whole one goes in");
        }
        let said = restore::read(&Fresh::empty(app.kind()).url, &Keys::from_bytes([8; 32]), file.as_slice()).unwrap_err().to_string();
        assert!(said.contains("another secret key"), "{said}");
    });
}

#[test]
fn a_database_with_people_in_it_is_never_restored_over() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let file = back_up(&app);
        let full = Fresh::copy(app.kind());
        let said = put_back(&full, &file).unwrap_err().to_string();
        assert!(said.contains("is not empty"), "{said}");
        let there = App::over(full, |_| {}).await;
        there.known(app::OPERATOR).api(GET, "/orgs/acme", ()).await.is(404);
    });
}

#[test]
fn an_installation_that_waits_for_its_set_up_can_be_restored_into() {
    each(|app| async move {
        let (ana, into) = (app.person("Ana Ruiz"), Fresh::empty(app.kind()));
        migrate::run(&into.url).unwrap();
        let waiting = app::world(app::settings(into.url.clone(), &into.folder));
        assert!(bailiwick::instance::setup::open(&waiting).unwrap().is_some(), "a link was printed");
        put_back(&into, &back_up(&app)).unwrap();
        let there = App::over(into, |_| {}).await;
        assert_eq!(there.known(&ana.email).id, ana.id);
    });
}

/// What an installation of the first schema could hold; the program of today would write more.
const OF_THE_FIRST_SCHEMA: &str = "
    INSERT INTO instance (id, seq, audit_head, rev, org_creation, admin_page, created_at, updated_at) VALUES ('instance', 0, '', 1, 'anyone', TRUE, 1, 1);
    INSERT INTO users (id, email, email_key, name, is_operator, active, rev, created_at, updated_at) VALUES ('usr_1', 'ana@x.example', 'ana@x.example', 'Ana Ruiz', TRUE, TRUE, 1, 1, 1);
    INSERT INTO orgs (id, slug, name, description, policy, seq, audit_head, rev, created_at, updated_at) VALUES ('org_1', 'acme', 'Acme', '', '{}', 0, '', 1, 1, 1);
    INSERT INTO roles (org_id, id, role_key, name, description, kind, level, origin, rev, created_at, updated_at)
        VALUES ('org_1', 'rol_1', 'ADMIN', 'ADMIN', '', 'user', 'org', 'builtin', 1, 1, 1);
    INSERT INTO members (org_id, id, user_id, status, name_key, email_key, source_kind, granted_by, rev, valid_from, valid_to, updated_at)
        VALUES ('org_1', 'mem_1', 'usr_1', 'active', 'ana ruiz', 'ana@x.example', 'manual', 'system', 1, 1, 9223372036854775807, 1);
    INSERT INTO role_assignments (org_id, id, user_id, role_id, source_kind, granted_by, valid_from, valid_to)
        VALUES ('org_1', 'asg_1', 'usr_1', 'rol_1', 'manual', 'system', 1, 9223372036854775807);";

#[derive(diesel::QueryableByName, Debug, PartialEq)]
struct Filled {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    roles: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    members: i64,
}

#[test]
fn a_backup_of_an_older_schema_is_brought_up_to_date() {
    for kind in kinds() {
        let old = Fresh::empty(*kind);
        migrate::run_to(&old.url, Some("20261124000001")).unwrap();
        old.url.connect().unwrap().batch_execute(OF_THE_FIRST_SCHEMA).unwrap();
        let mut file = Vec::new();
        backup::write(&old.url, &Keys::from_bytes([7; 32]), bailiwick::base::db::Ts(0), &mut file).unwrap();
        let into = Fresh::empty(*kind);
        put_back(&into, &file).unwrap();
        let mut c = into.url.connect().unwrap();
        let state = migrate::state(&mut c, &into.url).unwrap();
        assert_eq!((state.pending, state.schema), (0, migrate::newest(&into.url).unwrap()));
        let filled: Filled = diesel::sql_query(
            "SELECT m.name AS name, m.roles AS roles, k.members AS members FROM members m JOIN org_counts k ON k.org_id = m.org_id",
        )
        .get_result(&mut c)
        .unwrap();
        assert_eq!(filled, Filled { name: "Ana Ruiz".into(), roles: "rol_1".into(), members: 1 }, "later migrations fill what they add");
        c.batch_execute(
            "INSERT INTO audit_events (org_id, seq, id, at, actor_kind, actor_id, actor_name, action, outcome, target_kind, target_id, target_name, summary, search, via,
               session_hash, ip, request_id, hash) VALUES ('org_1', 1, 'evt_1', 1, '', '', '', '', 'success', '', '', '', '', '', '', '', '', '', '')",
        )
        .unwrap();
        let changed = diesel::sql_query("UPDATE audit_events SET summary = 'x'").execute(&mut c);
        assert!(changed.is_err(), "what a later migration forbids is forbidden");
        // And into one that is newer already it does not go.
        let newer = Fresh::empty(*kind);
        migrate::run(&newer.url).unwrap();
        assert!(put_back(&newer, &file).unwrap_err().to_string().contains("newer than that of the backup"));
    }
}

#[test]
fn what_a_backup_leaves_out_are_tables_that_there_are() {
    let text =
        ["schema", "copies"].map(|file| std::fs::read_to_string(format!("{}/src/base/db/{file}.rs", env!("CARGO_MANIFEST_DIR"))).unwrap()).concat();
    // The tables of SQLite's search index are its own.
    for table in LEFT_OUT.iter().filter(|table| !table.starts_with("search_")) {
        assert!(text.contains(&format!("    {table} (")), "{table} is no table any more");
    }
}
