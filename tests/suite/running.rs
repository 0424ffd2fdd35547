//! The real program while it runs and when it is told to stop: probes, a way out that loses nothing, a disk that fills up.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use bailiwick::base::db::dialect::Url;
use bailiwick::base::db::migrate;
use diesel::connection::SimpleConnection as _;

use crate::support::databases::{Fresh, kinds};
use crate::support::program::{Home, Program, answer, command, ends, free_port, head, says};
use crate::support::{Value, json};

const SOON: Duration = Duration::from_secs(10);

#[test]
fn told_to_stop_it_is_unready_at_once_finishes_what_it_has_and_ends_well() {
    let home = Home::new("stop");
    let token = home.set_up(&[]);
    let mut program = Program::start(command(&home.0), &["--shutdown-delay", "2"]);
    // A request of which half has arrived.
    let body = json!({"name": "Half way"}).to_string();
    let (first, rest) = body.split_at(8);
    let mut under_way = TcpStream::connect(("127.0.0.1", program.port)).unwrap();
    under_way.write_all(head(program.port, "POST", "/api/v1/orgs/acme/projects", &token, body.len()).as_bytes()).unwrap();
    under_way.write_all(first.as_bytes()).unwrap();
    program.signal("TERM");
    program.until(Duration::from_secs(1), "unready", || program.status("/ready") == Some(503));
    // A balancer has not noticed yet: it still serves.
    assert_eq!(program.status("/live"), Some(200));
    assert_eq!(program.call("GET", "/api/v1/orgs/acme", &token, &Value::Null).unwrap().0, 200);
    program.until(SOON, "closed to new connections", || TcpStream::connect(("127.0.0.1", program.port)).is_err());
    under_way.write_all(rest.as_bytes()).unwrap();
    assert_eq!(answer(under_way).unwrap().0, 201, "what was under way is finished");
    assert_eq!(program.ends_within(SOON), Some(0));
    let log = std::fs::metadata(home.0.join("bailiwick.db-wal")).map_or(0, |file| file.len());
    assert_eq!(log, 0, "everything is in the one file");
}

#[test]
fn told_twice_it_stops_at_once() {
    let home = Home::new("twice");
    home.set_up(&[]);
    let mut program = Program::start(command(&home.0), &["--shutdown-delay", "600"]);
    program.signal("TERM");
    program.until(Duration::from_secs(1), "unready", || program.status("/ready") == Some(503));
    program.signal("TERM");
    assert_eq!(program.ends_within(Duration::from_secs(2)), Some(1));
}

#[test]
fn interrupted_by_a_person_it_does_not_wait_for_a_balancer() {
    let home = Home::new("interrupt");
    home.set_up(&[]);
    let mut program = Program::start(command(&home.0), &["--shutdown-delay", "600"]);
    program.signal("INT");
    assert_eq!(program.ends_within(SOON), Some(0));
}

#[test]
fn a_mail_that_hangs_on_the_way_out_is_given_back_for_another_to_send() {
    let home = Home::new("lease");
    // It takes connections and says nothing.
    let hangs = TcpListener::bind("127.0.0.1:0").unwrap();
    let smtp = format!("smtp://{}", hangs.local_addr().unwrap());
    let token = home.set_up(&["--smtp-url", &smtp]);
    let mut program = Program::start(command(&home.0), &["--smtp-url", &smtp, "--shutdown-delay", "0"]);
    let invited = program.call("POST", "/api/v1/orgs/acme/invitations", &token, &json!({"emails": ["new@people.example"]})).unwrap();
    assert_eq!(invited.0, 200);
    let (_caller, _) = hangs.accept().unwrap();
    let delivery =
        |program: &Program| program.call("GET", "/api/v1/orgs/acme/invitations", &token, &Value::Null).unwrap().1["items"][0]["delivery"].clone();
    assert_eq!(delivery(&program), "sending");
    program.signal("TERM");
    assert_eq!(program.ends_within(Duration::from_secs(20)), Some(0));
    let program = Program::start(command(&home.0), &["--smtp-url", &format!("smtp://127.0.0.1:{}", free_port())]);
    program.until(SOON, "taken up again", || delivery(&program) == "queued" || delivery(&program) == "sending");
}

