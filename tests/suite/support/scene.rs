//! One organization with somebody of every kind around it, and an example call of every route of the API.

use bailiwick::base::web::api::ApiRoute;

use super::{App, DELETE, GET, Method, PATCH, POST, PUT, Person, Value, json};

/// Acme, with projects Apollo (open to Eva) and Empty, the role helpers, an open invitation.
pub struct Scene {
    pub app: App,
    /// ADMIN; Ada is a second one beside her.
    pub ana: Person,
    /// Plain member.
    pub mia: Person,
    pub bob: Person,
    /// Suspended member.
    pub sam: Person,
    /// Owner of Apollo, and a plain member otherwise.
    pub pia: Person,
    /// From outside, viewer of Apollo.
    pub eva: Person,
    /// ADMIN of another organization.
    pub uma: Person,
    /// In no organization.
    pub sid: Person,
    pub olga: Person,
    pub org: String,
    pub apollo: String,
    pub empty: String,
    pub grant: String,
    pub role: String,
    pub invitation: String,
    /// An import that is checked, and one that is not yet.
    pub import: String,
    pub unchecked: String,
    /// The event of Sam's suspension.
    pub event: String,
    pub session: String,
    pub token: String,
}

pub const PROJECT_PATHS: &str = "/orgs/acme/projects";

impl App {
    /// Creates an organization and returns its id.
    pub async fn org(&self, admin: &Person, name: &str) -> String {
        id(&admin.api(POST, "/orgs", json!({"name": name})).await.is(201).json())
    }

    /// Makes people members, by the operator.
    pub async fn join(&self, org: &str, people: &[(&Person, &[&str])]) {
        let members: Vec<Value> = people.iter().map(|(p, roles)| json!({"email": p.email, "roles": roles})).collect();
        self.operator().api(POST, &format!("/orgs/{org}/members"), json!({"members": members})).await.is(200);
    }
}

pub fn id(record: &Value) -> String {
    record["id"].as_str().unwrap_or_else(|| panic!("no id in {record}")).to_owned()
}

impl Person {
    /// This person's membership in an organization, as another sees it.
    pub async fn member_of(&self, org: &str, seen_by: &Person) -> Value {
        let list = seen_by.reads(&format!("/orgs/{org}/members?q={}", self.email)).await;
        list["items"].as_array().unwrap().iter().find(|m| m["user_id"] == self.id.as_str()).unwrap_or_else(|| panic!("not a member: {list}")).clone()
    }
    pub async fn member_id(&self, org: &str, seen_by: &Person) -> String {
        id(&self.member_of(org, seen_by).await)
    }
    /// The id of what happened last in an organization.
    pub async fn last_event(&self, org: &str) -> String {
        id(&self.reads(&format!("/orgs/{org}/audit-events?limit=1")).await["items"][0])
    }
    /// Gives access to a project and returns the grant's id.
    pub async fn shares(&self, project: &str, subject: Value, role: &str) -> String {
        id(&self.api(POST, &format!("{project}/grants"), json!({"subject": subject, "role": role})).await.is(201).json())
    }
}

impl Scene {
    pub async fn set(app: &App) -> Self {
        let person = |name: &str| app.person(name);
        let (ana, ada, mia, bob, sam) = (person("Ana Ruiz"), person("Ada Moss"), person("Mia Holt"), person("Bob Kerr"), person("Sam Vane"));
        let (pia, eva, uma, sid) = (person("Pia Lund"), person("Eva Stein"), person("Uma Rao"), person("Sid Webb"));
        let org = app.org(&ana, "Acme").await;
        app.org(&uma, "Beta").await;
        app.join("acme", &[(&ada, &["ADMIN"]), (&mia, &["DEFAULT"]), (&bob, &["DEFAULT"]), (&sam, &["DEFAULT"]), (&pia, &["DEFAULT"])]).await;
        let apollo = id(&ana.api(POST, PROJECT_PATHS, json!({"name": "Apollo"})).await.is(201).json());
        let empty = id(&ana.api(POST, PROJECT_PATHS, json!({"name": "Empty"})).await.is(201).json());
        let at = "/orgs/acme/projects/apollo";
        let grant = ana.shares(at, json!({"kind": "user", "email": eva.email}), "viewer").await;
        ana.shares(at, json!({"kind": "user", "id": pia.id}), "owner").await;
        let role = id(&ana.api(POST, "/orgs/acme/roles", json!({"name": "Helpers", "permissions": ["members.invite"]})).await.is(201).json());
        let invited = ana.api(POST, "/orgs/acme/invitations", json!({"emails": ["ivy@people.example"]})).await.is(200).json();
        let invitation = id(&invited["items"][0]);
        let import = id(&ana.api(POST, "/orgs/acme/imports", json!({"csv": "email\nivo@people.example"})).await.is(201).json());
        bailiwick::imports::worker::work_due(app.world()).unwrap();
        let unchecked = id(&ana.api(POST, "/orgs/acme/imports", json!({"csv": "email\niris@people.example"})).await.is(201).json());
        let sams = sam.member_id("acme", &ana).await;
        ana.api(PATCH, &format!("/orgs/acme/members/{sams}"), json!({"status": "suspended"})).await.is(200);
        let event = ana.last_event("acme").await;
        let session = ana.sign_in(false).to_string();
        let token = id(&ana.api(POST, "/me/tokens", json!({"name": "Spare"})).await.is(201).json());
        Self {
            olga: app.operator(),
            app: app.clone(),
            ana,
            mia,
            bob,
            sam,
            pia,
            eva,
            uma,
            sid,
            org,
            apollo,
            empty,
            grant,
            role,
            invitation,
            import,
            unchecked,
            event,
            session,
            token,
        }
    }

