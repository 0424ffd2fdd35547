//! Members: who joins without being asked, one change for many, leaving.

use crate::support::{App, DELETE, GET, PATCH, POST, Person, each, json};

async fn acme(app: &App) -> (Person, Person, Person) {
    let (ana, mia, bob) = (app.person("Ana Ruiz"), app.person("Mia Holt"), app.person("Bob Kerr"));
    app.org(&ana, "Acme").await;
    app.join("acme", &[(&mia, &["DEFAULT"]), (&bob, &["DEFAULT"])]).await;
    (ana, mia, bob)
}

#[test]
fn only_operators_make_people_members_without_asking_them() {
    each(|app| async move {
        let (ana, mia, _) = acme(&app).await;
        let (olga, sid) = (app.operator(), app.person("Sid Webb"));
        let wish = json!({"members": [{"email": sid.email}]});
        for person in [&ana, &mia, &sid] {
            let refused = person.api(POST, "/orgs/acme/members", wish.clone()).await.status;
            assert!(refused == 403 || refused == 404, "{refused}");
        }
        let added = olga.api(POST, "/orgs/acme/members", wish.clone()).await.is(200).json();
        assert_eq!(added["items"][0]["roles"][0]["key"], "DEFAULT");
        olga.api(POST, "/orgs/acme/members", wish).await.says(422, &["member already"]);
        olga.api(POST, "/orgs/acme/members", json!({"members": [{"email": "no@people.example"}]})).await.is(422);
        olga.api(POST, "/orgs/acme/members", json!({"members": []})).await.is(422);
        olga.api(GET, "/orgs/acme/members", ()).await.is(404);
    });
}

#[test]
fn one_change_for_many_is_one_event_and_all_or_nothing() {
    each(|app| async move {
        let (ana, mia, bob) = acme(&app).await;
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Crew"})).await.is(201);
        let ids = [mia.member_id("acme", &ana).await, bob.member_id("acme", &ana).await];
        let before = app.events().len();
        let done = ana.api(POST, "/orgs/acme/member-changes", json!({"change": "add_role", "role": "crew", "ids": ids})).await.is(200).json();
        assert_eq!(done["count"], 2);
        assert_eq!(app.events().len(), before + 1);
        assert_eq!(ana.reads("/orgs/acme/members?role=crew").await["items"].as_array().unwrap().len(), 2);
        ana.api(POST, "/orgs/acme/member-changes", json!({"change": "suspend", "ids": ids})).await.is(200);
        assert_eq!(ana.reads("/orgs/acme/members?status=suspended").await["items"].as_array().unwrap().len(), 2);
        // All that the filter matches, Ana among them: she is the last ADMIN, so nothing happens to anybody.
        ana.api(POST, "/orgs/acme/member-changes", json!({"change": "remove", "filter": {}})).await.is(409);
        assert_eq!(ana.reads("/orgs/acme/members?count=true").await["count"], 3);
        ana.api(POST, "/orgs/acme/member-changes", json!({"change": "remove", "ids": ids})).await.is(200);
        ana.api(POST, "/orgs/acme/member-changes", json!({"change": "remove", "ids": ids})).await.is(422);
        mia.api(GET, "/orgs/acme", ()).await.is(404);
        let plain = app.person("Pam Ito");
        app.join("acme", &[(&plain, &["DEFAULT"])]).await;
        plain.api(POST, "/orgs/acme/member-changes", json!({"change": "remove", "filter": {"q": "ana"}})).await.is(403);
    });
}

#[test]
fn who_leaves_is_out_and_may_come_back() {
    each(|app| async move {
        let (ana, mia, _) = acme(&app).await;
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        ana.shares("/orgs/acme/projects/apollo", json!({"kind": "user", "id": mia.id}), "editor").await;
        mia.api(DELETE, "/orgs/acme/membership", ()).await.is(204);
        mia.api(GET, "/orgs/acme", ()).await.is(404);
        mia.api(DELETE, "/orgs/acme/membership", ()).await.is(404);
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": [mia.email]})).await.is(200);
    });
}

