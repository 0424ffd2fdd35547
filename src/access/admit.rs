//! `admit`: may this person, signed in this way, enter this organization now? Pure; asked at every request.

use super::policy::Policy;
use super::standing::Relation;

/// What a session or token has proved about its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assurance {
    /// The person has a confirmed second factor.
    pub mfa_enrolled: bool,
    /// This session proved it; for a token, the session that made it.
    pub mfa_proved: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Admitted,
    /// Set up a second factor first.
    EnrolMfa,
    /// Prove the second factor first.
    VerifyMfa,
    Suspended,
    /// Neither member nor external: there is nothing here.
    Stranger,
}

pub fn admit(policy: &Policy, relation: &Relation, assurance: Assurance) -> Verdict {
    let external = match relation {
        Relation::Stranger => return Verdict::Stranger,
        Relation::Suspended => return Verdict::Suspended,
        Relation::External => true,
        Relation::Member => false,
    };
    match (policy.wants_mfa(external), assurance) {
        (false, _) | (true, Assurance { mfa_enrolled: true, mfa_proved: true }) => Verdict::Admitted,
        (true, Assurance { mfa_enrolled: false, .. }) => Verdict::EnrolMfa,
        (true, Assurance { mfa_proved: false, .. }) => Verdict::VerifyMfa,
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::Mfa;
    use super::*;

    #[test]
    fn the_table_of_admission() {
        let off = Policy::default();
        let on = Policy { mfa: Mfa::Enrolled, ..Policy::default() };
        let members_only = Policy { mfa_externals: false, ..on.clone() };
        let bare = Assurance { mfa_enrolled: false, mfa_proved: false };
        let asleep = Assurance { mfa_enrolled: true, mfa_proved: false };
        let strong = Assurance { mfa_enrolled: true, mfa_proved: true };
        for (policy, relation, assurance, expected) in [
            (&off, Relation::Member, bare, Verdict::Admitted),
            (&on, Relation::Member, bare, Verdict::EnrolMfa),
            (&on, Relation::Member, asleep, Verdict::VerifyMfa),
            (&on, Relation::Member, strong, Verdict::Admitted),
            (&on, Relation::External, bare, Verdict::EnrolMfa),
            (&members_only, Relation::External, bare, Verdict::Admitted),
            (&members_only, Relation::Member, bare, Verdict::EnrolMfa),
            (&off, Relation::Suspended, strong, Verdict::Suspended),
            (&off, Relation::Stranger, strong, Verdict::Stranger),
        ] {
            assert_eq!(admit(policy, &relation, assurance), expected, "{policy:?} {relation:?} {assurance:?}");
        }
    }
}
