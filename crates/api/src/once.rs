//! Idempotency keys at the edge: what a request is fingerprinted by, and what it did before.

use base::Result;
use base::secret::Secret;
use base::vault::sha256;
use books::idempotency::{self, Once};

use crate::Call;

/// The request as one that may be repeated, where its caller sent a key.
pub(crate) fn once(call: &Call) -> Option<Once> {
    let key = call.idempotency_key.clone()?;
    let mut request = call.fingerprint_input();
    if !call.files.is_empty() {
        // Files are no fields; another file under the same key is another request.
        let mut bytes = request.reveal().clone();
        for file in &call.files {
            bytes.extend(sha256(file.field.as_bytes()));
            bytes.extend(sha256(file.file_name.as_bytes()));
            bytes.extend(sha256(&file.bytes));
        }
        request = Secret::new(bytes);
    }
    let fingerprint = call.caller().tenant.key.fingerprint(request.reveal());
    Some(Once { key, fingerprint })
}

/// What the same request made before, if it was sent before: looked up first, so that a replay is answered like
/// the first time even where it would not be valid any more.
pub(crate) async fn before(call: &Call, kind: &str) -> Result<Option<uuid::Uuid>> {
    let Some(once) = once(call) else { return Ok(None) };
    let effect = idempotency::before(&call.state.db.read().await?, &call.caller().tenant, &once).await?;
    effect.map(|effect| effect.of(kind)).transpose()
}