#[test]
fn when_the_disk_is_full_changes_are_refused_with_503_and_reading_goes_on() {
    let home = Home::new("full");
    let token = home.set_up(&[]);
    let big = |n: usize| json!({"name": format!("Filler {n}"), "slug": format!("filler-{n}"), "description": "x".repeat(500)});
    // Files may not grow beyond what they have, as on a disk without room; the soft limit is lifted again later.
    let size = std::fs::metadata(home.0.join("bailiwick.db")).unwrap().len();
    let mut limited = Command::new("sh");
    let program = command(&home.0);
    limited.args(["-c", "trap '' XFSZ; ulimit -S -f $0; exec \"$@\""]).arg((size / 512 + 64).to_string()).arg(program.get_program());
    limited.current_dir(&home.0).env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("BAILIWICK_DATA_DIR", &home.0);
    limited.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let program = Program::start(limited, &[]);
    let mut made = 0;
    let refused = loop {
        match program.call("POST", "/api/v1/orgs/acme/projects", &token, &big(made)).unwrap() {
            (201, _) => made += 1,
            other => break other,
        }
        assert!(made < 5000, "the limit is never met");
    };
    assert_eq!(refused.0, 503, "{}", refused.1);
    assert!(refused.1["detail"].as_str().unwrap().contains("storage"), "{}", refused.1);
    let list = program.call("GET", "/api/v1/orgs/acme/projects?count=true&limit=1", &token, &Value::Null).unwrap();
    assert_eq!((list.0, &list.1["count"]), (200, &json!(made)), "reading goes on, and nothing is half there");
    assert_eq!(program.status("/login"), Some(200));
    let lifted = Command::new("prlimit").args(["--pid", &program.child.id().to_string(), "--fsize=unlimited:unlimited"]).status().unwrap();
    assert!(lifted.success());
    program.until(Duration::from_secs(5), "writing again", || {
        program.call("POST", "/api/v1/orgs/acme/projects", &token, &big(made)).is_some_and(|(status, _)| status == 201)
    });
    drop(program);
    let verified = says(command(&home.0).args(["audit", "verify"]));
    assert!(verified.contains("acme") && !verified.contains("BROKEN"), "{verified}");
}

#[test]
fn two_that_start_at_once_on_an_empty_database_both_serve() {
    for kind in kinds() {
        let (home, fresh) = (Home::new("two"), Fresh::empty(*kind));
        let url = fresh.address();
        std::thread::scope(|threads| {
            let both = [0, 1].map(|_| threads.spawn(|| Program::start(command(&home.0), &["--database-url", &url])));
            for program in both.map(|p| p.join().unwrap()) {
                assert_eq!(program.status("/login"), Some(200));
            }
        });
    }
}

/// The same race as in `races.rs`, with nothing shared but the database.
#[test]
fn of_two_admins_in_two_processes_one_is_always_left() {
    for kind in kinds() {
        let (home, fresh) = (Home::new("pair"), Fresh::empty(*kind));
        let url = fresh.address();
        let settings = ["--database-url", url.as_str()];
        let ana = home.set_up(&settings);
        let programs = [0, 1].map(|_| Program::start(command(&home.0), &settings));
        let [one, two] = &programs;
        let csv = json!({"csv": "email,roles\nben@people.example,ADMIN", "way": "add"});
        let import = one.call("POST", "/api/v1/orgs/acme/imports", &ana, &csv).unwrap().1;
        let import = format!("/api/v1/orgs/acme/imports/{}", import["id"].as_str().unwrap());
        let is = |state: &str| two.call("GET", &import, &ana, &Value::Null).is_some_and(|(_, seen)| seen["state"] == state);
        one.until(Duration::from_secs(20), "checked", || is("checked"));
        assert_eq!(two.call("POST", &format!("{import}/run"), &ana, &Value::Null).unwrap().0, 200);
        one.until(Duration::from_secs(20), "done", || is("done"));
        let ben = says(command(&home.0).args(["token", "create", "--email", "ben@people.example"]).args(settings)).trim().to_owned();
        let admins = |program: &Program, token: &str| {
            let (status, list) = program.call("GET", "/api/v1/orgs/acme/members?role=ADMIN", token, &Value::Null).unwrap();
            let items = list["items"].as_array().cloned().unwrap_or_default();
            let at =
                |item: &Value| (item["email"].as_str().unwrap().to_owned(), format!("/api/v1/orgs/acme/members/{}", item["id"].as_str().unwrap()));
            (status == 200).then(|| items.iter().map(at).collect::<std::collections::BTreeMap<_, _>>())
        };
        let both = admins(one, &ana).unwrap();
        let (anas, bens) = (&both["ana@people.example"], &both["ben@people.example"]);
        let roles = |keys: &[&str]| json!({"roles": keys});
        for round in 0..100 {
            // By turns each takes it from the other, and each gives it up.
            let (by_ana, by_ben) = if round % 2 == 0 { (bens, anas) } else { (anas, bens) };
            let mut outcomes = std::thread::scope(|threads| {
                let acts = [(one, &ana, by_ana), (two, &ben, by_ben)].map(|(program, token, member)| {
                    threads.spawn(move || program.call("PATCH", member, token, &json!({"roles": ["DEFAULT"]})).unwrap().0)
                });
                acts.map(|act| act.join().unwrap())
            });
            outcomes.sort_unstable();
            assert!(outcomes[0] == 200 && [403, 404, 409].contains(&outcomes[1]), "{kind:?} round {round}: {outcomes:?}");
            let left = admins(two, &ana).or_else(|| admins(two, &ben)).unwrap();
            assert_eq!(left.len(), 1, "{kind:?} round {round}");
            let (token, other) = if left.contains_key("ana@people.example") { (&ana, bens) } else { (&ben, anas) };
            assert_eq!(one.call("PATCH", other, token, &roles(&["ADMIN"])).unwrap().0, 200);
        }
    }
}

