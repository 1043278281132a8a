#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "what Python sees is documented in python/leadkit/__init__.pyi")]
//! Python's view of leadkit: this crate translates, leadkit-core decides.

mod audit;
mod automations;
mod bulk;
mod call;
mod comms;
mod compliance;
mod database;
mod de;
mod error;
mod fake_twilio;
mod functions;
mod privacy;
mod report;
mod ser;
mod source;
mod token;
mod transport;
mod twilio;

/// The compiled half of the package `leadkit`, which is what people import.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use super::audit::Audit;
    #[pymodule_export]
    use super::automations::{Automations, Schedules};
    #[pymodule_export]
    use super::bulk::{Bulk, Operations};
    #[pymodule_export]
    use super::comms::{Comms, Consent, SettingsRoom, Templates};
    #[pymodule_export]
    use super::compliance::{LegalHours, classify_reply};
    #[pymodule_export]
    use super::database::{
        Database, Fields, LeadIterator, Leads, Statuses, TestingDatabase, messy_csv, open, open_testing,
    };
    #[pymodule_export]
    use super::error::panic;
    #[pymodule_export]
    use super::fake_twilio::FakeTwilio;
    #[pymodule_export]
    use super::functions::{
        Table, due_occurrences, next_occurrences, normalize_company, normalize_country, normalize_email,
        normalize_person, normalize_phone, phone_time_zones, read_table, sms_segments, sniff,
    };
    #[pymodule_export]
    use super::privacy::Privacy;
    #[pymodule_export]
    use super::report::{document_html, document_json, report_html, report_json, save_document, save_report};
    #[pymodule_export]
    use super::token::CancelToken;
    #[pymodule_export]
    use super::twilio::{Twilio, verify_twilio_request};

    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
