//! Pages of one's own account, and the doors to it.

mod email;
mod mfa;
mod password;
mod profile;
mod sessions;
mod sign_in;
mod tokens;
mod unsaved;

use crate::base::web::routes::{Routes, Who};

pub fn routes(r: &mut Routes) {
    r.get(Who::Anyone, "/login", sign_in::page);
    r.post(Who::Anyone, "/login", sign_in::password);
    r.get(Who::Anyone, "/login/code", sign_in::code_page);
    r.post(Who::Anyone, "/login/code", sign_in::code);
    r.post(Who::Anyone, "/logout", sign_in::out);
    r.get(Who::SignedIn, "/reauthenticate", sign_in::again_page);
    r.post(Who::SignedIn, "/reauthenticate", sign_in::again);
    r.get(Who::SignedIn, "/signed-in", unsaved::signed_in);
    r.get(Who::SignedIn, "/unsaved", unsaved::page);
    r.post(Who::SignedIn, "/unsaved", unsaved::discard);
    r.get(Who::Anyone, "/password/forgotten", password::forgotten_page);
    r.post(Who::Anyone, "/password/forgotten", password::forgotten);
    r.get(Who::Anyone, "/password/reset", password::reset_page);
    r.post(Who::Anyone, "/password/reset", password::reset);
    r.get(Who::Anyone, "/password/reset/{token}", password::link);
    r.get(Who::Anyone, "/email/confirm", email::page);
    r.post(Who::Anyone, "/email/confirm", email::confirm);
    r.get(Who::Anyone, "/email/confirm/{token}", email::link);
    r.get(Who::SignedIn, "/me", profile::page);
    r.post(Who::SignedIn, "/me", profile::save);
    // A form that was not taken stays at its address; whoever comes back there sees the page again.
    for path in ["/me/email", "/me/email/confirmation", "/me/password"] {
        r.get(Who::SignedIn, path, profile::page);
    }
    for path in ["/me/mfa/confirm", "/me/mfa/codes"] {
        r.get(Who::SignedIn, path, mfa::page);
    }
    r.post(Who::SignedIn, "/me/email", profile::change_email);
    r.post(Who::SignedIn, "/me/email/confirmation", profile::send_confirmation);
    r.post(Who::SignedIn, "/me/password", profile::change_password);
    r.get(Who::SignedIn, "/me/mfa", mfa::page);
    r.post(Who::SignedIn, "/me/mfa", mfa::start);
    r.post(Who::SignedIn, "/me/mfa/confirm", mfa::confirm);
    r.post(Who::SignedIn, "/me/mfa/codes", mfa::renew_codes);
    r.get(Who::SignedIn, "/me/mfa/off", mfa::off_page);
    r.post(Who::SignedIn, "/me/mfa/off", mfa::off);
    r.get(Who::SignedIn, "/me/sessions", sessions::page);
    r.post(Who::SignedIn, "/me/sessions/others/end", sessions::end_others);
    r.post(Who::SignedIn, "/me/sessions/{session}/end", sessions::end);
    r.get(Who::SignedIn, "/me/tokens", tokens::page);
    r.post(Who::SignedIn, "/me/tokens", tokens::create);
    r.get(Who::SignedIn, "/me/tokens/{token}/revoke", tokens::ask);
    r.post(Who::SignedIn, "/me/tokens/{token}/revoke", tokens::revoke);
}
