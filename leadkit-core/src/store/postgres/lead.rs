//! Leads and their keys as rows.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;
use tokio_postgres::Row;

use super::View;
use super::copy::Copy;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::field::Field;
use crate::model::lead::Lead;
use crate::store::{KeyKind, LeadKey, LeadRow, folded_fields, keys_of};

/// The columns before the texts.
pub(super) const FIXED: [&str; 7] =
    ["id", "rev", "created_at", "updated_at", "deleted_at", "merged_into", "score"];
/// Lists, kept as JSON.
const LISTS: [Field; 3] = [Field::Emails, Field::Phones, Field::Tags];

/// What reading a lead needs, in the order of [`read_lead`].
pub(super) static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let fixed = FIXED.iter().map(|c| c.to_string());
    let texts = text_fields().map(|f| f.name().to_string());
    let lists = LISTS.iter().map(|f| f.name().to_string());
    let maps = ["custom", "original"].map(String::from);
    fixed.chain(texts).chain(lists).chain(maps).collect::<Vec<_>>().join(", ")
});
/// What writing a lead needs: the folded texts besides.
pub(super) static ALL_COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let folds = folded_fields().map(|f| format!("{}_fold", f.name())).chain(["custom_fold".into()]);
    format!("{}, {}", *COLUMNS, folds.collect::<Vec<_>>().join(", "))
});
static SELECT: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {} FROM lead WHERE id = ANY($1::bigint[]) ORDER BY id", *COLUMNS));
static COPY: LazyLock<String> =
    LazyLock::new(|| format!("COPY lead ({}) FROM STDIN (FORMAT binary)", *ALL_COLUMNS));

fn text_fields() -> impl Iterator<Item = Field> {
    Field::ALL.iter().copied().filter(|f| f.kind().is_text())
}

pub(super) fn read_lead(row: &Row) -> Result<Lead> {
    let mut lead = Lead {
        id: row.try_get(0)?,
        rev: row.try_get(1)?,
        created_at: Timestamp(row.try_get(2)?),
        updated_at: Timestamp(row.try_get(3)?),
        deleted_at: row.try_get::<_, Option<i64>>(4)?.map(Timestamp),
        merged_into: row.try_get(5)?,
        score: row.try_get(6)?,
        ..Lead::default()
    };
    let mut column = FIXED.len();
    for field in text_fields() {
        if let Some(text) = row.try_get::<_, Option<&str>>(column)? {
            lead.set_text(field, Some(text.to_string()));
        }
        column += 1;
    }
    for field in LISTS {
        if let (Some(json), Some(list)) = (row.try_get::<_, Option<&str>>(column)?, lead.list_mut(field)) {
            *list = parse(json)?;
        }
        column += 1;
    }
    if let Some(json) = row.try_get::<_, Option<&str>>(column)? {
        lead.custom = parse(json)?;
    }
    if let Some(json) = row.try_get::<_, Option<&str>>(column + 1)? {
        lead.original = parse(json)?;
    }
    Ok(lead)
}

/// Reads JSON that this store wrote.
pub(super) fn parse<T: serde::de::DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json)
        .map_err(|e| Error::new(ErrorCode::Corrupt, format!("a stored value cannot be read: {e}")))
}

/// The numbers of a row, in the order of [`FIXED`] without the score, which is the last of them.
pub(super) fn numbers(lead: &Lead) -> [Option<i64>; FIXED.len() - 1] {
    [
        Some(lead.id),
        Some(lead.rev),
        Some(lead.created_at.0),
        Some(lead.updated_at.0),
        lead.deleted_at.map(|t| t.0),
        lead.merged_into,
    ]
}

/// Calls `each` with the texts of a row, in the order of [`ALL_COLUMNS`], behind the numbers.
pub(super) fn each_text<'a>(row: &'a LeadRow, mut each: impl FnMut(Option<Cow<'a, str>>)) {
    let lead = &row.lead;
    text_fields().for_each(|field| each(lead.text(field).map(Cow::Borrowed)));
    LISTS.iter().for_each(|field| each(json_list(lead.list(*field)).map(Cow::Owned)));
    each(json_map(&lead.custom).map(Cow::Owned));
    each(json_map(&lead.original).map(Cow::Owned));
    let mut folds = row.folds.iter().peekable();
    for place in 0..folded_fields().count() {
        let fold = folds.next_if(|(at, _)| *at == place);
        each(fold.map(|(_, text)| Cow::Borrowed(text)));
    }
    each(row.custom_fold.as_deref().map(Cow::Borrowed));
}

fn json_list(list: &[String]) -> Option<String> {
    (!list.is_empty()).then(|| Value::from(list).to_string())
}

