//! Consent, switches and templates.

use rusqlite::{OptionalExtension, Row, ToSql};

use super::View;
use super::log::{json, text, word};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::model::communication::{Communication, CommunicationEvent, CommunicationState};
use crate::model::consent::ConsentEntry;
use crate::model::history::Facet;
use crate::model::message_template::MessageTemplate;
use crate::model::settings::Settings;
use crate::store::{
    CommunicationKey, CommunicationQuery, ConsentQuery, FacetCounts, HistoryQuery, ReadComms, WriteComms,
};

pub(super) const CONSENT: &str = "id, at, kind, channel, address, lead, purpose, source, wording, given_at, \
     proof, review_by, actor, reason";

impl ReadComms for View<'_> {
    fn consent(&self, addresses: &[&str]) -> Result<Vec<ConsentEntry>> {
        let sql = format!("SELECT {CONSENT} FROM consent WHERE address = ? ORDER BY id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut entries = Vec::new();
        for address in addresses {
            for entry in statement.query_map([address], read_consent)? {
                entries.push(entry?);
            }
        }
        entries.sort_by_key(|entry: &ConsentEntry| entry.id);
        entries.dedup_by_key(|entry| entry.id);
        Ok(entries)
    }

    fn consent_entries(&self, query: &ConsentQuery) -> Result<Vec<ConsentEntry>> {
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let before = query.before.unwrap_or(i64::MAX);
        let mut values: Vec<&dyn ToSql> = vec![&before, &limit];
        let mut sql = format!("SELECT {CONSENT} FROM consent WHERE id < ?1");
        if let Some(address) = &query.address {
            values.push(address);
            sql.push_str(&format!(" AND address = ?{}", values.len()));
        }
        if let Some(lead) = &query.lead {
            values.push(lead);
            sql.push_str(&format!(" AND lead = ?{}", values.len()));
        }
        sql.push_str(" ORDER BY id DESC LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(&values[..], read_consent)?;
        rows.map(|row| row.map_err(Error::from)).collect()
    }

    fn settings(&self) -> Result<Option<Settings>> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM setting")?;
        Ok(statement.query_row([], |row| json(row, 0)).optional()?)
    }

    fn templates(&self, name: Option<&str>) -> Result<Vec<MessageTemplate>> {
        let sql = "SELECT value FROM message_template WHERE ?1 IS NULL OR name = ?1 ORDER BY name, version";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([name], |row| json(row, 0))?;
        rows.map(|row| row.map_err(Error::from)).collect()
    }

    fn communication(&self, id: i64) -> Result<Option<Communication>> {
        self.read_communication(id)
    }

    fn communications_by(&self, key: &CommunicationKey<'_>) -> Result<Vec<Communication>> {
        self.communications_with(key)
    }

    fn communications(&self, query: &CommunicationQuery) -> Result<Vec<Communication>> {
        self.list_communications(query)
    }

    fn due(&self, state: CommunicationState, until: Timestamp, limit: u64) -> Result<Vec<Communication>> {
        self.due_communications(state, until, limit)
    }

    fn next_due(&self, state: CommunicationState) -> Result<Option<Timestamp>> {
        self.next_due_at(state)
    }

    fn communication_events(&self, id: i64) -> Result<Vec<CommunicationEvent>> {
        self.read_events(id)
    }

    fn history(&self, query: &HistoryQuery) -> Result<Vec<(i64, Communication)>> {
        self.read_history(query)
    }

    fn history_counts(&self, query: &HistoryQuery, facets: &[Facet]) -> Result<(u64, Vec<FacetCounts>)> {
        self.count_history(query, facets)
    }

    fn merged_into(&self, lead: i64) -> Result<Vec<i64>> {
        self.leads_merged_into(lead)
    }

    fn meter(&self, name: &str) -> Result<i64> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM meter WHERE name = ?")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?.unwrap_or(0))
    }
}

impl WriteComms for View<'_> {
    fn add_consent(&self, entries: &[ConsentEntry]) -> Result<i64> {
        let next = "SELECT coalesce(max(id), 0) + 1 FROM consent";
        let first: i64 = self.connection.prepare_cached(next)?.query_row([], |row| row.get(0))?;
        for (id, entry) in (first..).zip(entries) {
            self.insert_consent(id, entry)?;
        }
        Ok(first)
    }

    fn put_settings(&self, settings: &Settings) -> Result<()> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO setting (one, value) VALUES (1, ?)")?
            .execute([text(settings)?])?;
        Ok(())
    }

    fn put_template(&self, template: &MessageTemplate) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO message_template (name, version, value) VALUES (?, ?, ?)",
            )?
            .execute((&template.name, template.version, text(template)?))?;
        Ok(())
    }

    fn add_communications(&self, messages: &[Communication]) -> Result<i64> {
        let first = self.next_communication()?;
        let mut words = Vec::with_capacity(messages.len());
        for (id, message) in (first..).zip(messages) {
            words.push(self.insert_communication(&Communication { id, ..message.clone() })?);
        }
        let places: Vec<i64> = words.iter().map(|(place, _)| *place).collect();
        self.add_words(words)?;
        self.mark_changed(&places, &messages.iter().filter_map(|m| m.reply_to).collect::<Vec<_>>())?;
        Ok(first)
    }

    fn put_communications(&self, messages: &[Communication]) -> Result<()> {
        messages.iter().try_for_each(|message| self.update_communication(message))
    }

    fn add_communication_events(&self, events: &[CommunicationEvent]) -> Result<()> {
        events.iter().try_for_each(|event| self.append_event(event))
    }

    fn put_meter(&self, name: &str, value: i64) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO meter (name, value) VALUES (?, ?)";
        self.connection.prepare_cached(sql)?.execute((name, value))?;
        Ok(())
    }
}

impl View<'_> {
    pub(super) fn insert_consent(&self, id: i64, entry: &ConsentEntry) -> Result<()> {
        let sql = format!("INSERT INTO consent ({CONSENT}) VALUES ({})", ["?"; 14].join(", "));
        self.connection.prepare_cached(&sql)?.execute(rusqlite::params![
            id,
            entry.at.0,
            entry.kind.as_str(),
            entry.channel.map(|channel| channel.as_str()),
            entry.address,
            entry.lead,
            entry.purpose.map(|purpose| purpose.as_str()),
            entry.source,
            entry.wording,
            entry.given_at.0,
            entry.proof,
            entry.review_by.map(|t| t.0),
            entry.actor,
            entry.reason,
        ])?;
        Ok(())
    }
}

pub(super) fn read_consent(row: &Row<'_>) -> rusqlite::Result<ConsentEntry> {
    let (kind, channel, purpose): (String, Option<String>, Option<String>) =
        (row.get(2)?, row.get(3)?, row.get(6)?);
    Ok(ConsentEntry {
        id: row.get(0)?,
        at: Timestamp(row.get(1)?),
        kind: word(2, &kind)?,
        channel: channel.map(|channel| word(3, &channel)).transpose()?,
        address: row.get(4)?,
        lead: row.get(5)?,
        purpose: purpose.map(|purpose| word(6, &purpose)).transpose()?,
        source: row.get(7)?,
        wording: row.get(8)?,
        given_at: Timestamp(row.get(9)?),
        proof: row.get(10)?,
        review_by: row.get::<_, Option<i64>>(11)?.map(Timestamp),
        actor: row.get(12)?,
        reason: row.get(13)?,
    })
}
