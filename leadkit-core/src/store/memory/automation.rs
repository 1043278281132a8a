//! What happens by itself.

use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use super::View;
use super::read::size;
use super::state::{State, enter};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::automation::{
    AutomationRun, AutomationState, AutomationVersion, HostEvent, NamedSchedule, Signal,
};
use crate::store::{ReadAutomations, RunQuery, WriteAutomations};

impl ReadAutomations for View {
    fn automations(&self, name: Option<&str>) -> Result<Vec<AutomationVersion>> {
        let state = self.state.borrow();
        let found = state.automations.values().filter(|one| name.is_none_or(|name| one.name == name));
        Ok(found.map(|one| (**one).clone()).collect())
    }

    fn automation_states(&self) -> Result<Vec<AutomationState>> {
        Ok(self.state.borrow().automation_states.values().map(|one| (**one).clone()).collect())
    }

    fn schedules(&self) -> Result<Vec<NamedSchedule>> {
        Ok(self.state.borrow().schedules.values().map(|one| (**one).clone()).collect())
    }

    fn runs(&self, query: &RunQuery) -> Result<Vec<AutomationRun>> {
        let state = self.state.borrow();
        let found = state.runs.values().rev().filter(|run| query.finds(run));
        Ok(found.take(size(query.limit)).map(|run| (**run).clone()).collect())
    }

    fn count_runs(&self, query: &RunQuery) -> Result<u64> {
        Ok(self.state.borrow().runs.values().filter(|run| query.finds(run)).count() as u64)
    }

    fn due_runs(&self, until: Timestamp, limit: u64) -> Result<Vec<AutomationRun>> {
        let state = self.state.borrow();
        let due = state.runs_due.range(..=(until, i64::MAX)).take(size(limit));
        Ok(due.filter_map(|(_, id)| state.runs.get(id)).map(|run| (**run).clone()).collect())
    }

    fn next_run(&self) -> Result<Option<Timestamp>> {
        Ok(self.state.borrow().runs_due.first().map(|(at, _)| *at))
    }

    fn has_run(&self, automation: &str, key: &str) -> Result<bool> {
        Ok(self.state.borrow().run_keys.contains(&(automation.to_string(), key.to_string())))
    }

    fn signals(&self, limit: u64) -> Result<Vec<Signal>> {
        Ok(self.state.borrow().signals.values().take(size(limit)).cloned().collect())
    }

    fn host_events(&self, after: i64, limit: u64) -> Result<Vec<HostEvent>> {
        let state = self.state.borrow();
        let behind = state.host_events.range((Excluded(after), Unbounded)).take(size(limit));
        Ok(behind.map(|(_, event)| (**event).clone()).collect())
    }

    fn count_host_events(&self) -> Result<u64> {
        Ok(self.state.borrow().host_events.len() as u64)
    }
}

impl WriteAutomations for View {
    fn put_automation(&self, automation: &AutomationVersion) -> Result<()> {
        let key = (automation.name.clone(), automation.version);
        let mut state = self.state.borrow_mut();
        Arc::make_mut(&mut state.automations).insert(key, Arc::new(automation.clone()));
        Ok(())
    }

    fn put_automation_state(&self, one: &AutomationState) -> Result<()> {
        let mut state = self.state.borrow_mut();
        Arc::make_mut(&mut state.automation_states).insert(one.name.clone(), Arc::new(one.clone()));
        Ok(())
    }

    fn put_schedule(&self, schedule: &NamedSchedule) -> Result<()> {
        let mut state = self.state.borrow_mut();
        Arc::make_mut(&mut state.schedules).insert(schedule.name.clone(), Arc::new(schedule.clone()));
        Ok(())
    }

    fn add_runs(&self, runs: &[AutomationRun]) -> Result<i64> {
        let mut state = self.state.borrow_mut();
        let first = state.runs.keys().next_back().map_or(1, |last| last + 1);
        for (id, run) in (first..).zip(runs) {
            state.enter_run(AutomationRun { id, ..run.clone() })?;
        }
        Ok(first)
    }

    fn put_runs(&self, runs: &[AutomationRun]) -> Result<()> {
        let mut state = self.state.borrow_mut();
        for run in runs {
            let Some(stored) = state.runs.get(&run.id).cloned() else { continue };
            let due = Arc::make_mut(&mut state.runs_due);
            stored.due_at.map(|at| due.remove(&(at, run.id)));
            run.due_at.map(|at| due.insert((at, run.id)));
            let run = AutomationRun {
                key: stored.key.clone(),
                automation: stored.automation.clone(),
                lead: stored.lead,
                ..run.clone()
            };
            Arc::make_mut(&mut state.runs).insert(run.id, Arc::new(run));
        }
        Ok(())
    }

    fn add_signals(&self, signals: &[Signal]) -> Result<()> {
        let mut state = self.state.borrow_mut();
        signals.iter().try_for_each(|signal| enter(&mut state.signals, signal.id, signal.clone()))
    }

    fn drop_signals(&self, up_to: i64) -> Result<()> {
        let mut state = self.state.borrow_mut();
        Arc::make_mut(&mut state.signals).retain(|id, _| *id > up_to);
        Ok(())
    }

    fn add_host_events(&self, events: &[HostEvent]) -> Result<()> {
        let mut state = self.state.borrow_mut();
        events.iter().try_for_each(|event| enter(&mut state.host_events, event.id, Arc::new(event.clone())))
    }

    fn drop_host_events(&self, up_to: i64) -> Result<u64> {
        let mut state = self.state.borrow_mut();
        let before = state.host_events.len();
        Arc::make_mut(&mut state.host_events).retain(|id, _| *id > up_to);
        Ok((before - state.host_events.len()) as u64)
    }
}

impl State {
    /// Enters a run, whose id and key must not be there yet.
    pub(super) fn enter_run(&mut self, run: AutomationRun) -> Result<()> {
        let key = (run.automation.clone(), run.key.clone());
        if !Arc::make_mut(&mut self.run_keys).insert(key) {
            return Err(Error::new(ErrorCode::Conflict, "the automation has a run of this key already"));
        }
        run.due_at.map(|at| Arc::make_mut(&mut self.runs_due).insert((at, run.id)));
        enter(&mut self.runs, run.id, Arc::new(run))
    }
}
