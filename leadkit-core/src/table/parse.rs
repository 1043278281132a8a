//! One record out of a window of text: where its cells begin and end.
//!
//! The grammar is RFC 4180 as the `csv` crate reads it, with any mix of line ends, plus three
//! repairs of what people's files hold, none of which touches well-formed input:
//!
//! * A quote that closes a cell but is followed by more text (`"The "Best" Co"`) is literal when a
//!   proper close follows on the same line; else the cell was never quoted and its quotes are text
//!   (`"Bob" Smith`).
//! * A quoted cell that runs over a line end and meets what looks like the *opening* of another
//!   quoted cell, or the end of the input, or the size limit, was never closed: only its own line
//!   is bad, and reading goes on with the next line.
//! * Blanks around a quoted cell are dropped when it closes on the same line (`a, "b, c", d`).

/// The characters that structure the text.
#[derive(Clone, Debug)]
pub(super) struct Syntax {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    pub(super) escape: Option<u8>,
    pub(super) comment: Option<u8>,
    /// Bytes that end an unquoted cell.
    plain: Needles<3>,
    /// Bytes that mean something inside a quoted one.
    quoted: Needles<4>,
}

impl Syntax {
    pub(super) fn new(delimiter: u8, quote: Option<u8>, escape: Option<u8>, comment: Option<u8>) -> Self {
        let plain = Needles([delimiter, b'\n', b'\r']);
        let quoted = Needles([b'\n', b'\r', quote.unwrap_or(b'\n'), escape.unwrap_or(b'\n')]);
        Syntax { delimiter, quote, escape, comment, plain, quoted }
    }
}

/// A few bytes to look for, eight places at a time.
#[derive(Clone, Copy, Debug)]
struct Needles<const N: usize>([u8; N]);

impl<const N: usize> Needles<N> {
    fn contains(&self, byte: u8) -> bool {
        self.0.contains(&byte)
    }

    /// The first place from `at` that holds one of them, or the end.
    #[inline]
    fn find(&self, bytes: &[u8], mut at: usize) -> usize {
        const LOW: u64 = u64::MAX / 255;
        const HIGH: u64 = LOW << 7;
        while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let word = u64::from_le_bytes(*chunk);
            let mut hits = 0;
            for needle in self.0 {
                // A byte that equals the needle becomes zero; the lowest bit that this formula sets
                // is at the first zero byte (higher ones may be wrong, and do not matter).
                let zero = word ^ (LOW * u64::from(needle));
                hits |= zero.wrapping_sub(LOW) & !zero & HIGH;
            }
            if hits != 0 {
                return at + (hits.trailing_zeros() / 8) as usize;
            }
            at += 8;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        at + rest.iter().position(|byte| self.contains(*byte)).unwrap_or(rest.len())
    }
}

/// A cell: the bytes of the window it stands in, quotes excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What lies behind the last byte of the text at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// More text, not read yet.
    More,
    /// Nothing.
    End,
    /// The limit for one record.
    Limit,
}

/// Why a record is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Unclosed,
    TooLarge,
}

/// A record's place in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where its text ends.
    pub(super) end: usize,
    /// Where the next record begins.
    pub(super) next: usize,
    /// How many lines it takes.
    pub(super) lines: u64,
    pub(super) fault: Option<Fault>,
}

/// What a record was made of, beside its cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    /// Cells whose text holds doubled or escaped quotes.
    pub(super) escaped: Vec<u32>,
    /// Cells properly quoted.
    pub(super) quoted: u32,
    /// Quotes that needed a repair.
    pub(super) repaired: u32,
}

