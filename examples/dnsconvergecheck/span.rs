//! Durations as people write them: a number with its unit.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Nothing that this program waits for takes longer; it also keeps every sum with the clock in range.
pub(crate) const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A duration above zero and of at most [`LONGEST`], as in `500ms`, `30s` or `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

/// Why a text is not a duration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SpanError {
    /// A number and no unit: seconds for some tools, milliseconds for others.
    #[error("it has no unit: add one, as in {0}s, {0}ms or {0}m")]
    NoUnit(String),
    /// Not a duration at all.
    #[error("it is not a duration: write a number with its unit, as in 500ms, 30s, 10m or 1h")]
    Unreadable,
    /// No time at all.
    #[error("it must be longer than zero")]
    Zero,
    /// Longer than anything here lasts.
    #[error("it is longer than {}", humantime::format_duration(LONGEST))]
    TooLong,
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let text = text.trim();
        let number = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.');
        if number && text.parse::<f64>().is_ok_and(|number| number != 0.0) {
            return Err(SpanError::NoUnit(text.to_owned()));
        }
        let duration = match humantime::parse_duration(text) {
            Ok(duration) => duration,
            Err(humantime::DurationError::NumberOverflow) => return Err(SpanError::TooLong),
            Err(_) => return Err(SpanError::Unreadable),
        };
        match duration {
            Duration::ZERO => Err(SpanError::Zero),
            duration if duration > LONGEST => Err(SpanError::TooLong),
            duration => Ok(Self(duration)),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Span, SpanError};
    use std::time::Duration;

    #[test]
    fn a_duration_has_a_number_and_a_unit() {
        assert_eq!("500ms".parse(), Ok(Span(Duration::from_millis(500))));
        assert_eq!(" 1h 30m ".parse(), Ok(Span(Duration::from_secs(5400))));
        assert_eq!(Span(Duration::from_secs(90)).to_string().parse(), Ok(Span(Duration::from_secs(90))));
    }

    #[test]
    fn what_is_no_duration_says_why() {
        let error = |text: &str| text.parse::<Span>().unwrap_err();
        assert!(error("30").to_string().contains("30s"));
        assert_eq!(error("1.5"), SpanError::NoUnit("1.5".into()));
        assert_eq!(error("0s"), SpanError::Zero);
        assert_eq!(error("0"), SpanError::Zero);
        assert_eq!(error("31d"), SpanError::TooLong);
        assert_eq!(error("99999999999999999999999h"), SpanError::TooLong);
        assert_eq!(error("-5s"), SpanError::Unreadable);
        assert_eq!(error(""), SpanError::Unreadable);
    }
}
