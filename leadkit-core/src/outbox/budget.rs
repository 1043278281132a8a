//! What may be spent: reserved before a message goes out, settled when its price is known.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::ledger::message::predict;
use crate::ledger::permission::refusal;
use crate::model::communication::{Communication, SendRefusal};
use crate::model::cost::{Budget, BudgetAlert, BudgetPeriod, Reservation};
use crate::model::health::BudgetState;
use crate::model::money::Money;
use crate::model::settings::Settings;
use crate::store::{Reader, Writer};

/// Why a message is not paid for.
pub(super) enum Broke {
    /// There is room again in the next period.
    Until(Timestamp, SendRefusal),
    /// There is none.
    Never(SendRefusal),
}

/// Reserves a message's predicted price of all budgets that it falls under, or of none.
pub(super) fn reserve(
    writer: &dyn Writer,
    settings: &Settings,
    message: &mut Communication,
    now: Timestamp,
    alerts: &mut Vec<BudgetAlert>,
) -> Result<Option<Broke>> {
    let applies = |budget: &&Budget| {
        budget.campaign.is_none() || budget.campaign.as_deref() == message.campaign.as_deref()
    };
    let budgets: Vec<&Budget> = settings.budgets.iter().filter(applies).collect();
    if budgets.is_empty() {
        return Ok(None);
    }
    // By the prices of today, which may have been given since it was queued.
    message.predicted = predict(message, &settings.price_table());
    let Some(price) = message.predicted.clone() else {
        let advice = "name a price for the number's country, or for all others, in settings.prices";
        return Ok(Some(Broke::Never(refusal(
            "price_unknown",
            "a budget holds and no price is known",
            advice,
        ))));
    };
    let mut met = Vec::with_capacity(budgets.len());
    for budget in budgets {
        let (meter, end) = period(budget, now);
        let before = writer.meter(&meter)?;
        let after = before.saturating_add(price.micros);
        if price.currency != budget.amount.currency || after > budget.amount.micros {
            let message = format!("the budget `{}` does not hold it", budget.name);
            return Ok(Some(match end {
                Some(end) => Broke::Until(
                    end,
                    refusal(
                        "budget_exceeded",
                        &message,
                        "it goes out in the next period, or raise the budget",
                    ),
                ),
                None => {
                    Broke::Never(refusal("budget_exceeded", &message, "raise the budget and queue it anew"))
                }
            }));
        }
        met.push((budget, meter, before, after));
    }
    for (budget, meter, before, after) in &met {
        writer.put_meter(meter, *after)?;
        alerts.extend(passed(budget, *before, *after));
    }
    let budgets = met.into_iter().map(|(_, meter, ..)| meter).collect();
    message.reserved = Some(Reservation { price, budgets });
    Ok(None)
}

/// The parts of a budget that were reached just now.
fn passed(budget: &Budget, before: i64, after: i64) -> impl Iterator<Item = BudgetAlert> {
    budget.alert_at.iter().filter_map(move |part| {
        let line = budget.amount.micros as f64 * part;
        ((before as f64) < line && after as f64 >= line).then(|| BudgetAlert {
            budget: budget.name.clone(),
            part: *part,
            spent: Money { micros: after, currency: budget.amount.currency.clone() },
            amount: budget.amount.clone(),
        })
    })
}

/// Gives back what was reserved for a message that the provider does not have. Should it turn up after
/// all, its price is still added to the same budgets.
pub(super) fn suspend(writer: &dyn Writer, message: &mut Communication) -> Result<()> {
    let kept = message.reserved.clone();
    release(writer, message)?;
    message.reserved = kept.map(|kept| Reservation { price: Money { micros: 0, ..kept.price }, ..kept });
    Ok(())
}

pub(super) use crate::ledger::message::release;

/// Puts what a message really cost in the place of what was reserved.
pub(super) fn bill(writer: &dyn Writer, message: &mut Communication, price: Money) -> Result<()> {
    if let Some(reserved) = &mut message.reserved
        && reserved.price.currency == price.currency
    {
        let more = price.micros.saturating_sub(reserved.price.micros);
        for meter in reserved.budgets.iter().filter(|_| more != 0) {
            writer.put_meter(meter, writer.meter(meter)?.saturating_add(more))?;
        }
        reserved.price = price.clone();
    }
    message.price = Some(price);
    Ok(())
}

/// What is left of a budget in its present period.
pub(super) fn state(reader: &dyn Reader, budget: &Budget, now: Timestamp) -> Result<BudgetState> {
    let (meter, ends_at) = period(budget, now);
    let amount = budget.amount.clone();
    let spent = Money { micros: reader.meter(&meter)?, currency: amount.currency.clone() };
    Ok(BudgetState { budget: budget.name.clone(), spent, amount, ends_at })
}

/// The meter of a budget's period, and the period's end.
fn period(budget: &Budget, now: Timestamp) -> (String, Option<Timestamp>) {
    let today = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    let today = jiff::tz::TimeZone::UTC.to_datetime(today).date();
    let (name, next) = match budget.period {
        BudgetPeriod::Day => (today.to_string(), today.tomorrow().ok()),
        BudgetPeriod::Month => (today.strftime("%Y-%m").to_string(), today.last_of_month().tomorrow().ok()),
        BudgetPeriod::Total => ("total".to_string(), None),
    };
    let end = next.and_then(|day| jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok());
    (format!("spend:{}:{name}", budget.name), end.map(|end| Timestamp(end.as_millisecond())))
}
