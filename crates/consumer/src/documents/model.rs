//! What a document is, told by its bytes.

use base::vault::Sealed;
use base::{TenantId, Ts};
use books::debts::DebtId;
use books::people::CustomerId;

use crate::disputes::DisputeId;
use crate::tickets::TicketId;

base::ids! {
    /// A document.
    DocumentId "document"
}

/// The largest a document may be, in bytes.
pub const LARGEST: usize = 10 << 20;

/// The most bytes of one customer, or of one ticket that is nobody's.
pub(crate) const TOGETHER: i64 = 64 << 20;

/// The bytes of a piece.
pub(crate) const PIECE: usize = 256 << 10;

base::words! {
    /// What a document is in the life of a debt.
    Kind {
        /// A statement of the account.
        Statement = "statement",
        /// A validation notice (12 CFR 1006.34).
        ValidationNotice = "validation_notice",
        /// What the debt comes from.
        Contract = "contract",
        /// A judgment.
        Judgment = "judgment",
        /// Anything else.
        Other = "other",
    }
}

base::words! {
    /// What a document's bytes are.
    MediaType {
        /// Portable Document Format.
        Pdf = "application/pdf",
        /// Portable Network Graphics.
        Png = "image/png",
        /// JPEG.
        Jpeg = "image/jpeg",
        /// Text in UTF-8.
        Text = "text/plain",
    }
}

impl MediaType {
    /// What these bytes are, by themselves; `None` where they are nothing that is taken.
    pub fn of(bytes: &[u8]) -> Option<MediaType> {
        let is_plain = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}');
        if bytes.starts_with(b"%PDF-") {
            Some(MediaType::Pdf)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(MediaType::Png)
        } else if bytes.starts_with(b"\xff\xd8\xff") {
            Some(MediaType::Jpeg)
        } else {
            let text = std::str::from_utf8(bytes).ok()?;
            (!text.trim().is_empty() && text.chars().all(is_plain)).then_some(MediaType::Text)
        }
    }
}

/// What a document belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// An account.
    Account(DebtId),
    /// A dispute, and its account.
    Dispute(DisputeId),
    /// A ticket.
    Ticket(TicketId),
}

/// A new document.
pub struct New<'a> {
    /// What it belongs to.
    pub on: On,
    /// What it is in the life of the debt.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What those are.
    pub media_type: MediaType,
    /// Whether its customer may read it.
    pub visible_to_customer: bool,
}

/// What a request changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// What it is in the life of the debt.
    pub kind: Option<Kind>,
    /// What it is called.
    pub name: Option<String>,
    /// Whether its customer may read it.
    pub visible_to_customer: Option<bool>,
}

base::record! {
    /// A document without its bytes, its name still sealed.
    pub struct Document in "document" {
        pub(crate) tenant_id: TenantId,
        /// Its id.
        pub id: DocumentId,
        /// Whose.
        pub customer_id: Option<CustomerId>,
        /// Of which account.
        pub debt_id: Option<DebtId>,
        /// Of which dispute.
        pub dispute_id: Option<DisputeId>,
        /// Of which ticket.
        pub ticket_id: Option<TicketId>,
        /// What it is in the life of the debt.
        pub kind: Kind,
        pub(crate) name: Sealed,
        /// What its bytes are.
        pub media_type: MediaType,
        /// How many they are.
        pub bytes: i64,
        /// Whether its customer may read it.
        pub visible_to_customer: bool,
        /// Who added it.
        pub created_by: String,
        /// When it was added.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_what_they_say_themselves() {
        for (bytes, is) in [
            (&b"%PDF-1.7 x"[..], Some(MediaType::Pdf)),
            (b"\x89PNG\r\n\x1a\nx", Some(MediaType::Png)),
            (b"\xff\xd8\xff\xe0", Some(MediaType::Jpeg)),
            ("Grüße,\r\n\tAda".as_bytes(), Some(MediaType::Text)),
            (b"MZ\x90\x00", None),
            (b"PK\x03\x04", None),
            (b"GIF89a\x00", None),
            (b"text with a \x1b[31m bell", None),
            (b"\xff\xfe", None),
            (b"  \n", None),
            (b"", None),
        ] {
            assert_eq!(MediaType::of(bytes), is, "{bytes:?}");
        }
    }
}
