//! Processes killed at any moment of an erasure: the person is there whole, or gone whole with a certificate,
//! and what the killed process left is finished by two calls.
//!
//! 16 kills in all, 200 with LEADKIT_LONG.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use leadkit_core::model::history::{ContactChannel, LogOptions, TimelineOptions};
use leadkit_core::model::privacy::{ErasureCertificate, ErasureListOptions, ErasureOptions};
use leadkit_core::*;
use leadkit_tests::home::Home;
use leadkit_tests::*;

/// Contacts of each person, and changes of the lead.
const NOTES: usize = 40;

/// What only this person's data has in it.
fn marker(lead: i64) -> String {
    format!("quastenfloh{lead}x")
}

fn seed() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// People with contacts and changes; they are leads 1, 2 and so on.
fn fill(db: &Database, people: i64) {
    let rows = (1..=people).map(|n| format!("Ann,{0},{0}@fair.example,+1212736{1}\n", marker(n), 5000 + n));
    let text: String =
        std::iter::once("first_name,last_name,email,phone\n".to_string()).chain(rows).collect();
    assert_eq!(
        db.import_leads(text.into_bytes(), Default::default()).unwrap().created,
        people.cast_unsigned()
    );
    for lead in 1..=people {
        for n in 0..NOTES {
            let body = format!("{} said so {n} times", marker(lead));
            db.comms()
                .log(lead, ContactChannel::Note, &LogOptions { body, ..LogOptions::default() })
                .unwrap();
            db.leads().update(lead, [("city", format!("{} {n}", marker(lead)))]).unwrap();
        }
    }
}

fn erase(db: &Database, lead: i64) -> Result<ErasureCertificate, Error> {
    let options = ErasureOptions { lead: Some(lead), ..ErasureOptions::default() };
    db.privacy().erase_person("GDPR Art. 17(1)(b)", &options, None)
}

fn certificate(db: &Database, lead: i64) -> Option<ErasureCertificate> {
    let all = db.privacy().erasures(ErasureListOptions::default()).unwrap().items;
    let mut own = all.into_iter().filter(|certificate| certificate.leads == [lead]);
    let found = own.next();
    assert!(own.next().is_none(), "two certificates of one erasure");
    found
}

/// How many of the person's texts are there: of the lead, its contacts and its changes.
fn texts(db: &Database, lead: i64) -> usize {
    let has = |value: &dyn std::fmt::Debug| format!("{value:?}").contains(&marker(lead));
    let all = TimelineOptions { limit: NOTES as u64, ..TimelineOptions::default() };
    let contacts = db.comms().timeline(lead, &all).unwrap().items;
    assert_eq!(contacts.len(), NOTES, "that there was contact is kept");
    let changes = db.leads().history(lead).unwrap();
    let contacts = contacts.iter().filter(|contact| has(contact)).count();
    let changes = changes.iter().filter(|change| has(change)).count();
    contacts + changes + usize::from(has(&db.leads().get(lead).unwrap()))
}

/// The other side: a process that erases.
#[test]
fn child() {
    let Some(db) = Home::db_of_parent(seed()) else { return };
    println!("\nGO");
    erase(&db, std::env::var("LEADKIT_TEST_LEAD").unwrap().parse().unwrap()).unwrap();
}

/// A process that has begun to erase, and the lines it says.
fn spawn(home: &Home, lead: i64) -> (Child, impl Iterator<Item = String>) {
    let mut child = leadkit_tests::victim()
        .args(["--exact", "child", "--nocapture"])
        .envs(home.environment())
        .env("LEADKIT_TEST_LEAD", lead.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "GO"));
    (child, lines)
}

/// What a kill found: nothing done, erased but with the storage not rewritten, or all done.
#[derive(Debug, Default)]
struct Found {
    before: u32,
    between: u32,
    after: u32,
}

fn kill(home: &Home, lead: i64, after: Duration, found: &mut Found) {
    let whole = {
        let db = home.db(seed());
        texts(&db, lead)
    };
    assert!(whole > NOTES, "{whole}");
    let (mut child, _lines) = spawn(home, lead);
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();

    let db = home.db(seed());
    home.assert_sound();
    match certificate(&db, lead) {
        None => {
            found.before += 1;
            assert_eq!(texts(&db, lead), whole, "half an erasure");
            assert!(erase(&db, lead).unwrap().compacted);
        }
        Some(certificate) => {
            assert_eq!(texts(&db, lead), 0, "half an erasure");
            assert_eq!(erase(&db, lead).unwrap_err().code(), "erased");
            match certificate.compacted {
                true => found.after += 1,
                false => {
                    found.between += 1;
                    db.privacy().compact().unwrap();
                }
            }
        }
    }
    let certificate = certificate(&db, lead).unwrap();
    assert!(certificate.compacted);
    assert_eq!((texts(&db, lead), certificate.suppressed.len()), (0, 1));
    assert!(!testing::dump(&db).unwrap().contains(&marker(lead)));
    assert!(db.health(Default::default()).unwrap().ok && db.audit().verify(Default::default()).unwrap().ok);
    db.close();
    home.assert_sound();
    if let Home::File(place) = home {
        for entry in std::fs::read_dir(place.path(".")).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let marker = marker(lead).into_bytes();
            let left = bytes.windows(marker.len()).any(|window| window == marker);
            assert!(!left, "{} still holds lead {lead}", path.display());
        }
    }
}

fn kills(home: &Home) {
    let kills = if std::env::var_os("LEADKIT_LONG").is_some() { 100 } else { 8 };
    let db = home.db(seed());
    fill(&db, kills + 1);
    db.close();
    // How long it takes undisturbed.
    let began = Instant::now();
    let (mut child, _lines) = spawn(home, kills + 1);
    let started = began.elapsed();
    assert!(child.wait().unwrap().success());
    let duration = began.elapsed() - started;
    let (mut dice, mut found) = (Dice::new(7), Found::default());
    for n in 0..kills {
        // A random moment in each equal part of the time that it takes, and of a third more.
        let moment = (n as f64 + dice.below(1_000) as f64 / 1_000.0) * 4.0 / 3.0 / kills as f64;
        kill(home, n + 1, duration.mul_f64(moment), &mut found);
    }
    println!("{kills} kills of an erasure of {duration:?}: {found:?}");
    assert!(found.before > 0, "no kill fell before the commit");
    assert!(found.between + found.after > 0, "no kill fell behind the commit");
}

#[test]
fn in_a_file() {
    kills(&Home::file());
}

#[test]
fn on_a_server() {
    kills(&Home::tenant());
}
