//! Definitions of custom fields and the list of statuses.

use serde_json::Value;

use super::View;
use super::lead::parse;
use super::log::word;
use crate::error::{Error, Result};
use crate::model::field::CustomField;
use crate::model::status::Status;

impl View<'_> {
    pub(super) fn read_custom_fields(&self) -> Result<Vec<CustomField>> {
        let rows =
            self.rows("SELECT key, label, kind, choices, archived FROM custom_field ORDER BY position", &[])?;
        let fields = rows.iter().map(|row| {
            Ok(CustomField {
                key: row.try_get(0)?,
                label: row.try_get(1)?,
                kind: word(row.try_get(2)?)?,
                choices: parse(row.try_get(3)?)?,
                archived: row.try_get(4)?,
            })
        });
        fields.collect()
    }

    pub(super) fn write_custom_field(&self, field: &CustomField) -> Result<()> {
        let kind = serde_json::to_value(field.kind).map_err(|e| Error::internal(e.to_string()))?;
        let choices = Value::from(field.choices.clone()).to_string();
        self.execute(
            "INSERT INTO custom_field (key, label, kind, choices, archived, position) \
             VALUES ($1, $2, $3, $4, $5, (SELECT coalesce(max(position), 0) + 1 FROM custom_field)) \
             ON CONFLICT (key) DO UPDATE SET label = excluded.label, kind = excluded.kind, \
             choices = excluded.choices, archived = excluded.archived",
            &[&field.key, &field.label, &kind.as_str().unwrap_or_default(), &choices, &field.archived],
        )?;
        Ok(())
    }

    pub(super) fn read_statuses(&self) -> Result<Vec<Status>> {
        let rows = self.rows("SELECT key, label, next FROM status ORDER BY position", &[])?;
        let statuses = rows.iter().map(|row| {
            let next = row.try_get::<_, Option<&str>>(2)?.map(parse).transpose()?;
            Ok(Status { key: row.try_get(0)?, label: row.try_get(1)?, next })
        });
        statuses.collect()
    }

    pub(super) fn write_statuses(&self, statuses: &[Status]) -> Result<()> {
        self.execute("DELETE FROM status", &[])?;
        statuses.iter().try_for_each(|status| self.add_status(status))
    }

    /// Appends to the list.
    pub(super) fn add_status(&self, status: &Status) -> Result<()> {
        let next = status.next.as_ref().map(|next| Value::from(next.clone()).to_string());
        self.execute(
            "INSERT INTO status (key, label, next, position) \
             VALUES ($1, $2, $3, (SELECT coalesce(max(position), -1) + 1 FROM status))",
            &[&status.key, &status.label, &next],
        )?;
        Ok(())
    }
}
