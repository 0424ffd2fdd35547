//! Counters of tries, in the database, so that every process counts the same and a restart forgets nothing.

use diesel::prelude::*;

use super::schema::rate_limits as r;
use super::time::SECOND;
use super::{Both, Conn, Ts};
use crate::base::error::{Error, Result};

/// Counts one try of `bucket` in one statement and refuses when there are more than `most` in `window` microseconds.
/// Whoever finds the try was a good one gives it back.
pub fn take(c: &mut Conn, bucket: &str, most: i64, window: i64, now: Ts, message: &str) -> Result<()> {
    // A window that is over starts anew; both in the one statement, so that parallel tries cannot pass together.
    diesel::delete(r::table.filter(r::bucket.eq(bucket).and(r::window_start.le(now.minus(window))))).execute(c)?;
    let (start, used): (Ts, i64) = Both(
        diesel::insert_into(r::table)
            .values((r::bucket.eq(bucket), r::window_start.eq(now), r::used.eq(1)))
            .on_conflict(r::bucket)
            .do_update()
            .set(r::used.eq(r::used + 1))
            .returning((r::window_start, r::used)),
    )
    .get_result(c)?;
    if used <= most {
        return Ok(());
    }
    let wait = (start.plus(window).0 - now.0 + SECOND - 1) / SECOND;
    Err(Error::Limited { retry_after: wait, message: message.into() })
}

pub fn give_back(c: &mut Conn, bucket: &str) -> Result<()> {
    diesel::update(r::table.filter(r::bucket.eq(bucket).and(r::used.gt(0)))).set(r::used.eq(r::used - 1)).execute(c)?;
    Ok(())
}

pub fn clear(c: &mut Conn, bucket: &str) -> Result<()> {
    diesel::delete(r::table.filter(r::bucket.eq(bucket))).execute(c)?;
    Ok(())
}

pub fn used(c: &mut Conn, bucket: &str, window: i64, now: Ts) -> Result<i64> {
    let used: Option<i64> = r::table.filter(r::bucket.eq(bucket).and(r::window_start.gt(now.minus(window)))).select(r::used).first(c).optional()?;
    Ok(used.unwrap_or(0))
}
