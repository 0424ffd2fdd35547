//! No page and no list sends more statements the more rows it shows.

use bailiwick::base::web::routes::Who;

use crate::laws::strangers::page;
use crate::support::databases::Kind;
use crate::support::{App, PATCH, POST, Person, Scene, Value, each, json};

/// Adds `n` of everything that lists show.
async fn fill(app: &App, scene: &Scene, from: usize, n: usize) {
    let ana = &scene.ana;
    let people: Vec<Person> = (from..from + n).map(|at| app.person_at(&format!("Filler {at}"), &format!("filler{at}@people.example"))).collect();
    let with_role: Vec<(&Person, &[&str])> = people.iter().map(|p| (p, ["DEFAULT", "helpers"].as_slice())).collect();
    app.join("acme", &with_role).await;
    let emails: Vec<String> = (from..from + n).map(|at| format!("guest{at}@people.example")).collect();
    ana.api(POST, "/orgs/acme/invitations", json!({"emails": emails})).await.is(200);
    for at in from..from + n {
        let slug = format!("filler-{at}");
        ana.api(POST, "/orgs/acme/projects", json!({"name": slug})).await.is(201);
        let external = app.person_at(&format!("Out {at}"), &format!("out{at}@people.example"));
        for project in [slug.as_str(), "apollo"] {
            ana.shares(&format!("/orgs/acme/projects/{project}"), json!({"kind": "user", "email": external.email}), "viewer").await;
        }
        ana.shares(&format!("/orgs/acme/projects/{slug}"), json!({"kind": "role", "id": "helpers"}), "viewer").await;
        ana.api(POST, "/orgs/acme/roles", json!({"name": format!("Role {at}"), "permissions": ["members.read"]})).await.is(201);
        ana.api(POST, "/orgs", json!({"name": format!("Org {at}")})).await.is(201);
        // More than a hundred tokens are not made.
        if at % 2 == 0 {
            ana.api(POST, "/me/tokens", json!({"name": format!("Token {at}")})).await.is(201);
        }
        ana.sign_in(true);
    }
}

async fn statements(app: &App, who: &Person, path: &str) -> u64 {
    let ask = async || match path.strip_prefix("/api/v1") {
        Some(path) => who.api(crate::support::GET, path, Value::Null).await,
        None => who.get(path).await,
    };
    // Twice: the first look may note that somebody was here.
    ask().await;
    let before = app.world().db.statements();
    let status = ask().await.status;
    assert!(status < 400, "{path}: {status}");
    app.world().db.statements() - before
}

/// Everything that can be looked at, by whom.
async fn looks(app: &App, scene: &Scene) -> Vec<(Person, String)> {
    let bob = scene.bob.member_id("acme", &scene.ana).await;
    let mut all = Vec::new();
    for route in app.map().api.table.iter().filter(|r| !r.writes) {
        let operator = route.action.need == bailiwick::access::Need::Operator;
        let who = if operator { scene.olga.clone() } else { scene.ana.clone() };
        all.push((who, format!("/api/v1{}", scene.path(route).await)));
    }
    for route in app.map().routes.table.iter().filter(|r| r.method == "GET" && r.who != Who::Anyone) {
        let (who, user) = if route.who == Who::Operator { (&scene.olga, &scene.eva.id) } else { (&scene.ana, &bob) };
        // A file is all pages of its list, one after the other; the list itself is looked at.
        all.extend(page(scene, route.path, user).filter(|path| !path.contains("/exports/")).map(|path| (who.clone(), path)));
    }
    all
}

#[test]
fn the_number_of_statements_does_not_grow_with_the_rows() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        scene.ana.sign_in(true);
        scene.olga.sign_in(true);
        fill(&app, &scene, 0, 5).await;
        let looks = looks(&app, &scene).await;
        let mut few = Vec::new();
        for (who, path) in &looks {
            few.push(statements(&app, who, path).await);
        }
        fill(&app, &scene, 5, 55).await;
        scene.ana.api(PATCH, "/orgs/acme", json!({"description": "Much in it"})).await.is(200);
        let mut grown = Vec::new();
        for ((who, path), before) in looks.iter().zip(few) {
            let now = statements(&app, who, path).await;
            if now > before {
                grown.push(format!("{path}: {before} statements with few rows, {now} with many"));
            }
            assert!(now <= 40, "{path}: {now} statements");
        }
        assert!(grown.is_empty(), "{}", grown.join("\n"));
    });
}

