//! Folding and hygiene of text: the one way in which leadkit compares words.

use std::borrow::Cow;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Folds text for comparison: compatibility decomposition (NFKD), marks removed, lower case,
/// letters that do not decompose spelt out (ß, ø, ł, æ ...), white space runs made one blank.
///
/// Both stores keep folded columns made by this function, so that they agree on what is equal,
/// whatever collations the database has.
///
/// ```
/// use leadkit_core::text::fold;
/// assert_eq!(fold("  Jürgen  GROẞ "), "jurgen gross");
/// assert_eq!(fold("Łódź"), "lodz");
/// ```
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// [`fold`] into a buffer, for loops over many values; the buffer is cleared first.
pub fn fold_into(text: &str, out: &mut String) {
    out.clear();
    if text.is_ascii() {
        // Most cells are clean already: one blank between words, none at the ends.
        if is_clean(text) {
            out.push_str(text);
            out.make_ascii_lowercase();
            return;
        }
        let mut space = false;
        for byte in text.bytes() {
            if byte.is_ascii_whitespace() || byte == 0x0b {
                space = true;
            } else {
                if space && !out.is_empty() {
                    out.push(' ');
                }
                space = false;
                out.push(byte.to_ascii_lowercase() as char);
            }
        }
        return;
    }
    let mut space = false;
    let mut take = |c: char| {
        if is_combining_mark(c) || is_invisible(c) {
            return;
        }
        if c.is_whitespace() {
            space = true;
            return;
        }
        if space && !out.is_empty() {
            out.push(' ');
        }
        space = false;
        match spelt_out(c) {
            Some(letters) => out.push_str(letters),
            None => out.extend(c.to_lowercase().filter(|c| !is_combining_mark(*c))),
        }
    };
    for c in text.chars() {
        // The order of marks, which normalising a whole text puts right, does not matter here.
        match c.is_ascii_alphanumeric() {
            true => take(c),
            false => decompose_compatible(c, &mut take),
        }
    }
}

/// Appends the folded text where it differs from the text, and says whether it does; the buffer is for
/// folding. Every text of every new lead comes here.
pub(crate) fn push_differing_fold(text: &str, buffer: &mut String, out: &mut String) -> bool {
    if let Some(capital) = clean_ascii(text) {
        if capital {
            let start = out.len();
            out.push_str(text);
            out[start..].make_ascii_lowercase();
        }
        return capital;
    }
    fold_into(text, buffer);
    let differs = buffer != text;
    if differs {
        out.push_str(buffer);
    }
    differs
}

/// Cleans a cell: control and invisible characters removed, no-break and exotic spaces made
/// plain, runs of blanks made one, ends trimmed. Line breaks stay when `multiline` is set and
/// count as blanks otherwise. Borrowed when nothing changed.
///
/// ```
/// use leadkit_core::text::clean;
/// assert_eq!(clean("caf\u{e9}\u{a0}bar\u{200b} ", false), "café bar");
/// assert_eq!(clean("a\r\nb", true), "a\nb");
/// ```
pub fn clean(text: &str, multiline: bool) -> Cow<'_, str> {
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut pending = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let c = match c {
            '\r' => {
                if chars.peek() == Some(&'\n') {
                    continue;
                }
                '\n'
            }
            '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
            c => c,
        };
        if c == '\n' && multiline {
            // Blanks before a line break carry nothing; blank lines do.
            match &mut pending {
                Some(Gap::Lines(n)) => *n += 1,
                gap => *gap = Some(Gap::Lines(1)),
            }
        } else if c.is_whitespace() {
            if pending.is_none() {
                pending = Some(Gap::Blank);
            }
        } else if c.is_control() || is_invisible(c) {
            continue;
        } else {
            if !out.is_empty() {
                match pending {
                    Some(Gap::Blank) => out.push(' '),
                    Some(Gap::Lines(n)) => (0..n.min(2)).for_each(|_| out.push('\n')),
                    None => {}
                }
            }
            pending = None;
            out.push(c);
        }
    }
    Cow::Owned(out)
}

enum Gap {
    Blank,
    Lines(usize),
}

