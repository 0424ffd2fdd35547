//! Pages.

use crate::base::web::routes::Routes;

pub fn routes(_: &mut Routes) {}
