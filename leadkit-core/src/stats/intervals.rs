//! Shares, and the intervals in which they lie.

use super::tally::{decimals, rate};
use crate::error::{Error, ErrorCode, Result};
use crate::model::stats::{Share, ShareDifference};

/// How sure intervals may be, with the quantile of the normal distribution that belongs to it.
const LEVELS: [(f64, f64); 4] = [
    (0.8, 1.281_551_565_544_600_4),
    (0.9, 1.644_853_626_951_472_2),
    (0.95, 1.959_963_984_540_054),
    (0.99, 2.575_829_303_548_900_4),
];

/// The quantile that belongs to how sure an interval is to be; 0 takes 0.95.
pub(super) fn quantile(confidence: f64) -> Result<f64> {
    let wanted = if confidence == 0.0 { 0.95 } else { confidence };
    let known = LEVELS.iter().find(|(level, _)| (level - wanted).abs() < 1e-9);
    known.map(|(_, quantile)| *quantile).ok_or_else(|| {
        Error::new(ErrorCode::InvalidArgument, "a confidence is 0.8, 0.9, 0.95 or 0.99")
            .at_field("confidence")
    })
}

/// A share by Wilson's interval (1927), as Newcombe (1998, method 3) gives it.
pub(super) fn share(count: u64, whole: u64, z: f64) -> Share {
    let (low, high) = wilson(count, whole, z);
    Share { count, rate: rate(count, whole), low: decimals(low), high: decimals(high) }
}

fn wilson(count: u64, whole: u64, z: f64) -> (f64, f64) {
    if whole == 0 {
        return (0.0, 1.0);
    }
    let (r, n) = (count as f64, whole as f64);
    let spread = z * (z * z + 4.0 * r * (1.0 - r / n)).sqrt();
    let of = |sign: f64| ((2.0 * r + z * z + sign * spread) / (2.0 * (n + z * z))).clamp(0.0, 1.0);
    (of(-1.0), of(1.0))
}

/// How much a share differs from another one: Newcombe (1998, method 10). None of nothing.
pub(super) fn difference(one: (u64, u64), other: (u64, u64), z: f64) -> Option<ShareDifference> {
    if one.1 == 0 || other.1 == 0 {
        return None;
    }
    let (p1, p2) = (one.0 as f64 / one.1 as f64, other.0 as f64 / other.1 as f64);
    let ((l1, u1), (l2, u2)) = (wilson(one.0, one.1, z), wilson(other.0, other.1, z));
    let difference = p1 - p2;
    let low = difference - ((p1 - l1).powi(2) + (u2 - p2).powi(2)).sqrt();
    let high = difference + ((u1 - p1).powi(2) + (p2 - l2).powi(2)).sqrt();
    Some(ShareDifference {
        difference: decimals(difference),
        low: decimals(low),
        high: decimals(high),
        significant: low > 0.0 || high < 0.0,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Newcombe's own examples: 1998, p. 862, table I, method 3.
    #[test]
    fn shares_are_those_of_newcombe() {
        let z = quantile(0.0).unwrap();
        for (count, whole, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let share = share(count, whole, z);
            assert!((share.low - low).abs() < 6e-5, "{count}/{whole} {share:?}");
            assert!((share.high - high).abs() < 6e-5, "{count}/{whole} {share:?}");
        }
        assert_eq!(share(0, 0, z), Share { count: 0, rate: None, low: 0.0, high: 1.0 });
    }

    /// 1998, p. 881, table II, method 10.
    #[test]
    fn differences_are_those_of_newcombe() {
        let z = quantile(0.95).unwrap();
        for (one, other, low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((6, 7), (2, 7), 0.0582, 0.8062),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((0, 10), (0, 20), -0.1611, 0.2775),
            ((10, 10), (0, 20), 0.6791, 1.0),
        ] {
            let found = difference(one, other, z).unwrap();
            assert!((found.low - low).abs() < 6e-5, "{one:?} {other:?} {found:?}");
            assert!((found.high - high).abs() < 6e-5, "{one:?} {other:?} {found:?}");
        }
        assert!(difference((56, 70), (48, 80), z).unwrap().significant);
        assert!(!difference((5, 56), (0, 29), z).unwrap().significant);
        assert_eq!(difference((0, 0), (1, 2), z), None);
        assert_eq!(quantile(0.5).unwrap_err().code(), "invalid_argument");
    }
}
