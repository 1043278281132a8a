//! How many SMS a text makes: Twilio bills each segment.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::grapheme::clusters;
use super::gsm::{self, septets};

/// A segment holds 140 octets; of several, each begins with a header of six.
const BITS: u32 = 1120;
const HEADER_BITS: u32 = 48;

/// How an SMS is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SmsEncoding {
    /// Seven bits a character: 160 in one segment, 153 in each of several.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// Sixteen bits: 70 in one segment, 67 in each of several.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

impl SmsEncoding {
    /// Its name, `GSM-7` or `UCS-2`.
    pub fn as_str(self) -> &'static str {
        match self {
            SmsEncoding::Gsm7 => "GSM-7",
            SmsEncoding::Ucs2 => "UCS-2",
        }
    }

    fn bits(self) -> u32 {
        match self {
            SmsEncoding::Gsm7 => 7,
            SmsEncoding::Ucs2 => 16,
        }
    }
}

/// How a text is sent as SMS, from [`sms_segments`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Segments {
    /// The alphabet that the text needs.
    pub encoding: SmsEncoding,
    /// How many segments are billed.
    pub segments: u32,
    /// The text's length in septets (GSM-7) or 16-bit units (UCS-2).
    pub units: u32,
    /// The length of each segment, in the same units.
    pub segment_units: Vec<u32>,
    /// The characters that GSM-7 does not have, each once, in order of appearance.
    pub non_gsm: Vec<NonGsm>,
    /// How many segments the text would make with all of them replaced; none when one of them has
    /// no replacement.
    pub segments_if_replaced: Option<u32>,
}

/// A character that makes a message UCS-2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NonGsm {
    /// The character with its marks (a grapheme cluster).
    pub character: String,
    /// How often it stands in the text.
    pub count: u32,
    /// What could be written in its place: what Smart Encoding writes, or its letters without
    /// marks; none for other scripts and for emoji.
    pub replacement: Option<String>,
}

/// Counts the segments of an SMS exactly as Twilio does.
///
/// One character beyond GSM-7 makes the whole message UCS-2, whose segments hold less than half.
/// Characters of GSM-7's extension (`€`, `[`, `~` ...) take two septets and are not split over two
/// segments; nor are surrogate pairs and grapheme clusters such as an emoji with its skin tone. An
/// empty text is one segment. With `smart_encoding`, what Twilio's setting of that name would
/// replace is replaced first.
///
/// ```
/// use leadkit_core::template::{SmsEncoding, sms_segments};
/// let plain = sms_segments("It's here. Reply STOP to opt out.", false);
/// assert_eq!((plain.encoding, plain.segments, plain.units), (SmsEncoding::Gsm7, 1, 33));
/// ```
///
/// A typographic apostrophe doubles the price of this one:
///
/// ```
/// use leadkit_core::template::{SmsEncoding, sms_segments};
/// let text = format!("It’s {}", "here".repeat(20));
/// let found = sms_segments(&text, false);
/// assert_eq!((found.encoding, found.segments), (SmsEncoding::Ucs2, 2));
/// assert_eq!(found.non_gsm[0].replacement.as_deref(), Some("'"));
/// assert_eq!(found.segments_if_replaced, Some(1));
/// assert_eq!(sms_segments(&text, true).segments, 1);
/// ```
pub fn sms_segments(text: &str, smart_encoding: bool) -> Segments {
    let text = if smart_encoding { smart(text) } else { Cow::Borrowed(text) };
    if gsm::is_gsm(&text) {
        let segment_units = fill(SmsEncoding::Gsm7, text.chars().filter_map(septets));
        return Segments::new(SmsEncoding::Gsm7, segment_units);
    }
    let units = |cluster: &str| cluster.encode_utf16().fold(0, |n, _| n + 1);
    let mut found = Segments::new(SmsEncoding::Ucs2, fill(SmsEncoding::Ucs2, clusters(&text).map(units)));
    found.explain(&text);
    found
}

impl Segments {
    fn new(encoding: SmsEncoding, segment_units: Vec<u32>) -> Segments {
        let segments = count(segment_units.len());
        Segments {
            encoding,
            segments,
            units: segment_units.iter().sum(),
            segment_units,
            non_gsm: Vec::new(),
            segments_if_replaced: Some(segments),
        }
    }

    /// Says what made the text UCS-2, and what it would be without.
    fn explain(&mut self, text: &str) {
        let mut places = std::collections::HashMap::new();
        let mut septets_of = Vec::new();
        for cluster in clusters(text) {
            if gsm::is_gsm(cluster) {
                septets_of.extend(cluster.chars().filter_map(septets));
                continue;
            }
            let at = *places.entry(cluster).or_insert_with(|| {
                let replacement = gsm::replacement(cluster);
                self.non_gsm.push(NonGsm { character: cluster.into(), count: 0, replacement });
                self.non_gsm.len() - 1
            });
            let Some(found) = self.non_gsm.get_mut(at) else { continue };
            found.count += 1;
            septets_of.extend(found.replacement.iter().flat_map(|with| with.chars().filter_map(septets)));
        }
        let all = self.non_gsm.iter().all(|found| found.replacement.is_some());
        self.segments_if_replaced = all.then(|| count(fill(SmsEncoding::Gsm7, septets_of.into_iter()).len()));
    }
}

