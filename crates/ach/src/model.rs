//! The rows, and the rules that need no database.

use base::vault::Sealed;
use base::{Cents, Day, TenantId, Ts};
use nacha::{ChangeCode, ReturnCode, SecCode};
use payments::processor::Ownership;

base::ids! {
    /// An entry: one debit, credit or prenote of one account.
    EntryId "ach"
    /// A file for the bank.
    FileId "achfile"
    /// A file from the bank.
    ReceivedId "achin"
    /// What a bank said of an entry.
    NoticeId "achnote"
}

base::words! {
    /// What an entry does.
    Kind {
        /// Takes money from an account.
        Debit = "debit",
        /// Gives money back.
        Credit = "credit",
        /// Moves nothing: asks the bank whether the account is there.
        Prenote = "prenote",
    }
}

base::words! {
    /// How a consumer authorized a debit, or whose account it is: the standard entry class. Source: Nacha Operating
    /// Rules, Sections 2.5.
    Class {
        /// Over the internet or a phone's app.
        Web = "web",
        /// Orally, over the telephone.
        Tel = "tel",
        /// In writing.
        Ppd = "ppd",
        /// A company's account.
        Ccd = "ccd",
    }
}

impl Class {
    /// The class of a file's batch.
    pub(crate) fn sec(self) -> SecCode {
        match self {
            Class::Web => SecCode::Web,
            Class::Tel => SecCode::Tel,
            Class::Ppd => SecCode::Ppd,
            Class::Ccd => SecCode::Ccd,
        }
    }

    /// The class of an entry: companies' accounts have their own, and of consumers TEL and WEB are for debits alone.
    pub(crate) fn of(ownership: Ownership, kind: Kind, authorized: Class) -> Class {
        match (ownership, kind) {
            (Ownership::Business, _) => Class::Ccd,
            (Ownership::Personal, Kind::Credit) => Class::Ppd,
            (Ownership::Personal, _) => authorized,
        }
    }
}

base::words! {
    /// How an entry stands.
    EntryState {
        /// It waits for a cut-off.
        Queued = "queued",
        /// It is in a file.
        Filed = "filed",
        /// It has settled; it may still come back.
        Settled = "settled",
        /// It came back.
        Returned = "returned",
        /// It was taken back before it was in a file.
        Voided = "voided",
    }
}

base::words! {
    /// How a file stands.
    FileState {
        /// It was cut, and nothing of it lies at the bank yet.
        Waiting = "waiting",
        /// It is being put there, under a name at which nobody looks.
        Uploading = "uploading",
        /// All of it lies there, and is given its name.
        Placing = "placing",
        /// It lies there under its name, or was fetched.
        Delivered = "delivered",
        /// The bank has accepted it.
        Acknowledged = "acknowledged",
        /// The bank has refused it as a whole: its entries go into another.
        Rejected = "rejected",
    }
}

base::words! {
    /// What a bank says of an entry.
    NoticeKind {
        /// It comes back.
        Return = "return",
        /// Something about its account is other than it was written.
        Change = "change",
        /// Our bank did not accept a return.
        Dishonored = "dishonored",
        /// The other bank insists on it.
        Contested = "contested",
        /// A change is refused.
        RefusedChange = "refused_change",
    }
}

base::words! {
    /// What came of a notice.
    Outcome {
        /// What it says was done.
        Applied = "applied",
        /// It stands here to be read, and nothing follows from it.
        Recorded = "recorded",
        /// Its entry had come back before.
        Again = "again",
        /// There is no such entry, or not over that amount: a person must look.
        Unmatched = "unmatched",
        /// What it corrects cannot be read: a person must look.
        Unreadable = "unreadable",
    }
}

