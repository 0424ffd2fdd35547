//! Pictures of an organization: who came and went, who signs in with a second factor, who reaches what.

use bailiwick::base::db::time::DAY;

use crate::support::{App, DELETE, GET, PATCH, POST, Person, clock, each, json};

/// Ana is ADMIN; Bea and Carl hold Data, which edits Sensors; Eva is from outside and looks at it; Atlas is open to everyone.
async fn acme(app: &App) -> (Person, Person, Person, Person) {
    let (ana, bea, carl, eva) = (app.person("Ana Ruiz"), app.person("Bea Olsen"), app.person("Carl Moe"), app.person("Eva Stein"));
    app.org(&ana, "Acme").await;
    ana.api(POST, "/orgs/acme/roles", json!({"name": "Data", "permissions": []})).await.is(201);
    app.join("acme", &[(&bea, &["DEFAULT", "data"]), (&carl, &["DEFAULT", "data"])]).await;
    for name in ["Sensors", "Atlas", "Quiet"] {
        ana.api(POST, "/orgs/acme/projects", json!({"name": name})).await.is(201);
    }
    ana.shares("/orgs/acme/projects/sensors", json!({"kind": "role", "id": "data"}), "editor").await;
    ana.shares("/orgs/acme/projects/sensors", json!({"kind": "user", "email": eva.email}), "viewer").await;
    ana.shares("/orgs/acme/projects/atlas", json!({"kind": "everyone"}), "viewer").await;
    (ana, bea, carl, eva)
}

#[test]
fn members_are_counted_by_the_month_in_which_they_came_and_went() {
    each(|app| async move {
        let (ana, _, carl, _) = acme(&app).await;
        let first = ana.reads("/orgs/acme/insights/growth").await;
        assert_eq!((&first["members"], &first["joined"], &first["left"]), (&json!(3), &json!(3), &json!(0)));
        assert_eq!(first["months"].as_array().unwrap().len(), 12);
        let then = first["months"][11]["month"].clone();
        clock::forward(app.world(), 40 * DAY);
        let carls = carl.member_id("acme", &ana).await;
        ana.api(DELETE, &format!("/orgs/acme/members/{carls}"), ()).await.is(204);
        app.join("acme", &[(&app.person("Dora Lind"), &["DEFAULT"]), (&carl, &["DEFAULT"])]).await;
        let months = ana.reads("/orgs/acme/insights/growth?months=3").await["months"].clone();
        let joining = months.as_array().unwrap().iter().find(|m| m["month"] == then).unwrap();
        assert_eq!((&joining["joined"], &joining["left"], &joining["members"]), (&json!(3), &json!(0), &json!(3)));
        // Who leaves and comes back did both.
        assert_eq!((&months[2]["joined"], &months[2]["left"], &months[2]["members"]), (&json!(2), &json!(1), &json!(4)));
        ana.api(GET, "/orgs/acme/insights/growth?months=25", ()).await.says(422, &["from 1 to 24"]);
        ana.sign_in(false);
        let page = ana.get("/o/acme/insights?months=24").await.is(200).text();
        assert!(page.contains("4 members, 4 more than 24 months ago") && page.contains("5 joined and 1 left in 24 months."), "{page}");
        let csv = ana.get("/o/acme/insights/export?of=growth&months=24").await.is(200).text();
        assert!(csv.starts_with("\"month\",\"joined\",\"left\",\"members\"") && csv.lines().count() == 25, "{csv}");
    });
}

