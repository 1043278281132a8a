//! The law's limits on contacting people: at which hours, and what an answer means.
//!
//! Pure: facts in, decisions out. Which rules there are is data (`rules.json` beside this file), each
//! with its source and the day it was read; hosts add to them and override them. None of it is legal
//! advice.

mod clocks;
mod holidays;
mod hours;
mod opening;
mod places;
mod replies;
mod rules;
mod whereabouts;
mod window;

pub(crate) use opening::Opening;
pub use replies::{Reply, classify_reply};
pub use rules::LegalHours;
pub use whereabouts::whereabouts;
pub use window::{AppliedRule, Contact, Decision, FactSource, Place, WindowRefusal, ZoneFact};

pub use crate::model::legal::{Certainty, Holiday, QuietHours, Rule, RuleTable};

#[cfg(test)]
mod tests;
