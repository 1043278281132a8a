//! What is measured, by a recorder of the test's own; and the health that goes beside it.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};

use leadkit_core::database::HealthOptions;
use leadkit_core::model::cost::{Budget, BudgetPeriod};
use leadkit_core::model::history::SearchOptions;
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::testing::{FakeTwilio, Fate};
use leadkit_core::*;
use leadkit_tests::desk::{ADA, BOB, everywhere, text, usd};
use metrics::{
    Counter, Gauge, Histogram, HistogramFn, KeyName, Metadata, Recorder, SharedString, Unit,
    with_local_recorder,
};

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<BTreeMap<String, Arc<AtomicU64>>>>);

impl Seen {
    fn of(&self, key: &metrics::Key) -> Arc<AtomicU64> {
        let labels: Vec<String> = key.labels().map(|l| format!("{}={}", l.key(), l.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        self.0.lock().unwrap().entry(name).or_default().clone()
    }

    fn number(&self, name: &str) -> u64 {
        self.0.lock().unwrap().get(name).map_or(0, |number| number.load(SeqCst))
    }
}

/// Counts how often something was timed.
struct Times(Arc<AtomicU64>);

impl HistogramFn for Times {
    fn record(&self, seconds: f64) {
        assert!((0.0..600.0).contains(&seconds));
        self.0.fetch_add(1, SeqCst);
    }
}

impl Recorder for Seen {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &metrics::Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.of(key))
    }

    fn register_gauge(&self, _: &metrics::Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &metrics::Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Times(self.of(key))))
    }
}

#[test]
fn imports_messages_webhooks_searches_and_writes_are_counted_and_timed() {
    everywhere(|desk| {
        let seen = Seen::default();
        with_local_recorder(&seen, || {
            let db = &desk.db;
            let file = "email,first_name\na@x.org,Ann\nb@x.org,Bob\nno mail,Cy\n".as_bytes().to_vec();
            db.import_leads(file, ImportOptions::default()).unwrap();
            let ada = desk.lead("ada@lovelace.org", ADA);
            db.comms().queue_sms(ada, &text("Hello")).unwrap();
            desk.dispatch();
            let request =
                desk.fake.inbound(ADA, FakeTwilio::NUMBER, "STOP", "https://crm.example/in").unwrap();
            db.comms().receive(&desk.twilio, &request).unwrap();
            let words = SearchOptions { text: Some("hello".into()), ..Default::default() };
            assert_eq!(db.comms().search(&words).unwrap().items.len(), 1);
            let update = BulkUpdate::default().set("owner", "tom");
            let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
            db.bulk().run(&plan.token, Default::default()).unwrap();
            assert_eq!(db.leads().update(99, [("owner", "tom")]).unwrap_err().code(), "not_found");
        });
        for (name, number) in [
            ("leadkit_import_rows_total{result=created}", 2),
            ("leadkit_import_rows_total{result=rejected}", 1),
            ("leadkit_import_seconds{}", 1),
            ("leadkit_messages_total{result=sent}", 1),
            ("leadkit_messages_total{result=refused}", 0),
            ("leadkit_dispatch_seconds{}", 1),
            ("leadkit_webhooks_total{kind=message_inbound}", 1),
            ("leadkit_webhook_seconds{}", 1),
            ("leadkit_search_seconds{}", 1),
            ("leadkit_bulk_leads_total{kind=bulk_update}", 3),
            ("leadkit_errors_total{code=not_found}", 1),
        ] {
            assert_eq!(seen.number(name), number, "{name}");
        }
        assert!(seen.number("leadkit_write_seconds{}") > 10);
    });
}

#[test]
fn health_tells_what_waits_what_is_unknown_and_what_was_said() {
    everywhere(|desk| {
        let db = &desk.db;
        let budget = Budget {
            name: "all".into(),
            amount: usd("1"),
            period: BudgetPeriod::Month,
            campaign: None,
            alert_at: vec![],
        };
        desk.set(SettingsChange { budgets: Some(vec![budget]), ..Default::default() });
        let (ada, bob) = (desk.lead("ada@lovelace.org", ADA), desk.lead("bob@lovelace.org", BOB));
        let began = testing::now(db);
        db.comms().queue_sms(ada, &text("Hello")).unwrap();
        testing::advance(db, 60.0);
        let outbox = db.health(HealthOptions::default()).unwrap().outbox;
        assert_eq!((outbox.waiting, outbox.due_since, outbox.sent), (1, Some(began), 0));
        assert_eq!((outbox.opt_out_rate, outbox.unknown_since), (None, None));

        desk.dispatch();
        desk.pass(10.0);
        desk.fake.fate(BOB, Fate::Undelivered { code: 30005 });
        db.comms().send_sms(bob, &text("Hello"), &desk.twilio).unwrap();
        desk.pass(10.0);
        let request = desk.fake.inbound(ADA, FakeTwilio::NUMBER, "STOP", "https://crm.example/in").unwrap();
        db.comms().receive(&desk.twilio, &request).unwrap();
        db.comms().queue_sms(ada, &text("Hello again")).unwrap();
        desk.dispatch();
        let health = db.health(HealthOptions::default()).unwrap();
        let outbox = health.outbox;
        assert_eq!((outbox.waiting, outbox.due_since, outbox.unknown), (0, None, 0));
        assert_eq!((outbox.sent, outbox.failed, outbox.refused), (2, 1, 1));
        assert_eq!((outbox.opt_outs, outbox.opt_out_rate), (1, Some(0.5)));
        let spent = &outbox.budgets[0];
        assert_eq!(
            (spent.spent.to_string(), spent.ends_at),
            ("0.0166 USD".into(), "2026-04-01T00:00:00Z".parse().ok())
        );
        assert_eq!(health.free_bytes.is_some(), health.store == "sqlite" && cfg!(unix));
        assert_eq!((health.audit.seq > 5, health.audit.key_id), (true, Some("test".into())));

        // A week later it is history.
        testing::advance(db, 8.0 * 86_400.0);
        let outbox = db.health(HealthOptions::default()).unwrap().outbox;
        assert_eq!((outbox.sent, outbox.opt_outs, outbox.opt_out_rate), (0, 0, None));
    });
}
