//! The counts beside the contacts themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar::{Clocks, DAY, hours, month_of, shown};
use super::counts::Stored;
use super::fold::{Counted, count_day, count_hours, count_month, fold, parts_of};
use crate::error::{ErrorCode, Result};
use crate::ledger::Session;
use crate::model::stats::{CheckStatsOptions, Part, StatsCheck};
use crate::store::{Reader, Span, hour_of};

/// Counts that are told as examples.
const EXAMPLES: usize = 20;

/// Counts all contacts anew and compares; see [`crate::database::Comms::check_stats`].
///
/// # Errors
/// `read_only` where it is to mend and may not; those of the store.
pub fn check(session: &Session, options: &CheckStatsOptions) -> Result<StatsCheck> {
    session.access()?.check_counted()?;
    if options.mend {
        session.store.check_writable()?;
    }
    fold(session)?;
    let (mut found, wrong) = session.store.reading(|reader| compare(reader))?;
    if options.mend && !wrong.is_empty() {
        session.store.writing(|writer| {
            for (span, part, number) in &wrong {
                writer.put_counts(*span, *part, &[(*number, None)])?;
                // The first hour brings its day and month with it.
                let (first, until) = hours(*span, *number);
                let all: Vec<i64> = if *span == Span::Hour { (first..until).collect() } else { vec![first] };
                writer.mark_hours(&all)?;
            }
            Ok(())
        })?;
        fold(session)?;
        found.mended = true;
    }
    Ok(found)
}

type Wrong = Vec<(Span, Part, i64)>;

fn compare(reader: &dyn Reader) -> Result<(StatsCheck, Wrong)> {
    let (mut found, mut wrong) = (StatsCheck::default(), Wrong::new());
    let changed: BTreeSet<i64> = reader.changed_hours(u64::MAX)?.into_iter().collect();
    let mut months: BTreeSet<i64> = BTreeSet::new();
    if let Some((first, last)) = reader.first_and_last_place()? {
        let of = |place: i64| month_of(hour_of(place).div_euclid(DAY));
        months.extend(of(first)..=of(last));
    }
    // Counts of where no contact is any more.
    for span in Span::ALL {
        for part in Part::ALL {
            reader.each_count(span, part, i64::MIN, i64::MAX, &mut |number, _| {
                months.insert(month_of(hours(span, number).0.div_euclid(DAY)));
                Ok(())
            })?;
        }
    }
    let mut clocks = Clocks::default();
    for month in months {
        let (from, until) = hours(Span::Month, month);
        let right = count_hours(reader, from, until, &mut clocks)?;
        for (_, counts) in &right {
            let Some(counts) = counts else { continue };
            found.hours += 1;
            Stored::read(counts)?.each(|_, measures| found.contacts += measures.contacts);
        }
        let mut differ = |span: Span, part: Part, right: Counted, from: i64, until: i64| {
            let mut stored: BTreeMap<i64, Vec<u8>> = BTreeMap::new();
            reader.each_count(span, part, from, until, &mut |number, bytes| {
                stored.insert(number, bytes.to_vec());
                Ok(())
            })?;
            for (number, right) in right {
                // What has changed meanwhile is counted when somebody asks.
                let waits = span == Span::Hour && changed.contains(&number);
                if !waits && stored.get(&number) != right.as_ref() {
                    wrong.push((span, part, number));
                }
            }
            Ok::<(), crate::error::Error>(())
        };
        differ(Span::Hour, Part::All, right, from, until)?;
        let mut days: BTreeMap<Part, Counted> = BTreeMap::new();
        for day in from / DAY..until / DAY {
            for (part, counts) in readable(count_day(reader, day))?.unwrap_or_default() {
                days.entry(part).or_default().push((day, counts));
            }
        }
        for (part, right) in days {
            differ(Span::Day, part, right, from / DAY, until / DAY)?;
        }
        for part in parts_of(Span::Month) {
            let right = readable(count_month(reader, month, part))?.flatten();
            differ(Span::Month, part, vec![(month, right)], month, month + 1)?;
        }
    }
    let example =
        |(span, part, number): &(Span, Part, i64)| format!("{} by {}", shown(*span, *number), part.as_str());
    found.wrong = wrong.len() as u64;
    found.examples = wrong.iter().take(EXAMPLES).map(example).collect();
    Ok((found, wrong))
}

/// None for counts that are made of others which cannot be read: these are told, and mended first.
fn readable<T>(counted: Result<T>) -> Result<Option<T>> {
    match counted {
        Err(error) if error.error_code() == ErrorCode::Corrupt => Ok(None),
        result => result.map(Some),
    }
}
