//! The outbox: decided at the last moment, handed over once, followed to the end.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use leadkit_core::model::communication::{CommunicationState, DispatchOptions, SmsOptions};
use leadkit_core::model::consent::{ConsentKind, ConsentOptions};
use leadkit_core::model::report::Page;
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::model::transport::{
    Accepted, Capabilities, InboundMessage, MessageEvent, MessageQuery, MessageStatus, Outcome,
    ProviderMessage, RefusalClass, RetryLater, SmsRequest, WebhookEvent,
};
use leadkit_core::*;
use leadkit_tests::home::Home;
use leadkit_tests::*;

/// A number whose people are in Berlin, where it is ten in the morning, of a Sunday.
const ADA: &str = "+493023125014";

/// A provider that does as it is told and remembers what it took.
#[derive(Default)]
struct Provider {
    /// What it answers to the next requests; it takes all others.
    script: Mutex<Vec<Answer>>,
    took: Mutex<Vec<SmsRequest>>,
    number: AtomicU64,
}

enum Answer {
    Refuse(RefusalClass, u32),
    Later(f64),
    /// Takes it, and the answer gets lost.
    TakeAndLose,
    /// The request gets lost.
    Lose,
}

impl Provider {
    fn says(answers: impl IntoIterator<Item = Answer>) -> Provider {
        let mut script: Vec<Answer> = answers.into_iter().collect();
        script.reverse();
        Provider { script: Mutex::new(script), ..Provider::default() }
    }

    fn take(&self, request: &SmsRequest) -> Outcome {
        self.took.lock().unwrap().push(request.clone());
        let sid = format!("SM{:032x}", self.number.fetch_add(1, Ordering::SeqCst));
        Outcome::Accepted(Accepted { sid, status: "queued".into(), ..Accepted::default() })
    }

    fn bodies(&self) -> Vec<String> {
        self.took.lock().unwrap().iter().filter_map(|request| request.body.clone()).collect()
    }
}

impl Transport for Provider {
    fn capabilities(&self) -> Capabilities {
        Capabilities { provider: "test".into(), account: "AC1".into(), sms: true, ..Capabilities::default() }
    }

    fn send_sms(&self, request: &SmsRequest) -> Outcome {
        let next = self.script.lock().unwrap().pop();
        match next {
            None => self.take(request),
            Some(Answer::Refuse(class, code)) => Outcome::Refused(class.refusal(Some(code), "no")),
            Some(Answer::Later(after)) => {
                Outcome::Retry(RetryLater { after: Some(after), code: Some(20429), why: "too many".into() })
            }
            Some(Answer::TakeAndLose) => {
                self.take(request);
                Outcome::Unknown { why: "reset".into() }
            }
            Some(Answer::Lose) => Outcome::Unknown { why: "timeout".into() },
        }
    }

    fn list_messages(&self, query: &MessageQuery) -> Result<Page<ProviderMessage>> {
        let took = self.took.lock().unwrap();
        let items =
            took.iter().enumerate().rev().filter(|(_, request)| Some(&request.to) == query.to.as_ref());
        let items = items.map(|(n, request)| ProviderMessage {
            sid: format!("SM{n:032x}"),
            account_sid: "AC1".into(),
            status: MessageStatus::Sent,
            direction: leadkit_core::model::transport::Direction::Outbound,
            from: None,
            to: Some(request.to.clone()),
            messaging_service_sid: None,
            body: request.body.clone(),
            segments: Some(1),
            media: None,
            price: None,
            error_code: None,
            created_at: None,
            sent_at: None,
            updated_at: None,
        });
        Ok(Page { items: items.collect(), next_cursor: None })
    }
}

fn everywhere(work: impl Fn(&Database)) {
    for home in [Home::file(), Home::tenant()] {
        work(&home.db(1));
    }
    work(&testing::open("memory:", now(), 1).unwrap());
}

/// A database that sends, on a Monday, and a lead in Berlin who agreed.
fn ready(db: &Database) -> i64 {
    testing::advance(db, 24.0 * 3_600.0);
    switched_on(db)
}

fn switched_on(db: &Database) -> i64 {
    let on = SettingsChange {
        sending: Some(true),
        public_url: Some("https://crm.example/hook?tenant=a".into()),
        ..SettingsChange::default()
    };
    db.settings().set(&on).unwrap();
    agreed(db, "ada@lovelace.org", ADA)
}

