//! The SQL of invitations.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::Invitation;
use crate::base::db::schema::{invitation_gifts as x, invitations as i, users as u};
use crate::base::db::statement::Value;
use crate::base::db::{Conn, Ts, dialect, named, typed};
use crate::base::error::Result;
use crate::base::ids::{Id, InvitationId, OrgId, RoleId, UserId};
use crate::base::order::{Column, Columns, Order};
use crate::base::text::Email;
use crate::members::Held;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    org_id: String,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    generation: i64,
    #[diesel(sql_type = Text)]
    invited_by: String,
    #[diesel(sql_type = BigInt)]
    expires_at: i64,
    #[diesel(sql_type = BigInt)]
    rev: i64,
    #[diesel(sql_type = BigInt)]
    created_at: i64,
    #[diesel(sql_type = BigInt)]
    updated_at: i64,
    #[diesel(sql_type = Text)]
    delivery: String,
    #[diesel(sql_type = Text)]
    delivery_error: String,
    #[diesel(sql_type = Nullable<Text>)]
    roles: Option<String>,
}

impl Row {
    fn read(self, now: Ts) -> (OrgId, Invitation) {
        let status = if self.status == "pending" && self.expires_at <= now.0 { "expired".to_owned() } else { self.status };
        let roles = self
            .roles
            .iter()
            .flat_map(|lines| lines.split('\n'))
            .filter_map(|line| {
                let mut parts = line.splitn(3, '\t');
                Some(Held { id: parts.next()?.to_owned(), key: parts.next()?.to_owned(), name: parts.next()?.to_owned() })
            })
            .collect();
        let invitation = Invitation {
            id: InvitationId::known(self.id),
            email: self.email,
            status,
            delivery: self.delivery,
            delivery_error: self.delivery_error,
            roles,
            invited_by: self.invited_by,
            expires_at: Ts(self.expires_at),
            rev: self.rev,
            created_at: Ts(self.created_at),
            updated_at: Ts(self.updated_at),
            generation: self.generation,
            link_is_theirs: false,
        };
        (OrgId::known(self.org_id), invitation)
    }
}

fn select(c: &Conn) -> String {
    format!(
        "SELECT i.org_id AS org_id, i.id AS id, i.email AS email, i.status AS status, i.generation AS generation, i.invited_by AS invited_by, i.expires_at AS expires_at,
           i.rev AS rev, i.created_at AS created_at, i.updated_at AS updated_at, COALESCE(o.state, 'queued') AS delivery, COALESCE(o.last_error, '') AS delivery_error,
           (SELECT {} FROM invitation_gifts a JOIN roles r ON r.org_id = a.org_id AND r.id = a.role_id
             WHERE a.org_id = i.org_id AND a.invitation_id = i.id AND a.scope_kind = 'org') AS roles
         FROM invitations i LEFT JOIN outbox o ON o.id = i.mail_id",
        dialect::join_roles(c)
    )
}

pub fn get(c: &mut Conn, org: &OrgId, id: &str, now: Ts) -> Result<Option<Invitation>> {
    let text = format!("{} WHERE i.org_id = $1 AND i.id = $2", select(c));
    let mut rows: Vec<Row> = named(text).bind(org).bind(id).load(c)?;
    Ok(rows.pop().map(|r| r.read(now).1))
}

pub fn by_token(c: &mut Conn, hash: &str, now: Ts) -> Result<Option<(OrgId, Invitation)>> {
    let text = format!("{} JOIN orgs g ON g.id = i.org_id AND g.deleted_at IS NULL WHERE i.token_hash = $1", select(c));
    let mut rows: Vec<Row> = named(text).bind(hash).load(c)?;
    Ok(rows.pop().map(|r| r.read(now)))
}

pub const ORDERS: Columns = &[Column::time("created", "i.created_at"), Column::text("email", "i.email_key")];

/// What a list goes on from: the sort key and the id of its last row.
pub fn sort_key(invitation: &Invitation, order: &Order) -> Vec<String> {
    let key = if order.column.is_time { invitation.created_at.0.to_string() } else { invitation.email.to_ascii_lowercase() };
    vec![key, invitation.id.to_string()]
}

