//! Changes of many leads by few statements: the image and the new value of thousands of rows, each
//! written by one walk.
//!
//! They say `OR ROLLBACK`: a statement that fails ends its transaction, as every error here does in any
//! case. By default SQLite would keep a copy of each page that such a statement changes, to take back
//! that statement alone, which is a fifth of its cost.

use rusqlite::types::Value as Sql;
use serde_json::Value;

use super::View;
use super::query::Builder;
use crate::error::Result;
use crate::model::field::Field;
use crate::model::filter::Expr;
use crate::store::image::{Image, columns_of};
use crate::store::{RestoreFields, SetFields, SetValue, Touched, differing_fold, is_folded};

/// Rows whose image and new value are written one after the other: so few that the pages which the
/// first walk read are still in the cache for the second one.
const AT_ONCE: u64 = 5_000;

impl View<'_> {
    pub(super) fn set_by_sql(&self, set: &SetFields<'_>) -> Result<Touched> {
        if set.values.is_empty() {
            return Ok(Touched::default());
        }
        in_parts(set.limit, set.after, |limit, after| self.set_part(&SetFields { limit, after, ..*set }))
    }

    fn set_part(&self, set: &SetFields<'_>) -> Result<Touched> {
        let fields: Vec<Field> = set.values.iter().map(|value| value.field).collect();
        let mut sql = Builder::with(
            "INSERT OR ROLLBACK INTO change (rev, lead, prev_rev, before) SELECT ",
            texts(set.values),
        );
        sql.bind(Sql::Integer(set.rev));
        sql.push(&format!(
            ", id, rev, {} FROM lead WHERE ",
            image_of(&fields, "lead", &has_original(&fields))
        ));
        selected(&mut sql, set);
        sql.push(" ORDER BY id LIMIT ");
        sql.bind(Sql::Integer(i64::try_from(set.limit).unwrap_or(i64::MAX)));
        let touched = self.touch(set.rev, sql)?;
        let Some(last) = touched.last else { return Ok(touched) };

        // The same rows by the same conditions: one walk, and no look into the log for each.
        let mut sql = Builder::with("UPDATE OR ROLLBACK lead SET rev = ", texts(set.values));
        sql.bind(Sql::Integer(set.rev));
        sql.push(", updated_at = ");
        sql.bind(Sql::Integer(set.at.0));
        for (place, value) in set.values.iter().enumerate() {
            let name = value.field.name();
            sql.push(&format!(", {name} = ?{}", place + 1));
            if is_folded(value.field) {
                sql.push(&format!(", {name}_fold = "));
                sql.bind(text(differing_fold(value.text.as_deref()).as_deref()));
            }
        }
        sql.push(" WHERE id <= ");
        sql.bind(Sql::Integer(last));
        sql.push(" AND ");
        selected(&mut sql, set);
        self.connection.prepare_cached(&sql.text)?.execute(rusqlite::params_from_iter(sql.values))?;
        self.forget_originals(set, last)?;
        Ok(touched)
    }

    /// What is set by hand did not come from a file: its original goes. Few leads have one of these
    /// fields, and their images say so: asking all leads while they are written costs a fifth more.
    fn forget_originals(&self, set: &SetFields<'_>, last: i64) -> Result<()> {
        let names: Vec<String> = set.values.iter().map(|v| format!("'$.{}'", v.field.name())).collect();
        let sql = format!(
            "UPDATE lead SET original = nullif(json_remove(original, {}), '{{}}') WHERE id IN \
             (SELECT lead FROM change WHERE rev = ?1 AND lead > ?2 AND lead <= ?3 \
              AND instr(before, '\"original\":') > 0)",
            names.join(", ")
        );
        self.connection.prepare_cached(&sql)?.execute((set.rev, set.after, last))?;
        Ok(())
    }

    pub(super) fn count_set(&self, filter: &Expr, values: &[SetValue]) -> Result<(u64, u64)> {
        let mut sql = Builder::with("SELECT count(*), count(*) FILTER (WHERE ", texts(values));
        sql.push(&format!("{}) FROM lead WHERE deleted_at IS NULL AND ", differing(values)));
        sql.expr(filter);
        let mut statement = self.connection.prepare_cached(&sql.text)?;
        let count = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let (all, differing) = statement.query_row(rusqlite::params_from_iter(sql.values), count)?;
        Ok((all.unsigned_abs(), differing.unsigned_abs()))
    }

    pub(super) fn restore_by_sql(&self, restore: &RestoreFields<'_>) -> Result<Touched> {
        if restore.fields.is_empty() {
            return Ok(Touched::default());
        }
        in_parts(restore.limit, restore.after, |limit, after| {
            self.restore_part(&RestoreFields { limit, after, ..*restore })
        })
    }

    fn restore_part(&self, restore: &RestoreFields<'_>) -> Result<Touched> {
        let limit = i64::try_from(restore.limit).unwrap_or(i64::MAX);
        let insert = format!(
            "INSERT OR ROLLBACK INTO change (rev, lead, prev_rev, before) SELECT ?4, l.id, l.rev, {} \
             FROM change c CROSS JOIN lead l ON l.id = c.lead \
             WHERE c.rev = ?1 AND c.lead > ?2 AND l.rev = ?1 ORDER BY c.lead LIMIT ?3",
            image_of(restore.fields, "l", "instr(c.before, '\"original\":') > 0")
        );
        let values = [restore.of, restore.after, limit, restore.rev].map(Sql::Integer);
        let touched = self.touch(restore.rev, Builder::with(&insert, values))?;
        let Some(last) = touched.last else { return Ok(touched) };
        let (values, complete) = self.values_before(restore, last)?;
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
             UPDATE OR ROLLBACK lead SET rev = ?1, updated_at = ?2, {}, \
             original = CASE WHEN m.original IS NULL THEN lead.original ELSE nullif(m.original, '{{}}') END \
             FROM change c JOIN m ON m.key = c.before \
             WHERE c.rev = ?3 AND c.lead > ?5 AND c.lead <= ?6 AND lead.id = c.lead AND lead.rev = ?3",
            columns.join(", "),
            sets.join(", ")
        );
        let values = (restore.rev, restore.at.0, restore.of, values, restore.after, last);
        self.connection.prepare_cached(&update)?.execute(values)?;
        Ok(touched)
    }

    /// Keeps images, and tells of how many leads and which is the last of them: those of this commit
    /// whose new values are not written yet.
    fn touch(&self, rev: i64, insert: Builder) -> Result<Touched> {
        let mut statement = self.connection.prepare_cached(&insert.text)?;
        let count = statement.execute(rusqlite::params_from_iter(insert.values))? as u64;
        if count == 0 {
            return Ok(Touched::default());
        }
        let last = self
            .connection
            .prepare_cached(
                "SELECT c.lead FROM change c CROSS JOIN lead l ON l.id = c.lead \
                 WHERE c.rev = ?1 AND l.rev < ?1 ORDER BY c.lead DESC LIMIT 1",
            )?
            .query_row([rev], |row| row.get(0))?;
        Ok(Touched { count, last })
    }

    /// The columns that a commit's images become, by the text of the image: images repeat, and each
    /// different one is read and folded once. And whether all of them hold all of the fields.
    fn values_before(&self, restore: &RestoreFields<'_>, last: i64) -> Result<(String, bool)> {
        let mut values = Image::new();
        let mut complete = true;
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT before FROM change WHERE rev = ?1 AND lead > ?2 AND lead <= ?3",
        )?;
        let mut rows = statement.query((restore.of, restore.after, last))?;
        while let Some(row) = rows.next()? {
            let before: String = row.get(0)?;
            let image: Image = super::lead::parse(before.as_bytes())?;
            complete &= restore.fields.iter().all(|field| image.contains_key(field.name()));
            values.insert(before, columns_of(restore.fields, &image));
        }
        Ok((Value::Object(values).to_string(), complete))
    }
}

