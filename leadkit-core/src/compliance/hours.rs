//! Hours of the week, as rules write them: `{"mon-fri": "10:00-13:00, 14:00-20:00", "sat": "9:00-17:00"}`.

use std::collections::BTreeMap;

use jiff::civil::Weekday;

/// Minutes of a day, from and until.
pub(super) type Span = (u16, u16);

/// A day's length, in minutes.
pub(super) const DAY: u16 = 24 * 60;

/// The spans in which contact is allowed, by day; days that are not named have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hours {
    days: [Vec<Span>; 7],
    /// None: a holiday is a day like others.
    holiday: Option<Vec<Span>>,
}

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Hours {
    /// Reads what a rule says; the error is what is wrong with it.
    pub(super) fn parse(written: &BTreeMap<String, String>) -> Result<Hours, String> {
        let mut hours = Hours::default();
        for (days, text) in written {
            let spans = spans(text)?;
            if days == "holiday" {
                hours.holiday = Some(spans);
                continue;
            }
            for day in days_named(days).ok_or_else(|| {
                format!("`{days}` is no day; write mon, sat, mon-fri, sat-sun, daily or holiday")
            })? {
                if let Some(of_day) = hours.days.get_mut(day) {
                    of_day.extend_from_slice(&spans);
                    of_day.sort_unstable();
                }
            }
        }
        Ok(hours)
    }

    /// All of the day but from one time until another, past midnight if that is earlier.
    pub(super) fn all_but(from: u16, until: u16) -> Hours {
        let spans = match from.cmp(&until) {
            std::cmp::Ordering::Less => vec![(0, from), (until, DAY)],
            std::cmp::Ordering::Equal => vec![(0, DAY)],
            std::cmp::Ordering::Greater => vec![(until, from)],
        };
        Hours { days: std::array::from_fn(|_| spans.clone()), holiday: None }
    }

    /// Whether holidays differ from other days.
    pub(super) fn knows_holidays(&self) -> bool {
        self.holiday.is_some()
    }

    /// The spans of a day.
    pub(super) fn of(&self, day: Weekday, holiday: bool) -> &[Span] {
        match (&self.holiday, holiday) {
            (Some(spans), true) => spans,
            _ => self
                .days
                .get(usize::from(day.to_monday_zero_offset().unsigned_abs()))
                .map_or(&[], Vec::as_slice),
        }
    }
}

/// Minutes of the day of a text such as `9:00` or `24:00`.
pub(super) fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(hour) || !digits(minute) || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let at = hour * 60 + minute;
    (minute < 60 && at <= DAY).then_some(at)
}

/// Spans as text, for people to read.
pub(super) fn shown(spans: &[Span]) -> String {
    let time = |at: u16| format!("{:02}:{:02}", at / 60, at % 60);
    let each: Vec<String> =
        spans.iter().map(|(from, until)| format!("{}-{}", time(*from), time(*until))).collect();
    each.join(", ")
}

fn spans(text: &str) -> Result<Vec<Span>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let each = parts.map(|part| {
        let span = part.split_once('-').and_then(|(from, until)| Some((minute(from)?, minute(until)?)));
        match span {
            Some((from, until)) if from < until => Ok((from, until)),
            _ => Err(format!("`{part}` is no span of hours; write 9:00-20:00")),
        }
    });
    each.collect()
}

fn days_named(text: &str) -> Option<std::ops::RangeInclusive<usize>> {
    let at = |name: &str| NAMES.iter().position(|day| *day == name);
    match text.split_once('-') {
        None if text == "daily" => Some(0..=6),
        None => at(text).map(|day| day..=day),
        Some((from, until)) => Some(at(from)?..=at(until)?).filter(|days| !days.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Hours, String> {
        Hours::parse(&pairs.iter().map(|(day, text)| (day.to_string(), text.to_string())).collect())
    }

    #[test]
    fn hours_are_read_by_day() {
        let hours = parse(&[("mon-fri", "14:00-20:00, 10:00-13:00"), ("sat", "9:00-24:00"), ("holiday", "")])
            .unwrap();
        assert_eq!(shown(hours.of(Weekday::Friday, false)), "10:00-13:00, 14:00-20:00");
        assert_eq!(hours.of(Weekday::Saturday, false), [(540, 1440)]);
        assert_eq!(hours.of(Weekday::Sunday, false), []);
        assert_eq!(hours.of(Weekday::Monday, true), []);
        let daily = parse(&[("daily", "8:00-21:00")]).unwrap();
        assert_eq!(daily.of(Weekday::Sunday, true), [(480, 1260)]);
    }

    #[test]
    fn wrong_hours_are_refused() {
        for (day, text) in [
            ("monday", "8:00-9:00"),
            ("fri-mon", "8:00-9:00"),
            ("mon", "8-9"),
            ("mon", "9:00-8:00"),
            ("mon", "9:00-9:00"),
            ("mon", "8:60-9:00"),
            ("mon", "20:00-24:01"),
            ("mon", "+8:00-9:00"),
        ] {
            assert!(parse(&[(day, text)]).is_err(), "{day} {text}");
        }
    }

    #[test]
    fn quiet_hours_may_pass_midnight() {
        assert_eq!(Hours::all_but(21 * 60, 8 * 60).of(Weekday::Monday, false), [(480, 1260)]);
        assert_eq!(Hours::all_but(720, 840).of(Weekday::Monday, true), [(0, 720), (840, 1440)]);
    }
}
