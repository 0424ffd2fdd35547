//! Lists: page by page with a cursor that stays where it is while rows come and go.

use crate::support::{App, GET, POST, Person, Value, each, json};

async fn pages(ana: &Person, path: &str, key: &str, between: impl AsyncFn(usize)) -> Vec<String> {
    let mut seen = Vec::new();
    let mut cursor = String::new();
    for at in 0.. {
        let separator = if path.contains('?') { '&' } else { '?' };
        let page = ana.reads(&format!("{path}{separator}limit=4{cursor}")).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 4, "{path}");
        seen.extend(items.iter().map(|i| i[key].as_str().unwrap().to_owned()));
        match &page["next_cursor"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => break,
        }
        between(at).await;
    }
    seen
}

async fn full(app: &App) -> Person {
    let ana = app.person("Ana Ruiz");
    app.org(&ana, "Acme").await;
    let people: Vec<Person> = (0..10).map(|n| app.person_at(&format!("Person {n}"), &format!("p{n}@people.example"))).collect();
    let with_role: Vec<(&Person, &[&str])> = people.iter().map(|p| (p, ["DEFAULT"].as_slice())).collect();
    app.join("acme", &with_role).await;
    let emails: Vec<String> = (0..10).map(|n| format!("i{n}@people.example")).collect();
    ana.api(POST, "/orgs/acme/invitations", json!({"emails": emails})).await.is(200);
    for n in 0..10 {
        ana.api(POST, "/orgs/acme/projects", json!({"name": format!("Project {n}")})).await.is(201);
        ana.shares(&format!("/orgs/acme/projects/project-{n}"), json!({"kind": "user", "email": app.person(&format!("E{n} Out")).email}), "viewer")
            .await;
    }
    ana
}

#[test]
fn every_row_is_seen_once_however_the_pages_fall() {
    each(|app| async move {
        let ana = full(&app).await;
        for (path, key, all) in [
            ("/orgs/acme/members", "id", 11),
            ("/orgs/acme/members?q=person", "id", 10),
            ("/orgs/acme/members?sort=-name", "id", 11),
            ("/orgs/acme/members?sort=email", "id", 11),
            ("/orgs/acme/members?sort=-joined", "id", 11),
            ("/orgs/acme/members?sort=joined", "id", 11),
            ("/orgs/acme/members?sort=-last_seen", "id", 11),
            ("/orgs/acme/projects", "id", 10),
            ("/orgs/acme/projects?sort=created", "id", 10),
            ("/orgs/acme/projects?sort=-name", "id", 10),
            ("/orgs/acme/invitations", "id", 10),
            ("/orgs/acme/invitations?sort=-created", "id", 10),
            ("/orgs/acme/invitations?sort=email", "id", 10),
            ("/orgs/acme/externals", "user_id", 10),
        ] {
            let mut seen = pages(&ana, path, key, async |_| {}).await;
            assert_eq!(seen.len(), all, "{path}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), all, "{path} shows a row twice");
        }
        let olga = app.operator();
        for path in ["/instance/users", "/instance/organizations"] {
            let mut seen = pages(&olga, path, "id", async |_| {}).await;
            let all = seen.len();
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), all, "{path}");
            assert_eq!(all, if path.ends_with("users") { 22 } else { 2 }, "{path}");
        }
    });
}

#[test]
fn rows_that_are_added_meanwhile_neither_hide_nor_double_others() {
    each(|app| async move {
        let ana = full(&app).await;
        let seen = pages(&ana, "/orgs/acme/members", "name", async |at| {
            let early = app.person_at(&format!("Aaron {at}"), &format!("aaron{at}@people.example"));
            app.join("acme", &[(&early, &["DEFAULT"])]).await;
        })
        .await;
        for n in 0..10 {
            assert_eq!(seen.iter().filter(|s| **s == format!("Person {n}")).count(), 1, "{seen:?}");
        }
        let seen = pages(&ana, "/orgs/acme/audit-events", "id", async |_| {
            ana.api(POST, "/orgs/acme/roles", json!({"name": format!("Role {}", app.world().now().0)})).await.is(201);
        })
        .await;
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len());
    });
}

#[test]
fn a_count_comes_only_when_asked_for() {
    each(|app| async move {
        let ana = full(&app).await;
        assert!(ana.reads("/orgs/acme/projects").await.get("count").is_none());
        assert_eq!(ana.reads("/orgs/acme/projects?count=true&limit=2").await["count"], 10);
        assert_eq!(ana.reads("/orgs/acme/projects?count=true&q=project%203").await["count"], 1);
        assert_eq!(ana.reads("/orgs/acme/members?count=true&limit=1").await["count"], 11);
        for q in ["%25", "_", "%5C", "project_3"] {
            assert_eq!(ana.reads(&format!("/orgs/acme/projects?q={q}")).await["items"], json!([]), "{q} is a wildcard");
            assert_eq!(ana.reads(&format!("/orgs/acme/invitations?q={q}")).await["items"], json!([]), "{q} is a wildcard");
        }
        assert_eq!(ana.reads("/orgs/acme/projects?access=external").await["items"].as_array().unwrap().len(), 10);
        assert_eq!(ana.reads("/orgs/acme/projects?access=none").await["items"], json!([]));
        // The cursor of one list of one filter is a place, and never a way around who may read.
        let mine = ana.reads("/orgs/acme/members?limit=1").await["next_cursor"].as_str().unwrap().to_owned();
        app.person("Uma Rao").api(GET, &format!("/orgs/acme/members?cursor={mine}"), ()).await.is(404);
    });
}

