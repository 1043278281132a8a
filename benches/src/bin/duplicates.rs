//! Whether matching joins what belongs together and nothing else, against data whose truth is
//! known.
//!
//! ```text
//! cargo run --release -p leadkit-benches --bin duplicates -- [ROWS] [--seeds 1,2,3] [--show]
//! ```
//!
//! Each row carries its number in `tags` too, which a merge unites: so every stored lead says which
//! rows it was made of, and the truth says whose rows those are. `--show` prints examples as they
//! are: the people are invented.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use leadkit_benches::{dupes_csv, target_dir};
use leadkit_core::model::options::{ColumnTarget, FindOptions, Rejects};
use leadkit_core::normalize::{GivenNames, compare_given, email_key, is_role_address, normalize_email};
use leadkit_core::text::mask;
use leadkit_core::{Filter, ImportOptions};
use serde_json::{Value, json};

/// Rows of the file as it came.
struct Row {
    first: String,
    last: String,
    email: String,
    key: Option<String>,
    person: String,
    kind: String,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rows = arguments.iter().find_map(|a| a.parse().ok()).unwrap_or(100_000);
    let seeds = arguments.iter().position(|a| a == "--seeds").and_then(|i| arguments.get(i + 1));
    let seeds: Vec<u64> = seeds.map_or("1,2,3", |s| s).split(',').map(|s| s.parse().unwrap()).collect();
    let show = arguments.iter().any(|a| a == "--show");
    let results: Vec<Value> = seeds.into_iter().map(|seed| one(rows, seed, show)).collect();
    let path = target_dir("bench").join("duplicates.json");
    std::fs::write(&path, serde_json::to_string_pretty(&results).unwrap()).unwrap();
    println!("written to {}", path.display());
}

fn one(rows: u64, seed: u64, show: bool) -> Value {
    let (leads, truth) = dupes_csv(rows, seed);
    let rows = read(&leads, &truth);
    let folder = target_dir("bench").join("duplicates");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let (stored, rejected) = import(&leads, &folder);

    println!("\nseed {seed}: {} rows, {} leads, {} rows rejected", rows.len(), stored.len(), rejected.len());
    let mut mixed = Reasons::default();
    for ids in &stored {
        let people: BTreeSet<&str> = ids.iter().map(|id| rows[id].person.as_str()).collect();
        if people.len() > 1 {
            let (reason, a, b) = why_together(ids, &rows);
            mixed.add(reason, rows[&a].kind.as_str(), || example(&rows[&a], &rows[&b], show));
        }
    }
    let together = mixed.total as f64 / stored.len() as f64;
    println!(
        "\n  {} leads hold more than one person: {:.3} % (target < 0.1 %)",
        mixed.total,
        together * 100.0
    );
    mixed.print();
    let drawn: u64 =
        mixed.by.iter().filter(|(reason, _)| reason.starts_with(COLLISION)).map(|(_, b)| b.0).sum();
    let without = (mixed.total - drawn) as f64 / stored.len() as f64;
    println!("    {:>6}  without addresses drawn twice: {:.3} %", mixed.total - drawn, without * 100.0);

    let (pairs, apart) = apart(&rows, &stored, &rejected, show);
    let share = apart.total as f64 / pairs as f64;
    println!(
        "\n  {} of {pairs} true pairs with an equal email left apart: {:.2} % (target < 2 %)",
        apart.total,
        share * 100.0
    );
    apart.print();
    json!({
        "seed": seed, "rows": rows.len(), "leads": stored.len(), "rejected": rejected.len(),
        "mixed_leads": mixed.total, "mixed_share": together, "mixed_share_without_collisions": without,
        "mixed_by": mixed.counts(),
        "pairs": pairs, "apart": apart.total, "apart_share": share, "apart_by": apart.counts(),
    })
}

fn read(leads: &Path, truth: &Path) -> HashMap<u64, Row> {
    let mut people = HashMap::new();
    for record in csv::Reader::from_path(truth).unwrap().into_records() {
        let record = record.unwrap();
        people.insert(record[0].parse::<u64>().unwrap(), (record[1].to_string(), record[2].to_string()));
    }
    let mut rows = HashMap::new();
    for record in csv::Reader::from_path(leads).unwrap().into_records() {
        let record = record.unwrap();
        let id = record[0].parse().unwrap();
        let (person, kind) = people.remove(&id).unwrap();
        let key = normalize_email(&record[3]).address.map(|address| email_key(&address));
        let text = |i: usize| record[i].to_string();
        rows.insert(id, Row { first: text(1), last: text(2), email: text(3), key, person, kind });
    }
    rows
}

/// Imports the rows: those of each stored lead, and the rejected ones with their reason.
fn import(leads: &Path, folder: &Path) -> (Vec<Vec<u64>>, HashMap<u64, String>) {
    let tagged = with_tags(leads, folder);
    let rejects = folder.join("rejects.csv");
    let db = leadkit_core::open(folder.join("leads.db").to_str().unwrap()).unwrap();
    let options = ImportOptions {
        mapping: [("row".to_string(), ColumnTarget::Field("tags".into()))].into(),
        rejects: Rejects::Path(rejects.clone()),
        ..ImportOptions::default()
    };
    let report = db.import_leads(tagged.as_path(), options).unwrap();
    let mut stored = Vec::new();
    for lead in db.leads().iterate(&Filter::default(), FindOptions::default()).unwrap() {
        let tags = lead.unwrap().tags;
        stored.push(tags.iter().map(|tag| tag.parse().unwrap()).collect());
    }
    let mut rejected = HashMap::new();
    if report.rejected > 0 {
        for record in csv::Reader::from_path(rejects).unwrap().into_records() {
            let record = record.unwrap();
            let reason = record[2].rsplit('(').next().unwrap().trim_end_matches(')').to_string();
            rejected.insert(record[3].parse().unwrap(), reason);
        }
    }
    assert_eq!(stored.iter().map(Vec::len).sum::<usize>() + rejected.len(), report.rows as usize);
    (stored, rejected)
}