    /// A route's path with the ids of this scene in it. What is deleted or emptied is what nobody uses.
    pub async fn path(&self, route: &ApiRoute) -> String {
        let mut path = route.path.to_owned();
        let project = if route.path.ends_with("{project}") && route.method == DELETE { &self.empty } else { &self.apollo };
        let bob = self.bob.member_id("acme", &self.ana).await;
        let user = if route.path.contains("externals") { &self.eva.id } else { &self.mia.id };
        for (name, value) in [
            ("{org}", &self.org),
            ("{project}", project),
            ("{grant}", &self.grant),
            ("{role}", &self.role),
            ("{member}", &bob),
            ("{user}", user),
            ("{invitation}", &self.invitation),
            ("{import}", if route.path.ends_with("/stop") { &self.unchecked } else { &self.import }),
            ("{event}", &self.event),
            ("{session}", &self.session),
            ("{token}", &self.token),
        ] {
            path = path.replace(name, value);
        }
        assert!(!path.contains('{'), "the scene knows no example for a part of {}: add one", route.path);
        if route.path.ends_with("/access/explanations") {
            path.push_str(&format!("?subject={}&scope=apollo", self.eva.id));
        }
        path
    }

    /// A body with which the route would do something.
    pub fn body(&self, route: &ApiRoute) -> Value {
        if route.method == GET || route.method == DELETE {
            return Value::Null;
        }
        match (&route.method, route.path) {
            (&POST, "/orgs") => json!({"name": "Gamma"}),
            (&PATCH, "/orgs/{org}") => json!({"description": "Makes things"}),
            (&POST, "/orgs/{org}/projects") => json!({"name": "Mercury"}),
            (&PATCH, "/orgs/{org}/projects/{project}") => json!({"description": "To the moon"}),
            (&POST, "/orgs/{org}/projects/{project}/grants") => json!({"subject": {"kind": "everyone"}, "role": "viewer"}),
            (&PATCH, "/orgs/{org}/projects/{project}/grants/{grant}") => json!({"role": "editor"}),
            (&POST, "/orgs/{org}/roles") => json!({"name": "Readers", "permissions": ["members.read"]}),
            (&PATCH, "/orgs/{org}/roles/{role}") => json!({"description": "They help"}),
            (&POST, "/orgs/{org}/members") => json!({"members": [{"email": self.sid.email}]}),
            (&PATCH, "/orgs/{org}/members/{member}") => json!({"status": "suspended"}),
            (&POST, "/orgs/{org}/member-changes") => json!({"change": "add_role", "role": "helpers", "filter": {"q": "bob"}}),
            (&POST, "/orgs/{org}/invitations") => json!({"emails": ["new@people.example"]}),
            (&POST, "/orgs/{org}/invitations/{invitation}/deliveries") => Value::Null,
            (&POST, "/orgs/{org}/imports") => json!({"csv": "email\ninge@people.example"}),
            (&POST, "/orgs/{org}/imports/{import}/run" | "/orgs/{org}/imports/{import}/stop") => Value::Null,
            (&POST, "/orgs/{org}/audit-events/{event}/undo") => Value::Null,
            (&PUT, "/orgs/{org}/security-policy") => json!({"mfa": "enrolled", "mfa_externals": true}),
            (&PATCH, "/me") => json!({"name": "Another Name"}),
            (&POST, "/me/tokens") => json!({"name": "One more"}),
            (&PUT, "/instance") => json!({"org_creation": "operators", "admin_page": true}),
            (method, path) => panic!("the scene knows no example body for {method} {path}: add one"),
        }
    }

    /// Who this scene's kinds of principal are.
    pub fn everybody(&self) -> [(&'static str, Option<&Person>); 9] {
        [
            ("nobody", None),
            ("stranger", Some(&self.sid)),
            ("other", Some(&self.uma)),
            ("external", Some(&self.eva)),
            ("suspended", Some(&self.sam)),
            ("member", Some(&self.mia)),
            ("owner", Some(&self.pia)),
            ("ADMIN", Some(&self.ana)),
            ("operator", Some(&self.olga)),
        ]
    }

    /// Calls as somebody, or as nobody.
    pub async fn call(&self, who: Option<&Person>, method: Method, path: &str, body: Value) -> super::Answer {
        match who {
            Some(person) => person.api(method, path, body).await,
            None => self.app.send(super::people::api_request(method, path, body)).await,
        }
    }
}
