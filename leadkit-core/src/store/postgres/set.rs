//! Changes of many leads by few statements: the image and the new value of thousands of rows, each
//! written by one walk.

use super::View;
use super::lead::parse;
use super::log::limited;
use super::query::Builder;
use crate::error::{Error, ErrorCode, Result};
use crate::model::field::Field;
use crate::model::filter::Expr;
use crate::store::image::{Image, columns_of};
use crate::store::{RestoreFields, SetFields, SetValue, Touched, differing_fold, is_folded};

impl View<'_> {
    pub(super) fn set_by_sql(&self, set: &SetFields<'_>) -> Result<Touched> {
        if set.values.is_empty() {
            return Ok(Touched::default());
        }
        let fields: Vec<Field> = set.values.iter().map(|value| value.field).collect();
        let mut sql = Builder::with(KEPT);
        sql.bind(set.rev, "bigint");
        sql.push(&format!(", l.id, l.rev, {} FROM lead l WHERE ", image_of(&fields, &has_original(&fields))));
        selected(&mut sql, set);
        sql.push(&format!(" ORDER BY l.id LIMIT {} {COUNTED}", limited(set.limit)));
        let touched = self.touch(&sql)?;
        let Some(last) = touched.last else { return Ok(touched) };

        // The same rows by the same conditions: cheaper than to name thousands of them.
        let mut sql = Builder::with("UPDATE lead l SET rev = ");
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
        let names: Vec<String> = fields.iter().map(|field| field.name().to_string()).collect();
        let names = sql.mark(names, "text[]");
        sql.push(&format!(
            ", original = CASE WHEN {} \
             THEN nullif((l.original::jsonb - {names})::text, '{{}}') ELSE l.original END WHERE l.id <= ",
            has_original(&fields)
        ));
        sql.bind(last, "bigint");
        sql.push(" AND ");
        selected(&mut sql, set);
        self.write_touched(&sql, touched)
    }

    pub(super) fn count_set(&self, filter: &Expr, values: &[SetValue]) -> Result<(u64, u64)> {
        let mut sql = Builder::with("SELECT count(*), count(*) FILTER (WHERE ");
        differing(&mut sql, values);
        sql.push(") FROM lead l WHERE deleted_at IS NULL AND ");
        sql.expr(filter);
        let row = self.row(&sql.text, &sql.values()?)?;
        Ok((row.try_get::<_, i64>(0)?.unsigned_abs(), row.try_get::<_, i64>(1)?.unsigned_abs()))
    }

    pub(super) fn restore_by_sql(&self, restore: &RestoreFields<'_>) -> Result<Touched> {
        if restore.fields.is_empty() {
            return Ok(Touched::default());
        }
        let mut sql = Builder::with(KEPT);
        sql.bind(restore.rev, "bigint");
        let has_original = "strpos(c.before, '\"original\":') > 0 AND c.before::jsonb ? 'original'";
        sql.push(&format!(", l.id, l.rev, {}", image_of(restore.fields, has_original)));
        untouched(&mut sql, "FROM change c JOIN lead l ON l.id = c.lead WHERE ", restore);
        sql.push(&format!(" ORDER BY c.lead LIMIT {} {COUNTED}", limited(restore.limit)));
        let touched = self.touch(&sql)?;
        let Some(last) = touched.last else { return Ok(touched) };

        let before = self.values_before(restore, last)?;
        let (mut columns, mut sets) = (Vec::new(), Vec::new());
        for field in restore.fields {
            let name = field.name();
            let folded = is_folded(*field).then(|| format!("{name}_fold"));
            if !before.complete {
                columns.push(format!("value -> '{name}' IS NOT NULL AS has_{name}"));
            }
            for column in [name.to_string()].into_iter().chain(folded) {
                columns.push(format!("value ->> '{column}' AS {column}"));
                sets.push(match before.complete {
                    true => format!("{column} = m.{column}"),
                    // A field that an image does not hold stays.
                    false => format!("{column} = CASE WHEN m.has_{name} THEN m.{column} ELSE l.{column} END"),
                });
            }
        }
        let mut sql =
            Builder::with("WITH m AS MATERIALIZED (SELECT image, value ->> 'original' AS original, ");
        sql.push(&format!("{} FROM (SELECT image, value::json FROM unnest(", columns.join(", ")));
        sql.bind(before.images, "text[]");
        sql.push(", ");
        sql.bind(before.columns, "text[]");
        sql.push(") AS u (image, value)) u) UPDATE lead l SET rev = ");
        sql.bind(restore.rev, "bigint");
        sql.push(", updated_at = ");
        sql.bind(restore.at.0, "bigint");
        sql.push(&format!(
            ", {}, original = CASE WHEN m.original IS NULL THEN l.original \
             ELSE nullif(m.original, '{{}}') END FROM change c JOIN m ON m.image = c.before \
             WHERE l.id = c.lead AND c.lead <= ",
            sets.join(", ")
        ));
        sql.bind(last, "bigint");
        untouched(&mut sql, "AND ", restore);
        self.write_touched(&sql, touched)
    }

    /// Keeps images, and tells of how many leads and which is the last of them.
    fn touch(&self, sql: &Builder) -> Result<Touched> {
        let row = self.row(&sql.text, &sql.values()?)?;
        Ok(Touched { count: row.try_get::<_, i64>(0)?.unsigned_abs(), last: row.try_get(1)? })
    }

    /// Writes the new values of leads whose images were kept just before.
    fn write_touched(&self, sql: &Builder, touched: Touched) -> Result<Touched> {
        if self.execute(&sql.text, &sql.values()?)? == touched.count {
            return Ok(touched);
        }
        // Our writers come one after the other; other programs need not keep to that.
        Err(Error::new(ErrorCode::Busy, "another program changed leads at the same time").hint("try again"))
    }

    /// The images of a commit behind a lead and up to another.
    fn values_before(&self, restore: &RestoreFields<'_>, last: i64) -> Result<Before> {
        let sql = "SELECT DISTINCT before FROM change WHERE rev = $1 AND lead > $2 AND lead <= $3";
        let rows = self.rows(sql, &[&restore.of, &restore.after, &last])?;
        let mut values = Before { complete: true, ..Before::default() };
        for row in &rows {
            let before: &str = row.try_get(0)?;
            let image: Image = parse(before)?;
            values.complete &= restore.fields.iter().all(|field| image.contains_key(field.name()));
            values.columns.push(columns_of(restore.fields, &image).to_string());
            values.images.push(before.to_string());
        }
        Ok(values)
    }
}

