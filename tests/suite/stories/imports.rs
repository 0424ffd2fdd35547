//! Imports: every row is told its fate before anything changes, and what is taken in is taken in once.

use bailiwick::base::db::time::{HOUR, SECOND};
use bailiwick::base::ids::Id;
use bailiwick::imports::{store, worker};

use crate::support::{App, DELETE, GET, PATCH, POST, Person, Value, clock, each, json, mailbox};

const IMPORTS: &str = "/orgs/acme/imports";

async fn acme(app: &App) -> Person {
    let ana = app.person("Ana Ruiz");
    app.org(&ana, "Acme").await;
    ana
}

impl App {
    fn works(&self) -> usize {
        worker::work_due(self.world()).unwrap()
    }
}

impl Person {
    /// Brings a file and has it checked.
    async fn brings(&self, body: Value) -> String {
        let import = self.api(POST, IMPORTS, body).await.is(201).json();
        self.app.works();
        format!("{IMPORTS}/{}", import["id"].as_str().unwrap())
    }
    async fn fates(&self, import: &str) -> Vec<(String, String)> {
        let rows = self.reads(&format!("{import}/rows?limit=200")).await;
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        rows["items"].as_array().unwrap().iter().map(|r| (text(&r["state"]), text(&r["message"]))).collect()
    }
}

#[test]
fn every_row_is_told_its_fate_and_nothing_changes_before_somebody_says_so() {
    each(|app| async move {
        let ana = acme(&app).await;
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": ["out@people.example"]})).await.is(200);
        let csv = format!(
            "Name;E-Mail;Roles;Projects\nNew One;new@people.example;;apollo:editor\nAna;{};;\nOut;out@people.example;;\nBad;nobody;;\nAgain;NEW@people.example;;\nRole;role@people.example;KING;\nFar;far@people.example;;venus\nBoss;boss@people.example;ADMIN;\n;;;\n",
            ana.email
        );
        let import = ana.brings(json!({"csv": csv, "file_name": "people.csv"})).await;
        let fates = ana.fates(&import).await;
        let states: Vec<&str> = fates.iter().map(|(state, _)| state.as_str()).collect();
        assert_eq!(states, ["ready", "member", "duplicate", "invalid", "duplicate", "invalid", "invalid", "ready"]);
        for (at, word) in [(3, "nobody"), (4, "line 2"), (5, "KING"), (6, "venus")] {
            assert!(fates[at].1.contains(word), "{fates:?}");
        }
        let seen = ana.reads(&import).await;
        assert_eq!((&seen["state"], &seen["total"], &seen["ready"], &seen["done"]), (&json!("checked"), &json!(8), &json!(2), &json!(0)));
        assert_eq!(mailbox::of(&app, "people.example").len(), 1, "a dry run mails nobody");

        ana.api(POST, &format!("{import}/run"), Value::Null).await.is(200);
        app.works();
        let done = ana.reads(&import).await;
        assert_eq!((&done["state"], &done["done"]), (&json!("done"), &json!(2)));
        assert_eq!(mailbox::of(&app, "new@people.example").len(), 1);
        let open = ana.reads("/orgs/acme/invitations?q=boss").await;
        assert_eq!(open["items"][0]["roles"][0]["key"], "ADMIN");
        let told = ana.reads("/orgs/acme/audit-events?action=import.rows").await;
        assert_eq!(told["items"][1]["summary"], "invited 2 people from people.csv: new@people.example and boss@people.example");
        assert_eq!(told["items"][0]["actor"]["name"], "Ana Ruiz");
        ana.api(POST, &format!("{import}/run"), Value::Null).await.says(409, &["nobody to take in"]);
        ana.api(POST, &format!("{import}/stop"), Value::Null).await.says(409, &["not at work"]);
        let file = ana.api(GET, &format!("{import}/rows?format=csv&state=invalid"), Value::Null).await.is(200).text();
        assert_eq!(file.lines().count(), 4, "{file}");
    });
}

