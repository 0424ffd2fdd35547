//! Who asks: somebody signed in, a key, people at the door, and the questions that are asked without HTTP.

use actix_web::cookie::{Cookie, CookieJar, Key};
use bailiwick::access::{self, Action, Need, Ref};
use bailiwick::account::tokens::CreateTokenFor;
use bailiwick::base::db::sessions::{self, Put};
use bailiwick::base::ids::{Id, SessionId, UserId};
use bailiwick::base::keys::digest;
use bailiwick::base::ops;
use bailiwick::base::text::{Email, Name, Secret};
use bailiwick::base::tx::{Actor, Caller, Proof, UserActor};
use bailiwick::base::web::session::{LONGEST, State};
use bailiwick::base::world::World;

use crate::client::{Line, Request};
use crate::fill::{self, Filled, PASSWORD};
use crate::program::Program;

pub struct Person {
    pub cookie: String,
    pub token: String,
}

impl Person {
    /// The organization's first ADMIN, signed in and with a token.
    pub fn of(filled: &Filled) -> Self {
        let world = &filled.world;
        let command =
            CreateTokenFor { email: Email::parse(fill::ADMIN).expect("an address"), name: Name::parse("Load").expect("a name"), days: None };
        let token = ops::run(world, &Caller::cli(), &command).expect("a token").secret.expect("shown once");
        let now = world.now();
        let id: SessionId = world.id(now);
        let user = UserId::known(filled.admin.clone());
        let state = State { id: Some(id.clone()), user_id: Some(user.clone()), auth_at: Some(now), since: Some(now), ..State::default() };
        let key = world.token() + &world.token();
        let row = Put {
            key_hash: digest(&key),
            id,
            user_id: Some(user),
            state: serde_json::to_string(&state).expect("state"),
            mfa_at: None,
            ip: "127.0.0.1".into(),
            user_agent: String::new(),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus(LONGEST),
        };
        world.db.write(|c| sessions::put(c, &row)).expect("a session");
        let mut jar = CookieJar::new();
        jar.signed_mut(&Key::from(&world.keys.cookie_key())).add(Cookie::new("sid", key));
        let value = Cookie::new("sid", jar.get("sid").expect("the cookie").value().to_owned()).encoded().to_string();
        Self { cookie: value, token }
    }
}

/// The page of sign-in, opened once.
pub struct Door {
    cookie: String,
    csrf: String,
    origin: String,
}

pub fn door(program: &Program) -> Door {
    let text = Line::open(program.port).ask(&Request::get("/login")).text;
    let between = |begin: &str, end: &str| text.split_once(begin).and_then(|(_, rest)| rest.split_once(end)).map(|(found, _)| found.to_owned());
    Door {
        cookie: format!("pre={}", between("pre=", ";").expect("the cookie of the form")),
        csrf: between("name=\"csrf\" value=\"", "\"").expect("the token of the form"),
        origin: format!("http://127.0.0.1:{}", program.port),
    }
}

impl Door {
    /// Each from a client of its own: people who sign in at once do not sit behind one address.
    pub fn sign_in(&self, email: &str, client: u64) -> Request {
        self.says(email, PASSWORD, client % 60_000)
    }

    /// The same with any password, from a client of this number.
    pub fn says(&self, email: &str, password: &str, client: u64) -> Request {
        let from = format!("10.{}.{}.1", client / 250, client % 250);
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", &self.csrf)
            .append_pair("email", email)
            .append_pair("password", password)
            .finish();
        let request = Request::send("POST", "/login").cookie(&self.cookie).header("Origin", &self.origin);
        request.header("X-Forwarded-For", &from).form(&body)
    }
}

/// May this person see this project: the guard's own question, answered by the functions that the program asks.
pub fn guard(filled: &Filled, n: u64) {
    const ACTION: Action = Action::new("project.read", Need::Project("projects.read"));
    let world = &filled.world;
    let user = UserId::known(fill::user_id(n.wrapping_mul(7919) % filled.members + 1));
    let (org, project) = (Ref::new("load"), Ref::new(format!("project-{:03}", n % 300)));
    let mut c = world.db.quick_reader().expect("a connection");
    let standing = access::store::standing(&mut c, &org, user.as_ref(), Some(&project), world.now()).expect("standing");
    let actor = Actor::User(UserActor {
        id: user,
        name: String::new(),
        email: String::new(),
        email_verified: true,
        is_operator: false,
        mfa_enrolled: false,
        last_org_id: None,
        preferences: Default::default(),
        proof: Proof::Session { id: SessionId::known("ses_0".into()), auth_at: world.now(), mfa_at: None },
    });
    std::hint::black_box(access::decide(&actor, standing.as_ref(), &ACTION, world.now()).is_ok());
}

/// As many hashes as there are threads, at once.
pub fn hash_alone(world: &World) {
    let secret = Secret::new(PASSWORD);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| world.hasher.check(&secret, None).expect("a hash"));
        let _ = world.hasher.check(&secret, None);
        let _ = other.join();
    });
}
