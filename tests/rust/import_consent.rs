//! What imports enter in the consent ledger: a withdrawal always and once, a grant only where the
//! options say to what the people agreed.

use std::sync::Arc;

use leadkit_core::model::consent::{
    Channel, ConsentCode, ConsentEntry, ConsentHistoryOptions, ConsentKind, ConsentOptions, ConsentQuestion,
    ImportConsent, Purpose,
};
use leadkit_core::model::field::{CustomField, FieldKind};
use leadkit_core::model::options::{ColumnTarget, Progressing, Unmapped};
use leadkit_core::model::report::ConsentCounts;
use leadkit_core::{
    CancelToken, Database, Filter, ImportOptions, ImportReport, OnMatch, Progress, ProgressFn, testing,
};
use leadkit_tests::home::Home;
use leadkit_tests::*;

const ADA: &str = "+493023125014";
const BOB: &str = "+493023125015";
const EVE: &str = "+493023125016";
const SMS: Option<Channel> = Some(Channel::Sms);
const VOICE: Option<Channel> = Some(Channel::Voice);

/// The stores that the same must hold on.
fn everywhere(work: impl Fn(&Database)) {
    for home in [Home::file(), Home::tenant()] {
        work(&home.db(1));
    }
    work(&fresh());
}

fn fresh() -> Database {
    testing::open("memory:", now(), 1).unwrap()
}

fn import(db: &Database, text: &str, options: ImportOptions) -> ImportReport {
    let lines: String = text.lines().map(|line| line.trim_start().to_string() + "\n").collect();
    let report = db.import_leads(lines.into_bytes(), options).unwrap();
    assert_adds_up(&report);
    report
}

fn entries(db: &Database) -> Vec<ConsentEntry> {
    let all = ConsentHistoryOptions { limit: 1_000, ..ConsentHistoryOptions::default() };
    let mut entries = db.consent().history(all).unwrap().items;
    entries.reverse();
    entries
}

/// Kind, channel and address of all entries, in order.
fn said(db: &Database) -> Vec<(ConsentKind, Option<Channel>, String)> {
    entries(db).into_iter().map(|entry| (entry.kind, entry.channel, entry.address)).collect()
}

fn out(channel: Option<Channel>, address: &str) -> (ConsentKind, Option<Channel>, String) {
    (ConsentKind::Withdrawal, channel, address.into())
}

fn grant(channel: Option<Channel>, address: &str) -> (ConsentKind, Option<Channel>, String) {
    (ConsentKind::Grant, channel, address.into())
}

fn counts(withdrawn: u64, known: u64, granted: u64) -> ConsentCounts {
    ConsentCounts { withdrawn, known, granted }
}

/// Why a number may not be contacted about marketing.
fn code(db: &Database, address: &str, lead: Option<i64>, channel: Channel) -> Option<ConsentCode> {
    let address = Some(address.to_string());
    let channel = Some(channel);
    db.consent().status(&ConsentQuestion { address, lead, channel, purpose: None }).unwrap().code
}

fn agreed() -> ImportConsent {
    ImportConsent {
        source: "web form".into(),
        wording: "Yes, text me offers".into(),
        given_at: "2026-01-05T10:00:00Z".parse().unwrap(),
        purpose: Purpose::Marketing,
        proof: None,
    }
}

fn with_consent() -> ImportOptions {
    ImportOptions { consent: Some(agreed()), ..Default::default() }
}

const LIST: &str = "email,phone,further phone,Opt out,SMS opt-out,Do Not Call
    ada@lovelace.org,+49 30 23125014,+49 30 23125018,yes,,
    bob@lovelace.org,+49 30 23125015,,no,2025-11-03,0
    eve@lovelace.org,+49 30 23125016,,,,DNC
    mia@lovelace.org,+49 30 23125017,,0,n/a,";

