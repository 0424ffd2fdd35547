//! The heart: who may do what, and why.
//!
//! [`Standing`] is what one principal is and holds in one organization (one query, `store.rs`). From it, purely:
//! [`decide`] says whether an act is allowed, [`admit`] whether the person may enter at all under the policy.
//! After every change [`invariants`] hold or nothing happened, and [`preview`] tells by name what a change would do.
//! There are no denies: access is the union of grants on the thing and what it lies in, whose subject is the person, one of
//! their roles, or everyone. ADMIN gives everything in its organization.

pub mod admit;
pub mod decide;
pub mod give;
pub mod impact;
pub mod invariants;
pub mod permissions;
pub mod policy;
pub mod preview;
pub mod standing;
pub mod store;

pub use admit::{Verdict, admit};
pub use decide::{Action, Need, decide};
pub use impact::Impact;
pub use permissions::Perms;
pub use policy::{Mfa, Policy};
pub use preview::Population;
pub use standing::{OrgHead, OrgRef, ProjectHead, Ref, Relation, RoleHeld, Standing};
