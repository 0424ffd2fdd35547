//! The policy of an organization: one versioned record. It grows with what the console can enforce; every field in it acts.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mfa {
    #[default]
    Off,
    /// It must be set up, and is asked for at sign-in as usual.
    Enrolled,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Whether people need a second factor.
    pub mfa: Mfa,
    /// Whether that binds externals too.
    pub mfa_externals: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { mfa: Mfa::Off, mfa_externals: true }
    }
}

impl Policy {
    /// Reads the stored record. Fields that an older version did not know take their defaults.
    pub fn read(stored: &str) -> crate::base::error::Result<Self> {
        #[derive(Deserialize)]
        #[serde(default)]
        struct Stored {
            mfa: Mfa,
            mfa_externals: bool,
        }
        impl Default for Stored {
            fn default() -> Self {
                let Policy { mfa, mfa_externals } = Policy::default();
                Self { mfa, mfa_externals }
            }
        }
        let Stored { mfa, mfa_externals } = serde_json::from_str(stored)?;
        Ok(Self { mfa, mfa_externals })
    }

    pub fn wants_mfa(&self, external: bool) -> bool {
        self.mfa != Mfa::Off && (!external || self.mfa_externals)
    }
}
