//! Disks that break and disks that are full, at every single write: an error that says so, nothing
//! lost, and the same calls come to the same end.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use leadkit_core::*;
#[cfg(target_os = "linux")]
use leadkit_tests::disk::SmallDisk;
use leadkit_tests::faults::{self, Fault};
use leadkit_tests::*;

const LEADS: usize = 60;

/// There is one disk for all threads: tests take it in turns.
static DISK: Mutex<()> = Mutex::new(());

/// An import, two operations on many leads and an undo. After an error the same calls are made
/// again: what is done gives its result once more.
struct Script {
    path: PathBuf,
    leads: usize,
    db: Option<Database>,
    rows: Option<Plan>,
    set: Option<Plan>,
    attempts: u64,
}

impl Script {
    fn new(path: PathBuf, leads: usize) -> Script {
        Script { path, leads, db: None, rows: None, set: None, attempts: 0 }
    }

    fn db(&mut self) -> Result<Database> {
        if let Some(db) = &self.db {
            return Ok(db.clone());
        }
        self.attempts += 1;
        let db = testing::open(self.path.to_str().unwrap(), now(), self.attempts)?;
        self.db = Some(db.clone());
        Ok(db)
    }

    fn go(&mut self) -> Result<()> {
        let db = self.db()?;
        let mut text = String::from("email,first_name,company\n");
        for n in 0..self.leads {
            text.push_str(&format!("n{n}@fair{n}.org,Ann,Harbor {n}\n"));
        }
        db.import_leads(text.into_bytes(), Default::default())?;
        let all = Filter::default();
        let options = || RunOptions { chunk: self.leads as u64 / 2, ..RunOptions::default() };
        if self.rows.is_none() {
            let update = BulkUpdate::default().template("notes", "Met {{ lead.company }}").add_tag("fair");
            self.rows = Some(db.bulk().plan_update(&all, update, Default::default())?);
        }
        let rows = db.bulk().run(&self.rows.as_ref().unwrap().token, options())?;
        if self.set.is_none() {
            let update = BulkUpdate::default().set("owner", "Mía");
            self.set = Some(db.bulk().plan_update(&all, update, Default::default())?);
        }
        let set = db.bulk().run(&self.set.as_ref().unwrap().token, options())?;
        let options = RunOptions { idempotency_key: Some("undo".into()), ..options() };
        let undo = db.operations().undo(set.id, Default::default(), options)?;
        for done in [rows, set, undo] {
            let all = (OperationState::Finished, self.leads as u64, 0);
            assert_eq!((done.state, done.changed, done.conflicts), all);
        }
        assert!(db.health(Default::default())?.ok);
        db.close();
        self.db = None;
        Ok(())
    }

    /// What came of it; equal for all that went well in the end.
    fn end(&self) -> (String, i64) {
        assert_sound(&self.path);
        let unfinished = "SELECT count(*) FROM operation WHERE state NOT IN ('finished', 'planned')";
        assert_eq!(number(&self.path, unfinished), 0);
        (dump_leads(&self.path), number(&self.path, "SELECT sum(changed) FROM commit_log"))
    }
}

fn undisturbed(leads: usize) -> (String, i64) {
    let place = Place::new();
    let mut script = Script::new(place.path("leads.db"), leads);
    script.go().unwrap();
    let end = script.end();
    assert_eq!(end.1, 3 * leads as i64);
    end
}

/// Fails at each call in turn until there are no more; without LEADKIT_LONG, at every fifth.
fn sweep(fault: Fault, code: &str) {
    let _disk = DISK.lock().unwrap_or_else(PoisonError::into_inner);
    faults::register();
    testing::set_lease(Duration::from_millis(1));
    let wanted = undisturbed(LEADS);
    let step = if std::env::var_os("LEADKIT_LONG").is_some() { 1 } else { 5 };
    let (mut errors, mut unnoticed) = (0, 0);
    for call in (1..).step_by(step) {
        let place = Place::new();
        let mut script = Script::new(place.path("leads.db"), LEADS);
        faults::arm(fault, call);
        let result = script.go();
        if !faults::disarm() {
            assert!(result.is_ok() && errors > 50, "{errors} errors");
            println!("{fault:?}: {call} calls by {step}, {errors} errors, {unnoticed} unnoticed");
            return;
        }
        match result {
            Err(error) => {
                assert_eq!(error.code(), code, "call {call}: {error}");
                errors += 1;
            }
            // A log that could not be folded in, say, is folded in later.
            Ok(()) => unnoticed += 1,
        }
        match call % 3 {
            // By the same handle.
            0 => {}
            // By another one.
            1 => script.db = None,
            // By another process, after this one died on the spot.
            _ => script.path = as_it_is(&script.path, &place.path("copy.db")),
        }
        if script.path.file_stem().unwrap() == "copy" {
            script.db = None;
        }
        script.go().unwrap_or_else(|error| panic!("call {call}: {error}"));
        assert!(script.end() == wanted, "call {call}: another end than undisturbed");
    }
}

/// Copies a database with its log, as a dead process leaves them.
fn as_it_is(from: &Path, to: &Path) -> PathBuf {
    for ending in ["", "-wal"] {
        let name = |path: &Path| format!("{}{ending}", path.display());
        if Path::new(&name(from)).exists() {
            std::fs::copy(name(from), name(to)).unwrap();
        }
    }
    to.to_path_buf()
}

#[test]
fn a_disk_that_breaks_at_any_call() {
    sweep(Fault::Broken, "io");
}

#[test]
fn a_disk_that_is_full_at_any_call() {
    sweep(Fault::Full, "disk_full");
}

#[cfg(target_os = "linux")]
#[test]
fn small_disks() {
    let _disk = DISK.lock().unwrap_or_else(PoisonError::into_inner);
    testing::set_lease(Duration::from_millis(1));
    const LEADS: usize = 600;
    let wanted = undisturbed(LEADS);
    let mut stopped = Vec::new();
    for kilobytes in [60, 160, 320, 480, 640, 800, 960, 1_200, 1_500, 2_000] {
        let place = Place::new();
        let Some(disk) = SmallDisk::new(&place, kilobytes) else { return };
        let mut script = Script::new(disk.0.join("leads.db"), LEADS);
        if let Err(error) = script.go() {
            assert_eq!(error.code(), "disk_full", "{kilobytes} KB: {error}");
            let done = [script.rows.is_some(), script.set.is_some()].iter().filter(|done| **done).count();
            stopped.push((kilobytes, done));
            // What there is can be read on the full disk.
            if let Some(db) = &script.db {
                db.leads().count(&Filter::default()).unwrap();
            }
            disk.grow(60_000);
            script.go().unwrap_or_else(|error| panic!("{kilobytes} KB: {error}"));
        }
        assert!(script.end() == wanted, "{kilobytes} KB: another end than on a large disk");
    }
    println!("stopped (KB, plans made): {stopped:?}");
    assert!(stopped.iter().any(|(_, plans)| *plans > 0), "no operation on many leads was stopped");
}
