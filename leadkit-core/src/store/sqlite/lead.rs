//! Leads and their keys as rows.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rusqlite::types::{Null, ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{CachedStatement, Row, Statement};
use serde_json::Value;

use super::View;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::field::{Field, FieldName};
use crate::model::lead::Lead;
use crate::store::{LeadBatch, LeadKey, LeadRow, LeadUpdate, before_image, folded_fields, is_folded};

/// The columns before the texts.
const FIXED: [&str; 7] = ["id", "rev", "created_at", "updated_at", "deleted_at", "merged_into", "score"];
/// Lists and maps, kept as JSON.
const LISTS: [Field; 3] = [Field::Emails, Field::Phones, Field::Tags];

/// Statements name every column, so each is written once.
static SELECT: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {} FROM lead WHERE id = ?", lead_columns()));
static INSERT: LazyLock<String> = LazyLock::new(|| {
    let columns = format!("{}, {}", lead_columns(), fold_columns());
    let marks = vec!["?"; columns.split(", ").count()].join(", ");
    format!("INSERT INTO lead ({columns}) VALUES ({marks})")
});
/// Many keys in one statement: SQLite opens and closes the table for each statement, and goes on from
/// where it stands for the next row of the same one. Leads go one by one: so many texts bound at once
/// overflow the small memory that a connection has at hand.
static INSERT_KEYS: LazyLock<String> = LazyLock::new(|| keys_statement(KEYS));
static INSERT_KEY: LazyLock<String> = LazyLock::new(|| keys_statement(1));
const KEYS: usize = 64;

fn keys_statement(rows: usize) -> String {
    format!("INSERT OR IGNORE INTO lead_key (kind, hash, lead) VALUES {}", marks(3, rows))
}

/// `(?, ?), (?, ?)`
fn marks(columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    vec![row; rows].join(", ")
}

static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let columns = format!("{}, {}", lead_columns(), fold_columns());
    let sets: Vec<String> =
        columns.split(", ").enumerate().map(|(i, c)| format!("{c} = ?{}", i + 1)).collect();
    format!("UPDATE lead SET {} WHERE id = ?1", sets[1..].join(", "))
});

fn text_fields() -> impl Iterator<Item = Field> {
    Field::ALL.iter().copied().filter(|f| f.kind().is_text())
}

/// What reading a lead needs, in the order of [`read_lead`].
pub(super) fn lead_columns() -> String {
    let fixed = FIXED.iter().map(|c| c.to_string());
    let texts = text_fields().map(|f| f.name().to_string());
    let lists = LISTS.iter().map(|f| f.name().to_string());
    let maps = ["custom", "original"].map(String::from);
    fixed.chain(texts).chain(lists).chain(maps).collect::<Vec<_>>().join(", ")
}

/// What writing a lead needs besides: the folded texts.
fn fold_columns() -> String {
    folded_fields()
        .map(|f| format!("{}_fold", f.name()))
        .chain(["custom_fold".into()])
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn read_lead(row: &Row<'_>) -> Result<Lead> {
    let mut lead = Lead {
        id: row.get(0)?,
        rev: row.get(1)?,
        created_at: Timestamp(row.get(2)?),
        updated_at: Timestamp(row.get(3)?),
        deleted_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        merged_into: row.get(5)?,
        score: row.get(6)?,
        ..Lead::default()
    };
    let mut column = FIXED.len();
    for field in text_fields() {
        if let ValueRef::Text(text) = row.get_ref(column)? {
            lead.set_text(field, Some(String::from_utf8_lossy(text).into_owned()));
        }
        column += 1;
    }
    for field in LISTS {
        if let (ValueRef::Text(json), Some(list)) = (row.get_ref(column)?, lead.list_mut(field)) {
            *list = parse(json)?;
        }
        column += 1;
    }
    if let ValueRef::Text(json) = row.get_ref(column)? {
        lead.custom = parse(json)?;
    }
    if let ValueRef::Text(json) = row.get_ref(column + 1)? {
        lead.original = parse(json)?;
    }
    Ok(lead)
}

pub(super) fn parse<T: serde::de::DeserializeOwned>(json: &[u8]) -> Result<T> {
    serde_json::from_slice(json)
        .map_err(|e| Error::new(ErrorCode::Corrupt, format!("a stored list cannot be read: {e}")))
}

/// Binds a whole row in the order `lead_columns`, `fold_columns`.
fn bind(statement: &mut Statement<'_>, row: &LeadRow) -> Result<()> {
    let lead = &row.lead;
    let mut index = 0;
    // Most columns of most leads are empty: clearing all at once is cheaper than binding each.
    statement.clear_bindings();
    let mut put = |statement: &mut Statement<'_>, value: ToSqlOutput<'_>| {
        index += 1;
        match value {
            ToSqlOutput::Borrowed(ValueRef::Null) | ToSqlOutput::Owned(SqlValue::Null) => Ok(()),
            value => statement.raw_bind_parameter(index, value),
        }
    };
    let int = |n: i64| ToSqlOutput::Owned(SqlValue::Integer(n));
    let some_int = |n: Option<i64>| ToSqlOutput::Owned(n.map_or(SqlValue::Null, SqlValue::Integer));
    put(statement, int(lead.id))?;
    put(statement, int(lead.rev))?;
    put(statement, int(lead.created_at.0))?;
    put(statement, int(lead.updated_at.0))?;
    put(statement, some_int(lead.deleted_at.map(|t| t.0)))?;
    put(statement, some_int(lead.merged_into))?;
    put(statement, ToSqlOutput::Owned(lead.score.map_or(SqlValue::Null, SqlValue::Real)))?;
    for field in text_fields() {
        put(statement, text(lead.text(field)))?;
    }
    for field in LISTS {
        put(statement, json_list(lead.list(field)))?;
    }
    put(statement, json_map(&lead.custom))?;
    put(statement, json_map(&lead.original))?;
    for (place, fold) in row.folds.iter() {
        statement.raw_bind_parameter(index + 1 + place, fold)?;
    }
    if let Some(fold) = &row.custom_fold {
        statement.raw_bind_parameter(index + 1 + folded_fields().count(), fold)?;
    }
    Ok(())
}

fn text(text: Option<&str>) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(text.map_or(ValueRef::Null, |t| ValueRef::Text(t.as_bytes())))
}

