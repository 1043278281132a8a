//! A year of a sales team under a clock of its own, from a seed: imports, bulk operations and undos, campaigns,
//! sequences and schedules, replies and opt-outs; two workers that tick, and die between handing a message over
//! and hearing of it; callbacks that come late, twice, in any order, or never; days of downtime; two changes of the
//! clock. Each day what must hold is looked at.
//!
//! Three seeds of 60 leads. `LEADKIT_LONG` makes it a hundred; `LEADKIT_SEED=n` one, `LEADKIT_LEADS=n` as many
//! leads, `LEADKIT_DAYS=n` as many days: the same numbers give the same year.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use leadkit_core::compliance::{Contact, LegalHours};
use leadkit_core::model::automation::{AutomationSpec, RunListOptions, RunState, TickOptions};
use leadkit_core::model::communication::{
    Communication, CommunicationListOptions, CommunicationState, SmsPlanOptions,
};
use leadkit_core::model::cost::Budget;
use leadkit_core::model::read::from_json;
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::model::transport::{Capabilities, Outcome, SmsRequest};
use leadkit_core::testing::{FakeMessage, FakeOptions, FakeTwilio, Fault};
use leadkit_core::*;
use leadkit_tests::Dice;
use leadkit_tests::home::Home;
use serde_json::{Value, json};

const HOOK: &str = "https://crm.example/hook";
/// Numbers of these places; each has one clock.
const PLACES: [(&str, &str, &str); 5] = [
    ("+1212736", "US", "America/New_York"),
    ("+1312736", "US", "America/Chicago"),
    ("+1213736", "US", "America/Los_Angeles"),
    ("+1602736", "US", "America/Phoenix"),
    ("+4930231", "DE", "Europe/Berlin"),
];
/// Dollars that may be spent in a month.
const MONTHLY: &str = "0.40";

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

/// A way to the provider that may die with its process: before a message is handed over, or behind it.
struct Mortal<'a> {
    twilio: &'a Twilio,
    /// The message at which it dies, and whether that has been handed over.
    death: Option<(usize, bool)>,
}

impl Transport for Mortal<'_> {
    fn capabilities(&self) -> Capabilities {
        self.twilio.capabilities()
    }

    fn send_sms(&self, request: &SmsRequest) -> Outcome {
        self.twilio.send_sms(request)
    }

    fn send_many(&self, requests: &[SmsRequest]) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for (place, request) in requests.iter().enumerate() {
            match self.death {
                Some((at, false)) if at == place => std::panic::resume_unwind(Box::new("killed before")),
                Some((at, true)) if at == place => {
                    self.twilio.send_sms(request);
                    std::panic::resume_unwind(Box::new("killed behind"));
                }
                _ => outcomes.push(self.twilio.send_sms(request)),
            }
        }
        outcomes
    }

    fn fetch_message(&self, sid: &str) -> Result<model::transport::ProviderMessage> {
        self.twilio.fetch_message(sid)
    }

    fn list_messages(
        &self,
        query: &model::transport::MessageQuery,
    ) -> Result<Page<model::transport::ProviderMessage>> {
        self.twilio.list_messages(query)
    }

    fn cancel(&self, sid: &str) -> Result<model::transport::Cancellation> {
        self.twilio.cancel(sid)
    }
}

/// Whether the reports about a message get lost, all of them: by its id, one in three.
fn is_lost(request: &model::transport::WebhookRequest) -> bool {
    let body = String::from_utf8_lossy(&request.body);
    let sid = body.split('&').find_map(|pair| pair.strip_prefix("MessageSid="));
    sid.is_some_and(|sid| sid.bytes().map(u32::from).sum::<u32>().is_multiple_of(3))
}