/// The units of each segment, from those of each character. What the first segment loses to the
/// header that it gets with the second goes to the second.
fn fill(encoding: SmsEncoding, characters: impl Iterator<Item = u32>) -> Vec<u32> {
    let fits = |units: u32, header: u32| units.saturating_mul(encoding.bits()).saturating_add(header) <= BITS;
    let mut first = Vec::new();
    let mut done: Vec<u32> = Vec::new();
    let mut open = 0_u32;
    for units in characters {
        let header = if done.is_empty() { 0 } else { HEADER_BITS };
        if fits(open.saturating_add(units), header) {
            if done.is_empty() {
                first.push(units);
            }
            open += units;
            continue;
        }
        let mut moved = 0;
        if done.is_empty() {
            while !fits(open, HEADER_BITS) {
                let Some(last) = first.pop() else { break };
                open -= last;
                moved += last;
            }
        }
        done.push(open);
        open = moved.saturating_add(units);
    }
    done.push(open);
    done
}

fn smart(text: &str) -> Cow<'_, str> {
    if gsm::is_gsm(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match gsm::smart(c) {
            Some(with) => out.push_str(with),
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn count(segments: usize) -> u32 {
    u32::try_from(segments).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn shape(text: &str) -> (SmsEncoding, Vec<u32>) {
        let found = sms_segments(text, false);
        assert_eq!(found.segments as usize, found.segment_units.len());
        (found.encoding, found.segment_units)
    }

    #[test]
    fn agrees_with_twilios_calculator() {
        #[derive(serde::Deserialize)]
        struct Row {
            text: String,
            smart_encoding: bool,
            encoding: SmsEncoding,
            segments: u32,
            units: u32,
            segment_units: Vec<u32>,
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/twilio/segments_dev.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        for line in text.lines() {
            let row: Row = serde_json::from_str(line).unwrap();
            let found = sms_segments(&row.text, row.smart_encoding);
            assert_eq!(
                (found.encoding, found.segments, found.units, found.segment_units),
                (row.encoding, row.segments, row.units, row.segment_units),
                "{:?}",
                row.text
            );
        }
        assert_eq!(text.lines().count(), 40);
    }

    #[test]
    fn borders_of_segments() {
        use SmsEncoding::*;
        assert_eq!(shape(""), (Gsm7, vec![0]));
        assert_eq!(shape(&"a".repeat(160)), (Gsm7, vec![160]));
        assert_eq!(shape(&"a".repeat(161)), (Gsm7, vec![153, 8]));
        assert_eq!(shape(&format!("{}€", "a".repeat(159))), (Gsm7, vec![153, 8]));
        assert_eq!(shape(&format!("{}€{}", "a".repeat(152), "a".repeat(9))), (Gsm7, vec![152, 11]));
        assert_eq!(shape(&"中".repeat(70)), (Ucs2, vec![70]));
        assert_eq!(shape(&"中".repeat(71)), (Ucs2, vec![67, 4]));
        assert_eq!(shape(&"😀".repeat(36)), (Ucs2, vec![66, 6]));
        assert_eq!(shape(&"a\r\n".repeat(54)), (Gsm7, vec![153, 9]));
        // A cluster longer than a segment stays whole, however odd that is.
        let zalgo = format!("e{}", "\u{301}".repeat(99));
        assert_eq!(shape(&zalgo), (Ucs2, vec![0, 100]));
        assert_eq!(shape(&format!("{zalgo}{zalgo}x")), (Ucs2, vec![0, 100, 100, 1]));
    }

    #[test]
    fn says_what_makes_it_ucs_2() {
        let found = sms_segments("Zoë’s café — ’tis 😀", false);
        let shown: Vec<_> =
            found.non_gsm.iter().map(|n| (n.character.as_str(), n.count, n.replacement.as_deref())).collect();
        assert_eq!(shown, [("ë", 1, Some("e")), ("’", 2, Some("'")), ("—", 1, Some("-")), ("😀", 1, None)]);
        assert_eq!(found.segments_if_replaced, None);
        assert_eq!(sms_segments("Zoë’s café", true).non_gsm[0].character, "ë");
    }

    /// A megabyte of marks on one letter takes no longer than one of letters.
    #[test]
    fn long_clusters_are_no_trap() {
        let text = "\u{301}".repeat(500_000);
        assert_eq!(sms_segments(&text, false).units, 500_000);
    }
}
