//! A call to be started.

use serde::{Deserialize, Serialize};

use super::words;

words! {
    /// How the provider asks a URL.
    CallbackMethod {
        /// With the parameters in the URL.
        Get = "GET",
        /// With the parameters in the body.
        Post = "POST",
    }
}

words! {
    /// What of a call is reported to its `status_callback`.
    CallProgress {
        /// It was taken out of the queue and is dialled.
        Initiated = "initiated",
        /// It rings.
        Ringing = "ringing",
        /// Somebody answered.
        Answered = "answered",
        /// It is over, however.
        Completed = "completed",
    }
}

words! {
    /// What is done about answering machines.
    AnsweringMachine {
        /// The call goes on as soon as it is known who answered.
        Enable = "Enable",
        /// It waits for the end of a machine's greeting.
        DetectMessageEnd = "DetectMessageEnd",
    }
}

/// A call to be started: to whom, from which number, and what happens when somebody answers
/// (exactly one of `url`, `twiml`, `application_sid`).
///
/// What is `None` or empty is left out; the provider's default holds then.
///
/// ```
/// use leadkit_core::model::transport::CallRequest;
/// let twiml = Some("<Response><Say>Hello</Say></Response>".into());
/// let request = CallRequest { twiml, timeout: Some(20), ..CallRequest::to("+15558675310") };
/// assert!(request.record.is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CallRequest {
    /// Who is called: a number in E.164, a SIP address or a client.
    pub to: String,
    /// The caller's number; the transport's own when it is left out.
    pub from: Option<String>,
    /// Where the provider asks what to do, in TwiML.
    pub url: Option<String>,
    /// What to do, as TwiML of at most 4,000 characters.
    pub twiml: Option<String>,
    /// A TwiML application (`AP…`) that says what to do.
    pub application_sid: Option<String>,
    /// How `url` is asked.
    pub method: Option<CallbackMethod>,
    /// Where the provider asks when `url` fails.
    pub fallback_url: Option<String>,
    /// How `fallback_url` is asked.
    pub fallback_method: Option<CallbackMethod>,
    /// Where the provider reports what becomes of the call.
    pub status_callback: Option<String>,
    /// What is reported; only the end when empty.
    #[serde(alias = "status_callback_event")]
    pub status_callback_events: Vec<CallProgress>,
    /// How `status_callback` is asked.
    pub status_callback_method: Option<CallbackMethod>,
    /// Keys dialled after somebody answered: digits, `A`–`D`, `#`, `*`, and `w`, `W` for pauses.
    pub send_digits: Option<String>,
    /// For how many seconds it rings: 600 at most.
    pub timeout: Option<u32>,
    /// For how many seconds it may last.
    pub time_limit: Option<u32>,
    /// What is done about answering machines.
    pub machine_detection: Option<AnsweringMachine>,
    /// Seconds until the detection gives up.
    pub machine_detection_timeout: Option<u32>,
    /// Milliseconds of speech from which on it may be a machine.
    pub machine_detection_speech_threshold: Option<u32>,
    /// Milliseconds of silence that end a greeting.
    pub machine_detection_speech_end_threshold: Option<u32>,
    /// Milliseconds of silence at the beginning until the detection gives up.
    pub machine_detection_silence_timeout: Option<u32>,
    /// Whether the call goes on while the detection works.
    pub async_amd: Option<bool>,
    /// Where the result of that detection is reported.
    pub async_amd_status_callback: Option<String>,
    /// How that URL is asked.
    pub async_amd_status_callback_method: Option<CallbackMethod>,
    /// Whether the call is recorded. The law wants an announcement or consent in many places.
    pub record: Option<bool>,
    /// `mono` or `dual`.
    pub recording_channels: Option<String>,
    /// `inbound`, `outbound` or `both`.
    pub recording_track: Option<String>,
    /// Where a finished recording is reported.
    pub recording_status_callback: Option<String>,
    /// How that URL is asked.
    pub recording_status_callback_method: Option<CallbackMethod>,
    /// What is reported of recordings: `in-progress`, `completed`, `absent`.
    #[serde(alias = "recording_status_callback_event")]
    pub recording_status_callback_events: Vec<String>,
    /// `trim-silence` or `do-not-trim`.
    pub trim: Option<String>,
    /// The caller as shown, where it differs from `from`.
    pub caller_id: Option<String>,
    /// Why it is called, as shown on phones that do.
    pub call_reason: Option<String>,
}

impl CallRequest {
    /// A call to an address.
    pub fn to(to: impl Into<String>) -> CallRequest {
        CallRequest { to: to.into(), ..CallRequest::default() }
    }
}
