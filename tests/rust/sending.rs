//! Messages through a Twilio of our own, over HTTP, with callbacks: what they cost, how fast they go, who
//! gets none.

use leadkit_core::model::communication::{CommunicationState, DispatchOptions, SmsOptions};
use leadkit_core::model::consent::{ConsentKind, Purpose};
use leadkit_core::model::cost::{Budget, BudgetPeriod, CostBy, CostOptions, PriceTable};
use leadkit_core::model::legal::QuietHours;
use leadkit_core::model::money::Money;
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::testing::{FakeOptions, FakeTwilio, Fate};
use leadkit_core::*;
use leadkit_tests::desk::*;

fn budget(amount: &str, period: BudgetPeriod) -> Budget {
    Budget { name: "all".into(), amount: usd(amount), period, campaign: None, alert_at: vec![0.5, 1.0] }
}

#[test]
fn a_message_is_sent_at_once_and_its_price_comes_later() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        let sent = desk.db.comms().send_sms(ada, &text("Hello, reply STOP"), &desk.twilio).unwrap();
        assert_eq!((sent.state, sent.segments), (CommunicationState::Accepted, 1));
        assert_eq!(sent.predicted, Some(usd("0.0083")));
        desk.pass(3.0);
        assert_eq!(desk.state(sent.id), (CommunicationState::Delivered, None));
        assert_eq!(desk.db.comms().get(sent.id).unwrap().price, None);

        let early = desk.db.comms().reconcile(&desk.twilio).unwrap();
        assert_eq!((early.followed, early.next_at.is_some()), (0, true));
        desk.pass(90.0);
        let report = desk.db.comms().reconcile(&desk.twilio).unwrap();
        assert_eq!((report.followed, report.next_at), (1, None));
        assert_eq!(desk.db.comms().get(sent.id).unwrap().price, Some(usd("0.0079")));

        for (by, group) in [
            (CostBy::Month, "2026-03"),
            (CostBy::Lead, "1"),
            (CostBy::Owner, "mia"),
            (CostBy::Country, "US"),
            (CostBy::Channel, "sms"),
        ] {
            let costs = desk.db.comms().costs(&CostOptions { by, ..CostOptions::default() }).unwrap();
            let row = &costs.rows[0];
            assert_eq!((row.group.as_deref(), row.messages, row.billed), (Some(group), 1, 1));
            let amounts = (row.predicted.as_str(), row.cost.as_str(), row.drift.as_str());
            assert_eq!(amounts, ("0.0083", "0.0079", "-0.0004"));
            assert_eq!(costs.total.len(), 1);
        }
        let later = CostOptions { since: Some(testing::now(&desk.db)), ..CostOptions::default() };
        assert!(desk.db.comms().costs(&later).unwrap().rows.is_empty());
    });
}

#[test]
fn a_report_that_got_lost_is_asked_for() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        desk.fake.fate(ADA, Fate::Undelivered { code: 30005 });
        let sent = desk.db.comms().send_sms(ada, &text("Hello"), &desk.twilio).unwrap();
        testing::advance(&desk.db, 90.0);
        drop(desk.fake.callbacks());
        desk.db.comms().reconcile(&desk.twilio).unwrap();
        let stands = desk.db.comms().get(sent.id).unwrap();
        assert_eq!(stands.state, CommunicationState::Failed);
        assert_eq!(stands.refusal.unwrap().provider_code, Some(30005));
        // It came to nothing: it may be tried anew, as another message.
        let new = desk.db.comms().requeue(sent.id).unwrap();
        assert_eq!((new.state, new.body.as_str()), (CommunicationState::Queued, "Hello"));
        assert_eq!(desk.db.comms().requeue(new.id).unwrap_err().code(), "conflict");
    });
}

