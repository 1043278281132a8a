//! Bytes to records and back; knows nothing of leads.
