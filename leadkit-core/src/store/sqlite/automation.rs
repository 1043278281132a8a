//! What happens by itself.

use rusqlite::{OptionalExtension, ToSql};
use serde::de::DeserializeOwned;

use super::View;
use super::log::{json, text};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::automation::{
    AutomationRun, AutomationState, AutomationVersion, HostEvent, NamedSchedule, Signal,
};
use crate::store::{ReadAutomations, RunQuery, WriteAutomations};

impl ReadAutomations for View<'_> {
    fn automations(&self, name: Option<&str>) -> Result<Vec<AutomationVersion>> {
        match name {
            Some(name) => {
                self.values("SELECT value FROM automation WHERE name = ?1 ORDER BY version", &[&name])
            }
            None => self.values("SELECT value FROM automation ORDER BY name, version", &[]),
        }
    }

    fn automation_states(&self) -> Result<Vec<AutomationState>> {
        self.values("SELECT value FROM automation_state ORDER BY name", &[])
    }

    fn schedules(&self) -> Result<Vec<NamedSchedule>> {
        self.values("SELECT value FROM schedule ORDER BY name", &[])
    }

    fn runs(&self, query: &RunQuery) -> Result<Vec<AutomationRun>> {
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        self.found_runs(query, |conditions, values| {
            let mut values = values.to_vec();
            values.push(&limit);
            let limit = values.len();
            let sql = format!(
                "SELECT value FROM automation_run WHERE {conditions} ORDER BY id DESC LIMIT ?{limit}"
            );
            self.values(&sql, &values)
        })
    }

    fn count_runs(&self, query: &RunQuery) -> Result<u64> {
        self.found_runs(query, |conditions, values| {
            let sql = format!("SELECT count(*) FROM automation_run WHERE {conditions}");
            let count: i64 = self.connection.prepare_cached(&sql)?.query_row(values, |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
    }

    fn due_runs(&self, until: Timestamp, limit: u64) -> Result<Vec<AutomationRun>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = "SELECT value FROM automation_run WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2";
        self.values(sql, &[&until.0, &limit])
    }

    fn next_run(&self) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(due_at) FROM automation_run WHERE due_at IS NOT NULL";
        let next: Option<i64> = self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(next.map(Timestamp))
    }

    fn has_run(&self, automation: &str, key: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM automation_run WHERE automation = ? AND key = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([automation, key], |_| Ok(())).optional()?.is_some())
    }

    fn signals(&self, limit: u64) -> Result<Vec<Signal>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.values("SELECT value FROM automation_signal ORDER BY id LIMIT ?1", &[&limit])
    }

    fn host_events(&self, after: i64, limit: u64) -> Result<Vec<HostEvent>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.values("SELECT value FROM host_event WHERE id > ?1 ORDER BY id LIMIT ?2", &[&after, &limit])
    }

    fn count_host_events(&self) -> Result<u64> {
        let sql = "SELECT count(*) FROM host_event";
        let count: i64 = self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }
}

impl WriteAutomations for View<'_> {
    fn put_automation(&self, automation: &AutomationVersion) -> Result<()> {
        let sql = "INSERT INTO automation (name, version, value) VALUES (?, ?, ?) \
             ON CONFLICT (name, version) DO UPDATE SET value = excluded.value";
        let values = (&automation.name, automation.version, text(automation)?);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    fn put_automation_state(&self, state: &AutomationState) -> Result<()> {
        let sql = "INSERT INTO automation_state (name, value) VALUES (?, ?) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.connection.prepare_cached(sql)?.execute((&state.name, text(state)?))?;
        Ok(())
    }

    fn put_schedule(&self, schedule: &NamedSchedule) -> Result<()> {
        let sql = "INSERT INTO schedule (name, value) VALUES (?, ?) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.connection.prepare_cached(sql)?.execute((&schedule.name, text(schedule)?))?;
        Ok(())
    }

    fn add_runs(&self, runs: &[AutomationRun]) -> Result<i64> {
        let sql = "SELECT coalesce(max(id), 0) + 1 FROM automation_run";
        let first: i64 = self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        for (id, run) in (first..).zip(runs) {
            self.insert_run(&AutomationRun { id, ..run.clone() })?;
        }
        Ok(first)
    }

    fn put_runs(&self, runs: &[AutomationRun]) -> Result<()> {
        let sql = "UPDATE automation_run SET state = ?2, due_at = ?3, value = ?4 WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        for run in runs {
            statement.execute((run.id, run.state.as_str(), run.due_at.map(|at| at.0), text(run)?))?;
        }
        Ok(())
    }

    fn add_signals(&self, signals: &[Signal]) -> Result<()> {
        let sql = "INSERT INTO automation_signal (id, value) VALUES (?, ?)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for signal in signals {
            statement.execute((signal.id, text(signal)?))?;
        }
        Ok(())
    }

    fn drop_signals(&self, up_to: i64) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM automation_signal WHERE id <= ?")?.execute([up_to])?;
        Ok(())
    }

    fn add_host_events(&self, events: &[HostEvent]) -> Result<()> {
        let mut statement =
            self.connection.prepare_cached("INSERT INTO host_event (id, value) VALUES (?, ?)")?;
        for event in events {
            statement.execute((event.id, text(event)?))?;
        }
        Ok(())
    }

    fn drop_host_events(&self, up_to: i64) -> Result<u64> {
        let dropped =
            self.connection.prepare_cached("DELETE FROM host_event WHERE id <= ?")?.execute([up_to])?;
        Ok(dropped as u64)
    }
}

impl View<'_> {
    fn values<T: DeserializeOwned>(&self, sql: &str, values: &[&dyn ToSql]) -> Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(values, |row| json(row, 0))?;
        rows.map(|row| row.map_err(Error::from)).collect()
    }

    /// Only what is asked for stands in the conditions, so that an index is used for it.
    fn found_runs<T>(
        &self,
        query: &RunQuery,
        work: impl FnOnce(&str, &[&dyn ToSql]) -> Result<T>,
    ) -> Result<T> {
        let (before, state) = (query.before.unwrap_or(i64::MAX), query.state.map(|state| state.as_str()));
        let mut values: Vec<&dyn ToSql> = vec![&before];
        let mut sql = String::from("id < ?1");
        if let Some(automation) = &query.automation {
            values.push(automation);
            sql.push_str(&format!(" AND automation = ?{}", values.len()));
        }
        if let Some(lead) = &query.lead {
            values.push(lead);
            sql.push_str(&format!(" AND lead = ?{}", values.len()));
        }
        if let Some(state) = state {
            // Written out: a partial index serves a constant only.
            sql.push_str(&format!(" AND state = '{state}'"));
        }
        work(&sql, &values)
    }

    pub(super) fn insert_run(&self, run: &AutomationRun) -> Result<()> {
        let sql = "INSERT INTO automation_run (id, automation, key, lead, state, due_at, value) \
             VALUES (?, ?, ?, ?, ?, ?, ?)";
        let result = self.connection.prepare_cached(sql)?.execute((
            run.id,
            &run.automation,
            &run.key,
            run.lead,
            run.state.as_str(),
            run.due_at.map(|at| at.0),
            text(run)?,
        ));
        match result {
            Err(error) if error.to_string().contains("automation_run.key") => {
                Err(Error::new(ErrorCode::Conflict, "the automation has a run of this key already"))
            }
            result => Ok(result.map(|_| ())?),
        }
    }
}
