//! Mail when the mail server is away: nobody waits, nothing is lost, nothing comes twice.

use std::collections::BTreeSet;

use bailiwick::base::db::time::MINUTE;
use bailiwick::base::outbox;

use crate::support::databases::kinds;
use crate::support::smtp::Sink;
use crate::support::{App, POST, Person, clock, json};

/// Tells a story with a mail server at this address, on every database.
fn each_with_server<F: Future<Output = ()>>(story: impl Fn(App, String) -> F) {
    for kind in kinds() {
        actix_web::rt::System::new().block_on(async {
            let url = Sink::down();
            let app = App::with(*kind, |settings| settings.smtp_url = Some(url.clone())).await;
            story(app, url).await;
        });
    }
}

async fn deliveries(ana: &Person) -> BTreeSet<String> {
    let list = ana.reads("/orgs/acme/invitations").await;
    list["items"].as_array().unwrap().iter().map(|i| i["delivery"].as_str().unwrap().to_owned()).collect()
}

fn message_id(mail: &str) -> String {
    mail.lines().find_map(|l| l.strip_prefix("Message-ID:")).unwrap().trim().to_owned()
}

#[test]
fn an_invitation_is_made_at_once_and_its_mail_comes_once_when_the_server_is_back() {
    each_with_server(|app, url| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let emails: Vec<String> = (0..20).map(|n| format!("guest{n}@people.example")).collect();
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": emails})).await.is(200);
        outbox::deliver_due(app.world()).unwrap();
        outbox::deliver_due(app.world()).unwrap();
        assert_eq!(deliveries(&ana).await, BTreeSet::from(["queued".to_owned()]));
        let sink = Sink::up_at(&url);
        clock::forward(app.world(), MINUTE);
        outbox::deliver_due(app.world()).unwrap();
        assert_eq!(sink.mails().len(), 20, "{}", sink.address);
        clock::forward(app.world(), 60 * MINUTE);
        outbox::deliver_due(app.world()).unwrap();
        assert_eq!(sink.mails().len(), 20, "nothing comes twice");
        assert_eq!(sink.mails().iter().map(|m| message_id(m)).collect::<BTreeSet<_>>().len(), 20);
        assert_eq!(deliveries(&ana).await, BTreeSet::from(["sent".to_owned()]));
    });
}

#[test]
fn two_workers_at_once_send_each_mail_once() {
    each_with_server(|app, url| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let sink = Sink::up_at(&url);
        let emails: Vec<String> = (0..20).map(|n| format!("guest{n}@people.example")).collect();
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": emails})).await.is(200);
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let world = app.world().clone();
                std::thread::spawn(move || outbox::deliver_due(&world).unwrap())
            })
            .collect();
        workers.into_iter().for_each(|w| drop(w.join().unwrap()));
        outbox::deliver_due(app.world()).unwrap();
        assert_eq!(sink.mails().len(), 20);
    });
}

/// A worker that died between the server's yes and its own note of it: the mail comes again, known by its Message-ID as the same.
#[test]
fn a_mail_whose_worker_died_is_sent_again_with_the_same_message_id() {
    each_with_server(|app, url| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let sink = Sink::up_at(&url);
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": ["guest@people.example"]})).await.is(200);
        let until = app.world().now().plus(2 * MINUTE).0;
        // As the worker leaves it when it is killed: the body still there, the lease running.
        app.sql("CREATE TABLE kept AS SELECT id, sealed FROM outbox").unwrap();
        outbox::deliver_due(app.world()).unwrap();
        app.sql(&format!(
            "UPDATE outbox SET state = 'sending', lease = 'dead', lease_until = {until}, sent_at = NULL, sealed = (SELECT k.sealed FROM kept k WHERE k.id = outbox.id)"
        ))
        .unwrap();
        outbox::deliver_due(app.world()).unwrap();
        assert_eq!(sink.mails().len(), 1, "while the lease runs it is somebody's");
        clock::forward(app.world(), 3 * MINUTE);
        outbox::deliver_due(app.world()).unwrap();
        let ids: BTreeSet<String> = sink.mails().iter().map(|m| message_id(m)).collect();
        assert_eq!((sink.mails().len(), ids.len()), (2, 1));
    });
}
