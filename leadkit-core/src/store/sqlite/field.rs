//! Definitions of custom fields and statuses.

use rusqlite::OptionalExtension;
use serde_json::Value;

use super::View;
use crate::error::{Error, ErrorCode, Result};
use crate::model::field::CustomField;
use crate::model::status::Status;

impl View<'_> {
    pub(super) fn read_custom_fields(&self) -> Result<Vec<CustomField>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT key, label, kind, choices, archived FROM custom_field ORDER BY position",
        )?;
        let mut rows = statement.query([])?;
        let mut fields = Vec::new();
        while let Some(row) = rows.next()? {
            let (kind, choices): (String, String) = (row.get(2)?, row.get(3)?);
            fields.push(CustomField {
                key: row.get(0)?,
                label: row.get(1)?,
                kind: serde_json::from_value(Value::from(kind)).map_err(damaged)?,
                choices: serde_json::from_str(&choices).map_err(damaged)?,
                archived: row.get(4)?,
            });
        }
        Ok(fields)
    }

    pub(super) fn write_custom_field(&self, field: &CustomField) -> Result<()> {
        let position: Option<i64> = self
            .connection
            .query_row("SELECT position FROM custom_field WHERE key = ?", [&field.key], |row| row.get(0))
            .optional()?;
        let position = match position {
            Some(position) => position,
            None => self.connection.query_row(
                "SELECT coalesce(max(position), 0) + 1 FROM custom_field",
                [],
                |row| row.get(0),
            )?,
        };
        let kind = serde_json::to_value(field.kind).map_err(damaged)?;
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO custom_field (key, label, kind, choices, archived, position) \
                 VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute((
                &field.key,
                &field.label,
                kind.as_str().unwrap_or_default(),
                Value::from(field.choices.clone()).to_string(),
                field.archived,
                position,
            ))?;
        Ok(())
    }

    pub(super) fn read_statuses(&self) -> Result<Vec<Status>> {
        let mut statement =
            self.connection.prepare_cached("SELECT key, label, next FROM status ORDER BY position")?;
        let mut rows = statement.query([])?;
        let mut statuses = Vec::new();
        while let Some(row) = rows.next()? {
            let next: Option<String> = row.get(2)?;
            let next = next.map(|next| serde_json::from_str(&next)).transpose().map_err(damaged)?;
            statuses.push(Status { key: row.get(0)?, label: row.get(1)?, next });
        }
        Ok(statuses)
    }

    pub(super) fn write_statuses(&self, statuses: &[Status]) -> Result<()> {
        self.connection.execute("DELETE FROM status", [])?;
        let mut statement = self
            .connection
            .prepare_cached("INSERT INTO status (key, label, next, position) VALUES (?, ?, ?, ?)")?;
        for (position, status) in statuses.iter().enumerate() {
            let next = status.next.as_ref().map(|next| Value::from(next.clone()).to_string());
            statement.execute((&status.key, &status.label, next, position as i64))?;
        }
        Ok(())
    }
}

fn damaged(error: serde_json::Error) -> Error {
    Error::new(
        ErrorCode::Corrupt,
        format!("the definition of a custom field or status cannot be read: {error}"),
    )
}