#[test]
fn who_has_no_second_factor_is_a_figure_that_leads_to_the_people() {
    each(|app| async move {
        let (ana, bea, carl, eva) = acme(&app).await;
        bea.enrols();
        eva.enrols();
        let carls = carl.member_id("acme", &ana).await;
        let seen = ana.reads("/orgs/acme/insights/two-factor").await;
        assert_eq!(seen, json!({"members": 3, "members_without": 2, "externals": 1, "externals_without": 0}));
        ana.api(PATCH, &format!("/orgs/acme/members/{carls}"), json!({"status": "suspended"})).await.is(200);
        ana.sign_in(false);
        let page = ana.get("/o/acme/insights").await.is(200).text();
        assert!(page.contains("1 of 2 members has no second factor") && page.contains("The one person from outside has a second factor"), "{page}");
        let href = "/o/acme/members?mfa=off&amp;status=active";
        assert!(page.contains(href) || page.contains("/o/acme/members?mfa=off&#38;status=active"), "{page}");
        let list = ana.get("/o/acme/members?mfa=off&status=active").await.is(200).text();
        assert!(list.contains(&ana.email) && !list.contains(&bea.email) && !list.contains(&carl.email));
        let csv = ana.get("/o/acme/insights/export?of=two-factor").await.is(200).text();
        assert!(csv.contains("\"members\",\"1\",\"1\"") && csv.contains("\"from outside\",\"1\",\"0\""), "{csv}");
    });
}

#[test]
fn the_map_answers_whatever_it_is_asked_together() {
    each(|app| async move {
        let (ana, _, _, _) = acme(&app).await;
        ana.sign_in(false);
        for (asked, said) in [
            ("", "1 person from outside reaches 1 of 3 projects"),
            ("person=bea@people.example", "Bea Olsen reaches 2 of 3 projects"),
            ("person=ana@people.example", "Ana Ruiz reaches 3 of 3 projects"),
            ("person=eva@people.example", "Eva Stein reaches 1 of 3 projects"),
            ("role=data", "Data opens 1 of 3 projects to 2 people"),
            ("project=sensors", "4 people reach Sensors, 1 of them from outside"),
            ("project=atlas", "3 people reach Atlas"),
            ("project=quiet", "1 person reaches Quiet"),
            ("person=bea@people.example&project=sensors", "Bea Olsen is Editor of Sensors through Data"),
            ("person=eva@people.example&project=sensors", "Eva Stein is Viewer of Sensors through Direct access"),
            ("person=eva@people.example&project=atlas", "Eva Stein does not reach Atlas"),
            ("person=bea@people.example&role=data", "Bea Olsen reaches 1 of 3 projects as Data"),
            ("person=ana@people.example&role=data", "Ana Ruiz does not hold Data"),
            ("role=data&project=sensors", "Data makes 2 people Editor of Sensors"),
            ("role=data&project=quiet", "Data does not open Quiet"),
            ("person=bea@people.example&role=data&project=sensors", "Bea Olsen is Editor of Sensors through Data"),
            ("person=bea@people.example&role=ADMIN&project=sensors", "Bea Olsen does not reach Sensors as ADMIN"),
        ] {
            let page = ana.get(&format!("/o/acme/insights?{asked}")).await.is(200).text();
            assert!(
                page.contains(said),
                "{asked}: {said}: {}",
                page.split("id=\"h-access\">").nth(1).unwrap_or_default().get(..160).unwrap_or_default()
            );
        }
        let map = ana.reads("/orgs/acme/insights/access?person=eva@people.example").await;
        let eva = map["people"].as_array().unwrap().iter().find(|p| p["external"] == true).unwrap();
        assert_eq!((&eva["name"], &map["chosen"]["person"], &map["more_people"]), (&json!("Eva Stein"), &eva["user_id"], &json!(0)));
        let csv = ana.get("/o/acme/insights/export?of=access&person=bea@people.example").await.is(200).text();
        assert!(
            csv.contains("\"Bea Olsen\",\"Data\",\"Sensors\",\"Editor\"") && csv.contains("\"Bea Olsen\",\"Everyone\",\"Atlas\",\"Viewer\""),
            "{csv}"
        );
    });
}

