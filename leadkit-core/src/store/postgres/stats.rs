//! Statistics: hours that have changed, facts of contacts, and the counts made of them.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio_postgres::Row;

use super::View;
use super::error::damaged;
use super::lead::parse;
use super::log::limited;
use super::query::Builder;
use crate::clock::Timestamp;
use crate::compliance::whereabouts;
use crate::error::Result;
use crate::model::communication::{Communication, CommunicationState};
use crate::model::history::ContactChannel;
use crate::model::stats::Part;
use crate::model::transport::Direction;
use crate::store::{Fact, FactQuery, ReadStats, Span, WriteStats, hour_of};

/// Contacts that are held when an older schema is brought to this one.
const AT_ONCE: i64 = 1_000;

const FACT: &str = "SELECT c.place, c.lead, c.channel, c.direction, c.state, c.owner, c.template, c.campaign, \
     c.variant, c.country, c.time_zone, c.cost, c.currency, c.seconds, \
     (SELECT min(r.reply_after) FROM communication r WHERE r.reply_to = c.id AND NOT r.corrected), \
     c.opt_out OR EXISTS (SELECT 1 FROM communication r \
       WHERE r.reply_to = c.id AND r.opt_out AND NOT r.corrected) \
     FROM communication c WHERE NOT c.corrected AND c.place >= ";

