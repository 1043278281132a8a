//! The room of operations.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::model::operation::{Operation, OperationKind};
use crate::model::report::Page;
use crate::store::OperationQuery;

/// Options of `operations.list`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ListOptions {
    /// Only operations of this kind.
    pub kind: Option<OperationKind>,
    /// How many at most; 100 when 0.
    pub limit: u64,
    /// Goes on after the page that gave this `next_cursor`.
    pub cursor: Option<String>,
}

/// What was done to a database: who, when, from which file, with what result.
#[derive(Clone, Copy)]
pub struct Operations<'a> {
    pub(super) session: &'a Session,
}

impl Operations<'_> {
    /// Operations, the newest first.
    ///
    /// # Errors
    /// `invalid_argument` for a cursor that no page gave.
    pub fn list(&self, options: ListOptions) -> Result<Page<Operation>> {
        let before = match options.cursor.as_deref().map(str::parse::<i64>) {
            None => None,
            Some(Ok(id)) => Some(id),
            Some(Err(_)) => {
                return Err(Error::new(
                    ErrorCode::InvalidArgument,
                    "this cursor belongs to no page of operations",
                )
                .at_field("cursor"));
            }
        };
        let limit = if options.limit == 0 { 100 } else { options.limit };
        let query = OperationQuery {
            kind: options.kind,
            before,
            limit: limit.saturating_add(1),
            ..OperationQuery::default()
        };
        let mut items = self.session.store.reading(|r| r.operations(&query))?;
        let more = items.len() as u64 > limit;
        items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next_cursor = items.last().filter(|_| more).map(|o| o.id.to_string());
        Ok(Page { items, next_cursor })
    }

    /// One operation.
    ///
    /// # Errors
    /// `not_found`.
    pub fn get(&self, id: i64) -> Result<Operation> {
        self.session
            .store
            .reading(|r| r.operation(id))?
            .map(|stored| stored.operation)
            .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no operation {id}")))
    }
}
