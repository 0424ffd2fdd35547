//! What is secret is in no table: neither passwords nor tokens, links, seeds or codes.

use diesel::RunQueryDsl as _;
use diesel::sql_types::Text;

use crate::support::app::PASSWORD;
use crate::support::databases::Kind;
use crate::support::{App, POST, each, json};

#[derive(diesel::QueryableByName)]
struct Cell {
    #[diesel(sql_type = Text)]
    value: String,
}

/// Every value of every text column, with the place that it stands in.
fn everything(app: &App) -> Vec<(String, String)> {
    let columns = match app.kind() {
        Kind::Sqlite => "SELECT m.name || '.' || c.name AS value FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.type = 'TEXT'",
        Kind::Postgres => "SELECT table_name || '.' || column_name AS value FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text'",
    };
    let mut c = app.by_hand();
    let mut all = Vec::new();
    for place in diesel::sql_query(columns).load::<Cell>(&mut c).unwrap() {
        let (table, column) = place.value.split_once('.').unwrap();
        let query = format!("SELECT COALESCE({column}, '') AS value FROM {table}");
        all.extend(diesel::sql_query(query).load::<Cell>(&mut c).unwrap().into_iter().map(|cell| (place.value.clone(), cell.value)));
    }
    all
}

#[test]
fn no_secret_rests_in_the_database_in_the_clear() {
    each(|app| async move {
        let (ana, mia) = (app.person("Ana Ruiz"), app.person("Mia Holt"));
        app.org(&ana, "Acme").await;
        let token = ana.api_with(POST, "/me/tokens", json!({"name": "Deploy"}), &[("idempotency-key", "once")]).await.is(201).json();
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": [mia.email]})).await.is(200);
        let (authenticator, codes) = ana.enrols();
        let forget = bailiwick::account::links::ForgetPassword { email: bailiwick::base::text::Email::parse(&mia.email).unwrap() };
        let nobody = bailiwick::base::tx::Caller::of(bailiwick::base::tx::Actor::Nobody, bailiwick::base::tx::Via::Page);
        bailiwick::base::ops::run(app.world(), &nobody, &forget).unwrap();
        let before = everything(&app);
        // The links are known only when the mails are out; the rows from before are looked through too.
        let invitation = app.invitation_token_of(&mia.email, "/invitations/");
        let reset = app.invitation_token_of(&mia.email, "/password/reset/");
        ana.sign_in(true);
        let cookie = ana.cookie("sid").unwrap();
        let key = cookie.rsplit('=').next().unwrap_or_default();
        let mut secrets = vec![
            ("password", PASSWORD.to_owned()),
            ("token", token["secret"].as_str().unwrap().to_owned()),
            ("token's middle", token["secret"].as_str().unwrap()[31..74].to_owned()),
            ("bearer token", ana.token.clone()),
            ("link of the invitation", invitation),
            ("link for a password", reset),
            ("authenticator's seed", authenticator.seed().to_owned()),
            ("session key", key.to_owned()),
        ];
        secrets.extend(codes.iter().map(|code| ("recovery code", code.replace('-', ""))));
        secrets.extend(codes.iter().map(|code| ("recovery code as shown", code.clone())));
        for (place, value) in before.into_iter().chain(everything(&app)) {
            for (what, secret) in &secrets {
                assert!(!secret.is_empty() && !value.contains(secret.as_str()), "the {what} stands in {place}");
            }
        }
    });
}

impl App {
    fn invitation_token_of(&self, address: &str, part: &str) -> String {
        let letters = crate::support::mailbox::of(self, address);
        letters.iter().find(|l| l.text.contains(part)).unwrap_or_else(|| panic!("no mail with {part}")).token(part)
    }
}