fn agreed(db: &Database, email: &str, phone: &str) -> i64 {
    let lead = db.leads().add([("email", email), ("phone", phone)]).unwrap().id;
    let wording = Some("Yes, text me offers".to_string());
    let options = ConsentOptions { lead: Some(lead), wording, ..ConsentOptions::default() };
    db.consent().record(ConsentKind::Grant, "web form", options).unwrap();
    lead
}

fn text(body: &str) -> SmsOptions {
    SmsOptions { body: Some(body.into()), ..SmsOptions::default() }
}

fn dispatch(db: &Database, provider: &Provider) -> model::communication::DispatchReport {
    db.comms().dispatch(provider, &DispatchOptions::default()).unwrap()
}

fn status(sid: &str, status: MessageStatus, error_code: Option<u32>) -> WebhookEvent {
    WebhookEvent::MessageStatus(MessageEvent {
        account_sid: "AC1".into(),
        sid: sid.into(),
        status,
        to: None,
        from: None,
        messaging_service_sid: None,
        error_code,
    })
}

fn wrote(sid: &str, body: &str) -> WebhookEvent {
    WebhookEvent::MessageInbound(InboundMessage {
        account_sid: "AC1".into(),
        sid: sid.into(),
        from: ADA.into(),
        to: "+15558675310".into(),
        body: body.into(),
        messaging_service_sid: None,
        segments: Some(1),
        media: Vec::new(),
        opt_out_type: None,
        from_country: None,
    })
}

#[test]
fn a_message_goes_out_once_and_is_followed_to_its_end() {
    everywhere(|db| {
        let (ada, provider) = (ready(db), Provider::default());
        let keyed = SmsOptions { key: Some("welcome-1".into()), ..text("Hello") };
        let message = db.as_actor("mia", None).comms().queue_sms(ada, &keyed).unwrap();
        assert_eq!(db.comms().queue_sms(ada, &keyed).unwrap(), message);
        let report = dispatch(db, &provider);
        assert_eq!((report.sent, report.next_at), (1, None));
        assert_eq!(dispatch(db, &provider).sent, 0);
        let sent = db.comms().get(message.id).unwrap();
        assert_eq!((sent.state, sent.actor.as_deref()), (CommunicationState::Accepted, Some("mia")));
        let request = provider.took.lock().unwrap()[0].clone();
        assert_eq!((request.to.as_str(), request.body.as_deref()), (ADA, Some("Hello")));
        // It must not be delivered when the legal hours are over; what becomes of it is told to us.
        assert!(request.validity_period.is_some());
        let token = sent.token.clone().unwrap();
        let url = format!("https://crm.example/hook?tenant=a&leadkit_attempt={token}");
        assert_eq!(request.status_callback.as_deref(), Some(url.as_str()));

        let sid = sent.provider_id.clone().unwrap();
        let told = db.comms().receive_event(&status(&sid, MessageStatus::Delivered, None), None).unwrap();
        assert_eq!(told.messages[0].state, CommunicationState::Delivered);
        let again = db.comms().receive_event(&status(&sid, MessageStatus::Delivered, None), None).unwrap();
        assert!(again.repeated);
        let late = db.comms().receive_event(&status(&sid, MessageStatus::Sent, None), None).unwrap();
        assert_eq!(late.messages[0].state, CommunicationState::Delivered);
        let events = db.comms().events(message.id).unwrap();
        let what: Vec<&str> = events.iter().map(|event| event.what.as_str()).collect();
        assert_eq!(what, ["queued", "sending", "accepted", "status", "status"]);
        assert_eq!(db.comms().cancel(message.id).unwrap_err().code(), "conflict");
    });
}