#[test]
fn withdrawals_are_entered_once() {
    everywhere(|db| {
        let options = ImportOptions { mapping: further_phone(), ..Default::default() };
        let report = import(db, LIST, options.clone());
        assert_eq!(report.consent, counts(4, 0, 0));
        let wanted = [out(None, ADA), out(None, "+493023125018"), out(SMS, BOB), out(VOICE, EVE)];
        assert_eq!(said(db), wanted);
        let first = &entries(db)[0];
        assert_eq!((first.source.as_str(), first.wording.as_deref()), ("import 1", Some("Opt out: yes")));
        assert_eq!((first.proof.as_deref(), first.lead, first.given_at), (Some("line 2"), Some(1), now()));
        let blocked = Some(ConsentCode::OptedOut);
        assert_eq!(code(db, ADA, None, Channel::Sms), blocked);
        assert_eq!(code(db, ADA, None, Channel::Voice), blocked);
        assert_eq!(code(db, BOB, None, Channel::Sms), blocked);
        assert_ne!(code(db, BOB, None, Channel::Voice), blocked);
        assert_ne!(code(db, "+493023125017", None, Channel::Sms), blocked);

        // The same list again adds nothing; neither does one that says a part of it.
        let again = ImportOptions { again: true, ..options };
        assert_eq!(import(db, LIST, again).consent, counts(0, 4, 0));
        let part = "email,phone,Do not call\nada@lovelace.org,+49 30 23125014,x\n";
        assert_eq!(import(db, part, Default::default()).consent, counts(0, 1, 0));
        assert_eq!(said(db).len(), 4);
        // A wider one adds what is new.
        let wider = "email,phone,Opt out\nbob@lovelace.org,+49 30 23125015,x\n";
        assert_eq!(import(db, wider, Default::default()).consent, counts(1, 0, 0));
        assert_eq!(said(db)[4], out(VOICE, BOB));
        // Whoever came back is out again when a later list says so.
        let start = ConsentOptions { address: Some(ADA.into()), ..ConsentOptions::default() };
        db.consent().record(ConsentKind::Lift, "keyword", start).unwrap();
        let later = "email,phone,Opt out\nada@lovelace.org,+49 30 23125014,ja\n";
        assert_eq!(import(db, later, Default::default()).consent, counts(1, 0, 0));
        assert_eq!(code(db, ADA, None, Channel::Voice), blocked);
    });
}

fn further_phone() -> leadkit_core::model::options::Mapping {
    [("further phone".to_string(), ColumnTarget::Field("phones".into()))].into()
}

#[test]
fn a_file_with_a_name_is_named() {
    let place = Place::new();
    let db = place.db().as_actor("mia", Some("list of October"));
    let file = place.file("october.csv", "email,phone,SMS consent\nada@lovelace.org,+49 30 23125014,yes\nbob@lovelace.org,+49 30 23125015,unsubscribed\n");
    let report = db.import_leads(&file, with_consent()).unwrap();
    assert_eq!(report.consent, counts(1, 0, 1));
    let [given, refused] = &entries(&db)[..] else { panic!("{:?}", entries(&db)) };
    assert_eq!((given.source.as_str(), given.wording.as_deref()), ("web form", Some("Yes, text me offers")));
    assert_eq!(given.proof.as_deref(), Some("import 1 of october.csv, line 2"));
    assert_eq!((given.given_at, given.at), (agreed().given_at, refused.at));
    assert_eq!(refused.source, "import 1 of october.csv");
    assert_eq!(refused.wording.as_deref(), Some("SMS consent: unsubscribed"));
    assert_eq!((refused.actor.as_deref(), refused.reason.as_deref()), (Some("mia"), Some("list of October")));
    let operation = db.operations().get(1).unwrap();
    assert_eq!((operation.counts["withdrawn"], operation.counts["granted"]), (1, 1));
    assert_eq!(operation.mapping["SMS consent"].as_deref(), Some("consent.sms_opt_in"));
    let mapped = report.mapping.iter().find(|column| column.column == "SMS consent").unwrap();
    assert_eq!(mapped.fields, ["consent.sms_opt_in"]);
    report.save_html(place.path("report.html")).unwrap();
    let html = std::fs::read_to_string(place.path("report.html")).unwrap();
    assert!(html.contains("Withdrawals entered") && html.contains("SMS opt-in"), "{html}");
}

