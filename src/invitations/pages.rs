//! Pages.

use crate::base::web::routes::Routes;

pub fn routes(r: &mut Routes) {
    super::accept_pages::routes(r);
}
