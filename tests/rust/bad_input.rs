//! What is wrong from outside: every case is answered by a typed error that names the place, and
//! leaves everything as it was.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use leadkit_core::model::field::{CustomField, FieldKind};
use leadkit_core::model::options::{ColumnRule, ColumnTarget, OnInvalid, Rejects, Split};
use leadkit_core::{
    Database, Error, ExportOptions, Filter, FindOptions, ImportOptions, OpenOptions, open, open_with,
};
#[cfg(target_os = "linux")]
use leadkit_tests::disk::SmallDisk;
use leadkit_tests::*;
use serde_json::{Value, json};

const GOOD: &str = "First name,Last name,Email,Phone\n\
                    Ada,Lovelace,ada@lovelace.org,+44 20 7946 0018\n\
                    Grace,Hopper,grace@hopper.org,\n";

fn import(db: &Database, path: &Path, options: ImportOptions) -> Error {
    db.import_leads(path, options).unwrap_err()
}

/// The database holds what it held, and no file appeared.
fn unchanged<T>(place: &Place, db: &Database, work: impl FnOnce() -> T) -> T {
    let (names, before) = (place.names(), dump(db.path().unwrap()));
    let result = work();
    assert_eq!(dump(db.path().unwrap()), before);
    assert_eq!(place.names(), names);
    result
}

