//! Changes of many leads by few statements: the image and the new value of thousands of rows, each
//! written by one walk.

use rusqlite::types::Value as Sql;
use serde_json::{Value, json};

use super::View;
use super::lead::{lead_columns, read_lead};
use super::query::Builder;
use crate::error::Result;
use crate::model::field::Field;
use crate::model::filter::Expr;
use crate::model::lead::Lead;
use crate::store::image::{self, Image};
use crate::store::{LeadRow, RestoreFields, SetFields, SetValue, Touched, is_folded};
use crate::text::fold;

impl View<'_> {
    pub(super) fn set_by_sql(&self, set: &SetFields<'_>) -> Result<Touched> {
        if set.values.is_empty() {
            return Ok(Touched::default());
        }
        let fields: Vec<Field> = set.values.iter().map(|value| value.field).collect();
        let mut sql = Builder::with("INSERT INTO touched SELECT id FROM lead WHERE ", texts(set.values));
        sql.push(&format!("deleted_at IS NULL AND ({}) AND id > ", differing(set.values)));
        sql.bind(Sql::Integer(set.after));
        sql.push(" AND ");
        sql.expr(set.filter);
        sql.push(" ORDER BY id LIMIT ");
        sql.bind(Sql::Integer(i64::try_from(set.limit).unwrap_or(i64::MAX)));
        let touched = self.touch(sql)?;
        if touched.count == 0 {
            return Ok(touched);
        }
        self.set_again(set)?;

        let originals: Vec<String> =
            fields.iter().map(|f| format!("json_extract(original, '$.{}')", f.name())).collect();
        let has_original =
            format!("original IS NOT NULL AND coalesce({}, NULL) IS NOT NULL", originals.join(", "));
        let insert = format!(
            "INSERT INTO change (rev, lead, prev_rev, before) SELECT ?1, l.id, l.rev, {} \
             FROM touched t CROSS JOIN lead l ON l.id = t.lead",
            image_of(&fields, &has_original)
        );
        self.connection.prepare_cached(&insert)?.execute([set.rev])?;

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
             ELSE nullif(json_remove(original, {}), '{{}}') END WHERE id IN (SELECT lead FROM touched)",
            sets.join(", "),
            names.join(", ")
        );
        self.connection.prepare_cached(&update)?.execute(rusqlite::params_from_iter(values))?;
        Ok(touched)
    }

    /// Leads that this very commit made or changed before, of which there are rarely any: their
    /// older images stay, so they are taken one by one, and out of those touched.
    fn set_again(&self, set: &SetFields<'_>) -> Result<()> {
        let select = format!(
            "SELECT {} FROM lead WHERE id IN (SELECT lead FROM touched) AND rev = ?1",
            lead_columns()
        );
        let mut statement = self.connection.prepare_cached(&select)?;
        let mut rows = statement.query([set.rev])?;
        let mut again = Vec::new();
        while let Some(row) = rows.next()? {
            again.push(read_lead(row)?);
        }
        for before in again {
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
            self.replace_row(&LeadRow::of(after))?;
            self.keep_image(set.rev, before.id, before.rev, image)?;
            self.connection.prepare_cached("DELETE FROM touched WHERE lead = ?")?.execute([before.id])?;
        }
        Ok(())
    }

    pub(super) fn count_set(&self, filter: &Expr, values: &[SetValue]) -> Result<u64> {
        if values.is_empty() {
            return Ok(0);
        }
        let mut sql = Builder::with("SELECT count(*) FROM lead WHERE deleted_at IS NULL AND ", texts(values));
        sql.push(&format!("({}) AND ", differing(values)));
        sql.expr(filter);
        let mut statement = self.connection.prepare_cached(&sql.text)?;
        let count: i64 = statement.query_row(rusqlite::params_from_iter(sql.values), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    pub(super) fn restore_by_sql(&self, restore: &RestoreFields<'_>) -> Result<Touched> {
        if restore.fields.is_empty() {
            return Ok(Touched::default());
        }
        let limit = i64::try_from(restore.limit).unwrap_or(i64::MAX);
        let touched = self.touch(Builder::with(
            "INSERT INTO touched SELECT c.lead FROM change c JOIN lead l ON l.id = c.lead \
             WHERE c.rev = ?1 AND c.lead > ?2 AND l.rev = ?1 ORDER BY c.lead LIMIT ?3",
            [restore.of, restore.after, limit].map(Sql::Integer),
        ))?;
        if touched.count == 0 {
            return Ok(touched);
        }
        let insert = format!(
            "INSERT INTO change (rev, lead, prev_rev, before) SELECT ?1, l.id, l.rev, {} FROM touched t \
             CROSS JOIN change c ON c.rev = ?2 AND c.lead = t.lead CROSS JOIN lead l ON l.id = t.lead",
            image_of(restore.fields, "instr(c.before, '\"original\":') > 0")
        );
        self.connection.prepare_cached(&insert)?.execute([restore.rev, restore.of])?;
        let (values, complete) = self.values_before(restore)?;
        let (mut columns, mut sets) = (Vec::new(), Vec::new());
        for field in restore.fields {
            let folded = is_folded(*field).then(|| format!("{}_fold", field.name()));
            for name in [field.name().to_string()].into_iter().chain(folded) {
                columns.push(format!("json_extract(value, '$.{name}') AS {name}"));
                sets.push(match complete {
                    true => format!("{name} = m.{name}"),
                    // A field that an image does not hold stays.
                    false => format!(
                        "{name} = CASE WHEN json_type(c.before, '$.{}') IS NULL THEN lead.{name} \
                         ELSE m.{name} END",
                        field.name()
                    ),
                });
            }
        }
        // Materialised, it gets an index by its text, and each value is taken out once.
        let update = format!(
            "WITH m AS MATERIALIZED (SELECT key, {}, json_extract(value, '$.original') AS original FROM json_each(?4)) \
             UPDATE lead SET rev = ?1, updated_at = ?2, {}, \
             original = CASE WHEN m.original IS NULL THEN lead.original ELSE nullif(m.original, '{{}}') END \
             FROM touched t CROSS JOIN change c ON c.rev = ?3 AND c.lead = t.lead JOIN m ON m.key = c.before \
             WHERE lead.id = t.lead",
            columns.join(", "),
            sets.join(", ")
        );
        self.connection.prepare_cached(&update)?.execute((restore.rev, restore.at.0, restore.of, values))?;
        Ok(touched)
    }

    /// Notes the leads of a change, before anything of it is written: what a commit changed besides
    /// is none of its.
    fn touch(&self, insert: Builder) -> Result<Touched> {
        self.connection.prepare_cached("DELETE FROM touched")?.execute([])?;
        let mut statement = self.connection.prepare_cached(&insert.text)?;
        let count = statement.execute(rusqlite::params_from_iter(insert.values))? as u64;
        let mut statement = self.connection.prepare_cached("SELECT max(lead) FROM touched")?;
        Ok(Touched { count, last: statement.query_row([], |row| row.get(0))? })
    }

    /// The columns that a commit's images become, by the text of the image: images repeat, and each
    /// different one is read and folded once. And whether all of them hold all of the fields.
    fn values_before(&self, restore: &RestoreFields<'_>) -> Result<(String, bool)> {
        let mut values = Image::new();
        let mut complete = true;
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT c.before FROM touched t CROSS JOIN change c ON c.rev = ?1 AND c.lead = t.lead",
        )?;
        let mut rows = statement.query([restore.of])?;
        while let Some(row) = rows.next()? {
            let before: String = row.get(0)?;
            let image: Image = super::lead::parse(before.as_bytes())?;
            complete &= restore.fields.iter().all(|field| image.contains_key(field.name()));
            values.insert(before, columns_of(restore.fields, &image));
        }
        Ok((Value::Object(values).to_string(), complete))
    }
}

/// The SQL that finds leads without all of the values, which a statement begins with.
fn differing(values: &[SetValue]) -> String {
    let tests = values.iter().enumerate();
    tests.map(|(i, v)| format!("{} IS NOT ?{}", v.field.name(), i + 1)).collect::<Vec<_>>().join(" OR ")
}

fn texts(values: &[SetValue]) -> impl Iterator<Item = Sql> {
    values.iter().map(|value| text(value.text.as_deref()))
}

fn text(text: Option<&str>) -> Sql {
    text.map_or(Sql::Null, |t| Sql::Text(t.to_string()))
}

fn differing_fold(text: Option<&str>) -> Option<String> {
    let text = text?;
    Some(fold(text)).filter(|folded| folded != text)
}

/// The SQL of a before-image of some fields of the lead `l`, with the originals where a condition
/// holds.
fn image_of(fields: &[Field], with_original: &str) -> String {
    let parts: Vec<String> = fields.iter().map(|f| format!("'{0}', l.{0}", f.name())).collect();
    let parts = parts.join(", ");
    format!(
        "CASE WHEN {with_original} THEN json_object({parts}, 'original', json(coalesce(l.original, '{{}}'))) \
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
