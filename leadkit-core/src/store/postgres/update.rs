//! New states of leads with their before-images, each by one statement.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;
use tokio_postgres::types::ToSql;

use super::View;
use super::lead::{ALL_COLUMNS, FIXED, each_text, numbers};
use super::log::{CHANGE, read_change};
use crate::error::Result;
use crate::store::{Change, LeadRow, LeadUpdate, before_image};

static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let names: Vec<&str> = ALL_COLUMNS.split(", ").collect();
    let types = names.iter().enumerate().map(|(i, name)| {
        let kind = match FIXED.iter().position(|fixed| fixed == name) {
            Some(at) if at + 1 == FIXED.len() => "double precision",
            Some(_) => "bigint",
            None => "text",
        };
        format!("${}::{kind}[]", i + 1)
    });
    let arrays = types.collect::<Vec<_>>().join(", ");
    let sets: Vec<String> = names[1..].iter().map(|name| format!("{name} = n.{name}")).collect();
    format!(
        "UPDATE lead SET {} FROM unnest({arrays}) AS n ({}) WHERE lead.id = n.id",
        sets.join(", "),
        *ALL_COLUMNS
    )
});

impl View<'_> {
    pub(super) fn update_rows(&self, updates: &[LeadUpdate]) -> Result<()> {
        self.replace_rows(updates.iter().map(|update| &update.after))?;
        let images = updates.iter().map(|LeadUpdate { before, after }| Change {
            rev: after.lead.rev,
            lead: before.id,
            prev_rev: before.rev,
            before: before_image(before, &after.lead),
        });
        self.keep_images(images.collect())
    }

    /// Stores new states of leads, without images.
    pub(super) fn replace_rows<'a>(&self, rows: impl ExactSizeIterator<Item = &'a LeadRow>) -> Result<()> {
        let count = rows.len();
        if count == 0 {
            return Ok(());
        }
        let mut fixed: [Vec<Option<i64>>; FIXED.len() - 1] = Default::default();
        let mut scores: Vec<Option<f64>> = Vec::with_capacity(count);
        let mut texts: Vec<Vec<Option<Cow<'_, str>>>> = Vec::new();
        texts.resize_with(ALL_COLUMNS.split(", ").count() - FIXED.len(), || Vec::with_capacity(count));
        for row in rows {
            for (column, number) in fixed.iter_mut().zip(numbers(&row.lead)) {
                column.push(number);
            }
            scores.push(row.lead.score);
            let mut columns = texts.iter_mut();
            each_text(row, |text| {
                if let Some(column) = columns.next() {
                    column.push(text);
                }
            });
        }
        let mut values: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(FIXED.len() + texts.len());
        values.extend(fixed.iter().map(|column| column as &(dyn ToSql + Sync)));
        values.push(&scores);
        values.extend(texts.iter().map(|column| column as &(dyn ToSql + Sync)));
        self.execute(&UPDATE, &values)?;
        Ok(())
    }

    /// Stores the images of leads that change, where the commit has none of them yet.
    pub(super) fn keep_images(&self, images: Vec<Change>) -> Result<()> {
        let again = |image: &Change| image.prev_rev == image.rev;
        let mut older = self.older_images(images.iter().filter(|image| again(image)))?;
        let mut changes = Vec::with_capacity(images.len());
        for mut change in images {
            if again(&change) {
                // Changed a second time in this commit: the older image goes before this one. None:
                // the commit created the lead.
                let Some(older) = older.remove(&change.lead) else { continue };
                change.prev_rev = older.prev_rev;
                change.before.extend(older.before);
            }
            changes.push(change);
        }
        self.put_changes(&changes)
    }

    fn older_images<'a>(&self, again: impl Iterator<Item = &'a Change>) -> Result<HashMap<i64, Change>> {
        let again: Vec<&Change> = again.collect();
        let Some(first) = again.first() else { return Ok(HashMap::new()) };
        let ids: Vec<i64> = again.iter().map(|change| change.lead).collect();
        let sql = format!("SELECT {CHANGE} FROM change WHERE rev = $1 AND lead = ANY($2::bigint[])");
        let rows = self.rows(&sql, &[&first.rev, &ids])?;
        rows.iter().map(|row| read_change(row).map(|change| (change.lead, change))).collect()
    }

    /// Stores before-images; those that are there already are replaced.
    pub(super) fn put_changes(&self, changes: &[Change]) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let column = |value: fn(&Change) -> i64| changes.iter().map(value).collect::<Vec<i64>>();
        let images: Vec<String> =
            changes.iter().map(|c| Value::Object(c.before.clone()).to_string()).collect();
        let sql = format!(
            "INSERT INTO change ({CHANGE}) \
             SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) \
             ON CONFLICT (rev, lead) DO UPDATE SET prev_rev = excluded.prev_rev, before = excluded.before"
        );
        self.execute(&sql, &[&column(|c| c.rev), &column(|c| c.lead), &column(|c| c.prev_rev), &images])?;
        Ok(())
    }
}