#[test]
fn rejected_and_skipped_rows_count() {
    everywhere(|db| {
        db.leads().add([("email", "ada@lovelace.org"), ("phone", ADA)]).unwrap();
        for (on_match, number) in [
            (OnMatch::Skip, 1),
            (OnMatch::Reject, 2),
            (OnMatch::Merge, 3),
            (OnMatch::Update, 4),
            (OnMatch::Create, 5),
        ] {
            let text = format!("email,phone,opt out\nada@lovelace.org,+49 30 2312503{number},yes\n");
            let report = import(db, &text, ImportOptions { on_match, ..Default::default() });
            assert_eq!(report.consent, counts(1, 0, 0), "{on_match:?}");
            assert_eq!(said(db).last().unwrap(), &out(None, &format!("+49302312503{number}")));
        }
        // Rejected for its email; for a field that is required; doubled within the file.
        let text = "email,phone,first name,opt out
            bob at lovelace.org,+49 30 23125015,Bob,yes
            eve@lovelace.org,+49 30 23125016,,yes
            ida@lovelace.org,+49 30 23125019,Ida,yes
            ida@lovelace.org,+49 30 23125019,Ida,yes";
        let options = ImportOptions { required: vec!["first_name".into()], ..Default::default() };
        let report = import(db, text, options);
        assert_eq!((report.rejected, report.created, report.skipped), (2, 1, 1));
        assert_eq!(report.consent, counts(3, 1, 0));
        let last = entries(db).split_off(5);
        let leads: Vec<bool> = last.iter().map(|entry| entry.lead.is_some()).collect();
        assert_eq!(leads, [false, false, true]);
        // Nobody has the number yet; whoever gets it is blocked.
        let eve = db.leads().add([("email", "eve@lovelace.org"), ("phone", EVE)]).unwrap();
        assert_eq!(code(db, EVE, Some(eve.id), Channel::Sms), Some(ConsentCode::OptedOut));
    });
}

#[test]
fn a_row_without_a_number_is_about_the_lead_that_it_matches() {
    everywhere(|db| {
        let phones = serde_json::json!({ "email": "ada@lovelace.org", "phone": ADA, "phones": [BOB] });
        db.leads().add(serde_json::from_value::<leadkit_core::Values>(phones).unwrap()).unwrap();
        let text = "email,phone,SMS opt-out
            ada@lovelace.org,,yes
            new@lovelace.org,12,yes
            no@lovelace.org,,no";
        let report = import(db, text, Default::default());
        assert_eq!(report.consent, counts(2, 0, 0));
        assert_eq!(said(db), [out(SMS, ADA), out(SMS, BOB)]);
        // What could not be entered is said.
        let lost = report.issues.iter().find(|i| i.code.as_str() == "consent_without_phone").unwrap();
        assert_eq!((lost.count, lost.examples[0].row), (1, 3));
        assert_eq!(lost.field.as_deref(), Some("consent.sms_opt_out"));
    });
}

#[test]
fn an_opt_out_that_cannot_be_read_is_one() {
    let db = fresh();
    let text = "email,phone,Opt out,DNC
        ada@lovelace.org,+49 30 23125014,perhaps,
        bob@lovelace.org,+49 30 23125015,,ask her
        eve@lovelace.org,+49 30 23125016,no,-";
    let report = import(&db, text, ImportOptions { show_values: true, ..Default::default() });
    assert_eq!(said(&db), [out(None, ADA), out(VOICE, BOB)]);
    let issues: Vec<_> = report.issues.iter().filter(|i| i.code.as_str() == "opt_out_unreadable").collect();
    assert_eq!(issues.len(), 2);
    assert_eq!((report.rejected, report.consent), (0, counts(2, 0, 0)));
    let ada = issues.iter().find(|i| i.field.as_deref() == Some("consent.opt_out")).unwrap();
    assert!(ada.message.starts_with("in the column `Opt out` is neither yes nor no"), "{}", ada.message);
    assert_eq!((ada.examples[0].row, ada.examples[0].value.as_deref()), (2, Some("perhaps")));

    // Several columns of one target are told apart.
    let text = "email,phone,Phone 1 DNC,Phone 2 DNC\nmia@lovelace.org,+49 30 23125017,??,maybe\n";
    let report = import(&db, text, Default::default());
    assert_eq!(report.consent, counts(1, 1, 0));
    assert_eq!(report.issues.iter().filter(|i| i.code.as_str() == "opt_out_unreadable").count(), 2);
}

#[test]
fn rows_whose_cells_cannot_be_told_apart_say_nothing() {
    let db = fresh();
    let text = "email,first name,phone,score,opt out\nada@lovelace.org,Ada,Lovelace,+49 30 23125014,1,no\n";
    let report = import(&db, text, Default::default());
    assert_eq!((report.rejected, report.consent), (1, counts(0, 0, 0)));
    assert!(said(&db).is_empty());
}

#[test]
fn email_is_no_channel() {
    let db = fresh();
    let text = "email,phone,HasOptedOutOfEmail,Email opt out,Unsubscribed from all email
        ada@lovelace.org,+49 30 23125014,yes,1,true";
    let report = import(&db, text, with_consent());
    assert_eq!(report.consent, ConsentCounts::default());
    assert!(report.mapping.iter().skip(2).all(|column| column.fields.is_empty()));
    assert!(!db.operations().get(1).unwrap().counts.contains_key("withdrawn"));
}

