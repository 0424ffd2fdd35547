//! People: each with an account, a personal access token for the API, and a browser with a cookie jar.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use actix_web::cookie::{Cookie, CookieJar, Key};
use actix_web::test::TestRequest;
use bailiwick::account::{store, tokens};
use bailiwick::base::db::sessions::{self, Put};
use bailiwick::base::ids::{Id, SessionId, TokenId};
use bailiwick::base::keys::digest;
use bailiwick::base::ops;
use bailiwick::base::text::{Email, Name, Secret};
use bailiwick::base::tx::{Actor, Caller, Proof, Via};
use bailiwick::base::web::session::{LONGEST, State};
use diesel::RunQueryDsl as _;
use serde_json::Value;

use super::app::{OPERATOR, PASSWORD};
use super::{Answer, App, Method};

#[derive(Clone)]
pub struct Person {
    pub app: App,
    pub id: String,
    pub name: String,
    pub email: String,
    pub token: String,
    jar: Rc<RefCell<BTreeMap<String, String>>>,
    session: Rc<RefCell<Option<SessionId>>>,
    pub extra: Rc<Cell<Option<(&'static str, &'static str)>>>,
}

impl App {
    /// A new account with a confirmed address.
    pub fn person(&self, name: &str) -> Person {
        let first = name.split(' ').next().unwrap().to_lowercase();
        self.person_at(name, &format!("{first}@people.example"))
    }

    pub fn person_at(&self, name: &str, email: &str) -> Person {
        use bailiwick::base::db::schema::users as u;
        use diesel::ExpressionMethods as _;
        let (world, now) = (self.world(), self.world().now());
        let id: bailiwick::base::ids::UserId = world.id(now);
        world
            .db
            .write(|c| {
                diesel::insert_into(u::table)
                    .values((
                        u::id.eq(&id),
                        u::email.eq(email),
                        u::email_key.eq(email.to_ascii_lowercase()),
                        u::email_verified_at.eq(Some(now)),
                        u::name.eq(name),
                        u::name_key.eq(name.to_lowercase()),
                        u::password_hash.eq(password_hash(self)),
                        u::is_operator.eq(false),
                        u::active.eq(true),
                        u::rev.eq(1),
                        u::created_at.eq(now),
                        u::updated_at.eq(now),
                    ))
                    .execute(c)
                    .map_err(Into::into)
            })
            .unwrap();
        self.known(email)
    }

    /// Somebody who has an account already.
    pub fn known(&self, email: &str) -> Person {
        let world = self.world();
        let user = store::user_by_email(&mut world.db.reader().unwrap(), &Email::parse(email).unwrap()).unwrap().expect("there is this account");
        let command = tokens::CreateTokenFor { email: Email::parse(email).unwrap(), name: Name::parse("Story").unwrap(), days: None };
        let token = ops::run(world, &Caller::cli(), &command).unwrap().secret.unwrap();
        Person {
            app: self.clone(),
            id: user.id.to_string(),
            name: user.name,
            email: user.email,
            token,
            jar: Rc::default(),
            session: Rc::default(),
            extra: Rc::default(),
        }
    }

    /// Olga, who runs the installation.
    pub fn operator(&self) -> Person {
        self.known(OPERATOR)
    }
}

/// Hashed once per run: everybody has the same password.
fn password_hash(app: &App) -> String {
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    HASH.get_or_init(|| app.world().hasher.make(&Secret::new(PASSWORD)).unwrap()).clone()
}

impl Person {
    /// The same person, with the same token and browser, before another application.
    pub fn at(&self, app: &App) -> Person {
        Person { app: app.clone(), ..self.clone() }
    }

    pub async fn api(&self, method: Method, path: &str, body: impl Into<Value>) -> Answer {
        self.api_with(method, path, body, &[]).await
    }

    /// The API with further headers.
    pub async fn api_with(&self, method: Method, path: &str, body: impl Into<Value>, headers: &[(&str, &str)]) -> Answer {
        let mut req = api_request(method, path, body.into()).insert_header(("authorization", format!("Bearer {}", self.token)));
        for (name, value) in headers {
            req = req.insert_header((*name, *value));
        }
        self.app.send(req).await
    }

    /// A list or record of the API that has to be there.
    #[track_caller]
    pub fn reads(&self, path: &str) -> impl Future<Output = Value> {
        let (me, path) = (self.clone(), path.to_owned());
        async move { me.api(Method::GET, &path, Value::Null).await.is(200).json() }
    }

    /// Who acts, for tests that call commands without the web.
    pub fn caller(&self) -> Caller {
        let world = self.app.world();
        let user = store::user_by_email(&mut world.db.reader().unwrap(), &Email::parse(&self.email).unwrap()).unwrap().unwrap();
        let id = <TokenId as Id>::known(format!("key_{}", self.token.split('_').nth(1).unwrap()));
        Caller::of(Actor::User(user.actor(Proof::Token { id, proved_mfa: true })), Via::Api)
    }

