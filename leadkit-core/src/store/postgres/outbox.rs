//! Messages: to be sent, sent, and come in.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::View;
use super::lead::parse;
use super::log::{limited, text, word};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::communication::{Communication, CommunicationEvent, CommunicationState};
use crate::store::{CommunicationKey, CommunicationQuery, is_opt_out};

pub(super) const EVENT: &str = "communication, seq, at, state, status, what";

impl View<'_> {
    fn find_communications(
        &self,
        behind: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Communication>> {
        let sql = format!("SELECT value FROM communication WHERE {behind}");
        self.rows(&sql, values)?.iter().map(|row| parse(row.try_get(0)?)).collect()
    }

    pub(super) fn read_communication(&self, id: i64) -> Result<Option<Communication>> {
        Ok(self.find_communications("id = $1", &[&id])?.pop())
    }

    pub(super) fn communications_with(&self, key: &CommunicationKey<'_>) -> Result<Vec<Communication>> {
        match key {
            CommunicationKey::Key(key) => self.find_communications("key = $1 ORDER BY id", &[key]),
            CommunicationKey::Token(token) => self.find_communications("token = $1 ORDER BY id", &[token]),
            CommunicationKey::Provider(id) => self.find_communications("provider_id = $1 ORDER BY id", &[id]),
        }
    }

    pub(super) fn list_communications(&self, query: &CommunicationQuery) -> Result<Vec<Communication>> {
        let (before, limit) = (query.before.unwrap_or(i64::MAX), limited(query.limit));
        let state = query.state.map(|state| state.as_str());
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&before, &limit];
        // Only what is asked for: `… IS NULL OR …` would keep the indexes out.
        let mut behind = String::from("id < $1");
        let asked: [(&str, Option<&(dyn ToSql + Sync)>); 4] = [
            ("lead", query.lead.as_ref().map(|lead| lead as &(dyn ToSql + Sync))),
            ("address", query.address.as_ref().map(|address| address as &(dyn ToSql + Sync))),
            ("campaign", query.campaign.as_ref().map(|campaign| campaign as &(dyn ToSql + Sync))),
            ("state", state.as_ref().map(|state| state as &(dyn ToSql + Sync))),
        ];
        for (column, value) in asked {
            if let Some(value) = value {
                values.push(value);
                behind.push_str(&format!(" AND {column} = ${}", values.len()));
            }
        }
        behind.push_str(" ORDER BY id DESC LIMIT $2");
        self.find_communications(&behind, &values)
    }

    pub(super) fn due_communications(
        &self,
        state: CommunicationState,
        until: Timestamp,
        limit: u64,
    ) -> Result<Vec<Communication>> {
        self.find_communications(
            "state = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $3",
            &[&state.as_str(), &until.0, &limited(limit)],
        )
    }

    pub(super) fn next_due_at(&self, state: CommunicationState) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(due_at) FROM communication WHERE state = $1 AND due_at IS NOT NULL";
        let row = self.row(sql, &[&state.as_str()])?;
        Ok(row.try_get::<_, Option<i64>>(0)?.map(Timestamp))
    }

    pub(super) fn read_events(&self, id: i64) -> Result<Vec<CommunicationEvent>> {
        let sql = format!("SELECT {EVENT} FROM communication_event WHERE communication = $1 ORDER BY seq");
        self.rows(&sql, &[&id])?.iter().map(read_event).collect()
    }

    /// Gives the place of the message.
    pub(super) fn insert_communication(&self, message: &Communication) -> Result<i64> {
        if let Some(key) = &message.key {
            // Looked for first: a broken constraint would end the transaction.
            if !self.rows("SELECT 1 FROM communication WHERE key = $1", &[key])?.is_empty() {
                return Err(Error::new(ErrorCode::Conflict, "another message has this key").at_field("key"));
            }
        }
        let place = self.index_contact(message)?;
        self.execute(
            "INSERT INTO communication (id, lead, address, state, due_at, campaign, key, token, provider_id, \
             value, place, channel, direction, owner, template, cost, corrected, texts, variant, country, \
             time_zone, currency, seconds, reply_to, reply_after, opt_out) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, \
             $20, $21, $22, $23, $24, $25, $26)",
            &[
                &message.id,
                &message.lead,
                &message.address(),
                &message.state.as_str(),
                &message.due_at.map(|t| t.0),
                &message.campaign,
                &message.key,
                &message.token,
                &message.provider_id,
                &text(message)?,
                &place,
                &message.channel.as_str(),
                &message.direction.as_str(),
                &message.owner,
                &message.template,
                &message.cost(),
                &message.corrected_by.is_some(),
                &message.texts_hash(),
                &message.variant,
                &message.country,
                &message.time_zone,
                &message.money().map(|money| money.currency.as_str()),
                &message.lasted().map(i64::from),
                &message.reply_to,
                &message.reply_after,
                &is_opt_out(message),
            ],
        )?;
        Ok(place)
    }

    pub(super) fn update_communication(&self, message: &Communication) -> Result<()> {
        let Some(old) = self.index_again(message)? else { return Ok(()) };
        self.store_columns(message, old.new_place, old.texts)?;
        let answered: Vec<i64> = old.reply_to.into_iter().chain(message.reply_to).collect();
        self.mark_changed(&[old.place, old.new_place], &answered)
    }

    pub(super) fn store_columns(&self, message: &Communication, place: i64, texts: i64) -> Result<()> {
        self.execute(
            "UPDATE communication SET lead = $2, address = $3, state = $4, due_at = $5, campaign = $6, \
             token = $7, provider_id = $8, value = $9, place = $10, channel = $11, direction = $12, \
             owner = $13, template = $14, cost = $15, corrected = $16, texts = $17, variant = $18, \
             country = $19, time_zone = $20, currency = $21, seconds = $22, reply_to = $23, \
             reply_after = $24, opt_out = $25 WHERE id = $1",
            &[
                &message.id,
                &message.lead,
                &message.address(),
                &message.state.as_str(),
                &message.due_at.map(|t| t.0),
                &message.campaign,
                &message.token,
                &message.provider_id,
                &text(message)?,
                &place,
                &message.channel.as_str(),
                &message.direction.as_str(),
                &message.owner,
                &message.template,
                &message.cost(),
                &message.corrected_by.is_some(),
                &texts,
                &message.variant,
                &message.country,
                &message.time_zone,
                &message.money().map(|money| money.currency.as_str()),
                &message.lasted().map(i64::from),
                &message.reply_to,
                &message.reply_after,
                &is_opt_out(message),
            ],
        )?;
        Ok(())
    }

    pub(super) fn next_communication(&self) -> Result<i64> {
        Ok(self.row("SELECT coalesce(max(id), 0) + 1 FROM communication", &[])?.try_get(0)?)
    }

    /// Adds an event behind those of its message.
    pub(super) fn append_event(&self, event: &CommunicationEvent) -> Result<()> {
        let sql = format!(
            "INSERT INTO communication_event ({EVENT}) VALUES ($1, \
             (SELECT coalesce(max(seq), 0) + 1 FROM communication_event WHERE communication = $1), \
             $2, $3, $4, $5)"
        );
        self.execute(
            &sql,
            &[&event.communication, &event.at.0, &event.state.as_str(), &event.status, &event.what],
        )?;
        Ok(())
    }
}

pub(super) fn read_event(row: &Row) -> Result<CommunicationEvent> {
    Ok(CommunicationEvent {
        communication: row.try_get(0)?,
        seq: u32::try_from(row.try_get::<_, i64>(1)?).unwrap_or(u32::MAX),
        at: Timestamp(row.try_get(2)?),
        state: word(row.try_get(3)?)?,
        status: row.try_get(4)?,
        what: row.try_get(5)?,
    })
}