#[test]
fn a_grant_needs_to_be_said_to_what() {
    everywhere(|db| {
        let text = "email,phone,Opt in,SMS consent
            ada@lovelace.org,+49 30 23125014,yes,yes
            bob@lovelace.org,+49 30 23125015,no,no
            eve@lovelace.org,+49 30 23125016,,perhaps";
        let report = import(db, text, Default::default());
        assert_eq!((report.consent, said(db)), (ConsentCounts::default(), vec![]));
        // One warning for each column.
        let warned = report.issues.iter().filter(|i| i.code.as_str() == "opt_in_not_granted");
        assert_eq!(warned.map(|i| i.count).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(issue(&report, "opt_in_unreadable"), 1);
        // A no is neither a grant nor a withdrawal.
        assert_eq!(code(db, BOB, Some(2), Channel::Sms), Some(ConsentCode::NoConsent));

        let report = import(db, text, with_consent());
        // The wider one covers the narrower one of the same row.
        assert_eq!(report.consent, counts(0, 0, 1));
        assert_eq!(said(db), [grant(None, ADA)]);
        assert_eq!(code(db, ADA, Some(1), Channel::Sms), None);
        assert_eq!(code(db, ADA, Some(1), Channel::Voice), None);
        // For this person and purpose alone.
        assert_eq!(code(db, ADA, Some(2), Channel::Sms), Some(ConsentCode::NoConsent));
        assert_eq!(issue(&report, "opt_in_not_granted"), 0);
        // Once more says nothing new.
        let again = import(db, text, ImportOptions { again: true, ..with_consent() });
        assert_eq!((again.consent, said(db).len()), (counts(0, 0, 0), 1));
        // Consent to something else is.
        let other =
            ImportConsent { purpose: Purpose::Informational, proof: Some("box 7".into()), ..agreed() };
        let report = import(db, text, ImportOptions { consent: Some(other), ..Default::default() });
        assert_eq!(report.consent, counts(0, 0, 1));
        let last = entries(db).pop().unwrap();
        assert_eq!((last.purpose, last.proof.as_deref()), (Some(Purpose::Informational), Some("box 7")));
    });
}

#[test]
fn a_grant_lifts_nothing() {
    everywhere(|db| {
        let stop = |channel, address: &str| {
            let address = Some(address.to_string());
            let options = ConsentOptions { channel, address, ..ConsentOptions::default() };
            db.consent().record(ConsentKind::Withdrawal, "keyword", options).unwrap();
        };
        stop(None, ADA);
        stop(SMS, BOB);
        let text = "email,phone,Opt in
            ada@lovelace.org,+49 30 23125014,yes
            bob@lovelace.org,+49 30 23125015,yes
            eve@lovelace.org,+49 30 23125016,yes";
        let report = import(db, text, with_consent());
        assert_eq!(report.consent, counts(0, 0, 2));
        assert_eq!(said(db)[2..], [grant(VOICE, BOB), grant(None, EVE)]);
        assert_eq!(issue(&report, "opt_in_blocked"), 1);
        // Not even once the block is lifted: what was refused later than it was given is gone.
        let start = ConsentOptions { address: Some(ADA.into()), ..ConsentOptions::default() };
        db.consent().record(ConsentKind::Lift, "keyword", start).unwrap();
        assert_eq!(code(db, ADA, Some(1), Channel::Sms), Some(ConsentCode::NoConsent));
        let again = import(db, text, ImportOptions { again: true, ..with_consent() });
        assert_eq!((again.consent, issue(&again, "opt_in_blocked")), (counts(0, 0, 0), 1));
        assert_eq!(code(db, ADA, Some(1), Channel::Sms), Some(ConsentCode::NoConsent));
    });
}

#[test]
fn a_refusal_goes_before_consent_in_one_row_and_in_one_file() {
    let db = fresh();
    let text = "email,phone,Opt in,SMS opt-out
        ada@lovelace.org,+49 30 23125014,yes,yes
        bob@lovelace.org,+49 30 23125015,yes,
        rob@lovelace.org,+49 30 23125015,,yes";
    let report = import(&db, text, with_consent());
    assert_eq!(said(&db), [out(SMS, ADA), grant(VOICE, ADA), grant(None, BOB), out(SMS, BOB)]);
    assert_eq!(report.consent, counts(2, 0, 2));
    for (address, lead) in [(ADA, 1), (BOB, 2)] {
        assert_eq!(code(&db, address, Some(lead), Channel::Sms), Some(ConsentCode::OptedOut));
        assert_eq!(code(&db, address, Some(lead), Channel::Voice), None);
    }
}

#[test]
fn rows_that_are_not_taken_grant_nothing() {
    let db = fresh();
    db.leads().add([("email", "ada@lovelace.org"), ("phone", ADA)]).unwrap();
    let text = "email,phone,SMS opt-in
        ada@lovelace.org,+49 30 23125014,yes
        bob at lovelace.org,+49 30 23125015,yes";
    for on_match in [OnMatch::Skip, OnMatch::Reject] {
        let report = import(&db, text, ImportOptions { on_match, ..with_consent() });
        assert_eq!(report.consent, counts(0, 0, 0));
    }
    // The lead that is there already takes it, though the row changes nothing of it.
    let report = import(&db, text, with_consent());
    assert_eq!((report.skipped, report.consent), (1, counts(0, 0, 1)));
    assert_eq!(code(&db, ADA, Some(1), Channel::Sms), None);
}

#[test]
fn undone_and_imported_again_stays_blocked() {
    everywhere(|db| {
        let text = "email,phone,Opt out,SMS opt-in
            ada@lovelace.org,+49 30 23125014,yes,
            bob@lovelace.org,+49 30 23125015,,yes";
        let report = import(db, text, with_consent());
        assert_eq!(report.consent, counts(1, 0, 1));
        let operation = report.operation_id.unwrap();
        let undone = db.operations().undo(operation, Default::default(), Default::default()).unwrap();
        assert_eq!(db.leads().count(&Filter::default()).unwrap(), 0);
        assert_eq!(said(db), [out(None, ADA), grant(SMS, BOB)]);
        assert_eq!(code(db, ADA, None, Channel::Sms), Some(ConsentCode::OptedOut));
        // The undo taken back brings the lead and with it its consent; then it is gone for good.
        let redone = db.operations().undo(undone.id, Default::default(), Default::default()).unwrap();
        assert_eq!(code(db, BOB, Some(2), Channel::Sms), None);
        assert_eq!(code(db, ADA, Some(1), Channel::Sms), Some(ConsentCode::OptedOut));
        db.operations().undo(redone.id, Default::default(), Default::default()).unwrap();

        // The grant names a lead that is gone; the next one of this number has none.
        let plain = "email,phone\nada@lovelace.org,+49 30 23125014\nbob@lovelace.org,+49 30 23125015\n";
        import(db, plain, Default::default());
        let page = db.leads().find(&Filter::default(), Default::default()).unwrap();
        let ids: Vec<i64> = page.items.iter().map(|lead| lead.id).collect();
        assert!(ids.iter().all(|id| *id > 2), "ids come twice: {ids:?}");
        assert_eq!(code(db, ADA, Some(ids[0]), Channel::Voice), Some(ConsentCode::OptedOut));
        assert_eq!(code(db, BOB, Some(ids[1]), Channel::Sms), Some(ConsentCode::NoConsent));
        assert_eq!(undone.counts.get("withdrawn"), None);
    });
}

#[test]
fn a_column_about_permission_is_no_custom_field() {
    let db = fresh();
    let text = "email,phone,DNC,Email opt out\nada@lovelace.org,+49 30 23125014,1,1\n";
    let options = ImportOptions { unmapped: Unmapped::Custom, ..Default::default() };
    assert_eq!(import(&db, text, options).consent, counts(1, 0, 0));
    let keys: Vec<String> = db.fields().list().unwrap().into_iter().map(|field| field.key).collect();
    assert_eq!(keys, ["email_opt_out"]);
    // One that is there and bears the name takes the value, and the ledger hears of it, too.
    db.fields().define(CustomField::new("dnc", FieldKind::Boolean)).unwrap();
    let text = "email,phone,DNC\nbob@lovelace.org,+49 30 23125015,1\n";
    assert_eq!(import(&db, text, Default::default()).consent, counts(1, 0, 0));
    let bob = db
        .leads()
        .find(&Filter::from_json(serde_json::json!({ "custom.dnc": true })).unwrap(), Default::default());
    assert_eq!(bob.unwrap().items.len(), 1);
}

#[test]
fn a_dry_run_counts_and_enters_nothing() {
    let db = fresh();
    let stop = ConsentOptions { address: Some(EVE.into()), ..ConsentOptions::default() };
    db.consent().record(ConsentKind::Withdrawal, "letter", stop).unwrap();
    let text = "email,phone,Opt out,SMS opt-in
        ada@lovelace.org,+49 30 23125014,yes,
        rob@lovelace.org,+49 30 23125014,yes,
        bob@lovelace.org,+49 30 23125015,,yes
        eve@lovelace.org,+49 30 23125016,yes,";
    let dry = import(&db, text, ImportOptions { dry_run: true, ..with_consent() });
    assert_eq!((dry.consent, said(&db).len()), (counts(1, 2, 1), 1));
    let lines: String = text.lines().map(|line| line.trim_start().to_string() + "\n").collect();
    let preview = db.preview_import(lines.into_bytes(), with_consent()).unwrap();
    assert_eq!((preview.report.consent, said(&db).len()), (dry.consent, 1));
    assert_eq!(import(&db, text, with_consent()).consent, dry.consent);
    assert_eq!(said(&db).len(), 3);
}

/// More than a transaction of rows; each of a number of its own, every third opted out, and the same
/// numbers once more at the end.
fn long_list() -> (Vec<u8>, usize) {
    let mut text = String::from("email,phone,opt out\n");
    for row in 0..26_000 {
        let (number, out) = (row % 21_000, if row % 3 == 0 { "yes" } else { "" });
        text.push_str(&format!("p{row}@lovelace.org,+49 151 2{number:07},{out}\n"));
    }
    // Of the last 5,000 rows, which repeat numbers, those of every third are in step with the first.
    (text.into_bytes(), 21_000 / 3)
}

#[test]
fn an_interrupted_import_goes_on_and_enters_each_once() {
    let (list, wanted) = long_list();
    let home = Home::file();
    let db = home.db(1);
    let cancel = CancelToken::default();
    let token = cancel.clone();
    let progress: ProgressFn = Arc::new(move |progress: &Progress| {
        // While it is read and measured, nothing is entered yet.
        if progress.stage == "import" && progress.done > 400_000 {
            token.cancel();
        }
    });
    let stopped = ImportOptions { progress: Some(Progressing(progress)), cancel, ..Default::default() };
    assert_eq!(db.import_leads(list.clone(), stopped).unwrap_err().code(), "cancelled");
    let count = |db: &Database| {
        let mut all: Vec<(String, i64)> = Vec::new();
        let mut asked = ConsentHistoryOptions { limit: 1_000, ..ConsentHistoryOptions::default() };
        loop {
            let page = db.consent().history(asked.clone()).unwrap();
            all.extend(page.items.into_iter().map(|entry| (entry.address, entry.id)));
            if page.next_cursor.is_none() {
                return all;
            }
            asked.cursor = page.next_cursor;
        }
    };
    let before = count(&db).len();
    assert!(before > 0 && before < wanted, "{before} of {wanted}");
    let report = db.import_leads(list, ImportOptions::default()).unwrap();
    assert!(report.resumed);
    let all = count(&db);
    assert_eq!((all.len(), report.consent.withdrawn), (wanted, wanted as u64));
    assert!(report.consent.known > 1_000, "{:?}", report.consent);
    let mut addresses: Vec<&String> = all.iter().map(|(address, _)| address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), wanted);
}