struct Person {
    number: String,
    zone: &'static str,
    country: &'static str,
    /// When this person said STOP; none when it was lifted since.
    stopped: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct Told {
    sent: u64,
    received: u64,
    runs: u64,
    deaths: u64,
    undone: u64,
    opted_out: u64,
}

struct Year {
    dice: Dice,
    home: Home,
    seed: u64,
    /// Looks at everything, and never dies.
    control: Database,
    workers: Vec<Database>,
    fake: FakeTwilio,
    twilio: Twilio,
    people: Vec<Person>,
    /// Messages of the provider's that were looked at.
    seen: HashSet<String>,
    late: Vec<model::transport::WebhookRequest>,
    told: Told,
}

impl Year {
    fn begin(seed: u64) -> Year {
        let home = if seed % 3 == 2 { Home::tenant() } else { Home::file() };
        let control = home.db(seed);
        let start: Timestamp = "2026-01-05T13:00:00Z".parse().unwrap();
        testing::advance(&control, (start.0 - testing::now(&control).0) as f64 / 1_000.0);
        let options = FakeOptions { seed, ..FakeOptions::default() };
        let fake = FakeTwilio::start_with(options, testing::clock(&control)).unwrap();
        fake.shuffle_callbacks(true);
        fake.repeat_callbacks(2);
        fake.fault_once_in(40, Fault::Dropped { accepted: seed.is_multiple_of(2) });
        let twilio = fake.twilio().unwrap();
        let mut year = Year {
            dice: Dice::new(seed),
            seed,
            control,
            workers: Vec::new(),
            fake,
            twilio,
            people: Vec::new(),
            seen: HashSet::new(),
            late: Vec::new(),
            told: Told::default(),
            home,
        };
        year.set_up();
        year.workers = vec![year.worker(), year.worker()];
        year
    }

    fn now(&self) -> Timestamp {
        testing::now(&self.control)
    }

    /// A process of its own, as far as the database sees.
    fn worker(&mut self) -> Database {
        let (url, options) = self.home.address();
        testing::open_with(&url, options, self.now(), self.dice.bits()).unwrap()
    }

    fn set_up(&self) {
        let db = &self.control;
        let budget = Budget {
            name: "month".into(),
            amount: model::money::Money::parse(MONTHLY, "USD").unwrap(),
            period: model::cost::BudgetPeriod::Month,
            campaign: None,
            alert_at: vec![0.8],
        };
        let prices = json!({"as_of": "2026-01", "source": "a contract", "currency": "USD",
            "sms": {"US": "0.0083", "*": "0.0091"}});
        let change = SettingsChange {
            sending: Some(true),
            prices: Some(from_json(prices).unwrap()),
            public_url: Some(HOOK.into()),
            marketing_per_day: Some(1),
            budgets: Some(vec![budget]),
            ..SettingsChange::default()
        };
        db.settings().set(&change).unwrap();
        db.fields().define(CustomField::new("renewal", FieldKind::Date)).unwrap();
        let weekly =
            json!({"zone": "recipient", "start": "2026-01-05T10:00", "rrule": "FREQ=WEEKLY;BYDAY=MO"});
        db.schedules().save("mondays", &from_json(weekly).unwrap()).unwrap();
        for (name, spec) in [
            (
                "welcome",
                json!({
                    "trigger": {"on": "lead_imported"},
                    "steps": [
                        {"do": "sms", "body": "Welcome! Reply STOP to end."},
                        {"do": "await_reply", "for": "3d"},
                        {"do": "if", "condition": {"replied": true}, "then": [{"do": "status", "to": "qualified"}],
                            "else": [
                                {"do": "wait", "for": "1d", "at": "11:00"},
                                {"do": "sms", "body": "Still there? Reply STOP to end."},
                                {"do": "status", "to": "nurturing"}]},
                    ],
                }),
            ),
            (
                "mondays",
                json!({
                    "trigger": {"on": "schedule", "schedule": "mondays"},
                    "condition": {"lead": {"status": "nurturing"}},
                    "again": "20d",
                    "steps": [{"do": "sms", "body": "News of the week. Reply STOP to end."}],
                    "stop": {"status": ["lost"]},
                }),
            ),
            (
                "silent",
                json!({
                    "trigger": {"on": "not_answered", "after": "5d", "campaign": "spring"},
                    "steps": [{"do": "tag", "add": ["silent"]}, {"do": "task", "subject": "Call them"}],
                }),
            ),
            (
                "hot",
                json!({
                    "trigger": {"on": "message_received", "intents": ["yes"]},
                    "steps": [{"do": "assign", "owners": ["mia", "tom", "eve"]}, {"do": "host", "event": "hot"}],
                }),
            ),
            (
                "renewal",
                json!({
                    "trigger": {"on": "date_reached", "field": "custom.renewal", "days": -7, "time": "09:30", "zone": "Europe/Berlin"},
                    "steps": [{"do": "task", "subject": "Talk about the renewal"}],
                }),
            ),
            (
                "followed",
                json!({
                    "trigger": {"on": "status_changed", "to": ["qualified"]},
                    "steps": [{"do": "wait", "for": "2h"}, {"do": "tag", "add": ["followed"]}],
                }),
            ),
        ] {
            let spec: AutomationSpec = from_json(spec).unwrap();
            db.automations().save(name, &spec, Default::default()).unwrap();
            db.automations().enable(name).unwrap();
        }
    }

