//! What messages and calls cost, summed up.

use std::collections::{BTreeMap, HashMap};

use crate::error::Result;
use crate::ledger::{Session, message};
use crate::model::communication::{Communication, CommunicationState};
use crate::model::cost::{CostBy, CostOptions, CostReport, CostRow};
use crate::model::money::Money;
use crate::model::transport::Direction;
use crate::store::{CommunicationQuery, Reader};

/// Messages read at once.
const PAGE: u64 = 1_000;

/// Sums up what the provider took.
///
/// # Errors
/// Those of the store.
pub fn costs(session: &Session, options: &CostOptions) -> Result<CostReport> {
    session.store.reading(|reader| {
        let mut sums = Sums::default();
        let mut before = None;
        loop {
            let page = reader.communications(&CommunicationQuery {
                lead: options.lead,
                campaign: options.campaign.clone(),
                before,
                limit: PAGE,
                ..CommunicationQuery::default()
            })?;
            for message in page.iter().filter(|message| counts(message, options)) {
                sums.add(reader, message, options.by)?;
            }
            match page.last() {
                Some(last) if page.len() as u64 == PAGE => before = Some(last.id),
                _ => return Ok(sums.report()),
            }
        }
    })
}

/// Whether a message went out, or came in and was billed, within the time asked for.
fn counts(message: &Communication, options: &CostOptions) -> bool {
    let at = message.at;
    let taken = match message.direction {
        Direction::Outbound if message.state == CommunicationState::Logged => message.price.is_some(),
        Direction::Outbound => message.provider_id.is_some(),
        Direction::Inbound => message.price.is_some(),
    };
    taken && options.since.is_none_or(|since| at >= since) && options.until.is_none_or(|until| at < until)
}

/// By group and currency.
#[derive(Default)]
struct Sums {
    rows: BTreeMap<(Option<String>, Option<String>), Sum>,
    owners: HashMap<i64, Option<String>>,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    messages: u64,
    segments: u64,
    billed_segments: u64,
    billed: u64,
    predicted: i64,
    cost: i64,
    drift: i64,
}

impl Sums {
    fn add(&mut self, reader: &dyn Reader, message: &Communication, by: CostBy) -> Result<()> {
        let group = match by {
            CostBy::Month => Some(message.at.to_string().chars().take(7).collect()),
            CostBy::Lead => message.lead.map(|lead| lead.to_string()),
            CostBy::Owner => self.owner(reader, message.lead)?,
            CostBy::Template => message.template.clone(),
            CostBy::Campaign => message.campaign.clone(),
            CostBy::Country => message::country(&message.to),
            CostBy::Channel => Some(message.channel.as_str().to_string()),
        };
        let currency = message.price.as_ref().or(message.predicted.as_ref()).map(|m| m.currency.clone());
        let sum = self.rows.entry((group, currency.clone())).or_default();
        sum.messages += 1;
        sum.segments += u64::from(message.segments);
        sum.billed_segments += u64::from(message.billed_segments.unwrap_or(0));
        let same = |money: &Option<Money>| {
            money.as_ref().filter(|money| Some(&money.currency) == currency.as_ref()).map(|m| m.micros)
        };
        let predicted = same(&message.predicted);
        sum.predicted += predicted.unwrap_or(0);
        if let Some(price) = same(&message.price) {
            sum.billed += 1;
            sum.cost += price;
            sum.drift += predicted.map_or(0, |predicted| price - predicted);
        }
        Ok(())
    }

    fn owner(&mut self, reader: &dyn Reader, lead: Option<i64>) -> Result<Option<String>> {
        let Some(id) = lead else { return Ok(None) };
        if let Some(owner) = self.owners.get(&id) {
            return Ok(owner.clone());
        }
        let owner = reader.lead(id)?.and_then(|lead| lead.owner);
        self.owners.insert(id, owner.clone());
        Ok(owner)
    }

    fn report(self) -> CostReport {
        let mut total: BTreeMap<Option<String>, Sum> = BTreeMap::new();
        for ((_, currency), sum) in &self.rows {
            let all = total.entry(currency.clone()).or_default();
            all.messages += sum.messages;
            all.segments += sum.segments;
            all.billed_segments += sum.billed_segments;
            all.billed += sum.billed;
            all.predicted += sum.predicted;
            all.cost += sum.cost;
            all.drift += sum.drift;
        }
        CostReport {
            rows: self.rows.into_iter().map(|((group, currency), sum)| sum.row(group, currency)).collect(),
            total: total.into_iter().map(|(currency, sum)| sum.row(None, currency)).collect(),
        }
    }
}

impl Sum {
    fn row(self, group: Option<String>, currency: Option<String>) -> CostRow {
        let amount = |micros| Money { micros, currency: String::new() }.amount();
        CostRow {
            group,
            currency,
            messages: self.messages,
            segments: self.segments,
            billed_segments: self.billed_segments,
            billed: self.billed,
            predicted: amount(self.predicted),
            cost: amount(self.cost),
            drift: amount(self.drift),
        }
    }
}
