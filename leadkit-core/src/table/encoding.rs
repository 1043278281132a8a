//! Which encoding a file is in, and its text as UTF-8.
//!
//! In this order: a byte order mark; UTF-16 without one, by where its zero bytes stand; UTF-8 when
//! the whole file is valid UTF-8, or almost (see [`Utf8Check::is_utf8`]); else a guess by
//! chardetng from samples around the bytes that are not ASCII, wherever in the file they are.
//! When those are very few and make sense as windows-1252, it is windows-1252.

use std::io::Read;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::{Error, ErrorCode, Result};
use crate::text::nearest;

/// What is known about a file's encoding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detected {
    pub(super) encoding: &'static Encoding,
    /// Length of the byte order mark.
    pub(super) bom: usize,
    pub(super) confidence: f64,
}

/// Finds the encoding from a file's first bytes, the check of all of it, and samples of its
/// non-ASCII parts.
pub(super) fn detect(head: &[u8], check: &Utf8Check, sample: &[u8]) -> Detected {
    if let Some((encoding, bom)) = Encoding::for_bom(head) {
        return Detected { encoding, bom, confidence: 1.0 };
    }
    if let Some(encoding) = utf16_by_zeros(head) {
        return Detected { encoding, bom: 0, confidence: 0.95 };
    }
    if check.is_utf8() {
        let confidence = if check.bad == 0 { 1.0 } else { 0.9 };
        return Detected { encoding: UTF_8, bom: 0, confidence };
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let foreign: Vec<u8> = sample.iter().copied().filter(|b| !b.is_ascii()).collect();
    if foreign.len() < 6 && foreign.iter().all(|b| is_western(*b)) {
        return Detected { encoding: WINDOWS_1252, bom: 0, confidence: 0.7 };
    }
    Detected { encoding: guess, bom: 0, confidence: 0.8 }
}

/// The encoding a caller names, and the byte order mark if the file has that encoding's.
pub(super) fn by_label(label: &str, head: &[u8]) -> Result<Detected> {
    let Some(encoding) = Encoding::for_label_no_replacement(label.as_bytes()) else {
        let error = Error::new(ErrorCode::InvalidArgument, format!("there is no encoding `{label}`"))
            .at_field("encoding");
        return Err(match nearest(label, LABELS.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("names are those of the WHATWG, such as `utf-8`, `windows-1252`, `utf-16le`"),
        });
    };
    let bom = match Encoding::for_bom(head) {
        Some((marked, length)) if marked == encoding => length,
        _ => 0,
    };
    Ok(Detected { encoding, bom, confidence: 1.0 })
}

const LABELS: &[&str] = &[
    "utf-8",
    "utf-16le",
    "utf-16be",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "windows-874",
    "latin1",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-9",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "ascii",
    "cp1252",
    "koi8-r",
    "koi8-u",
    "macintosh",
    "ibm866",
    "gbk",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "iso-2022-jp",
];

/// Whether bytes are UTF-8, block by block.
#[derive(Clone, Debug, Default)]
pub(super) struct Utf8Check {
    /// Sequences of more than one byte that are valid.
    pub(super) valid: u64,
    /// Sequences that are not UTF-8.
    pub(super) bad: u64,
    /// The beginning of a sequence that the last block cut.
    carry: Vec<u8>,
}

impl Utf8Check {
    /// Looks at the next block.
    pub(super) fn feed(&mut self, block: &[u8]) {
        let mut rest = block;
        while !self.carry.is_empty() {
            // Complete the cut sequence byte by byte; it is at most four long.
            let Some((first, more)) = rest.split_first() else { return };
            self.carry.push(*first);
            match std::str::from_utf8(&self.carry) {
                Ok(_) => {
                    self.valid += 1;
                    rest = more;
                    self.carry.clear();
                }
                Err(error) if error.error_len().is_none() => rest = more,
                Err(_) => {
                    // The byte that broke the sequence may begin another: it is looked at again.
                    self.bad += 1;
                    self.carry.clear();
                }
            }
        }
        if rest.is_ascii() {
            return;
        }
        loop {
            match simdutf8::compat::from_utf8(rest) {
                Ok(_) => return self.valid += count_sequences(rest),
                Err(error) => {
                    let (good, bad) = rest.split_at(error.valid_up_to());
                    self.valid += count_sequences(good);
                    match error.error_len() {
                        None => return self.carry.extend_from_slice(bad),
                        Some(length) => {
                            self.bad += 1;
                            rest = &bad[length.min(bad.len())..];
                        }
                    }
                }
            }
        }
    }

    /// Counts what the last block left open.
    pub(super) fn finish(&mut self) {
        self.bad += u64::from(!self.carry.is_empty());
        self.carry.clear();
    }

    /// Whether the file is UTF-8: wholly, or with so few damaged places that no other encoding
    /// explains the rest. In other encodings letters rarely stand so that they form UTF-8
    /// sequences, so four valid ones for each bad one are proof enough.
    pub(super) fn is_utf8(&self) -> bool {
        self.bad == 0 || self.valid >= 4 * self.bad
    }
}

fn count_sequences(valid: &[u8]) -> u64 {
    // Sums of bytes over short runs are what compilers turn into vector code.
    valid.chunks(255).map(|run| u64::from(run.iter().map(|b| u8::from(*b >= 0xc0)).sum::<u8>())).sum()
}

/// UTF-16 without a mark: in tables most characters are ASCII, so every second byte is zero, and
/// always on the same side. In other scripts the delimiters, digits and line ends still are.
fn utf16_by_zeros(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.chunks_exact(2);
    let count = pairs.len();
    let (first, second) = pairs.fold((0, 0), |(first, second), pair| {
        (first + usize::from(pair[0] == 0), second + usize::from(pair[1] == 0))
    });
    let (many, few) = (count / 8, count / 64);
    match () {
        () if count < 2 => None,
        () if second > many && first <= few => Some(UTF_16LE),
        () if first > many && second <= few => Some(UTF_16BE),
        () => None,
    }
}

/// Letters of western European languages and signs common in their texts, as windows-1252.
fn is_western(byte: u8) -> bool {
    matches!(byte, 0xc0..=0xd6 | 0xd8..=0xf6 | 0xf8..=0xff | 0x80 | 0x85 | 0x8a | 0x8c | 0x8e | 0x91..=0x97
        | 0x99 | 0x9a | 0x9c | 0x9e | 0x9f | 0xa0 | 0xa7 | 0xa9 | 0xab | 0xae | 0xb0 | 0xb2 | 0xb3 | 0xb4 | 0xba | 0xbb)
}

/// A stream of bytes as a stream of UTF-8 text, without its byte order mark.
pub(super) struct TextReader {
    source: Box<dyn Read + Send>,
    decoder: Decoder,
    /// Bytes of the mark still to skip.
    skip: usize,
    raw: Vec<u8>,
    /// Bytes read from the source.
    pub(super) bytes: u64,
    /// Sequences that were no text and became U+FFFD.
    pub(super) malformed: u64,
    ended: bool,
}

impl TextReader {
    /// Reads `block` bytes at a time.
    pub(super) fn new(source: Box<dyn Read + Send>, detected: Detected, block: usize) -> Self {
        TextReader {
            source,
            decoder: detected.encoding.new_decoder_without_bom_handling(),
            skip: detected.bom,
            raw: vec![0; block],
            bytes: 0,
            malformed: 0,
            ended: false,
        }
    }

    /// Appends the next block of text; nothing after the end.
    pub(super) fn read_into(&mut self, text: &mut String) -> std::io::Result<()> {
        if self.ended {
            return Ok(());
        }
        let count = loop {
            match self.source.read(&mut self.raw) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.bytes += count as u64;
        self.ended = count == 0;
        let skipped = self.skip.min(count);
        self.skip -= skipped;
        let mut rest = &self.raw[skipped..count];
        loop {
            // One byte is at most one character of three bytes, in every encoding.
            let need = self.decoder.max_utf8_buffer_length_without_replacement(rest.len());
            let enough = rest.len() + 16;
            text.reserve(match rest.is_ascii() {
                true => enough,
                false => need.unwrap_or(3 * enough),
            });
            let (result, read) = self.decoder.decode_to_string_without_replacement(rest, text, self.ended);
            rest = &rest[read..];
            match result {
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.malformed += 1;
                    text.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
    }

    /// Whether the source has ended.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }
}

/// The beginning of a file as text; a character cut at its end is left out.
pub(super) fn decode_head(head: &[u8], whole: bool, detected: Detected) -> String {
    let mut decoder = detected.encoding.new_decoder_without_bom_handling();
    let bytes = &head[detected.bom.min(head.len())..];
    let mut text =
        String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3));
    let _ = decoder.decode_to_string(bytes, &mut text, whole);
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn found(bytes: &[u8]) -> &'static str {
        let mut check = Utf8Check::default();
        check.feed(bytes);
        check.finish();
        detect(bytes, &check, bytes).encoding.name()
    }

    #[test]
    fn finds_encodings() {
        let utf16 = |text: &str, big: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
        };
        assert_eq!(found(b"name,city\n"), "UTF-8");
        assert_eq!(found(b"\xef\xbb\xbfname\n"), "UTF-8");
        assert_eq!(found("M\u{fc}ller".as_bytes()), "UTF-8");
        assert_eq!(found(b"M\xfcller,K\xf6ln"), "windows-1252");
        assert_eq!(found(b"\xff\xfea\0b\0"), "UTF-16LE");
        assert_eq!(found(&utf16("name,email\nИван,ivan@example.ru\n", false)), "UTF-16LE");
        assert_eq!(found(&utf16("name,email\nИван,ivan@example.ru\n", true)), "UTF-16BE");
        let (russian, _, _) = encoding_rs::WINDOWS_1251
            .encode("имя,город\nИван Петров,Москва\nАнна Каренина,Санкт-Петербург\n");
        assert_eq!(found(&russian), "windows-1251");
        let (polish, _, _) =
            encoding_rs::WINDOWS_1250.encode("imię,miasto\nŁukasz Żółć,Łódź\nMałgorzata Świątek,Gdańsk\n");
        assert_eq!(found(&polish), "windows-1250");
    }

    #[test]
    fn few_bad_bytes_leave_utf8() {
        let mut bytes = "Müller, Jürgen, Größe, Łódź\n".as_bytes().to_vec();
        bytes.push(0xfc);
        assert_eq!(found(&bytes), "UTF-8");
        assert_eq!(found("Mü".as_bytes()), "UTF-8");
        assert_eq!(found(b"\xc3\xbc \xfc \xe4 \xf6"), "windows-1252");
    }

    #[test]
    fn the_check_does_not_depend_on_blocks() {
        let mut bytes = "aü€😀z".repeat(3).into_bytes();
        bytes.extend(b"\xe2\x82a\xf0\x9f\xff\xc3");
        let whole = |size: usize| {
            let mut check = Utf8Check::default();
            bytes.chunks(size).for_each(|block| check.feed(block));
            check.finish();
            (check.valid, check.bad)
        };
        for size in 1..20 {
            assert_eq!(whole(size), whole(1000), "{size}");
        }
    }

    #[test]
    fn unknown_labels_name_the_nearest() {
        let error = by_label("windows-1522", b"").unwrap_err();
        assert_eq!(error.code(), "invalid_argument");
        assert_eq!(error.hint_text(), Some("did you mean `windows-1252`?"));
        assert_eq!(by_label("latin1", b"").unwrap().encoding.name(), "windows-1252");
    }
}
