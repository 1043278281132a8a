//! A database of a test's own on either kind of store, and what its tables say beside leadkit.

use std::hash::{BuildHasher, RandomState};

use ::postgres::{Client, NoTls};
use leadkit_core::{Database, Key, OpenOptions, testing};

use crate::{Place, now, sqlite};

/// Where a database is; gone when dropped.
pub enum Home {
    /// A file in a folder of its own.
    File(Place),
    /// A schema of its own on a server.
    Tenant {
        /// The server's URL.
        url: String,
        /// The schema.
        name: String,
    },
}

/// Options with a key of the host's.
pub fn with_keys() -> OpenOptions {
    OpenOptions { keys: vec![Key::new("test", [7; 32])], ..OpenOptions::default() }
}

impl Home {
    /// A SQLite file.
    pub fn file() -> Home {
        Home::File(Place::new())
    }

    /// A tenant on the shared server, which names its connections after the tenant.
    pub fn tenant() -> Home {
        Home::tenant_at(&crate::postgres::url())
    }

    /// A tenant on some server.
    pub fn tenant_at(url: &str) -> Home {
        let name = format!("t_{:016x}", RandomState::new().hash_one(0_u8));
        Home::Tenant { url: format!("{url}?application_name={name}"), name }
    }

    /// What `open` takes.
    pub fn address(&self) -> (String, OpenOptions) {
        match self {
            Home::File(place) => (place.text("leads.db"), with_keys()),
            Home::Tenant { url, name } => {
                (url.clone(), OpenOptions { tenant: Some(name.clone()), ..with_keys() })
            }
        }
    }

    /// Opens it by a fixed clock. Tokens follow from the seed: each handle that plans needs another.
    pub fn db(&self, seed: u64) -> Database {
        let (url, options) = self.address();
        testing::open_with(&url, options, now(), seed).unwrap()
    }

    /// What [`Home::db_of_parent`] needs in another process.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let (url, options) = self.address();
        let tenant = options.tenant.map(|tenant| ("LEADKIT_TEST_TENANT", tenant));
        [("LEADKIT_TEST_URL", url)].into_iter().chain(tenant).collect()
    }

    /// In a process that a test has spawned: the database of that test.
    pub fn db_of_parent(seed: u64) -> Option<Database> {
        let url = std::env::var("LEADKIT_TEST_URL").ok()?;
        let tenant = std::env::var("LEADKIT_TEST_TENANT").ok();
        Some(testing::open_with(&url, OpenOptions { tenant, ..with_keys() }, now(), seed).unwrap())
    }

    /// Opens the tables beside leadkit.
    ///
    /// # Panics
    /// For a file.
    pub fn client(&self) -> Client {
        let Home::Tenant { url, name } = self else { panic!("a file has no server") };
        let url = url.split('?').next().unwrap_or_default();
        let mut client = Client::connect(url, NoTls).unwrap();
        client.batch_execute(&format!("SET search_path TO {name}")).unwrap();
        client
    }

    /// One number out of the tables, by SQL that both kinds understand.
    pub fn number(&self, sql: &str) -> i64 {
        match self {
            Home::File(place) => crate::number(place.path("leads.db"), sql),
            Home::Tenant { .. } => self.client().query_one(sql, &[]).unwrap().get(0),
        }
    }

    /// How many changes of leads the log holds for an operation.
    pub fn journaled(&self, operation: i64) -> i64 {
        self.number(&format!(
            "SELECT count(*) FROM change c JOIN commit_log l ON l.rev = c.rev WHERE l.operation = {operation}"
        ))
    }

    /// Panics unless the store is sound and its books agree with each other.
    pub fn assert_sound(&self) {
        if let Home::File(place) = self {
            let verdict: String = sqlite(place.path("leads.db"))
                .query_row("PRAGMA integrity_check", [], |row| row.get(0))
                .unwrap();
            assert_eq!(verdict, "ok");
        }
        let none = |what: &str, sql: &str| assert_eq!(self.number(sql), 0, "{what}");
        none("leads that no commit created", {
            "SELECT (SELECT count(*) FROM lead) - (SELECT CAST(coalesce(sum(created_to - created_from + 1), 0) \
             AS BIGINT) FROM commit_log)"
        });
        none("gaps", "SELECT (SELECT count(*) FROM commit_log) - (SELECT rev FROM head)");
        none("a head behind", "SELECT (SELECT max(rev) FROM commit_log) - (SELECT rev FROM head)");
        none("commits of no operation", {
            "SELECT count(*) FROM commit_log WHERE operation NOT IN (SELECT id FROM operation)"
        });
        none("commits whose count is not that of their images", {
            "SELECT count(*) FROM commit_log c WHERE changed <> \
             (SELECT count(*) FROM change WHERE change.rev = c.rev)"
        });
        none("leads of no commit", "SELECT count(*) FROM lead WHERE rev NOT IN (SELECT rev FROM commit_log)");
        none("stray keys", "SELECT count(*) FROM lead_key WHERE lead NOT IN (SELECT id FROM lead)");
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Home::Tenant { url, name } = self
            && let Ok(mut client) = Client::connect(url.split('?').next().unwrap_or_default(), NoTls)
        {
            let _ = client.batch_execute(&format!("DROP SCHEMA IF EXISTS {name} CASCADE"));
        }
    }
}