/// Appends the cells of the record at the start of `bytes`, as places counted from `bytes[0]`;
/// none when the text ends before the record does (the cells appended are then void).
pub(super) fn record(
    syntax: &Syntax,
    bytes: &[u8],
    tail: Tail,
    cells: &mut Vec<Span>,
    notes: &mut Notes,
) -> Option<Found> {
    let first = cells.len();
    let mut scan = Scan { syntax, bytes, tail, lines: 0 };
    let mut at = 0;
    loop {
        let cell = match bytes.get(at) {
            Some(byte) if Some(*byte) == syntax.quote => scan.quoted(at)?,
            Some(b' ' | b'\t') if syntax.quote.is_some() => scan.padded(at)?,
            _ => scan.plain(at, Kind::Plain)?,
        };
        match cell.kind {
            Kind::Plain => {}
            Kind::Quoted => notes.quoted += 1,
            Kind::Escaped => {
                notes.quoted += 1;
                notes.escaped.push((cells.len() - first) as u32);
            }
            Kind::Repaired => notes.repaired += 1,
        }
        cells.push(Span { start: cell.start as u32, end: cell.end as u32 });
        match cell.stop {
            Stop::Delimiter(next) => at = next,
            Stop::Line(next) => {
                return Some(Found { end: cell.stop_at, next, lines: scan.lines + 1, fault: cell.fault });
            }
            Stop::Text if tail == Tail::Limit => {
                let (end, fault) = (bytes.len(), Some(Fault::TooLarge));
                return Some(Found { end, next: end, lines: scan.lines + 1, fault });
            }
            Stop::Text => {
                let end = bytes.len();
                return Some(Found { end, next: end, lines: scan.lines + 1, fault: cell.fault });
            }
        }
    }
}

/// Where the line that begins or goes on at `at` ends, and where the next begins; none when the
/// text ends first, or at a CR that may be half of a CRLF.
pub(super) fn line_end(bytes: &[u8], at: usize, tail: Tail) -> Option<(usize, usize)> {
    let end = at + bytes.get(at..)?.iter().position(|b| matches!(b, b'\n' | b'\r'))?;
    Some((end, after_break(bytes, end, tail)?))
}

/// Takes doubled and escaped quotes out of a quoted cell. A backslash before anything but a quote
/// or itself is text: Windows paths are more common than `\n` for a line break.
pub(super) fn unescape(syntax: &Syntax, text: &str, out: &mut String) {
    let (Some(quote), bytes) = (syntax.quote, text.as_bytes()) else { return out.push_str(text) };
    let mut from = 0;
    let mut at = 0;
    while at + 1 < bytes.len() {
        let (byte, next) = (bytes[at], bytes[at + 1]);
        let doubled = byte == quote && next == quote;
        let escaped = Some(byte) == syntax.escape && (next == quote || next == byte);
        if doubled || escaped {
            out.push_str(&text[from..at]);
            from = at + 1;
            at += 2;
        } else {
            at += 1;
        }
    }
    out.push_str(&text[from..]);
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Quoted,
    Escaped,
    Repaired,
}

enum Stop {
    /// At a delimiter; the next cell begins here.
    Delimiter(usize),
    /// At a line end; the next line begins here.
    Line(usize),
    /// At the end of the text.
    Text,
}

struct Cell {
    start: usize,
    end: usize,
    /// Where the delimiter or line end stands.
    stop_at: usize,
    stop: Stop,
    kind: Kind,
    fault: Option<Fault>,
}

struct Scan<'a> {
    syntax: &'a Syntax,
    bytes: &'a [u8],
    tail: Tail,
    /// Line breaks inside quoted cells so far.
    lines: u64,
}

