//! Whether somebody who says that something changed at Stripe is Stripe.
//!
//! What must hold: nothing that they send is believed, or even read. It is a reason to look sooner.

use base::Ts;
use base::secret::Secret;
use base::vault::{hex, hmac_sha256};

/// For how long what was signed is good: against those who send it again later.
/// <https://docs.stripe.com/webhooks/signature#replay-attacks>
const TOLERANCE_SECONDS: i64 = 300;

/// How an endpoint's secret begins.
const PREFIX: &str = "whsec_";

/// The secret of the endpoint that was set up at Stripe.
#[derive(Clone)]
pub struct Signing(Secret<String>);

impl Signing {
    /// With this secret; `None` where it is none.
    pub fn new(secret: Secret<String>) -> Option<Signing> {
        let is_one = secret.reveal().len() > PREFIX.len() && secret.reveal().starts_with(PREFIX);
        is_one.then_some(Signing(secret))
    }

    /// Whether Stripe sent `body` a short while ago with this `Stripe-Signature`. Of several signatures, as there are while the
    /// secret is being exchanged, one must be right. <https://docs.stripe.com/webhooks/signature#verify-manually>
    pub fn is_genuine(&self, signature: &str, body: &[u8], now: Ts) -> bool {
        let parts = || signature.split(',').filter_map(|part| part.trim().split_once('='));
        let Some((_, at)) = parts().find(|(name, _)| *name == "t") else { return false };
        let is_fresh =
            at.parse::<i64>().is_ok_and(|at| now.seconds().abs_diff(at) <= TOLERANCE_SECONDS.unsigned_abs());
        let right = Secret::new(self.sign(at, body));
        is_fresh && parts().any(|(name, value)| name == "v1" && Secret::new(value.to_owned()) == right)
    }

    fn sign(&self, at: &str, body: &[u8]) -> String {
        let signed = [at.as_bytes(), body].join(&b'.');
        hex(&hmac_sha256(self.0.reveal().as_bytes(), &signed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Ts {
        Ts::from_micros(1_790_000_000_000_000).plus_seconds(seconds)
    }

    #[test]
    fn only_what_stripe_signed_a_short_while_ago_is_genuine() {
        let ours = Signing::new(Secret::new("whsec_test".into())).unwrap();
        let v1 = ours.sign("1790000000", b"{}");
        let header = format!("t=1790000000,v0=00,v1={v1}");
        assert!(ours.is_genuine(&header, b"{}", at(0)));
        assert!(ours.is_genuine(&header, b"{}", at(300)) && ours.is_genuine(&header, b"{}", at(-300)));
        assert!(!ours.is_genuine(&header, b"{}", at(301)) && !ours.is_genuine(&header, b"{}", at(-301)));
        assert!(!ours.is_genuine(&header, b"{ }", at(0)), "another body");
        assert!(!ours.is_genuine(&format!("t=1790000001,v1={v1}"), b"{}", at(0)), "another time");
        assert!(!ours.is_genuine(&format!("t=1790000000,v0={v1}"), b"{}", at(0)), "another scheme");
        assert!(ours.is_genuine(&format!("t=1790000000,v1=00,v1={v1}"), b"{}", at(0)), "while exchanged");
        let other = Signing::new(Secret::new("whsec_other".into())).unwrap();
        assert!(!other.is_genuine(&header, b"{}", at(0)));
        for broken in ["", "t=", "v1=", "t=x,v1=00", "t=1790000000", &format!("v1={v1}"), &v1] {
            assert!(!ours.is_genuine(broken, b"{}", at(0)), "{broken}");
        }
    }

    /// By another implementation: `printf 1790000000.{} | openssl dgst -sha256 -hmac whsec_test`.
    #[test]
    fn it_signs_as_others_do() {
        let ours = Signing::new(Secret::new("whsec_test".into())).unwrap();
        assert_eq!(ours.sign("1790000000", b"{}"), OPENSSL);
    }

    const OPENSSL: &str = "1c2847ad1f8158a1da978f36627ac1f07f7fd027321ac9ad40bccc06743f8396";

    #[test]
    fn a_secret_of_something_else_is_none() {
        for other in ["", "whsec_", "sk_live_1"] {
            assert!(Signing::new(Secret::new(other.to_owned())).is_none(), "{other}");
        }
    }
}
