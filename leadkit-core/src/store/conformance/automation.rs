//! What happens by itself: automations, schedules, runs, signals and events.

use serde_json::json;

use super::sample::Dice;
use super::{Openings, Outcome, code, same_as};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::automation::{
    AutomationRun, AutomationState, AutomationVersion, HostEvent, NamedSchedule, RunState, RunStep, Signal,
    Taking, TriggerEvent,
};
use crate::model::communication::CommunicationState;
use crate::model::read::from_json;
use crate::model::schedule::{Occurrence, Schedule};
use crate::store::{RunQuery, Writer};

const NAMES: [&str; 3] = ["after the fair", "welcome", "Welcome"];

fn version(dice: &Dice, name: &str, version: u32) -> Result<AutomationVersion> {
    let spec = from_json(json!({
        "trigger": {"on": "status_changed", "to": [dice.text()]},
        "steps": [{"do": "sms", "body": dice.text()}, {"do": "wait", "for": "3d"}],
        "description": dice.text(),
    }))?;
    let actor = dice.one_in(2).then(|| dice.text());
    Ok(AutomationVersion { name: name.into(), version, spec, created_at: Timestamp(7), actor })
}

fn state(dice: &Dice, name: &str) -> AutomationState {
    let occurrence = Occurrence {
        at: Timestamp(dice.below(99) as i64),
        local: dice.text(),
        planned: dice.text(),
        zone: "UTC".into(),
        shifts: Vec::new(),
    };
    AutomationState {
        name: name.into(),
        enabled: dice.one_in(2),
        rev: dice.below(99) as i64,
        since: Timestamp(dice.below(99) as i64),
        until: Timestamp(dice.below(99) as i64),
        next_at: dice.one_in(2).then_some(Timestamp(5)),
        taking: dice.one_in(2).then_some(Taking { occurrence, after: 3 }),
        began: Timestamp(1),
        starts: dice.below(9) as u64,
        turn: dice.below(9) as u64,
    }
}

fn schedule(dice: &Dice, name: &str) -> NamedSchedule {
    NamedSchedule {
        name: name.into(),
        schedule: Schedule { zone: dice.text(), at: Some(dice.text()), ..Schedule::default() },
        enabled: dice.one_in(2),
        created_at: Timestamp(9),
        actor: Some(dice.text()),
        next_at: None,
        automations: Vec::new(),
    }
}

fn run(dice: &Dice, key: &str) -> AutomationRun {
    let state = dice.pick(&[RunState::Waiting, RunState::Waiting, RunState::Finished, RunState::Refused]);
    let waits = state == RunState::Waiting;
    AutomationRun {
        id: 0,
        automation: dice.pick(&NAMES).to_string(),
        version: 1 + dice.below(3) as u32,
        lead: 1 + dice.below(5) as i64,
        event: TriggerEvent { on: "assigned".into(), rev: Some(4), ..TriggerEvent::default() },
        key: key.into(),
        state,
        step: dice.below(9) as u32,
        due_at: waits.then_some(Timestamp(dice.below(20) as i64)),
        awaits: dice.one_in(2),
        started_at: Timestamp(3),
        ended_at: (!waits).then_some(Timestamp(4)),
        reason: dice.one_in(2).then(|| dice.text()),
        log: vec![RunStep {
            at: Timestamp(2),
            step: 0,
            did: "set".into(),
            result: dice.text(),
            communication: None,
            rev: Some(9),
        }],
    }
}