#[test]
fn what_is_stopped_goes_on_where_it_was() {
    each(|app| async move {
        let ana = acme(&app).await;
        let csv: String = std::iter::once("email".to_owned()).chain((0..150).map(|n| format!("p{n}@people.example"))).collect::<Vec<_>>().join("\n");
        let import = ana.brings(json!({"csv": csv})).await;
        ana.api(POST, &format!("{import}/run"), Value::Null).await.is(200);
        // Somebody has taken it and died; a stop does not wait for them, and nobody works on what is stopped.
        let taken = app.world().db.write(|c| store::take(c, "dead", app.world().now())).unwrap();
        assert!(taken.is_some());
        assert_eq!(app.works(), 0, "the lease of another counts");
        ana.api(POST, &format!("{import}/stop"), Value::Null).await.is(200);
        clock::forward(app.world(), 60 * SECOND);
        assert_eq!(app.works(), 0);
        assert_eq!(mailbox::of(&app, "people.example").len(), 0);

        ana.api(POST, &format!("{import}/run"), Value::Null).await.is(200);
        app.world().db.write(|c| store::take(c, "dead again", app.world().now())).unwrap().unwrap();
        assert_eq!(app.works(), 0);
        clock::forward(app.world(), 31 * SECOND);
        assert!(app.works() > 0, "after half a minute another goes on");
        let done = ana.reads(&import).await;
        assert_eq!((&done["state"], &done["done"]), (&json!("done"), &json!(150)));
        assert_eq!(mailbox::of(&app, "people.example").len(), 150);
    });
}

#[test]
fn a_piece_of_who_lost_the_lease_is_undone() {
    each(|app| async move {
        let ana = acme(&app).await;
        let import = ana.brings(json!({"csv": "email\nnew@people.example"})).await;
        ana.api(POST, &format!("{import}/run"), Value::Null).await.is(200);
        let (org, job) = app.world().db.write(|c| store::take(c, "slow", app.world().now())).unwrap().unwrap();
        ana.api(POST, &format!("{import}/stop"), Value::Null).await.is(200);
        let slice = bailiwick::imports::slice::TakeIn { org: bailiwick::access::Ref::new(&org), import: job, lease: "slow".into() };
        let late = bailiwick::base::ops::run(app.world(), &ana.caller(), &slice);
        assert_eq!(late.unwrap_err().status(), 410);
        assert_eq!(mailbox::of(&app, "people.example").len(), 0);
        assert_eq!(ana.fates(&import).await[0].0, "ready");
    });
}

#[test]
fn beyond_the_invitations_of_an_hour_it_waits_and_goes_on_by_itself() {
    each(|app| async move {
        let ana = acme(&app).await;
        let csv: String = std::iter::once("email".to_owned()).chain((0..1100).map(|n| format!("p{n}@people.example"))).collect::<Vec<_>>().join("\n");
        let import = ana.brings(json!({"csv": csv})).await;
        ana.api(POST, &format!("{import}/run"), Value::Null).await.is(200);
        app.works();
        let waits = ana.reads(&import).await;
        assert_eq!((&waits["state"], &waits["done"]), (&json!("running"), &json!(1000)));
        assert!(waits["message"].as_str().unwrap().contains("1,000 invitations an hour"), "{waits}");
        clock::forward(app.world(), HOUR + SECOND);
        app.works();
        assert_eq!(ana.reads(&import).await["done"], 1100);
    });
}

#[test]
fn only_operators_add_people_without_asking_them() {
    each(|app| async move {
        let (ana, sid) = (acme(&app).await, app.person("Sid Webb"));
        let body = json!({"csv": format!("email,name,roles\n{},,\nnew@people.example,New One,ADMIN\n", sid.email), "way": "add"});
        ana.api(POST, IMPORTS, body.clone()).await.is(403);
        let olga = app.operator();
        // An operator runs the installation; into an organization people are brought by who may invite there.
        olga.api(POST, IMPORTS, body.clone()).await.is(404);
        let olga_is = json!({"members": [{"email": olga.email, "roles": ["ADMIN"]}]});
        olga.api(POST, "/orgs/acme/members", olga_is).await.is(200);
        let import = olga.brings(body).await;
        olga.api(POST, &format!("{import}/run"), Value::Null).await.is(200);
        app.works();
        assert_eq!(olga.reads(&import).await["done"], 2);
        let members = ana.reads("/orgs/acme/members?q=new@people.example").await;
        assert_eq!((&members["items"][0]["name"], &members["items"][0]["roles"][0]["key"]), (&json!("New One"), &json!("ADMIN")));
        assert_eq!(members["items"][0]["joined_via"], "import");
        assert_eq!(sid.member_of("acme", &ana).await["roles"][0]["key"], "DEFAULT");
        assert_eq!(mailbox::of(&app, "people.example").len(), 0, "nobody is mailed");
    });
}