#[test]
fn a_budget_stops_hard_and_tells_before() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        desk.set(SettingsChange {
            budgets: Some(vec![budget("0.02", BudgetPeriod::Day)]),
            ..Default::default()
        });
        let ids: Vec<i64> =
            (0..3).map(|n| desk.db.comms().queue_sms(ada, &text(&format!("{n}"))).unwrap().id).collect();
        let report = desk.dispatch();
        assert_eq!((report.sent, report.postponed), (2, 1));
        let alerts: Vec<(f64, String)> =
            report.alerts.iter().map(|alert| (alert.part, alert.spent.to_string())).collect();
        assert_eq!(alerts, [(0.5, "0.0166 USD".to_string())]);
        assert_eq!(desk.state(ids[2]), (CommunicationState::Queued, Some("budget_exceeded".into())));
        assert_eq!(
            desk.db.comms().get(ids[2]).unwrap().due_at,
            Some("2026-03-03T00:00:00Z".parse().unwrap())
        );
        // What was cheaper than expected leaves room; what was refused does, too.
        desk.pass(90.0);
        desk.db.comms().reconcile(&desk.twilio).unwrap();
        let spent = desk.db.comms().queue_sms(ada, &text("4")).unwrap();
        assert_eq!(desk.dispatch().postponed, 1);
        desk.set(SettingsChange {
            budgets: Some(vec![budget("0.03", BudgetPeriod::Day)]),
            ..Default::default()
        });
        testing::advance(&desk.db, 24.0 * 3_600.0);
        assert_eq!(desk.dispatch().sent, 2);
        assert_eq!(desk.state(spent.id).0, CommunicationState::Accepted);
    });
}

#[test]
fn a_budget_for_all_times_refuses_and_needs_a_price() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        desk.set(SettingsChange {
            budgets: Some(vec![budget("0.009", BudgetPeriod::Total)]),
            ..Default::default()
        });
        for n in 0..2 {
            desk.db.comms().queue_sms(ada, &text(&format!("{n}"))).unwrap();
        }
        let report = desk.dispatch();
        assert_eq!((report.sent, report.refusals["budget_exceeded"]), (1, 1));
        // A refused message gives back what it took.
        desk.fake.fault(testing::Fault::Refusal { status: 400, code: 21614 });
        desk.set(SettingsChange {
            budgets: Some(vec![budget("0.017", BudgetPeriod::Total)]),
            ..Default::default()
        });
        desk.db.comms().queue_sms(ada, &text("refused")).unwrap();
        assert_eq!(desk.dispatch().refused, 1);
        desk.db.comms().queue_sms(ada, &text("goes")).unwrap();
        assert_eq!(desk.dispatch().sent, 1);

        let berlin = desk.lead("karl@lovelace.org", "+493023125014");
        let unpriced = desk.db.comms().queue_sms(berlin, &text("Hallo")).unwrap();
        assert_eq!(unpriced.predicted, None);
        assert_eq!(desk.dispatch().refusals["price_unknown"], 1);
        let prices: PriceTable = serde_json::from_value(serde_json::json!({
            "as_of": "2026-03-01", "source": "contract", "currency": "USD", "sms": {"US": "0.0083", "*": "0.1"},
        }))
        .unwrap();
        desk.set(SettingsChange { prices: Some(prices), budgets: Some(Vec::new()), ..Default::default() });
        assert_eq!(desk.db.comms().requeue(unpriced.id).unwrap().predicted, Some(usd("0.1")));
        let priced = desk.db.comms().queue_sms(berlin, &text("Hallo")).unwrap();
        assert_eq!(priced.predicted, Some(usd("0.1")));
    });
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let desk = Desk::at(None);
    let two = vec![budget("1", BudgetPeriod::Day), budget("2", BudgetPeriod::Day)];
    let euros = Budget { amount: Money::parse("1", "EUR").unwrap(), ..budget("1", BudgetPeriod::Day) };
    let wrong: [(SettingsChange, &str); 7] = [
        (SettingsChange { budgets: Some(two), ..Default::default() }, "budgets"),
        (SettingsChange { budgets: Some(vec![euros]), ..Default::default() }, "budgets"),
        (SettingsChange { rates: Some([("*".into(), 0.0)].into()), ..Default::default() }, "rates"),
        (SettingsChange { countries: Some(["USA".into()].into()), ..Default::default() }, "countries"),
        (SettingsChange { holidays: Some(vec!["Christmas".into()]), ..Default::default() }, "holidays"),
        (
            SettingsChange {
                quiet_hours: Some(QuietHours { from: "8".into(), until: "9:00".into() }),
                ..Default::default()
            },
            "quiet_hours",
        ),
        (
            SettingsChange {
                prices: Some(PriceTable {
                    sms: [("US".into(), "cheap".into())].into(),
                    ..PriceTable::built_in()
                }),
                ..Default::default()
            },
            "amount",
        ),
    ];
    let before = desk.db.settings().get().unwrap();
    for (change, field) in wrong {
        let error = desk.db.settings().set(&change).unwrap_err();
        assert_eq!((error.code(), error.field()), ("invalid_argument", Some(field)), "{error}");
    }
    assert_eq!(desk.db.settings().get().unwrap(), before);
}

