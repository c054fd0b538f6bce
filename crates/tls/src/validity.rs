//! From when to when a certificate is valid.
//!
//! [RFC 5280, section 4.1.2.5](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5).

use peerloom_crypto::der::Reader;

use crate::CertificateError;

/// The first and the last second in which a certificate is valid, counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    from: i64,
    to: i64,
}

impl Validity {
    /// Reads two times, in either form each, and nothing behind them.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let validity = Validity { from: read_time(&mut reader)?, to: read_time(&mut reader)? };
        reader.finish()?;
        Some(validity)
    }

    /// Whether a certificate is valid in that second.
    pub(crate) fn check(self, now: u64) -> Result<(), CertificateError> {
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        if now < self.from {
            return Err(CertificateError::NotYetValid);
        }
        if self.to < now {
            return Err(CertificateError::Expired);
        }
        Ok(())
    }
}

/// Either `YYMMDDHHMMSSZ`, of the years 1950 to 2049, or `YYYYMMDDHHMMSSZ`.
fn read_time(reader: &mut Reader<'_>) -> Option<i64> {
    let (year, rest) = if let Some(short) = reader.read_optional(UTC_TIME)? {
        let (year, rest) = take_number(short, 2)?;
        (if year < 50 { 2000 + year } else { 1900 + year }, rest)
    } else {
        take_number(reader.read(GENERALIZED_TIME)?, 4)?
    };
    let (month, rest) = take_number(rest, 2).filter(|(month, _)| (1..=12).contains(month))?;
    let (day, rest) = take_number(rest, 2).filter(|(day, _)| (1..=31).contains(day))?;
    let (hour, rest) = take_number(rest, 2).filter(|(hour, _)| *hour < 24)?;
    let (minute, rest) = take_number(rest, 2).filter(|(minute, _)| *minute < 60)?;
    // The last minute of a day may have a leap second.
    let (second, rest) = take_number(rest, 2).filter(|(second, _)| *second <= 60)?;
    let days = days_before(year, month) + day - 1;
    (rest == b"Z").then_some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

/// A number of so many digits, and what is behind it.
fn take_number(bytes: &[u8], digits: usize) -> Option<(i64, &[u8])> {
    let (number, rest) = bytes.split_at_checked(digits)?;
    let number = number.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
    })?;
    Some((number, rest))
}

/// The days from the first of January 1970 to the first of a month.
fn days_before(year: i64, month: i64) -> i64 {
    // Years that begin in March have their leap day at the end.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 - DAYS_TO_1970
}

/// The days from the first of March of the year 0.
const DAYS_TO_1970: i64 = 719_468;

const UTC_TIME: u8 = 0x17;

const GENERALIZED_TIME: u8 = 0x18;

#[cfg(test)]
mod tests {
    use super::*;

    fn short(text: &str) -> Option<i64> {
        time(UTC_TIME, text)
    }

    fn long(text: &str) -> Option<i64> {
        time(GENERALIZED_TIME, text)
    }

    fn time(tag: u8, text: &str) -> Option<i64> {
        let length = u8::try_from(text.len()).unwrap();
        let bytes = [&[tag, length], text.as_bytes()].concat();
        read_time(&mut Reader::new(&bytes))
    }

    #[test]
    fn times_are_counted_from_1970() {
        assert_eq!(short("700101000000Z"), Some(0));
        assert_eq!(short("700101000001Z"), Some(1));
        assert_eq!(short("691231235959Z"), Some(-1));
        assert_eq!(long("20000229120000Z"), Some(951_825_600));
        assert_eq!(short("000301000000Z"), Some(951_868_800));
        assert_eq!(short("491231235959Z"), Some(2_524_607_999));
        assert_eq!(short("500101000000Z"), Some(-631_152_000));
        assert_eq!(long("20380119031408Z"), Some(1 << 31));
        assert_eq!(long("40960101130000Z"), Some(67_090_165_200));
        assert_eq!(long("99991231235959Z"), Some(253_402_300_799));
        assert_eq!(long("00000101000000Z"), Some(-62_167_219_200));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "700101000000", "7001010000Z", "700101000000+0100", "70010100000aZ"] {
            assert_eq!(short(text), None, "{text}");
        }
        for text in ["701301000000Z", "700001000000Z", "700100000000Z", "700132000000Z"] {
            assert_eq!(short(text), None, "{text}");
        }
        for text in ["19700101240000Z", "19700101006000Z", "19700101000061Z", "700101000000Z"] {
            assert_eq!(long(text), None, "{text}");
        }
        assert_eq!(time(0x04, "700101000000Z"), None);
    }

    #[test]
    fn a_certificate_is_valid_from_its_first_second_to_its_last() {
        let validity = Validity { from: 10, to: 20 };
        assert_eq!(validity.check(9), Err(CertificateError::NotYetValid));
        assert_eq!(validity.check(10), Ok(()));
        assert_eq!(validity.check(20), Ok(()));
        assert_eq!(validity.check(21), Err(CertificateError::Expired));
        assert_eq!(validity.check(u64::MAX), Err(CertificateError::Expired));
    }
}
