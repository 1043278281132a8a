//! Changes of many leads by few statements: the image and the new value of thousands of rows, each
//! written by one walk.

use serde_json::{Value, json};

use super::View;
use super::lead::parse;
use super::log::limited;
use super::query::Builder;
use crate::error::Result;
use crate::model::field::Field;
use crate::model::filter::Expr;
use crate::model::lead::Lead;
use crate::store::image::{self, Image};
use crate::store::{Change, LeadRow, RestoreFields, SetFields, SetValue, Touched, is_folded};
use crate::text::fold;

impl View<'_> {
    pub(super) fn set_by_sql(&self, set: &SetFields<'_>) -> Result<Touched> {
        if set.values.is_empty() {
            return Ok(Touched::default());
        }
        let mut sql = Builder::with("SELECT id, rev FROM lead WHERE deleted_at IS NULL AND id > ");
        sql.bind(set.after, "bigint");
        sql.push(" AND ");
        differing(&mut sql, set.values);
        sql.push(" AND ");
        sql.expr(set.filter);
        sql.push(&format!(" ORDER BY id LIMIT {}", limited(set.limit)));
        let rows = self.rows(&sql.text, &sql.values()?)?;
        let (mut ids, mut again) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in &rows {
            let (id, rev): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            if rev == set.rev { &mut again } else { &mut ids }.push(id);
        }
        let last = ids.last().max(again.last()).copied();
        let touched = Touched { count: rows.len() as u64, last };
        self.set_again(set, &again)?;
        if ids.is_empty() {
            return Ok(touched);
        }

        let fields: Vec<Field> = set.values.iter().map(|value| value.field).collect();
        let names: Vec<String> = fields.iter().map(|field| field.name().to_string()).collect();
        let insert = format!(
            "INSERT INTO change (rev, lead, prev_rev, before) SELECT $1, l.id, l.rev, {} \
             FROM lead l WHERE l.id = ANY($3::bigint[])",
            image_of(&fields, "l.original::jsonb ?| $2::text[]")
        );
        self.execute(&insert, &[&set.rev, &names, &ids])?;

        let mut sql = Builder::with("UPDATE lead SET rev = ");
        sql.bind(set.rev, "bigint");
        sql.push(", updated_at = ");
        sql.bind(set.at.0, "bigint");
        for value in set.values {
            let name = value.field.name();
            sql.push(&format!(", {name} = "));
            sql.bind(value.text.clone(), "text");
            if is_folded(value.field) {
                sql.push(&format!(", {name}_fold = "));
                sql.bind(differing_fold(value.text.as_deref()), "text");
            }
        }
        // What is set by hand did not come from a file: its original goes.
        let names = sql.mark(names, "text[]");
        sql.push(&format!(
            ", original = CASE WHEN original::jsonb ?| {names} \
             THEN nullif((original::jsonb - {names})::text, '{{}}') ELSE original END WHERE id = ANY("
        ));
        sql.bind(ids, "bigint[]");
        sql.push(")");
        self.execute(&sql.text, &sql.values()?)?;
        Ok(touched)
    }

    /// Leads that this very commit made or changed before, of which there are rarely any: their
    /// older images stay.
    fn set_again(&self, set: &SetFields<'_>, ids: &[i64]) -> Result<()> {
        let (mut rows, mut images) = (Vec::new(), Vec::new());
        for before in self.read_leads(ids)? {
            let mut image = Image::new();
            let mut after = Lead { updated_at: set.at, ..before.clone() };
            for SetValue { field, text } in set.values {
                image.insert(field.name().into(), image::value(&before, field.name()));
                after.set_text(*field, text.clone());
                after.original.remove(field.name());
            }
            if after.original != before.original {
                image.insert("original".into(), image::value(&before, "original"));
            }
            images.push(Change { rev: set.rev, lead: before.id, prev_rev: before.rev, before: image });
            rows.push(LeadRow::of(after));
        }
        self.replace_rows(rows.iter())?;
        self.keep_images(images)
    }

    pub(super) fn count_set(&self, filter: &Expr, values: &[SetValue]) -> Result<u64> {
        if values.is_empty() {
            return Ok(0);
        }
        let mut sql = Builder::with("SELECT count(*) FROM lead WHERE deleted_at IS NULL AND ");
        differing(&mut sql, values);
        sql.push(" AND ");
        sql.expr(filter);
        self.count_by(&sql)
    }

    pub(super) fn restore_by_sql(&self, restore: &RestoreFields<'_>) -> Result<Touched> {
        if restore.fields.is_empty() {
            return Ok(Touched::default());
        }
        let find = "SELECT c.lead FROM change c JOIN lead l ON l.id = c.lead \
             WHERE c.rev = $1 AND c.lead > $2 AND l.rev = $1 ORDER BY c.lead LIMIT $3";
        let rows = self.rows(find, &[&restore.of, &restore.after, &limited(restore.limit)])?;
        let ids = rows.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<Vec<i64>>>()?;
        let touched = Touched { count: ids.len() as u64, last: ids.last().copied() };
        if ids.is_empty() {
            return Ok(touched);
        }
        let insert = format!(
            "INSERT INTO change (rev, lead, prev_rev, before) SELECT $1, l.id, l.rev, {} \
             FROM change c JOIN lead l ON l.id = c.lead WHERE c.rev = $2 AND c.lead = ANY($3::bigint[])",
            image_of(restore.fields, "c.before::jsonb ? 'original'")
        );
        self.execute(&insert, &[&restore.rev, &restore.of, &ids])?;
        let (images, columns) = self.values_before(restore, &ids)?;
        let mut sets = Vec::new();
        for field in restore.fields {
            let folded = is_folded(*field).then(|| format!("{}_fold", field.name()));
            for name in [field.name().to_string()].into_iter().chain(folded) {
                sets.push(format!("{name} = m.value ->> '{name}'"));
            }
        }
        let update = format!(
            "WITH m AS MATERIALIZED \
             (SELECT image, value::json AS value FROM unnest($4::text[], $5::text[]) AS u (image, value)) \
             UPDATE lead SET rev = $1, updated_at = $2, {}, original = CASE \
             WHEN m.value -> 'original' IS NULL THEN lead.original \
             ELSE nullif(m.value ->> 'original', '{{}}') END \
             FROM change c JOIN m ON m.image = c.before \
             WHERE c.rev = $3 AND c.lead = ANY($6::bigint[]) AND lead.id = c.lead",
            sets.join(", ")
        );
        let (rev, at, of) = (restore.rev, restore.at.0, restore.of);
        self.execute(&update, &[&rev, &at, &of, &images, &columns, &ids])?;
        Ok(touched)
    }

    /// The images of a commit with the columns that they become: images repeat, and each different
    /// one is read and folded once.
    fn values_before(&self, restore: &RestoreFields<'_>, ids: &[i64]) -> Result<(Vec<String>, Vec<String>)> {
        let sql = "SELECT DISTINCT before FROM change WHERE rev = $1 AND lead = ANY($2::bigint[])";
        let rows = self.rows(sql, &[&restore.of, &ids])?;
        let (mut images, mut columns) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for row in &rows {
            let before: &str = row.try_get(0)?;
            columns.push(columns_of(restore.fields, &parse(before)?).to_string());
            images.push(before.to_string());
        }
        Ok((images, columns))
    }
}

