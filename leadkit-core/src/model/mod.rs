//! Plain data that every layer speaks: leads, fields, issues, filters, options and reports.

pub mod field;
pub mod issue;
