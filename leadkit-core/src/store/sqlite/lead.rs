//! Leads and their keys as rows.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{Row, Statement};
use serde_json::Value;

use super::{Reader, Writer};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::model::field::{Field, FieldName};
use crate::model::lead::Lead;
use crate::store::{KeyKind, LeadKey, LeadRow, before_image, folded_fields, is_folded};

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

fn parse<T: serde::de::DeserializeOwned>(json: &[u8]) -> Result<T> {
    serde_json::from_slice(json).map_err(|e| {
        Error::new(crate::error::ErrorCode::Corrupt, format!("a stored list cannot be read: {e}"))
    })
}

/// Binds a whole row in the order `lead_columns`, `fold_columns`.
fn bind(statement: &mut Statement<'_>, row: &LeadRow) -> Result<usize> {
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
    for fold in &row.folds {
        put(statement, text(fold.as_deref()))?;
    }
    put(statement, text(row.custom_fold.as_deref()))?;
    Ok(index)
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

impl Reader<'_> {
    /// The lead of an id, deleted ones included.
    pub fn lead(&self, id: i64) -> Result<Option<Lead>> {
        let mut statement = self.connection.prepare_cached(&SELECT)?;
        let mut rows = statement.query([id])?;
        rows.next()?.map(read_lead).transpose()
    }

    /// The leads that have a key of this hash, by id; whoever asks compares the values.
    pub fn leads_by_key(&self, key: LeadKey, out: &mut Vec<i64>) -> Result<()> {
        let mut statement =
            self.connection.prepare_cached("SELECT lead FROM lead_key WHERE kind = ? AND hash = ?")?;
        let mut rows = statement.query((key.kind as u8, key.hash.cast_signed()))?;
        while let Some(row) = rows.next()? {
            out.push(row.get(0)?);
        }
        Ok(())
    }

    /// Calls `each` with every stored key of some kinds.
    pub fn each_key(&self, kinds: &[KeyKind], mut each: impl FnMut(LeadKey)) -> Result<()> {
        let mut statement = self.connection.prepare_cached("SELECT hash FROM lead_key WHERE kind = ?")?;
        for &kind in kinds {
            let mut rows = statement.query([kind as u8])?;
            while let Some(row) = rows.next()? {
                each(LeadKey { kind, hash: row.get::<_, i64>(0)?.cast_unsigned() });
            }
        }
        Ok(())
    }

    /// An upper bound of how many leads there are, without counting.
    pub fn lead_bound(&self) -> Result<u64> {
        let next: i64 =
            self.connection.prepare_cached("SELECT next_lead FROM head")?.query_row([], |row| row.get(0))?;
        Ok(u64::try_from(next - 1).unwrap_or(0))
    }

    /// The before-image that a commit kept of a lead, with the lead's revision before it.
    pub fn change(&self, rev: i64, lead: i64) -> Result<Option<(i64, serde_json::Map<String, Value>)>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT prev_rev, before FROM change WHERE rev = ? AND lead = ?")?;
        let mut rows = statement.query((rev, lead))?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let before: String = row.get(1)?;
        Ok(Some((row.get(0)?, parse(before.as_bytes())?)))
    }
}

impl Writer<'_> {
    /// Takes the next id for a new lead.
    pub fn allot(&self, count: i64) -> Result<i64> {
        let mut statement = self
            .connection
            .prepare_cached("UPDATE head SET next_lead = next_lead + ?1 RETURNING next_lead - ?1")?;
        Ok(statement.query_row([count], |row| row.get(0))?)
    }

    /// Stores a new lead; its keys are stored apart, by [`Writer::add_keys`].
    pub fn insert_lead(&self, row: &LeadRow) -> Result<()> {
        let mut statement = self.connection.prepare_cached(&INSERT)?;
        bind(&mut statement, row)?;
        statement.raw_execute()?;
        Ok(())
    }

    /// Prepares [`Writer::insert_lead`] once for many rows.
    pub fn lead_inserter(&self) -> Result<LeadInserter<'_>> {
        Ok(LeadInserter(self.connection.prepare(&INSERT)?))
    }

    /// Stores a lead's new state. A lead that this very commit created needs no before-image;
    /// any other gets one of the fields that differ.
    pub fn update_lead(&self, before: &Lead, after: &LeadRow, created_here: bool) -> Result<()> {
        let mut statement = self.connection.prepare_cached(&UPDATE)?;
        bind(&mut statement, after)?;
        statement.raw_execute()?;
        if !created_here {
            let mut image = before_image(before, &after.lead);
            let mut prev_rev = before.rev;
            if before.rev == after.lead.rev {
                // Changed a second time in this commit: the older image goes before this one.
                if let Some((rev, older)) = self.reader().change(after.lead.rev, before.id)? {
                    prev_rev = rev;
                    image.extend(older);
                }
            }
            self.connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO change (rev, lead, prev_rev, before) VALUES (?, ?, ?, ?)",
                )?
                .execute((after.lead.rev, before.id, prev_rev, Value::Object(image).to_string()))?;
        }
        Ok(())
    }

    /// Stores keys; sorted ones are several times faster, since they walk the index once.
    pub fn add_keys(&self, keys: &[(LeadKey, i64)]) -> Result<()> {
        let mut statement = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO lead_key (kind, hash, lead) VALUES (?, ?, ?)")?;
        for (key, lead) in keys {
            statement.execute((key.kind as u8, key.hash.cast_signed(), lead))?;
        }
        Ok(())
    }

    /// Releases keys.
    pub fn remove_keys(&self, keys: &[(LeadKey, i64)]) -> Result<()> {
        let mut statement = self
            .connection
            .prepare_cached("DELETE FROM lead_key WHERE kind = ? AND hash = ? AND lead = ?")?;
        for (key, lead) in keys {
            statement.execute((key.kind as u8, key.hash.cast_signed(), lead))?;
        }
        Ok(())
    }
}

/// Inserts many leads with one prepared statement.
pub struct LeadInserter<'a>(Statement<'a>);

impl LeadInserter<'_> {
    /// Stores a new lead without its keys.
    pub fn insert(&mut self, row: &LeadRow) -> Result<()> {
        bind(&mut self.0, row)?;
        self.0.raw_execute()?;
        Ok(())
    }
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