/// The SQL that finds leads without all of the values.
fn differing(sql: &mut Builder, values: &[SetValue]) {
    sql.push("(false");
    for value in values {
        sql.push(&format!(" OR {} IS DISTINCT FROM ", value.field.name()));
        sql.bind(value.text.clone(), "text");
    }
    sql.push(")");
}

fn differing_fold(text: Option<&str>) -> Option<String> {
    let text = text?;
    Some(fold(text)).filter(|folded| folded != text)
}

/// The SQL of a before-image of some fields of the lead `l`, with the originals where a condition holds.
fn image_of(fields: &[Field], with_original: &str) -> String {
    let parts: Vec<String> = fields.iter().map(|f| format!("'{0}', l.{0}", f.name())).collect();
    let parts = parts.join(", ");
    format!(
        "CASE WHEN {with_original} \
         THEN json_build_object({parts}, 'original', coalesce(l.original, '{{}}')::json)::text \
         ELSE json_build_object({parts})::text END"
    )
}

/// The columns that an image's values become.
fn columns_of(fields: &[Field], image: &Image) -> Value {
    let mut columns = Image::new();
    for field in fields {
        let value = image.get(field.name()).cloned().unwrap_or(Value::Null);
        if is_folded(*field) {
            columns.insert(format!("{}_fold", field.name()), json!(differing_fold(value.as_str())));
        }
        columns.insert(field.name().to_string(), value);
    }
    if let Some(original) = image.get("original") {
        columns.insert("original".into(), original.clone());
    }
    Value::Object(columns)
}
