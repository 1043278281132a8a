//! The room of statuses.

use std::collections::BTreeSet;

use serde_json::json;

use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, audit};
use crate::model::operation::OperationKind;
use crate::model::status::Status;
use crate::store::NewOperation;
use crate::text::fold;
use crate::validate::Rules;

/// The statuses that leads may have, and the ways between them.
#[derive(Clone, Copy)]
pub struct Statuses<'a> {
    pub(super) session: &'a Session,
}

impl Statuses<'_> {
    /// The list, in its order. A new database has a usual one, from which any status may follow any
    /// other, and keeps unknown ones with a warning.
    ///
    /// # Errors
    /// Those of the store.
    pub fn list(&self) -> Result<Vec<Status>> {
        self.session.store.reading(|reader| Ok(Rules::with_statuses(Vec::new(), reader.statuses()?).statuses))
    }

    /// Replaces the list. From then on a status that is not in it is invalid, and bulk operations
    /// keep to its ways; leads that have another one keep it until they are moved.
    ///
    /// # Errors
    /// `invalid_argument` for an empty list, for empty and repeated keys, and for a way to a status
    /// that is not in the list.
    ///
    /// ```
    /// use leadkit_core::model::status::Status;
    /// let db = leadkit_core::open(":memory:")?;
    /// db.statuses().define(vec![
    ///     Status::new("new").to(["contacted", "lost"]),
    ///     Status::new("contacted").to(["won", "lost"]),
    ///     Status::new("won").to(Vec::<String>::new()),
    ///     Status::new("lost").to(["new"]),
    /// ])?;
    /// let wrong = db.leads().add([("email", "ada@lovelace.org"), ("status", "wonn")]).unwrap_err();
    /// assert_eq!(wrong.code(), "invalid_value");
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn define(&self, mut statuses: Vec<Status>) -> Result<Vec<Status>> {
        self.session.check_whole("defines no statuses")?;
        for status in &mut statuses {
            if status.label.trim().is_empty() {
                status.label = status.key.clone();
            }
        }
        check(&statuses)?;
        self.session.store.writing(|writer| {
            if writer.statuses()? == statuses {
                return Ok(statuses.clone());
            }
            writer.put_statuses(&statuses)?;
            audit::operation(
                self.session,
                writer,
                &NewOperation {
                    options: json!({ "statuses": statuses }),
                    ..self.session.new_operation(OperationKind::DefineStatuses)
                },
            )?;
            Ok(statuses.clone())
        })
    }
}

fn check(statuses: &[Status]) -> Result<()> {
    let wrong = |message: String| Err(Error::new(ErrorCode::InvalidArgument, message).at_field("statuses"));
    if statuses.is_empty() {
        return wrong("a status list names at least one status".into());
    }
    let mut keys = BTreeSet::new();
    for status in statuses {
        if status.key.trim() != status.key || status.key.is_empty() || status.key.chars().count() > 63 {
            return wrong("a status is a word of 63 characters at most, without blanks around it".into());
        }
        if !keys.insert(fold(&status.key)) {
            return wrong(format!("the status `{}` is named twice", status.key));
        }
    }
    for status in statuses {
        for next in status.next.iter().flatten() {
            if !keys.contains(&fold(next)) {
                return wrong(format!("`{}` leads to `{next}`, which is not in the list", status.key));
            }
        }
    }
    Ok(())
}
