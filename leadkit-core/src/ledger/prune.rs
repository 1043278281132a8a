//! The end of before-images.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Session, audit};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::operation::OperationKind;
use crate::store::NewOperation;

/// Commits looked at in one go.
const PAGE: u64 = 1_000;

/// Removes before-images of commits older than some days.
///
/// # Errors
/// `invalid_argument` for fewer days than undo is possible for; those of the store.
pub fn prune(session: &Session, days: f64) -> Result<u64> {
    if days.is_nan() || days < session.limits.undo_days {
        return Err(Error::new(
            ErrorCode::InvalidArgument,
            format!("operations can be taken back for {} days", session.limits.undo_days),
        )
        .hint("name at least as many days, or open the database with a smaller undo_days")
        .at_field("older_than_days"));
    }
    let before = Timestamp(session.clock.now().0.saturating_sub((days * 86_400_000.0) as i64));
    session.store.writing(|writer| {
        let mut up_to = 0;
        loop {
            let commits = writer.commits_after(up_to, PAGE)?;
            let old = commits.iter().take_while(|commit| commit.at < before).count();
            up_to = old.checked_sub(1).map_or(up_to, |last| commits[last].rev);
            if old < PAGE as usize {
                break;
            }
        }
        let removed = writer.prune_changes(up_to)?;
        if removed > 0 {
            audit::operation(
                session,
                writer,
                &NewOperation {
                    options: json!({ "older_than_days": days, "up_to_rev": up_to }),
                    counts: BTreeMap::from([("removed".to_string(), removed)]),
                    ..session.new_operation(OperationKind::Prune)
                },
            )?;
        }
        Ok(removed)
    })
}
