//! What happens by itself.

use serde::de::DeserializeOwned;
use tokio_postgres::types::ToSql;

use super::View;
use super::copy::Copy;
use super::lead::parse;
use super::log::{limited, text};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::automation::{
    AutomationRun, AutomationState, AutomationVersion, HostEvent, NamedSchedule, Signal,
};
use crate::store::{ReadAutomations, RunQuery, WriteAutomations};

type Values<'a> = [&'a (dyn ToSql + Sync)];

impl ReadAutomations for View<'_> {
    fn automations(&self, name: Option<&str>) -> Result<Vec<AutomationVersion>> {
        match name {
            Some(name) => {
                self.values("SELECT value FROM automation WHERE name = $1 ORDER BY version", &[&name])
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
        let limit = limited(query.limit);
        self.found_runs(query, |conditions, values| {
            let mut values = values.to_vec();
            values.push(&limit);
            let limit = values.len();
            let sql = format!(
                "SELECT value FROM automation_run WHERE {conditions} ORDER BY id DESC LIMIT ${limit}"
            );
            self.values(&sql, &values)
        })
    }

    fn count_runs(&self, query: &RunQuery) -> Result<u64> {
        self.found_runs(query, |conditions, values| {
            let sql = format!("SELECT count(*) FROM automation_run WHERE {conditions}");
            Ok(self.row(&sql, values)?.try_get::<_, i64>(0)?.unsigned_abs())
        })
    }

    fn due_runs(&self, until: Timestamp, limit: u64) -> Result<Vec<AutomationRun>> {
        let sql = "SELECT value FROM automation_run WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2";
        self.values(sql, &[&until.0, &limited(limit)])
    }

    fn next_run(&self) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(due_at) FROM automation_run WHERE due_at IS NOT NULL";
        Ok(self.row(sql, &[])?.try_get::<_, Option<i64>>(0)?.map(Timestamp))
    }

    fn has_run(&self, automation: &str, key: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM automation_run WHERE automation = $1 AND key = $2";
        Ok(!self.rows(sql, &[&automation, &key])?.is_empty())
    }

    fn signals(&self, limit: u64) -> Result<Vec<Signal>> {
        self.values("SELECT value FROM automation_signal ORDER BY id LIMIT $1", &[&limited(limit)])
    }

    fn host_events(&self, after: i64, limit: u64) -> Result<Vec<HostEvent>> {
        let sql = "SELECT value FROM host_event WHERE id > $1 ORDER BY id LIMIT $2";
        self.values(sql, &[&after, &limited(limit)])
    }

    fn count_host_events(&self) -> Result<u64> {
        let count: i64 = self.row("SELECT count(*) FROM host_event", &[])?.try_get(0)?;
        Ok(count.unsigned_abs())
    }
}

