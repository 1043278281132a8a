//! A host's own hours by the clock of one zone: when they are open.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::clocks::{Clock, Search};
use super::holidays::Day;
use super::hours::Hours;
use super::rules::{ELSEWHERE, Law, invalid};
use super::window::{FactSource, quiet_law};
use crate::error::Result;
use crate::model::legal::{Holiday, QuietHours};

/// Days to look ahead: a leap year of holidays is found to be closed for good.
const HORIZON: i32 = 367;

/// Hours of business less quiet hours, in one zone.
pub(crate) struct Opening {
    laws: Vec<Law>,
    holidays: Vec<Day>,
    clocks: Vec<Clock>,
}

impl Opening {
    /// Reads the hours by day and the holidays of a calendar, and quiet hours. `zone` is a name of the time
    /// zone database.
    pub(crate) fn read(
        calendar: Option<(&BTreeMap<String, String>, &[String])>,
        quiet: Option<&QuietHours>,
        zone: &str,
    ) -> Result<Opening> {
        let mut opening = Opening { laws: Vec::new(), holidays: Vec::new(), clocks: Vec::new() };
        if let Some((hours, holidays)) = calendar {
            let mut hours = hours.clone();
            hours.entry("holiday".into()).or_default();
            let hours = Hours::parse(&hours).map_err(|why| invalid("calendar.hours", why))?;
            opening.laws.push(Law::of_host("calendar", hours));
            for on in holidays {
                opening.holidays.push(holiday(on)?);
            }
        }
        if let Some(quiet) = quiet {
            opening.laws.push(quiet_law(quiet).map_err(|error| error.at_field("quiet"))?);
        }
        opening.clocks.extend(Clock::new(zone, FactSource::Lead));
        Ok(opening)
    }

    /// Whether there are neither hours nor quiet ones: it is open always.
    pub(crate) fn is_always(&self) -> bool {
        self.laws.is_empty()
    }

    /// Whether it is open at an instant.
    pub(crate) fn is_open(&self, at: Timestamp) -> bool {
        self.search(|search, laws| laws.iter().all(|law| search.verdict(law, at).0))
    }

    /// The first instant from `at` on that is open; none when a year has none.
    pub(crate) fn next(&self, at: Timestamp) -> Option<Timestamp> {
        self.search(|search, _| search.next_legal(at, HORIZON))
    }

    fn search<T>(&self, look: impl Fn(&Search<'_>, &[&Law]) -> T) -> T {
        let laws: Vec<&Law> = self.laws.iter().collect();
        let is_holiday = |day: Date| self.holidays.iter().any(|holiday| holiday.is(day));
        look(&Search::new(&laws, &self.clocks, &is_holiday), &laws)
    }
}

fn holiday(on: &str) -> Result<Day> {
    let holiday = Holiday {
        country: ELSEWHERE.into(),
        state: None,
        name: String::new(),
        on: on.into(),
        observed: false,
    };
    Day::parse(&holiday).ok_or_else(|| {
        invalid("calendar.holidays", format!("`{on}` is no day of a year"))
            .hint("write 12-25, 2026-11-03, `mon 3 01` or `easter +1`")
    })
}