fn json_map<V: serde::Serialize>(map: &BTreeMap<String, V>) -> Option<String> {
    if map.is_empty() { None } else { serde_json::to_string(map).ok() }
}

/// Keys as two columns.
fn columns(keys: impl Iterator<Item = LeadKey>) -> (Vec<i16>, Vec<i64>) {
    keys.map(|key| (key.kind as i16, key.hash.cast_signed())).unzip()
}

impl View<'_> {
    pub(super) fn read_leads(&self, ids: &[i64]) -> Result<Vec<Lead>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.rows(&SELECT, &[&ids])?.iter().map(read_lead).collect()
    }

    pub(super) fn find_keys(&self, keys: &[LeadKey]) -> Result<Vec<(LeadKey, i64)>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (kinds, hashes) = columns(keys.iter().copied());
        let sql = "SELECT k.kind, k.hash, k.lead FROM unnest($1::smallint[], $2::bigint[]) AS w (kind, hash) \
             JOIN lead_key k ON k.kind = w.kind AND k.hash = w.hash";
        let mut found = Vec::new();
        for row in self.rows(sql, &[&kinds, &hashes])? {
            let kind: i16 = row.try_get(0)?;
            let kind = KeyKind::from_number(i64::from(kind)).ok_or_else(super::error::damaged)?;
            let hash: i64 = row.try_get(1)?;
            found.push((LeadKey { kind, hash: hash.cast_unsigned() }, row.try_get(2)?));
        }
        Ok(found)
    }

    pub(super) fn walk_keys(&self, kinds: &[KeyKind], each: &mut dyn FnMut(LeadKey)) -> Result<()> {
        for &kind in kinds {
            self.walk("SELECT hash FROM lead_key WHERE kind = $1", &[&(kind as i16)], &mut |row| {
                each(LeadKey { kind, hash: row.try_get::<_, i64>(0)?.cast_unsigned() });
                Ok(true)
            })?;
        }
        Ok(())
    }

    pub(super) fn insert_rows(&self, rows: &[LeadRow]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut copy = Copy::begin(self, &COPY, ALL_COLUMNS.split(", ").count())?;
        for row in rows {
            copy.row();
            numbers(&row.lead).into_iter().for_each(|number| copy.number(number));
            copy.real(row.lead.score);
            each_text(row, |text| copy.text(text.as_deref()));
            copy.send_much()?;
        }
        copy.finish()
    }

    pub(super) fn insert_keys(&self, keys: &[(LeadKey, i64)]) -> Result<()> {
        self.change_keys(
            keys,
            "INSERT INTO lead_key (kind, hash, lead) \
             SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) ON CONFLICT DO NOTHING",
        )
    }

    pub(super) fn delete_keys(&self, keys: &[(LeadKey, i64)]) -> Result<()> {
        self.change_keys(
            keys,
            "DELETE FROM lead_key k USING unnest($1::smallint[], $2::bigint[], $3::bigint[]) AS g (kind, hash, lead) \
             WHERE k.kind = g.kind AND k.hash = g.hash AND k.lead = g.lead",
        )
    }

    fn change_keys(&self, keys: &[(LeadKey, i64)], sql: &str) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let (kinds, hashes) = columns(keys.iter().map(|(key, _)| *key));
        let leads: Vec<i64> = keys.iter().map(|(_, lead)| *lead).collect();
        self.execute(sql, &[&kinds, &hashes, &leads])?;
        Ok(())
    }

    pub(super) fn delete_leads(&self, ids: &[i64]) -> Result<()> {
        let leads = self.read_leads(ids)?;
        let keys: Vec<(LeadKey, i64)> =
            leads.iter().flat_map(|lead| keys_of(lead).into_iter().map(|key| (key, lead.id))).collect();
        self.delete_keys(&keys)?;
        // The chains of their changes, not the whole log, which has no index by lead.
        self.execute(
            "WITH RECURSIVE chain (rev, lead, prev_rev) AS ( \
               SELECT c.rev, c.lead, c.prev_rev FROM lead l JOIN change c ON c.rev = l.rev AND c.lead = l.id \
               WHERE l.id = ANY($1::bigint[]) \
               UNION ALL SELECT c.rev, c.lead, c.prev_rev FROM chain p JOIN change c ON c.rev = p.prev_rev AND c.lead = p.lead \
             ) DELETE FROM change d USING chain WHERE d.rev = chain.rev AND d.lead = chain.lead",
            &[&ids],
        )?;
        self.execute("DELETE FROM lead WHERE id = ANY($1::bigint[])", &[&ids])?;
        Ok(())
    }
}
