//! Contacts in numbers. What is asked often is answered from counts of hours, days and months, which follow
//! the contacts: whatever writes one marks the hours that it changes, and whoever asks counts these anew
//! first. So late prices, states, answers and corrections are in the counts as if they had always been there.
//! What the counts do not know (leads, their filters, their successes) goes through the contacts themselves.

mod calendar;
mod check;
mod cohorts;
mod compare;
mod contacts;
mod counts;
mod cover;
mod fold;
mod funnel;
mod intervals;
mod report;
mod success;
mod tally;

pub use check::check;
pub use cohorts::cohorts;
pub use compare::compare;
pub use contacts::stats;
pub use funnel::funnel;
pub use report::report;
