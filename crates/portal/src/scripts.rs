//! The two scripts there are: the one that an organization's own page embeds hosted fields with, and the one within their frame.
//!
//! `docs/PORTAL.md` has the inventory of them, with their hashes (PCI DSS 4.0.1, 6.4.3); a test holds it against what is served.

use std::sync::LazyLock;

use base::Result;
use base::vault::{hex, sha256};
use edge::routes::get;
use edge::{Access, Endpoint, Reply};
use http::HeaderName;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};

use crate::state::Portal;
use crate::style::FOR_EVER;
use crate::{Call, PREFIX};

const EMBEDS: &str = include_str!("../scripts/fields.js");
const WITHIN: &str = include_str!("../scripts/frame.js");

const TYPE: &str = "text/javascript; charset=utf-8";

/// It is asked for by what is in it, so it is kept for ever.
static VERSION: LazyLock<String> = LazyLock::new(|| hex(&sha256(WITHIN.as_bytes())[..6]));

/// Where the frame's script is.
pub(crate) fn path() -> String {
    format!("{PREFIX}/script/{}.js", *VERSION)
}

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![get("/fields.js", Access::Anyone, embeds), get("/script/{version}", Access::Anyone, within)]
}

/// For pages of others: any may load it, and looks again after a few minutes whether there is another one.
async fn embeds(_: Call) -> Result<Reply> {
    Ok(Reply::raw(200, TYPE, EMBEDS.as_bytes().to_vec())
        .header(CACHE_CONTROL, "public, max-age=300")
        .header(ACCESS_CONTROL_ALLOW_ORIGIN, "*")
        .header(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"))
}

async fn within(call: Call) -> Result<Reply> {
    // A frame of an earlier version may still ask while two run side by side.
    let is_this = call.param("version").strip_suffix(".js") == Some(&**VERSION);
    let kept = if is_this { FOR_EVER } else { "no-store" };
    Ok(Reply::raw(200, TYPE, WITHIN.as_bytes().to_vec()).header(CACHE_CONTROL, kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inventory_has_each_script_as_it_is_served() {
        let document = include_str!("../../../docs/PORTAL.md");
        for (name, script) in [("fields.js", EMBEDS), ("frame.js", WITHIN)] {
            let hash = hex(&sha256(script.as_bytes()));
            assert!(document.contains(&hash), "put this into docs/PORTAL.md for {name}: {hash}");
        }
    }

    #[test]
    fn a_script_runs_nothing_that_it_is_given_and_asks_nobody_else() {
        for script in [EMBEDS, WITHIN] {
            for word in
                ["eval", "innerHTML", "outerHTML", "document.write", "Function(", "http:", "https:", "import"]
            {
                assert!(!script.contains(word), "{word}");
            }
            // Of what is written nothing is told by name, and to nobody.
            assert!(!script.contains("postMessage(") || !script.contains("\"*\""), "told to anybody");
        }
    }
}
