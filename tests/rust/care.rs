//! Health, backup, and moving to another database.

use std::sync::atomic::{AtomicBool, Ordering};

use leadkit_core::*;

fn filled(path: &str, count: usize) -> Database {
    let db = open(path).unwrap();
    let mut csv = String::from("email,first_name\n");
    (0..count).for_each(|i| csv.push_str(&format!("a{i}@x{i}.org,Ann\n")));
    db.import_leads(csv.into_bytes(), ImportOptions::default()).unwrap();
    db
}

#[test]
fn a_backup_is_one_state_while_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let db = filled(&path("leads.db"), 3_000);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Both leads always carry the same owner.
            for i in 0.. {
                let update = BulkUpdate::default().set("owner", format!("owner {i}"));
                let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
                let all = RunOptions { chunk: 10_000, ..RunOptions::default() };
                db.bulk().run(&plan.token, all).unwrap();
                if stop.load(Ordering::SeqCst) {
                    break;
                }
            }
        });
        for n in 0..3 {
            let report = db.backup(path(&format!("copy-{n}.db"))).unwrap();
            let copy = open(&path(&format!("copy-{n}.db"))).unwrap();
            assert!(copy.health(database::HealthOptions { thorough: true }).unwrap().damage.is_empty());
            assert_eq!(copy.leads().count(&Filter::default()).unwrap(), 3_000);
            let first = copy.leads().get(1).unwrap().unwrap();
            let same = match &first.owner {
                Some(owner) => Filter::field("owner").eq(owner.as_str()),
                None => Filter::field("owner").is_null(true),
            };
            assert_eq!(copy.leads().count(&same).unwrap(), 3_000);
            assert!(report.rev >= 1);
        }
        stop.store(true, Ordering::SeqCst);
    });
    let again = db.backup(path("copy-0.db")).unwrap_err();
    assert_eq!(again.code(), "file_exists");
    assert_eq!(db.backup(path("no/such/folder.db")).unwrap_err().code(), "file_not_found");
}

#[test]
fn a_copy_holds_everything_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let db = filled(&path("a.db"), 500);
    db.fields().define(CustomField::new("plan", FieldKind::Text)).unwrap();
    db.leads().update(1, [("custom.plan", "pro")]).unwrap();
    let update = BulkUpdate::default().set("owner", "mia");
    let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
    let done = db.bulk().run(&plan.token, Default::default()).unwrap();

    let report = db.copy_to(&path("b.db"), Default::default()).unwrap();
    assert_eq!((report.leads, report.store.as_str()), (500, "sqlite"));
    let copy = open(&path("b.db")).unwrap();
    assert_eq!(copy.leads().history(1).unwrap(), db.leads().history(1).unwrap());
    // What was done in the old place is taken back in the new one, and ids go on.
    copy.operations().undo(done.id, Default::default(), Default::default()).unwrap();
    assert_eq!(copy.leads().get(1).unwrap().unwrap().owner, None);
    assert_eq!(copy.leads().add([("email", "new@x.org")]).unwrap().id, 501);
    assert_eq!(db.copy_to(&path("b.db"), Default::default()).unwrap_err().code(), "already_exists");
}

#[test]
fn health_tells_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leads.db").to_string_lossy().into_owned();
    let db = filled(&path, 100);
    let health = db.health(Default::default()).unwrap();
    assert!(health.ok && health.damage.is_empty() && health.bytes > 10_000, "{health:?}");
    assert_eq!((health.leads, health.rev, health.store.as_str()), (100, 1, "sqlite"));
    let update = BulkUpdate::default().set("owner", "mia");
    let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
    let cancel = CancelToken::default();
    let token = cancel.clone();
    let progress: ProgressFn = std::sync::Arc::new(move |_: &Progress| token.cancel());
    let progress = Some(model::options::Progressing(progress));
    let options = RunOptions { chunk: 10, cancel, progress, ..RunOptions::default() };
    db.bulk().run(&plan.token, options).unwrap_err();
    let health = db.health(Default::default()).unwrap();
    assert_eq!((health.ok, health.unfinished.as_slice()), (false, [plan.operation_id].as_slice()));
    // Taken back, it waits for nobody.
    db.operations().undo(plan.operation_id, Default::default(), Default::default()).unwrap();
    assert!(db.health(Default::default()).unwrap().ok);
}
