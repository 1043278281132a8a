//! Files with flipped bits and files that are cut off: every answer is right, or says `corrupt` or
//! `not_a_database`; where neither is so, `health` does.
//!
//! What nobody can tell: a bit that flips inside a value and leaves a value of the same type. SQLite
//! keeps no checksums, so that value is read as it now is, and goes on to whatever is made of it.
//! The tests below make sure that it is this one row and no other, and count how often it happens.
//! A file that is cut off to nothing is a new database.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use leadkit_core::database::HealthOptions;
use leadkit_core::*;
use leadkit_tests::*;

const LEADS: usize = 60;
/// What errors say of a damaged file.
const DAMAGE: [&str; 2] = ["corrupt", "not_a_database"];

/// What there is to be known about a database.
#[derive(Clone, Default, PartialEq)]
struct Known {
    /// Every record of every kind.
    records: Vec<String>,
    leads: Vec<Lead>,
    histories: Vec<Vec<LeadChange>>,
    counted: u64,
    exported: Vec<u8>,
    /// The leads after the undo of what was done to them first and last.
    undone: Vec<Lead>,
    /// The leads after the undo of something that is done now: none are other than before.
    restored: Vec<Lead>,
}

fn state(db: &Database) -> Result<Vec<Lead>> {
    let options = FindOptions { include_deleted: true, ..FindOptions::default() };
    let leads = db.leads().iterate(&Filter::default(), options)?;
    leads.map(|lead| Ok(Lead { rev: 0, updated_at: Timestamp::default(), ..lead? })).collect()
}

fn run(db: &Database, update: BulkUpdate) -> Result<Operation> {
    let plan = db.bulk().plan_update(&Filter::default(), update, Default::default())?;
    db.bulk().run(&plan.token, RunOptions { chunk: 40, ..RunOptions::default() })
}

fn undo(db: &Database, id: i64) -> Result<Operation> {
    db.operations().undo(id, Default::default(), Default::default())
}

/// Leads, single changes, operations on all of them, a merge and its undo. Gives the operations
/// that can be taken back.
fn make(path: &str) -> [i64; 2] {
    let db = testing::open(path, now(), 1).unwrap();
    let mut text = String::from("email,first_name,company,source\n");
    for n in 0..LEADS {
        text.push_str(&format!("n{n}@fair{n}.org,Ann{n},Harbor {n},Fair {}\n", n % 7));
    }
    db.import_leads(text.into_bytes(), Default::default()).unwrap();
    let rows = run(&db, BulkUpdate::default().template("notes", "Met {{ lead.company }}")).unwrap().id;
    db.leads().update(3, [("city", "Berlin")]).unwrap();
    let groups = (1..20).step_by(2).map(|keep| MergeGroup { keep, merge: vec![keep + 1] }).collect();
    let plan = db.bulk().plan_merge(groups, Default::default()).unwrap();
    undo(&db, db.bulk().run(&plan.token, Default::default()).unwrap().id).unwrap();
    let set = run(&db, BulkUpdate::default().set("owner", "Mía")).unwrap().id;
    db.close();
    [rows, set]
}

/// Asks everything; the codes of errors, and what each call that succeeded answered.
fn ask(path: &str, out: &Path, operations: [i64; 2], codes: &mut BTreeMap<String, usize>) -> (Known, bool) {
    let mut known = Known::default();
    let mut failed = 0;
    let mut note = |error: Error| {
        assert!(!error.to_string().contains('@'), "an address in an error: {error}");
        *codes.entry(error.code().to_string()).or_default() += 1;
        failed += 1;
    };
    let db = match testing::open(path, now(), 2) {
        Ok(db) => db,
        Err(error) => {
            note(error);
            return (known, true);
        }
    };
    let health = db.health(HealthOptions { thorough: true });
    let mut told = health.as_ref().is_ok_and(|health| !health.damage.is_empty());
    let _ = health.map_err(&mut note);
    let lines = |text: String| text.lines().map(str::to_string).collect();
    let _ = testing::dump(&db).map(|text| known.records = lines(text)).map_err(&mut note);
    let _ = state(&db).map(|leads| known.leads = leads).map_err(&mut note);
    let histories = (1..=LEADS as i64).map(|id| db.leads().history(id));
    match histories.collect() {
        Ok(histories) => known.histories = histories,
        // What was there is not: some other call says why.
        Err(error) if error.code() == "not_found" => {}
        Err(error) => note(error),
    }
    let counted = db.leads().count(&Filter::field("owner").eq("mía"));
    let _ = counted.map(|count| known.counted = count).map_err(&mut note);
    let exported = db.export_leads(out, Default::default());
    let _ = exported.map(|_| known.exported = std::fs::read(out).unwrap()).map_err(&mut note);
    let work = run(&db, BulkUpdate::default().template("job_title", "{{ lead.company }}").add_tag("new"))
        .and_then(|done| undo(&db, done.id))
        .and_then(|_| state(&db));
    let _ = work.map(|leads| known.restored = leads).map_err(&mut note);
    let work = operations.iter().rev().try_for_each(|id| undo(&db, *id).map(drop)).and_then(|()| state(&db));
    match work {
        Ok(leads) => known.undone = leads,
        // An operation whose commits are not found.
        Err(error) if ["not_found", "not_undoable", "already_undone"].contains(&error.code()) => {}
        Err(error) => note(error),
    }
    told |= failed > 0;
    (known, told)
}

