//! Definitions of custom fields.

use rusqlite::OptionalExtension;
use serde_json::Value;

use super::{Reader, Writer};
use crate::error::{Error, ErrorCode, Result};
use crate::model::field::CustomField;

impl Reader<'_> {
    /// All custom fields, archived ones included, in the order of their definition.
    pub fn custom_fields(&self) -> Result<Vec<CustomField>> {
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
}

impl Writer<'_> {
    /// Defines a field or brings its label, choices and archived state up to date.
    pub fn put_custom_field(&self, field: &CustomField) -> Result<()> {
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
}

fn damaged(error: serde_json::Error) -> Error {
    Error::new(ErrorCode::Corrupt, format!("the definition of a custom field cannot be read: {error}"))
}