pub struct Filter {
    pub q: String,
    /// `pending`, `expired`, `accepted`, `revoked`, `open` or `failed`; empty for all.
    pub status: &'static str,
    pub order: Order,
    pub after: Vec<String>,
}

/// $1 org, $2 now, $3 pattern or '', $4 status or '', $5 and $6 where to go on, $7 how many.
pub fn list(c: &mut Conn, org: &OrgId, filter: &Filter, most: i64, now: Ts) -> Result<Vec<Invitation>> {
    let q = filter.q.trim();
    let pattern = if q.is_empty() { String::new() } else { dialect::anywhere(q) };
    let (beyond, at, id) = match filter.after.as_slice() {
        [at, id] => {
            let at = if filter.order.column.is_time { Value::Int(at.parse().unwrap_or(0)) } else { at.into() };
            (format!("AND {}", filter.order.beyond("i.id", "$5", "$6")), at, id.clone())
        }
        _ => (String::new(), Value::Int(0), String::new()),
    };
    let text = format!(
        "{} WHERE i.org_id = $1 AND ($3 = '' OR i.email_key LIKE $3 ESCAPE '\\')
           AND ($4 = '' OR ($4 = 'expired' AND i.status = 'pending' AND i.expires_at <= $2) OR ($4 = 'pending' AND i.status = 'pending' AND i.expires_at > $2)
                OR ($4 = 'open' AND i.status = 'pending') OR ($4 IN ('accepted', 'revoked') AND i.status = $4)
                OR ($4 = 'failed' AND i.status = 'pending' AND o.state = 'failed'))
           {beyond} {} LIMIT $7",
        select(c),
        filter.order.sql("i.id")
    );
    let rows: Vec<Row> = named(text).bind(org).bind(now.0).bind(pattern).bind(filter.status).bind(at).bind(id).bind(most).load(c)?;
    Ok(rows.into_iter().map(|r| r.read(now).1).collect())
}

/// The figures beside the saved views, counted up to 200.
#[derive(Debug, Clone)]
pub struct ViewCounts {
    pub open: i64,
    pub expired: i64,
    pub failed: i64,
}

impl ViewCounts {
    pub const COUNTED: i64 = 200;
}

pub fn view_counts(c: &mut Conn, org: &OrgId, now: Ts) -> Result<ViewCounts> {
    let text = "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM invitations WHERE org_id = $1 AND status = 'pending' LIMIT 200) AS waiting),
          (SELECT COUNT(*) FROM (SELECT 1 FROM invitations WHERE org_id = $1 AND status = 'pending' AND expires_at <= $2 LIMIT 200) AS e),
          (SELECT COUNT(*) FROM (SELECT 1 FROM outbox o JOIN invitations i ON i.mail_id = o.id AND i.org_id = $1 AND i.status = 'pending'
              WHERE o.org_id = $1 AND o.state = 'failed' LIMIT 200) AS f)";
    let (open, expired, failed) = typed::<(BigInt, BigInt, BigInt)>(text).bind(org).bind(now).get_result::<(i64, i64, i64)>(c)?;
    Ok(ViewCounts { open, expired, failed })
}

pub fn is_member(c: &mut Conn, org: &OrgId, email: &Email, now: Ts) -> Result<bool> {
    use crate::base::db::schema::members as m;
    let found: Option<String> = m::table
        .inner_join(u::table)
        .filter(m::org_id.eq(org).and(m::valid_to.gt(now)).and(u::email_key.eq(email.key())))
        .select(m::id)
        .first(c)
        .optional()?;
    Ok(found.is_some())
}

/// An invitation of this address that can still be taken up.
pub fn open_for(c: &mut Conn, org: &OrgId, email: &Email, now: Ts) -> Result<Option<InvitationId>> {
    Ok(i::table
        .filter(i::org_id.eq(org).and(i::email_key.eq(email.key())).and(i::status.eq("pending")).and(i::expires_at.gt(now)))
        .select(i::id)
        .first(c)
        .optional()?)
}

pub fn close_expired(c: &mut Conn, org: &OrgId, email: &Email, now: Ts) -> Result<()> {
    diesel::update(i::table.filter(i::org_id.eq(org).and(i::email_key.eq(email.key())).and(i::status.eq("pending")).and(i::expires_at.le(now))))
        .set((i::status.eq("revoked"), i::closed_at.eq(now), i::updated_at.eq(now), i::rev.eq(i::rev + 1)))
        .execute(c)?;
    Ok(())
}

