//! Single functions on the values of a generated file: `cargo bench -p leadkit-benches`, or one of
//! them by name, `cargo bench -p leadkit-benches -- phone`.
#![allow(missing_docs, clippy::unwrap_used, reason = "criterion makes the entry point")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leadkit_benches::leads_csv;
use leadkit_core::CancelToken;
use leadkit_core::normalize::{normalize_company, normalize_email, normalize_person, normalize_phone};
use leadkit_core::table::{FormatOptions, Records, Source};
use leadkit_core::text::{fold, fold_into};

/// Rows whose values are looked at, one after the other, so that no branch learns a single one.
const ROWS: u64 = 10_000;
/// Values of one measured call.
const VALUES: usize = 1_000;

/// One column of the file, the empty cells left out.
fn column(name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(leads_csv(ROWS)).unwrap();
    let at = reader.headers().unwrap().iter().position(|column| column == name).unwrap();
    let cells = reader.records().map(|record| record.unwrap()[at].to_string());
    cells.filter(|cell| !cell.is_empty()).take(VALUES).collect()
}

fn normalizers(c: &mut Criterion) {
    let mut group = c.benchmark_group("normalize");
    group.throughput(Throughput::Elements(VALUES as u64));
    let mut each = |name: &str, values: Vec<String>, work: &dyn Fn(&str)| {
        assert_eq!(values.len(), VALUES);
        group.bench_function(name, |b| b.iter(|| values.iter().for_each(|value| work(black_box(value)))));
    };
    each("phone", column("phone"), &|text| drop(black_box(normalize_phone(text, Some("DE")))));
    each("email", column("email"), &|text| drop(black_box(normalize_email(text))));
    each("company", column("company"), &|text| drop(black_box(normalize_company(text, None))));
    let people = column("first_name").into_iter().zip(column("last_name"));
    let people = people.map(|(first, last)| format!("Dr. {first} {last}")).collect();
    each("person", people, &|text| drop(black_box(normalize_person(text))));
    each("fold", column("city"), &|text| drop(black_box(fold(text))));
    let buffer = std::cell::RefCell::new(String::new());
    each("fold_into", column("street"), &|text| fold_into(text, black_box(&mut buffer.borrow_mut())));
    group.finish();
}

/// The same bytes by our parser and by the `csv` crate.
fn records(c: &mut Criterion) {
    let bytes = std::fs::read(leads_csv(ROWS)).unwrap();
    let input = Source::from(bytes.clone()).open(&CancelToken::default(), None).unwrap();
    let mut group = c.benchmark_group("records");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("leadkit", |b| {
        b.iter(|| {
            let mut records = Records::open(&input, &FormatOptions::default()).unwrap();
            let mut rows = 0;
            while let Some(batch) = records.next_batch(500).unwrap() {
                rows += black_box(batch).len();
            }
            assert_eq!(rows as u64, ROWS);
        })
    });
    group.bench_function("csv crate", |b| {
        b.iter(|| {
            let mut reader = csv::Reader::from_reader(bytes.as_slice());
            let mut record = csv::StringRecord::new();
            let mut rows = 0;
            while reader.read_record(&mut record).unwrap() {
                black_box(&record);
                rows += 1;
            }
            assert_eq!(rows, ROWS);
        })
    });
    group.finish();
}

criterion_group!(benches, normalizers, records);
criterion_main!(benches);
