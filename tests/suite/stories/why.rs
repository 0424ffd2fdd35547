//! Why somebody may do something, what would remain without some of what they were given, and that it is the guard's own answer.

use bailiwick::access::{self, Ref, Relation};
use bailiwick::base::db::time::DAY;

use crate::support::{App, DELETE, GET, PATCH, POST, Person, Value, clock, each, json};

/// Ana is ADMIN; Bea holds Data, which edits Sensors, and looks at it by name; Carl runs every project; Eva is from outside.
async fn acme(app: &App) -> (Person, Person, Person, Person) {
    let (ana, bea, carl, eva) = (app.person("Ana Ruiz"), app.person("Bea Olsen"), app.person("Carl Moe"), app.person("Eva Stein"));
    app.org(&ana, "Acme").await;
    ana.api(POST, "/orgs/acme/roles", json!({"name": "Data", "permissions": []})).await.is(201);
    ana.api(POST, "/orgs/acme/roles", json!({"name": "Keepers", "permissions": ["projects.read", "projects.share", "members.read"]})).await.is(201);
    app.join("acme", &[(&bea, &["DEFAULT", "data"]), (&carl, &["keepers"])]).await;
    for name in ["Sensors", "Atlas"] {
        ana.api(POST, "/orgs/acme/projects", json!({"name": name})).await.is(201);
    }
    ana.shares("/orgs/acme/projects/sensors", json!({"kind": "role", "id": "data"}), "editor").await;
    ana.shares("/orgs/acme/projects/sensors", json!({"kind": "user", "id": bea.id}), "viewer").await;
    ana.shares("/orgs/acme/projects/sensors", json!({"kind": "user", "email": eva.email}), "viewer").await;
    ana.shares("/orgs/acme/projects/atlas", json!({"kind": "everyone"}), "viewer").await;
    (ana, bea, carl, eva)
}

fn keys(why: &Value) -> Vec<&str> {
    why["permissions"].as_array().unwrap().iter().map(|p| p["key"].as_str().unwrap()).collect()
}

