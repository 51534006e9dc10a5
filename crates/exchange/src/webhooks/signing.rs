//! How what is sent proves that it is ours: the vendor's header, and the three of Standard Webhooks.
//!
//! The vendor's has the HMAC of the body alone, so it can be replayed by whoever has seen it; Standard Webhooks sign the
//! id and the time too. Both are sent. A secret that was replaced signs as well for a while: Standard Webhooks put all
//! signatures into one header, and for the vendor's there is a second one.

use base::Ts;
use base::secret::Secret;
use base::vault::{hex, hmac_sha256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How secrets begin that say which bytes they are, in base64.
const PREFIX: &str = "whsec_";

/// What is signed.
pub(super) struct Message<'a> {
    /// The name of what happened.
    pub(super) event: &'a str,
    /// The delivery's id, the same over all attempts.
    pub(super) id: &'a str,
    /// When this attempt is made.
    pub(super) at: Ts,
    /// The bytes that are sent.
    pub(super) body: &'a [u8],
}

/// A new secret: 32 random bytes, written as Standard Webhooks write them.
pub(super) fn new_secret(random: &Secret<[u8; 32]>) -> Secret<String> {
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(random.reveal())))
}

/// The headers that say what is sent and that it is ours, signed by each of `secrets`, the newest of which is first.
pub(super) fn headers(
    message: &Message<'_>,
    secrets: &[&Secret<String>],
) -> Vec<(&'static str, Secret<String>)> {
    let at = message.at.seconds().to_string();
    let mut all = vec![
        ("content-type", Secret::new("application/json".to_owned())),
        ("x-tratta-event-name", Secret::new(message.event.to_owned())),
        ("x-tratta-webhook-id", Secret::new(message.id.to_owned())),
        ("webhook-id", Secret::new(message.id.to_owned())),
        ("webhook-timestamp", Secret::new(at.clone())),
    ];
    for (name, secret) in
        ["x-tratta-signature-256", "x-tratta-signature-256-previous"].into_iter().zip(secrets)
    {
        all.push((name, Secret::new(hex(&hmac_sha256(secret.reveal().as_bytes(), message.body)))));
    }
    let signed = [message.id.as_bytes(), at.as_bytes(), message.body].join(&b'.');
    let sign = |secret: &&Secret<String>| {
        format!("v1,{}", STANDARD.encode(hmac_sha256(key(secret).reveal(), &signed)))
    };
    let signatures: Vec<String> = secrets.iter().map(sign).collect();
    all.push(("webhook-signature", Secret::new(signatures.join(" "))));
    all
}

/// The bytes of a secret as the libraries of Standard Webhooks read it: base64, with or without the prefix. What is none
/// is taken as it stands.
fn key(secret: &Secret<String>) -> Secret<Vec<u8>> {
    let text = secret.reveal();
    let bytes = STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text));
    Secret::new(bytes.unwrap_or_else(|_| text.as_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(secrets: &[&str]) -> Vec<(&'static str, String)> {
        let secrets: Vec<Secret<String>> = secrets.iter().map(|s| Secret::new((*s).to_owned())).collect();
        let message = Message {
            event: "charge.created",
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at: Ts::from_micros(1_614_265_330_000_000),
            body: br#"{"test": 2432232314}"#,
        };
        let all = headers(&message, &secrets.iter().collect::<Vec<_>>());
        all.into_iter().map(|(name, value)| (name, value.reveal().clone())).collect()
    }

    fn of(name: &str, secrets: &[&str]) -> Option<String> {
        signed(secrets).into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    #[test]
    fn the_published_example_of_standard_webhooks_is_signed_alike() {
        // The specification's own vector: secret, id, timestamp and body.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signature = of("webhook-signature", &[secret]);
        assert_eq!(signature.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn the_reference_library_takes_what_each_secret_signed_and_nothing_else() {
        let new = || new_secret(&Secret::new(base::seams::Seams::system().random()));
        let (now, old) = (new(), new());
        let body = br#"{"test": 2432232314}"#.as_slice();
        let at = base::seams::Seams::system().now();
        let message = Message { event: "charge.created", id: "018f", at, body };
        let mut sent = http::HeaderMap::new();
        for (name, value) in headers(&message, &[&now, &old]) {
            sent.insert(name, value.reveal().parse().unwrap());
        }
        let takes = |secret: &Secret<String>, body: &[u8]| {
            standardwebhooks::Webhook::new(secret.reveal()).unwrap().verify(body, &sent).is_ok()
        };
        assert!(takes(&now, body) && takes(&old, body));
        assert!(!takes(&new(), body) && !takes(&now, b"{}"));
    }

    #[test]
    fn the_vendors_header_is_the_bodys_hmac_in_hex() {
        // From `printf '{"test": 2432232314}' | openssl dgst -sha256 -hmac 'a secret of the vendor'`.
        let expected = "acce604a2ede8a236b2c866a3c93609beeb89c2d47e10092ebba0c26de74f139";
        assert_eq!(of("x-tratta-signature-256", &["a secret of the vendor"]).as_deref(), Some(expected));
        assert_eq!(of("x-tratta-event-name", &["x"]).as_deref(), Some("charge.created"));
    }

    #[test]
    fn while_a_secret_is_replaced_both_sign() {
        let both = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "the one before, no base64"];
        let each = |secret| of("webhook-signature", &[secret]).unwrap();
        assert_eq!(of("webhook-signature", &both).unwrap(), format!("{} {}", each(both[0]), each(both[1])));
        assert_eq!(of("x-tratta-signature-256-previous", &both), of("x-tratta-signature-256", &both[1..]));
        assert_eq!(of("x-tratta-signature-256-previous", &both[..1]), None);
    }
}