#[test]
fn whatever_was_decided_before_is_decided_again() {
    everywhere(|db| {
        let (ada, provider) = (ready(db), Provider::default());
        let queue = |body: &str| db.comms().queue_sms(ada, &text(body)).unwrap().id;
        let code = |id: i64| db.comms().get(id).unwrap().refusal.map(|refusal| refusal.code);
        // STOP comes between queueing and sending.
        let stopped = queue("one");
        db.comms().receive_event(&wrote("SMin1", " stop "), None).unwrap();
        assert_eq!(dispatch(db, &provider).refusals["opted_out"], 1);
        assert_eq!(code(stopped).as_deref(), Some("opted_out"));
        // START lifts the block and grants nothing.
        db.comms().receive_event(&wrote("SMin2", "START"), None).unwrap();
        let marketing = queue("two");
        assert_eq!(dispatch(db, &provider).refusals["no_consent"], 1);
        assert_eq!(code(marketing).as_deref(), Some("no_consent"));
        let told = SmsOptions { purpose: Some(model::consent::Purpose::Informational), ..text("three") };
        db.comms().queue_sms(ada, &told).unwrap();
        assert_eq!(dispatch(db, &provider).sent, 1);
        // Switched off, everything waits; a lead that is gone is not written to.
        let waits =
            db.comms().queue_sms(ada, &SmsOptions { body: Some("four".into()), ..told.clone() }).unwrap();
        let off = SettingsChange { sending: Some(false), ..SettingsChange::default() };
        db.settings().set(&off).unwrap();
        let off = dispatch(db, &provider);
        assert_eq!((off.sending, off.sent, off.next_at), (false, 0, waits.due_at));
        db.settings().set(&SettingsChange { sending: Some(true), ..SettingsChange::default() }).unwrap();
        let plan = db.bulk().plan_delete(&Filter::all(), PlanOptions::default()).unwrap();
        db.bulk().run(&plan.token, RunOptions::default()).unwrap();
        dispatch(db, &provider);
        assert_eq!(code(waits.id).as_deref(), Some("lead_gone"));
        assert_eq!(provider.bodies(), ["three"]);
    });
}

#[test]
fn what_was_asked_by_night_waits_for_the_morning() {
    everywhere(|db| {
        let (ada, provider) = (ready(db), Provider::default());
        // 10:00 in Berlin; eleven hours later it is 21:00.
        testing::advance(db, 11.0 * 3_600.0);
        let message = db.comms().queue_sms(ada, &text("late")).unwrap();
        let report = dispatch(db, &provider);
        assert_eq!((report.sent, report.postponed), (0, 1));
        let stored = db.comms().get(message.id).unwrap();
        assert_eq!((stored.state, stored.due_at), (CommunicationState::Queued, report.next_at));
        assert_eq!(stored.refusal.unwrap().code, "outside_hours");
        assert!(stored.evidence["hours"]["zones"][0]["time_zone"] == "Europe/Berlin", "{}", stored.evidence);
        let seconds = (report.next_at.unwrap().0 - testing::now(db).0) as f64 / 1_000.0;
        assert!(seconds > 3_600.0 && seconds < 14.0 * 3_600.0, "{seconds}");
        testing::advance(db, seconds);
        assert_eq!(dispatch(db, &provider).sent, 1);
        // Too late is too late.
        let end = Timestamp(testing::now(db).0 + 60_000);
        let short = SmsOptions { expires_at: Some(end), ..text("short") };
        let message = db.comms().queue_sms(ada, &short).unwrap();
        testing::advance(db, 61.0);
        assert_eq!(dispatch(db, &provider).refusals["expired"], 1);
        assert_eq!(db.comms().get(message.id).unwrap().state, CommunicationState::Refused);
    });
}

#[test]
fn refused_for_good_or_for_now() {
    everywhere(|db| {
        let ada = ready(db);
        let provider = Provider::says([Answer::Later(100.0), Answer::Refuse(RefusalClass::OptedOut, 21610)]);
        let message = db.comms().queue_sms(ada, &text("hello")).unwrap();
        let report = dispatch(db, &provider);
        assert_eq!(report.retry, 1);
        let wait = report.next_at.unwrap().0 - testing::now(db).0;
        assert!((100_000..=125_000).contains(&wait), "{wait}");
        assert_eq!(dispatch(db, &provider).retry, 0, "not before its time");
        testing::advance(db, wait as f64 / 1_000.0);
        assert_eq!(dispatch(db, &provider).refusals["opted_out"], 1);
        let stored = db.comms().get(message.id).unwrap();
        assert_eq!((stored.attempts, stored.refusal.unwrap().provider_code), (2, Some(21610)));
        // What the provider knows is known here from now on.
        db.comms().queue_sms(ada, &text("again")).unwrap();
        assert_eq!(dispatch(db, &provider).refusals["opted_out"], 1);
        assert!(provider.bodies().is_empty());
    });
}

