//! The least that storing these leads can cost: the file parsed, the rows inserted, nothing else.
//!
//! A finished leadkit database tells what is to be stored. Its rows are written into a flat file
//! first ([`dump`]), so that the measured process ([`insert`]) opens no other database: it loads
//! one transaction's values from the flat file, and then the clock runs while SQLite takes them.
//! Loading is left out of the cost, since a program without logic would have the values in hand
//! from parsing, which is counted whole.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement};
use serde::{Deserialize, Serialize};

use crate::{Cost, Stopwatch};

/// When keys and secondary indexes are written; what is best depends on size and machine, so all
/// are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Indexes grow with the rows, keys as they come.
    AsTheyCome,
    /// Indexes grow with the rows, each transaction's keys sorted.
    SortedKeys,
    /// Keys sorted over the whole file and indexes built when all rows are in.
    AtTheEnd,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Strategy; 3] = [Strategy::AsTheyCome, Strategy::SortedKeys, Strategy::AtTheEnd];

    /// The name in tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Strategy::AsTheyCome => "as_they_come",
            Strategy::SortedKeys => "sorted_keys",
            Strategy::AtTheEnd => "at_the_end",
        }
    }
}

const TABLES: [&str; 5] = ["operation", "lead", "lead_key", "change", "commit_log"];

/// Parses every record and touches every field.
pub fn parse(file: &Path) -> (u64, Cost) {
    let watch = Stopwatch::start();
    let mut reader = csv::Reader::from_path(file).unwrap();
    let mut record = csv::ByteRecord::new();
    let (mut rows, mut bytes) = (0, 0);
    while reader.read_byte_record(&mut record).unwrap() {
        rows += 1;
        bytes += record.iter().map(<[u8]>::len).sum::<usize>();
    }
    std::hint::black_box(bytes);
    (rows, watch.stop())
}

/// Writes what a leadkit database holds as blocks of values, one block a transaction.
pub fn dump(database: &Path, to: &Path) {
    let db = Connection::open(database).unwrap();
    let mut out = BufWriter::new(File::create(to).unwrap());
    let mut commits = db
        .prepare(
            "SELECT rev, coalesce(created_from, 0), coalesce(created_to, -1) FROM commit_log ORDER BY rev",
        )
        .unwrap();
    let commits: Vec<(i64, i64, i64)> = commits
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    // A key stands with the transaction that made its lead.
    db.execute_batch("CREATE TEMP TABLE k AS SELECT lead, kind, hash FROM lead_key ORDER BY lead, kind, hash; CREATE INDEX temp.k_lead ON k (lead);")
        .unwrap();
    for (number, (rev, from, to)) in commits.into_iter().enumerate() {
        let first = if number == 0 { "1" } else { "0" };
        for (table, (sql, low, high)) in TABLES.iter().zip([
            (format!("SELECT * FROM operation WHERE {first} AND id BETWEEN ?1 AND ?2"), 0, i64::MAX),
            ("SELECT * FROM lead WHERE id BETWEEN ?1 AND ?2 ORDER BY id".to_string(), from, to),
            (
                "SELECT kind, hash, lead FROM k WHERE lead BETWEEN ?1 AND ?2 ORDER BY lead".to_string(),
                from,
                to,
            ),
            ("SELECT * FROM change WHERE rev BETWEEN ?1 AND ?2 ORDER BY lead".to_string(), rev, rev),
            ("SELECT * FROM commit_log WHERE rev BETWEEN ?1 AND ?2".to_string(), rev, rev),
        ]) {
            let mut block = Block::default();
            let mut statement = db.prepare(&sql).unwrap();
            block.columns = statement.column_count() as u32;
            let mut rows = statement.query((low, high)).unwrap();
            while let Some(row) = rows.next().unwrap() {
                (0..block.columns).for_each(|i| block.push(row.get_ref(i as usize).unwrap()));
                block.rows += 1;
            }
            assert!(block.rows == 0 || TABLES.contains(table));
            block.write(&mut out);
        }
    }
    out.flush().unwrap();
}

/// Puts the dumped values into a fresh database of the same schema, under the same pragmas, in
/// the same transactions.
pub fn insert(dump: &Path, like: &Path, database: &Path, strategy: Strategy) -> Cost {
    let schema = schema(like);
    let mut input = BufReader::with_capacity(1 << 20, File::open(dump).unwrap());
    let mut blocks: [Block; 5] = Default::default();
    let mut all_keys = Vec::new();
    let mut cost = Cost::default();

    let watch = Stopwatch::start();
    let db = open(database);
    for (_, sql) in schema.iter().filter(|(index, _)| !index || strategy != Strategy::AtTheEnd) {
        db.execute_batch(sql).unwrap();
    }
    cost += watch.stop();
    let mut inserters: Vec<Option<Statement<'_>>> = TABLES.iter().map(|_| None).collect();
    loop {
        if !blocks.iter_mut().all(|block| block.read(&mut input)) {
            break;
        }
        let mut keys: Vec<(i64, i64, i64)> = blocks[2].integers();
        blocks[2].rows = 0;

        let watch = Stopwatch::start();
        db.execute_batch("BEGIN IMMEDIATE").unwrap();
        for ((table, block), inserter) in TABLES.iter().zip(&blocks).zip(&mut inserters) {
            if block.rows > 0 {
                let marks = vec!["?"; block.columns as usize].join(", ");
                let sql = format!("INSERT INTO {table} VALUES ({marks})");
                block.insert(inserter.get_or_insert_with(|| db.prepare(&sql).unwrap()));
            }
        }
        match strategy {
            Strategy::AsTheyCome => insert_keys(&db, &keys),
            Strategy::SortedKeys => {
                keys.sort_unstable();
                insert_keys(&db, &keys);
            }
            Strategy::AtTheEnd => all_keys.append(&mut keys),
        }
        db.execute_batch("COMMIT").unwrap();
        cost += watch.stop();
    }

    let watch = Stopwatch::start();
    if strategy == Strategy::AtTheEnd {
        all_keys.sort_unstable();
        for keys in all_keys.chunks(100_000) {
            db.execute_batch("BEGIN IMMEDIATE").unwrap();
            insert_keys(&db, keys);
            db.execute_batch("COMMIT").unwrap();
        }
        for (_, sql) in schema.iter().filter(|(index, _)| *index) {
            db.execute_batch(sql).unwrap();
        }
    }
    drop(inserters);
    db.close().unwrap();
    cost += watch.stop();
    cost
}

