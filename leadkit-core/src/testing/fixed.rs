//! Databases whose time and chance stand still.

use crate::clock::{Clock, Random, Timestamp};
use crate::database::{Database, open_at};
use crate::error::Result;
use crate::model::options::OpenOptions;

/// Opens a database whose clock stands at `now` until [`advance`]d, and whose randomness follows
/// from `seed`.
///
/// # Errors
/// As [`crate::open`].
///
/// ```
/// use leadkit_core::testing;
/// let db = testing::open(":memory:", "2026-03-01T09:00:00Z".parse()?, 1)?;
/// testing::advance(&db, 60.0);
/// assert_eq!(testing::now(&db).to_string(), "2026-03-01T09:01:00.000Z");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn open(url: &str, now: Timestamp, seed: u64) -> Result<Database> {
    open_with(url, OpenOptions::default(), now, seed)
}

/// [`open`] with options.
///
/// # Errors
/// As [`crate::open_with`].
pub fn open_with(url: &str, options: OpenOptions, now: Timestamp, seed: u64) -> Result<Database> {
    open_at(url, options, Clock::fixed(now), Random::fixed(seed))
}

/// Moves the clock of a database that [`open`] gave; other clocks are left alone.
pub fn advance(database: &Database, seconds: f64) {
    database.0.clock.advance(seconds);
}

/// The instant at which a database's clock stands.
pub fn now(database: &Database) -> Timestamp {
    database.0.clock.now()
}

/// The clock of a database, for whatever else is to go by it.
pub fn clock(database: &Database) -> Clock {
    database.0.clock.clone()
}

/// The same database, whose randomness begins anew from a seed.
#[must_use]
pub fn reseeded(database: &Database, seed: u64) -> Database {
    Database(crate::ledger::Session { random: Random::fixed(seed), ..database.0.clone() })
}

/// All that a database holds, one record of JSON a line: equal databases give equal bytes.
///
/// # Errors
/// Those of the store.
pub fn dump(database: &Database) -> Result<String> {
    crate::store::conformance::dump(&*database.0.store)
}

/// A token that cancels itself when a call has asked it so many times: once before each chunk of a
/// bulk operation, so that it stops at the same place every time.
#[must_use]
pub fn cancelled_after(questions: u64) -> crate::progress::CancelToken {
    crate::progress::CancelToken::after(questions)
}

/// Sets how long operations of this process stay taken after it dies; 5 seconds otherwise. For
/// tests that kill processes and go on with what they left.
pub fn set_lease(lease: std::time::Duration) {
    crate::ledger::lease::set_lease(lease);
}

/// Sets how many rows imports of this process write in one transaction; 100,000 otherwise. For tests that
/// interrupt imports between transactions without importing as much.
pub fn set_transaction_rows(rows: u64) {
    crate::import::set_transaction_rows(rows);
}
