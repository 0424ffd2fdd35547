//! What many do at once: threads with connections of their own, as several processes would have them.

use std::sync::{Arc, Barrier};
use std::thread;

use bailiwick::base::error::Error;
use bailiwick::base::ids::{Id, OrgId};
use bailiwick::base::ops;
use bailiwick::base::tx::Caller;
use bailiwick::base::world::World;
use bailiwick::invitations::commands::Accept;
use bailiwick::members::commands::{Leave, RemoveMember, SetRoles, SetStatus, Status};

use crate::support::app::{settings, world};
use crate::support::databases::kinds;
use crate::support::{App, POST, Person, each, json};

/// Another process at the same database.
fn beside(app: &App) -> Arc<World> {
    let mut beside = settings(app.world().settings.database_url.clone(), app.folder());
    beside.db_writers = 4;
    let mut world = world(beside);
    world.clock = app.world().clock.clone();
    Arc::new(world)
}

/// Runs all at the same moment and returns what became of each.
fn at_once<T: Send + 'static>(acts: Vec<Box<dyn FnOnce() -> T + Send>>) -> Vec<T> {
    let start = Arc::new(Barrier::new(acts.len()));
    let threads: Vec<_> = acts
        .into_iter()
        .map(|act| {
            let start = start.clone();
            thread::spawn(move || {
                start.wait();
                act()
            })
        })
        .collect();
    threads.into_iter().map(|t| t.join().unwrap()).collect()
}

type Act = Box<dyn FnOnce() -> Result<(), Error> + Send>;

fn statuses(outcomes: Vec<Result<(), Error>>) -> Vec<u16> {
    let mut statuses: Vec<u16> = outcomes.into_iter().map(|o| o.map_or_else(|e| e.status(), |()| 200)).collect();
    statuses.sort_unstable();
    statuses
}

#[test]
fn of_fifty_who_accept_one_invitation_at_once_one_joins() {
    each(|app| async move {
        let (ana, mia) = (app.person("Ana Ruiz"), app.person("Mia Holt"));
        let org = OrgId::known(app.org(&ana, "Acme").await);
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": [mia.email]})).await.is(200);
        let token = app.invitation_token(&mia.email);
        let worlds = [app.world().clone(), beside(&app)];
        let acts: Vec<Act> = (0..50)
            .map(|n| {
                let (world, caller, org, token) = (worlds[n % 2].clone(), mia.caller(), org.clone(), token.clone());
                Box::new(move || ops::run(&world, &caller, &Accept { org, token, newcomer: None }).map(drop)) as Act
            })
            .collect();
        assert_eq!(statuses(at_once(acts)), [[200].as_slice(), &[410; 49]].concat());
        assert_eq!(ana.reads("/orgs/acme/members?q=mia").await["items"].as_array().unwrap().len(), 1);
        assert!(app.broken_chains().is_empty());
    });
}

/// Every way out of being an ADMIN, done by one to another or to themselves.
fn door(n: usize, world: Arc<World>, by: Caller, me: String, other: String) -> Act {
    let org = || bailiwick::access::Ref::new("acme");
    let of = |member: &str| bailiwick::access::Ref::new(member);
    Box::new(move || match n % 5 {
        0 => ops::run(&world, &by, &RemoveMember { org: org(), member: of(&other) }).map(drop),
        1 => ops::run(&world, &by, &SetRoles { org: org(), member: of(&other), roles: vec!["DEFAULT".into()] }).map(drop),
        2 => ops::run(&world, &by, &SetStatus { org: org(), member: of(&other), status: Status::Suspended }).map(drop),
        3 => ops::run(&world, &by, &Leave { org: org(), confirm: None }).map(drop),
        _ => ops::run(&world, &by, &SetRoles { org: org(), member: of(&me), roles: vec![] }).map(drop),
    })
}

