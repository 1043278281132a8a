//! Every store passes the same checks, and equal writes leave equal stores.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::time::Duration;

use leadkit_core::store::conformance::{self, Openings};
use leadkit_core::store::postgres::{PostgresOptions, PostgresStore};
use leadkit_core::store::sqlite::{SqliteStore, StoreOptions};
use leadkit_core::store::{MemoryStore, Store};
use leadkit_core::{Filter, ImportOptions, OpenOptions, open, open_with, testing};
use leadkit_tests::*;

/// Every store there is, by name. A further one is added here and passes all tests below.
fn stores() -> Vec<(&'static str, Box<dyn Openings>)> {
    vec![
        ("memory", Box::new(Memory)),
        ("sqlite in memory", Box::new(|| sqlite_store(None, false))),
        ("sqlite", Box::new(Files::default())),
        ("postgresql", Box::new(Tenants::default())),
    ]
}

struct Memory;

impl Openings for Memory {
    fn fresh(&self) -> Box<dyn Store> {
        Box::new(MemoryStore::default())
    }

    fn read_only(&self) -> Option<Box<dyn Store>> {
        Some(Box::new(MemoryStore::new(Duration::from_secs(10), true)))
    }
}

fn sqlite_store(path: Option<&Path>, read_only: bool) -> Box<dyn Store> {
    let options = StoreOptions { busy_timeout: Duration::from_secs(10), read_only };
    Box::new(SqliteStore::open(path, options).unwrap())
}

/// SQLite files, each in a folder of its own.
#[derive(Default)]
struct Files(RefCell<Vec<Place>>);

impl Files {
    fn last(&self) -> PathBuf {
        self.0.borrow().last().unwrap().path("leads.db")
    }
}

impl Openings for Files {
    fn fresh(&self) -> Box<dyn Store> {
        self.0.borrow_mut().push(Place::new());
        sqlite_store(Some(&self.last()), false)
    }

    fn again(&self) -> Option<Box<dyn Store>> {
        Some(sqlite_store(Some(&self.last()), false))
    }

    fn read_only(&self) -> Option<Box<dyn Store>> {
        drop(self.fresh());
        Some(sqlite_store(Some(&self.last()), true))
    }
}

/// Tenants of the shared server, all gone in the end.
#[derive(Default)]
struct Tenants(RefCell<Vec<String>>);

impl Tenants {
    fn open(&self, read_only: bool) -> Box<dyn Store> {
        let (tenant, busy_timeout) = (self.0.borrow().last().cloned(), Duration::from_secs(10));
        let options = PostgresOptions { tenant, busy_timeout, read_only };
        Box::new(PostgresStore::open(&leadkit_tests::postgres::url(), options).unwrap())
    }
}

impl Openings for Tenants {
    fn fresh(&self) -> Box<dyn Store> {
        self.0.borrow_mut().push(format!("t_{:016x}", RandomState::new().hash_one(0_u8)));
        self.open(false)
    }

    fn again(&self) -> Option<Box<dyn Store>> {
        Some(self.open(false))
    }

    fn read_only(&self) -> Option<Box<dyn Store>> {
        drop(self.fresh());
        Some(self.open(true))
    }
}

impl Drop for Tenants {
    fn drop(&mut self) {
        let names = self.0.take();
        let Some(Ok(mut client)) = (!names.is_empty()).then(connect) else { return };
        for name in names {
            let _ = client.batch_execute(&format!("DROP SCHEMA IF EXISTS {name} CASCADE"));
        }
    }
}

fn connect() -> Result<::postgres::Client, ::postgres::Error> {
    ::postgres::Client::connect(&leadkit_tests::postgres::url(), ::postgres::NoTls)
}

/// Puts one store through all checks and tells every one that it fails.
fn conforms(name: &str) {
    let (_, openings) = stores().into_iter().find(|(other, _)| *other == name).unwrap();
    let failed: Vec<String> = conformance::checks()
        .iter()
        .filter_map(|check| check.run(&*openings).err())
        .map(|failed| failed.to_string())
        .collect();
    assert!(failed.is_empty(), "{name} fails {} checks:\n\n{}", failed.len(), failed.join("\n\n"));
}

#[test]
fn memory_conforms() {
    conforms("memory");
}

