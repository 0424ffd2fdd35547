//! Metrics: on a listener of their own, only when asked for, with labels that nobody outside can make more of.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::support::databases::{Fresh, kinds};
use crate::support::program::{Home, Program, command, free_port, raw, read};
use crate::support::{Value, json};

/// The value of a series, by its name and labels as they stand there.
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find(|l| l.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')));
    line.unwrap_or_else(|| panic!("no {series} in:\n{text}")).rsplit(' ').next().unwrap().parse().unwrap()
}

fn each(story: impl Fn(&Program, u16, &str)) {
    for kind in kinds() {
        let (home, fresh, port) = (Home::new("metrics"), Fresh::empty(*kind), free_port());
        let url = fresh.address();
        let token = home.set_up(&["--database-url", &url]);
        let listen = format!("127.0.0.1:{port}");
        let program = Program::start(command(&home.0), &["--database-url", &url, "--metrics-listen", &listen, "--shutdown-delay", "0"]);
        story(&program, port, &token);
    }
}

#[test]
fn requests_database_mails_sessions_and_process_are_counted() {
    each(|program, port, token| {
        for _ in 0..3 {
            assert_eq!(program.call("GET", "/api/v1/orgs/acme", token, &Value::Null).unwrap().0, 200);
        }
        assert_eq!(program.call("GET", "/api/v1/orgs/nowhere", token, &Value::Null).unwrap().0, 404);
        assert_eq!(program.call("POST", "/api/v1/orgs/acme/invitations", token, &json!({"emails": ["new@people.example"]})).unwrap().0, 200);
        crate::support::program::sign_in(program.port);
        let text = read(port, "/metrics").unwrap();
        assert!(text.ends_with("# EOF\n"), "{text}");
        let route = "route=\"/api/v1/orgs/{org}\"";
        assert!((value(&text, &format!("bailiwick_http_requests_total{{method=\"GET\",{route},status=\"2xx\"}}")) - 3.0).abs() < 0.1);
        assert!((value(&text, &format!("bailiwick_http_requests_total{{method=\"GET\",{route},status=\"4xx\"}}")) - 1.0).abs() < 0.1);
        assert!((value(&text, &format!("bailiwick_http_request_duration_seconds_count{{{route}}}")) - 4.0).abs() < 0.1);
        assert!(value(&text, &format!("bailiwick_http_request_duration_seconds_bucket{{le=\"+Inf\",{route}}}")) >= 4.0);
        assert!(value(&text, "bailiwick_database_statements_total") > 10.0);
        assert!((value(&text, "bailiwick_database_up") - 1.0).abs() < 0.1 && (value(&text, "bailiwick_serving") - 1.0).abs() < 0.1);
        assert!(value(&text, "bailiwick_sessions") >= 1.0);
        for series in [
            "bailiwick_database_connections_in_use{pool=\"writers\"}",
            "bailiwick_database_connections_waited_for{pool=\"readers\"}",
            "bailiwick_password_hashes_waiting",
        ] {
            assert!(value(&text, series) < 20.0, "{series}");
        }
        assert!(value(&text, "bailiwick_disk_free_bytes") > 0.0 && value(&text, "process_open_fds") > 3.0);
        assert!(value(&text, "process_resident_memory_bytes") > 1e6 && value(&text, "process_cpu_seconds_total") > 0.0);
        assert!((value(&text, &format!("bailiwick_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))) - 1.0).abs() < 0.1);
        program
            .until(Duration::from_secs(10), "sent", || read(port, "/metrics").is_some_and(|text| text.contains("bailiwick_mails{state=\"sent\"} 1")));
    });
}

#[test]
fn nobody_makes_series_by_asking_for_addresses() {
    each(|program, port, token| {
        let series = || {
            let text = read(port, "/metrics").unwrap();
            text.lines()
                .filter(|l| l.starts_with("bailiwick_http"))
                .filter_map(|l| l.rsplit_once(' '))
                .map(|(s, _)| s.to_owned())
                .collect::<BTreeSet<_>>()
        };
        let ask = |at: usize| {
            for path in
                [format!("/nothing/{at}"), format!("/o/org{at}"), format!("/.git/{at}"), format!("/static/{at}/x.css"), format!("/api/v1/orgs/o{at}")]
            {
                program.call("GET", &path, token, &Value::Null).unwrap();
            }
            program.call(&format!("VERB{at}"), "/login", token, &Value::Null).unwrap();
        };
        ask(0);
        let before = series();
        (1..20).for_each(ask);
        assert_eq!(series(), before);
        assert!(before.iter().all(|s| !s.contains("org0") && !s.contains("VERB")), "{before:?}");
    });
}

#[test]
fn the_console_itself_shows_no_metrics_no_folders_and_no_sources() {
    each(|program, port, _| {
        for path in [
            "/metrics",
            "/.git/config",
            "/.git",
            "/.env",
            "/static",
            "/static/",
            "/static/x/",
            "/debug",
            "/static/x/app.js.map",
            "/Cargo.toml",
            "/bailiwick.db",
        ] {
            assert_eq!(program.status(path), Some(404), "{path}");
        }
        assert_eq!(program.call("TRACE", "/login", "", &Value::Null).unwrap().0, 405);
        assert_eq!(
            crate::support::program::call(port, "GET", "/login", "", &Value::Null).unwrap().0,
            404,
            "and the metrics' listener shows no console"
        );
        let odd = raw(program.port, "GET /static/../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").unwrap();
        assert!(odd.starts_with("HTTP/1.1 404") && !odd.contains("root:"), "{odd}");
    });
}

#[test]
fn without_the_setting_nothing_is_counted_and_nothing_listens() {
    let world = crate::support::app::world(crate::support::app::settings(Fresh::empty(kinds()[0]).url.clone(), &std::env::temp_dir()));
    assert!(world.metrics.is_none());
}
