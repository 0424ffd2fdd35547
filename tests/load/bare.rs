//! The limit: the same list query and the same template behind a bare handler, without session, authorization or anything else.

use std::sync::Arc;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use askama::Template as _;
use bailiwick::access::{self, Ref, Standing};
use bailiwick::base::ops::Query as _;
use bailiwick::base::preferences::Preferences;
use bailiwick::base::times::Times;
use bailiwick::base::tx::{Caller, Read};
use bailiwick::base::web::address::Address;
use bailiwick::base::web::page::{Me, Shell};
use bailiwick::base::world::{Clock, World};
use bailiwick::instance::start;
use bailiwick::members::pages::list;
use bailiwick::members::queries::Table;

use crate::fill;

pub fn serve(database: &str, folder: &str, port: u16) {
    let world = Arc::new(start::open(fill::settings(database, folder.as_ref()), Clock::System).expect("an installation"));
    let standing = web::Data::new(standing(&world));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(world.clone()))
            .app_data(standing.clone())
            .route("/hello", web::get().to(async || "hello"))
            .route("/members", web::get().to(members))
    });
    let bound = server.workers(2).bind(("127.0.0.1", port)).expect("a port");
    actix_web::rt::System::new().block_on(bound.run()).expect("served");
}

async fn members(world: web::Data<World>, standing: web::Data<Standing>, req: HttpRequest) -> HttpResponse {
    let at = Address::of(&req);
    let table = table(&world, &standing, &at);
    let html = list::Page::of(shell(world.now()), at, "load", table, "").render().expect("the page");
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html)
}

pub fn standing(world: &World) -> Standing {
    let mut c = world.db.reader().expect("a connection");
    access::store::standing(&mut c, &Ref::new("load"), "", None, world.now()).expect("standing").expect("the organization")
}

pub fn table(world: &World, standing: &Standing, at: &Address) -> Table {
    let mut c = world.db.quick_reader().expect("a connection");
    let mut read = Read { c: &mut c, world, caller: &Caller::system(), now: world.now(), standing: Some(standing.clone()) };
    list::asked(at, "load").run(&mut read).expect("the list")
}

pub fn shell(now: bailiwick::base::db::Ts) -> Shell {
    Shell {
        title: "Members".into(),
        org: None,
        nav: Vec::new(),
        orgs: Vec::new(),
        more_orgs: false,
        find: String::new(),
        can_create_org: false,
        me: Me { name: String::new(), email: String::new(), initials: String::new() },
        csrf: String::new(),
        flash: None,
        banner: None,
        is_operator: false,
        preferences: Preferences::default(),
        times: Times::new(now, &Preferences::default().time_zone),
        here: String::new(),
    }
}