/// Whether [`clean`] would change nothing.
fn is_clean(text: &str) -> bool {
    if is_clean_ascii(text) {
        return true;
    }
    if text.is_ascii() {
        return false;
    }
    let mut blank = true;
    for c in text.chars() {
        // Most letters beyond ASCII; nothing in these ranges is a blank, a control or invisible.
        if matches!(c, '!'..='~' | '\u{c0}'..='\u{167f}' | '\u{3001}'..='\u{fefe}') {
            blank = false;
            continue;
        }
        if c == ' ' {
            if blank {
                return false;
            }
        } else if c.is_whitespace() || c.is_control() || is_invisible(c) {
            return false;
        }
        blank = c == ' ';
    }
    !blank
}

/// Whether a text is ASCII and [`clean`] would change nothing.
pub(crate) fn is_clean_ascii(text: &str) -> bool {
    clean_ascii(text).is_some()
}

/// Whether a text that is ASCII and that [`clean`] would not change has a capital; none for other
/// texts. Eight places at a time: every cell of every import comes here.
#[inline]
fn clean_ascii(text: &str) -> Option<bool> {
    const EACH: u64 = u64::MAX / 255;
    const HIGH: u64 = EACH << 7;
    let mut capitals = 0;
    let mut check = |word: u64, blank_before: u64| {
        let beyond = word & HIGH;
        // Without the highest bits, none of these sums runs over into the next byte.
        let word = word & !HIGH;
        let control = !(word + EACH * 0x60) | (word + EACH);
        let blanks = !((word ^ (EACH * 0x20)) + EACH * 0x7f) & HIGH;
        let twice = blanks & (blanks << 8 | blank_before);
        // At least `A`, and not beyond `Z`.
        capitals |= (word + EACH * 0x3f) & !(word + EACH * 0x25) & HIGH;
        ((beyond | control & HIGH | twice) == 0, blanks >> 56)
    };
    // The start counts as a blank, so that a leading one is a second one.
    let mut blank = 0x80;
    let bytes = text.as_bytes();
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        let (clean, last) = check(u64::from_le_bytes(*word), blank);
        if !clean {
            return None;
        }
        blank = last;
    }
    let mut word = [b'.'; 8];
    word[..rest.len()].copy_from_slice(rest);
    let clean = check(u64::from_le_bytes(word), blank).0 && bytes.last() != Some(&b' ');
    clean.then_some(capitals != 0)
}

/// Characters that show nothing and carry no meaning in a cell: zero-width spaces, byte order
/// marks, direction marks, soft hyphens. Joiners (U+200C, U+200D) stay: scripts and emoji need
/// them.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn spelt_out(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' | 'ẞ' => "ss",
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'þ' | 'Þ' => "th",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        'ŧ' | 'Ŧ' => "t",
        'ŋ' | 'Ŋ' => "n",
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '`' | '´' => "'",
        '\u{201c}' | '\u{201d}' | '\u{201e}' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        _ => return None,
    })
}

/// Words that people write into a cell to say that there is nothing: `N/A`, `-`, `null` ...
///
/// ```
/// use leadkit_core::text::is_placeholder;
/// assert!(is_placeholder("n/a") && is_placeholder(" - ") && !is_placeholder("Nana"));
/// ```
pub fn is_placeholder(text: &str) -> bool {
    is_trimmed_placeholder(text.trim())
}

/// [`is_placeholder`] of a text without blanks at its ends.
pub(crate) fn is_trimmed_placeholder(t: &str) -> bool {
    if t.is_empty() || t.len() > 14 {
        return false;
    }
    if t.bytes().all(|b| matches!(b, b'-' | b'.' | b'?' | b'_' | b'/' | b'*' | b'#')) {
        return true;
    }
    // All the words below begin so; most cells do not.
    if !matches!(t.as_bytes()[0] | 0x20, b'n' | b'u' | b'k' | b'#' | b'(') {
        return false;
    }
    const WORDS: [&str; 17] = [
        "n/a",
        "na",
        "n.a.",
        "n.a",
        "#n/a",
        "null",
        "(null)",
        "none",
        "nil",
        "nan",
        "undefined",
        "unknown",
        "(blank)",
        "(empty)",
        "(none)",
        "not provided",
        "k.a.",
    ];
    WORDS.iter().any(|w| w.eq_ignore_ascii_case(t))
}