/// Images with the columns that they become: images repeat, and each different one is read and
/// folded once.
#[derive(Default)]
struct Before {
    images: Vec<String>,
    columns: Vec<String>,
    /// Whether all of them hold all of the fields.
    complete: bool,
}

/// How a statement that keeps images begins and ends.
const KEPT: &str = "WITH image AS (INSERT INTO change (rev, lead, prev_rev, before) SELECT ";
const COUNTED: &str = "RETURNING lead) SELECT count(*), max(lead) FROM image";

/// The SQL that finds the leads to be set, behind the last one.
fn selected(sql: &mut Builder, set: &SetFields<'_>) {
    sql.push("l.deleted_at IS NULL AND l.id > ");
    sql.bind(set.after, "bigint");
    sql.push(" AND l.rev < ");
    sql.bind(set.rev, "bigint");
    sql.push(" AND ");
    differing(sql, set.values);
    sql.push(" AND ");
    sql.expr(set.filter);
}

/// The SQL that finds what a commit changed and nobody since, behind the last one.
fn untouched(sql: &mut Builder, begin: &str, restore: &RestoreFields<'_>) {
    let of = sql.mark(restore.of, "bigint");
    let after = sql.mark(restore.after, "bigint");
    // Said of both tables, each can be read by its index.
    sql.push(&format!(" {begin} c.rev = {of} AND c.lead > {after} AND l.rev = {of} AND l.id > {after}"));
}

/// The SQL that finds leads without all of the values.
fn differing(sql: &mut Builder, values: &[SetValue]) {
    sql.push("(false");
    for value in values {
        sql.push(&format!(" OR l.{} IS DISTINCT FROM ", value.field.name()));
        sql.bind(value.text.clone(), "text");
    }
    sql.push(")");
}

/// The SQL that tells whether the lead `l` has an original of one of some fields. Searching the text
/// first is several times cheaper than reading it as JSON, and most leads have some original.
fn has_original(fields: &[Field]) -> String {
    let has =
        |f: &Field| format!("(strpos(l.original, '\"{0}\":') > 0 AND l.original::jsonb ? '{0}')", f.name());
    fields.iter().map(has).collect::<Vec<_>>().join(" OR ")
}

/// The SQL of a before-image of some fields of the lead `l`, with the originals where a condition
/// holds. Put together as text, which costs half of what the server's functions for objects do.
fn image_of(fields: &[Field], with_original: &str) -> String {
    let part = |f: &Field| format!("\"{0}\":' || coalesce(to_json(l.{0})::text, 'null')", f.name());
    let parts = fields.iter().map(part).collect::<Vec<_>>().join(" || ',");
    format!(
        "'{{{parts} || CASE WHEN {with_original} \
         THEN ',\"original\":' || coalesce(l.original, '{{}}') ELSE '' END || '}}'"
    )
}