impl WriteAutomations for View<'_> {
    fn put_automation(&self, automation: &AutomationVersion) -> Result<()> {
        self.execute(
            "INSERT INTO automation (name, version, value) VALUES ($1, $2, $3) \
             ON CONFLICT (name, version) DO UPDATE SET value = excluded.value",
            &[&automation.name, &i64::from(automation.version), &text(automation)?],
        )?;
        Ok(())
    }

    fn put_automation_state(&self, state: &AutomationState) -> Result<()> {
        self.execute(
            "INSERT INTO automation_state (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            &[&state.name, &text(state)?],
        )?;
        Ok(())
    }

    fn put_schedule(&self, schedule: &NamedSchedule) -> Result<()> {
        self.execute(
            "INSERT INTO schedule (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            &[&schedule.name, &text(schedule)?],
        )?;
        Ok(())
    }

    fn add_runs(&self, runs: &[AutomationRun]) -> Result<i64> {
        // Writers come one after the other: no other takes the same ids.
        let first: i64 = self.row("SELECT coalesce(max(id), 0) + 1 FROM automation_run", &[])?.try_get(0)?;
        // Looked for first: a broken constraint would end the transaction.
        let (names, keys): (Vec<&str>, Vec<&str>) =
            runs.iter().map(|run| (run.automation.as_str(), run.key.as_str())).unzip();
        let taken = "SELECT 1 FROM automation_run run JOIN unnest($1::text[], $2::text[]) AS new (name, key) \
             ON run.automation = new.name AND run.key = new.key LIMIT 1";
        if !self.rows(taken, &[&names, &keys])?.is_empty() {
            return Err(Error::new(ErrorCode::Conflict, "the automation has a run of this key already"));
        }
        self.copy_runs((first..).zip(runs))?;
        Ok(first)
    }

    fn put_runs(&self, runs: &[AutomationRun]) -> Result<()> {
        let sql = "UPDATE automation_run SET state = $2, due_at = $3, value = $4 WHERE id = $1";
        for run in runs {
            self.execute(sql, &[&run.id, &run.state.as_str(), &run.due_at.map(|at| at.0), &text(run)?])?;
        }
        Ok(())
    }

    fn add_signals(&self, signals: &[Signal]) -> Result<()> {
        for signal in signals {
            let sql = "INSERT INTO automation_signal (id, value) VALUES ($1, $2)";
            self.execute(sql, &[&signal.id, &text(signal)?])?;
        }
        Ok(())
    }

    fn drop_signals(&self, up_to: i64) -> Result<()> {
        self.execute("DELETE FROM automation_signal WHERE id <= $1", &[&up_to])?;
        Ok(())
    }

    fn add_host_events(&self, events: &[HostEvent]) -> Result<()> {
        for event in events {
            let sql = "INSERT INTO host_event (id, value) VALUES ($1, $2)";
            self.execute(sql, &[&event.id, &text(event)?])?;
        }
        Ok(())
    }

    fn drop_host_events(&self, up_to: i64) -> Result<u64> {
        self.execute("DELETE FROM host_event WHERE id <= $1", &[&up_to])
    }
}

impl View<'_> {
    fn values<T: DeserializeOwned>(&self, sql: &str, values: &Values<'_>) -> Result<Vec<T>> {
        self.rows(sql, values)?.iter().map(|row| parse(row.try_get(0)?)).collect()
    }

    /// Only what is asked for stands in the conditions, so that an index is used for it.
    fn found_runs<T>(
        &self,
        query: &RunQuery,
        work: impl FnOnce(&str, &Values<'_>) -> Result<T>,
    ) -> Result<T> {
        let (before, state) = (query.before.unwrap_or(i64::MAX), query.state.map(|state| state.as_str()));
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&before];
        let mut sql = String::from("id < $1");
        if let Some(automation) = &query.automation {
            values.push(automation);
            sql.push_str(&format!(" AND automation = ${}", values.len()));
        }
        if let Some(lead) = &query.lead {
            values.push(lead);
            sql.push_str(&format!(" AND lead = ${}", values.len()));
        }
        if let Some(state) = state {
            // Written out: a partial index serves a constant only.
            sql.push_str(&format!(" AND state = '{state}'"));
        }
        work(&sql, &values)
    }

    /// Many at once: a schedule starts one for each lead.
    pub(super) fn copy_runs<'a>(&self, runs: impl Iterator<Item = (i64, &'a AutomationRun)>) -> Result<()> {
        let columns = "id, automation, key, lead, state, due_at, value";
        let sql = format!("COPY automation_run ({columns}) FROM STDIN (FORMAT binary)");
        let mut copy = Copy::begin(self, &sql, columns.split(',').count())?;
        for (id, run) in runs {
            copy.row();
            copy.number(Some(id));
            copy.text(Some(&run.automation));
            copy.text(Some(&run.key));
            copy.number(Some(run.lead));
            copy.text(Some(run.state.as_str()));
            copy.number(run.due_at.map(|at| at.0));
            copy.text(Some(&text(&AutomationRun { id, ..run.clone() })?));
            copy.send_much()?;
        }
        copy.finish()
    }
}