    /// Signs the browser in without the pages of sign-in, which have stories of their own.
    pub fn sign_in(&self, mfa: bool) -> SessionId {
        let (world, now) = (self.app.world(), self.app.world().now());
        let id: SessionId = world.id(now);
        let user = <bailiwick::base::ids::UserId as Id>::known(self.id.clone());
        let state = State { id: Some(id.clone()), user_id: Some(user.clone()), auth_at: Some(now), mfa_at: mfa.then_some(now), ..State::default() };
        let key = world.token() + &world.token();
        let row = Put {
            key_hash: digest(&key),
            id: id.clone(),
            user_id: Some(user),
            state: serde_json::to_string(&state).unwrap(),
            mfa_at: state.mfa_at,
            ip: "127.0.0.1".into(),
            user_agent: String::new(),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus(LONGEST),
        };
        world.db.write(|c| sessions::put(c, &row)).unwrap();
        let mut jar = CookieJar::new();
        jar.signed_mut(&Key::from(&world.keys.cookie_key())).add(Cookie::new("sid", key));
        self.jar.borrow_mut().insert("sid".into(), jar.get("sid").unwrap().value().to_owned());
        *self.session.borrow_mut() = Some(id.clone());
        id
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.browse(TestRequest::get().uri(path)).await
    }

    /// Posts a form with the token that this browser's pages carry.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        self.browse(TestRequest::post().uri(path).set_form(all)).await
    }

    /// Opens a page, fills the form that posts to `action`, and sends it with everything that the page put into it.
    pub async fn fill(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let html = self.get(page).await.is(200).text();
        let mut all = form_of(&html, action).unwrap_or_else(|| panic!("{page} has no form that posts to {action}"));
        for (name, value) in fields {
            all.retain(|(n, _)| n != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        self.browse(TestRequest::post().uri(action).set_form(all)).await
    }

    /// The token of a form, after its page was opened.
    pub fn fill_token(&self, page: &str) -> impl Future<Output = String> + use<> {
        let (me, page) = (self.clone(), page.to_owned());
        async move {
            me.get(&page).await.is(200);
            me.csrf()
        }
    }

    fn csrf(&self) -> String {
        let seed = match &*self.session.borrow() {
            Some(id) => id.to_string(),
            None => self.jar.borrow().get("pre").cloned().unwrap_or_default(),
        };
        self.app.world().keys.masked_tag("csrf", &seed, [7; 32])
    }

    pub async fn browse(&self, req: TestRequest) -> Answer {
        let jar: Vec<String> = self.jar.borrow().iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut req = req;
        if !jar.is_empty() {
            req = req.insert_header(("cookie", jar.join("; ")));
        }
        if let Some(header) = self.extra.get() {
            req = req.insert_header(header);
        }
        let answer = self.app.send(req).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = Cookie::parse(cookie.to_str().unwrap()).unwrap();
            let gone = cookie.value().is_empty() || cookie.max_age().is_some_and(|age| age.is_zero());
            match gone {
                true => self.jar.borrow_mut().remove(cookie.name()),
                false => self.jar.borrow_mut().insert(cookie.name().to_owned(), cookie.value().to_owned()),
            };
        }
        answer
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.borrow().get(name).cloned()
    }
}

pub fn api_request(method: Method, path: &str, body: Value) -> TestRequest {
    let req = TestRequest::with_uri(&format!("/api/v1{path}")).method(method);
    if body.is_null() { req } else { req.set_json(body) }
}

/// What the form with this action would send as it stands on the page.
pub fn form_of(html: &str, action: &str) -> Option<Vec<(String, String)>> {
    use scraper::{Html, Selector};
    let page = Html::parse_document(html);
    let select = |css: &str| Selector::parse(css).unwrap();
    let form = page.select(&select("form")).find(|f| f.value().attr("action") == Some(action))?;
    let mut fields = Vec::new();
    for input in form.select(&select("input, textarea, select")) {
        let Some(name) = input.value().attr("name") else { continue };
        let kind = input.value().attr("type").unwrap_or("text");
        if matches!(kind, "checkbox" | "radio") && input.value().attr("checked").is_none() || input.value().attr("disabled").is_some() {
            continue;
        }
        let value = match input.value().name() {
            "textarea" => input.text().collect::<String>().trim_start_matches('\n').to_owned(),
            "select" => {
                let options: Vec<_> = input.select(&select("option")).collect();
                let chosen = options.iter().find(|o| o.value().attr("selected").is_some()).or(options.first());
                chosen.and_then(|o| o.value().attr("value")).unwrap_or_default().to_owned()
            }
            _ => input.value().attr("value").unwrap_or(if kind == "checkbox" { "on" } else { "" }).to_owned(),
        };
        fields.push((name.to_owned(), value));
    }
    Some(fields)
}
