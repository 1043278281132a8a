//! Every contact with leads: what others enter here, and how all of it is found again. What the outbox
//! sends and the provider tells is in it without anyone asking.

mod explain;
mod export;
mod import;
mod log;
mod reply;
mod search;
mod timeline;

pub use explain::explain;
pub use export::export;
pub use import::import;
pub use log::log;
pub(crate) use log::log_in;
pub use reply::answered;
pub use search::search;
pub(crate) use timeline::family;
pub use timeline::timeline;

use crate::error::{Error, ErrorCode, Result};

/// Contacts of a page when the caller does not say.
const PAGE: u64 = 100;

/// Where a page goes on.
fn place(cursor: Option<&str>) -> Result<Option<i64>> {
    let wrong = |_| {
        Error::new(ErrorCode::InvalidArgument, "this cursor belongs to no page of contacts")
            .at_field("cursor")
    };
    cursor.map(|text| text.parse().map_err(wrong)).transpose()
}

fn page(limit: u64) -> u64 {
    if limit == 0 { PAGE } else { limit }
}

/// Cuts what was read to a page, and gives where the next one goes on.
fn cut<T>(found: &mut Vec<(i64, T)>, limit: u64) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    found.last().filter(|_| more).map(|(place, _)| place.to_string())
}