/// As leadkit opens its writer.
fn open(database: &Path) -> Connection {
    let db = Connection::open(database).unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
    db.pragma_update(None, "synchronous", "FULL").unwrap();
    db.pragma_update(None, "cache_size", -32 * 1024).unwrap();
    db.pragma_update(None, "foreign_keys", true).unwrap();
    db.pragma_update(None, "temp_store", "MEMORY").unwrap();
    db
}

/// The statements that make a database like this one, and which of them are indexes. An index of
/// words makes its own tables.
fn schema(like: &Path) -> Vec<(bool, String)> {
    let db = Connection::open(like).unwrap();
    let mut statement = db
        .prepare(
            "SELECT s.type = 'index', s.sql FROM sqlite_schema s \
             JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.tbl_name \
             WHERE s.sql IS NOT NULL AND l.type <> 'shadow' ORDER BY 1",
        )
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn insert_keys(db: &Connection, keys: &[(i64, i64, i64)]) {
    let mut statement = db.prepare_cached("INSERT INTO lead_key VALUES (?, ?, ?)").unwrap();
    for key in keys {
        statement.execute(*key).unwrap();
    }
}

/// Rows of one table in one transaction, flat: a tag before each value.
#[derive(Default)]
struct Block {
    columns: u32,
    rows: u32,
    values: Vec<u8>,
}

impl Block {
    fn push(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Null => self.values.push(0),
            ValueRef::Integer(n) => self.number(1, n.to_le_bytes()),
            ValueRef::Real(n) => self.number(2, n.to_le_bytes()),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                self.number(3, (bytes.len() as u64).to_le_bytes());
                self.values.extend_from_slice(bytes);
            }
        }
    }

    fn number(&mut self, tag: u8, bytes: [u8; 8]) {
        self.values.push(tag);
        self.values.extend_from_slice(&bytes);
    }

    fn write(&self, out: &mut impl Write) {
        for n in [self.columns, self.rows, self.values.len() as u32] {
            out.write_all(&n.to_le_bytes()).unwrap();
        }
        out.write_all(&self.values).unwrap();
    }

    fn read(&mut self, input: &mut impl Read) -> bool {
        let mut head = [0; 12];
        if input.read_exact(&mut head).is_err() {
            return false;
        }
        let number = |i: usize| u32::from_le_bytes(head[4 * i..4 * i + 4].try_into().unwrap());
        (self.columns, self.rows) = (number(0), number(1));
        self.values.resize(number(2) as usize, 0);
        input.read_exact(&mut self.values).unwrap();
        true
    }

    fn insert(&self, statement: &mut Statement<'_>) {
        let mut at = 0;
        for _ in 0..self.rows {
            for column in 1..=self.columns as usize {
                statement.raw_bind_parameter(column, ToSqlOutput::Borrowed(self.value(&mut at))).unwrap();
            }
            statement.raw_execute().unwrap();
        }
    }

    fn value(&self, at: &mut usize) -> ValueRef<'_> {
        let tag = self.values[*at];
        *at += 1;
        if tag == 0 {
            return ValueRef::Null;
        }
        let bytes: [u8; 8] = self.values[*at..*at + 8].try_into().unwrap();
        *at += 8;
        match tag {
            1 => ValueRef::Integer(i64::from_le_bytes(bytes)),
            2 => ValueRef::Real(f64::from_le_bytes(bytes)),
            _ => {
                let len = u64::from_le_bytes(bytes) as usize;
                *at += len;
                ValueRef::Text(&self.values[*at - len..*at])
            }
        }
    }

    fn integers(&self) -> Vec<(i64, i64, i64)> {
        let mut at = 0;
        let mut next = || self.value(&mut at).as_i64().unwrap();
        (0..self.rows).map(|_| (next(), next(), next())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_database_holds_is_inserted_by_each_strategy() {
        let folder = tempfile::tempdir().unwrap();
        let (database, dumped) = (folder.path().join("leadkit.db"), folder.path().join("leadkit.dump"));
        let db = leadkit_core::open(database.to_str().unwrap()).unwrap();
        let file = leadkit_core::testing::messy_csv(300, 5);
        let options = leadkit_core::ImportOptions {
            rejects: leadkit_core::model::options::Rejects::Write(false),
            ..Default::default()
        };
        let created = db.import_leads(file, options).unwrap().created.cast_signed();
        db.close();
        dump(&database, &dumped);
        for strategy in Strategy::ALL {
            let bare = folder.path().join(strategy.name());
            insert(&dumped, &database, &bare, strategy);
            for table in TABLES {
                let count = |path: &Path| {
                    let sql = format!("SELECT count(*) FROM {table}");
                    Connection::open(path).unwrap().query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
                };
                assert!(count(&bare) > 0 || table == "change", "{table}");
                assert_eq!(count(&bare), count(&database), "{table} by {}", strategy.name());
                assert!(table != "lead" || count(&bare) == created, "{created}");
            }
        }
    }
}