#[test]
fn lost_answers_are_found_out_about_and_never_sent_again() {
    everywhere(|db| {
        let ada = ready(db);
        let provider = Provider::says([Answer::TakeAndLose, Answer::Lose]);
        let taken = db.comms().queue_sms(ada, &text("taken")).unwrap().id;
        let lost = db.comms().queue_sms(ada, &text("lost")).unwrap().id;
        assert_eq!(dispatch(db, &provider).unknown, 2);
        assert_eq!(dispatch(db, &provider).sent, 0);
        let report = db.comms().reconcile(&provider).unwrap();
        assert_eq!((report.found, report.unknown, report.lost), (1, 1, 0));
        assert_eq!(db.comms().get(taken).unwrap().state, CommunicationState::Accepted);
        assert_eq!(db.comms().get(lost).unwrap().state, CommunicationState::Unknown);
        testing::advance(db, 16.0 * 60.0);
        let report = db.comms().reconcile(&provider).unwrap();
        assert_eq!((report.found, report.unknown, report.lost), (0, 0, 1));
        let stored = db.comms().get(lost).unwrap();
        assert_eq!(
            (stored.state, stored.refusal.unwrap().code.as_str()),
            (CommunicationState::Failed, "not_taken")
        );
        assert_eq!(provider.bodies(), ["taken"]);
    });
}

/// A provider that answers so late that the message was given up meanwhile.
struct Late<'a>(&'a Database, Provider);

impl Transport for Late<'_> {
    fn capabilities(&self) -> Capabilities {
        self.1.capabilities()
    }

    fn send_sms(&self, request: &SmsRequest) -> Outcome {
        for minutes in [3.0, 16.0] {
            testing::advance(self.0, minutes * 60.0);
            self.0.comms().reconcile(&Provider::default()).unwrap();
        }
        self.1.send_sms(request)
    }
}

#[test]
fn a_late_answer_still_counts() {
    everywhere(|db| {
        let ada = ready(db);
        for (late, end) in [
            (Provider::default(), CommunicationState::Accepted),
            // What was reported as lost stays so: whoever saw that may have queued it anew.
            (Provider::says([Answer::Later(1.0)]), CommunicationState::Failed),
            (Provider::says([Answer::Lose]), CommunicationState::Failed),
        ] {
            let id = db.comms().queue_sms(ada, &text("hello")).unwrap().id;
            db.comms().dispatch(&Late(db, late), &DispatchOptions::default()).unwrap();
            let message = db.comms().get(id).unwrap();
            assert_eq!(message.state, end);
            // What was taken is asked about in a while.
            assert_eq!(message.due_at.is_some(), end == CommunicationState::Accepted);
            assert_eq!(message.provider_id.is_some(), end == CommunicationState::Accepted);
            assert_eq!(message.refusal.is_some(), end == CommunicationState::Failed);
        }
    });
}

#[test]
fn a_callback_tells_what_the_answer_did_not() {
    everywhere(|db| {
        let ada = ready(db);
        let provider = Provider::says([Answer::TakeAndLose]);
        let id = db.comms().queue_sms(ada, &text("taken")).unwrap().id;
        dispatch(db, &provider);
        let token = db.comms().get(id).unwrap().token.unwrap();
        let told = status("SMx", MessageStatus::Sent, None);
        assert!(db.comms().receive_event(&told, Some("another")).unwrap().messages.is_empty());
        let told = db.comms().receive_event(&told, Some(&token)).unwrap();
        assert_eq!(told.messages[0].state, CommunicationState::Accepted);
        assert_eq!(db.comms().reconcile(&provider).unwrap().unknown, 0);
    });
}

#[test]
fn callbacks_in_any_order_come_to_the_same() {
    use MessageStatus::{Delivered, Failed, Queued, Read, Sent, Undelivered};
    let db = testing::open("memory:", now(), 1).unwrap();
    let (ada, provider) = (ready(&db), Provider::default());
    for set in [&[Queued, Sent, Delivered, Read][..], &[Sent, Undelivered], &[Sent, Failed, Delivered]] {
        let mut ends = BTreeMap::new();
        for order in permutations(set) {
            let id = db.comms().queue_sms(ada, &text("hello")).unwrap().id;
            assert_eq!(dispatch(&db, &provider).sent, 1);
            let sid = db.comms().get(id).unwrap().provider_id.unwrap();
            for word in order.iter().chain(order.iter().take(1)) {
                let error = matches!(word, Failed | Undelivered).then_some(30_003);
                db.comms().receive_event(&status(&sid, *word, error), None).unwrap();
            }
            let end = db.comms().get(id).unwrap();
            *ends.entry(format!("{:?} {:?} {:?}", end.state, end.status, end.refusal)).or_insert(0) += 1;
        }
        assert_eq!(ends.len(), 1, "{ends:?}");
    }
}

