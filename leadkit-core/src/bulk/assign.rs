//! Owners for many leads.

use serde_json::json;

use super::action::{Action, Applied, RowAction, Selection, SetAction};
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::values;
use crate::model::bulk::Assignment;
use crate::model::field::Field;
use crate::model::filter::Expr;
use crate::model::lead::{Lead, Values};
use crate::model::operation::ConflictCode;
use crate::store::SetValue;
use crate::validate::{Draft, Rules};

/// Makes ready; `resolve` checks the filters of territories.
pub(super) fn action(
    rules: &Rules,
    to: &Assignment,
    selection: Selection,
    resolve: impl Fn(&crate::model::filter::Filter) -> Result<Expr>,
) -> Result<(Box<dyn Action>, Vec<String>)> {
    let owners = match to {
        Assignment::To(owner) => {
            let text = Some(checked(rules, owner)?);
            let values = vec![SetValue { field: Field::Owner, text }];
            return Ok((Box::new(SetAction { selection, values }), vec!["owner".to_string()]));
        }
        Assignment::RoundRobin(owners) => {
            owners.iter().map(|owner| checked(rules, owner)).collect::<Result<Vec<_>>>()?
        }
        Assignment::Weighted(weights) => in_turn(rules, weights)?,
        Assignment::Territory(territory) => {
            let mut by_rule = Vec::new();
            for rule in &territory.rules {
                by_rule.push((resolve(&rule.filter)?, checked(rules, &rule.owner)?));
            }
            let otherwise = territory.otherwise.as_ref().map(|owner| checked(rules, owner)).transpose()?;
            if by_rule.is_empty() && otherwise.is_none() {
                return Err(nobody());
            }
            let owner = move |lead: &Lead, _| {
                let rule = by_rule.iter().find(|(filter, _)| filter.matches(lead));
                rule.map(|(_, owner)| owner.clone()).or_else(|| otherwise.clone())
            };
            return Ok((rows(selection, owner), Vec::new()));
        }
    };
    if owners.is_empty() {
        return Err(nobody());
    }
    let owner = move |_: &Lead, turn: u64| Some(owners[(turn % owners.len() as u64) as usize].clone());
    Ok((rows(selection, owner), Vec::new()))
}

fn rows(selection: Selection, owner: impl Fn(&Lead, u64) -> Option<String> + 'static) -> Box<dyn Action> {
    let apply = move |lead: &Lead, turn: u64, _| {
        Ok(match owner(lead, turn) {
            None => Applied::left(lead, ConflictCode::NoOwner, "owner", json!(null)),
            owner if lead.owner == owner => Applied::Unchanged,
            owner => {
                let mut lead = lead.clone();
                lead.owner = owner;
                lead.original.remove("owner");
                Applied::Changed(Box::new(lead))
            }
        })
    };
    Box::new(RowAction { selection, apply: Box::new(apply), checks_keys: false })
}

/// The owners of one round, spread so that nobody gets all of theirs in a row.
fn in_turn(rules: &Rules, weights: &std::collections::BTreeMap<String, u32>) -> Result<Vec<String>> {
    const MOST: u64 = 10_000;
    let total: u64 = weights.values().map(|w| u64::from(*w)).sum();
    if total > MOST {
        return Err(Error::new(ErrorCode::InvalidArgument, format!("weights add up to at most {MOST}"))
            .hint("3 and 1 say the same as 3000 and 1000")
            .at_field("weighted"));
    }
    let mut places = Vec::new();
    for (owner, weight) in weights {
        let owner = checked(rules, owner)?;
        for i in 0..*weight {
            // The middle of each of the owner's equal shares of the round.
            places.push(((2 * u64::from(i) + 1) as f64 / (2.0 * f64::from(*weight)), owner.clone()));
        }
    }
    places.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    Ok(places.into_iter().map(|(_, owner)| owner).collect())
}

fn checked(rules: &Rules, owner: &str) -> Result<String> {
    let mut draft = Draft::default();
    values::apply(rules, &Values::from([("owner", owner)]), &mut draft)?;
    draft.lead.owner.ok_or_else(nobody)
}

fn nobody() -> Error {
    Error::new(ErrorCode::InvalidArgument, "the assignment names no owner").at_field("to")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn weights_are_kept_and_spread() {
        let weights = [("mia".to_string(), 3), ("tom".to_string(), 1)].into();
        let round = in_turn(&Rules::new(Vec::new()), &weights).unwrap();
        assert_eq!(round, ["mia", "mia", "tom", "mia"]);
    }
}