fn json_list(list: &[String]) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(if list.is_empty() {
        SqlValue::Null
    } else {
        SqlValue::Text(Value::from(list).to_string())
    })
}

fn json_map<V: serde::Serialize>(map: &BTreeMap<String, V>) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(match map.is_empty() {
        true => SqlValue::Null,
        false => serde_json::to_string(map).map_or(SqlValue::Null, SqlValue::Text),
    })
}

impl View<'_> {
    pub(super) fn read_leads(&self, ids: &[i64]) -> Result<Vec<Lead>> {
        let mut statement = self.connection.prepare_cached(&SELECT)?;
        let mut leads = Vec::with_capacity(ids.len());
        for id in ids {
            let mut rows = statement.query([id])?;
            leads.extend(rows.next()?.map(read_lead).transpose()?);
        }
        leads.sort_unstable_by_key(|lead| lead.id);
        Ok(leads)
    }

    pub(super) fn find_keys(&self, keys: &[LeadKey]) -> Result<Vec<(LeadKey, i64)>> {
        let mut statement =
            self.connection.prepare_cached("SELECT lead FROM lead_key WHERE kind = ? AND hash = ?")?;
        let mut found = Vec::new();
        for key in keys {
            let mut rows = statement.query((key.kind as u8, key.hash.cast_signed()))?;
            while let Some(row) = rows.next()? {
                found.push((*key, row.get(0)?));
            }
        }
        Ok(found)
    }

    pub(super) fn insert_rows(&self, rows: &[LeadRow]) -> Result<()> {
        let mut statement = self.connection.prepare_cached(&INSERT)?;
        for row in rows {
            bind(&mut statement, row)?;
            statement.raw_execute()?;
        }
        Ok(())
    }

    pub(super) fn insert_batch_rows(&self, batch: &LeadBatch) -> Result<()> {
        let mut statement = self.connection.prepare_cached(&INSERT)?;
        statement.clear_bindings();
        // Most cells of most leads are empty, and stay so from lead to lead.
        let mut bound = 0u64;
        for row in batch.rows() {
            let (created_at, updated_at) = row.times();
            for (index, number) in (1..).zip([row.id(), row.rev(), created_at.0, updated_at.0]) {
                statement.raw_bind_parameter(index, number)?;
            }
            // The score is the last of the fixed ones.
            statement.raw_bind_parameter(FIXED.len(), row.score())?;
            let before = std::mem::take(&mut bound);
            for (column, text) in row.cells() {
                statement.raw_bind_parameter(FIXED.len() + 1 + column, text)?;
                bound |= 1 << column;
            }
            let mut left = before & !bound;
            while left != 0 {
                statement.raw_bind_parameter(FIXED.len() + 1 + left.trailing_zeros() as usize, Null)?;
                left &= left - 1;
            }
            statement.raw_execute()?;
        }
        Ok(())
    }

    pub(super) fn update_rows(&self, updates: &[LeadUpdate]) -> Result<()> {
        let mut statement = self.connection.prepare_cached(&UPDATE)?;
        for update in updates {
            bind(&mut statement, &update.after)?;
            statement.raw_execute()?;
            self.keep_image(&update.before, &update.after.lead)?;
        }
        Ok(())
    }

    fn keep_image(&self, before: &Lead, after: &Lead) -> Result<()> {
        let (rev, mut prev_rev) = (after.rev, before.rev);
        let mut image = before_image(before, after);
        if prev_rev == rev {
            // Changed a second time in this commit: the older image goes before this one. None:
            // the commit created the lead.
            let Some(older) = self.find_change(rev, before.id)? else { return Ok(()) };
            prev_rev = older.prev_rev;
            image.extend(older.before);
        }
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO change (rev, lead, prev_rev, before) VALUES (?, ?, ?, ?)",
            )?
            .execute((rev, before.id, prev_rev, Value::Object(image).to_string()))?;
        Ok(())
    }

    /// Sorted keys are several times faster, since they walk the index once.
    pub(super) fn insert_keys(&self, keys: &[(LeadKey, i64)]) -> Result<()> {
        let (several, rest) = keys.as_chunks::<KEYS>();
        insert_key_rows(self.connection.prepare_cached(&INSERT_KEYS)?, several)?;
        insert_key_rows(self.connection.prepare_cached(&INSERT_KEY)?, rest.as_chunks::<1>().0)
    }

    pub(super) fn delete_keys(&self, keys: &[(LeadKey, i64)]) -> Result<()> {
        let mut statement = self
            .connection
            .prepare_cached("DELETE FROM lead_key WHERE kind = ? AND hash = ? AND lead = ?")?;
        for (key, lead) in keys {
            statement.execute((key.kind as u8, key.hash.cast_signed(), lead))?;
        }
        Ok(())
    }

    pub(super) fn delete_leads(&self, ids: &[i64]) -> Result<()> {
        let leads = self.read_leads(ids)?;
        for lead in &leads {
            let keys: Vec<_> = crate::store::keys_of(lead).into_iter().map(|key| (key, lead.id)).collect();
            self.delete_keys(&keys)?;
            let mut rev = lead.rev;
            // The chain of a lead's changes, not the whole log, which has no index by lead.
            while let Some(change) = self.find_change(rev, lead.id)? {
                self.connection
                    .prepare_cached("DELETE FROM change WHERE rev = ? AND lead = ?")?
                    .execute((rev, lead.id))?;
                rev = change.prev_rev;
            }
            self.connection.prepare_cached("DELETE FROM lead WHERE id = ?")?.execute([lead.id])?;
        }
        Ok(())
    }
}