fn permutations(of: &[MessageStatus]) -> Vec<Vec<MessageStatus>> {
    match of {
        [] => vec![Vec::new()],
        _ => (0..of.len())
            .flat_map(|n| {
                let rest: Vec<_> = of.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, s)| *s).collect();
                permutations(&rest).into_iter().map(move |mut tail| {
                    tail.push(of[n]);
                    tail
                })
            })
            .collect(),
    }
}

#[test]
fn what_people_write_is_kept_and_understood() {
    everywhere(|db| {
        let ada = ready(db);
        let twin = db.leads().add([("email", "ada@work.example"), ("phone", ADA)]).unwrap().id;
        let received = db.comms().receive_event(&wrote("SMin1", "Yes please, on Monday"), None).unwrap();
        let leads: Vec<Option<i64>> = received.messages.iter().map(|message| message.lead).collect();
        assert_eq!(leads, [Some(ada), Some(twin)]);
        assert!(received.consent.is_empty() && !received.repeated);
        let again = db.comms().receive_event(&wrote("SMin1", "Yes please, on Monday"), None).unwrap();
        assert!(again.repeated && again.messages == received.messages);
        assert_eq!(db.comms().list(Default::default()).unwrap().items.len(), 2);

        // YES is consent only as the answer to a question.
        assert!(db.comms().receive_event(&wrote("SMin2", "YES"), None).unwrap().consent.is_empty());
        let question = ConsentOptions {
            lead: Some(twin),
            address: Some(ADA.into()),
            wording: Some("Offers by text? Reply YES".into()),
            ..ConsentOptions::default()
        };
        db.consent().record(ConsentKind::Asked, "sms", question).unwrap();
        let yes = db.comms().receive_event(&wrote("SMin3", "yes"), None).unwrap();
        assert_eq!((yes.consent[0].kind, yes.consent[0].lead), (ConsentKind::Grant, Some(twin)));
        assert_eq!(yes.consent[0].wording.as_deref(), Some("Offers by text? Reply YES"));
        assert!(db.comms().receive_event(&wrote("SMin4", "yes"), None).unwrap().consent.is_empty());
        let stop = db.comms().receive_event(&wrote("SMin5", "STOP"), None).unwrap();
        assert_eq!((stop.consent[0].kind, stop.consent[0].lead), (ConsentKind::Withdrawal, None));
    });
}

#[test]
fn two_dispatchers_send_each_message_once() {
    let messages = if std::env::var_os("LEADKIT_LONG").is_some() { 10_000 } else { 300 };
    for home in [Home::file(), Home::tenant()] {
        let db = home.db(1);
        let ada = switched_on(&db);
        let provider = Provider::default();
        for n in 0..messages {
            // On a Sunday: only what the person must know.
            let purpose = Some(model::consent::Purpose::Informational);
            let told = SmsOptions { purpose, ..text(&format!("message {n}")) };
            db.comms().queue_sms(ada, &told).unwrap();
        }
        let sent: u64 = std::thread::scope(|scope| {
            let work = |seed: u64| {
                let (home, provider) = (&home, &provider);
                scope.spawn(move || {
                    let options = DispatchOptions {
                        batch: if messages > 300 { 50 } else { 7 },
                        ..DispatchOptions::default()
                    };
                    home.db(seed).comms().dispatch(provider, &options).unwrap().sent
                })
            };
            [work(2), work(3)].into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(sent as usize, messages);
        let mut bodies = provider.bodies();
        bodies.sort();
        bodies.dedup();
        assert_eq!((bodies.len(), provider.took.lock().unwrap().len()), (messages, messages));
    }
}

/// A provider that is told STOP while it takes the message of a number.
struct Stopped<'a> {
    db: &'a Database,
    provider: Provider,
    at: usize,
    /// The id of the STOP.
    sid: String,
}

impl Transport for Stopped<'_> {
    fn capabilities(&self) -> Capabilities {
        self.provider.capabilities()
    }

    fn send_sms(&self, request: &SmsRequest) -> Outcome {
        if self.provider.bodies().len() == self.at {
            self.db.comms().receive_event(&wrote(&self.sid, "STOP"), None).unwrap();
        }
        self.provider.send_sms(request)
    }
}