impl ReadStats for View<'_> {
    fn changed_hours(&self, limit: u64) -> Result<Vec<i64>> {
        let sql = "SELECT hour FROM changed_hour ORDER BY hour LIMIT $1";
        self.rows(sql, &[&limited(limit)])?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    fn each_count(
        &self,
        span: Span,
        part: Part,
        from: i64,
        until: i64,
        each: &mut dyn FnMut(i64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let sql = "SELECT start, counts FROM contact_count \
             WHERE span = $1 AND part = $2 AND start >= $3 AND start < $4 ORDER BY start";
        self.walk(sql, &[&span.as_str(), &part.as_str(), &from, &until], &mut |row| {
            each(row.try_get(0)?, row.try_get(1)?).map(|()| true)
        })
    }

    fn each_fact(&self, query: &FactQuery, each: &mut dyn FnMut(&Fact<'_>) -> Result<()>) -> Result<()> {
        let (from, until) = query.places();
        let mut sql = Builder::with(FACT);
        sql.bind(from, "bigint");
        sql.push(" AND c.place < ");
        sql.bind(until, "bigint");
        if let Some(filter) = &query.filter {
            sql.push(" AND EXISTS (SELECT 1 FROM lead WHERE id = c.lead AND deleted_at IS NULL AND ");
            sql.expr(filter);
            sql.push(")");
        }
        sql.push(" ORDER BY c.place");
        self.walk(&sql.text, &sql.values()?, &mut |row| each(&read_fact(row)?).map(|()| true))
    }

    fn first_and_last_place(&self) -> Result<Option<(i64, i64)>> {
        let row = self.row("SELECT min(place), max(place) FROM communication", &[])?;
        let ends: (Option<i64>, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
        Ok(ends.0.zip(ends.1))
    }

    fn each_merged(&self, each: &mut dyn FnMut(i64, i64) -> Result<()>) -> Result<()> {
        let sql = "SELECT id, merged_into FROM lead WHERE merged_into IS NOT NULL";
        self.walk(sql, &[], &mut |row| each(row.try_get(0)?, row.try_get(1)?).map(|()| true))
    }

    fn each_former(
        &self,
        field: &str,
        each: &mut dyn FnMut(i64, Timestamp, &Value) -> Result<()>,
    ) -> Result<()> {
        let sql = "SELECT change.lead, log.at, (change.before::json -> $1)::text FROM change \
             JOIN commit_log log ON log.rev = change.rev \
             WHERE change.before::json -> $1 IS NOT NULL ORDER BY change.lead, change.rev";
        self.walk(sql, &[&field], &mut |row| {
            each(row.try_get(0)?, Timestamp(row.try_get(1)?), &parse(row.try_get(2)?)?).map(|()| true)
        })
    }
}

impl WriteStats for View<'_> {
    fn mark_hours(&self, hours: &[i64]) -> Result<()> {
        if !hours.is_empty() {
            let sql =
                "INSERT INTO changed_hour (hour) SELECT * FROM unnest($1::bigint[]) ON CONFLICT DO NOTHING";
            self.execute(sql, &[&hours])?;
        }
        Ok(())
    }

    fn unmark_hours(&self, hours: &[i64]) -> Result<()> {
        self.execute("DELETE FROM changed_hour WHERE hour = ANY($1)", &[&hours])?;
        Ok(())
    }

    fn put_counts(&self, span: Span, part: Part, counts: &[(i64, Option<Vec<u8>>)]) -> Result<()> {
        let (mut starts, mut values, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for (start, counts) in counts {
            match counts {
                Some(counts) => {
                    starts.push(*start);
                    values.push(counts.as_slice());
                }
                None => gone.push(*start),
            }
        }
        let (span, part) = (span.as_str(), part.as_str());
        if !gone.is_empty() {
            let sql = "DELETE FROM contact_count WHERE span = $1 AND part = $2 AND start = ANY($3)";
            self.execute(sql, &[&span, &part, &gone])?;
        }
        if !starts.is_empty() {
            let sql = "INSERT INTO contact_count (span, part, start, counts) \
                 SELECT $1, $2, * FROM unnest($3::bigint[], $4::bytea[]) \
                 ON CONFLICT (span, part, start) DO UPDATE SET counts = excluded.counts";
            self.execute(sql, &[&span, &part, &starts, &values])?;
        }
        Ok(())
    }
}

impl View<'_> {
    /// Marks the hours of places, and those of the contacts that were answered from there.
    pub(super) fn mark_changed(&self, places: &[i64], answered: &[i64]) -> Result<()> {
        let mut hours: BTreeSet<i64> = places.iter().map(|place| hour_of(*place)).collect();
        if !answered.is_empty() {
            let sql = "SELECT place FROM communication WHERE id = ANY($1)";
            for row in self.rows(sql, &[&answered])? {
                hours.insert(hour_of(row.try_get(0)?));
            }
        }
        self.mark_hours(&hours.into_iter().collect::<Vec<_>>())
    }

    /// With the country and time zone that a contact of before they were kept has, by what is known now.
    fn with_whereabouts(&self, mut contact: Communication) -> Result<Communication> {
        let rows = self.rows("SELECT country, time_zone FROM lead WHERE id = $1", &[&contact.lead])?;
        let (country, time_zone) = match rows.first() {
            Some(row) => (row.try_get(0)?, row.try_get(1)?),
            None => (None, None),
        };
        (contact.country, contact.time_zone) = whereabouts(contact.address(), country, time_zone);
        Ok(contact)
    }
}

/// Gives contacts of an older schema the columns that are counted by.
pub(super) fn fill_all(view: &View<'_>) -> Result<()> {
    let mut after = 0_i64;
    loop {
        let sql = "SELECT value, place, texts FROM communication WHERE id > $1 ORDER BY id LIMIT $2";
        let rows = view.rows(sql, &[&after, &AT_ONCE])?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut places = Vec::with_capacity(rows.len());
        for row in &rows {
            let contact = view.with_whereabouts(parse(row.try_get(0)?)?)?;
            view.store_columns(&contact, row.try_get(1)?, row.try_get(2)?)?;
            after = contact.id;
            places.push(row.try_get(1)?);
        }
        view.mark_changed(&places, &[])?;
    }
}

fn read_fact(row: &Row) -> Result<Fact<'_>> {
    Ok(Fact {
        place: row.try_get(0)?,
        lead: row.try_get(1)?,
        channel: known(row, 2, &ContactChannel::ALL, ContactChannel::as_str)?,
        direction: known(row, 3, Direction::ALL, Direction::as_str)?,
        state: known(row, 4, &CommunicationState::ALL, CommunicationState::as_str)?,
        owner: row.try_get(5)?,
        template: row.try_get(6)?,
        campaign: row.try_get(7)?,
        variant: row.try_get(8)?,
        country: row.try_get(9)?,
        time_zone: row.try_get(10)?,
        cost: row.try_get(11)?,
        currency: row.try_get(12)?,
        seconds: row.try_get(13)?,
        answered_after: row.try_get(14)?,
        opted_out: row.try_get(15)?,
    })
}

/// The value of a word; a million of them are read at once.
fn known<T: Copy>(row: &Row, column: usize, all: &[T], word: impl Fn(T) -> &'static str) -> Result<T> {
    let text: &str = row.try_get(column)?;
    all.iter().copied().find(|one| word(*one) == text).ok_or_else(damaged)
}