/// The nearest of some names to a wrong one, for "did you mean"; none when nothing is near.
///
/// ```
/// use leadkit_core::text::nearest;
/// assert_eq!(nearest("emial", ["email", "phone"]), Some("email"));
/// assert_eq!(nearest("xyz", ["email", "phone"]), None);
/// ```
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.len().max(wrong.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Masks a value for reports: the first and last character of each word stay, digits but the
/// last two go.
///
/// ```
/// use leadkit_core::text::mask;
/// assert_eq!(mask("ada@lovelace.org"), "a*a@l******e.o*g");
/// assert_eq!(mask("+49 30 1234567"), "+** ** *****67");
/// ```
pub fn mask(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let digits = chars.iter().filter(|c| c.is_numeric()).count();
    let mut seen = 0;
    let mut out = String::with_capacity(text.len());
    for (i, &c) in chars.iter().enumerate() {
        if c.is_numeric() {
            seen += 1;
            out.push(if digits > 3 && seen > digits - 2 { c } else { '*' });
        } else if c.is_alphabetic() {
            let inner = |j: Option<&char>| j.is_some_and(|c| c.is_alphabetic());
            let before = i.checked_sub(1).and_then(|j| chars.get(j));
            out.push(if inner(before) && inner(chars.get(i + 1)) { '*' } else { c });
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_ascii_and_unicode_agree() {
        for text in ["  A  b\tC ", "O'Neill-Smith", "", " "] {
            let with_mark = format!("{text}\u{301}");
            assert_eq!(fold(text), fold(&with_mark), "{text:?}");
        }
    }

    #[test]
    fn differing_folds_are_those_of_folding() {
        for text in ["", "ada", "Ada", "a  b", " a", "é", "É", "ß", "a\u{301}", "ADA LOVELACE, London 12"]
        {
            let mut out = "before".to_string();
            let differs = push_differing_fold(text, &mut String::new(), &mut out);
            let folded = fold(text);
            assert_eq!(differs, folded != text, "{text:?}");
            assert_eq!(out, format!("before{}", if differs { &folded } else { "" }), "{text:?}");
        }
    }

    #[test]
    fn clean_borrows_what_is_clean() {
        assert!(matches!(clean("Ada Lovelace", false), Cow::Borrowed(_)));
        assert_eq!(clean(" \t Ada\u{7} \n Lovelace\u{feff}", false), "Ada Lovelace");
        assert_eq!(clean("a \r\n\r\n\r\n b\n", true), "a\n\nb");
    }

    /// Eight places at a time and one by one give the same answer, wherever the fault stands.
    #[test]
    fn words_and_bytes_agree_on_what_is_clean() {
        let one_by_one = |text: &str| {
            let ends = !text.starts_with(' ') && !text.ends_with(' ');
            ends && !text.contains("  ") && !text.bytes().any(|b| b < 0x20 || b == 0x7f)
        };
        for len in 0..20 {
            let plain = "abcdefghijklmnopqrst".get(..len).unwrap_or_default();
            assert!(is_clean(plain), "{plain:?}");
            for at in 0..len {
                for with in ["\0", "\u{1f}", "\u{7f}", "~", " ", "  ", "\t", "\n", "!", " x ", "é", "é  "] {
                    let text = format!("{}{with}{}", &plain[..at], &plain[at + 1..]);
                    assert_eq!(is_clean(&text), one_by_one(&text), "{text:?}");
                    assert_eq!(is_clean_ascii(&text), text.is_ascii() && one_by_one(&text), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn letters_are_told_from_blanks_and_controls() {
        for c in (0..=0x3_0000).filter_map(char::from_u32).filter(|c| *c != ' ') {
            let shows = !c.is_whitespace() && !c.is_control() && !is_invisible(c);
            assert_eq!(is_clean(&format!("é{c}")), shows, "{c:?}");
        }
    }

    #[test]
    fn clean_is_idempotent() {
        for text in ["a\u{a0}\u{a0}b", "a\n b\r", "\u{202e}x", "日本\u{3000}語"] {
            for multiline in [false, true] {
                let once = clean(text, multiline).into_owned();
                assert_eq!(clean(&once, multiline), once);
            }
        }
    }
}