async fn two_admins(app: &App, round: usize) -> (Person, Person) {
    let (one, two) = (app.person_at("One", &format!("one{round}@people.example")), app.person_at("Two", &format!("two{round}@people.example")));
    app.join("acme", &[(&one, &["ADMIN"]), (&two, &["ADMIN"])]).await;
    (one, two)
}

#[test]
fn of_two_admins_who_put_each_other_out_at_once_one_is_always_left() {
    for kind in kinds() {
        actix_web::rt::System::new().block_on(async {
            for door_of in 0..5 {
                let app = App::fresh(*kind).await;
                let ana = app.person("Ana Ruiz");
                app.org(&ana, "Acme").await;
                let worlds = [app.world().clone(), beside(&app)];
                let mut last = ana;
                for round in 0..20 {
                    let (one, two) = two_admins(&app, round).await;
                    let ids = [one.member_id("acme", &one).await, two.member_id("acme", &one).await];
                    // The one from the round before goes first, so that these two are the only ones.
                    let lasts = last.member_id("acme", &one).await;
                    one.api(crate::support::DELETE, &format!("/orgs/acme/members/{lasts}"), ()).await.is(204);
                    let acts = vec![
                        door(door_of, worlds[0].clone(), one.caller(), ids[0].clone(), ids[1].clone()),
                        door(door_of, worlds[1].clone(), two.caller(), ids[1].clone(), ids[0].clone()),
                    ];
                    let outcomes = statuses(at_once(acts));
                    // The loser was put out already (403, 404), or would have been the last to go (409).
                    assert!(outcomes[0] == 200 && [403, 404, 409].contains(&outcomes[1]), "{kind:?} door {door_of} round {round}: {outcomes:?}");
                    let left: Vec<Person> = [one, two].into_iter().filter(|p| is_admin(&app, p)).collect();
                    assert_eq!(left.len(), 1, "{kind:?} door {door_of} round {round}");
                    last = left[0].clone();
                }
                assert!(app.broken_chains().is_empty());
            }
        });
    }
}

fn is_admin(app: &App, person: &Person) -> bool {
    let mut c = app.world().db.reader().unwrap();
    let org = bailiwick::access::Ref::new("acme");
    let standing = bailiwick::access::store::standing(&mut c, &org, &person.id, None, app.world().now()).unwrap().unwrap();
    standing.is_admin()
}

#[test]
fn of_two_who_leave_at_once_the_second_hears_409() {
    each(|app| async move {
        let (ana, ada) = (app.person("Ana Ruiz"), app.person("Ada Moss"));
        app.org(&ana, "Acme").await;
        app.join("acme", &[(&ada, &["ADMIN"])]).await;
        let world = beside(&app);
        let leave = |world: Arc<World>, by: Caller| {
            Box::new(move || ops::run(&world, &by, &Leave { org: bailiwick::access::Ref::new("acme"), confirm: None }).map(drop)) as Act
        };
        let outcomes = statuses(at_once(vec![leave(app.world().clone(), ana.caller()), leave(world, ada.caller())]));
        assert_eq!(outcomes, [200, 409]);
    });
}

#[test]
fn of_many_projects_with_one_short_name_one_is_made() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let worlds = [app.world().clone(), beside(&app)];
        let acts: Vec<Act> = (0..16)
            .map(|n| {
                let (world, caller) = (worlds[n % 2].clone(), ana.caller());
                let command = bailiwick::projects::commands::CreateProject {
                    org: bailiwick::access::Ref::new("acme"),
                    name: bailiwick::base::text::Name::parse("Apollo").unwrap(),
                    slug: None,
                    description: None,
                    workspace_id: None,
                };
                Box::new(move || ops::run(&world, &caller, &command).map(drop)) as Act
            })
            .collect();
        assert_eq!(statuses(at_once(acts)), [[200].as_slice(), &[422; 15]].concat());
        assert!(app.broken_chains().is_empty());
    });
}
