//! The one stylesheet, and the looks of an organization: its logo, and its colours, which are a stylesheet of two rules: so no
//! page needs a style of its own, and the policy allows none.

use std::sync::LazyLock;

use base::vault::{hex, sha256};
use base::{Failure, Result, TenantId};
use books::orgs;
use edge::routes::get;
use edge::{Access, Endpoint, Reply};
use http::header::CACHE_CONTROL;

use crate::state::Portal;
use crate::{Call, PREFIX};

const STYLE: &str = include_str!("style.css");

/// It is asked for by what is in it, so it is kept for ever.
static VERSION: LazyLock<String> = LazyLock::new(|| hex(&sha256(STYLE.as_bytes())[..6]));

/// What is asked for by what is in it never changes.
pub(crate) const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Where the stylesheet is.
pub(crate) fn path() -> String {
    format!("{PREFIX}/style/{}.css", *VERSION)
}

/// Where the colours of an organization are whose colour is `#rrggbb`.
pub(crate) fn colors_path(color: &str) -> String {
    format!("{PREFIX}/colors/{}.css", color.trim_start_matches('#'))
}

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![
        get("/style/{version}", Access::Anyone, style),
        get("/colors/{color}", Access::Anyone, colors),
        get("/logo/{tenant}/{name}", Access::Anyone, logo),
    ]
}

async fn style(call: Call) -> Result<Reply> {
    // A page of an earlier version may still ask while two run side by side.
    let kept =
        if call.param("version").strip_suffix(".css") == Some(&**VERSION) { FOR_EVER } else { "no-store" };
    Ok(Reply::raw(200, "text/css; charset=utf-8", STYLE.as_bytes().to_vec()).header(CACHE_CONTROL, kept))
}

async fn colors(call: Call) -> Result<Reply> {
    let color =
        call.param("color").strip_suffix(".css").and_then(Color::parse).ok_or_else(Failure::not_found)?;
    let css = format!(":root{{--brand:{};--on-brand:{}}}\n", color.css(), color.text_on());
    Ok(Reply::raw(200, "text/css; charset=utf-8", css.into_bytes()).header(CACHE_CONTROL, FOR_EVER))
}

async fn logo(call: Call) -> Result<Reply> {
    let tenant = call.id("tenant")?.ours().map(TenantId).ok_or_else(Failure::not_found)?;
    let found = orgs::logo(&call.state.db.read().await?, tenant, call.param("name")).await?;
    let (media, content) = found.ok_or_else(Failure::not_found)?;
    Ok(Reply::raw(200, media, content).header(CACHE_CONTROL, FOR_EVER))
}

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Color([u8; 3]);

impl Color {
    /// Of six hex digits.
    fn parse(text: &str) -> Option<Color> {
        let is_hex = text.len() == 6 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let part = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
        if is_hex { Some(Color([part(0)?, part(2)?, part(4)?])) } else { None }
    }

    fn css(self) -> String {
        let [r, g, b] = self.0;
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    /// How light it is, from 0 to 1 (WCAG 2.2, relative luminance).
    #[expect(clippy::float_arithmetic, reason = "a colour is no money")]
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [r, g, b] = self.0.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// White or black, whichever is told apart from it better: always at least 4.5 to 1.
    #[expect(clippy::float_arithmetic, reason = "a colour is no money")]
    fn text_on(self) -> &'static str {
        let own = self.luminance() + 0.05;
        if 1.05 / own >= own / 0.05 { "#ffffff" } else { "#000000" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_on_any_colour_can_be_read() {
        for r in (0..=255).step_by(15) {
            for g in (0..=255).step_by(15) {
                for b in (0..=255).step_by(15) {
                    let color = Color([r, g, b]);
                    let text = Color::parse(color.text_on().trim_start_matches('#')).unwrap();
                    let (one, other) = (color.luminance() + 0.05, text.luminance() + 0.05);
                    let ratio = one.max(other) / one.min(other);
                    assert!(ratio >= 4.5, "{color:?}: {ratio}");
                }
            }
        }
    }

    #[test]
    fn a_colour_is_six_digits_and_nothing_else() {
        assert_eq!(Color::parse("1a5fb4"), Some(Color([0x1a, 0x5f, 0xb4])));
        for bad in ["", "1a5fb", "1a5fb44", "+a5fb4", "red;}*{", "ééé"] {
            assert_eq!(Color::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_stylesheet_asks_for_nothing() {
        for word in ["url(", "@import", "http"] {
            assert!(!STYLE.contains(word), "{word}");
        }
        assert!(STYLE.len() < 12_000, "{} bytes", STYLE.len());
    }
}
