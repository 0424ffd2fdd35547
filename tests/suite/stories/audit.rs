//! The audit log: what it says, who reads it, and that nobody changes it unnoticed.

use bailiwick::base::db::time::DAY;

use crate::support::databases::Kind;
use crate::support::{App, GET, PATCH, POST, Person, clock, each, json};

async fn acme(app: &App) -> Person {
    let ana = app.person("Ana Ruiz");
    app.org(&ana, "Acme").await;
    for name in ["Apollo", "Mercury", "Gemini"] {
        ana.api(POST, "/orgs/acme/projects", json!({"name": name})).await.is(201);
    }
    ana
}

async fn summaries(ana: &Person, filter: &str) -> Vec<String> {
    let list = ana.reads(&format!("/orgs/acme/audit-events?{filter}")).await;
    list["items"].as_array().unwrap().iter().map(|e| e["summary"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn events_are_found_by_who_what_whom_when_and_words() {
    each(|app| async move {
        let ana = acme(&app).await;
        let bob = app.person("Bob Kerr");
        app.join("acme", &[(&bob, &["ADMIN"])]).await;
        clock::forward(app.world(), 2 * DAY);
        let project = bob.api(PATCH, "/orgs/acme/projects/apollo", json!({"name": "Apollo 100%"})).await.is(200).json();
        let id = project["id"].as_str().unwrap();
        assert_eq!(summaries(&ana, &format!("target={id}")).await.len(), 2, "the history of one object");
        assert_eq!(summaries(&ana, "action=project.create").await.len(), 3);
        assert_eq!(summaries(&ana, "action=project.*").await.len(), 4);
        assert_eq!(summaries(&ana, &format!("actor={}", bob.id)).await, ["changed the project Apollo 100%"]);
        assert_eq!(summaries(&ana, "actor=kerr").await.len(), 2, "Bob acted once, and was added once");
        assert_eq!(summaries(&ana, "q=mercury").await.len(), 1);
        assert_eq!(summaries(&ana, "q=100%25").await.len(), 1);
        assert!(summaries(&ana, "q=%25").await.len() == 1 && summaries(&ana, "q=_").await.is_empty(), "wildcards are words");
        assert_eq!(summaries(&ana, "since=2026-03-04").await.len(), 1);
        assert_eq!(summaries(&ana, "until=2026-03-02").await.len(), 5);
        assert_eq!(summaries(&ana, "outcome=denied").await.len(), 0);
        ana.api(GET, "/orgs/acme/audit-events?since=yesterday", ()).await.is(422);
        let event = ana.reads(&format!("/orgs/acme/audit-events?target={id}&limit=1")).await["items"][0].clone();
        assert_eq!((&event["before"]["name"], &event["after"]["name"]), (&json!("Apollo"), &json!("Apollo 100%")));
        assert_eq!((&event["via"], &event["ip"]), (&json!("api"), &json!("127.0.0.1")));
    });
}

#[test]
fn an_export_runs_no_formulas_and_is_whole() {
    each(|app| async move {
        let ana = acme(&app).await;
        for name in ["=HYPERLINK(\"http://evil\")", "+1", "-1", "@SUM(A1)"] {
            ana.api(POST, "/orgs/acme/projects", json!({"name": name, "slug": format!("p{}", app.world().now().0)})).await.is(201);
        }
        let csv = ana.api(GET, "/orgs/acme/audit-events?format=csv", ()).await.is(200);
        assert!(csv.header("content-type").starts_with("text/csv") && csv.header("content-disposition").contains("attachment"));
        let mut reader = csv::Reader::from_reader(csv.body.as_ref());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 8);
        for cell in rows.iter().flatten() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
        assert!(csv.text().contains("'=HYPERLINK"));
        let lines = ana.api(GET, "/orgs/acme/audit-events?format=ndjson&action=project.create", ()).await.is(200).text();
        assert_eq!(lines.lines().filter(|l| serde_json::from_str::<serde_json::Value>(l).is_ok()).count(), 7);
        ana.api(GET, "/orgs/acme/audit-events?format=xls", ()).await.is(422);
        let mia = app.person("Mia Holt");
        app.join("acme", &[(&mia, &["DEFAULT"])]).await;
        mia.api(GET, "/orgs/acme/audit-events?format=csv", ()).await.is(403);
        app.person("Sid Webb").api(GET, "/orgs/acme/audit-events?format=csv", ()).await.is(404);
    });
}

#[test]
fn the_database_itself_refuses_to_change_or_delete_events() {
    each(|app| async move {
        acme(&app).await;
        for attempt in ["UPDATE audit_events SET summary = 'nothing happened'", "DELETE FROM audit_events", "UPDATE audit_events SET seq = seq + 100"]
        {
            assert!(app.sql(attempt).is_err(), "{attempt}");
        }
        if app.kind() == Kind::Postgres {
            assert!(app.sql("TRUNCATE audit_events").is_err());
        }
        assert!(app.broken_chains().is_empty());
    });
}

/// Even who takes the guards away leaves a chain that does not hold.
#[test]
fn a_changed_deleted_inserted_or_cut_event_is_found() {
    const TRICKS: [(&str, &str); 6] = [
        ("a change", "UPDATE audit_events SET summary = 'nothing' WHERE seq = 3 AND org_id <> 'instance'"),
        ("a change of who", "UPDATE audit_events SET actor_name = 'Bob' WHERE seq = 2 AND org_id <> 'instance'"),
        ("a deletion", "DELETE FROM audit_events WHERE seq = 2 AND org_id <> 'instance'"),
        ("a cut end", "DELETE FROM audit_events WHERE seq > 2 AND org_id <> 'instance'"),
        ("two in each other's place", "UPDATE audit_events SET seq = CASE seq WHEN 2 THEN 1003 ELSE 1002 END WHERE seq IN (2, 3) AND org_id <> 'instance';
                                       UPDATE audit_events SET seq = seq - 1000 WHERE seq > 1000"),
        ("an insertion", "INSERT INTO audit_events SELECT org_id, 99, id || 'x', at, actor_kind, actor_id, actor_name, action, outcome, target_kind, target_id,
                          target_name, before, after, summary, search, via, session_hash, ip, request_id, hash FROM audit_events WHERE seq = 3 AND org_id <> 'instance'"),
    ];
    for (name, trick) in TRICKS {
        each(|app| async move {
            let ana = app.person("Ana Ruiz");
            app.org(&ana, "Acme").await;
            for n in 0..3 {
                ana.api(POST, "/orgs/acme/projects", json!({"name": format!("P{n}")})).await.is(201);
            }
            assert!(app.broken_chains().is_empty());
            match app.kind() {
                Kind::Sqlite => app.sql("DROP TRIGGER audit_events_no_update; DROP TRIGGER audit_events_no_delete").unwrap(),
                Kind::Postgres => app.sql("DROP TRIGGER audit_events_no_change ON audit_events").unwrap(),
            }
            app.sql(trick).unwrap();
            let broken = app.broken_chains();
            assert!(broken.iter().any(|r| r.chain == "acme"), "{name} was not found");
        });
    }
}
