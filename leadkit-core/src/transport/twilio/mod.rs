//! Twilio as transport, and its webhooks.
//!
//! ```
//! use leadkit_core::transport::Transport;
//! use leadkit_core::transport::twilio::{Twilio, TwilioConfig};
//!
//! let config = TwilioConfig {
//!     account_sid: "AC00000000000000000000000000000000".into(),
//!     auth_token: Some("your auth token".into()),
//!     sender: Some("+15005550006".into()),
//!     ..TwilioConfig::default()
//! };
//! let twilio = Twilio::new(config)?;
//! assert!(twilio.capabilities().scheduling);
//! assert!(!format!("{twilio:?}").contains("your auth token"));
//! # Ok::<(), leadkit_core::Error>(())
//! ```

mod answer;
mod check;
mod client;
mod config;
mod engine;
mod form;
mod signature;
mod webhook;

pub use client::Twilio;
pub use config::TwilioConfig;
pub use signature::{sign_twilio_request, verify_twilio_request};
pub use webhook::parse_twilio_webhook;
