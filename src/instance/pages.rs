//! Pages of the installation: its first set-up, and what its operators see and decide.

mod operators;
mod set_up;

use crate::base::web::routes::{Routes, Who};

pub fn routes(r: &mut Routes) {
    r.get(Who::Anyone, "/setup", set_up::page);
    r.post(Who::Anyone, "/setup", set_up::set_up);
    r.get(Who::Operator, "/instance", operators::settings);
    r.post(Who::Operator, "/instance", operators::save);
    r.get(Who::Operator, "/instance/organizations", operators::organizations);
    r.get(Who::Operator, "/instance/users", operators::users);
    r.get(Who::Operator, "/instance/users/{user}", operators::user);
}