/// Does `part` for so many rows at a time, behind the last of the time before, up to the limit.
fn in_parts(limit: u64, mut after: i64, part: impl Fn(u64, i64) -> Result<Touched>) -> Result<Touched> {
    let mut all = Touched::default();
    while all.count < limit {
        let size = AT_ONCE.min(limit - all.count);
        let touched = part(size, after)?;
        let Some(last) = touched.last else { break };
        all = Touched { count: all.count + touched.count, last: Some(last) };
        after = last;
        if touched.count < size {
            break;
        }
    }
    Ok(all)
}

/// The SQL that finds the leads to be set, behind the last one.
fn selected(sql: &mut Builder, set: &SetFields<'_>) {
    sql.push("deleted_at IS NULL AND id > ");
    sql.bind(Sql::Integer(set.after));
    sql.push(" AND rev < ");
    sql.bind(Sql::Integer(set.rev));
    sql.push(&format!(" AND ({}) AND ", differing(set.values)));
    sql.expr(set.filter);
}

/// The SQL that finds leads without all of the values, which a statement begins with.
fn differing(values: &[SetValue]) -> String {
    if values.is_empty() {
        return "0".to_string();
    }
    let tests = values.iter().enumerate();
    tests.map(|(i, v)| format!("{} IS NOT ?{}", v.field.name(), i + 1)).collect::<Vec<_>>().join(" OR ")
}

fn texts(values: &[SetValue]) -> impl Iterator<Item = Sql> {
    values.iter().map(|value| text(value.text.as_deref()))
}

fn text(text: Option<&str>) -> Sql {
    text.map_or(Sql::Null, |t| Sql::Text(t.to_string()))
}

/// The SQL that tells whether a lead has an original of one of some fields. Searching the text
/// first is several times cheaper than reading it as JSON, and most leads have some original.
fn has_original(fields: &[Field]) -> String {
    let has = |f: &Field| {
        format!("(instr(original, '\"{0}\":') > 0 AND json_extract(original, '$.{0}') IS NOT NULL)", f.name())
    };
    fields.iter().map(has).collect::<Vec<_>>().join(" OR ")
}

/// The SQL of a before-image of some fields, with the originals where a condition holds.
fn image_of(fields: &[Field], table: &str, with_original: &str) -> String {
    let parts: Vec<String> = fields.iter().map(|f| format!("'{0}', {table}.{0}", f.name())).collect();
    let parts = parts.join(", ");
    format!(
        "CASE WHEN {with_original} \
         THEN json_object({parts}, 'original', json(coalesce({table}.original, '{{}}'))) \
         ELSE json_object({parts}) END"
    )
}