#[test]
fn somebody_unknown_in_the_address_is_told_and_nothing_breaks() {
    each(|app| async move {
        let (ana, _, carl, _) = acme(&app).await;
        let uma = app.person("Uma Rao");
        app.org(&uma, "Beta").await;
        ana.sign_in(false);
        let long = "x".repeat(5000);
        let far = format!("person={}", uma.email);
        for asked in [
            "person=nobody",
            "person=usr_nobody",
            "person=mem_nobody",
            "person=no@body.example",
            "role=nothing",
            "project=nowhere",
            "project=prj_nowhere",
            "person=%27%22%3Cscript%3E",
            "person=%25&role=%25&project=%25",
            &far,
            &format!("person={long}"),
        ] {
            let page = ana.get(&format!("/o/acme/insights?{asked}")).await.is(422).text();
            assert!(page.contains("Pick one from the map.") && page.contains("1 person from outside reaches 1 of 3 projects"), "{asked}: {page}");
            assert!(!page.contains("<script>"), "{asked}");
            ana.api(GET, &format!("/orgs/acme/insights/access?{asked}"), ()).await.says(422, &["Pick one from the map."]);
        }
        let page = ana.get("/o/acme/insights?person=nobody&project=sensors").await.is(422).text();
        assert!(page.contains("4 people reach Sensors"), "what is known is still shown: {page}");
        // Somebody suspended reaches nothing, and is not hidden from the question.
        let carls = carl.member_id("acme", &ana).await;
        ana.api(PATCH, &format!("/orgs/acme/members/{carls}"), json!({"status": "suspended"})).await.is(200);
        let page = ana.get(&format!("/o/acme/insights?person={carls}&project=sensors")).await.is(200).text();
        assert!(page.contains("Carl Moe does not reach Sensors"), "{page}");
        assert_eq!(app.get("/o/acme/insights?person=x&project=y").await.status, 303, "without a session one signs in first");
    });
}

#[test]
fn a_plain_member_sees_figures_but_not_who_reaches_what() {
    each(|app| async move {
        let (ana, bea, _, eva) = acme(&app).await;
        bea.sign_in(false);
        let page = bea.get("/o/acme/insights?project=sensors").await.is(200).text();
        assert!(page.contains("no second factor") && !page.contains("Sensors") && !page.contains("id=\"access\""), "{page}");
        bea.api(GET, "/orgs/acme/insights/access", ()).await.is(403);
        assert_eq!(bea.get("/o/acme/insights/export?of=access").await.status, 403);
        eva.sign_in(false);
        assert_eq!(eva.get("/o/acme/insights").await.status, 404, "to people from outside there is no such page");
        // Who may share every project but may not see who is in does not get the map either.
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Sharers", "permissions": ["projects.read", "projects.share"]})).await.is(201);
        let solo = app.person("Solo Ek");
        app.join("acme", &[(&solo, &["sharers"])]).await;
        solo.api(GET, "/orgs/acme/insights/access", ()).await.says(403, &["members.read"]);
    });
}

#[test]
fn a_large_organization_has_a_picture_of_the_same_size() {
    each(|app| async move {
        let (ana, _, _, _) = acme(&app).await;
        let people: Vec<Person> = (0..30).map(|n| app.person_at(&format!("Person {n:02}"), &format!("p{n}@people.example"))).collect();
        let with_role: Vec<(&Person, &[&str])> = people.iter().map(|p| (p, ["DEFAULT"].as_slice())).collect();
        app.join("acme", &with_role).await;
        for n in 0..20 {
            ana.api(POST, "/orgs/acme/projects", json!({"name": format!("Project {n:02}")})).await.is(201);
            ana.api(POST, "/orgs/acme/roles", json!({"name": format!("Role {n:02}"), "permissions": []})).await.is(201);
        }
        ana.shares("/orgs/acme/projects/project-19", json!({"kind": "role", "id": "role-19"}), "owner").await;
        ana.shares("/orgs/acme/projects/project-19", json!({"kind": "user", "id": people[29].id}), "editor").await;
        let map = ana.reads("/orgs/acme/insights/access?project=project-19").await;
        let len = |of: &str| map[of].as_array().unwrap().len();
        assert_eq!((len("people"), len("roles"), len("projects")), (12, 8, 12));
        assert_eq!((&map["more_people"], &map["more_roles"], &map["more_projects"]), (&json!(22), &json!(15), &json!(11)));
        let shown = |of: &str, name: &str| map[of].as_array().unwrap().iter().any(|p| p["name"] == name);
        assert!(shown("people", "Person 29") && shown("roles", "Role 19") && shown("projects", "Project 19"), "what was asked about is in it: {map}");
        ana.sign_in(false);
        let page = ana.get("/o/acme/insights").await.is(200).text();
        assert!(page.contains("and 22 others") && page.contains("and 15 others") && page.contains("and 11 others"), "{page}");
    });
}
