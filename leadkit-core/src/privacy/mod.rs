//! What the law asks about a person's data: handing all of it out, erasing it, and keeping nothing longer than
//! it is needed.
//!
//! Erasing scrubs in place: rows stay where numbers and links need them, and hold nothing of the person any
//! more. What is left of an address that must stay blocked is its fingerprint under a key of the host's
//! ([`OpenOptions::keys`](crate::OpenOptions)), which recognises the address when it comes back and tells it
//! to nobody.
//!
//! A view with an access profile may call none of it (`access_denied`).

mod certificate;
mod erase;
mod export;
mod hold;
mod person;
mod provider;
mod retention;
mod scrub;
mod traces;

pub use erase::{compact, erase, erasures};
pub use export::export;
pub use hold::{hold, holds, release};
pub use retention::apply;