/// Some writes at random; tells what they answered.
pub(super) fn enter(w: &dyn Writer, dice: &Dice) -> Result<String> {
    let name = dice.pick(&NAMES);
    w.put_automation(&version(dice, name, 1 + dice.below(3) as u32)?)?;
    w.put_automation_state(&state(dice, name))?;
    w.put_schedule(&schedule(dice, name))?;
    let runs: Vec<_> = (0..1 + dice.below(4)).map(|_| run(dice, &format!("{:x}", dice.bits()))).collect();
    let first = w.add_runs(&runs)?;
    let mut again = run(dice, "another key that is passed over");
    again.id = 1 + dice.below(first as usize) as i64;
    if let Some(stored) =
        w.runs(&RunQuery { before: Some(again.id + 1), limit: 1, ..Default::default() })?.pop()
    {
        let AutomationRun { automation, lead, key, id, .. } = stored;
        w.put_runs(&[AutomationRun { automation, lead, key, id, ..again }])?;
    }
    // Behind whatever was there: ids are the caller's to give.
    let (signals, events) = (w.signals(u64::MAX)?, w.host_events(0, u64::MAX)?);
    let id = signals.last().map_or(1, |signal| signal.id + 2);
    let state = dice.pick(&[CommunicationState::Received, CommunicationState::Failed]);
    w.add_signals(&[Signal { id, at: Timestamp(1), communication: dice.below(9) as i64, state }])?;
    let id = events.last().map_or(1, |event| event.id + 3);
    let data = [(dice.text(), json!(dice.number()))].into();
    let (automation, event) = (name.to_string(), dice.text());
    w.add_host_events(&[HostEvent { id, at: Timestamp(2), event, data, automation, run: first, lead: 2 }])?;
    if dice.one_in(3) && signals.len() > 1 {
        w.drop_signals(signals[0].id)?;
        w.drop_host_events(events.first().map_or(0, |event| event.id))?;
    }
    let due = w.due_runs(Timestamp(9), 5)?.iter().map(|run| run.id).collect::<Vec<_>>();
    Ok(format!("automate {first} {due:?} {:?} {}", w.next_run()?, w.count_host_events()?))
}

pub(super) fn automations_are_kept_by_version(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(21));
    let mut wanted = Vec::new();
    for name in NAMES {
        for number in 1..=3 {
            wanted.push(version(&dice, name, number)?);
        }
    }
    wanted.sort_by(|a, b| (&a.name, a.version).cmp(&(&b.name, b.version)));
    let states: Vec<_> = NAMES.iter().map(|name| state(&dice, name)).collect();
    let schedules: Vec<_> = NAMES.iter().map(|name| schedule(&dice, name)).collect();
    store.writing(|w| {
        wanted.iter().rev().try_for_each(|one| w.put_automation(one))?;
        wanted.iter().try_for_each(|one| w.put_automation(one))?;
        NAMES.iter().try_for_each(|name| w.put_automation_state(&state(&Dice::new(1), name)))?;
        states.iter().rev().try_for_each(|one| w.put_automation_state(one))?;
        schedules.iter().rev().try_for_each(|one| w.put_schedule(one))
    })?;
    same_as(&store.reading(|r| r.automations(None))?, &wanted, "all automations")?;
    let of_name: Vec<_> = wanted.iter().filter(|one| one.name == "welcome").cloned().collect();
    same_as(&store.reading(|r| r.automations(Some("welcome")))?, &of_name, "versions of one")?;
    same_as(&store.reading(|r| r.automations(Some("none")))?, &Vec::new(), "versions of none")?;
    let (mut states, mut schedules) = (states, schedules);
    states.sort_by(|a, b| a.name.cmp(&b.name));
    schedules.sort_by(|a, b| a.name.cmp(&b.name));
    same_as(&store.reading(|r| r.automation_states())?, &states, "where they stand")?;
    same_as(&store.reading(|r| r.schedules())?, &schedules, "schedules")
}

