//! Contacts in numbers: exact after whatever happens, on every store.

use std::collections::BTreeMap;

use leadkit_core::model::communication::{Communication, CommunicationState, SmsOptions};
use leadkit_core::model::history::{ContactChannel, LogOptions, SearchOptions};
use leadkit_core::model::stats::{
    CheckStatsOptions, CohortOptions, CompareOptions, ContactStats, FunnelOptions, StatsBy, StatsOptions,
    StatsReportOptions,
};
use leadkit_core::model::transport::Direction;
use leadkit_core::*;
use leadkit_tests::desk::{Desk, HOOK, everywhere, usd};
use leadkit_tests::*;
use serde_json::{Value, json};

/// Everything that contacts can be grouped by, alone and together.
const QUESTIONS: [&[StatsBy]; 16] = [
    &[],
    &[StatsBy::Hour],
    &[StatsBy::Day],
    &[StatsBy::Week, StatsBy::Channel],
    &[StatsBy::Month, StatsBy::State],
    &[StatsBy::Weekday, StatsBy::HourOfDay],
    &[StatsBy::HourOfDay],
    &[StatsBy::Channel, StatsBy::Direction, StatsBy::State],
    &[StatsBy::Owner],
    &[StatsBy::Template],
    &[StatsBy::Campaign, StatsBy::Direction],
    &[StatsBy::Variant],
    &[StatsBy::Country],
    &[StatsBy::Owner, StatsBy::Campaign],
    &[StatsBy::Day, StatsBy::Variant, StatsBy::Country],
    &[StatsBy::Month, StatsBy::Owner, StatsBy::Weekday],
];
const ZONES: [&str; 5] = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];

/// Some work that changes contacts in all ways there are.
struct Work<'a> {
    desk: &'a Desk,
    dice: Dice,
    leads: Vec<(i64, String)>,
    entries: Vec<i64>,
}

