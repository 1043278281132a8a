//! Changes of many leads by few statements: the image and the new value of thousands of rows, each
//! written by one walk.

use rusqlite::types::Value as Sql;
use serde_json::{Value, json};

use super::View;
use super::query::Builder;
use crate::error::Result;
use crate::model::field::Field;
use crate::model::filter::Expr;
use crate::store::image::Image;
use crate::store::{RestoreFields, SetFields, SetValue, Touched, is_folded};
use crate::text::fold;

impl View<'_> {
    pub(super) fn set_by_sql(&self, set: &SetFields<'_>) -> Result<Touched> {
        let fields: Vec<Field> = set.values.iter().map(|value| value.field).collect();
        let mut sql = Builder::with(
            "INSERT INTO change (rev, lead, prev_rev, before) SELECT ?1, id, rev, ",
            [Sql::Integer(set.rev), Sql::Integer(set.at.0)],
        );
        sql.values.extend(set.values.iter().map(|value| text(value.text.as_deref())));
        let originals: Vec<String> =
            fields.iter().map(|f| format!("json_extract(original, '$.{}')", f.name())).collect();
        let has_original =
            format!("original IS NOT NULL AND coalesce({}, NULL) IS NOT NULL", originals.join(", "));
        sql.push(&image_of(&fields, "lead.", &has_original));
        sql.push(" FROM lead WHERE deleted_at IS NULL AND id > ");
        sql.bind(Sql::Integer(set.after));
        sql.push(&format!(" AND ({}) AND ", differing(set.values, FIRST)));
        sql.expr(set.filter);
        sql.push(" ORDER BY id LIMIT ");
        sql.bind(Sql::Integer(i64::try_from(set.limit).unwrap_or(i64::MAX)));
        let count = self.execute(sql)?;
        if count == 0 {
            return Ok(Touched::default());
        }

        let mut sets = Vec::new();
        let mut values = vec![Sql::Integer(set.rev), Sql::Integer(set.at.0)];
        for value in set.values {
            let name = value.field.name();
            values.push(text(value.text.as_deref()));
            sets.push(format!("{name} = ?{}", values.len()));
            if is_folded(value.field) {
                values.push(text(differing_fold(value.text.as_deref()).as_deref()));
                sets.push(format!("{name}_fold = ?{}", values.len()));
            }
        }
        // What is set by hand did not come from a file: its original goes.
        let names: Vec<String> = fields.iter().map(|f| format!("'$.{}'", f.name())).collect();
        let update = format!(
            "UPDATE lead SET rev = ?1, updated_at = ?2, {}, original = CASE WHEN original IS NULL THEN NULL \
             ELSE nullif(json_remove(original, {}), '{{}}') END \
             WHERE id IN (SELECT lead FROM change WHERE rev = ?1)",
            sets.join(", "),
            names.join(", ")
        );
        self.connection.prepare_cached(&update)?.execute(rusqlite::params_from_iter(values))?;
        self.touched(set.rev, count)
    }

    pub(super) fn count_set(&self, filter: &Expr, values: &[SetValue]) -> Result<u64> {
        let texts = values.iter().map(|value| text(value.text.as_deref()));
        let mut sql = Builder::with("SELECT count(*) FROM lead WHERE deleted_at IS NULL AND ", texts);
        sql.push(&format!("({}) AND ", differing(values, 1)));
        sql.expr(filter);
        let mut statement = self.connection.prepare_cached(&sql.text)?;
        let count: i64 = statement.query_row(rusqlite::params_from_iter(sql.values), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    pub(super) fn restore_by_sql(&self, restore: &RestoreFields<'_>) -> Result<Touched> {
        let limit = i64::try_from(restore.limit).unwrap_or(i64::MAX);
        let insert = format!(
            "INSERT INTO change (rev, lead, prev_rev, before) SELECT ?1, l.id, l.rev, {} \
             FROM change c JOIN lead l ON l.id = c.lead WHERE c.rev = ?2 AND c.lead > ?3 AND l.rev = ?2 \
             ORDER BY c.lead LIMIT ?4",
            image_of(restore.fields, "l.", "instr(c.before, '\"original\":') > 0")
        );
        let count = self.connection.prepare_cached(&insert)?.execute((
            restore.rev,
            restore.of,
            restore.after,
            limit,
        ))? as u64;
        if count == 0 {
            return Ok(Touched::default());
        }
        let touched = self.touched(restore.rev, count)?;
        let values = self.values_before(restore, touched)?;
        let (mut columns, mut sets) = (Vec::new(), Vec::new());
        for field in restore.fields {
            let folded = is_folded(*field).then(|| format!("{}_fold", field.name()));
            for name in [field.name().to_string()].into_iter().chain(folded) {
                columns.push(format!("json_extract(value, '$.{name}') AS {name}"));
                sets.push(format!("{name} = m.{name}"));
            }
        }
        // Materialised, it gets an index by its text, and each value is taken out once.
        let update = format!(
            "WITH m AS MATERIALIZED (SELECT key, {}, json_extract(value, '$.original') AS original FROM json_each(?4)) \
             UPDATE lead SET rev = ?1, updated_at = ?2, {}, \
             original = CASE WHEN m.original IS NULL THEN lead.original ELSE nullif(m.original, '{{}}') END \
             FROM change n JOIN change c ON c.rev = ?3 AND c.lead = n.lead JOIN m ON m.key = c.before \
             WHERE n.rev = ?1 AND lead.id = n.lead",
            columns.join(", "),
            sets.join(", ")
        );
        self.connection.prepare_cached(&update)?.execute((restore.rev, restore.at.0, restore.of, values))?;
        Ok(touched)
    }

    /// The columns that a commit's images become, by the text of the image: images repeat, and each
    /// different one is read and folded once.
    fn values_before(&self, restore: &RestoreFields<'_>, touched: Touched) -> Result<String> {
        let mut values = Image::new();
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT before FROM change WHERE rev = ?1 AND lead > ?2 AND lead <= ?3",
        )?;
        let mut rows = statement.query((restore.of, restore.after, touched.last))?;
        while let Some(row) = rows.next()? {
            let before: String = row.get(0)?;
            let image: Image = super::lead::parse(before.as_bytes())?;
            values.insert(before, columns_of(restore.fields, &image));
        }
        Ok(Value::Object(values).to_string())
    }

    fn execute(&self, sql: Builder) -> Result<u64> {
        let mut statement = self.connection.prepare_cached(&sql.text)?;
        Ok(statement.execute(rusqlite::params_from_iter(sql.values))? as u64)
    }

    fn touched(&self, rev: i64, count: u64) -> Result<Touched> {
        let last = self
            .connection
            .prepare_cached("SELECT max(lead) FROM change WHERE rev = ?")?
            .query_row([rev], |row| row.get(0))?;
        Ok(Touched { count, last })
    }
}

/// Where the values of a [`SetFields`] begin among a statement's.
const FIRST: usize = 3;

/// The SQL that finds leads without all of the values, which are bound from a place on.
fn differing(values: &[SetValue], first: usize) -> String {
    let tests = values.iter().enumerate();
    tests.map(|(i, v)| format!("{} IS NOT ?{}", v.field.name(), i + first)).collect::<Vec<_>>().join(" OR ")
}

fn text(text: Option<&str>) -> Sql {
    text.map_or(Sql::Null, |t| Sql::Text(t.to_string()))
}

fn differing_fold(text: Option<&str>) -> Option<String> {
    let text = text?;
    Some(fold(text)).filter(|folded| folded != text)
}

/// The SQL of a before-image of some fields, with the originals where a condition holds.
fn image_of(fields: &[Field], table: &str, with_original: &str) -> String {
    let parts: Vec<String> = fields.iter().map(|f| format!("'{0}', {table}{0}", f.name())).collect();
    let parts = parts.join(", ");
    format!(
        "CASE WHEN {with_original} THEN json_object({parts}, 'original', json(coalesce({table}original, '{{}}'))) \
         ELSE json_object({parts}) END"
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