#[test]
fn files_that_are_no_table() {
    let place = Place::new();
    let db = place.db();
    let mut zip = b"PK\x03\x04\x14\x00\x06\x00".to_vec();
    zip.extend([7; 400]);
    let mut sqlite = b"SQLite format 3\0".to_vec();
    sqlite.extend([0; 500]);
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend((0..400).map(|n| (n * 37 % 251) as u8));
    let json = br#"[{"email": "secret@lovelace.org", "first_name": "Ada"}, {"email": "b@lovelace.org"}]"#;
    let html = b"<!DOCTYPE html>\n<html><head><title>Leads</title></head><body><table><tr><td>secret@lovelace.org</td></tr></table></body></html>\n";
    let cases: [(&str, &[u8], &str); 10] = [
        ("empty.csv", b"", "empty_source"),
        ("blank.csv", b" \n\r\n\t\n  \n", "empty_source"),
        ("header.csv", b"First name,Last name,Email\n", "no_records"),
        ("image.csv", &png, "not_a_table"),
        ("workbook.csv", &zip, "not_a_table"),
        ("packed.csv", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c", "not_a_table"),
        ("store.csv", &sqlite, "not_a_table"),
        ("list.csv", json, "not_a_table"),
        ("page.csv", html, "not_a_table"),
        ("other.csv", b"alpha,beta\nlorem ipsum,dolor\nsit amet,consectetur\n", "no_mappable_column"),
    ];
    for (name, content, code) in cases {
        let path = place.file(name, content);
        for dry_run in [false, true] {
            let options = ImportOptions { dry_run, ..Default::default() };
            let error = unchanged(&place, &db, || import(&db, &path, options));
            assert_eq!(error.code(), code, "{name}: {error}");
            assert_eq!(error.path(), Some(path.as_path()), "{name}: {error}");
            assert!(!error.to_string().contains("secret"), "{name}: {error}");
            assert!(error.to_string().len() < 400, "{name}: {error}");
        }
        let error = db.preview_import(&path, ImportOptions::default()).unwrap_err();
        assert_eq!(error.code(), code, "{name} in a preview");
    }
    let error = unchanged(&place, &db, || import(&db, &place.path("none.csv"), Default::default()));
    assert_eq!((error.code(), error.path()), ("file_not_found", Some(place.path("none.csv").as_path())));
    std::fs::create_dir(place.path("folder")).unwrap();
    let error = unchanged(&place, &db, || import(&db, &place.path("folder"), Default::default()));
    assert_eq!((error.code(), error.path()), ("is_directory", Some(place.path("folder").as_path())));
    assert!(error.hint_text().is_some());
}

#[test]
fn names_that_do_not_exist() {
    let place = Place::new();
    let db = place.db();
    db.fields().define(CustomField::new("plan", FieldKind::Choice).choices(["free", "pro"])).unwrap();
    db.fields().define(CustomField::new("old", FieldKind::Text)).unwrap();
    db.fields().archive("old").unwrap();
    let path = place.file("leads.csv", GOOD);
    let target = |name: &str| ColumnTarget::Field(name.into());
    let mapping = |column: &str, to| ImportOptions {
        mapping: BTreeMap::from([(column.to_string(), to)]),
        ..Default::default()
    };
    let set = |name: &str, value: Value| ImportOptions {
        set: BTreeMap::from([(name.to_string(), value)]),
        ..Default::default()
    };
    let invalid = |name: &str| ImportOptions {
        on_invalid: BTreeMap::from([(name.to_string(), OnInvalid::Reject)]),
        ..Default::default()
    };
    let required = |name: &str| ImportOptions { required: vec![name.into()], ..Default::default() };
    let split = Split { by: " ".into(), into: vec!["first_name".into(), "last_nmae".into()] };
    let rule = ColumnRule { split: Some(split), ..Default::default() };
    let cases = [
        (mapping("Email", target("emial")), "unknown_field", "`email`"),
        (mapping("Email", target("custom.plam")), "unknown_field", "`custom.plan`"),
        (mapping("Email", target("custom.old")), "unknown_field", "`custom.old`"),
        (mapping("Emial", target("email")), "unknown_column", "Email"),
        (mapping("First name", ColumnTarget::Rule(rule)), "unknown_field", "`last_name`"),
        (set("stauts", json!("new")), "unknown_field", "`status`"),
        (set("country", json!("Atlantis")), "invalid_value", "country"),
        (set("score", json!("secret")), "invalid_value", "score"),
        (set("email", json!("secret at lovelace")), "invalid_value", "email"),
        (set("custom.plan", json!("secret")), "invalid_value", "custom.plan"),
        (set("custom.old", json!("x")), "unknown_field", "archived"),
        (required("emial"), "unknown_field", "`email`"),
        (invalid("phnoe"), "unknown_field", "`phone`"),
        (
            ImportOptions { default_country: Some("Atlantis".into()), ..Default::default() },
            "invalid_argument",
            "default_country",
        ),
    ];
    for (options, code, text) in cases {
        let label = format!("{options:?}");
        let error = unchanged(&place, &db, || import(&db, &path, options));
        assert_eq!(error.code(), code, "{error}: {label}");
        assert!(error.to_string().contains(text), "{error}: {label}");
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(error.hint_text().is_some() && error.field().is_some(), "{error:?}");
    }
    let find = |order: &str| FindOptions { order_by: vec![order.into()], ..Default::default() };
    let filter = Filter::field("stauts").eq("new");
    let leads = db.leads();
    let export = |fields: Option<Vec<String>>, filter: &Filter, order: &[&str]| {
        let order_by = order.iter().map(|o| o.to_string()).collect();
        let options = ExportOptions { fields, filter: filter.clone(), order_by, ..Default::default() };
        db.export_leads(place.path("out.csv"), options).unwrap_err()
    };
    let errors = unchanged(&place, &db, || {
        [
            (leads.find(&filter, Default::default()).unwrap_err(), "`status`"),
            (leads.count(&filter).unwrap_err(), "`status`"),
            (leads.iterate(&filter, Default::default()).err().unwrap(), "`status`"),
            (leads.first(&filter, Default::default()).unwrap_err(), "`status`"),
            (leads.find(&Filter::default(), find("-craeted_at")).unwrap_err(), "`created_at`"),
            (export(None, &filter, &[]), "`status`"),
            (export(None, &Filter::default(), &["emali"]), "`email`"),
            (export(Some(vec!["emali".into()]), &Filter::default(), &[]), "`email`"),
            (export(Some(vec!["custom.plam".into()]), &Filter::default(), &[]), "`custom.plan`"),
        ]
    });
    for (error, near) in errors {
        assert_eq!(error.code(), "unknown_field", "{error}");
        assert!(error.hint_text().unwrap().contains(near), "{error}");
    }
}

#[test]
fn targets_that_cannot_be_written() {
    let place = Place::new();
    let db = place.db();
    db.leads().add([("email", "ada@lovelace.org")]).unwrap();
    std::fs::create_dir(place.path("folder")).unwrap();
    let with_fields = |fields: Vec<&str>| ExportOptions {
        fields: Some(fields.into_iter().map(String::from).collect()),
        ..Default::default()
    };
    let csv =
        ExportOptions { format: Some(leadkit_core::model::options::ExportFormat::Csv), ..Default::default() };
    let cases = [
        ("folder", csv, "is_directory"),
        ("folder.csv/out.csv", ExportOptions::default(), "file_not_found"),
        ("nowhere/out.xlsx", ExportOptions::default(), "file_not_found"),
        ("out.pdf", ExportOptions::default(), "invalid_argument"),
        ("out", ExportOptions::default(), "invalid_argument"),
        ("out.csv", ExportOptions { delimiter: '"', ..Default::default() }, "invalid_argument"),
        ("out.csv", ExportOptions { delimiter: '→', ..Default::default() }, "invalid_argument"),
        ("out.csv", with_fields(vec![]), "invalid_argument"),
        ("out.xlsx", with_fields(vec![]), "invalid_argument"),
    ];
    for (name, options, code) in cases {
        let label = format!("{name} {options:?}");
        let error = unchanged(&place, &db, || db.export_leads(place.path(name), options).unwrap_err());
        assert_eq!(error.code(), code, "{error}: {label}");
        assert!(error.hint_text().is_some() || error.path().is_some(), "{error:?}");
    }
    let rejects = place.file("rejects.csv", "mine");
    let source = place.file("leads.csv", format!("{GOOD}Eve,Nobody,not an address,\n"));
    let options = ImportOptions { rejects: Rejects::Path(rejects.clone()), ..Default::default() };
    let error = import(&db, &source, options);
    assert_eq!((error.code(), error.path()), ("file_exists", Some(rejects.as_path())));
    assert_eq!(std::fs::read_to_string(&rejects).unwrap(), "mine");
    assert_eq!(db.leads().count(&Filter::default()).unwrap(), 1);
    assert_sound(db.path().unwrap());
    // The same call with a free name imports everything once.
    let options = ImportOptions { rejects: Rejects::Path(place.path("free.csv")), ..Default::default() };
    let report = db.import_leads(&source, options).unwrap();
    assert_eq!((report.created + report.merged + report.skipped, report.rejected), (2, 1));
    assert_eq!(report.rejects, Some(place.path("free.csv")));
}

#[test]
fn files_that_are_no_database() {
    let place = Place::new();
    let other = place.path("other.db");
    let program = rusqlite::Connection::open(&other).unwrap();
    program.execute_batch("CREATE TABLE bookmark (url TEXT); INSERT INTO bookmark VALUES ('x')").unwrap();
    drop(program);
    let marked = place.path("marked.db");
    let program = rusqlite::Connection::open(&marked).unwrap();
    program.execute_batch("PRAGMA application_id = 42; PRAGMA user_version = 7").unwrap();
    drop(program);
    let newer = place.path("newer.db");
    open(newer.to_str().unwrap()).unwrap().close();
    let version = number(&newer, "PRAGMA user_version") + 1;
    sqlite(&newer)
        .execute_batch(&format!("PRAGMA user_version = {version}; PRAGMA wal_checkpoint(TRUNCATE)"))
        .unwrap();
    let mut dice = Dice::new(3);
    let noise: Vec<u8> = (0..5_000).map(|_| dice.below(256) as u8).collect();
    place.file("noise.db", noise);
    place.file("short.db", "hello");
    place.file("text.db", GOOD.repeat(40));
    std::fs::create_dir(place.path("folder.db")).unwrap();
    let cases = [
        ("other.db", "not_a_database"),
        ("marked.db", "not_a_database"),
        ("newer.db", "schema_too_new"),
        ("noise.db", "not_a_database"),
        ("short.db", "not_a_database"),
        ("text.db", "not_a_database"),
        ("folder.db", "is_directory"),
        ("nowhere/leads.db", "file_not_found"),
    ];
    for (name, code) in cases {
        let before = std::fs::read(place.path(name)).ok();
        let names = place.names();
        for read_only in [true, false] {
            let error =
                open_with(&place.text(name), OpenOptions { read_only, ..Default::default() }).unwrap_err();
            assert_eq!(error.code(), code, "{name} read_only={read_only}: {error}");
            assert_eq!(error.path(), Some(place.path(name).as_path()), "{error:?}");
            assert!(error.hint_text().is_some() || read_only, "{error:?}");
        }
        assert_eq!(std::fs::read(place.path(name)).ok(), before, "{name} stays byte for byte");
        assert_eq!(place.names(), names, "{name}");
    }
    let error =
        open_with(&place.text("new.db"), OpenOptions { read_only: true, ..Default::default() }).unwrap_err();
    assert_eq!(error.code(), "file_not_found");
    assert_eq!(open("mysql://host/db").unwrap_err().code(), "unsupported_store");
    assert_eq!(open("").unwrap_err().code(), "invalid_argument");
    for busy_timeout in [-1.0, f64::NAN, f64::INFINITY] {
        let error = open_with(":memory:", OpenOptions { busy_timeout, ..Default::default() }).unwrap_err();
        assert_eq!(error.code(), "invalid_argument", "{busy_timeout}");
    }
    assert!(!place.path("new.db").exists());
}

/// Everything that a program does with a database; the first error, if any.
fn use_all(path: &str, export: &Path) -> Result<(), Error> {
    let db = open(path)?;
    for lead in db.leads().iterate(&Filter::default(), Default::default())? {
        db.leads().history(lead?.id)?;
    }
    db.leads().count(&Filter::field("company").contains("a"))?;
    db.leads()
        .find(&Filter::default(), FindOptions { order_by: vec!["email".into()], ..Default::default() })?;
    db.operations().list(Default::default())?;
    db.fields().list()?;
    db.export_leads(export, Default::default())?;
    let rows: Vec<Vec<String>> =
        (0..40).map(|n| vec![format!("new{n}@lovelace.org"), format!("Company {n}")]).collect();
    let mut rows = rows;
    rows.insert(0, vec!["Email".into(), "Company".into()]);
    db.import_leads(csv(&rows).into_bytes(), ImportOptions { again: true, ..Default::default() })?;
    Ok(())
}

#[test]
fn damaged_databases_are_errors_and_never_panics() {
    let place = Place::new();
    let db = place.db();
    let messy = leadkit_core::testing::messy_csv(400, 5);
    db.import_leads(messy, Default::default()).unwrap();
    db.leads().update(1, [("notes", "seen")]).unwrap();
    db.close();
    let sound = std::fs::read(place.path("leads.db")).unwrap();
    let pages = sound.len() / 4096;
    let mut dice = Dice::new(11);
    let mut found = BTreeMap::<&str, usize>::new();
    for round in 0..60 {
        let mut bytes = sound.clone();
        match round % 3 {
            // Cut off, at a page's end or anywhere.
            0 if round % 2 == 0 => bytes.truncate(4096 * (1 + dice.below(pages - 1))),
            0 => bytes.truncate(100 + dice.below(sound.len() - 100)),
            // A page of zeros or noise.
            1 => {
                let page = 1 + dice.below(pages - 1);
                bytes[page * 4096..(page + 1) * 4096].fill_with(|| dice.below(256) as u8);
            }
            // Some bits flipped.
            _ => {
                for _ in 0..8 {
                    let at = 100 + dice.below(bytes.len() - 100);
                    bytes[at] ^= 1 << dice.below(8);
                }
            }
        }
        let name = format!("damaged{round}.db");
        let path = place.file(&name, bytes);
        let out = place.path("out.csv");
        let code = match use_all(path.to_str().unwrap(), &out) {
            Ok(()) => "ok",
            Err(error) => {
                assert!(!error.to_string().contains('@'), "{error}");
                error.code()
            }
        };
        *found.entry(code).or_default() += 1;
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(place.path(&format!("{name}{ending}")));
        }
    }
    let allowed = ["ok", "corrupt", "not_a_database"];
    assert!(found.keys().all(|code| allowed.contains(code)), "{found:?}");
    assert!(found["corrupt"] >= 20, "{found:?}");
}

