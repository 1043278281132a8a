//! Counts follow the contacts: hours that have changed are counted anew, then their days and months.

use std::collections::BTreeSet;

use super::calendar::{Clocks, DAY, hours, month_of};
use super::counts::{Counts, Stored};
use crate::clock::Timestamp;
use crate::error::{ErrorCode, Result};
use crate::ledger::Session;
use crate::model::stats::Part;
use crate::store::{FactQuery, HOUR, Reader, Span, Writer, hour_of};

/// Hours that are counted anew in one transaction, so that others can write in between.
const AT_ONCE: u64 = 800;

/// Spans with what is counted of each; none of nothing.
pub(super) type Counted = Vec<(i64, Option<Vec<u8>>)>;

/// Counts anew what has changed, as far as the database lets: who only reads, or finds somebody writing,
/// counts the hours that have changed as they are read.
pub(super) fn fold(session: &Session) -> Result<()> {
    if session.store.check_writable().is_err() {
        return Ok(());
    }
    // Not until nothing has changed: somebody may write all the time.
    let changed = session.store.reading(|reader| reader.changed_hours(u64::MAX))?.len() as u64;
    for _ in 0..changed.div_ceil(AT_ONCE) {
        match session.store.writing(|writer| fold_some(writer)) {
            Err(error) if error.error_code() == ErrorCode::Busy => return Ok(()),
            result => result?,
        }
    }
    Ok(())
}

/// Counts the first hours that have changed anew.
pub(super) fn fold_some(writer: &dyn Writer) -> Result<()> {
    let changed = writer.changed_hours(AT_ONCE)?;
    let mut clocks = Clocks::default();
    for run in changed.chunk_by(|a, b| *a + 1 == *b) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let counts = count_hours(writer, *first, *last + 1, &mut clocks)?;
        writer.put_counts(Span::Hour, Part::All, &counts)?;
    }
    let days: BTreeSet<i64> = changed.iter().map(|hour| hour.div_euclid(DAY)).collect();
    for day in &days {
        for (part, counts) in count_day(writer, *day)? {
            writer.put_counts(Span::Day, part, &[(*day, counts)])?;
        }
    }
    let months: BTreeSet<i64> = days.iter().map(|day| month_of(*day)).collect();
    for month in &months {
        for part in parts_of(Span::Month) {
            writer.put_counts(Span::Month, part, &[(*month, count_month(writer, *month, part)?)])?;
        }
    }
    writer.unmark_hours(&changed)
}

/// The parts that are kept of a span.
pub(super) fn parts_of(span: Span) -> impl Iterator<Item = Part> {
    Part::ALL.into_iter().filter(move |part| match span {
        Span::Hour => *part == Part::All,
        Span::Day => true,
        Span::Month => *part != Part::All,
    })
}

/// Counts of some hours, by the contacts.
pub(super) fn count_hours(
    reader: &dyn Reader,
    from: i64,
    until: i64,
    clocks: &mut Clocks,
) -> Result<Counted> {
    let query = FactQuery {
        since: Some(Timestamp(from * HOUR)),
        until: Some(Timestamp(until * HOUR)),
        ..FactQuery::default()
    };
    let mut counted: Counted = (from..until).map(|hour| (hour, None)).collect();
    let (mut hour, mut counts) = (from, Counts::default());
    let mut keep = |hour: i64, counts: &Counts| {
        if let Some((_, kept)) = usize::try_from(hour - from).ok().and_then(|place| counted.get_mut(place)) {
            *kept = counts.stored(Part::All);
        }
    };
    reader.each_fact(&query, &mut |fact| {
        let of = hour_of(fact.place);
        if of != hour {
            keep(hour, &std::mem::take(&mut counts));
            hour = of;
        }
        counts.add_fact(fact, clocks);
        Ok(())
    })?;
    keep(hour, &counts);
    Ok(counted)
}

/// Counts of a day by each part, by those of its hours.
pub(super) fn count_day(reader: &dyn Reader, day: i64) -> Result<Vec<(Part, Option<Vec<u8>>)>> {
    let (from, until) = hours(Span::Day, day);
    let counts = sum(reader, Span::Hour, Part::All, from, until)?;
    Ok(parts_of(Span::Day).map(|part| (part, counts.stored(part))).collect())
}

/// Counts of a month by a part, by those of its days.
pub(super) fn count_month(reader: &dyn Reader, month: i64, part: Part) -> Result<Option<Vec<u8>>> {
    let (from, until) = hours(Span::Month, month);
    Ok(sum(reader, Span::Day, part, from / DAY, until / DAY)?.stored(part))
}

fn sum(reader: &dyn Reader, span: Span, part: Part, from: i64, until: i64) -> Result<Counts> {
    let mut counts = Counts::default();
    reader.each_count(span, part, from, until, &mut |_, bytes| {
        counts.add_stored(&Stored::read(bytes)?);
        Ok(())
    })?;
    Ok(counts)
}