impl Scan<'_> {
    #[inline]
    fn plain(&self, start: usize, kind: Kind) -> Option<Cell> {
        let end = self.syntax.plain.find(self.bytes, start);
        self.stop(start, end, end, kind)
    }

    /// A cell whose text ends at `end` and whose delimiter or line end is due at `stop_at`.
    #[inline]
    fn stop(&self, start: usize, end: usize, stop_at: usize, kind: Kind) -> Option<Cell> {
        let stop = match self.bytes.get(stop_at) {
            Some(byte) if *byte == self.syntax.delimiter => Stop::Delimiter(stop_at + 1),
            Some(_) => Stop::Line(after_break(self.bytes, stop_at, self.tail)?),
            None if self.tail == Tail::More => return None,
            None => Stop::Text,
        };
        Some(Cell { start, end, stop_at, stop, kind, fault: None })
    }

    fn is_stop(&self, at: usize) -> bool {
        self.bytes.get(at).is_none_or(|byte| self.syntax.plain.contains(*byte))
    }

    /// The first place from `at` that is no blank; a delimiter is none, even the TAB.
    fn skip_blanks(&self, at: usize) -> usize {
        let blank = |b: &u8| matches!(b, b' ' | b'\t') && *b != self.syntax.delimiter;
        at + self.bytes[at..].iter().take_while(|b| blank(b)).count()
    }

    fn quoted(&mut self, open: usize) -> Option<Cell> {
        let (lines, mut kind) = (self.lines, Kind::Quoted);
        let mut at = open + 1;
        loop {
            at = self.syntax.quoted.find(self.bytes, at);
            if at >= self.bytes.len() {
                return match self.tail {
                    Tail::More => None,
                    _ => self.unclosed(open, lines),
                };
            }
            let next = self.bytes.get(at + 1).copied();
            match self.bytes[at] {
                b'\n' => self.lines += 1,
                // Of a CRLF the LF counts.
                b'\r' => self.lines += u64::from(next != Some(b'\n')),
                byte if Some(byte) == self.syntax.quote => {
                    if next == Some(byte) {
                        kind = Kind::Escaped;
                        at += 1;
                    } else if next.is_none() && self.tail == Tail::More {
                        return None;
                    } else if self.is_stop(at + 1) {
                        return self.stop(open + 1, at, at + 1, kind);
                    } else {
                        let stop = self.skip_blanks(at + 1);
                        if self.is_stop(stop) {
                            return self.stop(open + 1, at, stop, kind);
                        }
                        if self.lines == lines {
                            return self.sloppy(open, at, kind);
                        }
                        if self.opens(at) {
                            return self.unclosed(open, lines);
                        }
                    }
                }
                byte if next == self.syntax.quote || next == Some(byte) => {
                    kind = Kind::Escaped;
                    at += 1;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Whether the quote at `at` stands where a quoted cell begins.
    fn opens(&self, at: usize) -> bool {
        at.checked_sub(1)
            .and_then(|before| self.bytes.get(before))
            .is_none_or(|b| self.syntax.plain.contains(*b))
    }

    /// A quote at `close` that ought to close the cell is followed by more text on the line where
    /// the cell began.
    #[cold]
    fn sloppy(&self, open: usize, close: usize, kind: Kind) -> Option<Cell> {
        let mut at = close + 1;
        loop {
            match self.bytes.get(at) {
                None if self.tail == Tail::More => return None,
                None | Some(b'\n' | b'\r') => return self.plain(open, Kind::Repaired),
                Some(byte) if Some(*byte) == self.syntax.quote => {
                    let stop = self.skip_blanks(at + 1);
                    if self.opens(at) {
                        return self.plain(open, Kind::Repaired);
                    }
                    if self.is_stop(stop) {
                        // Doubled quotes before the sloppy one show a writer who knows them.
                        let kind = if kind == Kind::Escaped { kind } else { Kind::Repaired };
                        return self.stop(open + 1, at, stop, kind);
                    }
                }
                Some(_) => {}
            }
            at += 1;
        }
    }

    /// The quote at `open` has no end: its line is the record, its cell goes on to the line's end.
    #[cold]
    fn unclosed(&mut self, open: usize, lines: u64) -> Option<Cell> {
        self.lines = lines;
        let (end, stop, fault) = match line_end(self.bytes, open, self.tail) {
            Some((end, next)) => (end, Stop::Line(next), Fault::Unclosed),
            None if self.tail == Tail::More => return None,
            None => (self.bytes.len(), Stop::Text, Fault::Unclosed),
        };
        Some(Cell { start: open, end, stop_at: end, stop, kind: Kind::Repaired, fault: Some(fault) })
    }

    /// A cell that begins with blanks: quoted behind them when that quote closes on this line.
    #[cold]
    fn padded(&self, start: usize) -> Option<Cell> {
        let open = self.skip_blanks(start);
        match self.bytes.get(open) {
            Some(byte) if Some(*byte) == self.syntax.quote => {}
            None if self.tail == Tail::More => return None,
            _ => return self.plain(start, Kind::Plain),
        }
        let mut kind = Kind::Quoted;
        let mut at = open + 1;
        loop {
            let next = self.bytes.get(at + 1).copied();
            match self.bytes.get(at).copied() {
                None if self.tail == Tail::More => return None,
                None | Some(b'\n' | b'\r') => return self.plain(start, Kind::Plain),
                byte if byte == self.syntax.quote => {
                    if next == byte {
                        kind = Kind::Escaped;
                        at += 1;
                    } else {
                        let stop = self.skip_blanks(at + 1);
                        return match self.is_stop(stop) {
                            true => self.stop(open + 1, at, stop, kind),
                            false => self.plain(start, Kind::Plain),
                        };
                    }
                }
                byte if byte == self.syntax.escape && (next == self.syntax.quote || next == byte) => {
                    kind = Kind::Escaped;
                    at += 1;
                }
                Some(_) => {}
            }
            at += 1;
        }
    }
}

/// Where the line after the break at `at` begins.
fn after_break(bytes: &[u8], at: usize, tail: Tail) -> Option<usize> {
    match (bytes[at], bytes.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some(at + 2),
        (b'\r', None) if tail == Tail::More => None,
        _ => Some(at + 1),
    }
}

/// The text at hand for one record of at most `limit` bytes, and what lies behind it.
pub(super) fn limited(text: &str, limit: usize, tail: Tail) -> (&str, Tail) {
    if text.len() <= limit {
        return (text, tail);
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (&text[..end], Tail::Limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(syntax: &Syntax, text: &str, tail: Tail) -> Option<(Vec<String>, Found)> {
        let (mut spans, mut notes) = (Vec::new(), Notes::default());
        let found = record(syntax, text.as_bytes(), tail, &mut spans, &mut notes)?;
        let mut out = Vec::new();
        for (index, span) in spans.iter().enumerate() {
            let raw = &text[span.start as usize..span.end as usize];
            let mut cell = String::new();
            match notes.escaped.contains(&(index as u32)) {
                true => unescape(syntax, raw, &mut cell),
                false => cell.push_str(raw),
            }
            out.push(cell);
        }
        Some((out, found))
    }

    #[test]
    fn records_end_where_they_should() {
        let syntax = Syntax::new(b',', Some(b'"'), None, None);
        let read = |text: &str| {
            cells(&syntax, text, Tail::End).map(|(cells, found)| (cells.join("|"), found.next, found.lines))
        };
        assert_eq!(read("a,b\nc"), Some(("a|b".into(), 4, 1)));
        assert_eq!(read("a,\"b\r\n\"\"c\",d\r\ne"), Some(("a|b\r\n\"c|d".into(), 14, 2)));
        assert_eq!(read("a,"), Some(("a|".into(), 2, 1)));
        assert_eq!(read("\"\",\"\""), Some(("|".into(), 5, 1)));
        assert_eq!(read("a\rb"), Some(("a".into(), 2, 1)));
    }

    #[test]
    fn a_record_that_is_cut_is_none() {
        let syntax = Syntax::new(b',', Some(b'"'), Some(b'\\'), None);
        let text = "a, \"b\" ,\"c\\\"\r\n\"\"d\" ,\"e \"f\" g\",h\r\n";
        for end in 0..text.len() {
            assert_eq!(cells(&syntax, &text[..end], Tail::More), None, "{end}");
        }
        let whole = cells(&syntax, text, Tail::More).map(|(cells, found)| (cells, found.lines, found.fault));
        let expected = ["a", "b", "c\"\r\n\"d", "e \"f\" g", "h"].map(str::to_string).to_vec();
        assert_eq!(whole, Some((expected, 2, None)));
    }

    #[test]
    fn needles_are_found_at_every_place() {
        let needles = Needles([b',', b'\n', b'\r']);
        for length in 0..40 {
            for place in 0..length {
                // Neighbours of the needles in value must not be taken for them.
                let mut bytes = vec![b','.wrapping_add(1); length];
                bytes[place] = b'\r';
                assert_eq!(needles.find(&bytes, 0), place);
                assert_eq!(needles.find(&bytes, place + 1), length);
            }
        }
    }
}