    /// New leads from a file, most of whom agreed.
    fn import(&mut self, count: usize) {
        let mut rows =
            String::from("first_name,email,phone,country,time_zone,status,sms opt-in,custom.renewal\n");
        for _ in 0..count {
            let n = self.people.len();
            let (prefix, country, zone) = PLACES[self.dice.below(PLACES.len())];
            let number = format!("{prefix}{:04}", 5_000 + n % 5_000);
            let agreed = if self.dice.one_in(4) { "no" } else { "yes" };
            let (month, day) = (1 + self.dice.below(12), 1 + self.dice.below(28));
            rows.push_str(&format!(
                "P{n},p{n}@fair.example,{number},{country},{zone},new,{agreed},2026-{month:02}-{day:02}\n"
            ));
            self.people.push(Person { number, zone, country, stopped: None });
        }
        let options: ImportOptions = from_json(json!({
            "automations": true,
            "consent": {"source": "fair", "wording": "Yes, write to me", "given_at": self.now()},
        }))
        .unwrap();
        let report = self.control.import_leads(rows.into_bytes(), options).unwrap();
        assert_eq!(report.created, count as u64, "{:?}", report.issues);
    }

    /// Lets time pass for everybody, and hands over what the provider tells meanwhile, some of it later.
    fn pass(&mut self, seconds: f64) {
        testing::advance(&self.control, seconds);
        self.workers.iter().for_each(|worker| testing::advance(worker, seconds));
        let mut requests = std::mem::take(&mut self.late);
        for request in self.fake.callbacks() {
            match () {
                // Of some messages no word ever comes.
                () if is_lost(&request) => {}
                () if self.dice.one_in(10) => self.late.push(request),
                () => requests.push(request),
            }
        }
        for request in requests {
            let worker = self.dice.below(2);
            self.workers[worker].comms().receive(&self.twilio, &request).unwrap();
        }
    }

    /// Some people write back.
    fn answers(&mut self) {
        let texts = ["yes", "who is this?", "STOP", "how much is it", "START", "not now", "unsubscribe"];
        for _ in 0..self.dice.below(3) {
            if self.people.is_empty() {
                return;
            }
            let (who, text) = (self.dice.below(self.people.len()), self.dice.pick(&texts));
            let request =
                self.fake.inbound(&self.people[who].number, FakeTwilio::NUMBER, text, HOOK).unwrap();
            self.control.comms().receive(&self.twilio, &request).unwrap();
            self.told.received += 1;
            match text {
                "STOP" | "unsubscribe" => {
                    self.told.opted_out += 1;
                    let now = self.now();
                    self.people[who].stopped.get_or_insert(now);
                }
                // It lifts the block; what was agreed to before is gone all the same.
                _ => {}
            }
        }
    }

    /// What people of the team do of a day.
    fn work(&mut self) {
        let db = self.control.as_actor(self.dice.pick(&["mia", "tom", "eve"]), None);
        let some = Filter::field("id").gt(self.dice.below(self.people.len() + 1) as i64);
        match self.dice.below(8) {
            0 => {
                let options: SmsPlanOptions = from_json(json!({
                    "body": "Spring offer! Reply STOP to end.", "campaign": "spring",
                }))
                .unwrap();
                let plan = db.comms().plan_sms(&some, &options).unwrap();
                let run = db.bulk().run(&plan.token, RunOptions::default()).unwrap();
                if self.dice.one_in(3) {
                    db.operations().undo(run.id, Default::default(), Default::default()).unwrap();
                }
            }
            1 | 2 => {
                let to = self.dice.pick(&["qualified", "nurturing", "lost", "new"]);
                let options = PlanOptions { automations: self.dice.one_in(2), ..PlanOptions::default() };
                let before = self.leads();
                let plan = db.bulk().plan_status(&some, to, options).unwrap();
                let run = db.bulk().run(&plan.token, RunOptions::default()).unwrap();
                if self.dice.one_in(2) {
                    db.operations().undo(run.id, Default::default(), Default::default()).unwrap();
                    assert_eq!(self.leads(), before, "{}", self.place("an undo"));
                    self.told.undone += 1;
                }
            }
            3 => {
                let mut update = BulkUpdate::default();
                update = update.set("custom.renewal", format!("2026-{:02}-15", 1 + self.dice.below(12)));
                let plan = db.bulk().plan_update(&some, update, PlanOptions::default()).unwrap();
                db.bulk().run(&plan.token, RunOptions::default()).unwrap();
            }
            4 => {
                let one = Filter::field("id").eq(1 + self.dice.below(self.people.len().max(1)) as i64);
                let plan = db.bulk().plan_delete(&one, PlanOptions::default()).unwrap();
                let run = db.bulk().run(&plan.token, RunOptions::default()).unwrap();
                if self.dice.one_in(2) {
                    db.operations().undo(run.id, Default::default(), Default::default()).unwrap();
                }
            }
            _ => {}
        }
    }

