//! Contacts written to files.

use leadkit_core::model::history::{
    ContactChannel, ContactExportOptions, LogOptions, SearchOptions, TimelineOptions,
};
use leadkit_core::model::options::Progressing;
use leadkit_core::*;
use leadkit_tests::*;

/// A lead, and 2,500 notes about it.
fn db(place: &Place) -> Database {
    let db = place.fixed_db("leads.db");
    let ada = db.leads().add([("email", "ada@lovelace.org"), ("first_name", "=Ada")]).unwrap();
    for n in 0..2_500 {
        let body = if n == 7 { "=1+1".into() } else { format!("note {n}") };
        let note = LogOptions { body, ..LogOptions::default() };
        db.comms().log(ada.id, ContactChannel::Note, &note).unwrap();
    }
    db
}

fn fields(names: &[&str]) -> Option<Vec<String>> {
    Some(names.iter().map(|name| name.to_string()).collect())
}

#[test]
fn all_that_is_found_is_written_once_the_newest_first() {
    let place = Place::new();
    let db = db(&place);
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = seen.clone();
    let progress =
        Progressing(std::sync::Arc::new(move |progress: &Progress| told.lock().unwrap().push(progress.done)));
    let options = ContactExportOptions {
        fields: fields(&["id", "body", "lead.first_name"]),
        progress: Some(progress),
        ..ContactExportOptions::default()
    };
    let target = place.path("all.csv");
    let report = db.comms().export(&target, options).unwrap();
    assert_eq!((report.rows, seen.lock().unwrap().last().copied()), (2_500, Some(2_500)));
    let text = std::fs::read_to_string(&target).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2_501);
    assert_eq!(lines[1], "2500,note 2499,'=Ada");
    assert_eq!(lines[2_500 - 7], "8,'=1+1,'=Ada", "formulas are guarded");
    let ids: Vec<i64> =
        lines[1..].iter().map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
    assert_eq!(ids, (1..=2_500).rev().collect::<Vec<i64>>());

    // The same by pages.
    let (mut paged, mut cursor) = (Vec::new(), None);
    loop {
        let options = TimelineOptions { limit: 700, cursor, ..TimelineOptions::default() };
        let page = db.comms().timeline(1, &options).unwrap();
        paged.extend(page.items.iter().map(|contact| contact.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(paged, ids);
}

#[test]
fn a_file_appears_whole_or_stays_as_it_was() {
    let place = Place::new();
    let db = db(&place);
    let target = place.path("all.csv");
    std::fs::write(&target, "as it was").unwrap();
    let stop = CancelToken::default();
    stop.cancel();
    let options = ContactExportOptions { cancel: stop, ..ContactExportOptions::default() };
    assert_eq!(db.comms().export(&target, options).unwrap_err().code(), "cancelled");

    // In the middle, from its own progress.
    let stop = CancelToken::default();
    let asked = stop.clone();
    let progress = Progressing(std::sync::Arc::new(move |_: &Progress| asked.cancel()));
    let options =
        ContactExportOptions { cancel: stop, progress: Some(progress), ..ContactExportOptions::default() };
    assert_eq!(db.comms().export(&target, options).unwrap_err().code(), "cancelled");
    let none = ContactExportOptions { fields: fields(&[]), ..ContactExportOptions::default() };
    let error = db.comms().export(&target, none).unwrap_err();
    assert_eq!((error.code(), error.field()), ("invalid_argument", Some("fields")));
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "as it was");
    assert!(
        db.operations()
            .list(Default::default())
            .unwrap()
            .items
            .iter()
            .all(|o| o.kind != OperationKind::Export)
    );

    let some = SearchOptions { text: Some("note".into()), limit: 1_200, ..SearchOptions::default() };
    let options = ContactExportOptions { search: some, ..ContactExportOptions::default() };
    let report = db.comms().export(place.path("all.xlsx"), options).unwrap();
    assert_eq!((report.rows, report.fields.len()), (1_200, 23));
}
