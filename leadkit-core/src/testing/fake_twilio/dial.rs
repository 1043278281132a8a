//! What TwiML dials.

/// The number that a call's TwiML connects it to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dialled {
    pub number: String,
    /// Where its leg reports to.
    pub callback: Option<String>,
    /// The number it is shown.
    pub caller_id: Option<String>,
}

/// Reads the first `<Dial><Number>`, as leadkit writes them.
pub(super) fn dialled(twiml: &str) -> Option<Dialled> {
    let (_, dial) = twiml.split_once("<Dial")?;
    let (dial, number) = dial.split_once("<Number")?;
    let (attributes, rest) = number.split_once('>')?;
    Some(Dialled {
        number: plain(rest.split_once("</Number>")?.0),
        callback: attribute(attributes, "statusCallback"),
        caller_id: attribute(dial, "callerId"),
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    Some(plain(value.split_once('"')?.0))
}

fn plain(text: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_string(), |text, (escaped, plain)| text.replace(escaped, plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::twiml::{Dial, Twiml};

    #[test]
    fn what_leadkit_dials_is_read_back() {
        let dial = Dial {
            caller_id: Some("+15005550006"),
            status_callback: Some("https://x.example/?a=1&b=2"),
            ..Dial::default()
        };
        let twiml = Twiml::new().say("</Say><Dial>", None).dial("+15558675310", &dial).to_string();
        let expected = Dialled {
            number: "+15558675310".into(),
            callback: Some("https://x.example/?a=1&b=2".into()),
            caller_id: Some("+15005550006".into()),
        };
        assert_eq!(dialled(&twiml), Some(expected));
        assert_eq!(dialled(&Twiml::new().say("<Dial><Number>", None).to_string()), None);
    }
}
