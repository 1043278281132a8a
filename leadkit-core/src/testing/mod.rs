//! For tests of hosts: a fixed clock, fixed randomness, and a messy file to import.

mod fixed;
mod sample;

pub use fixed::{advance, cancelled_after, dump, now, open, open_with, reseeded, set_lease};
pub use sample::messy_csv;