/// The lists that grow with an organization, in every order and with every filter that has a saved view.
const LISTS: &[&str] = &[
    "/o/acme/members",
    "/o/acme/members?sort=last_seen",
    "/o/acme/members?view=external",
    "/o/acme/members?mfa=off",
    "/o/acme/members?status=suspended",
    "/o/acme/members?unseen=60d&sort=last_seen",
    "/o/acme/members?sort=-name",
    "/o/acme/members?sort=email",
    "/o/acme/members?sort=-email",
    "/o/acme/members?sort=joined",
    "/o/acme/members?sort=-joined",
    "/o/acme/members?sort=-last_seen",
    "/o/acme/members?mfa=off&sort=email",
    "/o/acme/members?status=suspended&sort=joined",
    "/o/acme/members?role=helpers",
    "/o/acme/invitations",
    "/o/acme/invitations?status=failed",
    "/o/acme/invitations?status=expired",
    "/o/acme/invitations?sort=-created",
    "/o/acme/invitations?sort=email",
    "/o/acme/projects",
    "/o/acme/projects?access=none",
    "/o/acme/projects?access=external",
    "/o/acme/projects?sort=-name",
    "/o/acme/projects?sort=created",
    "/o/acme/projects?sort=-created",
    "/o/acme/audit",
    "/o/acme/audit?outcome=denied",
    "/o/acme/audit?sort=-time",
    "/o/acme/insights?person=ana@people.example&role=helpers&project=apollo",
    "/api/v1/orgs/acme/members",
    "/api/v1/orgs/acme/externals",
    "/api/v1/orgs/acme/invitations",
    "/api/v1/orgs/acme/projects",
    "/api/v1/orgs/acme/audit-events",
];

/// Where their rows lie; the access to the projects of a page, the organizations of one
/// person and a filter that finds few (a thousand at most) may be sorted.
const GROWING: &[&str] =
    &["FROM members", "FROM externals", "FROM invitations", "FROM projects", "`audit_events`", "FROM grants", "FROM role_assignments"];

#[derive(diesel::QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

/// SQLite says how it will carry a statement out: each list has to be a range of an index, neither a whole table nor sorted afterwards.
#[test]
fn every_list_is_a_range_of_an_index() {
    use diesel::RunQueryDsl as _;
    actix_web::rt::System::new().block_on(async {
        let app = App::fresh(Kind::Sqlite).await;
        let scene = Scene::set(&app).await;
        scene.ana.sign_in(true);
        fill(&app, &scene, 0, 5).await;
        let (mut looked_at, mut bad) = (0, Vec::new());
        for path in LISTS {
            app.world().db.listen();
            statements(&app, &scene.ana, path).await;
            let lists = app.world().db.heard().into_iter().map(|text| text.split(" -- binds").next().unwrap_or_default().to_owned());
            for text in lists.filter(|text| {
                (text.contains("LIMIT") || path.contains("/insights"))
                    && GROWING.iter().any(|table| text.contains(table))
                    && !["ROW_NUMBER", "FROM instance", " AS few"].iter().any(|few| text.contains(few))
            }) {
                looked_at += 1;
                let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {text}")).load(&mut app.by_hand()).unwrap();
                // What a query inside has found already is few, whatever it is called.
                let found: Vec<String> = steps
                    .iter()
                    .filter_map(|s| s.detail.strip_prefix("CO-ROUTINE ").or(s.detail.strip_prefix("MATERIALIZE ")))
                    .map(str::to_owned)
                    .collect();
                // By its name, or by the letter that it has in the statement.
                let whole = |d: &str| {
                    d.strip_prefix("SCAN ").is_some_and(|of| {
                        let of = of.split(' ').next().unwrap_or_default();
                        if found.iter().any(|f| f == of) {
                            return false;
                        }
                        GROWING.iter().any(|t| t.trim_start_matches("FROM ").trim_matches('`') == of) || ["m", "i", "p", "g", "a"].contains(&of)
                    })
                };
                // What a picture or a filter that finds few looks at is sorted afterwards.
                let sorted = |d: &str| d.contains("FOR ORDER BY") && !path.contains("/insights");
                bad.extend(steps.into_iter().filter(|s| whole(&s.detail) || sorted(&s.detail)).map(|s| format!("{path}: {}: {text}", s.detail)));
            }
        }
        assert!(looked_at >= LISTS.len(), "lists were looked at: {looked_at}");
        assert!(bad.is_empty(), "{}", bad.join("\n"));
    });
}

/// What the guard asks about a project is found by the project and by whom it is given to, however much else either of them has.
#[test]
fn the_guard_finds_a_grant_by_its_whole_key() {
    use diesel::RunQueryDsl as _;
    actix_web::rt::System::new().block_on(async {
        let app = App::fresh(Kind::Sqlite).await;
        let scene = Scene::set(&app).await;
        app.world().db.listen();
        scene.ana.api(crate::support::GET, "/orgs/acme/projects/apollo", Value::Null).await.is(200);
        let texts = app.world().db.heard();
        let guard = texts.iter().find(|text| text.contains("CROSS JOIN place")).expect("the guard asks about the project");
        let text = guard.split(" -- binds").next().unwrap_or_default();
        let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {text}")).load(&mut app.by_hand()).unwrap();
        let grants: Vec<&str> = steps.iter().map(|s| s.detail.as_str()).filter(|d| d.starts_with("SEARCH g ")).collect();
        assert!(!grants.is_empty(), "it looks for grants");
        let whole = "(org_id=? AND scope_kind=? AND scope_id=? AND subject_kind=? AND subject_id=? AND valid_to>?)";
        assert!(grants.iter().all(|d| d.ends_with(whole)), "{grants:#?}");
        let scans: Vec<&str> = steps.iter().map(|s| s.detail.as_str()).filter(|d| d.starts_with("SCAN ") && !d.contains("CONSTANT")).collect();
        assert!(scans.iter().all(|d| ["SCAN held", "SCAN mine", "SCAN subject", "SCAN h"].contains(d)), "{scans:#?}");
    });
}
