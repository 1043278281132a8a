//! Statistics: hours that have changed, facts of contacts, and the counts made of them.

use std::collections::BTreeSet;

use rusqlite::types::{Type, Value as Sql};
use rusqlite::{OptionalExtension, Row};
use serde_json::Value;

use super::View;
use super::log::json;
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
const AT_ONCE: i64 = 10_000;

const FACT: &str = "SELECT c.place, c.lead, c.channel, c.direction, c.state, c.owner, c.template, c.campaign, \
     c.variant, c.country, c.time_zone, c.cost, c.currency, c.seconds, \
     (SELECT min(r.reply_after) FROM communication r WHERE r.reply_to = c.id AND NOT r.corrected), \
     c.opt_out OR EXISTS (SELECT 1 FROM communication r \
       WHERE r.reply_to = c.id AND r.opt_out AND NOT r.corrected) \
     FROM communication c WHERE NOT c.corrected AND c.place >= ";

impl ReadStats for View<'_> {
    fn changed_hours(&self, limit: u64) -> Result<Vec<i64>> {
        let sql = "SELECT hour FROM changed_hour ORDER BY hour LIMIT ?";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([limit], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
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
             WHERE span = ? AND part = ? AND start >= ? AND start < ? ORDER BY start";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((span.as_str(), part.as_str(), from, until))?;
        while let Some(row) = rows.next()? {
            let counts = row.get_ref(1)?;
            each(row.get(0)?, counts.as_blob().map_err(|error| wrong(1, error))?)?;
        }
        Ok(())
    }

    fn each_fact(&self, query: &FactQuery, each: &mut dyn FnMut(&Fact<'_>) -> Result<()>) -> Result<()> {
        let (from, until) = query.places();
        let mut sql = Builder::default();
        sql.push(FACT);
        sql.bind(Sql::Integer(from));
        sql.push(" AND c.place < ");
        sql.bind(Sql::Integer(until));
        if let Some(filter) = &query.filter {
            sql.push(" AND EXISTS (SELECT 1 FROM lead WHERE id = c.lead AND deleted_at IS NULL AND ");
            sql.expr(filter);
            sql.push(")");
        }
        sql.push(" ORDER BY c.place");
        let mut statement = self.connection.prepare_cached(&sql.text)?;
        let mut rows = statement.query(rusqlite::params_from_iter(sql.values))?;
        while let Some(row) = rows.next()? {
            each(&read_fact(row)?)?;
        }
        Ok(())
    }

    fn first_and_last_place(&self) -> Result<Option<(i64, i64)>> {
        // Each on its own is read from an end of the index; both at once would go through all of it.
        let sql = "SELECT (SELECT min(place) FROM communication), (SELECT max(place) FROM communication)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let ends: (Option<i64>, Option<i64>) =
            statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(ends.0.zip(ends.1))
    }

    fn each_merged(&self, each: &mut dyn FnMut(i64, i64) -> Result<()>) -> Result<()> {
        let sql = "SELECT id, merged_into FROM lead WHERE merged_into IS NOT NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, row.get(1)?)?;
        }
        Ok(())
    }

    fn each_former(
        &self,
        field: &str,
        each: &mut dyn FnMut(i64, Timestamp, &Value) -> Result<()>,
    ) -> Result<()> {
        let sql = "SELECT change.lead, log.at, change.before -> ?1 FROM change \
             JOIN commit_log log ON log.rev = change.rev \
             WHERE json_type(change.before, ?1) IS NOT NULL ORDER BY change.lead, change.rev";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([format!("$.{field}")])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, Timestamp(row.get(1)?), &json(row, 2)?)?;
        }
        Ok(())
    }
}

impl WriteStats for View<'_> {
    fn mark_hours(&self, hours: &[i64]) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO changed_hour (hour) VALUES (?)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for hour in hours {
            statement.execute([hour])?;
        }
        Ok(())
    }

    fn unmark_hours(&self, hours: &[i64]) -> Result<()> {
        let mut statement = self.connection.prepare_cached("DELETE FROM changed_hour WHERE hour = ?")?;
        for hour in hours {
            statement.execute([hour])?;
        }
        Ok(())
    }

    fn put_counts(&self, span: Span, part: Part, counts: &[(i64, Option<Vec<u8>>)]) -> Result<()> {
        let put = "INSERT OR REPLACE INTO contact_count (span, part, start, counts) VALUES (?, ?, ?, ?)";
        let drop = "DELETE FROM contact_count WHERE span = ? AND part = ? AND start = ?";
        for (start, counts) in counts {
            match counts {
                Some(counts) => self.connection.prepare_cached(put)?.execute((
                    span.as_str(),
                    part.as_str(),
                    start,
                    counts,
                ))?,
                None => {
                    self.connection.prepare_cached(drop)?.execute((span.as_str(), part.as_str(), start))?
                }
            };
        }
        Ok(())
    }
}