pub fn insert(c: &mut Conn, org: &OrgId, invitation: &Invitation, token_hash: &str) -> Result<()> {
    diesel::insert_into(i::table)
        .values((
            i::org_id.eq(org),
            i::id.eq(&invitation.id),
            i::email.eq(&invitation.email),
            i::email_key.eq(invitation.email.to_ascii_lowercase()),
            i::token_hash.eq(token_hash),
            i::generation.eq(invitation.generation),
            i::status.eq("pending"),
            i::membership.eq(true),
            i::invited_by.eq(&invitation.invited_by),
            i::sent_at.eq(invitation.created_at),
            i::expires_at.eq(invitation.expires_at),
            i::rev.eq(invitation.rev),
            i::created_at.eq(invitation.created_at),
            i::updated_at.eq(invitation.updated_at),
        ))
        .execute(c)?;
    Ok(())
}

pub fn renew(c: &mut Conn, org: &OrgId, invitation: &Invitation, token_hash: &str) -> Result<()> {
    diesel::update(i::table.filter(i::org_id.eq(org).and(i::id.eq(&invitation.id))))
        .set((
            i::token_hash.eq(token_hash),
            i::generation.eq(invitation.generation),
            i::expires_at.eq(invitation.expires_at),
            i::sent_at.eq(invitation.updated_at),
            i::rev.eq(invitation.rev),
            i::updated_at.eq(invitation.updated_at),
        ))
        .execute(c)?;
    Ok(())
}

pub fn set_mail(c: &mut Conn, org: &OrgId, id: &InvitationId, mail: &str) -> Result<()> {
    diesel::update(i::table.filter(i::org_id.eq(org).and(i::id.eq(id)))).set(i::mail_id.eq(mail)).execute(c)?;
    Ok(())
}

/// Moves an open invitation to its end; `false` when somebody else did before.
pub fn close(c: &mut Conn, org: &OrgId, id: &InvitationId, status: &str, by: Option<&UserId>, now: Ts) -> Result<bool> {
    let moved = diesel::update(i::table.filter(i::org_id.eq(org).and(i::id.eq(id)).and(i::status.eq("pending"))))
        .set((
            i::status.eq(status),
            i::accepted_by.eq(by.map(ToString::to_string)),
            i::closed_at.eq(now),
            i::updated_at.eq(now),
            i::rev.eq(i::rev + 1),
        ))
        .execute(c)?;
    Ok(moved == 1)
}

/// Makes a withdrawn one an open one again.
pub fn reopen(c: &mut Conn, org: &OrgId, id: &InvitationId, now: Ts) -> Result<()> {
    diesel::update(i::table.filter(i::org_id.eq(org).and(i::id.eq(id)).and(i::status.eq("revoked"))))
        .set((i::status.eq("pending"), i::closed_at.eq(None::<Ts>), i::updated_at.eq(now), i::rev.eq(i::rev + 1)))
        .execute(c)?;
    Ok(())
}

pub fn insert_gift(c: &mut Conn, org: &OrgId, invitation: &InvitationId, scope_kind: &str, scope_id: &str, role: &RoleId) -> Result<()> {
    diesel::insert_into(x::table)
        .values((x::org_id.eq(org), x::invitation_id.eq(invitation), x::scope_kind.eq(scope_kind), x::scope_id.eq(scope_id), x::role_id.eq(role)))
        .execute(c)?;
    Ok(())
}

#[derive(Debug, Clone, Queryable)]
pub struct GiftRow {
    pub scope_kind: String,
    pub scope_id: String,
    pub role_id: RoleId,
}

pub fn gifts(c: &mut Conn, org: &OrgId, invitation: &InvitationId) -> Result<Vec<GiftRow>> {
    Ok(x::table.filter(x::org_id.eq(org).and(x::invitation_id.eq(invitation))).select((x::scope_kind, x::scope_id, x::role_id)).load(c)?)
}

pub fn name_of(c: &mut Conn, user: &str) -> Result<Option<String>> {
    Ok(u::table.filter(u::id.eq(user)).select(u::name).first(c).optional()?)
}