#[test]
fn a_database_that_somebody_else_writes() {
    let place = Place::new();
    place.db().leads().add([("email", "ada@lovelace.org")]).unwrap();
    let path = place.path("leads.db");
    let db =
        open_with(path.to_str().unwrap(), OpenOptions { busy_timeout: 0.3, ..Default::default() }).unwrap();
    let source = place.file("leads.csv", GOOD);
    let other = sqlite(&path);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let before = dump(&path);
    let began = Instant::now();
    let attempts: [&dyn Fn() -> Error; 4] = [
        &|| db.leads().add([("email", "grace@hopper.org")]).unwrap_err(),
        &|| db.leads().update(1, [("notes", "x")]).unwrap_err(),
        &|| db.import_leads(&source, Default::default()).unwrap_err(),
        &|| db.fields().define(CustomField::new("plan", FieldKind::Text)).unwrap_err(),
    ];
    for attempt in attempts {
        let error = attempt();
        assert_eq!(error.code(), "busy", "{error}");
        assert!(error.is_retryable() && error.hint_text().is_some());
    }
    let waited = began.elapsed();
    assert!(waited >= Duration::from_millis(1_200) && waited < Duration::from_secs(8), "{waited:?}");
    // Readers and further opening go on.
    assert_eq!(db.leads().count(&Filter::default()).unwrap(), 1);
    assert_eq!(open(path.to_str().unwrap()).unwrap().leads().count(&Filter::default()).unwrap(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(dump(&path), before);
    let report = db.import_leads(&source, Default::default()).unwrap();
    assert_eq!((report.created, report.rows), (1, 2));
    assert_sound(&path);
}

#[test]
fn many_open_a_new_database_at_once() {
    for round in 0..12 {
        let place = Place::new();
        let path = place.text("leads.db");
        let barrier = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (path, barrier) = (&path, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let db = open(path).unwrap_or_else(|e| panic!("round {round}: {e}"));
                    db.leads().add([("email", format!("n{thread}@lovelace.org"))]).unwrap();
                });
            }
        });
        assert_eq!(number(&path, "SELECT count(*) FROM lead"), 8);
        assert_sound(&path);
    }
}

