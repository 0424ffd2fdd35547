//! Where the time of the members page goes: its statements and its template, one by one, in this process.

use std::time::Duration;

use actix_web::test::TestRequest;
use askama::Template as _;
use bailiwick::base::ids::{Id, OrgId};
use bailiwick::base::web::address::Address;
use bailiwick::members::pages::list;
use bailiwick::members::{queries, store};

use crate::bare;
use crate::fill::Filled;
use crate::table::Table;

pub fn of_the_members_page(table: &mut Table, filled: &Filled, seconds: Duration) {
    let (world, org) = (&filled.world, OrgId::known(filled.org.clone()));
    let everybody = queries::MemberFilter::default().parse(world).expect("a filter");
    let place =
        |n: u64| store::Filter { after: filled.after[(n.wrapping_mul(7919) % filled.after.len() as u64) as usize].clone(), ..everybody.clone() };
    let by_part = |n: u64| store::Filter { q: filled.parts[(n % filled.parts.len() as u64) as usize].clone(), ..everybody.clone() };
    let c = || world.db.quick_reader().expect("a connection");
    let roles = store::org_roles(&mut c(), &org).expect("roles");
    table.inside("part: 51 rows", world, seconds, |n| drop(store::list(&mut c(), &org, &roles, &place(n), 51, world.now()).expect("rows")));
    table.inside("part: rows by part of an address", world, seconds, |n| {
        drop(store::list(&mut c(), &org, &roles, &by_part(n), 51, world.now()).expect("rows"))
    });
    table.inside("part: count of those that match", world, seconds, |n| drop(store::count(&mut c(), &org, &roles, &by_part(n), world.now())));
    table.inside("part: counts of the views", world, seconds, |_| {
        std::hint::black_box(store::view_counts(&mut c(), &org, world.now()).expect("counts"));
    });
    table.inside("part: roles", world, seconds, |_| drop(store::org_roles(&mut c(), &org).expect("roles")));
    let admin = bailiwick::base::ids::UserId::known(filled.admin.clone());
    table.inside("part: a user by id", world, seconds, |_| drop(bailiwick::account::store::user(&mut c(), &admin).expect("a user")));
    let nobody = bailiwick::base::ids::TokenId::known("key_0".into());
    table.inside("part: a key and its user", world, seconds, |_| {
        std::hint::black_box(bailiwick::account::store::token_and_user(&mut c(), &nobody, world.now()).expect("asked").is_some());
    });
    table.inside("part: a session and its person", world, seconds, |_| {
        std::hint::black_box(bailiwick::base::db::sessions::load(&mut c(), "none", world.now()).expect("asked").is_some());
    });
    table.inside("part: standing in the organization", world, seconds, |_| {
        std::hint::black_box(
            bailiwick::access::store::standing(&mut c(), &bailiwick::access::Ref::new("load"), &filled.admin, None, world.now())
                .expect("asked")
                .is_some(),
        );
    });
    let (standing, at) = (bare::standing(world), || Address::of(&TestRequest::with_uri("/o/load/members").to_http_request()));
    let table_of = || bare::table(world, &standing, &at());
    let kept = table_of();
    table.inside("part: all statements", world, seconds, |_| drop(table_of()));
    table.inside("part: template", world, seconds, |_| {
        drop(list::Page::of(bare::shell(world.now()), at(), "load", kept.clone(), "").render().expect("a page"))
    });
    let size = list::Page::of(bare::shell(world.now()), at(), "load", kept.clone(), "").render().expect("a page").len();
    println!("| (the page has {size} bytes) | | | | | | | |");
}
