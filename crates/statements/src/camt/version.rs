//! Which message a document is, and of which version. Source: ISO 20022, message definition identifiers.

use crate::statement::StatementKind;

/// The last version that is known here. Later ones are read as this one, and said to be so.
pub(super) const LAST: u16 = 14;

/// What a namespace names: which message, such as 53, and its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) message: u16,
    pub(super) version: u16,
    /// Whether it is the namespace of ISO 20022, and not one of a country or a network around the same name.
    pub(super) iso: bool,
}

/// What is named by `urn:iso:std:iso:20022:tech:xsd:camt.053.001.08`, or anything with such a name within it.
pub(super) fn named(namespace: &str) -> Option<Named> {
    let (before, from) = namespace.split_once("camt.")?;
    let mut parts = from.split(['.', ':']);
    let message = parts.next()?.parse().ok()?;
    let _variant: u16 = parts.next()?.parse().ok()?;
    let version = parts.next()?.parse().ok()?;
    let iso = before == "urn:iso:std:iso:20022:tech:xsd:" && parts.next().is_none();
    Some(Named { message, version, iso })
}

/// What the element within a document says that its message is.
pub(super) fn message(element: &str) -> Option<(u16, StatementKind)> {
    match element {
        "BkToCstmrAcctRpt" => Some((52, StatementKind::Interim)),
        "BkToCstmrStmt" => Some((53, StatementKind::Statement)),
        "BkToCstmrDbtCdtNtfctn" => Some((54, StatementKind::Notification)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_names_message_and_version() {
        let named = |namespace| named(namespace).map(|named| (named.message, named.version, named.iso));
        assert_eq!(named("urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"), Some((53, 8, true)));
        assert_eq!(named("ISO:camt.053.001.02:APC:STUZZA:payments:003"), Some((53, 2, false)));
        assert_eq!(named("urn:swift:xsd:camt.054.001.02"), Some((54, 2, false)));
        assert_eq!((named("http://www.w3.org/2001/XMLSchema"), named("camt.053")), (None, None));
    }
}