#[test]
fn a_member_is_found_by_the_parts_of_name_and_address_and_by_role_and_status() {
    each(|app| async move {
        let (ana, mia, _) = acme(&app).await;
        let odd = app.person_at("Percent 100% Sure_Thing", "odd_one%x@people.example");
        app.join("acme", &[(&odd, &["DEFAULT"])]).await;
        let found = |q: &str| {
            let path = format!("/orgs/acme/members?q={}", q.replace('%', "%25"));
            let ana = ana.clone();
            async move { ana.reads(&path).await["items"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>() }
        };
        assert_eq!(found("HOLT").await, [mia.name.as_str()]);
        for literal in ["100%", "sure_", "odd_one%", "%"] {
            assert_eq!(found(literal).await, [odd.name.as_str()], "{literal} is taken literally");
        }
        assert!(found("a_a").await.is_empty() && found("\\").await.is_empty());
        assert_eq!(ana.reads("/orgs/acme/members?role=ADMIN").await["items"].as_array().unwrap().len(), 1);
        ana.api(GET, "/orgs/acme/members?status=nonsense", ()).await.is(422);
    });
}

#[test]
fn a_preview_says_by_name_who_loses_what_and_changes_nothing() {
    each(|app| async move {
        let (ana, mia, _) = acme(&app).await;
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        ana.shares("/orgs/acme/projects/apollo", json!({"kind": "user", "id": mia.id}), "editor").await;
        let at = format!("/orgs/acme/members/{}", mia.member_id("acme", &ana).await);
        let before = app.events().len();
        let seen = ana.api(DELETE, &format!("{at}?preview=true"), ()).await.is(200).json();
        assert_eq!(seen["impact"]["loses"]["people"][0]["name"], mia.name.as_str());
        let what = seen["impact"]["loses"]["people"][0]["what"].to_string();
        assert!(what.contains("Editor on Apollo") && what.contains("membership"), "{what}");
        assert_eq!(app.events().len(), before);
        mia.api(GET, "/orgs/acme", ()).await.is(200);
        ana.api(PATCH, &at, json!({"roles": []})).await.is(200);
        let hash = seen["hash"].as_str().unwrap();
        let stale = ana.api_with(DELETE, &at, (), &[("bailiwick-preview", hash)]).await.is(412).json();
        let fresh = stale["hash"].as_str().unwrap();
        ana.api_with(DELETE, &at, (), &[("bailiwick-preview", fresh)]).await.is(204);
    });
}

#[test]
fn a_change_for_more_people_than_are_named_counts_them_all() {
    each(|app| async move {
        let (ana, ..) = acme(&app).await;
        let people: Vec<Person> = (0..104).map(|at| app.person_at(&format!("Crowd {at}"), &format!("crowd{at}@people.example"))).collect();
        let joining: Vec<(&Person, &[&str])> = people.iter().map(|p| (p, ["DEFAULT"].as_slice())).collect();
        app.join("acme", &joining).await;
        ana.api(POST, "/orgs/acme/roles", json!({"key": "crew", "name": "Crew", "permissions": []})).await;
        for (change, fate) in [("add_role", "gains"), ("suspend", "loses"), ("reinstate", "gains"), ("remove", "loses")] {
            let body = json!({"change": change, "role": "crew", "filter": {"q": "crowd"}});
            let seen = ana.api(POST, "/orgs/acme/member-changes?preview=true", body.clone()).await.is(200).json();
            assert_eq!(seen["impact"][fate]["count"], 104, "{change}");
            assert_eq!(seen["impact"][fate]["people"].as_array().unwrap().len(), 100);
            assert_eq!(ana.api(POST, "/orgs/acme/member-changes", body).await.is(200).json()["count"], 104);
        }
        assert_eq!(ana.reads("/orgs/acme/members?q=crowd").await["items"], json!([]));
    });
}

#[test]
fn who_leaves_has_typed_where_from() {
    each(|app| async move {
        let (_, mia, _) = acme(&app).await;
        mia.sign_in(true);
        let asked = mia.get("/o/acme/membership/end").await.is(200).text();
        assert!(asked.contains("Type") && asked.contains("acme"), "{asked}");
        let slip = mia.fill("/o/acme/membership/end", "/o/acme/membership/end", &[("confirm", "acme corp")]).await.is(422).text();
        assert!(slip.contains("Type acme to leave the organization."), "{slip}");
        mia.fill("/o/acme/membership/end", "/o/acme/membership/end", &[("confirm", "acme")]).await.is(303);
        mia.api(GET, "/orgs/acme", ()).await.is(404);
    });
}
