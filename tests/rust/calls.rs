//! Calls: an agent talks to a lead, or a machine does.

use leadkit_core::model::calls::CallOptions;
use leadkit_core::model::communication::{CommunicationState, DispatchOptions};
use leadkit_core::model::consent::{Channel, ConsentKind, ConsentOptions, Purpose};
use leadkit_core::model::history::ContactChannel;
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::testing::{FakeTwilio, Fate};
use leadkit_core::*;
use leadkit_tests::desk::*;

const AGENT: &str = "+12127365099";

#[test]
fn an_agent_talks_to_a_lead() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        desk.grant(ada, Channel::Voice);
        let call = CallOptions {
            agent: Some(AGENT.into()),
            body: Some("This is for </Say><Dial>".into()),
            record: true,
            recording_consent: Some("said yes on the form".into()),
            ..CallOptions::default()
        };
        let queued = desk.db.comms().queue_call(ada, &call).unwrap();
        assert_eq!(desk.dispatch().sent, 1);
        desk.pass(60.0);
        let done = desk.db.comms().get(queued.id).unwrap();
        let details = done.call.clone().unwrap();
        assert_eq!(
            (done.state, details.outcome.as_deref()),
            (CommunicationState::Delivered, Some("completed"))
        );
        assert_eq!((details.duration, details.agent.as_deref()), (Some(12), Some(AGENT)));
        desk.pass(60.0);
        desk.db.comms().reconcile(&desk.twilio).unwrap();
        assert_eq!(desk.db.comms().get(queued.id).unwrap().price, Some(usd("0.028")), "of both legs");

        desk.fake.fate(ADA, Fate::Undelivered { code: 0 });
        let missed = desk.db.comms().queue_call(ada, &call).unwrap();
        desk.dispatch();
        desk.pass(60.0);
        assert_eq!(desk.state(missed.id), (CommunicationState::Failed, Some("no_answer".into())));
        desk.fake.fate(AGENT, Fate::Silence);
        let alone = desk.db.comms().queue_call(ada, &call).unwrap();
        desk.dispatch();
        desk.pass(60.0);
        assert_eq!(desk.state(alone.id), (CommunicationState::Failed, Some("agent_not_reached".into())));
    });
}

#[test]
fn an_announcement_needs_consent_of_its_own() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        let told = CallOptions {
            body: Some("Your table is ready".into()),
            purpose: Some(Purpose::Informational),
            ..CallOptions::default()
        };
        let queued = desk.db.comms().queue_call(ada, &told).unwrap();
        assert_eq!(desk.dispatch().refusals["no_consent"], 1);
        assert_eq!(desk.state(queued.id).0, CommunicationState::Refused);
        let options = ConsentOptions {
            lead: Some(ada),
            channel: Some(Channel::Voice),
            purpose: Some(Purpose::Informational),
            wording: Some("You may call me by machine".into()),
            ..ConsentOptions::default()
        };
        desk.db.consent().record(ConsentKind::Grant, "web form", options).unwrap();
        let queued = desk.db.comms().queue_call(ada, &told).unwrap();
        assert_eq!(desk.dispatch().sent, 1);
        desk.pass(60.0);
        let done = desk.db.comms().get(queued.id).unwrap();
        assert_eq!(done.state, CommunicationState::Delivered);
        assert_eq!(done.call.unwrap().duration, Some(12));

        let error = desk.db.comms().queue_call(ada, &CallOptions::default()).unwrap_err();
        assert_eq!((error.code(), error.field()), ("invalid_argument", Some("agent")));
        let by_http = CallOptions { play: Some("http://x.example/a.mp3".into()), ..CallOptions::default() };
        assert_eq!(desk.db.comms().queue_call(ada, &by_http).unwrap_err().field(), Some("play"));
        // A call from outside is entered with the lead whose number it is.
        let request = desk.fake.inbound_call(ADA, FakeTwilio::NUMBER, HOOK).unwrap();
        let received = desk.db.comms().receive(&desk.twilio, &request).unwrap();
        assert_eq!(
            (received.messages[0].lead, received.messages[0].channel),
            (Some(ada), ContactChannel::Voice)
        );
        assert!(desk.db.comms().receive(&desk.twilio, &request).unwrap().repeated);
    });
}