fn insert_key_rows<const N: usize>(
    mut statement: CachedStatement<'_>,
    groups: &[[(LeadKey, i64); N]],
) -> Result<()> {
    for keys in groups {
        for (place, (key, lead)) in keys.iter().enumerate() {
            let values = [i64::from(key.kind as u8), key.hash.cast_signed(), *lead];
            for (index, value) in (1..).zip(values) {
                statement.raw_bind_parameter(3 * place + index, value)?;
            }
        }
        statement.raw_execute()?;
    }
    Ok(())
}

/// The SQL of a field's comparable value.
pub(super) fn comparable(field: &FieldName) -> String {
    match field {
        FieldName::Standard(field) if is_folded(*field) => format!("coalesce({0}_fold, {0})", field.name()),
        FieldName::Standard(field) => field.name().to_string(),
        // Keys are checked when they are defined: [a-z][a-z0-9_]*.
        FieldName::Custom(key) => format!("json_extract(coalesce(custom_fold, custom), '$.{key}')"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{BatchColumn, batch_columns};

    /// A batch's cells are bound by their numbers.
    #[test]
    fn the_columns_of_a_batch_are_those_of_the_table() {
        let folded: Vec<Field> = folded_fields().collect();
        let names = batch_columns().iter().map(|column| match column {
            BatchColumn::Text(field) | BatchColumn::List(field) => field.name().to_string(),
            BatchColumn::Custom => "custom".to_string(),
            BatchColumn::Original => "original".to_string(),
            BatchColumn::Fold(place) => format!("{}_fold", folded[*place].name()),
            BatchColumn::CustomFold => "custom_fold".to_string(),
        });
        let names: Vec<String> = FIXED.iter().map(|name| name.to_string()).chain(names).collect();
        assert_eq!(names.join(", "), format!("{}, {}", lead_columns(), fold_columns()));
        assert!(batch_columns().len() <= 64);
    }
}