impl<'a> Work<'a> {
    fn new(desk: &'a Desk, seed: u64) -> Work<'a> {
        let number = |n: usize| format!("+1212736{:04}", 5000 + n);
        let mut leads = Vec::new();
        for n in 0..8 {
            leads.push((desk.lead(&format!("n{n}@example.org"), &number(n)), number(n)));
        }
        let berlin = [("email", "b@example.org"), ("country", "DE"), ("time_zone", "Europe/Berlin")];
        leads.push((desk.db.leads().add(berlin).unwrap().id, String::new()));
        Work { desk, dice: Dice::new(seed), leads, entries: Vec::new() }
    }

    fn step(&mut self) {
        let db = &self.desk.db;
        let (lead, number) = self.dice.pick(&self.leads);
        let word = |dice: &mut Dice, words: [&str; 3]| dice.one_in(2).then(|| dice.pick(&words).to_string());
        match self.dice.below(13) {
            0..4 => {
                let at = now().0 - (self.dice.below(40 * 86_400) as i64) * 1_000;
                let corrects =
                    (!self.entries.is_empty() && self.dice.one_in(4)).then(|| self.dice.pick(&self.entries));
                let entry = LogOptions {
                    at: Some(Timestamp(at)),
                    body: if self.dice.one_in(5) { "STOP".into() } else { "Hello".into() },
                    direction: Some(self.dice.pick(&[Direction::Outbound, Direction::Inbound])),
                    owner: word(&mut self.dice, ["mia", "Noé", "zoe"]),
                    campaign: word(&mut self.dice, ["spring", "fall", "x,y"]),
                    template: word(&mut self.dice, ["hi", "offer", "bye"]),
                    variant: word(&mut self.dice, ["A", "B", "C"]),
                    seconds: self.dice.one_in(3).then(|| self.dice.below(900) as u32),
                    price: self.dice.one_in(3).then(|| usd(&format!("0.{:04}", self.dice.below(9_999)))),
                    reply_to: (!self.entries.is_empty() && self.dice.one_in(2))
                        .then(|| self.dice.pick(&self.entries)),
                    corrects,
                    ..LogOptions::default()
                };
                let channel =
                    self.dice.pick(&[ContactChannel::Email, ContactChannel::Sms, ContactChannel::Note]);
                // Somebody may have put it right, and leads come and go.
                if let Ok(entry) = db.comms().log(lead, channel, &entry) {
                    self.entries.push(entry.id);
                }
            }
            4..7 if !number.is_empty() => {
                let message = SmsOptions {
                    body: Some("Offers! Reply STOP to end".into()),
                    campaign: word(&mut self.dice, ["spring", "fall", "x,y"]),
                    variant: word(&mut self.dice, ["A", "B", "C"]),
                    ..SmsOptions::default()
                };
                if let Ok(message) = db.comms().queue_sms(lead, &message)
                    && self.dice.one_in(8)
                {
                    db.comms().cancel(message.id).unwrap();
                }
            }
            7 => drop(self.desk.dispatch()),
            8 | 9 => self.desk.pass(self.dice.below(20_000) as f64),
            10 if !number.is_empty() => {
                let body = self.dice.pick(&["Yes please", "STOP", "START", "Who is this?"]);
                let request = self.desk.fake.inbound(&number, "+15005550006", body, HOOK).unwrap();
                db.comms().receive(&self.desk.twilio, &request).unwrap();
            }
            // Prices that come late.
            11 => drop(db.comms().reconcile(&self.desk.twilio).unwrap()),
            _ => {
                let others: Vec<i64> =
                    self.leads.iter().map(|(id, _)| *id).filter(|id| *id != lead).collect();
                match self.dice.below(3) {
                    0 => drop(db.leads().update(lead, [("owner", self.dice.pick(&["mia", "zoe"]))])),
                    1 => drop(db.leads().update(lead, [("status", self.dice.pick(&["contacted", "won"]))])),
                    _ if self.dice.one_in(6) => {
                        let group = MergeGroup { keep: others[0], merge: vec![lead] };
                        if let Ok(plan) = db.bulk().plan_merge(vec![group], PlanOptions::default()) {
                            drop(db.bulk().run(&plan.token, RunOptions::default()));
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

fn stats(db: &Database, options: &StatsOptions) -> ContactStats {
    db.comms().stats(options).unwrap()
}

/// The same question, but answered by the contacts themselves.
fn by_contacts(db: &Database, options: &StatsOptions) -> ContactStats {
    let mut stats = stats(db, &StatsOptions { count_leads: true, ..options.clone() });
    let figures = stats.groups.iter_mut().map(|group| &mut group.figures).chain([&mut stats.total]);
    for figures in figures {
        assert!(figures.leads.is_some());
        figures.leads = None;
        figures.cost_per_lead.clear();
    }
    stats
}

/// All contacts that count.
fn contacts(db: &Database) -> Vec<Communication> {
    let all = SearchOptions { limit: 100_000, ..SearchOptions::default() };
    db.comms().search(&all).unwrap().items.into_iter().map(|found| found.contact).collect()
}

/// The total by the simplest means.
fn total(all: &[Communication]) -> Value {
    use CommunicationState as S;
    let ours = |states: &[S]| {
        let is = |c: &&Communication| c.direction == Direction::Outbound && states.contains(&c.state);
        all.iter().filter(is).collect::<Vec<_>>()
    };
    let reached = ours(&[S::Accepted, S::Delivered, S::Unknown, S::Logged]);
    let answers = |id: i64| all.iter().filter(move |c| c.reply_to == Some(id));
    let mut after: Vec<i64> =
        reached.iter().filter_map(|c| answers(c.id).filter_map(|c| c.reply_after).min()).collect();
    after.sort_unstable();
    let stopped = reached.iter().filter(|c| {
        answers(c.id).any(|c| {
            c.direction == Direction::Inbound && c.channel == ContactChannel::Sms && c.body == "STOP"
        })
    });
    let mut cost: BTreeMap<String, i64> = BTreeMap::new();
    for money in all.iter().filter_map(|c| c.price.as_ref().or(c.predicted.as_ref())) {
        *cost.entry(money.currency.clone()).or_default() += money.micros;
    }
    json!({
        "contacts": all.len(), "sent": ours(&[S::Accepted, S::Delivered, S::Failed, S::Unknown]).len(),
        "delivered": ours(&[S::Delivered]).len(), "failed": ours(&[S::Failed]).len(),
        "waiting": ours(&[S::Queued, S::Sending]).len(), "refused": ours(&[S::Refused]).len(),
        "cancelled": ours(&[S::Cancelled]).len(), "logged": ours(&[S::Logged]).len(),
        "reached": reached.len(), "answered": after.len(), "opted_out": stopped.count(),
        "received": all.iter().filter(|c| c.direction == Direction::Inbound).count(),
        "median": (!after.is_empty()).then(|| {
            let n = after.len() - 1;
            (after[n / 2] + after[n.div_ceil(2)]) as f64 / 2_000.0
        }),
        "seconds": all.iter().filter_map(|c| c.seconds).sum::<u32>(),
        "cost": cost.into_iter().map(|(currency, micros)| {
            let money = model::money::Money { micros, currency: currency.clone() };
            (currency, money.amount())
        }).collect::<BTreeMap<_, _>>(),
    })
}

#[test]
fn counts_are_exact_after_whatever_happens() {
    let seen = std::cell::RefCell::new(Vec::new());
    everywhere(|desk| {
        let mut work = Work::new(desk, 7);
        let mut answers = Vec::new();
        for round in 0..30 {
            for _ in 0..12 {
                work.step();
            }
            let db = &desk.db;
            let mut dice = Dice::new(round);
            let at = |dice: &mut Dice| {
                dice.one_in(2).then(|| Timestamp(now().0 - dice.below(35 * 86_400_000) as i64))
            };
            for by in QUESTIONS {
                let options = StatsOptions {
                    by: by.to_vec(),
                    since: at(&mut dice),
                    until: at(&mut dice),
                    time_zone: Some(dice.pick(&ZONES).to_string()),
                    owner: dice.one_in(6).then(|| "mia".to_string()),
                    campaign: dice.one_in(6).then(|| "spring".to_string()),
                    direction: dice.one_in(6).then_some(Direction::Outbound),
                    channels: if dice.one_in(6) { vec![ContactChannel::Sms] } else { Vec::new() },
                    ..StatsOptions::default()
                };
                let counted = stats(db, &options);
                assert_eq!(counted, by_contacts(db, &options), "round {round}: {options:?}");
                answers.push(counted);
            }
            let check = db.comms().check_stats(&CheckStatsOptions::default()).unwrap();
            assert_eq!((check.wrong, check.examples), (0, vec![]), "round {round}");
        }
        let all = contacts(&desk.db);
        assert!(all.len() > 100, "{}", all.len());
        let found = stats(&desk.db, &StatsOptions::default()).total;
        let mut found = serde_json::to_value(&found).unwrap();
        found["median"] = found["reply_times"]["median"].clone();
        let wanted = total(&all);
        for (name, value) in wanted.as_object().unwrap() {
            assert_eq!(&found[name], value, "{name}");
        }
        for name in ["delivered", "answered", "opted_out", "cancelled", "answered_by_us", "priced"] {
            assert!(found[name].as_u64().unwrap() > 0, "{name} is not tried: {found}");
        }
        seen.borrow_mut().push(answers);
    });
    let seen = seen.into_inner();
    assert!(seen.len() == 3 && seen[0] == seen[1] && seen[1] == seen[2], "stores differ");
}

/// Ten emails of two texts: some were answered, some leads bought.
fn campaign(db: &Database) -> Vec<i64> {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let mut leads = Vec::new();
    for n in 0..10 {
        let lead = db.leads().add([("email", format!("n{n}@example.org"))]).unwrap().id;
        let variant = if n % 2 == 0 { "A" } else { "B" };
        let text = LogOptions {
            at: Some(at(if n < 6 { "2025-12-10T09:00:00Z" } else { "2026-01-05T09:00:00Z" })),
            body: "Offers!".into(),
            campaign: Some("spring".into()),
            variant: Some(variant.into()),
            price: Some(usd("0.5")),
            ..LogOptions::default()
        };
        let asked = db.comms().log(lead, ContactChannel::Email, &text).unwrap();
        if n % 2 == 1 || n == 0 {
            let answer = LogOptions {
                at: Some(Timestamp(asked.at.0 + 3_600_000 * (n + 1))),
                body: "Tell me more".into(),
                direction: Some(Direction::Inbound),
                reply_to: Some(asked.id),
                ..LogOptions::default()
            };
            db.comms().log(lead, ContactChannel::Email, &answer).unwrap();
        }
        leads.push(lead);
    }
    leads
}

#[test]
fn successes_funnels_cohorts_and_variants() {
    everywhere(|desk| {
        let db = &desk.db;
        let leads = campaign(db);
        db.statuses().define(vec![Status::new("won"), Status::new("lost")]).unwrap();
        // Three buy: two who had answered, and one who had not. One came in as a customer before.
        for lead in [leads[1], leads[3], leads[4]] {
            db.leads().update(lead, [("status", "won")]).unwrap();
        }
        // What came later changes nothing: the first success counts.
        db.leads().update(leads[1], [("status", "lost")]).unwrap();
        let old = db.leads().add([("email", "old@example.org"), ("status", "won")]).unwrap().id;
        let later = LogOptions { body: "Offers!".into(), variant: Some("B".into()), ..LogOptions::default() };
        db.comms().log(old, ContactChannel::Email, &later).unwrap();

        let options = StatsOptions {
            by: vec![StatsBy::Variant],
            direction: Some(Direction::Outbound),
            count_leads: true,
            converted: vec!["Won".into()],
            ..StatsOptions::default()
        };
        let found = stats(db, &options);
        let of = |n: usize| {
            let figures = &found.groups[n].figures;
            (figures.leads, figures.converted, figures.converted_leads, figures.conversion_rate)
        };
        assert_eq!(of(0), (Some(5), Some(1), Some(1), Some(0.2)));
        assert_eq!(of(1), (Some(6), Some(2), Some(2), Some(0.333333)));
        assert_eq!(found.groups[0].figures.cost_per_lead["USD"], "0.5");
        assert_eq!(found.groups[0].figures.cost_per_conversion["USD"], "2.5");
        // They bought in March: not within a week.
        let soon = StatsOptions { within_days: 7.0, ..options.clone() };
        assert_eq!(stats(db, &soon).total.converted, Some(0));

        let compared = CompareOptions { converted: vec!["won".into()], ..CompareOptions::default() };
        let compared = db.comms().compare(&compared).unwrap();
        let [a, b] = &compared.variants[..] else { panic!("{compared:?}") };
        assert_eq!((a.leads, a.answered.count, b.leads, b.answered.count), (5, 1, 6, 5));
        assert_eq!((a.converted.unwrap().count, b.converted.unwrap().count), (1, 2));
        let more = b.answered_difference.unwrap();
        assert!(more.significant && more.difference == 0.633333, "{more:?}");
        assert_eq!((compared.mixed, a.answered_difference), (0, None));
        // Who gets both texts is left out.
        let both = LogOptions { body: "Offers!".into(), variant: Some("B".into()), ..LogOptions::default() };
        db.comms().log(leads[0], ContactChannel::Email, &both).unwrap();
        let by_b = CompareOptions { control: Some("B".into()), confidence: 0.9, ..CompareOptions::default() };
        let compared = db.comms().compare(&by_b).unwrap();
        assert_eq!((compared.mixed, compared.variants[0].name.as_str()), (1, "B"));
        assert_eq!(compared.variants[1].answered.count, 0);

        let funnel = FunnelOptions {
            campaign: Some("spring".into()),
            statuses: vec!["won".into()],
            ..FunnelOptions::default()
        };
        let steps = db.comms().funnel(&funnel).unwrap().steps;
        let counts: Vec<(&str, u64)> = steps.iter().map(|step| (step.name.as_str(), step.leads)).collect();
        assert_eq!(counts, [("contacted", 10), ("reached", 10), ("answered", 6), ("won", 2)]);
        assert_eq!((steps[3].of_previous, steps[3].of_first), (Some(0.333333), Some(0.2)));

        let cohorts = db.comms().cohorts(&CohortOptions::default()).unwrap().cohorts;
        let shown: Vec<(&str, u64, &[u64])> =
            cohorts.iter().map(|c| (c.start.as_str(), c.leads, &c.by_then[..])).collect();
        assert_eq!(
            shown,
            [("2025-12", 6, &[4, 4, 4, 4][..]), ("2026-01", 4, &[2, 2, 2]), ("2026-03", 1, &[0])]
        );
        let bought = CohortOptions { converted: vec!["won".into()], ..CohortOptions::default() };
        assert_eq!(db.comms().cohorts(&bought).unwrap().cohorts[0].by_then, [0, 0, 0, 3]);

        for wrong in [
            StatsOptions { converted: vec!["wonn".into()], ..StatsOptions::default() },
            StatsOptions { time_zone: Some("Mars/Olympus".into()), ..StatsOptions::default() },
            StatsOptions { by: vec![StatsBy::Day, StatsBy::Week], ..StatsOptions::default() },
            StatsOptions { by: vec![StatsBy::Owner, StatsBy::Owner], ..StatsOptions::default() },
        ] {
            assert_eq!(db.comms().stats(&wrong).unwrap_err().code(), "invalid_argument", "{wrong:?}");
        }
    });
}

#[test]
fn an_answer_that_is_put_right_is_the_first_one_still() {
    everywhere(|desk| {
        let db = &desk.db;
        let lead = db.leads().add([("email", "ada@example.org")]).unwrap().id;
        let log = |options: LogOptions| db.comms().log(lead, ContactChannel::Email, &options).unwrap();
        let asked = log(LogOptions { body: "Shall we talk?".into(), ..LogOptions::default() });
        let answer = |minutes: i64, corrects: Option<i64>| LogOptions {
            at: Some(Timestamp(asked.at.0 + minutes * 60_000)),
            body: "Gladly".into(),
            direction: Some(Direction::Inbound),
            reply_to: Some(asked.id),
            corrects,
            ..LogOptions::default()
        };
        let times = || stats(db, &StatsOptions::default()).total.reply_times.unwrap();
        let wrong = log(answer(90, None));
        assert_eq!(times().median, 5_400.0);
        log(answer(30, Some(wrong.id)));
        assert_eq!((times().count, times().median), (1, 1_800.0));
        log(answer(60, None));
        assert_eq!((times().count, times().median), (1, 1_800.0), "only the first answer counts");
    });
}

#[test]
fn counts_that_are_wrong_are_found_and_mended() {
    let place = Place::new();
    let db = place.fixed_db("leads.db");
    campaign(&db);
    let right = stats(&db, &StatsOptions::default());
    {
        let connection = sqlite(place.path("leads.db"));
        let damage = [
            "UPDATE contact_count SET counts = x'ffff' WHERE span = 'hour' AND start = (SELECT min(start) FROM contact_count WHERE span = 'hour')",
            "DELETE FROM contact_count WHERE span = 'month' AND part = 'owner'",
            "INSERT INTO contact_count VALUES ('day', 'total', 9999, x'')",
        ];
        for sql in damage {
            assert!(connection.execute(sql, []).unwrap() > 0);
        }
    }
    let found = db.comms().check_stats(&CheckStatsOptions::default()).unwrap();
    assert!(found.wrong >= 4 && !found.mended, "{found:?}");
    assert_eq!((found.contacts, found.hours), (16, 8));
    assert!(found.examples.contains(&"hour 2025-12-10T09Z by all".to_string()), "{found:?}");
    assert!(found.examples.contains(&"month 2026-01 by owner".to_string()), "{found:?}");
    assert!(found.examples.contains(&"day 1997-05-18 by total".to_string()), "{found:?}");
    let found = db.comms().check_stats(&CheckStatsOptions { mend: true }).unwrap();
    assert!(found.mended);
    assert_eq!(db.comms().check_stats(&CheckStatsOptions { mend: true }).unwrap().wrong, 0);
    assert_eq!(stats(&db, &StatsOptions::default()), right);
}

#[test]
fn who_only_reads_counts_what_has_changed_by_itself() {
    let place = Place::new();
    campaign(&place.fixed_db("leads.db"));
    let options = OpenOptions { read_only: true, ..OpenOptions::default() };
    let db = open_with(place.path("leads.db").to_str().unwrap(), options).unwrap();
    let options = StatsOptions { by: vec![StatsBy::Day, StatsBy::Variant], ..StatsOptions::default() };
    let found = stats(&db, &options);
    assert_eq!(found, by_contacts(&db, &options));
    assert_eq!(
        (found.total.contacts, number(place.path("leads.db"), "SELECT count(*) FROM contact_count")),
        (16, 0)
    );
    assert_eq!(db.comms().check_stats(&CheckStatsOptions { mend: true }).unwrap_err().code(), "read_only");
}

#[test]
fn a_copy_counts_for_itself() {
    let place = Place::new();
    let db = place.fixed_db("leads.db");
    campaign(&db);
    let by = StatsOptions { by: vec![StatsBy::Month, StatsBy::Campaign], ..StatsOptions::default() };
    let wanted = stats(&db, &by);
    db.copy_to(place.path("copy.db").to_str().unwrap(), Default::default()).unwrap();
    assert_eq!(stats(&open(place.path("copy.db").to_str().unwrap()).unwrap(), &by), wanted);
}

#[test]
fn a_report_has_all_its_days() {
    let place = Place::new();
    let db = place.fixed_db("leads.db");
    campaign(&db);
    let options = StatsReportOptions {
        since: Some("2025-12-08T00:00:00Z".parse().unwrap()),
        until: Some("2026-01-07T00:00:00Z".parse().unwrap()),
        ..StatsReportOptions::default()
    };
    let report = db.comms().stats_report(&options).unwrap();
    assert_eq!((report.days.len(), report.total.contacts, report.before.contacts), (30, 16, 0));
    let sum: u64 = report.days.iter().map(|day| day.figures.contacts).sum();
    assert_eq!((sum, report.days[2].key["day"].as_deref()), (16, Some("2025-12-10")));
    let backwards = StatsReportOptions { since: options.until, until: options.since, ..options };
    assert_eq!(db.comms().stats_report(&backwards).unwrap_err().code(), "invalid_argument");
}
