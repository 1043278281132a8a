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
use crate::store::image::Image;
use crate::store::{RestoreFields, SetFields, SetValue, Touched, is_folded};
use crate::text::fold;

impl View<'_> {
    pub(super) fn set_by_sql(&self, set: &SetFields<'_>) -> Result<Touched> {
        let fields: Vec<Field> = set.values.iter().map(|value| value.field).collect();
        let names: Vec<String> = fields.iter().map(|field| field.name().to_string()).collect();
        let mut sql = Builder::with("INSERT INTO change (rev, lead, prev_rev, before) SELECT ");
        sql.bind(set.rev, "bigint");
        sql.push(", id, rev, ");
        let has_original = format!("original::jsonb ?| {}", sql.mark(names.clone(), "text[]"));
        sql.push(&image_of(&fields, "lead.", &has_original));
        sql.push(" FROM lead WHERE deleted_at IS NULL AND id > ");
        sql.bind(set.after, "bigint");
        sql.push(" AND ");
        differing(&mut sql, set.values);
        sql.push(" AND ");
        sql.expr(set.filter);
        sql.push(&format!(" ORDER BY id LIMIT {}", limited(set.limit)));
        let count = self.execute(&sql.text, &sql.values()?)?;
        if count == 0 {
            return Ok(Touched::default());
        }

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
             THEN nullif((original::jsonb - {names})::text, '{{}}') ELSE original END \
             WHERE id IN (SELECT lead FROM change WHERE rev = $1 AND lead > "
        ));
        sql.bind(set.after, "bigint");
        sql.push(")");
        self.execute(&sql.text, &sql.values()?)?;
        self.touched(set.rev, count)
    }

    pub(super) fn count_set(&self, filter: &Expr, values: &[SetValue]) -> Result<u64> {
        let mut sql = Builder::with("SELECT count(*) FROM lead WHERE deleted_at IS NULL AND ");
        differing(&mut sql, values);
        sql.push(" AND ");
        sql.expr(filter);
        self.count_by(&sql)
    }

    pub(super) fn restore_by_sql(&self, restore: &RestoreFields<'_>) -> Result<Touched> {
        let insert = format!(
            "INSERT INTO change (rev, lead, prev_rev, before) SELECT $1, l.id, l.rev, {} \
             FROM change c JOIN lead l ON l.id = c.lead WHERE c.rev = $2 AND c.lead > $3 AND l.rev = $2 \
             ORDER BY c.lead LIMIT $4",
            image_of(restore.fields, "l.", "c.before::jsonb ? 'original'")
        );
        let values: super::transaction::Values<'_> =
            &[&restore.rev, &restore.of, &restore.after, &limited(restore.limit)];
        let count = self.execute(&insert, values)?;
        if count == 0 {
            return Ok(Touched::default());
        }
        let touched = self.touched(restore.rev, count)?;
        let (images, columns) = self.values_before(restore, touched)?;
        let mut sets = Vec::new();
        for field in restore.fields {
            let folded = is_folded(*field).then(|| format!("{}_fold", field.name()));
            for name in [field.name().to_string()].into_iter().chain(folded) {
                sets.push(format!("{name} = m.value ->> '{name}'"));
            }
        }
        let update = format!(
            "WITH m AS MATERIALIZED (SELECT image, value::json AS value FROM unnest($4::text[], $5::text[]) AS u (image, value)) \
             UPDATE lead SET rev = $1, updated_at = $2, {}, original = CASE \
             WHEN m.value -> 'original' IS NULL THEN lead.original ELSE nullif(m.value ->> 'original', '{{}}') END \
             FROM change n JOIN change c ON c.rev = $3 AND c.lead = n.lead JOIN m ON m.image = c.before \
             WHERE n.rev = $1 AND n.lead > $6 AND lead.id = n.lead",
            sets.join(", ")
        );
        let values: super::transaction::Values<'_> =
            &[&restore.rev, &restore.at.0, &restore.of, &images, &columns, &restore.after];
        self.execute(&update, values)?;
        Ok(touched)
    }

    /// The images of a commit with the columns that they become: images repeat, and each different
    /// one is read and folded once.
    fn values_before(
        &self,
        restore: &RestoreFields<'_>,
        touched: Touched,
    ) -> Result<(Vec<String>, Vec<String>)> {
        let rows = self.rows(
            "SELECT DISTINCT before FROM change WHERE rev = $1 AND lead > $2 AND lead <= $3",
            &[&restore.of, &restore.after, &touched.last],
        )?;
        let (mut images, mut columns) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for row in &rows {
            let before: &str = row.try_get(0)?;
            columns.push(columns_of(restore.fields, &parse(before)?).to_string());
            images.push(before.to_string());
        }
        Ok((images, columns))
    }

    fn touched(&self, rev: i64, count: u64) -> Result<Touched> {
        let last = self.row("SELECT max(lead) FROM change WHERE rev = $1", &[&rev])?.try_get(0)?;
        Ok(Touched { count, last })
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

/// The SQL of a before-image of some fields, with the originals where a condition holds.
fn image_of(fields: &[Field], table: &str, with_original: &str) -> String {
    let parts: Vec<String> = fields.iter().map(|f| format!("'{0}', {table}{0}", f.name())).collect();
    let parts = parts.join(", ");
    format!(
        "CASE WHEN {with_original} \
         THEN json_build_object({parts}, 'original', coalesce({table}original, '{{}}')::json)::text \
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