#[test]
fn options_say_what_a_grant_needs() {
    let db = fresh();
    let wrong = |consent: ImportConsent| {
        let options = ImportOptions { consent: Some(consent), ..Default::default() };
        let error = db.import_leads(b"email,opt in\nada@lovelace.org,yes\n".to_vec(), options).unwrap_err();
        (error.code(), error.field().unwrap_or_default().to_string())
    };
    assert_eq!(
        wrong(ImportConsent { source: " ".into(), ..agreed() }),
        ("invalid_argument", "consent.source".into())
    );
    assert_eq!(
        wrong(ImportConsent { wording: "".into(), ..agreed() }),
        ("invalid_argument", "consent.wording".into())
    );
    let tomorrow = "2126-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(
        wrong(ImportConsent { given_at: tomorrow, ..agreed() }),
        ("invalid_argument", "consent.given_at".into())
    );
    let text = serde_json::json!({ "consent": { "source": "web form" } });
    assert_eq!(
        leadkit_core::model::read::from_json::<ImportOptions>(text).unwrap_err().code(),
        "invalid_argument"
    );
    let text = serde_json::json!({ "consent": { "sorce": "web form" } });
    assert_eq!(
        leadkit_core::model::read::from_json::<ImportOptions>(text).unwrap_err().code(),
        "unknown_option"
    );
}
