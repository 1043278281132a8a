//! Runnable stories; see the files beside this crate.
