//! How an organization appears on its customers' pages: its logo, and texts of its own.

use base::db::Tx;
use base::vault::{hex, sha256};
use base::{Result, TenantId, Ts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Tenant;

/// The largest logo, in bytes: it is loaded with every first page.
pub const LARGEST_LOGO: usize = 64 << 10;

/// A picture to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    name: String,
    content: Vec<u8>,
}

impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logo({}, {} bytes)", self.name, self.content.len())
    }
}

impl Logo {
    /// Of a `data:` address with a PNG or a JPEG, told by its bytes. Nothing that could hold a script, as an SVG can.
    pub fn parse(address: &str) -> Option<Logo> {
        let (head, body) = address.strip_prefix("data:image/")?.split_once(',')?;
        if !head.ends_with(";base64") {
            return None;
        }
        let content = STANDARD.decode(body.trim()).ok()?;
        let ending = match content.as_slice() {
            png if png.starts_with(b"\x89PNG\r\n\x1a\n") => "png",
            [0xff, 0xd8, 0xff, ..] => "jpg",
            _ => return None,
        };
        let digest = hex(&sha256(&content)[..16]);
        (content.len() <= LARGEST_LOGO).then(|| Logo { name: format!("{digest}.{ending}"), content })
    }

    /// What it is called: another picture has another name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Keeps it in place of the one before. The tenant's settings are locked.
    pub(crate) async fn keep(&self, tx: &Tx, tenant: &Tenant) -> Result<()> {
        drop_logo(tx, tenant).await?;
        let (name, content) = (self.name.clone(), self.content.clone());
        tx.insert(&[Kept { tenant_id: tenant.id, name, content, created_at: tx.now() }]).await
    }
}

base::record! {
    struct Kept in "organization_logo" { tenant_id: TenantId, name: String, content: Vec<u8>, created_at: Ts }
}

/// Takes the logo away. The tenant's settings are locked.
pub(crate) async fn drop_logo(tx: &Tx, tenant: &Tenant) -> Result<()> {
    tx.run("DELETE FROM organization_logo WHERE tenant_id = $1", &[&tenant.id]).await.map(drop)
}

/// The bytes of a tenant's logo, where it has this name, and what they are. Everybody may see it.
pub async fn logo(tx: &Tx, tenant: TenantId, name: &str) -> Result<Option<(&'static str, Vec<u8>)>> {
    let kept: Option<Kept> =
        tx.find("WHERE tenant_id = $1 AND name = $2", &[&tenant, &name.to_owned()]).await?;
    let media = if name.ends_with(".png") { "image/png" } else { "image/jpeg" };
    Ok(kept.map(|kept| (media, kept.content)))
}

/// Where a text of an organization stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// Before anybody came in: nothing there may speak of a debt.
    Door,
    /// Above the accounts.
    Accounts,
    /// Where a payment is looked over before it is made.
    Payment,
    /// At the foot of every page for whoever is in.
    Footer,
}

impl Spot {
    /// All of them.
    pub const ALL: [Spot; 4] = [Spot::Door, Spot::Accounts, Spot::Payment, Spot::Footer];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Spot::Door => "door",
            Spot::Accounts => "accounts",
            Spot::Payment => "payment",
            Spot::Footer => "footer",
        }
    }
}

/// The texts of an organization: `{"en": {"door": "…"}, "es": {…}}`. Where a language has none, none is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortalTexts(Map<String, Value>);

base::column!(PortalTexts as String, |texts| Value::from(texts.0.clone()).to_string(), |text| PortalTexts(
    serde_json::from_str(&text).unwrap_or_default()
));

impl PortalTexts {
    /// The text for this spot in the language of this code.
    pub fn at(&self, language: &str, spot: Spot) -> Option<&str> {
        self.0.get(language)?.get(spot.as_str())?.as_str()
    }

    /// The same with another text there, or without one.
    #[must_use]
    pub fn with(mut self, language: &str, spot: Spot, text: Option<String>) -> PortalTexts {
        let of_language = self.0.entry(language.to_owned()).or_insert_with(|| json!({}));
        if let Value::Object(all) = of_language {
            match text {
                Some(text) => drop(all.insert(spot.as_str().to_owned(), text.into())),
                None => drop(all.shift_remove(spot.as_str())),
            }
        }
        self.0.retain(|_, all| all.as_object().is_some_and(|all| !all.is_empty()));
        self
    }

    /// Each spot in each language, whether there is a text or not.
    pub(super) fn json(&self, languages: &[&str]) -> Value {
        let of = |language: &&str| {
            let spots =
                Spot::ALL.iter().map(|spot| (spot.as_str().to_owned(), json!(self.at(language, *spot))));
            ((*language).to_owned(), Value::from(spots.collect::<Map<String, Value>>()))
        };
        languages.iter().map(of).collect::<Map<String, Value>>().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_a_picture_that_can_hold_no_script() {
        let png = Logo::parse("data:image/png;base64,iVBORw0KGgo=").unwrap();
        assert!(png.name().ends_with(".png") && png.name().len() == 36, "{png:?}");
        for bad in [
            "",
            "iVBORw0KGgo=",
            "data:image/png,iVBORw0KGgo=",
            "data:image/png;base64,!!",
            "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=",
            "data:image/png;base64,PHN2Zz48L3N2Zz4=",
            "https://agency.example/logo.png",
        ] {
            assert_eq!(Logo::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_text_stands_in_its_language_and_spot_alone() {
        let texts = PortalTexts::default().with("es", Spot::Footer, Some("Hola".into()));
        assert_eq!((texts.at("es", Spot::Footer), texts.at("en", Spot::Footer)), (Some("Hola"), None));
        assert_eq!(texts.json(&["en", "es"])["es"]["footer"], "Hola");
        assert_eq!(texts.with("es", Spot::Footer, None), PortalTexts::default());
    }
}