#[test]
fn a_sender_keeps_its_rate_in_segments() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        desk.set(SettingsChange { rates: Some([("*".into(), 2.0)].into()), ..Default::default() });
        for n in 0..4 {
            let long = format!("{n}{}", "x".repeat(200));
            assert_eq!(desk.db.comms().queue_sms(ada, &text(&long)).unwrap().segments, 2);
        }
        let other = SmsOptions { sender: Some(FakeTwilio::NUMBER.into()), ..text("from another") };
        desk.db.comms().queue_sms(ada, &other).unwrap();
        let (mut sent, began) = (Vec::new(), testing::now(&desk.db));
        for _ in 0..20 {
            let report = desk.dispatch();
            sent.push((report.sent, (testing::now(&desk.db).0 - began.0) / 1_000));
            let Some(next) = report.next_at else { break };
            testing::advance(&desk.db, (next.0 - testing::now(&desk.db).0) as f64 / 1_000.0);
        }
        // Two segments a second: a message of two each second, and the other sender at once.
        assert_eq!(sent, [(2, 0), (1, 1), (1, 2), (1, 3)]);
    });
}

#[test]
fn enough_is_enough_for_a_day() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        desk.set(SettingsChange { marketing_per_day: Some(1), ..Default::default() });
        let first = desk.db.comms().queue_sms(ada, &text("one")).unwrap();
        let second = desk.db.comms().queue_sms(ada, &text("two")).unwrap();
        let told = SmsOptions { purpose: Some(Purpose::Informational), ..text("your appointment") };
        desk.db.comms().queue_sms(ada, &told).unwrap();
        assert_eq!((desk.dispatch().sent, desk.state(first.id).0), (2, CommunicationState::Accepted));
        let (state, code) = desk.state(second.id);
        assert_eq!((state, code.as_deref()), (CommunicationState::Queued, Some("enough_for_a_day")));
        testing::advance(&desk.db, 24.0 * 3_600.0 + 60.0);
        assert_eq!(desk.dispatch().sent, 1);
    });
}

#[test]
fn another_account_settles_nothing_and_what_is_queued_anew_goes_once() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        desk.set(SettingsChange { marketing_per_day: Some(1), ..Default::default() });
        desk.fake.fault(testing::Fault::Dropped { accepted: false });
        let lost = desk.db.comms().queue_sms(ada, &text("lost")).unwrap().id;
        assert_eq!(desk.dispatch().unknown, 1);
        testing::advance(&desk.db, 16.0 * 60.0);
        let other = FakeOptions { account_sid: format!("AC{}", "e".repeat(32)), ..FakeOptions::default() };
        let other = FakeTwilio::start_with(other, testing::clock(&desk.db)).unwrap();
        let error = desk.db.comms().reconcile(&other.twilio().unwrap()).unwrap_err();
        assert_eq!((error.code(), error.field()), ("conflict", Some("account")));
        assert_eq!(desk.state(lost).0, CommunicationState::Unknown);

        assert_eq!(desk.db.comms().reconcile(&desk.twilio).unwrap().lost, 1);
        let new = desk.db.comms().requeue(lost).unwrap();
        assert_eq!(desk.db.comms().requeue(lost).unwrap().id, new.id);
        // What never reached anybody is not what was enough for a day.
        assert_eq!(desk.dispatch().sent, 1);
        assert_eq!(desk.db.comms().requeue(lost).unwrap().id, new.id);
        assert_eq!(desk.fake.accepted(ADA, "lost"), 1);
    });
}

#[test]
fn some_numbers_are_never_contacted() {
    everywhere(|desk| {
        let lead = desk.lead("ada@lovelace.org", ADA);
        let to = |number: &str| {
            let told = SmsOptions {
                to: Some(number.into()),
                purpose: Some(Purpose::Informational),
                ..text("hello")
            };
            desk.db.comms().queue_sms(lead, &told).unwrap().id
        };
        let (premium, police, berlin) = (to("+19002345678"), to("+49110"), to("+493023125014"));
        desk.set(SettingsChange { countries: Some(["US".into()].into()), ..Default::default() });
        assert_eq!(desk.dispatch().refused, 3);
        let code = |id| desk.state(id).1.unwrap();
        assert_eq!(code(premium), "premium_number");
        assert_eq!(code(police), "short_number");
        assert_eq!(code(berlin), "country_not_allowed");
        assert!(desk.fake.messages().is_empty());
    });
}