#[test]
fn words_that_cannot_be_understood() {
    let place = Place::new();
    let db = place.db();
    for n in 0..5 {
        db.leads().add([("email", format!("n{n}@lovelace.org"))]).unwrap();
    }
    let leads = db.leads();
    let good =
        leads.find(&Filter::default(), FindOptions { limit: 2, ..Default::default() }).unwrap().next_cursor;
    let good = good.unwrap();
    // `["x"]`, `[1.5]` and `[null]` in the cursor's own spelling: right in form, from no page of ours.
    let forged = ["5b2278225d", "5b312e355d", "5b6e756c6c5d"];
    let cut = &good[..good.len() - 1];
    for cursor in ["", "zz", "5", "5b", "[1]", "é", "00", cut].iter().chain(&forged) {
        let options = FindOptions { cursor: Some(cursor.to_string()), ..Default::default() };
        let error = leads.find(&Filter::default(), options.clone()).unwrap_err();
        assert_eq!((error.code(), error.field()), ("invalid_argument", Some("cursor")), "{cursor:?}");
        let first = leads.iterate(&Filter::default(), options).and_then(|mut i| i.next().unwrap());
        assert_eq!(first.unwrap_err().code(), "invalid_argument", "{cursor:?}");
    }
    let other = FindOptions { cursor: Some(good), order_by: vec!["email".into()], ..Default::default() };
    assert_eq!(leads.find(&Filter::default(), other).unwrap_err().code(), "invalid_argument");
    let list = FindOptions { order_by: vec!["tags".into()], ..Default::default() };
    assert_eq!(leads.find(&Filter::default(), list).unwrap_err().code(), "invalid_argument");
    let operations = leadkit_core::database::ListOptions { cursor: Some("x".into()), ..Default::default() };
    assert_eq!(db.operations().list(operations).unwrap_err().code(), "invalid_argument");
    assert_eq!(db.operations().get(99).unwrap_err().code(), "not_found");
    assert_eq!(leads.update(99, [("notes", "x")]).unwrap_err().code(), "not_found");
    assert_eq!(leads.history(99).unwrap_err().code(), "not_found");
    assert!(leads.get(99).unwrap().is_none());
    assert!(leads.get(i64::MAX).unwrap().is_none() && leads.get(-1).unwrap().is_none());
}