#[test]
fn sqlite_in_memory_conforms() {
    conforms("sqlite in memory");
}

#[test]
fn sqlite_files_conform() {
    conforms("sqlite");
}

#[test]
fn postgresql_conforms() {
    conforms("postgresql");
}

#[test]
fn equal_writes_leave_equal_stores() {
    for (name, openings) in stores() {
        for seed in 0..6 {
            let (model, store) = (MemoryStore::default(), openings.fresh());
            if let Err(failed) = conformance::same(&model, &*store, seed) {
                panic!("{name}, seed {seed}: {failed}");
            }
        }
    }
}

#[test]
fn a_store_that_does_otherwise_is_found_out() {
    let one = || -> Box<dyn Store> { Box::new(MemoryStore::default()) };
    let (a, b) = (one(), one());
    b.writing(|w| w.next_rev()).unwrap();
    let failed = conformance::same(&*a, &*b, 1).unwrap_err();
    assert!(failed.to_string().contains("what writes answered"), "{failed}");
    let used = || -> Box<dyn Store> {
        let store = one();
        store.writing(|w| w.allot(1)).unwrap();
        store
    };
    let failed: Vec<&str> =
        conformance::checks().iter().filter(|c| c.run(&used).is_err()).map(|c| c.name()).collect();
    assert!(failed.contains(&"an_empty_store_holds_nothing"), "{failed:?}");
}

#[test]
fn a_backup_is_the_store_as_it_was() {
    let place = Place::new();
    let db = place.fixed_db("leads.db");
    db.import_leads(testing::messy_csv(300, 1), ImportOptions::default()).unwrap();
    let store = sqlite_store(Some(&place.path("leads.db")), false);
    let before = conformance::dump(&*store).unwrap();
    let copy = place.path("copy.db");
    // Beside a writer that has not committed.
    store
        .writing(|w| {
            w.next_rev()?;
            store.backup(&copy)
        })
        .unwrap();
    db.leads().add([("email", "later@lovelace.org")]).unwrap();
    assert_eq!(conformance::dump(&*sqlite_store(Some(&copy), false)).unwrap(), before);
    assert_sound(&copy);
    assert_eq!(place.names().iter().filter(|name| name.starts_with("copy.db")).count(), 1, "one file");
}

#[test]
fn the_store_in_memory_holds_what_sqlite_holds() {
    let file = testing::messy_csv(2_000, 5);
    let place = Place::new();
    let (memory, sqlite) = (testing::open("memory:", now(), 1).unwrap(), place.fixed_db("leads.db"));
    for dry_run in [true, false] {
        let options = || ImportOptions { dry_run, ..Default::default() };
        let reports = [&memory, &sqlite].map(|db| db.import_leads(file.clone(), options()).unwrap());
        assert_adds_up(&reports[0]);
        assert_eq!(comparable(&reports[0]), comparable(&reports[1]));
    }
    for db in [&memory, &sqlite] {
        let id = db.leads().first(&Filter::default(), Default::default()).unwrap().unwrap().id;
        db.leads().update(id, [("notes", "called")]).unwrap();
        assert_eq!(db.leads().history(id).unwrap().len(), 2);
    }
    assert_eq!(leads(&memory), leads(&sqlite));
    memory.export_leads(place.path("a.csv"), Default::default()).unwrap();
    sqlite.export_leads(place.path("b.csv"), Default::default()).unwrap();
    assert_eq!(std::fs::read(place.path("a.csv")).unwrap(), std::fs::read(place.path("b.csv")).unwrap());
    assert_eq!(memory.path(), None);
    memory.close();
    assert_eq!(memory.leads().count(&Filter::default()).unwrap_err().code(), "closed");
}

#[test]
fn a_database_in_memory_has_options_too() {
    let read_only = open_with("memory:", OpenOptions { read_only: true, ..Default::default() }).unwrap();
    assert_eq!(read_only.leads().count(&Filter::default()).unwrap(), 0);
    assert_eq!(read_only.leads().add([("email", "a@lovelace.org")]).unwrap_err().code(), "read_only");
    let tenant = OpenOptions { tenant: Some("a".into()), ..Default::default() };
    assert_eq!(open_with("memory:", tenant).unwrap_err().code(), "invalid_argument");
    assert_eq!(open("memory://host").unwrap_err().code(), "unsupported_store");
}