#[test]
fn a_host_has_quiet_hours_and_rules_of_its_own() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        // It is ten in the morning in New York.
        let quiet = QuietHours { from: "9:00".into(), until: "11:00".into() };
        desk.set(SettingsChange { quiet_hours: Some(quiet), ..Default::default() });
        let message = desk.db.comms().queue_sms(ada, &text("one")).unwrap();
        assert_eq!(desk.dispatch().postponed, 1);
        let noon: Timestamp = "2026-03-02T16:00:00Z".parse().unwrap();
        assert_eq!(desk.db.comms().get(message.id).unwrap().due_at, Some(noon));
        let never = QuietHours { from: "0:00".into(), until: "0:00".into() };
        let rules = serde_json::from_value(serde_json::json!({"rules": [{
            "id": "us-ny", "country": "US", "state": "NY", "hours": {"daily": "12:00-13:00"}, "source": "counsel",
        }]}))
        .unwrap();
        desk.set(SettingsChange { quiet_hours: Some(never), rules: Some(rules), ..Default::default() });
        testing::advance(&desk.db, 3_600.0);
        assert_eq!(desk.dispatch().postponed, 1);
        let noon: Timestamp = "2026-03-02T17:00:00Z".parse().unwrap();
        assert_eq!(desk.db.comms().get(message.id).unwrap().due_at, Some(noon));
    });
}

#[test]
fn a_paused_campaign_waits_and_goes_on() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        let spring = SmsOptions { campaign: Some("spring".into()), ..text("spring") };
        let waits = desk.db.comms().queue_sms(ada, &spring).unwrap().id;
        desk.db.comms().pause("spring").unwrap();
        let report = desk.dispatch();
        assert_eq!((report.sent, report.postponed, report.next_at), (0, 1, None));
        assert_eq!(desk.state(waits), (CommunicationState::Queued, Some("paused".into())));
        desk.db.comms().resume("spring").unwrap();
        assert_eq!(desk.dispatch().sent, 1);

        let later: Timestamp = "2026-03-02T18:00:00Z".parse().unwrap();
        let moved = desk.db.comms().queue_sms(ada, &text("moved")).unwrap().id;
        assert_eq!(desk.db.comms().reschedule(moved, later).unwrap().due_at, Some(later));
        assert_eq!(desk.dispatch().sent, 0);
        assert_eq!(desk.db.comms().drain(1.0).unwrap(), 0);
        assert!(!desk.dispatch().sending);
    });
}

#[test]
fn a_stop_takes_back_what_the_provider_still_holds() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        let service = SmsOptions { sender: Some(FakeTwilio::SERVICE.into()), ..text("held") };
        let held = desk.db.comms().send_sms(ada, &service, &desk.twilio).unwrap();
        assert_eq!(held.status.as_deref(), Some("accepted"));
        let stop = desk.fake.inbound(ADA, FakeTwilio::NUMBER, "Stop", HOOK).unwrap();
        let told = desk.db.comms().receive(&desk.twilio, &stop).unwrap();
        assert_eq!(told.consent[0].kind, ConsentKind::Withdrawal);
        let report = desk.db.comms().reconcile(&desk.twilio).unwrap();
        assert_eq!((report.taken_back, report.too_late), (1, 0));
        assert_eq!(desk.state(held.id).0, CommunicationState::Cancelled);
        let what: Vec<String> =
            desk.db.comms().events(held.id).unwrap().into_iter().map(|event| event.what).collect();
        assert!(what.contains(&"taken_back".to_string()), "{what:?}");
    });
}

#[test]
fn the_cap_is_a_numbers_whoever_has_it() {
    everywhere(|desk| {
        desk.set(SettingsChange { marketing_per_day: Some(1), ..Default::default() });
        let [ada, twin] = ["ada@lovelace.org", "twin@lovelace.org"].map(|email| desk.lead(email, ADA));
        desk.db.comms().queue_sms(ada, &text("one")).unwrap();
        let second = desk.db.comms().queue_sms(twin, &text("two")).unwrap();
        assert_eq!(desk.dispatch().sent, 1);
        assert_eq!(desk.state(second.id).1.as_deref(), Some("enough_for_a_day"));
    });
}

