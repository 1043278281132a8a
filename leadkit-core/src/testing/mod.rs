//! For tests of hosts: a fixed clock, fixed randomness, a messy file to import, and a Twilio of one's own.

#[cfg(feature = "twilio")]
mod fake_twilio;
mod fixed;
mod sample;

#[cfg(feature = "twilio")]
pub use fake_twilio::{FakeMessage, FakeOptions, FakeRequest, FakeTwilio, Fate, Fault};
pub use fixed::{
    advance, cancelled_after, clock, dump, now, open, open_with, reseeded, set_lease, set_transaction_rows,
};
pub use sample::messy_csv;
