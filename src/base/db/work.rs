//! The tables of what is worked on in the background, piece by piece.

diesel::table! {
    imports (org_id, id) {
        org_id -> Text,
        id -> Text,
        file_name -> Text,
        way -> Text,
        state -> Text,
        message -> Text,
        size -> BigInt,
        position -> BigInt,
        total -> BigInt,
        ready -> BigInt,
        done -> BigInt,
        by_user -> Text,
        proved_mfa -> Bool,
        due_at -> BigInt,
        lease -> Text,
        lease_until -> BigInt,
        started_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        rev -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    import_files (org_id, import_id) {
        org_id -> Text,
        import_id -> Text,
        content -> Text,
    }
}

diesel::table! {
    import_rows (org_id, import_id, line) {
        org_id -> Text,
        import_id -> Text,
        line -> BigInt,
        email -> Text,
        email_key -> Text,
        name -> Text,
        roles -> Text,
        projects -> Text,
        state -> Text,
        message -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(imports, import_rows);
