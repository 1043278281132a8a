//! Reading and cleaning alone, on one thread and without a store, so that what is done for every
//! row can be counted: `valgrind --tool=callgrind target/release/clean 20000`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use leadkit_benches::{Stopwatch, leads_csv};
use leadkit_core::clean::Cleaner;
use leadkit_core::table::{FormatOptions, Records, Source};
use leadkit_core::validate::Rules;
use leadkit_core::{CancelToken, Lead, mapping};

fn main() {
    let rows = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000);
    // `print` says what came out, to compare two builds.
    let print = std::env::args().nth(2).is_some_and(|word| word == "print");
    let input = Source::Path(leads_csv(rows)).open(&CancelToken::default(), None).unwrap();
    let cleaner = cleaner(&input);
    let mut records = Records::open(&input, &FormatOptions::default()).unwrap();

    let watch = Stopwatch::start();
    let (mut drafts, mut sum) = (0, DefaultHasher::new());
    while let Some(batch) = records.next_batch(500).unwrap() {
        let batch = cleaner.clean(batch);
        drafts += batch.drafts.len();
        if print {
            format!("{:?} {:?}", batch.drafts, batch.slots).hash(&mut sum);
        }
    }
    let cost = watch.stop();
    println!("{drafts} rows, {:.2} us of processor a row", cost.cpu / drafts as f64 * 1e6);
    if print {
        println!("{:016x}", sum.finish());
    }
}

/// As an import without options makes it, but for the reserved domains of the generated file.
fn cleaner(input: &leadkit_core::table::Input) -> Cleaner {
    let mut records = Records::open(input, &FormatOptions::default()).unwrap();
    let sample = records.next_batch(1_000).unwrap().unwrap();
    let sample: Vec<Vec<&str>> = sample.iter().map(|row| row.iter().collect()).collect();
    let plan = mapping::plan(records.header(), &sample, &BTreeMap::new(), &[]).unwrap();
    let mut rules = Rules::new(Vec::new());
    rules.email.allow_reserved_domains = true;
    Cleaner::new(plan, rules, Lead::default(), Vec::new(), records.header().len(), &sample).unwrap()
}
