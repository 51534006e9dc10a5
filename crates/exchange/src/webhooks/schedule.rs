//! When something is told again, and how much an endpoint that fails may cost.

use std::time::Duration;

use base::Ts;
use jiff::SignedDuration;
use jiff::fmt::rfc2822;

/// How long one attempt may take, from looking up the name to the last byte that is read (guide).
pub const WITHIN: Duration = Duration::from_secs(10);

/// The waits between attempts, in seconds: three of 900 (guide), then longer ones, 72 hours in all.
const WAITS: [i64; 11] = [900, 900, 900, 3_600, 7_200, 14_400, 28_800, 43_200, 43_200, 57_600, 58_500];

/// How many waits are as long as they say. The others are up to a tenth longer, so that what failed together does not
/// come back together; none is shorter, so that whoever is away for 72 hours misses nothing.
const EXACT: usize = 3;

/// How often something is told at most before a person has to ask for it.
pub const MOST_TRIES: i64 = 12;

/// The longest wait that an answer may ask for, in seconds.
const LONGEST_ASKED: i64 = 24 * 3_600;

/// After how many seconds of nothing but failures an endpoint is switched off.
pub(super) const GIVES_UP_SECONDS: i64 = 5 * 24 * 3_600;

/// After how many failures in a row an endpoint is told one thing at a time, and rests in between.
pub(super) const FAILING: i64 = 5;

/// How many times as long as its attempts took it rests: so it never has more than a tenth of somebody's time.
const REST: u32 = 9;

/// The longest rest.
const LONGEST_REST: Duration = Duration::from_secs(300);

/// How many seconds after its attempt number `tries` something is told again; `None` after the last one. `chance` is any
/// number, `asked` what the answer asked for.
pub(super) fn again_in(tries: i64, chance: u16, asked: Option<i64>) -> Option<i64> {
    let at = usize::try_from(tries - 1).ok()?;
    let wait = *WAITS.get(at)?;
    let later = if at < EXACT { 0 } else { wait / 10 * i64::from(chance) / i64::from(u16::MAX) };
    Some((wait + later).max(asked.unwrap_or(0).min(LONGEST_ASKED)))
}

/// How long an endpoint rests that failed so often in a row, after attempts that took so long.
pub(super) fn rest(failures: i64, took: Duration) -> SignedDuration {
    let rest = if failures < FAILING { Duration::ZERO } else { (took * REST).min(LONGEST_REST) };
    SignedDuration::try_from(rest).unwrap_or(SignedDuration::ZERO)
}

/// How many seconds a `Retry-After` asks to wait: it says so many, or an instant (RFC 9110, 10.2.3).
pub(super) fn asked_for(retry_after: &str, now: Ts) -> Option<i64> {
    let text = retry_after.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(i64::from(seconds));
    }
    let at = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Ts::from(at).since(now).as_secs().max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_three_retries_come_first_and_the_last_one_after_72_hours() {
        let waits = |chance| -> Vec<i64> { (1..).map_while(|tries| again_in(tries, chance, None)).collect() };
        assert_eq!(&waits(0)[..3], &[900, 900, 900]);
        assert_eq!(&waits(u16::MAX)[..3], &[900, 900, 900]);
        assert_eq!(waits(0).iter().sum::<i64>(), 72 * 3_600);
        assert_eq!(i64::try_from(waits(0).len()).unwrap() + 1, MOST_TRIES);
        for (early, late) in waits(0).iter().zip(waits(u16::MAX)) {
            assert!(*early <= late && late <= early + early / 10, "{early} {late}");
        }
    }

    #[test]
    fn an_answer_may_ask_for_more_patience_and_not_for_less() {
        assert_eq!(again_in(1, 0, Some(60)), Some(900));
        assert_eq!(again_in(1, 0, Some(1_800)), Some(1_800));
        assert_eq!(again_in(1, 0, Some(i64::MAX)), Some(24 * 3_600));
        assert_eq!(again_in(MOST_TRIES, 0, Some(60)), None);
        let now = Ts::parse("1994-11-06T08:49:00Z").unwrap();
        for (text, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(37)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(asked_for(text, now), seconds, "{text}");
        }
    }

    #[test]
    fn what_fails_has_a_tenth_of_somebodys_time() {
        let seconds = |failures, took| rest(failures, Duration::from_secs(took)).as_secs();
        assert_eq!(seconds(FAILING - 1, 10), 0);
        assert_eq!(seconds(FAILING, 10), 90);
        assert_eq!(seconds(FAILING, 100), 300);
        assert_eq!(seconds(FAILING, 0), 0);
    }
}
