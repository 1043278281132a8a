//! The table of rules: whose hours they are, which, since when, and where that was read.

use std::sync::LazyLock;

use jiff::civil::Date;

use super::holidays::Day;
use super::hours::Hours;
use crate::error::{Error, ErrorCode, Result};
use crate::model::consent::{Channel, Purpose};
use crate::model::legal::{Certainty, Holiday, Rule, RuleTable};

/// The country of the rule that holds where no other does.
pub(super) const ELSEWHERE: &str = "*";

/// A checked table of rules: it decides at which hours somebody may be contacted.
///
/// ```
/// use leadkit_core::compliance::{Contact, LegalHours};
/// let lead = Contact { phone: Some("+13055550123".into()), ..Contact::default() };
/// let late = LegalHours::built_in().decide(&lead, "2026-07-01T00:30:00Z".parse()?)?;
/// // 20:30 in Miami: the nation's hours allow it, Florida's do not.
/// assert!(!late.allowed);
/// assert_eq!(late.next_legal, Some("2026-07-01T12:00:00Z".parse()?));
/// assert!(late.rules.iter().any(|rule| rule.id == "us-fl" && !rule.allows));
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LegalHours {
    table: RuleTable,
    pub(super) laws: Vec<Law>,
    pub(super) holidays: Vec<(Holiday, Day)>,
}

/// A rule that has been read.
#[derive(Clone, Debug)]
pub(super) struct Law {
    pub(super) rule: Rule,
    pub(super) hours: Hours,
    from: Option<Date>,
    until: Option<Date>,
}

impl LegalHours {
    /// leadkit's own table.
    pub fn built_in() -> &'static LegalHours {
        &BUILT_IN
    }

    /// Checks a table.
    ///
    /// # Errors
    /// `invalid_argument` for hours, days and dates that cannot be read, and for two rules of one name.
    ///
    /// ```
    /// use leadkit_core::compliance::{LegalHours, RuleTable};
    /// use leadkit_core::model::read::from_json;
    /// let table: RuleTable = from_json(serde_json::json!({"rules": [
    ///     {"id": "at", "country": "AT", "hours": {"mon-fri": "9-5"}, "source": "house rule"},
    /// ]}))?;
    /// let error = LegalHours::new(table).unwrap_err();
    /// assert_eq!(error.code(), "invalid_argument");
    /// assert!(error.to_string().contains("9:00-20:00"));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn new(table: RuleTable) -> Result<LegalHours> {
        let mut laws: Vec<Law> = Vec::with_capacity(table.rules.len());
        for rule in &table.rules {
            if laws.iter().any(|law| law.rule.id == rule.id) {
                return Err(invalid("rules", format!("there are two rules named `{}`", rule.id)));
            }
            laws.push(Law::read(rule)?);
        }
        let read = |holiday: &Holiday| match Day::parse(holiday) {
            Some(day) => Ok((holiday.clone(), day)),
            None => Err(invalid("holidays", format!("`{}` is no day of a year", holiday.on))
                .hint("write 12-25, 2026-11-03, `mon 3 01` or `easter +1`")),
        };
        let holidays = table.holidays.iter().map(read).collect::<Result<_>>()?;
        Ok(LegalHours { table, laws, holidays })
    }

    /// This table with another one's rules and holidays on top: rules of a name that is there already
    /// take that one's place, those named in `without` go, all else is added.
    ///
    /// # Errors
    /// As [`LegalHours::new`]; `invalid_argument` for a name in `without` that no rule has.
    ///
    /// ```
    /// use leadkit_core::compliance::{Contact, LegalHours, RuleTable};
    /// use leadkit_core::model::read::from_json;
    /// let own: RuleTable = from_json(serde_json::json!({
    ///     "version": "ours, 2026-12-01",
    ///     "rules": [{"id": "us-fl", "country": "US", "state": "FL", "hours": {"daily": "10:00-18:00"}, "source": "counsel"}],
    ///     "without": ["us-wy"],
    /// }))?;
    /// let hours = LegalHours::built_in().with(&own)?;
    /// let lead = Contact { phone: Some("+13055550123".into()), ..Contact::default() };
    /// assert!(!hours.decide(&lead, "2026-07-01T13:30:00Z".parse()?)?.allowed);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn with(&self, above: &RuleTable) -> Result<LegalHours> {
        let mut table = self.table.clone();
        for id in &above.without {
            let before = table.rules.len();
            table.rules.retain(|rule| rule.id != *id);
            if table.rules.len() == before {
                let near = crate::text::nearest(id, self.table.rules.iter().map(|rule| rule.id.as_str()));
                let error = invalid("without", format!("there is no rule `{id}`"));
                return Err(match near {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error,
                });
            }
        }
        // Two of one name are a slip; the check below finds them.
        table.rules.retain(|rule| above.rules.iter().all(|new| new.id != rule.id));
        table.rules.extend_from_slice(&above.rules);
        table.holidays.extend_from_slice(&above.holidays);
        if !above.version.is_empty() {
            table.version = format!("{} + {}", self.table.version, above.version);
        }
        LegalHours::new(table)
    }

    /// The table as it is written down.
    pub fn table(&self) -> &RuleTable {
        &self.table
    }
}

