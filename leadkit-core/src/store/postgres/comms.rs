//! Consent, switches and templates.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::View;
use super::copy::Copy;
use super::lead::parse;
use super::log::{limited, text, word};
use crate::clock::Timestamp;
use crate::error::Result;
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
        let sql = format!("SELECT {CONSENT} FROM consent WHERE address = ANY($1) ORDER BY id");
        self.rows(&sql, &[&addresses])?.iter().map(read_consent).collect()
    }

    fn consent_entries(&self, query: &ConsentQuery) -> Result<Vec<ConsentEntry>> {
        let (before, limit) = (query.before.unwrap_or(i64::MAX), limited(query.limit));
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&before, &limit];
        let mut sql = format!("SELECT {CONSENT} FROM consent WHERE id < $1");
        if let Some(address) = &query.address {
            values.push(address);
            sql.push_str(&format!(" AND address = ${}", values.len()));
        }
        if let Some(lead) = &query.lead {
            values.push(lead);
            sql.push_str(&format!(" AND lead = ${}", values.len()));
        }
        sql.push_str(" ORDER BY id DESC LIMIT $2");
        let rows = self.rows(&sql, &values)?;
        rows.iter().map(read_consent).collect()
    }

    fn settings(&self) -> Result<Option<Settings>> {
        self.rows("SELECT value FROM setting", &[])?.first().map(|row| parse(row.try_get(0)?)).transpose()
    }

    fn templates(&self, name: Option<&str>) -> Result<Vec<MessageTemplate>> {
        let sql = "SELECT value FROM message_template WHERE $1::text IS NULL OR name = $1 \
             ORDER BY name, version";
        self.rows(sql, &[&name])?.iter().map(|row| parse(row.try_get(0)?)).collect()
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
        let rows = self.rows("SELECT value FROM meter WHERE name = $1", &[&name])?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or(0))
    }
}

impl WriteComms for View<'_> {
    fn add_consent(&self, entries: &[ConsentEntry]) -> Result<i64> {
        // Writers come one after the other: no other takes the same ids.
        let first = self.row("SELECT coalesce(max(id), 0) + 1 FROM consent", &[])?.try_get(0)?;
        match entries {
            [entry] => self.insert_consent(first, entry)?,
            _ => self.copy_consent(first, entries)?,
        }
        Ok(first)
    }

    fn put_settings(&self, settings: &Settings) -> Result<()> {
        self.execute(
            "INSERT INTO setting (one, value) VALUES (1, $1) \
             ON CONFLICT (one) DO UPDATE SET value = excluded.value",
            &[&text(settings)?],
        )?;
        Ok(())
    }

    fn put_template(&self, template: &MessageTemplate) -> Result<()> {
        self.execute(
            "INSERT INTO message_template (name, version, value) VALUES ($1, $2, $3) \
             ON CONFLICT (name, version) DO UPDATE SET value = excluded.value",
            &[&template.name, &i64::from(template.version), &text(template)?],
        )?;
        Ok(())
    }

    fn add_communications(&self, messages: &[Communication]) -> Result<i64> {
        let first = self.next_communication()?;
        let mut places = Vec::with_capacity(messages.len());
        for (id, message) in (first..).zip(messages) {
            places.push(self.insert_communication(&Communication { id, ..message.clone() })?);
        }
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
        self.execute(
            "INSERT INTO meter (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            &[&name, &value],
        )?;
        Ok(())
    }
}

impl View<'_> {
    /// Enters many at once: an import brings hundreds of a batch, and each on its own would be a way to
    /// the server and back.
    fn copy_consent(&self, first: i64, entries: &[ConsentEntry]) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let sql = format!("COPY consent ({CONSENT}) FROM STDIN (FORMAT binary)");
        let mut copy = Copy::begin(self, &sql, CONSENT.split(',').count())?;
        for (id, entry) in (first..).zip(entries) {
            copy.row();
            copy.number(Some(id));
            copy.number(Some(entry.at.0));
            copy.text(Some(entry.kind.as_str()));
            copy.text(entry.channel.map(|channel| channel.as_str()));
            copy.text(Some(&entry.address));
            copy.number(entry.lead);
            copy.text(entry.purpose.map(|purpose| purpose.as_str()));
            copy.text(Some(&entry.source));
            copy.text(entry.wording.as_deref());
            copy.number(Some(entry.given_at.0));
            copy.text(entry.proof.as_deref());
            copy.number(entry.review_by.map(|t| t.0));
            copy.text(entry.actor.as_deref());
            copy.text(entry.reason.as_deref());
            copy.send_much()?;
        }
        copy.finish()
    }

    pub(super) fn insert_consent(&self, id: i64, entry: &ConsentEntry) -> Result<()> {
        let sql = format!(
            "INSERT INTO consent ({CONSENT}) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        );
        self.execute(
            &sql,
            &[
                &id,
                &entry.at.0,
                &entry.kind.as_str(),
                &entry.channel.map(|channel| channel.as_str()),
                &entry.address,
                &entry.lead,
                &entry.purpose.map(|purpose| purpose.as_str()),
                &entry.source,
                &entry.wording,
                &entry.given_at.0,
                &entry.proof,
                &entry.review_by.map(|t| t.0),
                &entry.actor,
                &entry.reason,
            ],
        )?;
        Ok(())
    }
}

pub(super) fn read_consent(row: &Row) -> Result<ConsentEntry> {
    Ok(ConsentEntry {
        id: row.try_get(0)?,
        at: Timestamp(row.try_get(1)?),
        kind: word(row.try_get(2)?)?,
        channel: row.try_get::<_, Option<&str>>(3)?.map(word).transpose()?,
        address: row.try_get(4)?,
        lead: row.try_get(5)?,
        purpose: row.try_get::<_, Option<&str>>(6)?.map(word).transpose()?,
        source: row.try_get(7)?,
        wording: row.try_get(8)?,
        given_at: Timestamp(row.try_get(9)?),
        proof: row.try_get(10)?,
        review_by: row.try_get::<_, Option<i64>>(11)?.map(Timestamp),
        actor: row.try_get(12)?,
        reason: row.try_get(13)?,
    })
}
