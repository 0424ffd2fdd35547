//! Two people edit the same record: the later one sees both states and chooses; nothing is overwritten in silence.

use crate::support::{App, PATCH, POST, Person, each, json};

fn hidden(page: &str, button: &str) -> Vec<(String, String)> {
    let page = scraper::Html::parse_document(page);
    let form = scraper::Selector::parse("form.one").unwrap();
    let input = scraper::Selector::parse("input[type=hidden]").unwrap();
    let found = page.select(&form).find(|f| f.text().collect::<String>().contains(button)).unwrap_or_else(|| panic!("no button {button}"));
    let value = |i: scraper::ElementRef<'_>, name: &str| i.value().attr(name).unwrap_or_default().to_owned();
    found.select(&input).map(|i| (value(i, "name"), value(i, "value"))).filter(|(n, _)| n != "csrf").collect()
}

fn field(page: &str, name: &str) -> String {
    let page = scraper::Html::parse_document(page);
    let input = scraper::Selector::parse(&format!("main input[name='{name}']")).unwrap();
    page.select(&input).next().unwrap().value().attr("value").unwrap_or_default().to_owned()
}

async fn presses(who: &Person, path: &str, page: &str, button: &str) -> String {
    let fields = hidden(page, button);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    who.post(path, &fields).await.is(303).header("location").to_owned()
}

async fn set(app: &App) -> Person {
    let ana = app.person("Ana Ruiz");
    app.org(&ana, "Acme").await;
    ana.api(POST, "/orgs/acme/projects", json!({"name": "Atlas", "description": "Maps"})).await.is(201);
    ana.sign_in(true);
    ana
}

#[test]
fn changes_that_do_not_meet_can_both_be_kept() {
    each(|app| async move {
        let ana = set(&app).await;
        let form = ana.get("/o/acme/projects/atlas/settings").await.is(200).text();
        ana.api(PATCH, "/orgs/acme/projects/atlas", json!({"name": "Atlas maps"})).await.is(200);
        let (rev, was) = (field(&form, "rev"), field(&form, "was"));
        let typed = [("name", "Atlas"), ("slug", "atlas"), ("description", "Maps of everything"), ("rev", &rev), ("was", &was)];
        let late = ana.post("/o/acme/projects/atlas", &typed).await;
        assert_eq!(late.status, 412);
        let page = late.text();
        for words in
            ["Ana Ruiz changed this", "Nothing of yours was saved yet", "Atlas maps", "Maps of everything", "Discard mine", "Replace with mine"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!(ana.reads("/orgs/acme/projects/atlas").await["description"], "Maps", "nothing is saved before the choice");
        presses(&ana, "/o/acme/projects/atlas", &page, "Save both").await;
        let saved = ana.reads("/orgs/acme/projects/atlas").await;
        assert_eq!((saved["name"].as_str(), saved["description"].as_str()), (Some("Atlas maps"), Some("Maps of everything")));
    });
}

#[test]
fn the_same_field_changed_twice_is_replaced_or_left() {
    each(|app| async move {
        let ana = set(&app).await;
        let form = ana.get("/o/acme/settings").await.is(200).text();
        ana.api(PATCH, "/orgs/acme", json!({"name": "Acme Corporation"})).await.is(200);
        let (rev, was) = (field(&form, "rev"), field(&form, "was"));
        let typed = [("name", "Acme Limited"), ("slug", "acme"), ("description", ""), ("rev", &rev), ("was", &was)];
        let late = ana.post("/o/acme/settings", &typed).await;
        assert_eq!(late.status, 412);
        let page = late.text();
        assert!(!page.contains("Save both"), "{page}");
        presses(&ana, "/o/acme/settings", &page, "Replace with mine").await;
        assert_eq!(ana.reads("/orgs/acme").await["name"], "Acme Limited");
        // Faster once more, while the question stands: it is asked again.
        ana.api(PATCH, "/orgs/acme", json!({"name": "Acme again"})).await.is(200);
        let fields = hidden(&page, "Replace with mine");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(ana.post("/o/acme/settings", &fields).await.status, 412);
        assert_eq!(ana.reads("/orgs/acme").await["name"], "Acme again");
    });
}

#[test]
fn roles_that_two_people_gave_one_member_add_up() {
    each(|app| async move {
        let ana = set(&app).await;
        let ben = app.person("Ben Okafor");
        app.join("acme", &[(&ben, &["DEFAULT"])]).await;
        for name in ["Controls", "Web"] {
            ana.api(POST, "/orgs/acme/roles", json!({"name": name, "permissions": []})).await.is(201);
        }
        let id = ben.member_id("acme", &ana).await;
        let roles = ana.reads("/orgs/acme/roles").await;
        let of = |name: &str| {
            let found = roles["items"].as_array().unwrap().iter().find(|r| r["name"] == name).unwrap();
            found["id"].as_str().unwrap().to_owned()
        };
        let default = ana.reads(&format!("/orgs/acme/members/{id}")).await["roles"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/o/acme/members/{id}/roles");
        let form = ana.get(&path).await.is(200).text();
        ana.api(PATCH, &format!("/orgs/acme/members/{id}"), json!({"roles": ["DEFAULT", "controls"]})).await.is(200);
        let (rev, was, web) = (field(&form, "rev"), field(&form, "was"), of("Web"));
        let typed = [("roles[]", default.as_str()), ("roles[]", &web), ("rev", &rev), ("was", &was)];
        let asked = ana.post(&path, &typed).await;
        // Taking Controls away is asked first, because that is what the form would do by now.
        let late = match asked.status {
            200 => {
                let preview = field(&asked.text(), "preview");
                ana.post(&path, &[typed.as_slice(), &[("preview", preview.as_str())]].concat()).await
            }
            _ => asked,
        };
        assert_eq!(late.status, 412, "{}", late.text());
        presses(&ana, &path, &late.text(), "Save both").await;
        let held = ana.reads(&format!("/orgs/acme/members/{id}")).await;
        assert_eq!(held["roles"].as_array().unwrap().len(), 3, "{held}");
    });
}
