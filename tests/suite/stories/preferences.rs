//! How somebody wants the console: theme, time zone, single-key shortcuts; by page and API, in the first byte of every page.

use crate::support::{GET, PATCH, each, json};

#[test]
fn a_theme_is_in_the_first_byte_of_every_page_and_follows_the_person() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        ana.sign_in(false);
        assert!(ana.get("/o/acme").await.text().contains(r#"<html lang="en" dir="ltr" data-theme="system">"#));
        let saved = ana.fill("/me", "/me", &[("theme", "dark"), ("time_zone", "Europe/Berlin"), ("shortcuts", "false")]).await.is(303);
        assert_eq!(saved.header("location"), "/me");
        assert!(ana.get("/o/acme").await.text().contains(r#"data-theme="dark" data-keys="off">"#));
        let me = ana.reads("/me").await;
        assert_eq!((&me["theme"], &me["time_zone"], &me["shortcuts"]), (&json!("dark"), &json!("Europe/Berlin"), &json!(false)));
        // The switch in the menu sends one field and comes back to where it was pressed.
        let switched = ana.fill("/o/acme", "/me", &[("theme", "light"), ("return_to", "/o/acme")]).await.is(303);
        assert_eq!(switched.header("location"), "/o/acme");
        assert_eq!(ana.reads("/me").await["time_zone"], "Europe/Berlin", "the rest stays");
        let last = app.events().pop().unwrap();
        assert_eq!((last.action.as_str(), last.actor_id.as_str()), ("user.update", ana.id.as_str()));
    });
}

#[test]
fn what_is_no_preference_is_refused_by_name() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        for (field, wrong) in [("time_zone", json!("Mars/Olympus")), ("theme", json!("sepia")), ("shortcuts", json!("maybe"))] {
            let told = ana.api(PATCH, "/me", json!({field: wrong})).await.is(422).json();
            assert_eq!(told["errors"][0]["field"], field);
        }
        ana.api(PATCH, "/me", json!({})).await.says(422, &["Say what to change"]);
        let me = ana.api(PATCH, "/me", json!({"time_zone": "asia/kathmandu"})).await.is(200).json();
        assert_eq!((&me["time_zone"], &me["rev"]), (&json!("Asia/Kathmandu"), &json!(2)));
    });
}

#[test]
fn pages_tell_times_in_the_zone_of_their_reader_and_exports_stay_utc() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        ana.sign_in(false);
        let log = ana.get("/o/acme/audit").await.is(200).text();
        assert!(log.contains("Time (UTC)"));
        ana.api(PATCH, "/me", json!({"time_zone": "Pacific/Kiritimati"})).await.is(200);
        let there = bailiwick::base::times::Times::new(app.world().now(), &bailiwick::base::preferences::Zone::parse("Pacific/Kiritimati").unwrap());
        let (log, now) = (ana.get("/o/acme/audit").await.is(200).text(), there.exact(app.world().now()));
        assert!(log.contains("Time (Pacific/Kiritimati)") && now.ends_with("+14"), "{now}");
        assert!(log.contains(&format!("title=\"{}", now.split(',').next().unwrap())), "the exact time, with its zone, behind each time");
        // A day of the filter begins at midnight where the reader is, and the file has the same events.
        let today = app.world().now().plus(14 * bailiwick::base::db::time::HOUR).rfc3339();
        let page = ana.get(&format!("/o/acme/audit?since={0}&until={0}", &today[..10])).await.is(200).text();
        assert!(page.contains("created the organization"), "{page}");
        let link = page.split('"').find(|t| t.contains("/exports/audit-events?format=csv")).unwrap().replace("&#38;", "&");
        let file = ana.get(&link).await.is(200).text();
        assert!(file.contains("created the organization") && file.lines().nth(1).unwrap().contains("Z\","), "{link}\n{file}");
        assert!(ana.api(GET, "/orgs/acme/audit-events", ()).await.is(200).json()["items"][0]["at"].as_str().unwrap().ends_with('Z'));
    });
}