#[test]
fn it_goes_no_further_than_who_ordered_it_may() {
    each(|app| async move {
        let (ana, mia) = (acme(&app).await, app.person("Mia Holt"));
        app.join("acme", &[(&mia, &["ADMIN"])]).await;
        let import = mia.brings(json!({"csv": "email\nnew@people.example"})).await;
        mia.api(POST, &format!("{import}/run"), Value::Null).await.is(200);
        let member = mia.member_id("acme", &ana).await;
        ana.api(DELETE, &format!("/orgs/acme/members/{member}"), Value::Null).await.is(204);
        app.works();
        let failed = ana.reads(&import).await;
        assert_eq!((&failed["state"], &failed["done"]), (&json!("failed"), &json!(0)));
        // Somebody who may takes it up.
        ana.api(POST, &format!("{import}/run"), Value::Null).await.is(200);
        app.works();
        assert_eq!(ana.reads(&import).await["state"], "done");
    });
}

#[test]
fn nobody_hands_out_by_a_file_what_they_do_not_hold() {
    each(|app| async move {
        let (ana, pia) = (acme(&app).await, app.person("Pia Lund"));
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Helpers", "permissions": ["members.invite"]})).await.is(201);
        app.join("acme", &[(&pia, &["helpers"])]).await;
        let import = pia.brings(json!({"csv": "email,roles\nx@people.example,ADMIN\ny@people.example,helpers"})).await;
        let states: Vec<String> = pia.fates(&import).await.into_iter().map(|f| f.0).collect();
        assert_eq!(states, ["invalid", "ready"]);
        // What was fine when it was checked is looked at again when it is done.
        let role = ana.reads("/orgs/acme/roles").await["items"].as_array().unwrap().iter().find(|r| r["key"] == "helpers").unwrap().clone();
        pia.api(POST, &format!("{import}/run"), Value::Null).await.is(200);
        ana.api(PATCH, &format!("/orgs/acme/roles/{}", role["id"].as_str().unwrap()), json!({"permissions": ["members.invite", "roles.read"]}))
            .await
            .is(200);
        app.works();
        assert_eq!(pia.reads(&import).await["done"], 1, "a role of one's own can be given whatever it holds by then");
    });
}

#[test]
fn files_that_cannot_be_read_say_what_to_do_and_nothing_typed_is_lost() {
    each(|app| async move {
        let ana = acme(&app).await;
        for (csv, words) in [("", "Choose a CSV file"), ("name\nAna", "no column email"), ("ana@people.example", "names of the columns above")] {
            ana.api(POST, IMPORTS, json!({"csv": csv})).await.says(422, &[words]);
        }
        ana.api(POST, IMPORTS, json!({"csv": "email", "way": "by force"})).await.is(422);
        ana.sign_in(true);
        let refused = ana.fill("/o/acme/imports/new", "/o/acme/imports", &[("rows", "who\nKeep this text")]).await;
        refused.says(422, &["no column email", "Keep this text"]);
        let boundary = "bOuNd";
        let send = |name: &str, body: &[u8]| {
            let csrf = ana.fill_token("/o/acme/imports/new");
            let (name, body) = (name.to_owned(), body.to_vec());
            let ana = ana.clone();
            async move {
                let head = format!(
                    "--{boundary}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n",
                    csrf.await
                );
                let whole = [head.as_bytes(), &body, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
                let req = actix_web::test::TestRequest::post().uri("/o/acme/imports");
                ana.browse(req.insert_header(("content-type", format!("multipart/form-data; boundary={boundary}"))).set_payload(whole)).await
            }
        };
        send("latin.csv", b"email\n\xfc@x").await.says(422, &["not in UTF-8"]);
        let taken = send("people.csv", "\u{feff}email\nnew@people.example\n".as_bytes()).await.is(303);
        let page = taken.header("location").to_owned();
        ana.get(&page).await.says(200, &["people.csv", "Checking every row"]);
        app.works();
        ana.get(&page).await.says(200, &["Nothing has changed yet", "Invite 1 person", "new@people.example"]);
        ana.get(&format!("{page}/progress")).await.is(286);
        let events = ana.get(&format!("{page}/events")).await.is(200);
        assert_eq!((events.header("content-type"), events.text().as_str()), ("text/event-stream", "event: done\ndata:\n\n"));
    });
}

#[test]
fn old_imports_are_forgotten_with_the_people_in_them() {
    each(|app| async move {
        let ana = acme(&app).await;
        let import = ana.brings(json!({"csv": "email\nnew@people.example"})).await;
        clock::forward(app.world(), 31 * 24 * HOUR);
        app.world().db.write(|c| bailiwick::instance::store::sweep(c, app.world().now())).unwrap();
        let org = bailiwick::base::ids::OrgId::known(ana.reads("/orgs/acme").await["id"].as_str().unwrap().to_owned());
        let id = import.rsplit('/').next().unwrap();
        let gone = store::get(&mut app.world().db.reader().unwrap(), &org, id).unwrap();
        assert!(gone.is_none());
    });
}
