//! What messages and calls cost: tables of prices, budgets, and what was spent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::money::Money;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};

/// The country that stands for all that a table does not name.
const ELSEWHERE: &str = "*";

/// Prices by country, of a day. A provider's real price differs by account and network; it is told
/// after a message went out, and [`CostRow::drift`] says by how much.
///
/// ```
/// use leadkit_core::model::cost::PriceTable;
/// let table = PriceTable::built_in();
/// assert_eq!(table.sms("US", 2).unwrap().to_string(), "0.0166 USD");
/// assert!(table.sms("DE", 1).is_none(), "unknown until somebody says it");
///
/// let own: PriceTable = leadkit_core::model::read::from_json(serde_json::json!({
///     "as_of": "2026-11-01", "source": "our contract", "currency": "EUR",
///     "sms": {"DE": "0.07", "*": "0.12"},
/// }))?;
/// assert_eq!(own.sms("FR", 1).unwrap().to_string(), "0.12 EUR");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PriceTable {
    /// The day or month of these prices.
    pub as_of: String,
    /// Where they were read.
    pub source: String,
    /// ISO 4217.
    pub currency: String,
    /// Of one segment of a text message, by country (ISO 3166-1 alpha-2); `*` is for all others.
    pub sms: BTreeMap<String, String>,
    /// Of one begun minute of a call, by country; `*` is for all others.
    pub calls: BTreeMap<String, String>,
}

impl PriceTable {
    /// leadkit's own table: Twilio's list price for the United States, without carriers' fees. All
    /// others are the account's: ask Twilio's pricing API, or look at the contract.
    pub fn built_in() -> PriceTable {
        PriceTable {
            as_of: "2026-10".into(),
            source: "https://www.twilio.com/en-us/sms/pricing/us".into(),
            currency: "USD".into(),
            sms: BTreeMap::from([("US".to_string(), "0.0083".to_string())]),
            calls: BTreeMap::new(),
        }
    }

    /// What some segments cost there; none when the table does not say.
    pub fn sms(&self, country: &str, segments: u32) -> Option<Money> {
        self.price(&self.sms, country, segments)
    }

    /// What some minutes of a call cost there; none when the table does not say.
    pub fn call(&self, country: &str, minutes: u32) -> Option<Money> {
        self.price(&self.calls, country, minutes)
    }

    fn price(&self, of: &BTreeMap<String, String>, country: &str, count: u32) -> Option<Money> {
        let amount = of.get(country).or_else(|| of.get(ELSEWHERE))?;
        let one = Money::parse(amount, &self.currency).ok()?;
        Some(Money { micros: one.micros.checked_mul(i64::from(count))?, ..one })
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.sms.is_empty() && self.calls.is_empty()
    }

    /// Checks that its prices can be read.
    ///
    /// # Errors
    /// `invalid_argument`.
    pub fn check(&self) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        if self.as_of.is_empty() || self.source.is_empty() {
            return Err(wrong("prices", "a table of prices says its day and its source"));
        }
        for (country, amount) in self.sms.iter().chain(&self.calls) {
            let is_country = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
            if country != ELSEWHERE && !is_country {
                return Err(wrong(
                    "prices",
                    &format!("`{country}` is no country; write US, or * for others"),
                ));
            }
            if Money::parse(amount, &self.currency)?.micros < 0 {
                return Err(wrong("prices", "a price is not below zero"));
            }
        }
        Ok(())
    }
}

/// For which time a budget is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BudgetPeriod {
    /// Each day, of UTC.
    Day,
    /// Each month, of UTC.
    #[default]
    Month,
    /// Once and for all.
    Total,
}

/// How much may be spent. Each message reserves its predicted price before it goes out; when the
/// budget does not hold it, it waits for the next period, or is refused when there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Its name.
    pub name: String,
    /// How much.
    pub amount: Money,
    /// For which time.
    #[serde(default)]
    pub period: BudgetPeriod,
    /// Only for messages of this campaign.
    #[serde(default)]
    pub campaign: Option<String>,
    /// At which parts of it somebody is told: 0.8 is four fifths.
    #[serde(default)]
    pub alert_at: Vec<f64>,
}

impl Budget {
    /// # Errors
    /// `invalid_argument`.
    pub(crate) fn check(&self) -> Result<()> {
        if self.name.trim().is_empty() {
            return Err(wrong("budgets", "a budget has a name"));
        }
        if self.amount.micros <= 0 {
            return Err(wrong("budgets", "a budget is more than nothing; to stop sending, switch it off"));
        }
        match self.alert_at.iter().all(|part| *part > 0.0 && *part <= 1.0) {
            true => Ok(()),
            false => Err(wrong("budgets", "alert_at are parts of the budget, above 0 and up to 1")),
        }
    }
}

/// A budget that has come to a part at which somebody is to be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BudgetAlert {
    /// The budget.
    pub budget: String,
    /// The part, of its `alert_at`.
    pub part: f64,
    /// What is spent and reserved of it.
    pub spent: Money,
    /// The whole of it.
    pub amount: Money,
}

/// What was reserved for a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reservation {
    /// How much.
    pub price: Money,
    /// Of which budgets, each with its period.
    pub budgets: Vec<String>,
}

/// By what costs are summed up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CostBy {
    /// By month of UTC, such as `2026-11`.
    #[default]
    Month,
    /// By lead.
    Lead,
    /// By the lead's owner as it is now.
    Owner,
    /// By template.
    Template,
    /// By campaign.
    Campaign,
    /// By the number's country.
    Country,
    /// By channel.
    Channel,
}

/// Which costs are summed up, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CostOptions {
    /// By what; month when none is given.
    pub by: CostBy,
    /// Only what was handed over at this instant or later.
    pub since: Option<Timestamp>,
    /// Only what was handed over before this instant.
    pub until: Option<Timestamp>,
    /// Only of this lead.
    pub lead: Option<i64>,
    /// Only of this campaign.
    pub campaign: Option<String>,
}

/// Costs of one group in one currency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CostRow {
    /// The month, lead, owner and so on; none for messages that have none.
    pub group: Option<String>,
    /// The currency; none for messages of which no price is known.
    pub currency: Option<String>,
    /// Messages and calls that the provider took.
    pub messages: u64,
    /// Segments, counted before they went out.
    pub segments: u64,
    /// Segments as billed, of those messages of which that is known.
    pub billed_segments: u64,
    /// Messages of which the price is known.
    pub billed: u64,
    /// What was expected, as a decimal number.
    pub predicted: String,
    /// What the provider billed so far, as a decimal number.
    pub cost: String,
    /// By how much the bill is above what was expected of the messages billed, as a decimal number.
    pub drift: String,
}

/// What messages and calls cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CostReport {
    /// By group and currency, in their order.
    pub rows: Vec<CostRow>,
    /// All of them together, by currency.
    pub total: Vec<CostRow>,
}

fn wrong(field: &str, message: &str) -> Error {
    Error::new(ErrorCode::InvalidArgument, message.to_string()).at_field(field)
}
