//! Plain data that every layer speaks: leads, fields, issues, filters, options and reports.

pub mod audit;
pub mod bulk;
pub mod calls;
pub mod communication;
pub mod compare;
pub mod consent;
pub mod cost;
pub mod field;
pub mod filter;
pub mod format;
pub mod given;
pub mod health;
pub mod history;
pub mod issue;
pub mod lead;
pub mod legal;
pub mod message_template;
pub mod money;
pub mod operation;
pub mod options;
pub mod read;
pub mod report;
pub mod settings;
pub mod status;
pub mod transport;