/// Each way as its steps: "Data, Editor".
fn ways(why: &Value) -> Vec<String> {
    let steps =
        |way: &Value| way["steps"].as_array().unwrap().iter().map(|s| s["role"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(", ");
    why["ways"].as_array().unwrap().iter().map(steps).collect()
}

#[test]
fn every_permission_is_named_with_all_that_gives_it() {
    each(|app| async move {
        let (ana, bea, carl, eva) = acme(&app).await;
        let why = ana.reads(&format!("/orgs/acme/access/explanations?subject={}&scope=sensors", bea.email)).await;
        assert_eq!(keys(&why), ["projects.read", "projects.update"]);
        assert_eq!(ways(&why), ["Viewer", "Data, Editor"]);
        assert_eq!((&why["permissions"][0]["ways"], &why["permissions"][1]["ways"]), (&json!([0, 1]), &json!([1])));
        let held = &why["ways"][1]["steps"][0];
        assert_eq!((&held["kind"], &held["source"]), (&json!("role_assignment"), &json!("manual")));
        let opened = &why["ways"][1]["steps"][1];
        assert_eq!((&opened["to"], &opened["to_name"], &opened["given_by"]), (&json!("role"), &json!("Data"), &json!("Ana Ruiz")));
        assert_eq!(why["fewest"].as_array().unwrap().len(), 2, "her role, and what she has by name: {}", why["fewest"]);

        let everyone = ana.reads(&format!("/orgs/acme/access/explanations?subject={}&scope=atlas", bea.id)).await;
        assert_eq!((ways(&everyone), keys(&everyone)), (vec!["Viewer".to_owned()], vec!["projects.read"]));
        assert_eq!(everyone["ways"][0]["steps"][0]["to"], "everyone");
        let everywhere = ana.reads(&format!("/orgs/acme/access/explanations?subject={}&scope=sensors", carl.email)).await;
        assert_eq!((ways(&everywhere), keys(&everywhere)), (vec!["Keepers".to_owned()], vec!["projects.read", "projects.share"]));
        let outside = ana.reads(&format!("/orgs/acme/access/explanations?subject={}&scope=sensors", eva.email)).await;
        assert_eq!((ways(&outside), &outside["subject"]["external"]), (vec!["Viewer".to_owned()], &json!(true)));
        let not_there = ana.reads(&format!("/orgs/acme/access/explanations?subject={}&scope=atlas", eva.email)).await;
        assert!(ways(&not_there).is_empty() && keys(&not_there).is_empty(), "everyone is not people from outside: {not_there}");
        let org = ana.reads(&format!("/orgs/acme/access/explanations?subject={}", ana.email)).await;
        assert!(keys(&org).contains(&"org.delete") && ways(&org).contains(&"ADMIN".to_owned()), "{org}");
    });
}

#[test]
fn what_is_said_to_be_enough_to_end_it_ends_it() {
    each(|app| async move {
        let (ana, bea, ..) = acme(&app).await;
        let asked = format!("/orgs/acme/access/explanations?subject={}&scope=sensors", bea.email);
        let why = ana.reads(&asked).await;
        bea.api(GET, "/orgs/acme/projects/sensors", ()).await.is(200);
        for id in why["fewest"].as_array().unwrap() {
            bea.api(GET, "/orgs/acme/projects/sensors", ()).await.is(200);
            let id = id.as_str().unwrap();
            if id.starts_with("grt_") {
                ana.api(DELETE, &format!("/orgs/acme/projects/sensors/grants/{id}"), ()).await.is(204);
            } else {
                let member = bea.member_id("acme", &ana).await;
                ana.api(PATCH, &format!("/orgs/acme/members/{member}"), json!({"roles": ["DEFAULT"]})).await.is(200);
            }
        }
        bea.api(GET, "/orgs/acme/projects/sensors", ()).await.is(404);
        assert!(ways(&ana.reads(&asked).await).is_empty());
    });
}

#[test]
fn access_that_has_ended_and_people_who_are_suspended_have_no_ways() {
    each(|app| async move {
        let (ana, bea, _, eva) = acme(&app).await;
        let until = bailiwick::base::db::Ts(app.world().now().0 + DAY).rfc3339();
        ana.api(POST, "/orgs/acme/projects/atlas/grants", json!({"subject": {"kind": "user", "id": eva.id}, "role": "editor", "valid_to": until}))
            .await
            .is(201);
        let asked = format!("/orgs/acme/access/explanations?subject={}&scope=atlas", eva.email);
        let why = ana.reads(&asked).await;
        assert_eq!((ways(&why), &why["ways"][0]["steps"][0]["valid_to"]), (vec!["Editor".to_owned()], &json!(until)));
        clock::forward(app.world(), 2 * DAY);
        assert!(ways(&ana.reads(&asked).await).is_empty(), "it has ended");

        let member = bea.member_id("acme", &ana).await;
        ana.api(PATCH, &format!("/orgs/acme/members/{member}"), json!({"status": "suspended"})).await.is(200);
        let why = ana.reads(&format!("/orgs/acme/access/explanations?subject={}&scope=sensors", bea.email)).await;
        assert!(ways(&why).is_empty() && why["subject"]["suspended"] == true, "{why}");
        ana.sign_in(false);
        let page = ana.get(&format!("/o/acme/access?person={}&project=sensors", bea.email)).await.is(200).text();
        assert!(page.contains("Bea Olsen is suspended and may do nothing on Sensors"), "{page}");
    });
}

/// Whatever is given and taken: the page names exactly what the guard lets somebody do.
#[test]
fn why_and_the_guard_agree() {
    each(|app| async move {
        let (ana, bea, carl, eva) = acme(&app).await;
        let mut state: u64 = 7;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..40 {
            let project = ["sensors", "atlas"][next(2) as usize];
            let (who, subject) = match next(5) {
                0 => (&bea, json!({"kind": "user", "id": bea.id})),
                1 => (&carl, json!({"kind": "user", "id": carl.id})),
                2 => (&eva, json!({"kind": "user", "email": eva.email})),
                3 => (&bea, json!({"kind": "role", "id": "data"})),
                _ => (&carl, json!({"kind": "everyone"})),
            };
            let level = ["viewer", "editor", "owner"][next(3) as usize];
            let given = ana.api(POST, &format!("/orgs/acme/projects/{project}/grants"), json!({"subject": subject, "role": level})).await;
            if given.status == 409 {
                let grants = ana.reads(&format!("/orgs/acme/projects/{project}/grants")).await["items"].clone();
                let all = grants.as_array().unwrap();
                let id = all[next(all.len() as u64) as usize]["id"].as_str().unwrap().to_owned();
                ana.api(DELETE, &format!("/orgs/acme/projects/{project}/grants/{id}"), ()).await.is(204);
            }
            if who.id != eva.id && next(3) == 0 {
                let roles =
                    [json!(["DEFAULT"]), json!(["data"]), json!(["keepers", "data"]), json!(["DEFAULT", "keepers"])][next(4) as usize].clone();
                let member = who.member_id("acme", &ana).await;
                ana.api(PATCH, &format!("/orgs/acme/members/{member}"), json!({"roles": roles})).await.is(200);
            }
            for person in [&ana, &bea, &carl, &eva] {
                let standing = {
                    let mut c = app.world().db.reader().unwrap();
                    access::store::standing(&mut c, &Ref::new("acme"), &person.id, Some(&Ref::new(project)), app.world().now()).unwrap().unwrap()
                };
                let held = standing.on_project();
                let may: Vec<&str> = access::permissions::CATALOGUE
                    .iter()
                    .filter(|p| p.level == access::permissions::Level::Project && held.has(p.key))
                    .map(|p| p.key)
                    .collect();
                let asked = ana.api(GET, &format!("/orgs/acme/access/explanations?subject={}&scope={project}", person.email), ()).await;
                if standing.relation == Relation::Stranger {
                    asked.is(422);
                    continue;
                }
                let why = asked.is(200).json();
                assert_eq!(keys(&why), may, "{} on {project}: {why}", person.email);
                let one = |id: &Value| id.as_str().unwrap().to_owned();
                let fewest: Vec<String> = why["fewest"].as_array().unwrap().iter().map(one).collect();
                let left = why["ways"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|w| !w["steps"].as_array().unwrap().iter().any(|s| fewest.contains(&one(&s["id"]))));
                assert_eq!(left.count(), 0, "{why}");
            }
        }
    });
}

#[test]
fn the_page_says_what_would_remain_and_asks_whom_was_meant() {
    each(|app| async move {
        let (ana, bea, carl, _) = acme(&app).await;
        ana.sign_in(false);
        let asked = format!("/o/acme/access?person={}&project=sensors", bea.email);
        let page = ana.get(&asked).await.is(200).text();
        assert!(page.contains("Bea Olsen may do 2 things on Sensors, in 2 ways") && page.contains("Data, which is Editor"), "{page}");
        let why = ana.reads(&format!("/orgs/acme/access/explanations?subject={}&scope=sensors", bea.email)).await;
        let role = why["ways"][1]["steps"][0]["id"].as_str().unwrap();
        let page = ana.get(&format!("{asked}&id={role}")).await.is(200).text();
        assert!(page.contains("Without what is ticked, 1 of 2 would remain.") && page.contains("Gone") && page.contains("Stays"), "{page}");
        let direct = why["ways"][0]["steps"][0]["id"].as_str().unwrap();
        let page = ana.get(&format!("{asked}&id={role}&id={direct}")).await.is(200).text();
        assert!(page.contains("nothing of it would remain"), "{page}");

        let several = ana.get("/o/acme/access?person=people.example").await.is(200).text();
        assert!(several.contains(&bea.email) && several.contains(&carl.email), "who could be meant: {several}");
        for (asked, said) in
            [("person=zzz", "nobody “zzz”"), ("project=nowhere", "no project “nowhere”"), ("person=usr_nobody", "nobody “usr_nobody”")]
        {
            let page = ana.get(&format!("/o/acme/access?{asked}")).await.is(422).text();
            assert!(page.contains(said), "{asked}: {page}");
        }
        // Whoever may not see who has access is told so, by page and by API.
        bea.sign_in(false);
        bea.get("/o/acme/access").await.is(403);
        bea.api(GET, &format!("/orgs/acme/access/explanations?subject={}", bea.email), ()).await.is(403);
        carl.sign_in(false);
        carl.get("/o/acme/access").await.is(200);
    });
}
