//! Lists as files: exactly what the filter shows, every page of it, safe in a spreadsheet, and written down.

use crate::support::{App, GET, PATCH, POST, Person, Scene, Value, each, json};

fn table(answer: &crate::support::Answer) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(answer.body.as_ref());
    let head = reader.headers().unwrap().clone();
    reader.records().map(|row| head.iter().zip(row.unwrap().iter()).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()).collect()
}

fn column(rows: &[Vec<(String, String)>], name: &str) -> Vec<String> {
    rows.iter().map(|row| row.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("no column {name}")).1.clone()).collect()
}

/// More than the file asks for at once.
async fn crowd(app: &App, scene: &Scene) {
    let people: Vec<Person> = (0..210).map(|at| app.person_at(&format!("Filler {at:03}"), &format!("filler{at}@people.example"))).collect();
    let members: Vec<(&Person, &[&str])> = people.iter().map(|p| (p, ["DEFAULT", "helpers"].as_slice())).collect();
    app.join("acme", &members).await;
    for round in 0..2 {
        let emails: Vec<String> = (0..110).map(|at| format!("guest{round}-{at}@people.example")).collect();
        scene.ana.api(POST, "/orgs/acme/invitations", json!({"emails": emails})).await.is(200);
    }
}

async fn all(who: &Person, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = who.reads(&format!("{path}&limit=200{cursor}")).await;
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

#[test]
fn both_doors_give_every_list_as_a_file_of_all_that_match() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        crowd(&app, &scene).await;
        scene.ana.sign_in(true);
        for (list, filter, least) in [
            ("members", "", 215),
            ("members", "&role=helpers&sort=last_seen", 210),
            ("members", "&status=suspended", 1),
            ("externals", "", 1),
            ("invitations", "&status=open", 221),
            ("invitations", "&q=guest1-", 110),
            ("projects", "", 2),
            ("projects", "&access=none", 1),
            ("roles", "&level=org", 3),
            ("audit-events", "&action=project.*", 2),
        ] {
            let path = format!("/orgs/acme/{list}?x{filter}").replace("?x&", "?").replace("?x", "?q=");
            let items = all(&scene.ana, &path).await;
            assert!(items.len() >= least, "{list}{filter}: {}", items.len());
            let lines = scene.ana.api(GET, &format!("/orgs/acme/{list}?format=ndjson{filter}"), ()).await.is(200);
            let read: Vec<Value> = lines.text().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
            let ids = |items: &[Value]| items.iter().map(|i| i.get("id").or(i.get("user_id")).cloned().unwrap()).collect::<Vec<_>>();
            // An export is an event itself, so the log is longer by the time it is read.
            assert_eq!(ids(&read), ids(&items), "{list}{filter}");
            let csv = scene.ana.get(&format!("/o/acme/exports/{list}?format=csv{filter}")).await.is(200);
            assert!(csv.header("content-type").starts_with("text/csv") && csv.header("content-disposition").contains(&format!("acme-{list}.csv")));
            let rows = table(&csv);
            let id = if list == "externals" {
                "user_id"
            } else if list == "audit-events" {
                "target_id"
            } else {
                "id"
            };
            assert_eq!(rows.len(), items.len(), "{list}{filter}");
            if id != "target_id" {
                assert_eq!(column(&rows, id), ids(&items).iter().map(|v| v.as_str().unwrap().to_owned()).collect::<Vec<_>>(), "{list}{filter}");
            }
        }
    });
}

#[test]
fn the_export_link_of_a_page_keeps_its_filter() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        scene.ana.sign_in(true);
        for (page, link) in [
            ("/o/acme/members?q=bob&cursor=", "/o/acme/exports/members?format=csv&amp;q=bob"),
            ("/o/acme/members?view=external", "/o/acme/exports/externals?format=csv"),
            ("/o/acme/invitations", "/o/acme/exports/invitations?format=csv&amp;status=open"),
            ("/o/acme/projects?access=none", "/o/acme/exports/projects?format=csv&amp;access=none"),
            ("/o/acme/roles?q=help&utm=1", "/o/acme/exports/roles?format=csv&amp;q=help&amp;level=org"),
        ] {
            let html = scene.ana.get(page).await.is(200).text().replace("&#38;", "&amp;");
            assert!(html.contains(&format!("\"{link}\"")), "{page}: no link {link}");
            scene.ana.get(&link.replace("&amp;", "&")).await.is(200);
        }
    });
}

#[test]
fn a_file_holds_no_formula_says_who_has_access_and_tells_times_in_utc() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        scene.ana.api(PATCH, "/orgs/acme/projects/apollo", json!({"description": "=HYPERLINK(\"http://evil\")"})).await.is(200);
        scene.ana.api(PATCH, "/orgs/acme/projects/empty", json!({"description": "@SUM(A1)"})).await.is(200);
        let csv = scene.ana.api(GET, "/orgs/acme/projects?format=csv", ()).await.is(200);
        let rows = table(&csv);
        assert_eq!(column(&rows, "description"), ["'=HYPERLINK(\"http://evil\")", "'@SUM(A1)"]);
        assert_eq!(
            column(&rows, "access"),
            [format!("owner: Pia Lund <{}>; viewer: Eva Stein <{}>", scene.pia.email, scene.eva.email), String::new()]
        );
        assert!(column(&rows, "created_at").iter().all(|t| t.starts_with("2026-03-02T09:") && t.ends_with('Z')));
        let members = table(&scene.ana.api(GET, "/orgs/acme/members?format=csv&q=ada", ()).await.is(200));
        assert_eq!((column(&members, "roles"), column(&members, "name")), (vec!["ADMIN".to_owned()], vec!["Ada Moss".to_owned()]));
        // Who may not see who has access gets what their page shows.
        let eva = scene.eva.api(GET, "/orgs/acme/projects?format=ndjson", ()).await.is(200).text();
        assert!(eva.contains("apollo") && !eva.contains("empty") && !eva.contains("access"), "{eva}");
    });
}

#[test]
fn an_export_is_written_down_with_its_filter_and_a_refused_one_too() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let before = app.events().len();
        scene.ana.api(GET, "/orgs/acme/members?format=csv&role=helpers", ()).await.is(200);
        scene.mia.api(GET, "/orgs/acme/invitations?format=csv", ()).await.is(403);
        scene.sid.api(GET, "/orgs/acme/members?format=csv", ()).await.is(404);
        scene.ana.api(GET, "/orgs/acme/members?format=xls", ()).await.is(422);
        scene.ana.api(GET, "/orgs/acme/members?format=csv&status=asleep", ()).await.is(422);
        scene.app.get("/api/v1/orgs/acme/members?format=csv").await.is(401);
        let events = app.events();
        let new: Vec<_> = events[before..].iter().map(|e| (e.action.as_str(), e.outcome.as_str(), e.summary.as_str())).collect();
        assert_eq!(new[0], ("member.export", "success", "exported members as CSV (role helpers)"));
        assert_eq!((new.len(), new[1].0, new[1].1), (2, "invitation.list", "denied"));
        assert_eq!(
            serde_json::from_str::<Value>(events[before].after.as_ref().unwrap()).unwrap(),
            json!({"format": "csv", "filter": {"role": "helpers"}})
        );
        assert!(app.broken_chains().is_empty());
    });
}
