//! `bailiwick check` says what is well and what to mend, and changes nothing.

use std::os::unix::fs::PermissionsExt as _;

use bailiwick::base::config::Settings;
use bailiwick::base::db::migrate;
use bailiwick::base::error::Error;
use bailiwick::instance::check::{self, Finding, Grade};

use crate::support::app;
use crate::support::databases::{Fresh, Kind, kinds};
use crate::support::program::{Home, Program, command, ends};
use crate::support::smtp::Sink;

/// The suite's key as a file has it.
const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
const OTHER_KEY: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg";

/// A sound installation on every kind of database.
fn each(story: impl Fn(Fresh, Settings)) {
    for kind in kinds() {
        let fresh = Fresh::copy(*kind);
        let mut settings = app::settings(fresh.url.clone(), &fresh.folder);
        key(&settings, KEY, 0o600);
        settings.smtp_url = Some(format!("smtp://{}", Sink::up_at(&Sink::down()).address));
        story(fresh, settings);
    }
}

fn key(settings: &Settings, text: &str, mode: u32) {
    std::fs::write(&settings.secret_key_file, text).unwrap();
    std::fs::set_permissions(&settings.secret_key_file, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn graded(settings: &Settings, grade: Grade) -> Vec<Finding> {
    check::all(Ok(settings.clone())).into_iter().filter(|f| f.grade == grade).collect()
}

/// The only thing of this grade says each of these words.
#[track_caller]
fn only(settings: &Settings, grade: Grade, what: &str, words: &[&str]) {
    let found = graded(settings, grade);
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert!(one.what == what && words.iter().all(|w| one.said.contains(w)), "{one}");
}

#[test]
fn a_sound_installation_is_found_sound() {
    each(|_, settings| {
        let found = check::all(Ok(settings.clone()));
        assert!(found.iter().all(|f| f.grade == Grade::Ok), "{found:?}");
        for what in ["settings", "disk", "database", "key", "clock", "mail", "address", "proxies"] {
            assert!(found.iter().any(|f| f.what == what), "nothing is said about {what}");
        }
        let (said, sound) = check::report(Ok(settings));
        assert!(sound && said.lines().all(|l| l.starts_with("ok")), "{said}");
    });
}

#[test]
fn a_key_that_is_missing_open_to_others_or_another_one_is_named() {
    each(|_, settings| {
        key(&settings, KEY, 0o644);
        only(&settings, Grade::Fail, "key", &["can be read by others", "chmod 600"]);
        key(&settings, OTHER_KEY, 0o600);
        only(&settings, Grade::Fail, "key", &["not the key that this database was made with"]);
        key(&settings, "nonsense", 0o600);
        assert!(graded(&settings, Grade::Fail).iter().all(|f| f.what == "key" && f.said.contains("not a key made by Bailiwick")));
        std::fs::remove_file(&settings.secret_key_file).unwrap();
        assert!(graded(&settings, Grade::Fail).iter().any(|f| f.what == "key" && f.said.contains("put the file back")));
        assert!(!settings.secret_key_file.exists(), "none is made by looking");
    });
}

#[test]
fn authenticators_that_do_not_open_are_counted() {
    each(|fresh, settings| {
        use diesel::connection::SimpleConnection as _;
        let mut c = fresh.url.connect().unwrap();
        c.batch_execute("INSERT INTO authenticators (user_id, secret_sealed, last_used_step, created_at) SELECT id, 'v1.AAAA.AAAA', 0, 0 FROM users")
            .unwrap();
        only(&settings, Grade::Fail, "key", &["1 of 1 authenticators"]);
    });
}

#[test]
fn a_database_that_is_behind_ahead_or_read_only_is_told_apart() {
    for kind in kinds() {
        let fresh = Fresh::empty(*kind);
        let settings = app::settings(fresh.url.clone(), &fresh.folder);
        migrate::run_to(&fresh.url, Some("20261124000001")).unwrap();
        assert!(graded(&settings, Grade::Warn).iter().any(|f| f.what == "database" && f.said.contains("bailiwick migrate")));
        migrate::run(&fresh.url).unwrap();
        assert!(graded(&settings, Grade::Fail).is_empty() && graded(&settings, Grade::Ok).iter().any(|f| f.said.contains("nobody has set it up")));
    }
    each(|fresh, settings| {
        use diesel::connection::SimpleConnection as _;
        let mut c = fresh.url.connect().unwrap();
        if fresh.kind == Kind::Postgres {
            c.batch_execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$")
                .unwrap();
            only(&settings, Grade::Fail, "database", &["can be read but not written"]);
            return;
        }
        c.batch_execute("INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20991231000001', CURRENT_TIMESTAMP)").unwrap();
        only(&settings, Grade::Fail, "database", &["a newer version", "20991231000001"]);
    });
}

#[test]
fn a_clock_that_lies_before_what_has_happened_is_wrong() {
    each(|fresh, settings| {
        use diesel::connection::SimpleConnection as _;
        let later = bailiwick::base::world::now().plus(3_600_000_000).0;
        let row = format!(
            "INSERT INTO audit_events (org_id, seq, id, at, actor_kind, actor_id, actor_name, action, outcome, target_kind, target_id, target_name, summary, search, via, session_hash, ip, request_id, hash)
             SELECT id, 99, 'evt_later', {later}, 'cli', '', '', 'x', 'success', '', '', '', '', '', '', '', '', '', '' FROM orgs"
        );
        fresh.url.connect().unwrap().batch_execute(&row).unwrap();
        only(&settings, Grade::Fail, "clock", &["set the clock"]);
    });
}

#[test]
fn a_mail_server_is_asked_without_a_mail() {
    each(|_, mut settings| {
        let sink = Sink::up_at(&Sink::down());
        settings.smtp_url = Some(format!("smtp://{}", sink.address));
        assert!(graded(&settings, Grade::Ok).iter().any(|f| f.what == "mail"));
        assert!(sink.mails().is_empty());
        settings.smtp_url = Some(format!("smtp://ana:secret@{}", sink.address));
        only(&settings, Grade::Fail, "mail", &["smtp-url"]);
        settings.smtp_url = Some(format!("smtps://{}", sink.address));
        only(&settings, Grade::Fail, "mail", &["smtp-url"]);
        settings.smtp_url = Some(Sink::down());
        only(&settings, Grade::Fail, "mail", &["stay queued"]);
        assert!(!format!("{:?}", graded(&settings, Grade::Fail)).contains("secret"));
        settings.smtp_url = None;
        only(&settings, Grade::Warn, "mail", &["mailbox"]);
    });
}

#[test]
fn addresses_that_do_not_go_together_are_named() {
    each(|_, given| {
        let with = |public: &str, listen: &str, proxies: &[&str]| Settings {
            public_url: url::Url::parse(public).unwrap(),
            listen: listen.parse().unwrap(),
            trusted_proxies: proxies.iter().map(|p| p.parse().unwrap()).collect(),
            ..given.clone()
        };
        let sound = with("https://console.example.org", "127.0.0.1:8080", &["127.0.0.1/32"]);
        assert!(graded(&sound, Grade::Ok).len() == check::all(Ok(sound)).len());
        only(&with("https://console.example.org", "127.0.0.1:8080", &[]), Grade::Warn, "proxies", &["trusted-proxies is empty"]);
        only(&with("https://console.example.org", "127.0.0.1:8080", &["0.0.0.0/0"]), Grade::Fail, "proxies", &["from anywhere"]);
        only(&with("http://localhost:8080", "0.0.0.0:8080", &[]), Grade::Warn, "address", &["https://"]);
        only(&with("http://localhost:9090", "127.0.0.1:8080", &[]), Grade::Warn, "address", &["same port"]);
    });
}

#[test]
fn settings_that_cannot_be_read_are_the_finding() {
    let (said, sound) = check::report(Err(Error::Unavailable("listen: takes an address".into())));
    assert!(!sound && said == "FAIL  settings  listen: takes an address", "{said}");
}

#[test]
fn the_program_ends_with_1_when_something_fails_and_makes_nothing() {
    let home = Home::new("check");
    let check = |args: &[&str]| ends(command(&home.0).arg("check").args(args));
    let (well, said, _) = check(&["--data-dir", "new"]);
    assert!(well && said.contains("is not there yet") && !home.0.join("new").exists(), "{said}");
    let (well, said, _) = check(&["--listen", "nowhere"]);
    assert!(!well && said.contains("listen"), "{said}");
    home.set_up(&[]);
    let (well, said, _) = check(&[]);
    assert!(well && said.contains("opens what is sealed"), "{said}");
    std::fs::remove_file(home.0.join("secret.key")).unwrap();
    let (well, said, _) = check(&[]);
    assert!(!well && said.contains("FAIL  key"), "{said}");
}

#[test]
fn a_health_check_asks_the_process_that_serves() {
    let home = Home::new("health");
    home.set_up(&[]);
    let program = Program::start(command(&home.0), &[]);
    let asks = |listen: String| ends(command(&home.0).args(["check", "--running", "--listen", &listen]));
    assert_eq!(asks(format!("0.0.0.0:{}", program.port)).1, "ready\n");
    let (well, _, why) = asks(format!("127.0.0.1:{}", crate::support::program::free_port()));
    assert!(!well && why.contains("nothing answers"), "{why}");
}
