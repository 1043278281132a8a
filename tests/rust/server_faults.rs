//! A server that dies, or hangs up, while it works on many leads: `unreachable`, and once it is
//! back the same call on the same handle comes to its end, each lead changed once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use leadkit_core::*;
use leadkit_tests::home::Home;
use leadkit_tests::postgres::Server;
use leadkit_tests::*;

const LEADS: u64 = 1_000;

fn state(db: &Database) -> Vec<Lead> {
    let options = FindOptions { include_deleted: true, ..FindOptions::default() };
    let leads = db.leads().iterate(&Filter::default(), options).unwrap().map(Result::unwrap);
    leads.map(|lead| Lead { rev: 0, updated_at: Timestamp::default(), ..lead }).collect()
}

fn filled(home: &Home) -> Database {
    let db = home.db(1);
    let text: String = (0..LEADS).map(|n| format!("n{n}@lovelace.org,Harbor {n}\n")).collect();
    db.import_leads(format!("email,company\n{text}").into_bytes(), Default::default()).unwrap();
    db
}

fn updates() -> [BulkUpdate; 2] {
    [
        BulkUpdate::default().template("notes", "Met {{ lead.company }}").add_tag("fair"),
        BulkUpdate::default().set("owner", "Mía").set("source", "web"),
    ]
}

fn options() -> RunOptions {
    RunOptions { chunk: 50, ..RunOptions::default() }
}

/// Runs a plan while something happens to the server at a moment of it, `mend`s that and goes on.
/// Gives whether the run was interrupted.
fn interrupted(
    home: &Home,
    db: &Database,
    plan: &Plan,
    delay: Duration,
    strike: impl FnOnce(),
    mend: impl FnOnce(),
) -> bool {
    let first = std::thread::scope(|scope| {
        let run = scope.spawn(|| db.bulk().run(&plan.token, options()));
        std::thread::sleep(delay);
        strike();
        run.join().unwrap()
    });
    mend();
    if let Err(error) = &first {
        assert_eq!(error.code(), "unreachable", "{error}");
        assert!(error.is_retryable());
        home.assert_sound();
        let begun = db.operations().get(plan.operation_id).unwrap();
        assert_eq!(begun.changed.cast_signed(), home.journaled(begun.id));
        assert!(begun.changed < LEADS || begun.state != OperationState::Finished);
    }
    let done = db.bulk().run(&plan.token, options()).unwrap();
    assert_eq!((done.state, done.changed), (OperationState::Finished, LEADS));
    assert_eq!(home.journaled(done.id), LEADS.cast_signed());
    home.assert_sound();
    first.is_err()
}

/// Strikes at random moments of runs and of their undos.
fn strikes(home: &Home, rounds: usize, strike: impl Fn(), mend: impl Fn()) {
    testing::set_lease(Duration::from_millis(1));
    let db = filled(home);
    let (before, mut dice) = (state(&db), Dice::new(3));
    let met = AtomicU64::new(0);
    for update in updates() {
        // Once undisturbed: where it ends and how long it takes.
        let plan = |what: &BulkUpdate| {
            db.bulk().plan_update(&Filter::default(), what.clone(), Default::default()).unwrap()
        };
        let began = Instant::now();
        let done = db.bulk().run(&plan(&update).token, options()).unwrap();
        let duration = began.elapsed();
        let after = state(&db);
        db.operations().undo(done.id, Default::default(), options()).unwrap();
        for _ in 0..rounds {
            let delay = |dice: &mut Dice| duration.mul_f64(dice.below(900) as f64 / 1_000.0);
            let run = plan(&update);
            let hit = interrupted(home, &db, &run, delay(&mut dice), &strike, &mend);
            assert!(state(&db) == after, "another end than undisturbed");
            let undo = db.bulk().plan_undo(run.operation_id, Default::default(), Default::default()).unwrap();
            let hit_again = interrupted(home, &db, &undo, delay(&mut dice), &strike, &mend);
            assert!(state(&db) == before, "an undo brings back the start");
            met.fetch_add(u64::from(hit) + u64::from(hit_again), Ordering::Relaxed);
        }
    }
    println!("{} of {} runs were interrupted", met.load(Ordering::Relaxed), rounds * 4);
    assert!(met.load(Ordering::Relaxed) > 0);
}

fn rounds(short: usize, long: usize) -> usize {
    if std::env::var_os("LEADKIT_LONG").is_some() { long } else { short }
}

#[test]
fn killed() {
    let server = std::sync::Mutex::new(Server::own());
    let url = server.lock().unwrap().url();
    let home = Home::tenant_at(&url);
    let strike = || server.lock().unwrap().kill();
    strikes(&home, rounds(2, 20), strike, || server.lock().unwrap().restart().unwrap());
    drop(home);
}

#[test]
fn hung_up() {
    let home = Home::tenant();
    let Home::Tenant { name, .. } = &home else { unreachable!() };
    let cut = || {
        let sql = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity \
                   WHERE application_name = $1";
        home.client().query_one(sql, &[name]).unwrap();
    };
    strikes(&home, rounds(4, 40), cut, || {});
}
