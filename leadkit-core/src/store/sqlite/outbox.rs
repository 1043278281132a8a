//! Messages: to be sent, sent, and come in.

use rusqlite::{OptionalExtension, Row, ToSql};

use super::View;
use super::history::words_of;
use super::log::{json, text, word};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::communication::{Communication, CommunicationEvent, CommunicationState};
use crate::store::{CommunicationKey, CommunicationQuery, is_opt_out};

pub(super) const EVENT: &str = "communication, seq, at, state, status, what";

impl View<'_> {
    pub(super) fn find_communications(&self, condition: &str, value: &str) -> Result<Vec<Communication>> {
        let sql = format!("SELECT value FROM communication WHERE {condition} ORDER BY id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([value], |row| json(row, 0))?;
        rows.map(|row| row.map_err(Error::from)).collect()
    }

    pub(super) fn read_communication(&self, id: i64) -> Result<Option<Communication>> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM communication WHERE id = ?")?;
        Ok(statement.query_row([id], |row| json(row, 0)).optional()?)
    }

    pub(super) fn communications_with(&self, key: &CommunicationKey<'_>) -> Result<Vec<Communication>> {
        match key {
            CommunicationKey::Key(key) => self.find_communications("key = ?", key),
            CommunicationKey::Token(token) => self.find_communications("token = ?", token),
            CommunicationKey::Provider(id) => self.find_communications("provider_id = ?", id),
        }
    }

    pub(super) fn list_communications(&self, query: &CommunicationQuery) -> Result<Vec<Communication>> {
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let (before, state) = (query.before.unwrap_or(i64::MAX), query.state.map(|state| state.as_str()));
        let mut values: Vec<&dyn ToSql> = vec![&before, &limit];
        // Only what is asked for: `? IS NULL OR …` would keep the indexes out.
        let mut sql = String::from("SELECT value FROM communication WHERE id < ?1");
        let asked: [(&str, Option<&dyn ToSql>); 4] = [
            ("lead", query.lead.as_ref().map(|lead| lead as &dyn ToSql)),
            ("address", query.address.as_ref().map(|address| address as &dyn ToSql)),
            ("campaign", query.campaign.as_ref().map(|campaign| campaign as &dyn ToSql)),
            ("state", state.as_ref().map(|state| state as &dyn ToSql)),
        ];
        for (column, value) in asked {
            if let Some(value) = value {
                values.push(value);
                sql.push_str(&format!(" AND {column} = ?{}", values.len()));
            }
        }
        sql.push_str(" ORDER BY id DESC LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(&values[..], |row| json(row, 0))?;
        rows.map(|row| row.map_err(Error::from)).collect()
    }

    pub(super) fn due_communications(
        &self,
        state: CommunicationState,
        until: Timestamp,
        limit: u64,
    ) -> Result<Vec<Communication>> {
        let sql = "SELECT value FROM communication WHERE state = ?1 AND due_at <= ?2 \
             ORDER BY due_at, id LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map((state.as_str(), until.0, limit), |row| json(row, 0))?;
        rows.map(|row| row.map_err(Error::from)).collect()
    }

    pub(super) fn next_due_at(&self, state: CommunicationState) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(due_at) FROM communication WHERE state = ? AND due_at IS NOT NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let next: Option<i64> = statement.query_row([state.as_str()], |row| row.get(0))?;
        Ok(next.map(Timestamp))
    }

    pub(super) fn read_events(&self, id: i64) -> Result<Vec<CommunicationEvent>> {
        let sql = format!("SELECT {EVENT} FROM communication_event WHERE communication = ? ORDER BY seq");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([id], read_event)?;
        rows.map(|row| row.map_err(Error::from)).collect()
    }

    /// Gives the place of the message and its words, which are to be added.
    pub(super) fn insert_communication(&self, message: &Communication) -> Result<(i64, String)> {
        let place = self.new_place(message)?;
        let result = self
            .connection
            .prepare_cached(
                "INSERT INTO communication (id, lead, address, state, due_at, campaign, key, token, \
                 provider_id, value, place, channel, direction, owner, template, cost, corrected, texts, \
                 variant, country, time_zone, currency, seconds, reply_to, reply_after, opt_out) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(rusqlite::params![
                message.id,
                message.lead,
                message.address(),
                message.state.as_str(),
                message.due_at.map(|t| t.0),
                message.campaign,
                message.key,
                message.token,
                message.provider_id,
                text(message)?,
                place,
                message.channel.as_str(),
                message.direction.as_str(),
                message.owner,
                message.template,
                message.cost(),
                message.corrected_by.is_some(),
                message.texts_hash(),
                message.variant,
                message.country,
                message.time_zone,
                message.money().map(|money| &money.currency),
                message.lasted(),
                message.reply_to,
                message.reply_after,
                is_opt_out(message),
            ]);
        match result {
            Err(error) if error.to_string().contains("communication.key") => {
                Err(Error::new(ErrorCode::Conflict, "another message has this key").at_field("key"))
            }
            result => Ok(result.map(|_| (place, words_of(message)))?),
        }
    }

    pub(super) fn update_communication(&self, message: &Communication) -> Result<()> {
        let Some(old) = self.index_again(message)? else { return Ok(()) };
        self.store_columns(message, old.new_place, old.texts)?;
        let answered: Vec<i64> = old.reply_to.into_iter().chain(message.reply_to).collect();
        self.mark_changed(&[old.place, old.new_place], &answered)
    }

    pub(super) fn store_columns(&self, message: &Communication, place: i64, texts: i64) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE communication SET lead = ?2, address = ?3, state = ?4, due_at = ?5, campaign = ?6, \
                 token = ?7, provider_id = ?8, value = ?9, place = ?10, channel = ?11, direction = ?12, \
                 owner = ?13, template = ?14, cost = ?15, corrected = ?16, texts = ?17, variant = ?18, \
                 country = ?19, time_zone = ?20, currency = ?21, seconds = ?22, reply_to = ?23, \
                 reply_after = ?24, opt_out = ?25 WHERE id = ?1",
            )?
            .execute(rusqlite::params![
                message.id,
                message.lead,
                message.address(),
                message.state.as_str(),
                message.due_at.map(|t| t.0),
                message.campaign,
                message.token,
                message.provider_id,
                text(message)?,
                place,
                message.channel.as_str(),
                message.direction.as_str(),
                message.owner,
                message.template,
                message.cost(),
                message.corrected_by.is_some(),
                texts,
                message.variant,
                message.country,
                message.time_zone,
                message.money().map(|money| &money.currency),
                message.lasted(),
                message.reply_to,
                message.reply_after,
                is_opt_out(message),
            ])?;
        Ok(())
    }

    pub(super) fn next_communication(&self) -> Result<i64> {
        let sql = "SELECT coalesce(max(id), 0) + 1 FROM communication";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// Adds an event behind those of its message.
    pub(super) fn append_event(&self, event: &CommunicationEvent) -> Result<()> {
        let sql = format!(
            "INSERT INTO communication_event ({EVENT}) VALUES (?1, \
             (SELECT coalesce(max(seq), 0) + 1 FROM communication_event WHERE communication = ?1), \
             ?2, ?3, ?4, ?5)"
        );
        self.connection.prepare_cached(&sql)?.execute((
            event.communication,
            event.at.0,
            event.state.as_str(),
            &event.status,
            &event.what,
        ))?;
        Ok(())
    }
}

pub(super) fn read_event(row: &Row<'_>) -> rusqlite::Result<CommunicationEvent> {
    let state: String = row.get(3)?;
    Ok(CommunicationEvent {
        communication: row.get(0)?,
        seq: row.get(1)?,
        at: Timestamp(row.get(2)?),
        state: word(3, &state)?,
        status: row.get(4)?,
        what: row.get(5)?,
    })
}
