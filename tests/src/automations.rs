//! Automations of a desk: saved, set off, and what came of them.

use leadkit_core::Database;
use leadkit_core::model::automation::{
    AutomationRun, AutomationSpec, RunListOptions, RunState, SaveAutomationOptions, TickOptions, TickReport,
};
use leadkit_core::model::read::from_json;
use leadkit_core::testing::FakeTwilio;
use serde_json::Value;

use crate::desk::{Desk, HOOK};

/// An automation from its JSON.
pub fn spec(value: Value) -> AutomationSpec {
    from_json(value).unwrap()
}

/// Saves and enables one.
pub fn start(db: &Database, name: &str, value: Value) {
    db.automations().save(name, &spec(value), SaveAutomationOptions::default()).unwrap();
    db.automations().enable(name).unwrap();
}

/// Does what is due, with the desk's Twilio.
pub fn tick(desk: &Desk) -> TickReport {
    desk.db.tick(Some(&desk.twilio), &TickOptions::default()).unwrap()
}

/// The runs of one, the newest first.
pub fn runs(db: &Database, automation: &str) -> Vec<AutomationRun> {
    let options = RunListOptions { automation: Some(automation.into()), ..RunListOptions::default() };
    db.automations().runs(&options).unwrap().items
}

/// How its runs stand and why, the oldest first.
pub fn reasons(db: &Database, automation: &str) -> Vec<(RunState, Option<String>)> {
    runs(db, automation).into_iter().rev().map(|run| (run.state, run.reason)).collect()
}

/// Somebody writes.
pub fn wrote(desk: &Desk, from: &str, body: &str) {
    let request = desk.fake.inbound(from, FakeTwilio::NUMBER, body, HOOK).unwrap();
    desk.db.comms().receive(&desk.twilio, &request).unwrap();
}

/// How many messages went out.
pub fn sent(desk: &Desk) -> u64 {
    desk.fake.accepted_all().iter().map(|(_, _, times)| times).sum()
}