#[test]
fn a_cursor_is_good_for_the_list_that_gave_it_and_for_no_other() {
    each(|app| async move {
        let ana = full(&app).await;
        // Beta has as much of everything, and the same person may read it.
        app.org(&ana, "Beta").await;
        let more: Vec<Person> = (0..3).map(|n| app.person_at(&format!("Beta {n}"), &format!("b{n}@people.example"))).collect();
        let with_role: Vec<(&Person, &[&str])> = more.iter().map(|p| (p, ["DEFAULT"].as_slice())).collect();
        app.join("beta", &with_role).await;
        let lists = [
            "/orgs/acme/members?limit=2",
            "/orgs/beta/members?limit=2",
            "/orgs/acme/members?limit=2&sort=last_seen",
            "/orgs/acme/externals?limit=2",
            "/orgs/acme/projects?limit=2",
            "/orgs/acme/invitations?limit=2",
            "/orgs/acme/audit-events?limit=2",
            "/orgs/acme/roles?limit=2",
        ];
        let mut cursors = Vec::new();
        for list in lists {
            cursors.push(ana.reads(list).await["next_cursor"].as_str().unwrap_or_else(|| panic!("{list} has one page only")).to_owned());
        }
        for (at, list) in lists.iter().enumerate() {
            for (from, cursor) in cursors.iter().enumerate() {
                let answer = ana.api(GET, &format!("{list}&cursor={cursor}"), ()).await;
                if at == from {
                    answer.is(200);
                } else {
                    let problem = answer.says(422, &["Start again from the first page."]).json();
                    assert_eq!(problem["errors"][0]["field"], "cursor", "{list} took the cursor of {}", lists[from]);
                }
            }
        }
        // A filter is no other list: a page may be narrowed on the way.
        ana.api(GET, &format!("{}&q=person&cursor={}", lists[0], cursors[0]), ()).await.is(200);
        for forged in ["", "x", "x.y", ".", "%00", &"a".repeat(4000), &format!("{}x", cursors[0]), &cursors[0].replace('.', "..")] {
            let status = ana.api(GET, &format!("{}&cursor={forged}", lists[0]), ()).await.status;
            assert!(status == 422, "{forged}: {status}");
        }
    });
}

#[test]
fn a_list_comes_in_the_order_that_its_headings_say() {
    each(|app| async move {
        let ana = full(&app).await;
        ana.sign_in(true);
        let first = async |path: &str, key: &str| ana.reads(path).await["items"][0][key].as_str().unwrap().to_owned();
        assert_eq!(first("/orgs/acme/members?sort=-name", "name").await, "Person 9");
        assert_eq!(first("/orgs/acme/members?sort=-email", "email").await, "p9@people.example");
        assert_eq!(first("/orgs/acme/projects?sort=created", "name").await, "Project 9");
        assert_eq!(first("/orgs/acme/projects?sort=-created", "name").await, "Project 0");
        assert_eq!(first("/orgs/acme/invitations?sort=-email", "email").await, "i9@people.example");
        ana.api(GET, "/orgs/acme/members?sort=shoe", ()).await.says(422, &["name, email, last_seen, joined"]);
        let page = ana.get("/o/acme/members?sort=-email&rows=25&mfa=off").await.is(200).text();
        assert!(page.contains("aria-sort=\"descending\""));
        // A search, a filter and another page keep the order and the number of rows.
        assert!(page.contains("name=\"sort\" value=\"-email\"") && page.contains("name=\"rows\" value=\"25\""));
        let oldest = ana.get("/o/acme/audit?sort=-time").await.is(200).text();
        assert!(oldest.contains("aria-sort=\"ascending\"") && oldest.contains("created the organization"), "{oldest}");
    });
}

#[test]
fn saved_views_say_how_many_they_show() {
    each(|app| async move {
        let ana = full(&app).await;
        ana.sign_in(true);
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Quiet"})).await.is(201);
        let views = |text: &str| -> Vec<String> {
            let page = scraper::Html::parse_document(text);
            let links = scraper::Selector::parse("nav.views[aria-label='Saved views'] a").unwrap();
            page.select(&links).map(|a| a.text().collect::<String>().trim().to_owned()).collect()
        };
        assert_eq!(views(&ana.get("/o/acme/projects").await.text()), ["All 11", "With people from outside 10", "Nobody has access 1"]);
        // Access that was taken away, and access that has run out, is no access.
        let grants = ana.reads("/orgs/acme/projects/project-3/grants").await;
        let path = format!("/orgs/acme/projects/project-3/grants/{}", grants["items"][0]["id"].as_str().unwrap());
        ana.api(crate::support::DELETE, &path, ()).await.is(204);
        assert_eq!(views(&ana.get("/o/acme/projects").await.text()), ["All 11", "With people from outside 9", "Nobody has access 2"]);
        assert_eq!(ana.reads("/orgs/acme/projects?access=none").await["items"].as_array().unwrap().len(), 2);
        assert_eq!(views(&ana.get("/o/acme/invitations").await.text()), ["Open 10", "Expired 0", "Mail failed 0", "Accepted", "Revoked"]);
        crate::support::clock::forward(app.world(), 8 * bailiwick::base::db::time::DAY);
        ana.sign_in(true);
        assert_eq!(views(&ana.get("/o/acme/invitations").await.text())[..2], ["Open 10".to_owned(), "Expired 10".to_owned()]);
    });
}
