//! Variants beside each other.

use std::collections::{BTreeMap, HashMap};

use super::intervals::{difference, quantile, share};
use super::success::{Successes, Survivors};
use super::tally::reaches;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::model::stats::{CompareBy, CompareOptions, Comparison, VariantFigures};
use crate::model::transport::Direction;
use crate::store::{Fact, FactQuery, Reader};

/// Compares variants by what became of the leads that they reached; see
/// [`crate::database::Comms::compare`].
///
/// # Errors
/// `invalid_argument` for a status, a confidence or a control that there is not; `invalid_filter`,
/// `unknown_field`; those of the store.
pub fn compare(session: &Session, options: &CompareOptions) -> Result<Comparison> {
    session.access()?.check_counted()?;
    let z = quantile(options.confidence)?;
    let filter = match &options.leads {
        Some(filter) => Some(session.query(filter, &[], false)?.filter),
        None => None,
    };
    let query = FactQuery { since: options.since, until: options.until, filter };
    session.store.reading(|reader| {
        let successes = Successes::read(session, reader, &options.converted, options.within_days)?;
        let leads = leads(reader, options, &query)?;
        let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
        let mut mixed = 0;
        for (id, lead) in &leads {
            let Some(variant) = &lead.variant else {
                mixed += 1;
                continue;
            };
            let counts = counts.entry(variant).or_default();
            counts.leads += 1;
            counts.answered += u64::from(lead.answered);
            counts.opted_out += u64::from(lead.opted_out);
            let converted = successes.as_ref().is_some_and(|successes| successes.follow(*id, lead.first));
            counts.converted += u64::from(converted);
        }
        let (name, control) = match &options.control {
            Some(name) => counts
                .get_key_value(name.as_str())
                .map(|(name, counts)| (*name, *counts))
                .ok_or_else(|| {
                    Error::new(ErrorCode::InvalidArgument, "no lead was reached by the control alone")
                        .at_field("control")
                })?,
            None => match counts.first_key_value() {
                Some((name, counts)) => (*name, *counts),
                None => return Ok(Comparison { variants: Vec::new(), mixed }),
            },
        };
        let figures = |of: &str, counts: Counts| {
            counts.figures(of, (of != name).then_some(control), z, successes.is_some())
        };
        let others = counts.iter().filter(|(other, _)| **other != name);
        let variants =
            [figures(name, control)].into_iter().chain(others.map(|(name, counts)| figures(name, *counts)));
        Ok(Comparison { variants: variants.collect(), mixed })
    })
}

/// What became of a lead.
struct Seen {
    /// The one variant that reached it; none where several did.
    variant: Option<String>,
    first: Timestamp,
    answered: bool,
    opted_out: bool,
}

/// The leads that contacts with a variant reached.
fn leads(reader: &dyn Reader, options: &CompareOptions, query: &FactQuery) -> Result<HashMap<i64, Seen>> {
    let survivors = Survivors::read(reader)?;
    let mut leads: HashMap<i64, Seen> = HashMap::new();
    reader.each_fact(query, &mut |fact| {
        let (Some(lead), Some(variant)) = (fact.lead, variant(options.by, fact)) else { return Ok(()) };
        let is = |wanted: &Option<String>, has: Option<&str>| wanted.is_none() || wanted.as_deref() == has;
        let meant = fact.direction == Direction::Outbound
            && reaches(fact.state)
            && (options.channels.is_empty() || options.channels.contains(&fact.channel))
            && is(&options.template, fact.template)
            && is(&options.campaign, fact.campaign);
        if !meant {
            return Ok(());
        }
        let seen = leads.entry(survivors.of(lead)).or_insert_with(|| Seen {
            variant: Some(variant.to_string()),
            first: fact.at(),
            answered: false,
            opted_out: false,
        });
        if seen.variant.as_deref() != Some(variant) {
            seen.variant = None;
        }
        seen.answered |= fact.answered_after.is_some();
        seen.opted_out |= fact.opted_out;
        Ok(())
    })?;
    Ok(leads)
}

fn variant<'a>(by: CompareBy, fact: &Fact<'a>) -> Option<&'a str> {
    match by {
        CompareBy::Variant => fact.variant,
        CompareBy::Template => fact.template,
        CompareBy::Campaign => fact.campaign,
        CompareBy::Channel => Some(fact.channel.as_str()),
        CompareBy::Owner => fact.owner,
    }
}

/// Leads of a variant.
#[derive(Clone, Copy, Default)]
struct Counts {
    leads: u64,
    answered: u64,
    opted_out: u64,
    converted: u64,
}

impl Counts {
    fn figures(self, name: &str, control: Option<Counts>, z: f64, successes: bool) -> VariantFigures {
        let of = |count: u64| share(count, self.leads, z);
        let differs = |count: fn(&Counts) -> u64| {
            control.and_then(|control| {
                difference((count(&self), self.leads), (count(&control), control.leads), z)
            })
        };
        VariantFigures {
            name: name.to_string(),
            leads: self.leads,
            answered: of(self.answered),
            opted_out: of(self.opted_out),
            converted: successes.then(|| of(self.converted)),
            answered_difference: differs(|counts| counts.answered),
            opted_out_difference: differs(|counts| counts.opted_out),
            converted_difference: if successes { differs(|counts| counts.converted) } else { None },
        }
    }
}
