//! Reports as pages for people: one file of HTML with its charts in it, no scripts, no requests.
//!
//! Every value goes through one escaping function (`Markup` in `html.rs`), so that a cell of an
//! imported file can never become markup.

mod automation_svg;
mod figures;
mod html;
mod import_html;
mod import_tables;
mod lead_html;
mod person_html;
#[cfg(test)]
mod samples;
mod save;
mod stats_charts;
mod stats_html;
mod svg;
#[cfg(test)]
mod tests;
mod verdict;

pub use automation_svg::automation_svg;
pub use import_html::import_html;
pub use lead_html::lead_html;
pub use stats_html::stats_html;
