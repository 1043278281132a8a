//! Whatever interrupts an import, the same call ends it: nothing lost, nothing twice.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use leadkit_core::model::options::{MatchKey, Progressing, Rejects};
use leadkit_core::{
    CancelToken, Error, Filter, ImportOptions, ImportReport, OperationState, Progress, open, testing,
};
use leadkit_tests::*;
use serde_json::{Value, json};

/// Rows that the reader hands over at once; a transaction is some of these.
const BATCH: i64 = 500;
const KILLS: u32 = 10;

/// More than two transactions of narrow rows: good ones, doubles of rows far above, wrong
/// addresses, rows without any key, and people who opted out, some of them twice.
fn big_file() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let mut dice = Dice::new(2026);
        let mut text = String::from("Email,First name,Company,Phone,Opt out\n");
        for row in 0..53_000 {
            let line = match dice.below(50) {
                0 => format!("wrong{row} at lovelace.org,Ada,,+49 151 2{row:07},yes\n"),
                1 => format!(",Grace,Harbor {row} Inc.,,\n"),
                2 if row > 100 => format!("p{}@lovelace.org,,Company {row},,\n", dice.below(row)),
                3 => format!("p{row}@lovelace.org,Ada,,+49 151 2{:07},yes\n", row / 2),
                _ => format!("p{row}@lovelace.org,Ada,,,\n"),
            };
            text.push_str(&line);
        }
        text.into_bytes()
    })
}

fn run(folder: &Path) -> Result<ImportReport, Error> {
    testing::set_transaction_rows(20_000);
    let db = testing::open(folder.join("leads.db").to_str().unwrap(), now(), 1)?;
    db.import_leads(folder.join("leads.csv"), ImportOptions::default())
}

/// The consent ledger, entry by entry.
fn ledger(path: impl AsRef<Path>) -> String {
    let connection = sqlite(path);
    let sql = "SELECT group_concat(concat_ws(' ', id, kind, channel, address, lead, source, proof), char(10) \
               ORDER BY id) FROM consent";
    connection.query_row(sql, [], |row| row.get::<_, Option<String>>(0)).unwrap().unwrap_or_default()
}

/// The other side of the tests below: a process that imports, and prints what came of it.
#[test]
fn child() {
    let Some(folder) = std::env::var_os("LEADKIT_TEST_FOLDER") else { return };
    let answer = match run(Path::new(&folder)) {
        Ok(report) => json!({ "report": comparable(&report) }),
        Err(error) => json!({ "error": error.code() }),
    };
    println!("\nANSWER {answer}");
}