impl Law {
    /// A rule of the host's for all days.
    pub(super) fn of_host(id: &str, hours: Hours) -> Law {
        let rule = Rule {
            id: id.into(),
            country: ELSEWHERE.into(),
            source: "set by the host".into(),
            certainty: Certainty::Caution,
            ..Rule::default()
        };
        Law { rule, hours, from: None, until: None }
    }

    fn read(rule: &Rule) -> Result<Law> {
        let wrong = |what: String| invalid("rules", format!("rule `{}`: {what}", rule.id));
        let date = |text: &Option<String>| match text.as_deref().map(str::parse::<Date>) {
            None => Ok(None),
            Some(Ok(date)) => Ok(Some(date)),
            Some(Err(_)) => Err(wrong("its date is none".into()).hint("write 2026-01-31")),
        };
        let country = rule.country.as_str();
        if country != ELSEWHERE && !(country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase())) {
            return Err(wrong("its country is no alpha-2 code".into()).hint("write US, or * for the rest"));
        }
        Ok(Law {
            hours: Hours::parse(&rule.hours).map_err(wrong)?,
            from: date(&rule.effective_from)?,
            until: date(&rule.effective_until)?,
            rule: rule.clone(),
        })
    }

    /// Whether it speaks of this channel and purpose.
    pub(super) fn is_for(&self, channel: Channel, purpose: Purpose) -> bool {
        let rule = &self.rule;
        let purposes = if rule.purposes.is_empty() { &[Purpose::Marketing][..] } else { &rule.purposes };
        purposes.contains(&purpose) && (rule.channels.is_empty() || rule.channels.contains(&channel))
    }

    /// Whether it holds on a day.
    pub(super) fn holds(&self, day: Date) -> bool {
        self.from.is_none_or(|from| day >= from) && self.until.is_none_or(|until| day <= until)
    }
}

#[allow(clippy::expect_used, reason = "the table is part of the library, and any test of hours reads it")]
static BUILT_IN: LazyLock<LegalHours> = LazyLock::new(|| {
    let table: RuleTable =
        serde_json::from_str(include_str!("rules.json")).expect("the built-in rules are JSON");
    LegalHours::new(table).expect("the built-in rules can be read")
});

