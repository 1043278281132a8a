//! Numbers as people read them.

/// A count with a comma between thousands: `10,000`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count and its noun: `1 row`, `2 rows`.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A share in percent. One decimal below ten and above 99 percent, where it tells something;
/// `0 %` and `100 %` only when it is none or all; a dash when there is no whole.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_string();
    }
    if part == 0 || part == whole {
        return if part == 0 { "0\u{a0}%" } else { "100\u{a0}%" }.to_string();
    }
    let (part, whole) = (u128::from(part), u128::from(whole));
    let thousandths = (part * 1000 + whole / 2) / whole;
    match thousandths {
        0 => "<0.1\u{a0}%".to_string(),
        1000 if part < whole => ">99.9\u{a0}%".to_string(),
        1..100 | 991..1000 => format!("{}.{}\u{a0}%", thousandths / 10, thousandths % 10),
        _ => format!("{}\u{a0}%", (part * 100 + whole / 2) / whole),
    }
}

/// A confidence between 0 and 1 in whole percent, by the same rule.
pub(super) fn confidence(value: f64) -> String {
    let percent = (value * 100.0).round();
    match value {
        v if v.is_nan() || v <= 0.0 => "0\u{a0}%".to_string(),
        v if v >= 1.0 => "100\u{a0}%".to_string(),
        _ if percent < 1.0 => "<1\u{a0}%".to_string(),
        _ if percent > 99.0 => ">99\u{a0}%".to_string(),
        _ => format!("{percent}\u{a0}%"),
    }
}

/// A duration: `840 ms`, `12.3 s`, `2 min 5 s`, `1 h 2 min`.
pub(super) fn duration(seconds: f64) -> String {
    let seconds = if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
    let whole = seconds.round() as u64;
    if seconds < 0.9995 {
        format!("{:.0} ms", seconds * 1000.0)
    } else if seconds < 59.95 {
        format!("{seconds:.1} s")
    } else if whole < 3600 {
        format!("{} min {} s", whole / 60, whole % 60)
    } else {
        format!("{} h {} min", grouped(whole / 3600), whole % 3600 / 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (count, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(count), text);
        }
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn percent_says_none_and_all_only_when_true() {
        let cases = [
            (0, 10, "0 %"),
            (10, 10, "100 %"),
            (1, 1_000_000, "<0.1 %"),
            (999_999, 1_000_000, ">99.9 %"),
            (9_995, 10_000, ">99.9 %"),
            (9_994, 10_000, "99.9 %"),
            (214, 10_000, "2.1 %"),
            (1, 2, "50 %"),
            (9_412, 10_000, "94 %"),
            (999, 10_000, "10 %"),
            (3, 2, "150 %"),
            (u64::MAX - 1, u64::MAX, ">99.9 %"),
        ];
        for (part, whole, text) in cases {
            assert_eq!(percent(part, whole).replace('\u{a0}', " "), text, "{part} of {whole}");
        }
        assert_eq!(percent(0, 0), "–");
        for whole in 1..400 {
            for part in 1..whole {
                let text = percent(part, whole);
                assert!(!text.starts_with("0\u{a0}") && !text.starts_with("100"), "{part}/{whole} {text}");
            }
        }
    }

    #[test]
    fn confidence_and_duration_survive_odd_numbers() {
        for (value, text) in
            [(0.004, "<1 %"), (0.87, "87 %"), (0.999, ">99 %"), (1.0, "100 %"), (7.0, "100 %")]
        {
            assert_eq!(confidence(value).replace('\u{a0}', " "), text);
        }
        assert_eq!(confidence(f64::NAN), "0\u{a0}%");
        let cases = [
            (0.84, "840 ms"),
            (0.9999, "1.0 s"),
            (1.92, "1.9 s"),
            (59.96, "1 min 0 s"),
            (3599.7, "1 h 0 min"),
            (3725.0, "1 h 2 min"),
            (f64::INFINITY, "0 ms"),
            (-1.0, "0 ms"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text);
        }
    }
}