fn spawn(folder: &Path) -> Child {
    leadkit_tests::victim()
        .args(["--exact", "child", "--nocapture"])
        .env("LEADKIT_TEST_FOLDER", folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn answer(child: Child) -> Option<Value> {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("ANSWER ")).map(|json| serde_json::from_str(json).unwrap())
}

fn rejects_of(place: &Place) -> Vec<String> {
    place.names().into_iter().filter(|name| name.contains("rejects")).collect()
}

#[test]
fn killed_at_ten_moments() {
    let whole = Place::new();
    whole.file("leads.csv", big_file());
    let began = Instant::now();
    let undisturbed = answer(spawn(&whole.path(""))).unwrap();
    let duration = began.elapsed();
    let undisturbed = &undisturbed["report"];
    assert!(undisturbed["created"].as_u64().unwrap() > 50_000, "{undisturbed}");
    let (leads, rejects) =
        (dump_leads(whole.path("leads.db")), std::fs::read(whole.path("leads.rejects.csv")).unwrap());
    let consent = ledger(whole.path("leads.db"));
    assert!(undisturbed["consent"]["withdrawn"].as_u64().unwrap() > 1_500, "{undisturbed}");
    assert_eq!(undisturbed["consent"]["withdrawn"].as_u64().unwrap(), consent.lines().count() as u64);
    assert!(undisturbed["rejected"].as_u64().unwrap() > 500 && undisturbed["merged"].as_u64().unwrap() > 500);

    let mut dice = Dice::new(7);
    let mut places = Vec::new();
    let mut caught = Vec::new();
    for kill in 0..KILLS {
        let place = Place::new();
        place.file("leads.csv", big_file());
        let mut child = spawn(&place.path(""));
        // A random moment in each tenth of the time that the work takes.
        let moment = (f64::from(kill) + dice.below(1_000) as f64 / 1_000.0) / f64::from(KILLS);
        std::thread::sleep(duration.mul_f64(moment));
        child.kill().unwrap();
        child.wait().unwrap();
        let path = place.path("leads.db");
        let mut rows = 0;
        if path.exists() && number(&path, "SELECT count(*) FROM sqlite_schema") > 0 {
            assert_sound(&path);
            let counts = "SELECT coalesce(sum(counts ->> 'rows'), 0) FROM operation";
            rows = number(&path, counts);
            let finished = number(&path, "SELECT count(*) FROM operation WHERE state = 'finished'");
            assert!(rows % BATCH == 0 || rows == 53_000, "{rows} rows are no whole batches");
            assert!(finished == 1 || number(&path, "SELECT count(*) FROM lead") <= rows);
            let kept = number(&path, "SELECT count(*) FROM reject");
            let counted = number(&path, "SELECT coalesce(sum(counts ->> 'rejected'), 0) FROM operation");
            assert!(finished == 1 || kept == counted, "{kept} kept, {counted} counted");
        }
        caught.push(rows);
        places.push(place);
    }
    // The dead processes' leases run out side by side.
    for place in &places {
        let report = run(&place.path("")).unwrap();
        if report.skipped_by.contains_key("already_imported") {
            assert_eq!(report.skipped, 53_000);
        } else {
            assert_eq!(comparable(&report), *undisturbed, "{caught:?}");
            assert!(report.rejects.is_some());
        }
        assert_eq!(rejects_of(place), ["leads.rejects.csv"], "{caught:?}");
        assert_eq!(std::fs::read(place.path("leads.rejects.csv")).unwrap(), rejects);
        assert_sound(place.path("leads.db"));
        assert!(dump_leads(place.path("leads.db")) == leads, "other leads than undisturbed: {caught:?}");
        assert!(ledger(place.path("leads.db")) == consent, "another ledger than undisturbed: {caught:?}");
    }
    assert!(caught.iter().any(|rows| (1..53_000).contains(rows)), "no kill fell between commits: {caught:?}");
}

#[test]
fn two_processes_import_one_file_once() {
    let place = Place::new();
    place.file("leads.csv", &big_file()[..900_000]);
    let children = [spawn(&place.path("")), spawn(&place.path(""))];
    let answers: Vec<Value> = children.into_iter().map(|child| answer(child).unwrap()).collect();
    let imported = answers.iter().filter(|a| a["report"]["created"].as_u64().is_some_and(|n| n > 0)).count();
    assert_eq!(imported, 1, "{answers:?}");
    let other = answers.iter().find(|a| a["report"]["created"].as_u64().is_none_or(|n| n == 0)).unwrap();
    let rows = answers.iter().find_map(|a| a["report"]["rows"].as_u64()).unwrap();
    let told = other["report"]["skipped_by"]["already_imported"].as_u64() == Some(rows)
        || other["error"] == json!("operation_running");
    assert!(told, "{answers:?}");
    assert_sound(place.path("leads.db"));
    assert_eq!(rejects_of(&place).len(), 1);
}

#[test]
fn two_threads_import_two_files() {
    let place = Place::new();
    let db = place.db();
    let files: Vec<PathBuf> =
        (0..2).map(|n| place.file(&format!("{n}.csv"), testing::messy_csv(3_000, 40 + n))).collect();
    let reports: Vec<ImportReport> = std::thread::scope(|scope| {
        let threads: Vec<_> = files
            .iter()
            .map(|file| {
                let db = db.clone();
                // By addresses alone: both files number their leads from one on.
                let options = ImportOptions { match_on: vec![MatchKey::Email], ..Default::default() };
                scope.spawn(move || db.import_leads(file, options).unwrap())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    reports.iter().for_each(assert_adds_up);
    let created: u64 = reports.iter().map(|r| r.created).sum();
    assert_eq!(db.leads().count(&Filter::default()).unwrap(), created);
    assert_eq!(rejects_of(&place), ["0.rejects.csv", "1.rejects.csv"]);
    assert_sound(db.path().unwrap());
}

/// Cancels at the first event at which `when` says so.
fn cancelling(when: impl Fn(&Progress) -> bool + Send + Sync + 'static) -> ImportOptions {
    let cancel = CancelToken::default();
    let token = cancel.clone();
    let progress = Progressing(Arc::new(move |event: &Progress| {
        if when(event) {
            token.cancel();
        }
    }));
    ImportOptions { cancel, progress: Some(progress), ..Default::default() }
}

#[test]
fn cancelled_and_gone_on_with() {
    let messy = testing::messy_csv(7_000, 3);
    let whole = Place::new();
    let source = whole.file("leads.csv", &messy);
    let reference = whole.fixed_db("leads.db").import_leads(&source, ImportOptions::default()).unwrap();
    assert_adds_up(&reference);
    let place = Place::new();
    let source = place.file("leads.csv", &messy);
    let db = place.fixed_db("leads.db");
    // Before anything is read, and while it is measured: not even an operation is begun.
    let early = ImportOptions::default();
    early.cancel.cancel();
    assert_eq!(db.import_leads(&source, early).unwrap_err().code(), "cancelled");
    let error = db.import_leads(&source, cancelling(|event| event.stage == "read")).unwrap_err();
    assert_eq!(error.code(), "cancelled");
    assert!(error.hint_text().is_some() && !error.is_retryable());
    let mut before = 0;
    for part in [0.0, 0.2, 0.5] {
        let options = cancelling(move |event| {
            event.stage == "import" && event.done as f64 > event.total.unwrap() as f64 * part
        });
        let error = db.import_leads(&source, options).unwrap_err();
        assert_eq!(error.code(), "cancelled");
        let operation = db.operations().list(Default::default()).unwrap().items.remove(0);
        assert_eq!(operation.state, OperationState::Cancelled);
        let rows = operation.counts["rows"];
        assert!(
            rows >= before && rows < 7_000 && rows.is_multiple_of(BATCH.unsigned_abs()),
            "{rows} after {before}"
        );
        before = rows;
        assert_sound(db.path().unwrap());
        assert!(rejects_of(&place).is_empty(), "a file of rejects before the end");
    }
    assert!(before > 0);
    let began = Instant::now();
    let report = db.import_leads(&source, ImportOptions::default()).unwrap();
    assert!(report.resumed && began.elapsed() < Duration::from_secs(60));
    assert_eq!(comparable(&report), comparable(&reference));
    assert_eq!(dump_leads(db.path().unwrap()), dump_leads(whole.path("leads.db")));
    let rejects = |place: &Place| std::fs::read(place.path("leads.rejects.csv")).unwrap();
    assert_eq!(rejects(&place), rejects(&whole));
    assert_eq!(
        db.operations().list(Default::default()).unwrap().items.len(),
        1,
        "one operation, several runs"
    );
    assert_sound(db.path().unwrap());
}

#[test]
fn cancelled_when_imported_once_more() {
    let place = Place::new();
    let rows: Vec<Vec<String>> = std::iter::once(vec!["First name".into(), "Company".into()])
        .chain((0..5_000).map(|n| vec!["Ada".into(), format!("Engine Works {n}")]))
        .collect();
    let source = place.file("leads.csv", csv(&rows));
    let db = place.db();
    db.import_leads(&source, Default::default()).unwrap();
    let again = ImportOptions { again: true, ..Default::default() };
    let interrupted = ImportOptions { again: true, ..cancelling(|event| event.stage == "import") };
    assert_eq!(db.import_leads(&source, interrupted).unwrap_err().code(), "cancelled");
    let report = db.import_leads(&source, again).unwrap();
    assert!(report.resumed);
    assert_eq!((report.rows, report.created), (5_000, 5_000));
    assert_eq!(
        db.leads().count(&Filter::default()).unwrap(),
        10_000,
        "rows without a key, twice and not thrice"
    );
    assert_sound(db.path().unwrap());
}

#[test]
fn interrupted_between_the_rejects_and_the_end() {
    for given in [false, true] {
        let place = Place::new();
        let source = place.file("leads.csv", testing::messy_csv(300, 8));
        let db = place.db();
        let path = place.path("leads.rejects.csv");
        let options = || ImportOptions {
            rejects: if given { Rejects::Path(path.clone()) } else { Rejects::Beside },
            ..Default::default()
        };
        // The file of rejects is there, and the transaction that ends the import fails.
        let other = sqlite(db.path().unwrap());
        other
            .execute_batch(
                "CREATE TRIGGER stop BEFORE DELETE ON reject BEGIN SELECT RAISE(ABORT, 'stop'); END",
            )
            .unwrap();
        db.import_leads(&source, options()).unwrap_err();
        let written = std::fs::read(&path).unwrap();
        other.execute_batch("DROP TRIGGER stop").unwrap();
        let report = db.import_leads(&source, options()).unwrap();
        assert_adds_up(&report);
        assert!(report.resumed);
        assert_eq!(report.rejects, Some(path.clone()));
        assert_eq!(rejects_of(&place), ["leads.rejects.csv"]);
        assert_eq!(std::fs::read(&path).unwrap(), written);
        assert_sound(db.path().unwrap());
    }
}

#[test]
fn a_file_of_the_users_in_the_way_of_the_rejects_stays() {
    let place = Place::new();
    let source = place.file("leads.csv", testing::messy_csv(300, 8));
    let db = place.db();
    let mine = place.path("mine.csv");
    let options = || ImportOptions { rejects: Rejects::Path(mine.clone()), ..Default::default() };
    let first =
        ImportOptions { rejects: Rejects::Path(mine.clone()), ..cancelling(|event| event.stage == "import") };
    let _ = db.import_leads(&source, first);
    let other = sqlite(db.path().unwrap());
    other.execute_batch("UPDATE operation SET state = 'failed'").unwrap();
    std::fs::write(&mine, "mine").unwrap();
    let error = db.import_leads(&source, options()).unwrap_err();
    assert_eq!((error.code(), error.path()), ("file_exists", Some(mine.as_path())));
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "mine");
    let other = place.path("other.csv");
    let report = db
        .import_leads(&source, ImportOptions { rejects: Rejects::Path(other.clone()), ..Default::default() })
        .unwrap();
    assert_eq!(report.rejects, Some(other));
    assert_sound(db.path().unwrap());
}

#[test]
fn what_a_callback_may_do() {
    let place = Place::new();
    let source = place.file("leads.csv", testing::messy_csv(3_000, 8));
    for url in [place.text("leads.db"), ":memory:".to_string()] {
        let db = open(&url).unwrap();
        let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (inner, answers) = (db.clone(), asked.clone());
        let progress = Progressing(Arc::new(move |event: &Progress| {
            if event.stage == "import" {
                // Reading answers, writing is refused; neither waits for the very call it is in.
                let read = inner.leads().count(&Filter::default()).map(|_| "ok").unwrap_or_else(|e| e.code());
                let added = inner.leads().add([("email", "x@lovelace.org")]);
                answers.lock().unwrap().push((read, added.map(|_| "ok").unwrap_or_else(|e| e.code())));
            }
        }));
        let (send, receive) = std::sync::mpsc::channel();
        let (importer, source) = (db.clone(), source.clone());
        std::thread::spawn(move || {
            let options = ImportOptions { progress: Some(progress), ..Default::default() };
            send.send(importer.import_leads(&source, options)).unwrap();
        });
        let report = receive.recv_timeout(Duration::from_secs(60)).expect("the callback hangs").unwrap();
        assert_adds_up(&report);
        let asked = asked.lock().unwrap();
        let read = if url == ":memory:" { "busy" } else { "ok" };
        assert!(asked.contains(&(read, "busy")), "{asked:?}");
    }
}

#[test]
fn closed_from_a_callback() {
    let place = Place::new();
    let source = place.file("leads.csv", testing::messy_csv(7_000, 8));
    let db = place.db();
    let inner = db.clone();
    let progress = Progressing(Arc::new(move |event: &Progress| {
        if event.stage == "import" {
            inner.close();
        }
    }));
    let (send, receive) = std::sync::mpsc::channel();
    let (importer, file) = (db.clone(), source.clone());
    std::thread::spawn(move || {
        let options = ImportOptions { progress: Some(progress), ..Default::default() };
        send.send(importer.import_leads(&file, options)).unwrap();
    });
    let error = receive.recv_timeout(Duration::from_secs(60)).expect("closing waits for itself").unwrap_err();
    assert_eq!(error.code(), "closed");
    assert_eq!(db.leads().count(&Filter::default()).unwrap_err().code(), "closed");
    assert_eq!(place.names(), ["leads.csv", "leads.db"]);
    assert_sound(place.path("leads.db"));
    // The operation was not let go: the same call waits for its lease, and goes on.
    let report = place.db().import_leads(&source, ImportOptions::default()).unwrap();
    assert!(report.resumed);
    assert_adds_up(&report);
    assert_sound(place.path("leads.db"));
}

#[test]
fn readers_go_on_while_an_import_writes() {
    let place = Place::new();
    let db = place.db();
    db.leads().add([("email", "ada@lovelace.org")]).unwrap();
    let source = place.file("leads.csv", testing::messy_csv(3_000, 8));
    let (inside, wait) = std::sync::mpsc::sync_channel(0);
    let (go, going) = std::sync::mpsc::channel::<()>();
    let going = std::sync::Mutex::new(Some(going));
    let progress = Progressing(Arc::new(move |event: &Progress| {
        // The first event of the import is one from within its transaction: stop there.
        let within = event.stage == "import" && event.done < event.total.unwrap();
        if let Some(going) = going.lock().unwrap().take_if(|_| within) {
            inside.send(()).unwrap();
            going.recv().unwrap();
        }
    }));
    let importer = db.clone();
    let thread = std::thread::spawn(move || {
        importer
            .import_leads(&source, ImportOptions { progress: Some(progress), ..Default::default() })
            .unwrap()
    });
    wait.recv().unwrap();
    let (send, receive) = std::sync::mpsc::channel();
    let reader = db.clone();
    std::thread::spawn(move || send.send(reader.leads().count(&Filter::default()).unwrap()));
    let count = receive.recv_timeout(Duration::from_secs(20));
    go.send(()).unwrap();
    let report = thread.join().unwrap();
    assert_eq!(count.expect("a reader waits for the writer"), 1, "what is not committed is not seen");
    assert_eq!(db.leads().count(&Filter::default()).unwrap(), report.created + 1);
}
