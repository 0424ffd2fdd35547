//! Writes: the installation's settings.

use serde::Deserialize;

use super::{Instance, OrgCreation, store};
use crate::access::{Action, Need};
use crate::base::audit::{INSTANCE, Target};
use crate::base::error::Result;
use crate::base::form;
use crate::base::ops::{Command, Place};
use crate::base::tx::Tx;

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateInstance {
    pub org_creation: OrgCreation,
    #[serde(deserialize_with = "form::truth")]
    pub admin_page: bool,
}

impl Command for UpdateInstance {
    const ACTION: Action = Action::new("instance.update", Need::Operator).fresh();
    type Output = Instance;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Instance> {
        let before = store::instance(tx.c)?;
        tx.expect_rev(before.rev)?;
        let after =
            Instance { org_creation: self.org_creation, admin_page: self.admin_page, rev: before.rev + 1, updated_at: tx.now, ..before.clone() };
        store::update(tx.c, &after)?;
        tx.record(Target::new("instance", INSTANCE, "Installation"), "changed the settings of the installation", &before, &after)?;
        Ok(after)
    }
}
