//! For tests of hosts: a fixed clock, fixed randomness, and a messy file to import.

#[cfg(feature = "sqlite")]
mod fixed;
mod sample;

#[cfg(feature = "sqlite")]
pub use fixed::{advance, now, open, open_with};
pub use sample::messy_csv;