#[test]
fn after_closing() {
    let place = Place::new();
    let db = place.db();
    db.leads().add([("email", "ada@lovelace.org")]).unwrap();
    let source = place.file("leads.csv", GOOD);
    let clone = db.clone();
    let mut half = db.leads().iterate(&Filter::default(), Default::default()).unwrap();
    db.close();
    db.close();
    assert_eq!(place.names(), ["leads.csv", "leads.db"], "nothing but the database stays");
    let errors = [
        clone.leads().count(&Filter::default()).unwrap_err(),
        clone.leads().add([("email", "x@lovelace.org")]).unwrap_err(),
        clone.leads().get(1).unwrap_err(),
        clone.import_leads(&source, Default::default()).unwrap_err(),
        clone.export_leads(place.path("out.csv"), Default::default()).unwrap_err(),
        clone.operations().list(Default::default()).unwrap_err(),
        half.next().unwrap().unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.code(), "closed", "{error}");
        assert!(error.hint_text().is_some());
    }
    assert!(half.next().is_none());
    assert_eq!(place.names(), ["leads.csv", "leads.db"]);
    let memory = open(":memory:").unwrap();
    memory.close();
    assert_eq!(memory.leads().count(&Filter::default()).unwrap_err().code(), "closed");
}

#[test]
fn opened_for_reading_only() {
    let place = Place::new();
    let path = place.text("leads.db");
    place.db().leads().add([("email", "ada@lovelace.org")]).unwrap();
    place.db().close();
    let source = place.file("leads.csv", GOOD);
    let db = open_with(&path, OpenOptions { read_only: true, ..Default::default() }).unwrap();
    assert_eq!(db.leads().count(&Filter::default()).unwrap(), 1);
    let target = place.file("out.csv", "old");
    let errors = [
        db.leads().add([("email", "x@lovelace.org")]).unwrap_err(),
        db.leads().update(1, [("notes", "x")]).unwrap_err(),
        db.import_leads(&source, Default::default()).unwrap_err(),
        db.fields().define(CustomField::new("plan", FieldKind::Text)).unwrap_err(),
        db.export_leads(&target, Default::default()).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.code(), "read_only", "{error}");
    }
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
    let dry = db.import_leads(&source, ImportOptions { dry_run: true, ..Default::default() }).unwrap();
    assert_eq!((dry.rows, dry.created), (2, 1));
}

