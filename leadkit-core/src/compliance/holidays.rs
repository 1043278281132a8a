//! Holidays, by rules that hold for every year.

use jiff::Span;
use jiff::civil::{Date, Weekday, date};

use crate::model::legal::Holiday;

/// When a holiday is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Day {
    base: Base,
    moved: i16,
    observed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Base {
    Once(Date),
    Yearly { month: i8, day: i8 },
    Nth { weekday: Weekday, nth: i8, month: i8 },
    Easter,
}

impl Day {
    /// Reads [`Holiday::on`].
    pub(super) fn parse(holiday: &Holiday) -> Option<Day> {
        let mut words: Vec<&str> = holiday.on.split_whitespace().collect();
        let moved = match words.last() {
            Some(last) if words.len().is_multiple_of(2) && last.starts_with(['+', '-']) => {
                let moved = last.parse().ok()?;
                words.pop();
                moved
            }
            _ => 0,
        };
        let base = match words.as_slice() {
            ["easter"] => Base::Easter,
            [day] => match day.parse::<Date>() {
                Ok(date) => Base::Once(date),
                // A leap year, so that the 29th of February can be written.
                Err(_) => {
                    let date: Date = format!("2024-{day}").parse().ok()?;
                    Base::Yearly { month: date.month(), day: date.day() }
                }
            },
            [weekday, nth, month] => {
                let (nth, month) = (nth.parse().ok()?, month.parse().ok()?);
                date(2024, 1, 1)
                    .with()
                    .month(month)
                    .build()
                    .ok()?
                    .nth_weekday_of_month(nth, self::weekday(weekday)?)
                    .ok()?;
                Base::Nth { weekday: self::weekday(weekday)?, nth, month }
            }
            _ => return None,
        };
        Some(Day { base, moved, observed: holiday.observed })
    }

    /// Whether a date is this holiday.
    pub(super) fn is(&self, day: Date) -> bool {
        // Moved by up to some weeks, it may be that of the neighbouring year.
        let years = day.year().saturating_sub(1)..=day.year().saturating_add(1);
        years.filter_map(|year| self.in_year(year)).any(|holiday| {
            holiday == day
                || self.observed
                    && match holiday.weekday() {
                        Weekday::Saturday => [-1, 2].iter().any(|by| moved(holiday, *by) == Some(day)),
                        Weekday::Sunday => moved(holiday, 1) == Some(day),
                        _ => false,
                    }
        })
    }

    fn in_year(&self, year: i16) -> Option<Date> {
        let base = match self.base {
            Base::Once(date) => Some(date).filter(|date| date.year() == year),
            Base::Yearly { month, day } => Date::new(year, month, day).ok(),
            Base::Nth { weekday, nth, month } => {
                Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok()
            }
            Base::Easter => easter(year),
        };
        moved(base?, self.moved)
    }
}

fn moved(date: Date, days: i16) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

/// Easter Sunday of the Gregorian calendar: the first Sunday after the full moon of the calendar on
/// or after the 21st of March.
fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let century = year / 100;
    // The moon's age at the start of the year, corrected for leap days left out and for its drift.
    let epact = (11 * (year % 19) + 8 - century + century / 4 + (8 * century + 13) / 25).rem_euclid(30);
    // Two dates that the calendar avoids.
    let epact = if epact == 24 || epact == 25 && year % 19 > 10 { epact + 1 } else { epact };
    let days_to_full_moon = (53 - epact).rem_euclid(30);
    let full_moon =
        moved(Date::new(i16::try_from(year).ok()?, 3, 21).ok()?, i16::try_from(days_to_full_moon).ok()?)?;
    full_moon.nth_weekday(1, Weekday::Sunday).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(on: &str, observed: bool) -> Day {
        let holiday =
            Holiday { country: "US".into(), state: None, name: "x".into(), on: on.into(), observed };
        Day::parse(&holiday).unwrap()
    }

    #[test]
    fn easter_is_on_its_sundays() {
        for (year, month, of_month) in [
            (1818, 3, 22),
            (1943, 4, 25),
            (1954, 4, 18),
            (1981, 4, 19),
            (2000, 4, 23),
            (2019, 4, 21),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
            (2049, 4, 18),
            (2076, 4, 19),
            (2285, 3, 22),
        ] {
            assert_eq!(easter(year), Some(date(year, month, of_month)), "{year}");
        }
    }

    #[test]
    fn holidays_are_found_by_their_rules() {
        for (on, year, month, of_month) in [
            ("12-25", 2026, 12, 25),
            ("2026-11-03", 2026, 11, 3),
            ("mon 3 01", 2026, 1, 19),
            ("mon -1 05", 2026, 5, 25),
            ("thu 4 11", 2026, 11, 26),
            ("mon 1 11 +1", 2026, 11, 3),
            ("easter -2", 2026, 4, 3),
            ("easter +1", 2026, 4, 6),
            ("easter", 2026, 4, 5),
            ("12-31 +1", 2027, 1, 1),
        ] {
            assert!(day(on, false).is(date(year, month, of_month)), "{on}");
            assert!(!day(on, false).is(date(year, month, of_month).tomorrow().unwrap()), "{on}");
        }
        assert!(!day("2026-11-03", false).is(date(2027, 11, 3)));
        // The 4th of July 2026 is a Saturday, that of 2027 a Sunday.
        assert!(day("07-04", true).is(date(2026, 7, 3)) && day("07-04", true).is(date(2026, 7, 6)));
        assert!(day("07-04", true).is(date(2027, 7, 5)) && !day("07-04", true).is(date(2027, 7, 2)));
        assert!(!day("07-04", false).is(date(2026, 7, 3)));
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for on in [
            "",
            "13-01",
            "02-30",
            "mon 6 01",
            "foo 1 01",
            "mon 0 01",
            "mon 1 13",
            "easter 1",
            "easter +x",
            "1 2 3 4 5",
        ] {
            let holiday = Holiday {
                country: "US".into(),
                state: None,
                name: "x".into(),
                on: on.into(),
                observed: false,
            };
            assert_eq!(Day::parse(&holiday), None, "{on}");
        }
    }
}