    /// All leads but for what an undo is to change: revisions and the time of the last change.
    fn leads(&self) -> BTreeMap<i64, Value> {
        let all = FindOptions { include_deleted: true, ..FindOptions::default() };
        let leads = self.control.leads().iterate(&Filter::all(), all).unwrap();
        leads
            .map(|lead| {
                let lead = lead.unwrap();
                let mut value = serde_json::to_value(&lead).unwrap();
                value.as_object_mut().unwrap().retain(|key, _| key != "rev" && key != "updated_at");
                (lead.id, value)
            })
            .collect()
    }

    /// Each worker does what is due; one may die at it, and is there again as if nothing had been.
    fn tick(&mut self) {
        for worker in 0..2 {
            let death = self.dice.one_in(4).then(|| (self.dice.below(2), self.dice.one_in(2)));
            let transport = Mortal { twilio: &self.twilio, death };
            let options = TickOptions::default();
            let done = {
                let db = &self.workers[worker];
                catch_unwind(AssertUnwindSafe(|| db.tick(Some(&transport), &options)))
            };
            match done {
                Ok(report) => self.told.runs += report.unwrap().started,
                Err(_) => {
                    self.told.deaths += 1;
                    self.workers[worker] = self.worker();
                }
            }
        }
    }

    fn place(&self, what: &str) -> String {
        format!("{what}, seed {}, {}", self.seed, self.now())
    }

    fn messages(&self) -> Vec<Communication> {
        let all = CommunicationListOptions { limit: 1_000_000, ..CommunicationListOptions::default() };
        self.control.comms().list(all).unwrap().items
    }

