//! The tables, as `diesel print-schema` would print them. A test compares them with both databases.

diesel::table! {
    instance (id) {
        id -> Text,
        seq -> BigInt,
        audit_head -> Text,
        rev -> BigInt,
        org_creation -> Text,
        admin_page -> Bool,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        email -> Text,
        email_key -> Text,
        email_verified_at -> Nullable<BigInt>,
        name -> Text,
        name_key -> Text,
        password_hash -> Nullable<Text>,
        is_operator -> Bool,
        active -> Bool,
        mfa_since -> Nullable<BigInt>,
        last_org_id -> Nullable<Text>,
        last_seen_at -> Nullable<BigInt>,
        rev -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        theme -> Text,
        time_zone -> Text,
        shortcuts -> Bool,
    }
}

diesel::table! {
    authenticators (user_id) {
        user_id -> Text,
        secret_sealed -> Text,
        confirmed_at -> Nullable<BigInt>,
        last_used_step -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    recovery_codes (user_id, code_hash) {
        user_id -> Text,
        code_hash -> Text,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sessions (key_hash) {
        key_hash -> Text,
        id -> Text,
        user_id -> Nullable<Text>,
        state -> Text,
        mfa_at -> Nullable<BigInt>,
        ip -> Text,
        user_agent -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    known_devices (user_id, token_hash) {
        user_id -> Text,
        token_hash -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    one_time_links (token_hash) {
        token_hash -> Text,
        kind -> Text,
        user_id -> Nullable<Text>,
        email -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    rate_limits (bucket) {
        bucket -> Text,
        window_start -> BigInt,
        used -> BigInt,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        secret_hash -> Text,
        last4 -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        rev -> BigInt,
        expires_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
        last_used_ip -> Nullable<Text>,
        revoked_at -> Nullable<BigInt>,
        proved_mfa -> Bool,
    }
}

diesel::table! {
    idempotent_answers (principal, idempotency_key) {
        principal -> Text,
        idempotency_key -> Text,
        request_hash -> Text,
        status -> BigInt,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    orgs (id) {
        id -> Text,
        slug -> Text,
        name -> Text,
        description -> Text,
        policy -> Text,
        seq -> BigInt,
        audit_head -> Text,
        rev -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    policy_versions (org_id, version) {
        org_id -> Text,
        version -> BigInt,
        record -> Text,
        created_by -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    members (org_id, id) {
        org_id -> Text,
        id -> Text,
        user_id -> Text,
        status -> Text,
        name -> Text,
        name_key -> Text,
        email -> Text,
        email_key -> Text,
        mfa -> Bool,
        roles -> Text,
        source_kind -> Text,
        source_id -> Nullable<Text>,
        granted_by -> Text,
        last_seen_at -> Nullable<BigInt>,
        seen_key -> BigInt,
        rev -> BigInt,
        valid_from -> BigInt,
        valid_to -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    roles (org_id, id) {
        org_id -> Text,
        id -> Text,
        role_key -> Text,
        name -> Text,
        description -> Text,
        kind -> Text,
        level -> Text,
        origin -> Text,
        rev -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    role_permissions (org_id, role_id, permission) {
        org_id -> Text,
        role_id -> Text,
        permission -> Text,
    }
}

diesel::table! {
    role_assignments (org_id, id) {
        org_id -> Text,
        id -> Text,
        user_id -> Text,
        role_id -> Text,
        source_kind -> Text,
        source_id -> Nullable<Text>,
        granted_by -> Text,
        valid_from -> BigInt,
        valid_to -> BigInt,
    }
}

diesel::table! {
    workspaces (org_id, id) {
        org_id -> Text,
        id -> Text,
        slug -> Text,
        name -> Text,
        rev -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    projects (org_id, id) {
        org_id -> Text,
        id -> Text,
        workspace_id -> Text,
        slug -> Text,
        name -> Text,
        name_key -> Text,
        description -> Text,
        rev -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        access_until -> BigInt,
    }
}

diesel::table! {
    grants (org_id, id) {
        org_id -> Text,
        id -> Text,
        scope_kind -> Text,
        scope_id -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        role_id -> Text,
        source_kind -> Text,
        source_id -> Nullable<Text>,
        granted_by -> Text,
        rev -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        valid_from -> BigInt,
        valid_to -> BigInt,
    }
}

diesel::table! {
    invitations (org_id, id) {
        org_id -> Text,
        id -> Text,
        email -> Text,
        email_key -> Text,
        token_hash -> Text,
        generation -> BigInt,
        status -> Text,
        membership -> Bool,
        invited_by -> Text,
        accepted_by -> Nullable<Text>,
        mail_id -> Nullable<Text>,
        sent_at -> BigInt,
        expires_at -> BigInt,
        closed_at -> Nullable<BigInt>,
        rev -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    invitation_gifts (org_id, invitation_id, scope_kind, scope_id, role_id) {
        org_id -> Text,
        invitation_id -> Text,
        scope_kind -> Text,
        scope_id -> Text,
        role_id -> Text,
    }
}

diesel::table! {
    audit_events (org_id, seq) {
        org_id -> Text,
        seq -> BigInt,
        id -> Text,
        at -> BigInt,
        actor_kind -> Text,
        actor_id -> Text,
        actor_name -> Text,
        action -> Text,
        outcome -> Text,
        target_kind -> Text,
        target_id -> Text,
        target_name -> Text,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        summary -> Text,
        search -> Text,
        via -> Text,
        session_hash -> Text,
        ip -> Text,
        request_id -> Text,
        hash -> Text,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        org_id -> Nullable<Text>,
        kind -> Text,
        recipient -> Text,
        message_id -> Text,
        sealed -> Text,
        state -> Text,
        attempts -> BigInt,
        next_at -> BigInt,
        lease -> Text,
        lease_until -> BigInt,
        last_error -> Text,
        expires_at -> BigInt,
        created_at -> BigInt,
        sent_at -> Nullable<BigInt>,
    }
}

diesel::joinable!(members -> users (user_id));
diesel::joinable!(members -> orgs (org_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(api_tokens -> users (user_id));
diesel::joinable!(role_assignments -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    instance,
    users,
    authenticators,
    recovery_codes,
    sessions,
    known_devices,
    one_time_links,
    rate_limits,
    api_tokens,
    idempotent_answers,
    orgs,
    policy_versions,
    members,
    roles,
    role_permissions,
    role_assignments,
    workspaces,
    projects,
    grants,
    invitations,
    invitation_gifts,
    audit_events,
    outbox
);