pub(super) fn runs_are_found_and_due_in_order(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(22));
    let mut runs: Vec<_> = (0..60).map(|number| run(&dice, &format!("key {number}"))).collect();
    same_as(&store.writing(|w| w.add_runs(&runs))?, &1, "the first id")?;
    for (id, run) in (1..).zip(&mut runs) {
        run.id = id;
    }
    let mut changed = runs[7].clone();
    (changed.state, changed.due_at, changed.step) = (RunState::Stopped, None, 44);
    let mut hurried = runs.iter().find(|run| run.due_at > Some(Timestamp(3))).cloned().ok_or_else(none)?;
    hurried.due_at = Some(Timestamp(-5));
    store.writing(|w| w.put_runs(&[changed.clone(), hurried.clone()]))?;
    runs[7] = changed;
    let place = hurried.id as usize - 1;
    runs[place] = hurried;
    let all = RunQuery { limit: 99, ..RunQuery::default() };
    for query in [
        all.clone(),
        RunQuery { limit: 7, before: Some(30), ..all.clone() },
        RunQuery { automation: Some("welcome".into()), ..all.clone() },
        RunQuery { lead: Some(2), ..all.clone() },
        RunQuery { state: Some(RunState::Waiting), ..all.clone() },
        RunQuery { automation: Some("Welcome".into()), lead: Some(3), state: Some(RunState::Waiting), ..all },
    ] {
        let mut found: Vec<_> = runs.iter().rev().filter(|run| query.finds(run)).cloned().collect();
        same_as(&store.reading(|r| r.count_runs(&query))?, &(found.len() as u64), format!("{query:?}"))?;
        found.truncate(query.limit as usize);
        same_as(&store.reading(|r| r.runs(&query))?, &found, format!("{query:?}"))?;
    }
    let mut due: Vec<_> =
        runs.iter().filter(|run| run.due_at.is_some_and(|at| at <= Timestamp(10))).cloned().collect();
    due.sort_by_key(|run| (run.due_at, run.id));
    same_as(&store.reading(|r| r.due_runs(Timestamp(10), 99))?, &due, "due runs")?;
    due.truncate(4);
    same_as(&store.reading(|r| r.due_runs(Timestamp(10), 4))?, &due, "some due runs")?;
    same_as(&store.reading(|r| r.next_run())?, &Some(Timestamp(-5)), "the next run")?;
    same_as(&openings.fresh().reading(|r| r.next_run())?, &None, "the next run of none")
}

pub(super) fn one_key_gives_one_run(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(23));
    let first = AutomationRun { automation: "welcome".into(), ..run(&dice, "rev 1") };
    store.writing(|w| w.add_runs(&[first.clone(), run(&dice, "rev 2")]))?;
    let has = |automation: &str, key: &str| store.reading(|r| r.has_run(automation, key));
    same_as(&(has("welcome", "rev 1")?, has("Welcome", "rev 1")?), &(true, false), "keys that are there")?;
    let twice = store.writing(|w| w.add_runs(&[run(&dice, "rev 3"), first.clone()]));
    same_as(&code(twice), &"conflict", "a key that is there")?;
    same_as(&store.reading(|r| r.count_runs(&RunQuery::default()))?, &2, "runs after it")?;
    let other = AutomationRun { automation: "Welcome".into(), ..first };
    same_as(
        &store.writing(|w| w.add_runs(std::slice::from_ref(&other)))?,
        &3,
        "the same key of another automation",
    )
}

pub(super) fn signals_and_events_are_kept_until_dropped(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(24));
    let signal =
        |id| Signal { id, at: Timestamp(id), communication: 9 - id, state: CommunicationState::Delivered };
    let event = |id| HostEvent {
        id,
        at: Timestamp(id),
        event: dice.text(),
        data: [("a".to_string(), json!([1, null]))].into(),
        automation: dice.text(),
        run: 4,
        lead: 5,
    };
    let (signals, events) = ([2, 3, 7].map(signal), [1, 5, 6].map(event));
    store.writing(|w| w.add_signals(&signals).and(w.add_host_events(&events)))?;
    same_as(&store.reading(|r| r.signals(2))?, &signals[..2].to_vec(), "some signals")?;
    same_as(&store.reading(|r| r.host_events(1, 9))?, &events[1..].to_vec(), "events behind a number")?;
    same_as(&store.writing(|w| w.drop_host_events(5))?, &2, "events that were dropped")?;
    store.writing(|w| w.drop_signals(3))?;
    same_as(&store.reading(|r| r.signals(9))?, &signals[2..].to_vec(), "signals that are left")?;
    same_as(&store.reading(|r| r.host_events(0, 9))?, &events[2..].to_vec(), "events that are left")?;
    same_as(&store.reading(|r| r.count_host_events())?, &1, "how many are left")
}

fn none() -> super::Failed {
    super::Failed("the sample has no such run".into())
}