#[test]
fn a_rate_holds_after_a_pause() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        desk.set(SettingsChange { rates: Some([("*".into(), 1.0)].into()), ..Default::default() });
        for n in 0..40 {
            desk.db.comms().queue_sms(ada, &text(&format!("{n}"))).unwrap();
        }
        let first = desk.dispatch();
        assert!(first.sent <= 2, "{first:?}");
        // Nobody dispatches for ten minutes: all turns are over, and none may go out for them at once.
        testing::advance(&desk.db, 600.0);
        assert!(desk.dispatch().sent <= 2);
        let (mut sent, mut rounds) = (desk.fake.messages().len(), 0);
        while sent < 40 {
            testing::advance(&desk.db, 1.0);
            desk.dispatch();
            let more = desk.fake.messages().len() - sent;
            assert!(more <= 2, "{more} within a second");
            (sent, rounds) = (sent + more, rounds + 1);
            assert!(rounds < 60, "they must not be put off for ever");
        }
        // Another rate holds at once, for what waits too.
        for n in 0..30 {
            desk.db.comms().queue_sms(ada, &text(&format!("fast {n}"))).unwrap();
        }
        desk.dispatch();
        desk.set(SettingsChange { rates: Some([("*".into(), 100.0)].into()), ..Default::default() });
        assert_eq!(desk.dispatch().postponed, 0);
        assert_eq!(desk.fake.messages().len(), 70);
    });
}

#[test]
fn what_waits_for_a_setting_hears_of_it() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        desk.set(SettingsChange {
            paused: Some(["spring".into()].into()),
            budgets: Some(vec![budget("0.01", BudgetPeriod::Month)]),
            ..Default::default()
        });
        let spring = SmsOptions { campaign: Some("spring".into()), ..text("spring") };
        desk.db.comms().queue_sms(ada, &spring).unwrap();
        for body in ["within", "beyond"] {
            desk.db.comms().queue_sms(ada, &text(body)).unwrap();
        }
        assert_eq!((desk.dispatch().sent, desk.dispatch().sent), (1, 0));
        desk.set(SettingsChange {
            budgets: Some(vec![budget("1", BudgetPeriod::Month)]),
            ..Default::default()
        });
        assert_eq!(desk.dispatch().sent, 1);
        desk.set(SettingsChange { paused: Some(Default::default()), ..Default::default() });
        assert_eq!(desk.dispatch().sent, 1);

        // A channel that is off for hours writes no event each minute.
        let waits = desk.db.comms().queue_sms(ada, &text("waits")).unwrap();
        desk.set(SettingsChange { sms: Some(false), ..Default::default() });
        for _ in 0..5 {
            assert_eq!(desk.dispatch().postponed, 1);
            testing::advance(&desk.db, 61.0);
        }
        let what: Vec<String> =
            desk.db.comms().events(waits.id).unwrap().into_iter().map(|event| event.what).collect();
        assert_eq!(what, ["queued", "postponed"]);
        desk.set(SettingsChange { sms: Some(true), ..Default::default() });
        assert_eq!(desk.dispatch().sent, 1);
    });
}

