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
use crate::store::{Change, LeadUpdate, before_image};

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
        if updates.is_empty() {
            return Ok(());
        }
        let mut fixed: [Vec<Option<i64>>; FIXED.len() - 1] = Default::default();
        let mut scores: Vec<Option<f64>> = Vec::with_capacity(updates.len());
        let mut texts: Vec<Vec<Option<Cow<'_, str>>>> = Vec::new();
        texts.resize_with(ALL_COLUMNS.split(", ").count() - FIXED.len(), Vec::new);
        for LeadUpdate { after, .. } in updates {
            for (column, number) in fixed.iter_mut().zip(numbers(&after.lead)) {
                column.push(number);
            }
            scores.push(after.lead.score);
            let mut columns = texts.iter_mut();
            each_text(after, |text| {
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
        self.keep_images(updates)
    }

    fn keep_images(&self, updates: &[LeadUpdate]) -> Result<()> {
        let mut older = self.older_images(updates)?;
        let mut changes = Vec::with_capacity(updates.len());
        for LeadUpdate { before, after } in updates {
            let rev = after.lead.rev;
            let mut change = Change {
                rev,
                lead: before.id,
                prev_rev: before.rev,
                before: before_image(before, &after.lead),
            };
            if before.rev == rev {
                // Changed a second time in this commit: the older image goes before this one. None:
                // the commit created the lead.
                let Some(older) = older.remove(&before.id) else { continue };
                change.prev_rev = older.prev_rev;
                change.before.extend(older.before);
            }
            changes.push(change);
        }
        self.put_changes(&changes)
    }

    fn older_images(&self, updates: &[LeadUpdate]) -> Result<HashMap<i64, Change>> {
        let again: Vec<&LeadUpdate> = updates.iter().filter(|u| u.before.rev == u.after.lead.rev).collect();
        let Some(first) = again.first() else { return Ok(HashMap::new()) };
        let ids: Vec<i64> = again.iter().map(|update| update.before.id).collect();
        let sql = format!("SELECT {CHANGE} FROM change WHERE rev = $1 AND lead = ANY($2::bigint[])");
        let rows = self.rows(&sql, &[&first.before.rev, &ids])?;
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
