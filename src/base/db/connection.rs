//! The enum connection, and the two helpers that diesel's generated backend needs.

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{PgConnection, QueryResult, RunQueryDsl, Selectable, SqliteConnection};
use diesel::{pg::Pg, sqlite::Sqlite};

#[derive(diesel::MultiConnection)]
pub enum Conn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A query that diesel can build for both real backends but not for the generated one (ON CONFLICT, for one):
/// the building of its SQL is left to the backend that is connected.
#[derive(Debug, Clone, Copy)]
pub struct Both<Q>(pub Q);

impl<Q> QueryFragment<MultiBackend> for Both<Q>
where
    Q: QueryFragment<Pg> + QueryFragment<Sqlite>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(&self.0, pass)
    }
}
impl<Q: QueryId> QueryId for Both<Q> {
    type QueryId = Q::QueryId;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}
impl<Q: Query> Query for Both<Q> {
    type SqlType = Q::SqlType;
}
impl<Q> RunQueryDsl<Conn> for Both<Q> {}

/// The columns of a row struct for RETURNING; `as_returning()` would name the generated backend in its type.
pub fn cols<T: Selectable<MultiBackend>>() -> T::SelectExpression {
    T::construct_selection()
}

impl Conn {
    /// Opens a transaction that will write. On SQLite it takes the write lock at once (BEGIN IMMEDIATE), so that waiting
    /// happens here under `busy_timeout` and never as a busy error in the middle that cannot be retried.
    pub fn begin_write(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
            Self::Postgres(c) => AnsiTransactionManager::begin_transaction(c),
        }
    }

    pub fn commit(&mut self) -> QueryResult<()> {
        <Self as diesel::Connection>::TransactionManager::commit_transaction(self)
    }

    /// Undoes the open transaction. A failure here means that the connection is gone, and the transaction with it.
    pub fn rollback(&mut self) {
        if let Err(e) = <Self as diesel::Connection>::TransactionManager::rollback_transaction(self) {
            tracing::debug!("rollback on a broken connection: {e}");
        }
    }

    /// `f` in a read transaction, so that the queries of one page see one state.
    pub fn snapshot<T, E: From<diesel::result::Error>>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        diesel::Connection::transaction(self, f)
    }
}
