//! The tables that triggers keep: counts, and people from outside in the order of their list. Nothing here writes them.

diesel::table! {
    org_counts (org_id) {
        org_id -> Text,
        members -> BigInt,
        suspended -> BigInt,
        without_mfa -> BigInt,
        active_without_mfa -> BigInt,
    }
}

diesel::table! {
    role_counts (org_id, role_id) {
        org_id -> Text,
        role_id -> Text,
        holders -> BigInt,
    }
}

diesel::table! {
    externals (org_id, user_id) {
        org_id -> Text,
        user_id -> Text,
        name -> Text,
        name_key -> Text,
        email -> Text,
        email_key -> Text,
        mfa -> Bool,
        valid_to -> BigInt,
    }
}