#[test]
fn prices_of_today_decide_and_what_turns_up_is_counted() {
    everywhere(|desk| {
        let berlin = desk.lead("karl@lovelace.org", "+493023125014");
        let message = desk.db.comms().queue_sms(berlin, &text("Hallo")).unwrap();
        assert_eq!(message.predicted, None);
        let prices: PriceTable = serde_json::from_value(serde_json::json!({
            "as_of": "2026-03-01", "source": "contract", "currency": "USD", "sms": {"*": "0.01"},
        }))
        .unwrap();
        // Room for one and a half.
        desk.set(SettingsChange {
            prices: Some(prices),
            budgets: Some(vec![budget("0.015", BudgetPeriod::Month)]),
            ..Default::default()
        });
        desk.fake.fault(testing::Fault::Silence { accepted: true });
        let hasty =
            Twilio::with_clock(TwilioConfig { timeout: 0.3, ..desk.fake.config() }, testing::clock(&desk.db))
                .unwrap();
        assert_eq!(desk.db.comms().dispatch(&hasty, &DispatchOptions::default()).unwrap().unknown, 1);
        // Its list does not have it for now: it is given up, and its money is free again.
        let empty = FakeTwilio::start_with(FakeOptions::default(), testing::clock(&desk.db)).unwrap();
        let empty = Twilio::with_clock(
            TwilioConfig { base_url: Some(empty.url().into()), ..desk.fake.config() },
            testing::clock(&desk.db),
        )
        .unwrap();
        testing::advance(&desk.db, 16.0 * 60.0);
        let account = SettingsChange { account: Some(String::new()), ..Default::default() };
        desk.set(account);
        assert_eq!(desk.db.comms().reconcile(&empty).unwrap().lost, 1);
        // It turns up after all, by its callbacks, and its price comes.
        desk.pass(1.0);
        testing::advance(&desk.db, 120.0);
        desk.db.comms().reconcile(&desk.twilio).unwrap();
        let stands = desk.db.comms().get(message.id).unwrap();
        assert_eq!((stands.state, stands.price), (CommunicationState::Delivered, Some(usd("0.0079"))));
        // 0.0079 are spent: one more of 0.01 is too much.
        desk.db.comms().queue_sms(berlin, &text("Noch einmal")).unwrap();
        let report = desk.dispatch();
        assert_eq!((report.sent, report.postponed), (0, 1), "{report:?}");
    });
}

#[test]
fn a_message_taken_back_costs_nothing() {
    everywhere(|desk| {
        let [ada, bob] = [("ada@lovelace.org", ADA), ("bob@lovelace.org", BOB)].map(|(e, p)| desk.lead(e, p));
        desk.set(SettingsChange {
            budgets: Some(vec![budget("0.009", BudgetPeriod::Total)]),
            ..Default::default()
        });
        let service = SmsOptions { sender: Some(FakeTwilio::SERVICE.into()), ..text("held") };
        desk.db.comms().send_sms(ada, &service, &desk.twilio).unwrap();
        let stop = desk.fake.inbound(ADA, FakeTwilio::NUMBER, "Stop", HOOK).unwrap();
        desk.db.comms().receive(&desk.twilio, &stop).unwrap();
        assert_eq!(desk.db.comms().reconcile(&desk.twilio).unwrap().taken_back, 1);
        desk.db.comms().queue_sms(bob, &text("for the same money")).unwrap();
        assert_eq!(desk.dispatch().sent, 1);
    });
}

/// Refuses to tell of one message.
struct Reticent<'a>(&'a Desk, String);

impl Transport for Reticent<'_> {
    fn capabilities(&self) -> model::transport::Capabilities {
        self.0.twilio.capabilities()
    }

    fn send_sms(&self, request: &model::transport::SmsRequest) -> model::transport::Outcome {
        self.0.twilio.send_sms(request)
    }

    fn fetch_message(&self, sid: &str) -> Result<model::transport::ProviderMessage> {
        match sid == self.1 {
            true => Err(Error::new(ErrorCode::InvalidArgument, "this is no id of a message")),
            false => self.0.twilio.fetch_message(sid),
        }
    }
}

#[test]
fn one_that_cannot_be_asked_about_stands_in_nobodys_way() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        let [first, second] =
            ["one", "two"].map(|body| desk.db.comms().send_sms(ada, &text(body), &desk.twilio).unwrap());
        desk.pass(120.0);
        testing::advance(&desk.db, 120.0);
        let reticent = Reticent(desk, first.provider_id.unwrap());
        let report = desk.db.comms().reconcile(&reticent).unwrap();
        assert_eq!(report.followed, 1);
        assert!(report.next_at.unwrap() > testing::now(&desk.db), "it is asked about later");
        assert!(desk.db.comms().get(second.id).unwrap().price.is_some());
        testing::advance(&desk.db, 600.0);
        desk.db.comms().reconcile(&desk.twilio).unwrap();
        assert!(desk.db.comms().get(first.id).unwrap().price.is_some());
    });
}

#[test]
fn a_batch_has_a_limit() {
    let desk = Desk::at(None);
    let options = DispatchOptions { batch: 501, ..DispatchOptions::default() };
    let error = desk.db.comms().dispatch(&desk.twilio, &options).unwrap_err();
    assert_eq!((error.code(), error.field()), ("invalid_argument", Some("batch")));
}