#[test]
fn a_migration_keeps_a_copy_of_the_file_and_a_newer_schema_is_refused() {
    let home = Home::new("migrating");
    let file = home.0.join("bailiwick.db");
    let url = Url::Sqlite(file.display().to_string());
    migrate::run_to(&url, Some("20261124000001")).unwrap();
    let said = says(command(&home.0).arg("migrate"));
    assert!(said.contains("up to date"), "{said}");
    let copy = home.0.join("bailiwick.db.before-20261124000001");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&copy).unwrap().permissions()) & 0o777, 0o600);
    let copied = Url::Sqlite(copy.display().to_string());
    let state = |url: &Url| migrate::state(&mut url.connect().unwrap(), url).unwrap();
    assert_eq!(state(&copied).schema, "20261124000001", "it is as it was before");
    assert_eq!(state(&url).pending, 0);
    url.connect()
        .unwrap()
        .batch_execute("INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20991231000001', CURRENT_TIMESTAMP)")
        .unwrap();
    let (well, _, why) = ends(command(&home.0).arg("serve"));
    assert!(!well && why.contains("newer version") && why.contains("20991231000001"), "{why}");
}

#[test]
fn one_address_holds_so_many_connections_and_slow_ones_stop_nobody() {
    use std::io::Read as _;
    let home = Home::new("crowd");
    home.set_up(&[]);
    let program = Program::start(command(&home.0), &["--connections-per-address", "20"]);
    let open = || TcpStream::connect(("127.0.0.1", program.port)).unwrap();
    // Begun and never finished, as somebody does who wants to take all connections.
    let mut slow: Vec<TcpStream> = (0..60).map(|_| open()).collect();
    for stream in &mut slow {
        let _ = stream.write_all(b"GET /live HTTP/1.1\r\nHost: ");
    }
    let closed = |stream: &mut TcpStream| {
        stream.set_nonblocking(true).unwrap();
        match stream.read(&mut [0; 512]) {
            Ok(0) => true,
            Ok(_) => false,
            Err(e) => e.kind() != std::io::ErrorKind::WouldBlock,
        }
    };
    program.until(SOON, "rid of what is too much", || slow.iter_mut().filter_map(|s| closed(s).then_some(())).count() >= 40);
    // The others ran out of time to say what they want, and made room.
    program.until(SOON, "rid of the slow ones", || program.status("/live") == Some(200));
}

#[test]
fn wrong_settings_stop_the_start_with_one_line_that_says_what_to_mend() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let home = Home::new("settings");
    std::fs::write(home.0.join("a-file"), "").unwrap();
    let file = home.0.join("a-file").join("data").display().to_string();
    let wrong: &[(&[&str], &str)] = &[
        (&["--listen", "nowhere"], "listen"),
        (&["--listen", &taken], "listen"),
        (&["--public-url", "http://console.example.org"], "public-url"),
        (&["--public-url", "ftp://console.example.org"], "public-url"),
        (&["--public-url", "https://console.example.org/console"], "public-url"),
        (&["--public-url", "console"], "public-url"),
        (&["--database-url", "mysql://somewhere/db"], "database-url"),
        (&["--database-url", "postgres://nobody@127.0.0.1:1/none"], "database"),
        (&["--smtp-url", "http://mail.example.org"], "smtp-url"),
        (&["--mail-from", "nobody"], "mail-from"),
        (&["--trusted-proxies", "10.0.0.0/99"], "trusted-proxies"),
        (&["--trusted-proxies", "proxy.example.org"], "trusted-proxies"),
        (&["--db-readers", "0"], "db-readers"),
        (&["--hash-threads", "0"], "hash-threads"),
        (&["--metrics-listen", "9100"], "metrics-listen"),
        (&["--data-dir", &file], "data-dir"),
        (&["--secret-key-file", "a-file"], "secret-key-file"),
    ];
    for (settings, named) in wrong {
        let mut all = vec!["serve"];
        if !settings.contains(&"--listen") {
            all.extend(["--listen", "127.0.0.1:0"]);
        }
        all.extend(*settings);
        let (well, said, complained) = ends(command(&home.0).args(&all));
        let lines: Vec<&str> = complained.lines().filter(|l| !l.trim().is_empty()).collect();
        assert!(!well && said.is_empty(), "{settings:?} is taken: {said}");
        assert!(lines.len() == 1 && lines[0].contains(named), "{settings:?}: {complained}");
    }
    std::fs::write(home.0.join("bailiwick.toml"), "colour = \"blue\"\n").unwrap();
    let (well, _, complained) = ends(command(&home.0).arg("serve"));
    assert!(!well && complained.lines().count() == 1 && complained.contains("no setting colour"), "{complained}");
}
