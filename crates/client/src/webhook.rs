//! Whether what arrived at your webhook is from the platform.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// How far a request's time may be from yours, in seconds.
pub const TOLERANCE_SECONDS: u64 = 300;

/// Whether a body is ours, at `now` in unix seconds: by the headers `webhook-id`, `webhook-timestamp` and
/// `webhook-signature`, and the secret that the webhook was made with.
pub fn is_ours(secret: &str, id: &str, timestamp: &str, signatures: &str, body: &[u8], now: i64) -> bool {
    let is_fresh = timestamp.parse::<i64>().is_ok_and(|at| now.abs_diff(at) <= TOLERANCE_SECONDS);
    let Ok(key) = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)) else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return false };
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    let mut given = signatures.split(' ').filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
    is_fresh && given.any(|signature| mac.clone().verify_slice(&signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_of_standard_webhooks_is_ours_for_five_minutes() {
        let at = 1_614_265_330;
        let ours = |signatures: &str, body: &[u8], now| {
            let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
            is_ours(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", signatures, body, now)
        };
        let (body, right) = (br#"{"test": 2432232314}"#, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(ours(right, body, at) && ours(right, body, at + 300) && ours(right, body, at - 300));
        assert!(ours(&format!("v1,AAAA v1a,x {right}"), body, at), "any of several will do");
        assert!(
            !ours(right, body, at + 301)
                && !ours(right, b"{}", at)
                && !ours("v1,AAAA", body, at)
                && !ours("", body, at)
        );
    }
}