pub(super) fn invalid(field: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, message).at_field(field)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_built_in_rule_says_where_it_was_read() {
        let table = LegalHours::built_in().table();
        assert!(table.rules.len() > 30 && !table.version.is_empty());
        for rule in &table.rules {
            assert!(!rule.source.is_empty(), "{}", rule.id);
            assert!(rule.read_on.as_deref().is_some_and(|day| day.parse::<Date>().is_ok()), "{}", rule.id);
            assert!(rule.url.is_some() || rule.certainty == Certainty::Caution, "{}", rule.id);
        }
        assert!(table.rules.iter().any(|rule| rule.country == ELSEWHERE));
    }

    #[test]
    fn a_table_on_top_replaces_adds_and_removes() {
        let rule = |id: &str| Rule {
            id: id.into(),
            country: "US".into(),
            hours: [("daily".to_string(), "10:00-12:00".to_string())].into(),
            source: "counsel".into(),
            ..Rule::default()
        };
        let built_in = LegalHours::built_in();
        let all = built_in.table().rules.len();
        let above = RuleTable {
            version: "ours".into(),
            rules: vec![rule("us-fl"), rule("us-own")],
            without: vec!["us-wy".into()],
            ..RuleTable::default()
        };
        let both = built_in.with(&above).unwrap();
        assert_eq!(both.table().rules.len(), all);
        assert!(both.table().version.ends_with(" + ours"));
        let unknown = RuleTable { without: vec!["us-fi".into()], ..RuleTable::default() };
        assert!(built_in.with(&unknown).unwrap_err().to_string().contains("us-fl"));
        let twice = RuleTable { rules: vec![rule("a"), rule("a")], ..RuleTable::default() };
        assert_eq!(LegalHours::new(twice).unwrap_err().code(), "invalid_argument");
        for wrong in [
            Rule { country: "usa".into(), ..rule("x") },
            Rule { effective_from: Some("1.1.2026".into()), ..rule("x") },
            Rule { hours: [("mo".to_string(), String::new())].into(), ..rule("x") },
        ] {
            let table = RuleTable { rules: vec![wrong], ..RuleTable::default() };
            assert_eq!(LegalHours::new(table).unwrap_err().code(), "invalid_argument");
        }
    }

    #[test]
    fn rules_hold_between_their_days() {
        let rule = Rule {
            id: "x".into(),
            country: "US".into(),
            effective_from: Some("2026-01-01".into()),
            effective_until: Some("2026-12-31".into()),
            ..Rule::default()
        };
        let law = Law::read(&rule).unwrap();
        let holds = |day: &str| law.holds(day.parse().unwrap());
        assert!(holds("2026-01-01") && holds("2026-12-31"));
        assert!(!holds("2025-12-31") && !holds("2027-01-01"));
        assert!(
            law.is_for(Channel::Sms, Purpose::Marketing) && !law.is_for(Channel::Sms, Purpose::Informational)
        );
    }

    /// The guide's table has a line for every rule, and says what the rule says.
    #[test]
    fn the_guide_lists_every_rule() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/compliance.md");
        let guide = std::fs::read_to_string(path).unwrap();
        let table = LegalHours::built_in().table();
        let mut missing: Vec<String> = table.rules.iter().map(line).collect();
        missing.retain(|line| !guide.contains(line.as_str()));
        assert!(missing.is_empty(), "docs/compliance.md lacks:\n{}", missing.join("\n"));
        assert_eq!(guide.matches("\n| `").count(), table.rules.len());
        assert!(guide.contains(&table.version));
    }

    fn line(rule: &Rule) -> String {
        let place = [Some(rule.country.as_str()), rule.state.as_deref()].into_iter().flatten();
        let channels = rule.channels.iter().map(|channel| match channel {
            Channel::Voice => "calls",
            Channel::Sms => "messages",
        });
        let channels: Vec<&str> = channels.collect();
        let day = |day: &str| if day == "holiday" { "holidays".to_string() } else { day.to_string() };
        let hours = rule.hours.iter().map(|(days, hours)| match hours.as_str() {
            "" => format!("{} none", day(days)),
            hours => format!("{} {hours}", day(days)),
        });
        let source = match &rule.url {
            Some(url) => format!("[{}]({url})", rule.source),
            None => rule.source.clone(),
        };
        let cells = [
            format!("`{}`", rule.id),
            place.collect::<Vec<_>>().join(" "),
            if channels.is_empty() { "all".into() } else { channels.join(", ") },
            hours.collect::<Vec<_>>().join("; "),
            rule.effective_from.clone().unwrap_or_else(|| "in force when read".into()),
            source,
            rule.read_on.clone().unwrap_or_default(),
            serde_json::to_value(rule.certainty).unwrap().as_str().unwrap().to_string(),
            rule.note.clone().unwrap_or_default(),
        ];
        format!("| {} |", cells.join(" | "))
    }
}
