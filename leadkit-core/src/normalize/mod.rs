//! Pure text to canonical value, plus what changed and why.