base::record! {
    /// As whom an organization originates, as agreed with its bank.
    pub struct Originator in "ach_originator" {
        /// Whose.
        pub tenant_id: TenantId,
        /// What receivers know it by: up to 16 characters.
        pub company_name: String,
        /// What the bank gave it: up to ten characters.
        pub company_id: String,
        /// The bank that originates: a routing number.
        pub odfi: String,
        /// To whom files go: a routing number, the bank's own or its operator's.
        pub destination: String,
        /// Its name: up to 23 characters.
        pub destination_name: String,
        /// From whom they come: nine digits, or up to ten characters that the bank gave.
        pub origin: String,
        /// Its name: up to 23 characters.
        pub origin_name: String,
        /// What receivers read on their statements: up to ten characters.
        pub description: String,
        /// How what does not come from the portal is authorized.
        pub entry_class: Class,
        /// Whether an account is tried with a prenote before its first debit.
        pub prenotes: bool,
        /// Whether entries settle on the same day, where that can be.
        pub same_day: bool,
        /// At which times files are made, Eastern: `10:00,16:00`.
        pub cut_offs: String,
        /// The last seven digits of the next trace number.
        pub next_sequence: i64,
        /// The next cut-off.
        pub due_at: Option<Ts>,
        /// When it was set up.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

base::record! {
    /// A file for the bank.
    pub struct File in "ach_file" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Its id.
        pub id: FileId,
        /// Its name at the bank.
        pub name: String,
        /// Tells files of one day apart: A to Z, 0 to 9.
        pub modifier: String,
        /// The day on which it was cut, Eastern.
        pub created_on: Day,
        /// The day on which its entries are to settle.
        pub effective_on: Day,
        /// Its originator's company id when it was cut: returns name it.
        pub company_id: String,
        /// All that it says of its originator, as of then: a [`Heading`](crate::Heading) in JSON.
        pub heading: String,
        /// How it stands.
        pub state: FileState,
        /// How many entries it has.
        pub entries: i64,
        /// What they debit.
        pub debits: Cents,
        /// What they credit.
        pub credits: Cents,
        /// Of the bytes that were put there.
        pub sha256: Option<String>,
        /// By which name it lies there until it is whole.
        pub part: Option<String>,
        /// Whose turn it is to bring it.
        pub fence: i64,
        /// How often it could not be brought.
        pub tries: i64,
        /// When it is to be brought, or its lease ends.
        pub due_at: Option<Ts>,
        /// What went wrong last.
        pub why: Option<String>,
        /// Who acknowledged or rejected it.
        pub said_by: Option<String>,
        /// Since when it lies there.
        pub delivered_at: Option<Ts>,
        /// When it was acknowledged or rejected.
        pub said_at: Option<Ts>,
        /// When it was cut.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

base::record! {
    /// An entry.
    pub(crate) struct EntryRow in "ach_entry" {
        pub(crate) tenant_id: TenantId,
        pub(crate) id: EntryId,
        pub(crate) kind: Kind,
        pub(crate) pkey: String,
        pub(crate) charge_key: Option<String>,
        pub(crate) void_key: Option<String>,
        pub(crate) amount: Cents,
        pub(crate) refunded: Cents,
        pub(crate) account: Sealed,
        pub(crate) account_print: Option<Vec<u8>>,
        pub(crate) entry_class: Class,
        pub(crate) recurring: bool,
        pub(crate) again: bool,
        pub(crate) label: String,
        pub(crate) state: EntryState,
        pub(crate) waits_for: Option<EntryId>,
        pub(crate) ready_on: Option<Day>,
        pub(crate) file_id: Option<FileId>,
        pub(crate) trace: Option<i64>,
        pub(crate) effective_on: Option<Day>,
        pub(crate) code: Option<String>,
        pub(crate) due_at: Option<Ts>,
        pub(crate) made_at: Ts,
        pub(crate) changed_at: Ts,
    }
}

base::record! {
    /// What a bank said of an entry.
    pub struct Notice in "ach_notice" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Its id.
        pub id: NoticeId,
        /// The file in which it came.
        pub received_id: ReceivedId,
        /// What it is.
        pub kind: NoticeKind,
        /// Its code: `R01`, `C02`.
        pub code: String,
        /// Its own trace number.
        pub trace: i64,
        /// That of the entry which it is about.
        pub original_trace: i64,
        /// The amount that it names.
        pub amount: Cents,
        /// The entry, where it is known.
        pub entry_id: Option<EntryId>,
        /// What came of it.
        pub result: Outcome,
        /// When it was read.
        pub created_at: Ts,
        /// The same: it never changes.
        pub updated_at: Ts,
    }
}

impl Notice {
    /// What its code says, in a few words; nothing for a code that has no meaning.
    pub fn title(&self) -> Option<&'static str> {
        match self.kind {
            NoticeKind::Change | NoticeKind::RefusedChange => {
                ChangeCode::parse(&self.code).and_then(ChangeCode::title)
            }
            _ => ReturnCode::parse(&self.code).and_then(ReturnCode::title),
        }
    }
}

base::record! {
    /// A file that the bank sent.
    pub struct Received in "ach_received" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Its id.
        pub id: ReceivedId,
        /// Its name.
        pub name: String,
        /// Of its bytes.
        pub sha256: String,
        /// How much in it was about entries of this tenant.
        pub notices: i64,
        /// When it was read.
        pub created_at: Ts,
    }
}