#[cfg(unix)]
#[test]
fn permissions_that_bind() {
    use std::os::unix::fs::PermissionsExt;
    if !as_bound_user("permissions_that_bind") {
        return;
    }
    let mode = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    let place = Place::new();
    let folder = place.path("folder");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("leads.db");
    let url = path.to_str().unwrap().to_string();
    let db = open(&url).unwrap();
    db.leads().add([("email", "ada@lovelace.org")]).unwrap();
    db.close();
    // A database in a folder in which nothing may be made.
    mode(&folder, 0o500);
    let read_only = |read_only| open_with(&url, OpenOptions { read_only, ..Default::default() });
    let error = open(folder.join("new.db").to_str().unwrap()).unwrap_err();
    assert_eq!(error.code(), "permission_denied", "{error}");
    let error = read_only(false).and_then(|db| db.leads().add([("email", "x@lovelace.org")])).unwrap_err();
    assert!(["permission_denied", "read_only"].contains(&error.code()), "{error}");
    let count = read_only(true).and_then(|db| db.leads().count(&Filter::default()));
    assert_eq!(count.unwrap(), 1, "reading needs no writing");
    mode(&folder, 0o700);
    // A file that may only be read, and one that may not even be read.
    mode(&path, 0o400);
    let error = read_only(false).and_then(|db| db.leads().add([("email", "x@lovelace.org")])).unwrap_err();
    assert!(["permission_denied", "read_only"].contains(&error.code()), "{error}");
    assert_eq!(error.path(), Some(path.as_path()), "{error:?}");
    assert_eq!(read_only(true).unwrap().leads().count(&Filter::default()).unwrap(), 1);
    mode(&path, 0o000);
    for only in [true, false] {
        assert_eq!(read_only(only).unwrap_err().code(), "permission_denied");
    }
    mode(&path, 0o600);
    // What SQLite made beside the file has the permissions that the file had then.
    for ending in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{url}{ending}"));
    }
    // Sources, rejects and targets.
    let db = open(&url).unwrap();
    let source = place.file("leads.csv", format!("{GOOD}Eve,Nobody,not an address,\n"));
    mode(&source, 0o000);
    let error = import(&db, &source, Default::default());
    assert_eq!((error.code(), error.path()), ("permission_denied", Some(source.as_path())));
    mode(&source, 0o400);
    let closed = place.path("closed");
    std::fs::create_dir(&closed).unwrap();
    mode(&closed, 0o500);
    let error = db.export_leads(closed.join("out.csv"), Default::default()).unwrap_err();
    assert_eq!(error.code(), "permission_denied");
    let options =
        || ImportOptions { rejects: Rejects::Path(closed.join("rejects.csv")), ..Default::default() };
    let error = import(&db, &source, options());
    assert_eq!(error.code(), "permission_denied", "{error}");
    assert!(error.path().is_some_and(|p| p.starts_with(&closed)), "{error:?}");
    assert_sound(&path);
    // Once it may be written, the same call ends the import, each row once.
    mode(&closed, 0o700);
    let report = db.import_leads(&source, options()).unwrap();
    assert_eq!(counts(&report), [3, 1, 0, 1 - report.skipped, report.skipped, 1, 0]);
    assert_eq!(report.rejects, Some(closed.join("rejects.csv")));
    assert_eq!(db.leads().count(&Filter::default()).unwrap(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let messy = leadkit_core::testing::messy_csv(2_500, 9);
    let whole = Place::new();
    let reference = whole.fixed_db("leads.db").import_leads(messy.clone(), Default::default()).unwrap();
    let mut stopped = 0;
    for kilobytes in [8, 40, 120, 200, 600, 1_200, 2_000] {
        let place = Place::new();
        let Some(disk) = SmallDisk::new(&place, kilobytes) else { return };
        let url = disk.0.join("leads.db").to_str().unwrap().to_string();
        let attempt = || {
            let db = leadkit_core::testing::open(&url, now(), 1)?;
            let options =
                ImportOptions { rejects: Rejects::Path(disk.0.join("rejects.csv")), ..Default::default() };
            db.import_leads(messy.clone(), options)
        };
        match attempt() {
            Ok(_) => {}
            Err(error) => {
                stopped += 1;
                assert_eq!(error.code(), "disk_full", "{kilobytes} KB: {error}");
                disk.grow(60_000);
                if disk.0.join("leads.db").exists() {
                    let db = open(&url).unwrap();
                    db.leads().count(&Filter::default()).unwrap();
                    db.close();
                    assert_sound(disk.0.join("leads.db"));
                }
                let report = attempt().unwrap();
                assert_eq!(comparable(&report), comparable(&reference), "{kilobytes} KB");
            }
        }
        assert_sound(disk.0.join("leads.db"));
        assert_eq!(dump_leads(disk.0.join("leads.db")), dump_leads(whole.path("leads.db")), "{kilobytes} KB");
    }
    assert!(stopped >= 4, "{stopped} stopped");
}

#[cfg(target_os = "linux")]
#[test]
fn an_export_onto_a_full_disk_leaves_the_old_file() {
    let place = Place::new();
    let db = place.db();
    db.import_leads(leadkit_core::testing::messy_csv(1_500, 9), Default::default()).unwrap();
    let Some(disk) = SmallDisk::new(&place, 64) else { return };
    for name in ["out.csv", "out.xlsx"] {
        let target = disk.0.join(name);
        std::fs::File::create(&target).unwrap().write_all(b"old").unwrap();
        let error = db.export_leads(&target, Default::default()).unwrap_err();
        assert_eq!(error.code(), "disk_full", "{error}");
        assert_eq!(std::fs::read(&target).unwrap(), b"old");
    }
    let mut names: Vec<_> = std::fs::read_dir(&disk.0).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["out.csv", "out.xlsx"], "no half file stays");
}
