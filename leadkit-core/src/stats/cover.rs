//! A piece of the history, as counts where they are right and as contacts where they are not.

use super::calendar::{DAY, Pieces, hours, month_of};
use super::counts::Stored;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::stats::Part;
use crate::store::{Fact, FactQuery, HOUR, Reader, Span, hour_of};

/// Which piece of the history is gone through.
pub(super) struct Cover<'a> {
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    /// What must be known of the contacts.
    pub(super) part: Part,
    /// Pieces of time that must not be mixed.
    pub(super) pieces: Option<&'a Pieces>,
}

/// Counts from an instant on, or a contact.
pub(super) enum Found<'a> {
    Counts(Timestamp, &'a Stored),
    Fact(&'a Fact<'a>),
}

impl Cover<'_> {
    /// Calls `each` with all contacts of the piece, each once: as months and days as long as these are
    /// whole and unchanged, as hours around them, and one by one in hours that have changed or are not
    /// whole.
    pub(super) fn walk(
        &self,
        reader: &dyn Reader,
        each: &mut dyn FnMut(Found<'_>) -> Result<()>,
    ) -> Result<()> {
        let Some((first, last)) = reader.first_and_last_place()? else { return Ok(()) };
        let (first, last) = (hour_of(first) * HOUR, (hour_of(last) + 1) * HOUR);
        let from = self.since.map_or(first, |since| since.0.max(first));
        let until = self.until.map_or(last, |until| until.0.min(last));
        if from >= until {
            return Ok(());
        }
        let (begin, end) =
            (from.div_euclid(HOUR) + i64::from(from.rem_euclid(HOUR) > 0), until.div_euclid(HOUR));
        if begin >= end {
            return facts(reader, from, until, each);
        }
        let plan = Plan { changed: reader.changed_hours(u64::MAX)?, cover: self, steps: Vec::new() };
        let steps = plan.of(begin, end);
        facts(reader, from, begin * HOUR, each)?;
        for Step { span, from, until } in steps {
            let Some(span) = span else {
                facts(reader, from * HOUR, until * HOUR, each)?;
                continue;
            };
            let part = if span == Span::Hour { Part::All } else { self.part };
            reader.each_count(span, part, from, until, &mut |start, bytes| {
                each(Found::Counts(Timestamp(hours(span, start).0 * HOUR), &Stored::read(bytes)?))
            })?;
        }
        facts(reader, end * HOUR, until, each)
    }
}

fn facts(
    reader: &dyn Reader,
    from: i64,
    until: i64,
    each: &mut dyn FnMut(Found<'_>) -> Result<()>,
) -> Result<()> {
    if from >= until {
        return Ok(());
    }
    let query =
        FactQuery { since: Some(Timestamp(from)), until: Some(Timestamp(until)), ..FactQuery::default() };
    reader.each_fact(&query, &mut |fact| each(Found::Fact(fact)))
}

/// Spans that are read at once; of hours as contacts where there is no span.
struct Step {
    span: Option<Span>,
    from: i64,
    until: i64,
}

struct Plan<'a> {
    changed: Vec<i64>,
    cover: &'a Cover<'a>,
    steps: Vec<Step>,
}

impl Plan<'_> {
    fn of(mut self, begin: i64, end: i64) -> Vec<Step> {
        let mut hour = begin;
        while hour < end {
            let month = month_of(hour.div_euclid(DAY));
            let (from, until) = hours(Span::Month, month);
            // All at once is kept of days at most.
            if self.cover.part != Part::All && from == hour && until <= end && self.right(from, until) {
                self.add(Some(Span::Month), month);
            } else {
                self.days(hour, until.min(end));
            }
            hour = until;
        }
        self.steps
    }

    fn days(&mut self, begin: i64, end: i64) {
        let mut hour = begin;
        while hour < end {
            let day = hour.div_euclid(DAY);
            let (from, until) = hours(Span::Day, day);
            if from == hour && until <= end && self.right(from, until) {
                self.add(Some(Span::Day), day);
            } else {
                for hour in hour..until.min(end) {
                    let right = self.right(hour, hour + 1);
                    self.add(right.then_some(Span::Hour), hour);
                }
            }
            hour = until;
        }
    }

    /// Whether nothing has changed in some hours, and all of them are of one piece.
    fn right(&self, from: i64, until: i64) -> bool {
        let place = self.changed.partition_point(|hour| *hour < from);
        self.changed.get(place).is_none_or(|hour| *hour >= until)
            && self.cover.pieces.is_none_or(|pieces| pieces.hold(from, until))
    }

    fn add(&mut self, span: Option<Span>, number: i64) {
        match self.steps.last_mut() {
            Some(last) if last.span == span && last.until == number => last.until += 1,
            _ => self.steps.push(Step { span, from: number, until: number + 1 }),
        }
    }
}
