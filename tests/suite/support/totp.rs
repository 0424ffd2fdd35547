//! Somebody's authenticator.

use totp_rs::{Builder, Secret};

use super::App;

pub struct Authenticator {
    seed: String,
}

impl Authenticator {
    /// From the key as the page shows it, in groups of four.
    pub fn of(key: &str) -> Self {
        Self { seed: key.split_whitespace().collect() }
    }

    pub fn seed(&self) -> &str {
        &self.seed
    }

    /// The code that it shows now.
    pub fn code(&self, app: &App) -> String {
        let totp = Builder::new().with_secret(Secret::try_from_base32(&self.seed).unwrap()).with_account_name("account".to_owned()).build().unwrap();
        let now = u64::try_from(app.world().now().seconds()).unwrap();
        totp.generate(now).to_string()
    }
}
