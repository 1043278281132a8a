//! Counters and timings for whoever watches the host: by the crate `metrics`, with the feature of that name.
//! Names are listed in `docs/operations.md`; labels are words of ours, never anything of people's.

use std::time::Instant;

/// Adds to a counter, under a word that tells one kind from others.
pub(crate) fn count(name: &'static str, label: &'static str, word: &'static str, by: u64) {
    #[cfg(feature = "metrics")]
    if by > 0 {
        ::metrics::counter!(name, label => word).increment(by);
    }
    #[cfg(not(feature = "metrics"))]
    let _ = (name, label, word, by);
}

/// When something began.
pub(crate) struct Began(Instant);

impl Began {
    /// Now.
    pub(crate) fn now() -> Began {
        Began(Instant::now())
    }

    /// Records how long it took, and gives the seconds.
    pub(crate) fn end(self, name: &'static str) -> f64 {
        let seconds = self.0.elapsed().as_secs_f64();
        #[cfg(feature = "metrics")]
        ::metrics::histogram!(name).record(seconds);
        #[cfg(not(feature = "metrics"))]
        let _ = name;
        seconds
    }
}