#[test]
fn a_stop_at_any_point_ends_what_is_not_handed_over() {
    const MESSAGES: usize = 5;
    everywhere(|db| {
        let ada = ready(db);
        for at in 0..=MESSAGES {
            // Consent is given anew each time: START lifts, and grants nothing.
            db.comms().receive_event(&wrote(&format!("SMstart{at}"), "START"), None).unwrap();
            testing::advance(db, 1.0);
            let options =
                ConsentOptions { lead: Some(ada), wording: Some("Yes".into()), ..Default::default() };
            db.consent().record(ConsentKind::Grant, "web form", options).unwrap();
            for n in 0..MESSAGES {
                db.comms().queue_sms(ada, &text(&format!("{at} {n}"))).unwrap();
            }
            let sid = format!("SMstop{at}");
            if at == MESSAGES {
                // Before anything was handed over.
                db.comms().receive_event(&wrote(&sid, "STOP"), None).unwrap();
            }
            let stopped = Stopped { db, provider: Provider::default(), at, sid };
            let options = DispatchOptions { batch: 1, ..DispatchOptions::default() };
            let report = db.comms().dispatch(&stopped, &options).unwrap();
            // The one that was on the line when it came has gone out; none after it.
            let sent = if at == MESSAGES { 0 } else { at + 1 };
            let all = (report.sent as usize, report.refusals.get("opted_out").copied().unwrap_or(0) as usize);
            assert_eq!(all, (sent, MESSAGES - sent), "STOP at {at}");
            testing::advance(db, 1.0);
        }
    });
}

#[test]
fn a_database_sends_by_one_account() {
    struct Other;
    impl Transport for Other {
        fn capabilities(&self) -> Capabilities {
            Capabilities { provider: "test".into(), account: "AC2".into(), ..Capabilities::default() }
        }
        fn send_sms(&self, _: &SmsRequest) -> Outcome {
            panic!("nothing may be sent by it")
        }
    }
    everywhere(|db| {
        let (ada, provider) = (ready(db), Provider::default());
        dispatch(db, &provider);
        // The log knows who bound it to what.
        let bound = &db.operations().list(Default::default()).unwrap().items[0];
        assert_eq!(
            (bound.kind, &bound.options["after"]["account"]),
            (OperationKind::ChangeSettings, &"test AC1 ".into())
        );
        db.comms().queue_sms(ada, &text("hello")).unwrap();
        let other = db.comms().dispatch(&Other, &DispatchOptions::default()).unwrap_err();
        assert_eq!((other.code(), other.field()), ("conflict", Some("account")));
        assert_eq!(dispatch(db, &provider).sent, 1);
    });
}

#[test]
fn wrong_messages_are_refused_at_once() {
    let db = testing::open("memory:", now(), 1).unwrap();
    let ada = ready(&db);
    let mute = db.leads().add([("email", "mute@x.org")]).unwrap().id;
    let wrong =
        |lead: i64, options: SmsOptions| db.comms().queue_sms(lead, &options).unwrap_err().code().to_string();
    assert_eq!(wrong(99, text("hi")), "not_found");
    assert_eq!(wrong(mute, text("hi")), "invalid_argument");
    assert_eq!(wrong(ada, text(" ")), "invalid_argument");
    assert_eq!(wrong(ada, text(&"x".repeat(1_601))), "invalid_argument");
    assert_eq!(wrong(ada, SmsOptions { to: Some("nobody".into()), ..text("hi") }), "invalid_value");
    assert_eq!(wrong(ada, SmsOptions { template: Some("hello".into()), ..text("hi") }), "invalid_argument");
    assert_eq!(wrong(ada, SmsOptions { template: Some("hello".into()), ..Default::default() }), "not_found");
    db.templates().save("hello", "Hi {{ lead.first_name }}", Default::default()).unwrap();
    let named = SmsOptions { template: Some("hello".into()), ..Default::default() };
    assert_eq!(wrong(ada, named), "template_value_missing");
    assert!(db.comms().list(Default::default()).unwrap().items.is_empty());
}
