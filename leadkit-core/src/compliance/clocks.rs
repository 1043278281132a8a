//! Clocks of several zones under several laws: when all of them agree.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span as Days, Timestamp};

use super::hours::Span;
use super::rules::Law;
use super::window::{FactSource, ZoneFact};

/// A time zone that somebody may be in.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    name: String,
    zone: TimeZone,
    from: FactSource,
}

impl Clock {
    /// None for a name that the time zone database does not have.
    pub(super) fn new(name: &str, from: FactSource) -> Option<Clock> {
        let zone = jiff::tz::db().get(name).ok()?;
        Some(Clock { name: name.into(), zone, from })
    }

    /// Whether two zones show the same time, now and in each month of the coming year.
    pub(super) fn agrees(&self, other: &Clock, at: Timestamp) -> bool {
        let same = |at: Timestamp| self.zone.to_offset(at) == other.zone.to_offset(at);
        let month = |n: i64| at.checked_add(SignedDuration::from_hours(24 * 30 * n)).ok();
        self.name == other.name || (0..=12).filter_map(month).all(same)
    }

    pub(super) fn shown(&self, at: Timestamp) -> ZoneFact {
        let local = self.zone.to_datetime(at);
        let local = local
            .time()
            .with()
            .subsec_nanosecond(0)
            .build()
            .map_or(local, |time| local.date().to_datetime(time));
        ZoneFact { time_zone: self.name.clone(), local_time: local.to_string(), from: self.from }
    }
}

/// Looks for instants that all laws allow on all clocks.
pub(super) struct Search<'a> {
    laws: &'a [&'a Law],
    clocks: &'a [Clock],
    is_holiday: &'a dyn Fn(Date) -> bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        laws: &'a [&'a Law],
        clocks: &'a [Clock],
        is_holiday: &'a dyn Fn(Date) -> bool,
    ) -> Self {
        Search { laws, clocks, is_holiday }
    }

    /// The first instant from `at` on that everything allows, within some days.
    ///
    /// Whatever forbids an instant names the next one that it allows; none earlier can be legal. So
    /// the latest of these is looked at next, until nothing forbids.
    pub(super) fn next_legal(&self, at: Timestamp, days: i32) -> Option<Timestamp> {
        let end = at.checked_add(SignedDuration::from_hours(24 * i64::from(days))).ok()?;
        let mut found = at;
        loop {
            let before = found;
            for (law, clock) in self.pairs() {
                found = self.change(law, clock, found, true, end)?;
            }
            if found == before {
                return Some(found);
            }
        }
    }

    /// The first instant after a legal one that something forbids, within some days.
    pub(super) fn legal_until(&self, legal: Timestamp, days: i32) -> Option<Timestamp> {
        let mut end = legal.checked_add(SignedDuration::from_hours(24 * i64::from(days))).ok()?;
        let mut found = None;
        for (law, clock) in self.pairs() {
            if let Some(earlier) = self.change(law, clock, legal, false, end) {
                (end, found) = (earlier, Some(earlier));
            }
        }
        found
    }

    /// Whether a law allows an instant on all clocks, and its spans of that day: those of a clock by
    /// which it does not, if there is one.
    pub(super) fn verdict(&self, law: &'a Law, at: Timestamp) -> (bool, &'a [Span]) {
        let forbids = self.clocks.iter().find(|clock| !self.allows(law, clock, at));
        let spans = match forbids.or(self.clocks.first()) {
            Some(clock) => self.spans(law, clock.zone.to_datetime(at).date()),
            None => &[],
        };
        (forbids.is_none() && !self.clocks.is_empty(), spans)
    }

    fn pairs(&self) -> impl Iterator<Item = (&'a Law, &'a Clock)> {
        let clocks = self.clocks;
        self.laws.iter().flat_map(move |law| clocks.iter().map(move |clock| (*law, clock)))
    }

    fn spans(&self, law: &'a Law, day: Date) -> &'a [Span] {
        let holiday = law.hours.knows_holidays() && (self.is_holiday)(day);
        law.hours.of(day.weekday(), holiday)
    }

    fn allows(&self, law: &'a Law, clock: &Clock, at: Timestamp) -> bool {
        let local = clock.zone.to_datetime(at);
        let minute = local.hour().unsigned_abs() as u16 * 60 + local.minute().unsigned_abs() as u16;
        !law.holds(local.date())
            || self.spans(law, local.date()).iter().any(|(from, until)| (*from..*until).contains(&minute))
    }

    /// The first instant from `at` on, and not after `end`, at which a law's answer on a clock is the
    /// wanted one.
    ///
    /// It changes where a span begins or ends, at midnight, and where the clock is put forward or
    /// back: an hour that comes twice has both its borders looked at.
    fn change(
        &self,
        law: &'a Law,
        clock: &Clock,
        at: Timestamp,
        wanted: bool,
        end: Timestamp,
    ) -> Option<Timestamp> {
        if self.allows(law, clock, at) == wanted {
            return Some(at);
        }
        let mut day = clock.zone.to_datetime(at).date();
        let mut shifts = clock.zone.following(at).map(|shift| shift.timestamp()).peekable();
        loop {
            let mut instants = Vec::new();
            for minute in self.spans(law, day).iter().flat_map(|(from, until)| [*from, *until]).chain([0]) {
                // 24:00 is the next day's midnight.
                let Ok(hour) = i8::try_from(minute / 60) else { continue };
                let Ok(time) = Time::new(hour, (minute % 60) as i8, 0, 0) else { continue };
                let ambiguous = clock.zone.to_ambiguous_timestamp(day.to_datetime(time));
                instants.extend(ambiguous.earlier());
                instants.extend(ambiguous.later());
            }
            day = day.checked_add(Days::new().days(1)).ok()?;
            let next_day =
                clock.zone.to_ambiguous_timestamp(day.to_datetime(Time::midnight())).later().ok()?;
            while let Some(shift) = shifts.next_if(|shift| *shift < next_day) {
                instants.push(shift);
            }
            instants.sort_unstable();
            let mut later = instants.into_iter().filter(|instant| *instant > at);
            if let Some(found) = later.find(|instant| self.allows(law, clock, *instant) == wanted) {
                return Some(found).filter(|found| *found <= end);
            }
            if next_day > end {
                return None;
            }
        }
    }
}
