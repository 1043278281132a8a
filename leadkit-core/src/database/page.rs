//! Pages that go on behind the last one's end.

use std::str::FromStr;

use crate::error::{Error, ErrorCode, Result};
use crate::model::report::Page;

/// Results of a page when the caller does not say.
const LIMIT: u64 = 100;

/// Which page of a list is asked for.
pub(super) struct Asked<T> {
    /// Where the page before ended; none for the first.
    pub(super) cursor: Option<T>,
    limit: u64,
}

impl<T: FromStr> Asked<T> {
    /// # Errors
    /// `invalid_argument` for a cursor that no page of `what` gave.
    pub(super) fn new(cursor: Option<&str>, limit: u64, what: &str) -> Result<Self> {
        let wrong = |_| {
            let message = format!("this cursor belongs to no page of {what}");
            Error::new(ErrorCode::InvalidArgument, message).at_field("cursor")
        };
        let cursor = cursor.map(|text| text.parse().map_err(wrong)).transpose()?;
        Ok(Asked { cursor, limit: if limit == 0 { LIMIT } else { limit } })
    }

    /// How many to read: one more than the page has, which tells whether another one follows.
    pub(super) fn read(&self) -> u64 {
        self.limit.saturating_add(1)
    }

    /// The page of what was read; `end` is where the next one goes on, by the page's last result.
    pub(super) fn page<I>(&self, mut items: Vec<I>, end: impl Fn(&I) -> String) -> Page<I> {
        let more = items.len() as u64 > self.limit;
        items.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        let next_cursor = items.last().filter(|_| more).map(end);
        Page { items, next_cursor }
    }
}