fn with_tags(leads: &Path, folder: &Path) -> PathBuf {
    let path = folder.join("leads.csv");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(leads).unwrap();
    let mut writer = csv::Writer::from_path(&path).unwrap();
    for (number, record) in reader.records().enumerate() {
        let mut record = record.unwrap();
        let tag = if number == 0 { "row".to_string() } else { record[0].to_string() };
        record.push_field(&tag);
        writer.write_record(&record).unwrap();
    }
    writer.flush().unwrap();
    path
}

/// Why rows of two people stand in one lead, by the likest two of them.
fn why_together(ids: &[u64], rows: &HashMap<u64, Row>) -> (String, u64, u64) {
    let mut best: Option<(String, u64, u64)> = None;
    for (i, a) in ids.iter().enumerate() {
        for b in &ids[i + 1..] {
            let (x, y) = (&rows[a], &rows[b]);
            if x.person == y.person {
                continue;
            }
            if x.key.is_some() && x.key == y.key {
                let family = if fold(&x.last) == fold(&y.last) { "equal" } else { "different" };
                let reason = match x.email.as_str() {
                    email if !is_role_address(email) && !is_household(email) => {
                        format!("{COLLISION}, given names {}, family name {family}", verdict(x, y))
                    }
                    email if is_role_address(email) => format!("role mailbox, family name {family}"),
                    _ => format!("given names {}, family name {family}", verdict(x, y)),
                };
                return (reason, *a, *b);
            }
            best.get_or_insert(("through a third row".into(), *a, *b));
        }
    }
    best.unwrap()
}

/// The generator draws personal addresses without looking whether they are taken: two strangers
/// with one address, whom no rule can tell from one person under two names.
const COLLISION: &str = "one personal address drawn for two people";

/// The generator's addresses for whole families.
fn is_household(email: &str) -> bool {
    ["family.", "the.", "home."].iter().any(|start| email.to_lowercase().starts_with(start))
}

/// True pairs with an equal email, and those of them that are not in one lead.
fn apart(
    rows: &HashMap<u64, Row>,
    stored: &[Vec<u64>],
    rejected: &HashMap<u64, String>,
    show: bool,
) -> (u64, Reasons) {
    let mut lead_of = HashMap::new();
    for (lead, ids) in stored.iter().enumerate() {
        lead_of.extend(ids.iter().map(|id| (*id, lead)));
    }
    let mut same: BTreeMap<(&str, &str), Vec<u64>> = BTreeMap::new();
    for (id, row) in rows {
        if let Some(key) = &row.key {
            same.entry((&row.person, key)).or_default().push(*id);
        }
    }
    let (mut pairs, mut reasons) = (0, Reasons::default());
    for mut ids in same.into_values() {
        ids.sort_unstable();
        for (i, a) in ids.iter().enumerate() {
            for b in &ids[i + 1..] {
                pairs += 1;
                let (x, y) = (&rows[a], &rows[b]);
                let reason = match (rejected.get(a).or(rejected.get(b)), lead_of.get(a) == lead_of.get(b)) {
                    (Some(code), _) => format!("rejected: {code}"),
                    (None, true) => continue,
                    (None, false) if is_role_address(&x.email) => "role mailbox, names not equal".into(),
                    (None, false) => format!("given names {}", verdict(x, y)),
                };
                let kind = if x.kind == "base" { &y.kind } else { &x.kind };
                reasons.add(reason, kind, || example(x, y, show));
            }
        }
    }
    (pairs, reasons)
}

fn verdict(a: &Row, b: &Row) -> &'static str {
    match compare_given(&a.first, &b.first) {
        GivenNames::Same => "the same",
        GivenNames::Compatible => "compatible",
        GivenNames::Different => "different",
        GivenNames::Unknown => "missing",
    }
}

fn fold(text: &str) -> String {
    leadkit_core::text::fold(text)
}

fn example(a: &Row, b: &Row, show: bool) -> String {
    let text = |row: &Row| format!("{} | {} | {}", row.first, row.last, row.email);
    let text = |row: &Row| if show { text(row) } else { mask(&text(row)) };
    format!("{} <> {} ({}, {})", text(a), text(b), a.kind, b.kind)
}

/// Counts by reason, and how the rows were made.
#[derive(Default)]
struct Reasons {
    total: u64,
    by: BTreeMap<String, (u64, BTreeMap<String, u64>, Vec<String>)>,
}

impl Reasons {
    fn add(&mut self, reason: String, kind: &str, example: impl FnOnce() -> String) {
        self.total += 1;
        let (count, kinds, examples) = self.by.entry(reason).or_default();
        *count += 1;
        *kinds.entry(kind.to_string()).or_default() += 1;
        if examples.len() < 5 {
            examples.push(example());
        }
    }

    fn print(&self) {
        let mut by: Vec<_> = self.by.iter().collect();
        by.sort_by_key(|(_, (count, ..))| std::cmp::Reverse(*count));
        for (reason, (count, kinds, examples)) in by {
            let kinds: Vec<String> = kinds.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
            println!("    {count:>6}  {reason}  [{}]", kinds.join(", "));
            examples.iter().for_each(|example| println!("            {example}"));
        }
    }

    fn counts(&self) -> BTreeMap<&str, u64> {
        self.by.iter().map(|(reason, (count, ..))| (reason.as_str(), *count)).collect()
    }
}