impl View<'_> {
    /// Marks the hours of places, and those of the contacts that were answered from there.
    pub(super) fn mark_changed(&self, places: &[i64], answered: &[i64]) -> Result<()> {
        let mut hours: BTreeSet<i64> = places.iter().map(|place| hour_of(*place)).collect();
        let mut statement = self.connection.prepare_cached("SELECT place FROM communication WHERE id = ?")?;
        for id in answered {
            let place: Option<i64> = statement.query_row([id], |row| row.get(0)).optional()?;
            hours.extend(place.map(hour_of));
        }
        self.mark_hours(&hours.into_iter().collect::<Vec<_>>())
    }

    /// With the country and time zone that a contact of before they were kept has, by what is known now.
    pub(super) fn with_whereabouts(&self, mut contact: Communication) -> Result<Communication> {
        let sql = "SELECT country, time_zone FROM lead WHERE id = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let of_lead = statement.query_row([contact.lead], |row| Ok((row.get(0)?, row.get(1)?)));
        let (country, time_zone): (Option<String>, Option<String>) = of_lead.optional()?.unwrap_or_default();
        let found = whereabouts(contact.address(), country.as_deref(), time_zone.as_deref());
        (contact.country, contact.time_zone) = found;
        Ok(contact)
    }
}

/// Gives contacts of an older schema the columns that are counted by.
pub(super) fn fill_all(view: &View<'_>) -> Result<()> {
    let mut after = 0;
    loop {
        let sql = "SELECT value, place, texts FROM communication WHERE id > ? ORDER BY id LIMIT ?";
        let mut statement = view.connection.prepare_cached(sql)?;
        let rows =
            statement.query_map((after, AT_ONCE), |row| Ok((json(row, 0)?, row.get(1)?, row.get(2)?)))?;
        let old: Vec<(Communication, i64, i64)> = rows.collect::<rusqlite::Result<_>>()?;
        let Some((last, ..)) = old.last() else { return Ok(()) };
        after = last.id;
        let places: Vec<i64> = old.iter().map(|(_, place, _)| *place).collect();
        for (contact, place, texts) in old {
            view.store_columns(&view.with_whereabouts(contact)?, place, texts)?;
        }
        view.mark_changed(&places, &[])?;
    }
}

fn read_fact<'a>(row: &'a Row<'_>) -> rusqlite::Result<Fact<'a>> {
    let text = |column: usize| row.get_ref(column)?.as_str_or_null().map_err(|error| wrong(column, error));
    Ok(Fact {
        place: row.get(0)?,
        lead: row.get(1)?,
        channel: known(row, 2, &ContactChannel::ALL, ContactChannel::as_str)?,
        direction: known(row, 3, Direction::ALL, Direction::as_str)?,
        state: known(row, 4, &CommunicationState::ALL, CommunicationState::as_str)?,
        owner: text(5)?,
        template: text(6)?,
        campaign: text(7)?,
        variant: text(8)?,
        country: text(9)?,
        time_zone: text(10)?,
        cost: row.get(11)?,
        currency: text(12)?,
        seconds: row.get(13)?,
        answered_after: row.get(14)?,
        opted_out: row.get(15)?,
    })
}

/// The value of a word; a million of them are read at once.
fn known<T: Copy>(
    row: &Row<'_>,
    column: usize,
    all: &[T],
    word: impl Fn(T) -> &'static str,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str().map_err(|error| wrong(column, error))?;
    let unknown = || rusqlite::Error::InvalidColumnType(column, text.to_string(), Type::Text);
    all.iter().copied().find(|one| word(*one) == text).ok_or_else(unknown)
}

fn wrong(column: usize, error: rusqlite::types::FromSqlError) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
