//! TwiML: what Twilio is told to do with a call, or to answer a message with.

use std::fmt::Write as _;

/// TwiML, written verb by verb. Every text is escaped: a lead named `</Say><Dial>` is read out, never
/// obeyed.
///
/// ```
/// use leadkit_core::transport::twiml::Twiml;
/// let twiml = Twiml::new().say("Hello </Say><Dial>", Some("en-GB")).hangup();
/// assert_eq!(
///     twiml.to_string(),
///     "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>\
///      <Say language=\"en-GB\">Hello &lt;/Say&gt;&lt;Dial&gt;</Say><Hangup/></Response>"
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Twiml(String);

impl Twiml {
    /// No verb yet: as an answer, it says that nothing is to be done.
    pub fn new() -> Twiml {
        Twiml::default()
    }

    /// Reads a text out, in a language such as `en-GB`.
    #[must_use]
    pub fn say(self, text: &str, language: Option<&str>) -> Twiml {
        self.verb("Say", &[("language", language)], text)
    }

    /// Plays a recording.
    #[must_use]
    pub fn play(self, url: &str) -> Twiml {
        self.verb("Play", &[], url)
    }

    /// Waits.
    #[must_use]
    pub fn pause(self, seconds: u32) -> Twiml {
        self.verb("Pause", &[("length", Some(&seconds.to_string()))], "")
    }

    /// Dials a number and connects the two.
    #[must_use]
    pub fn dial(self, number: &str, dial: &Dial<'_>) -> Twiml {
        let timeout = dial.timeout.map(|seconds| seconds.to_string());
        let record = dial.record.then_some("record-from-answer-dual");
        let attributes = [
            ("callerId", dial.caller_id),
            ("timeout", timeout.as_deref()),
            ("record", record),
            ("action", dial.action),
        ];
        let mut number_verb = Twiml::new();
        let events = dial.status_callback.map(|_| "initiated ringing answered completed");
        let inner = [("statusCallback", dial.status_callback), ("statusCallbackEvent", events)];
        number_verb = number_verb.verb("Number", &inner, number);
        self.raw("Dial", &attributes, &number_verb.0)
    }

    /// Answers a message.
    #[must_use]
    pub fn message(self, text: &str) -> Twiml {
        self.verb("Message", &[], text)
    }

    /// Goes on at another URL.
    #[must_use]
    pub fn redirect(self, url: &str) -> Twiml {
        self.verb("Redirect", &[], url)
    }

    /// Ends the call.
    #[must_use]
    pub fn hangup(self) -> Twiml {
        self.verb("Hangup", &[], "")
    }

    /// Turns the call away without answering it: nothing is charged.
    #[must_use]
    pub fn reject(self) -> Twiml {
        self.verb("Reject", &[], "")
    }

    fn verb(self, name: &str, attributes: &[(&str, Option<&str>)], text: &str) -> Twiml {
        let text = escape(text);
        self.raw(name, attributes, &text)
    }

    fn raw(mut self, name: &str, attributes: &[(&str, Option<&str>)], inner: &str) -> Twiml {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "<{name}");
        for (key, value) in attributes {
            if let Some(value) = value {
                let _ = write!(self.0, " {key}=\"{}\"", escape(value));
            }
        }
        let _ = match inner.is_empty() {
            true => write!(self.0, "/>"),
            false => write!(self.0, ">{inner}</{name}>"),
        };
        self
    }
}

impl std::fmt::Display for Twiml {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{}</Response>", self.0)
    }
}

/// How [`Twiml::dial`] dials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dial<'a> {
    /// The number shown.
    pub caller_id: Option<&'a str>,
    /// For how many seconds it rings.
    pub timeout: Option<u32>,
    /// Whether both sides are recorded.
    pub record: bool,
    /// Where Twilio asks what to do afterwards.
    pub action: Option<&'a str>,
    /// Where Twilio reports what becomes of this leg.
    pub status_callback: Option<&'a str>,
}

/// A text as it may stand in XML: markup is escaped, and characters that XML 1.0 cannot hold are left
/// out.
///
/// ```
/// assert_eq!(leadkit_core::transport::twiml::escape("<A & \"B\">\u{1}"), "&lt;A &amp; &quot;B&quot;&gt;");
/// ```
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_and_attributes_are_escaped() {
        let dial = Dial {
            caller_id: Some("+1\"555"),
            timeout: Some(20),
            record: true,
            action: Some("https://x.example/?a=1&b=2"),
            status_callback: Some("https://x.example/s"),
        };
        let twiml = Twiml::new().play("https://x.example/a?b&c").pause(1).dial("+15558675310", &dial);
        assert_eq!(
            twiml.to_string(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>\
             <Play>https://x.example/a?b&amp;c</Play><Pause length=\"1\"/>\
             <Dial callerId=\"+1&quot;555\" timeout=\"20\" record=\"record-from-answer-dual\" \
             action=\"https://x.example/?a=1&amp;b=2\">\
             <Number statusCallback=\"https://x.example/s\" \
             statusCallbackEvent=\"initiated ringing answered completed\">+15558675310</Number></Dial></Response>"
        );
    }

    #[test]
    fn an_answer_may_be_empty_or_a_message() {
        assert!(Twiml::new().to_string().ends_with("<Response></Response>"));
        let answer = Twiml::new().message("A & B").redirect("https://x.example").reject().to_string();
        assert!(
            answer.contains("<Message>A &amp; B</Message><Redirect>https://x.example</Redirect><Reject/>")
        );
    }
}