    /// What must hold, whatever happened.
    fn check(&mut self, thorough: bool) {
        let new: Vec<FakeMessage> =
            self.fake.messages().into_iter().filter(|m| !m.inbound && !self.seen.contains(&m.sid)).collect();
        for message in &new {
            self.seen.insert(message.sid.clone());
            self.told.sent += 1;
            let person = self.people.iter().find(|person| person.number == message.to).unwrap();
            let (at, who) = (message.created_at, format!("{} at {}", person.zone, message.created_at));
            assert!(
                person.stopped.is_none_or(|since| since > at),
                "{}",
                self.place("written to after a STOP")
            );
            let contact = Contact {
                phone: Some(message.to.clone()),
                time_zone: Some(person.zone.into()),
                country: Some(person.country.into()),
                ..Contact::default()
            };
            let decision = LegalHours::built_in().decide(&contact, at).unwrap();
            assert!(decision.allowed, "{who}: {}", self.place("outside of legal hours"));
            let zone = jiff::tz::TimeZone::get(person.zone).unwrap();
            let hour = zone.to_datetime(jiff::Timestamp::from_millisecond(at.0).unwrap()).hour();
            assert!((8..21).contains(&hour), "{who}: {}", self.place("at night"));
        }
        let now = self.now();
        // Nothing is forgotten.
        let waits = RunListOptions { state: Some(RunState::Waiting), limit: 100_000, ..Default::default() };
        for run in self.control.automations().runs(&waits).unwrap().items {
            assert!(run.due_at.is_some_and(|at| at > now), "{}: {run:?}", self.place("a run was forgotten"));
        }
        for automation in self.control.automations().list().unwrap() {
            assert!(automation.next_at.is_none_or(|at| at > now), "{}", self.place("a time was forgotten"));
        }
        if !thorough {
            return;
        }
        // What was handed over is known, each once.
        let messages = self.messages();
        let mut handed: BTreeMap<(String, String), u64> = BTreeMap::new();
        let mut ids = BTreeSet::new();
        for message in messages.iter().filter(|m| m.attempts > 0) {
            *handed.entry((message.to.clone(), message.body.clone())).or_default() += 1;
            if let Some(id) = &message.provider_id {
                assert!(ids.insert(id.clone()), "{}: {id}", self.place("two messages of one id"));
            }
        }
        for (to, body, times) in self.fake.accepted_all() {
            let known = handed.get(&(to.clone(), body)).copied().unwrap_or(0);
            assert!(times <= known, "{}: {to} {times} {known}", self.place("sent twice"));
        }
        let forgotten = |m: &&Communication| {
            m.state == CommunicationState::Queued && m.due_at.is_some_and(|at| at <= now)
        };
        assert_eq!(messages.iter().find(forgotten), None, "{}", self.place("a message was forgotten"));
        // Budgets hold, month by month.
        let mut spent: BTreeMap<String, i64> = BTreeMap::new();
        // What was taken back at the provider costs nothing.
        let paid = |m: &&Communication| m.sent_at.is_some() && m.state != CommunicationState::Cancelled;
        for message in messages.iter().filter(paid) {
            let money = message.money().filter(|money| money.currency == "USD");
            let month = message.sent_at.unwrap().to_string()[..7].to_string();
            *spent.entry(month).or_default() += money.map_or(0, |money| money.micros);
        }
        let most = model::money::Money::parse(MONTHLY, "USD").unwrap().micros;
        assert!(spent.values().all(|micros| *micros <= most), "{}: {spent:?}", self.place("a budget"));
        let stats = self.control.comms().check_stats(&Default::default()).unwrap();
        assert_eq!((stats.wrong, stats.examples), (0, vec![]), "{}", self.place("counts"));
        assert!(self.control.audit().verify(Default::default()).unwrap().ok, "{}", self.place("the audit"));
    }
}

fn live(seed: u64, days: usize, leads: usize) {
    let mut year = Year::begin(seed);
    let mut day = 0;
    while day < days {
        let missing = leads.saturating_sub(year.people.len());
        if missing > 0 && (day == 0 || year.dice.one_in(6)) {
            let count = if day == 0 { leads / 3 } else { 1 + year.dice.below(leads / 6 + 1) };
            year.import(count.min(missing));
        }
        year.work();
        for hours in [5.0, 4.0, 15.0] {
            year.answers();
            year.tick();
            // What was put off for the first minutes of an hour is done in them.
            year.pass(600.0);
            year.tick();
            year.pass(hours * 3_600.0 - 600.0);
        }
        // A day has a little more or less than its hours: the clock is put right, and drifts.
        let drift = year.dice.below(240) as f64;
        year.pass(drift);
        day += 1;
        if year.dice.one_in(45) {
            let down = 1 + year.dice.below(3);
            year.pass(down as f64 * 86_400.0);
            day += down;
        }
        year.tick();
        let thorough = day % 30 < 2 || day >= days;
        year.check(thorough);
    }
    // Twice: what the last one put off is told.
    year.pass(3_600.0);
    year.tick();
    year.pass(3_600.0);
    year.tick();
    year.check(true);
    println!("seed {seed}, {}: {:?}", year.now(), year.told);
    let told = &year.told;
    assert!(told.sent > 0 && told.runs > 0 && told.opted_out > 0, "{told:?}");
}

#[test]
fn a_year_of_a_sales_team() {
    let (days, leads) = (number("LEADKIT_DAYS").unwrap_or(365), number("LEADKIT_LEADS").unwrap_or(60));
    let long = std::env::var_os("LEADKIT_LONG").is_some();
    let seeds: Vec<u64> = match number("LEADKIT_SEED") {
        Some(seed) => vec![seed as u64],
        None => (1..=if long { 100 } else { 3 }).collect(),
    };
    // Two at a time: each has its own home and its own provider.
    let failed: Vec<u64> = seeds
        .chunks(2)
        .flat_map(|pair| {
            let lives: Vec<_> = pair
                .iter()
                .map(|&seed| (seed, std::thread::spawn(move || live(seed, days, leads))))
                .collect();
            lives
                .into_iter()
                .filter_map(|(seed, life)| life.join().is_err().then_some(seed))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(failed.is_empty(), "violations with the seeds {failed:?}: LEADKIT_SEED replays one");
}
