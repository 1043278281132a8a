//! Messages to many: looked at, queued once for each lead, taken back.

use leadkit_core::model::communication::{CommunicationState, DispatchOptions, SmsPlanOptions};
use leadkit_core::model::consent::{ConsentKind, ConsentOptions};
use leadkit_core::*;
use leadkit_tests::desk::*;

#[test]
fn messages_to_many_are_planned_run_and_taken_back() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        let bob = desk.lead("bob@lovelace.org", BOB);
        let mute = desk.db.leads().add([("email", "mute@lovelace.org"), ("owner", "mia")]).unwrap().id;
        let stopped = desk.lead("stop@lovelace.org", "+12127365002");
        let silent =
            desk.db.leads().add([("email", "no@lovelace.org"), ("phone", "+12127365003")]).unwrap().id;
        let by =
            |address: &str| ConsentOptions { address: Some(address.into()), ..ConsentOptions::default() };
        desk.db.consent().record(ConsentKind::Withdrawal, "letter", by("+12127365002")).unwrap();
        let options = SmsPlanOptions {
            body: Some("It’s spring. Reply STOP".into()),
            name: Some("spring".into()),
            ..SmsPlanOptions::default()
        };
        let plan = desk.db.comms().plan_sms(&Filter::all(), &options).unwrap();
        let messages = plan.messages.clone().unwrap();
        assert_eq!((plan.count, plan.changes, messages.messages, messages.segments), (5, 2, 2, 2));
        let refusals: Vec<(&str, u64)> =
            messages.refusals.iter().map(|(code, n)| (code.as_str(), *n)).collect();
        assert_eq!(refusals, [("no_consent", 1), ("no_number", 1), ("opted_out", 1)]);
        assert_eq!(messages.cost["USD"], "0.0166");
        assert_eq!(messages.warnings["non_gsm"], 2);
        assert_eq!(
            (messages.first_at, messages.last_at),
            (Some(testing::now(&desk.db)), Some(testing::now(&desk.db)))
        );
        assert_eq!(messages.sample[0].to, ADA);
        assert!(!plan.irreversible.is_empty());
        assert!(desk.db.comms().list(Default::default()).unwrap().items.is_empty(), "nothing yet");

        let done = desk.db.bulk().run(&plan.token, RunOptions { chunk: 2, ..RunOptions::default() }).unwrap();
        assert_eq!((done.changed, done.skipped, done.kind), (2, 3, OperationKind::QueueSms));
        let left: Vec<(i64, serde_json::Value)> = desk
            .db
            .operations()
            .conflicts(done.id, Default::default())
            .unwrap()
            .items
            .into_iter()
            .map(|conflict| (conflict.lead, conflict.found))
            .collect();
        let words = ["no_number", "opted_out", "no_consent"].map(serde_json::Value::from);
        let [no_number, opted_out, no_consent] = words;
        assert_eq!(left, [(mute, no_number), (stopped, opted_out), (silent, no_consent)]);
        // Once more is the same once.
        assert_eq!(desk.db.bulk().run(&plan.token, RunOptions::default()).unwrap().id, done.id);
        assert_eq!(desk.db.comms().list(Default::default()).unwrap().items.len(), 2);

        // One has gone out when the others are taken back.
        let limit = DispatchOptions { limit: 1, ..DispatchOptions::default() };
        assert_eq!(desk.db.comms().dispatch(&desk.twilio, &limit).unwrap().sent, 1);
        let undone = desk.db.operations().undo(done.id, Default::default(), Default::default()).unwrap();
        assert_eq!((undone.changed, undone.skipped), (1, 1));
        let conflict = &desk.db.operations().conflicts(undone.id, Default::default()).unwrap().items[0];
        assert_eq!((conflict.lead, conflict.code.as_str()), (ada, "sent"));
        let bobs = desk
            .db
            .comms()
            .list(model::communication::CommunicationListOptions { lead: Some(bob), ..Default::default() });
        assert_eq!(bobs.unwrap().items[0].state, CommunicationState::Cancelled);
        assert_eq!(desk.dispatch().sent, 0);
    });
}

#[test]
fn what_was_looked_at_is_what_is_sent() {
    everywhere(|desk| {
        let ada = desk.lead("ada@lovelace.org", ADA);
        desk.db.templates().save("spring", "It is spring. STOP ends this", Default::default()).unwrap();
        let options = SmsPlanOptions { template: Some("spring".into()), ..SmsPlanOptions::default() };
        let plan = desk.db.comms().plan_sms(&Filter::all(), &options).unwrap();
        desk.db.templates().save("spring", "Buy now! STOP ends this", Default::default()).unwrap();
        desk.db.bulk().run(&plan.token, RunOptions::default()).unwrap();
        let queued = &desk.db.comms().list(Default::default()).unwrap().items[0];
        assert_eq!((queued.lead, queued.template_version), (Some(ada), Some(1)));
        assert_eq!(queued.body, "It is spring. STOP ends this");
        // A template that was put away meanwhile is not used any more.
        let plan = desk.db.comms().plan_sms(&Filter::all(), &options).unwrap();
        desk.db.templates().archive("spring").unwrap();
        let error = desk.db.bulk().run(&plan.token, RunOptions::default()).unwrap_err();
        assert_eq!((error.code(), error.field()), ("invalid_argument", Some("template")));
    });
}

#[test]
fn an_undo_of_messages_keeps_its_word() {
    everywhere(|desk| {
        for (email, phone) in [("ada@lovelace.org", ADA), ("bob@lovelace.org", BOB)] {
            desk.lead(email, phone);
        }
        let options = SmsPlanOptions { body: Some("Hello".into()), ..SmsPlanOptions::default() };
        let plan = desk.db.comms().plan_sms(&Filter::all(), &options).unwrap();
        let done = desk.db.bulk().run(&plan.token, RunOptions::default()).unwrap();
        let limit = DispatchOptions { limit: 1, ..DispatchOptions::default() };
        desk.db.comms().dispatch(&desk.twilio, &limit).unwrap();
        let abort = UndoOptions { on_conflict: OnConflict::Abort, ..UndoOptions::default() };
        let error = desk.db.operations().undo(done.id, abort, Default::default()).unwrap_err();
        assert_eq!(error.code(), "undo_conflict");
        let states = || -> Vec<&str> {
            let all = desk.db.comms().list(Default::default()).unwrap().items;
            all.iter().map(|message| message.state.as_str()).collect()
        };
        assert_eq!(states(), ["queued", "accepted"], "nothing was taken back");
        let undone = desk.db.operations().undo(done.id, Default::default(), Default::default()).unwrap();
        assert_eq!(states(), ["cancelled", "accepted"]);
        let again = desk.db.operations().undo(undone.id, Default::default(), Default::default()).unwrap_err();
        assert_eq!(again.code(), "not_undoable");
    });
}