/// Damages a sound file in many ways, and allows only some errors; gives how often what came of it.
fn damaged(
    cases: usize,
    allowed: &[&str],
    damage: impl Fn(usize, &mut Vec<u8>) -> String,
) -> BTreeMap<String, usize> {
    let place = Place::in_memory();
    let operations = make(&place.text("leads.db"));
    let sound = std::fs::read(place.path("leads.db")).unwrap();
    let out = place.path("out.csv");
    let mut found = BTreeMap::new();
    let (intact, told) = ask(&place.file("i.db", &sound).to_string_lossy(), &out, operations, &mut found);
    assert!(!told && found.is_empty() && intact.leads == intact.restored && intact.counted == LEADS as u64);
    for case in 0..cases {
        let mut bytes = sound.clone();
        let what = damage(case, &mut bytes);
        let place = Place::in_memory();
        let path = place.file("leads.db", &bytes);
        let answer =
            catch_unwind(AssertUnwindSafe(|| ask(&path.to_string_lossy(), &out, operations, &mut found)));
        let (known, told) = answer.unwrap_or_else(|_| panic!("a panic: {what}"));
        let right = known == intact;
        // One record is another, and all that follows from it.
        let records = known.records.iter().zip(&intact.records);
        let others = known.records.len().abs_diff(intact.records.len())
            + records.filter(|(found, intact)| found != intact).count();
        let silent = !told && !right && others == 1 && known.leads == known.restored;
        assert!(right || told || silent, "{what}: wrong, and nobody says so: {others} records differ");
        let verdict = match (right, told) {
            (true, false) => "= right",
            (true, true) => "= right, and told",
            (false, true) => "= told",
            (false, false) => "= one value is another",
        };
        *found.entry(verdict.to_string()).or_default() += 1;
    }
    println!("{cases} of {} bytes: {found:?}", sound.len());
    let codes = found.keys().filter(|key| !key.starts_with('='));
    assert!(codes.into_iter().all(|code| allowed.contains(&code.as_str())), "{found:?}");
    found
}

fn long(short: usize, long: usize) -> usize {
    if std::env::var_os("LEADKIT_LONG").is_some() { long } else { short }
}

#[test]
fn flipped_bits() {
    let places = std::cell::RefCell::new(Dice::new(5));
    let found = damaged(long(200, 2_000), &DAMAGE, |_, bytes| {
        let mut dice = places.borrow_mut();
        let (at, bit) = (dice.below(bytes.len()), dice.below(8));
        bytes[at] ^= 1 << bit;
        format!("bit {bit} of byte {at}")
    });
    assert!(found["= told"] > 0 && found["= right"] > 0, "{found:?}");
}

/// All bits of the file's header, the ones that say what kind of file it is. Some make it a file of
/// a later SQLite, which may be read only, or of a later leadkit.
#[test]
fn flipped_bits_in_the_header() {
    let every = long(7, 1);
    damaged(800 / every, &[&DAMAGE[..], &["read_only", "schema_too_new"]].concat(), |case, bytes| {
        let bit = case * every;
        bytes[bit / 8] ^= 1 << (bit % 8);
        format!("bit {} of byte {}", bit % 8, bit / 8)
    });
}

#[test]
fn cut_off() {
    let sizes = std::cell::RefCell::new(Dice::new(6));
    let found = damaged(long(50, 300), &DAMAGE, |case, bytes| {
        let mut dice = sizes.borrow_mut();
        let size = match case % 3 {
            // At the end of a page, inside the first one, anywhere.
            0 => 4096 * (1 + dice.below(bytes.len() / 4096 - 1)),
            1 => 1 + dice.below(4096),
            _ => 1 + dice.below(bytes.len() - 1),
        };
        bytes.truncate(size);
        format!("cut off at {size}")
    });
    assert!(found.keys().all(|key| !key.starts_with("= right") && !key.starts_with("= one")), "{found:?}");
}