/// Takes its time over each call.
struct Slow<'a>(&'a Desk);

impl Transport for Slow<'_> {
    fn capabilities(&self) -> model::transport::Capabilities {
        self.0.twilio.capabilities()
    }

    fn send_sms(&self, request: &model::transport::SmsRequest) -> model::transport::Outcome {
        self.0.twilio.send_sms(request)
    }

    fn start_call(&self, request: &model::transport::CallRequest) -> model::transport::Outcome {
        testing::advance(&self.0.db, 45.0);
        self.0.twilio.start_call(request)
    }
}

#[test]
fn a_call_whose_turn_comes_late_is_decided_anew() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        let call = CallOptions {
            agent: Some(AGENT.into()),
            purpose: Some(Purpose::Informational),
            ..CallOptions::default()
        };
        let ids: Vec<i64> = (0..4).map(|_| desk.db.comms().queue_call(ada, &call).unwrap().id).collect();
        let report = desk.db.comms().dispatch(&Slow(desk), &DispatchOptions::default()).unwrap();
        assert_eq!((report.sent, report.retry), (2, 2));
        assert_eq!(desk.state(ids[3]).0, CommunicationState::Queued);
        let off = SettingsChange { voice: Some(false), ..SettingsChange::default() };
        desk.set(off);
        testing::advance(&desk.db, 60.0);
        assert_eq!(desk.db.comms().dispatch(&Slow(desk), &DispatchOptions::default()).unwrap().sent, 0);
    });
}

#[test]
fn without_reports_nobody_says_that_the_lead_was_not_reached() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        desk.set(SettingsChange { public_url: Some(String::new()), ..SettingsChange::default() });
        let call = CallOptions {
            agent: Some(AGENT.into()),
            purpose: Some(Purpose::Informational),
            ..CallOptions::default()
        };
        let talked = desk.db.comms().queue_call(ada, &call).unwrap().id;
        assert_eq!(desk.dispatch().sent, 1);
        testing::advance(&desk.db, 120.0);
        desk.db.comms().reconcile(&desk.twilio).unwrap();
        assert_eq!(desk.state(talked), (CommunicationState::Failed, Some("unresolved".into())));

        desk.fake.fate(AGENT, Fate::Silence);
        let alone = desk.db.comms().queue_call(ada, &call).unwrap().id;
        desk.dispatch();
        testing::advance(&desk.db, 120.0);
        desk.db.comms().reconcile(&desk.twilio).unwrap();
        assert_eq!(desk.state(alone), (CommunicationState::Failed, Some("agent_not_reached".into())));
    });
}

#[test]
fn both_legs_are_predicted_and_billed_as_far_as_they_cost() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        let prices = serde_json::from_value(serde_json::json!({
            "as_of": "2026-03-01", "source": "contract", "currency": "USD", "calls": {"US": "0.014"},
        }))
        .unwrap();
        desk.set(SettingsChange { prices: Some(prices), ..SettingsChange::default() });
        let call = CallOptions {
            agent: Some(AGENT.into()),
            purpose: Some(Purpose::Informational),
            ..CallOptions::default()
        };
        desk.fake.fate(ADA, Fate::Undelivered { code: 0 });
        let queued = desk.db.comms().queue_call(ada, &call).unwrap();
        assert_eq!(queued.predicted, Some(usd("0.028")));
        desk.dispatch();
        desk.pass(60.0);
        testing::advance(&desk.db, 120.0);
        desk.db.comms().reconcile(&desk.twilio).unwrap();
        // The agent answered and waited; the lead did not.
        assert_eq!(desk.db.comms().get(queued.id).unwrap().price, Some(usd("0.014")));
    });
}
