//! What is received in one piece, and how it stands.

use base::{Cents, TenantId, Ts};
use serde_json::Value;

use crate::upsert::{Faults, Piece, Record};

base::ids! {
    /// Something received in one piece.
    BulkId "bulk"
    /// A part of it that waits to be applied.
    PieceId "piece"
}

base::words! {
    /// What stands in it.
    Kind {
        /// Customers with their accounts: the guide's list.
        Customers = "customers",
        /// Debt accounts.
        DebtAccounts = "debt_accounts",
    }
}

base::words! {
    /// How it is written.
    Format {
        /// One JSON text.
        Json = "json",
        /// Form fields.
        Form = "form",
        /// A JSON object a line.
        Ndjson = "ndjson",
        /// Separated values with a header.
        Csv = "csv",
    }
}

base::words! {
    /// Whose words its enumerations speak.
    Words {
        /// The vendor's guides.
        Guide = "guide",
        /// The OpenAPI file.
        OpenApi = "openapi",
    }
}

base::words! {
    /// Where it comes from.
    Source {
        /// A request.
        Api = "api",
        /// A file that the command line reads.
        File = "file",
    }
}

base::words! {
    /// How it stands.
    State {
        /// It is still arriving.
        Receiving = "receiving",
        /// It is there and waits.
        Pending = "pending",
        /// It is being applied.
        Processing = "processing",
        /// Every record is applied or refused.
        Completed = "completed",
        /// It could not be applied.
        Failed = "failed",
        /// Somebody stopped it; what was applied by then stays.
        Canceled = "canceled",
    }
}

impl State {
    /// Whether nothing will become of it any more.
    pub fn is_final(self) -> bool {
        matches!(self, State::Completed | State::Failed | State::Canceled)
    }
}

base::record! {
    /// Something received in one piece.
    pub struct Bulk in "bulk" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Its id.
        pub id: BulkId,
        /// What stands in it.
        pub kind: Kind,
        /// How it is written.
        pub format: Format,
        /// Whose words it speaks.
        pub words: Words,
        /// Where it comes from.
        pub source: Source,
        /// How it stands.
        pub state: State,
        /// Whether a balance is left alone where a payment of ours is later.
        pub keep_later_payments: bool,
        /// A keyed digest of all that was received.
        pub digest: Option<Vec<u8>>,
        /// Bytes received.
        pub bytes: i64,
        /// Records received.
        pub total: i64,
        /// The sum of their balances, as sent.
        pub balance: Cents,
        /// Records applied or refused.
        pub place: i64,
        /// Records that made something new.
        pub created: i64,
        /// Records that changed something and made nothing new.
        pub updated: i64,
        /// Records refused.
        pub failed: i64,
        /// Balances left alone.
        pub kept: i64,
        /// Columns that nobody knows, a space between them.
        pub ignored: String,
        /// Rises with every claim.
        pub fence: i64,
        /// When there is something to do about it.
        pub due_at: Option<Ts>,
        /// Why it failed.
        pub reason: Option<String>,
        /// When it began to arrive.
        pub created_at: Ts,
        /// When the first of it was applied.
        pub started_at: Option<Ts>,
        /// When it came to its end.
        pub finished_at: Option<Ts>,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Bulk {
    /// Records applied or refused a second, since the first.
    pub fn records_a_second(&self) -> Option<i64> {
        let took = self.finished_at.unwrap_or(self.updated_at).since(self.started_at?).as_millis();
        let millis = i64::try_from(took).ok().filter(|millis| *millis > 0)?;
        self.place.checked_mul(1_000).map(|all| all / millis)
    }

    /// The object an event about it carries.
    pub fn event_body(&self) -> Value {
        serde_json::json!({
            "id": self.id.to_string(),
            "type": self.kind.as_str(),
            "state": self.state.as_str(),
            "total": self.total,
            "processed": self.place,
            "created": self.created,
            "updated": self.updated,
            "failed": self.failed,
            "created_at": self.created_at.to_string(),
            "finished_at": self.finished_at.map(|at| at.to_string()),
        })
    }
}

base::record! {
    /// A part that waits.
    pub(super) struct PieceRow in "bulk_piece" {
        pub(super) tenant_id: TenantId,
        pub(super) id: PieceId,
        pub(super) bulk_id: BulkId,
        pub(super) first: i64,
        pub(super) records: i64,
        pub(super) body: base::vault::Sealed,
    }
}

base::record! {
    pub(super) struct ErrorRow in "bulk_error" {
        pub(super) tenant_id: TenantId,
        pub(super) bulk_id: BulkId,
        pub(super) position: i64,
        pub(super) line: Option<i64>,
        pub(super) external_id: Option<String>,
        pub(super) errors: String,
        pub(super) created_at: Ts,
    }
}

/// What was wrong with one record.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// Which record; 1 is the first.
    pub position: i64,
    /// Where it begins in the file.
    pub line: Option<i64>,
    /// The caller's id in it.
    pub external_id: Option<String>,
    /// Field by field.
    pub errors: Faults,
}

/// One record as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Where it begins in the file, counted from 1.
    pub line: Option<i64>,
    /// Its fields, or why they cannot be read.
    pub fields: Result<Value, (String, String)>,
}

impl Item {
    /// The caller's id in it, to be told by.
    pub(super) fn external_id(&self, kind: Kind) -> Option<String> {
        let fields = self.fields.as_ref().ok()?;
        let object = if kind == Kind::Customers { fields.get("customer")? } else { fields };
        let theirs = object.get("external_id")?.as_str()?.trim();
        (!theirs.is_empty()).then(|| theirs.chars().take(255).filter(|c| *c != '\0').collect())
    }

    /// What is to be applied.
    pub(super) fn record(self, kind: Kind, format: Format) -> Result<Record, Faults> {
        let fault = |field: &str, say: String| vec![(field.to_owned(), vec![say])];
        let mut fields = match self.fields {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Err(fault("", "The record must be an object.".into())),
            Err((field, say)) => return Err(fault(&field, say)),
        };
        let mut record = Record::default();
        if kind == Kind::DebtAccounts {
            // In a file of accounts, columns may tell of the customer and the location too; an account's own reply
            // embeds both, and may be sent back.
            if format == Format::Csv {
                record.customer = fields.shift_remove("customer").map(|raw| Piece::new("customer", raw));
                record.location = fields.shift_remove("location").map(|raw| Piece::new("location", raw));
            }
            record.accounts.push(Piece::new("", fields.into()));
            return Ok(record);
        }
        let mut faults = Faults::new();
        let mut one = |name: &str| match fields.shift_remove(name) {
            None | Some(Value::Null) => None,
            Some(raw) => Some(Piece::new(name, raw)),
        };
        (record.customer, record.location) = (one("customer"), one("location"));
        let mut many = |name: &str| match fields.shift_remove(name) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(all)) => {
                let place = |(n, raw)| Piece::new(format!("{name}.{n}"), raw);
                all.into_iter().enumerate().map(place).collect()
            }
            Some(_) => {
                let say = format!("The {} field must be an array.", name.replace('_', " "));
                faults.extend(fault(name, say));
                Vec::new()
            }
        };
        (record.parents, record.accounts) = (many("parent_debt_accounts"), many("debt_accounts"));
        if record.customer.is_none() && record.location.is_none() && record.all_accounts().next().is_none() {
            faults.extend(fault("customer", "The customer field is required.".into()));
        }
        if faults.is_empty() { Ok(record) } else { Err(faults) }
    }

    /// The sum of the balances in it, as sent; what cannot be read counts nothing.
    pub(super) fn balance(&self, kind: Kind) -> i64 {
        let Ok(fields) = &self.fields else { return 0 };
        let of = |account: &Value| {
            let sent = account.get("balance").or_else(|| account.get("original_balance"));
            sent.and_then(whole_cents).unwrap_or(0)
        };
        match kind {
            Kind::DebtAccounts => of(fields),
            Kind::Customers => {
                let accounts = fields.get("debt_accounts").and_then(Value::as_array);
                accounts.into_iter().flatten().fold(0, |sum: i64, account| sum.saturating_add(of(account)))
            }
        }
    }
}

/// Whole cents, as the field rules read them: `15000`, `"15000"`, `15000.0`.
fn whole_cents(value: &Value) -> Option<i64> {
    let cents = match value {
        Value::Number(number) => number.as_i64().or_else(|| plain(&number.to_string())),
        Value::String(text) => plain(text.trim()),
        _ => None,
    };
    // What no balance can be is none: it may be a card number that stands in the wrong column.
    cents.filter(|cents| (0..=Cents::MOST.get()).contains(cents))
}

fn plain(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    fraction.bytes().all(|b| b == b'0').then(|| whole.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn balances_are_added_up_as_the_field_rules_read_them() {
        let sum = |fields: Value| Item { line: None, fields: Ok(fields) }.balance(Kind::DebtAccounts);
        let all = [
            json!(1500),
            json!("1500"),
            json!(" 1500.00 "),
            json!(1500.0),
            json!("15.50"),
            json!(null),
            json!("4242424242424242"),
        ];
        let told: Vec<i64> = all.into_iter().map(|balance| sum(json!({ "balance": balance }))).collect();
        assert_eq!(told, [1500, 1500, 1500, 1500, 0, 0, 0]);
        assert_eq!(sum(json!({ "original_balance": 7 })), 7);
    }

    #[test]
    fn an_item_of_the_guides_list_is_a_customer_with_parents_and_accounts() {
        let item = |fields| Item { line: None, fields: Ok(fields) };
        let sent = json!({ "customer": { "name": "A" }, "parent_debt_accounts": [{ "external_id": "P" }],
                           "debt_accounts": [{ "parent_external_id": "P", "balance": 1 }] });
        let record = item(sent).record(Kind::Customers, Format::Json).unwrap();
        let at: Vec<&str> = record.all_accounts().map(|piece| &*piece.at).collect();
        assert_eq!(at, ["parent_debt_accounts.0", "debt_accounts.0"]);
        let faults = item(json!({ "debt_accounts": 7 })).record(Kind::Customers, Format::Json).err().unwrap();
        assert_eq!(faults[0].1, ["The debt accounts field must be an array."]);
        assert!(item(json!([])).record(Kind::Customers, Format::Json).is_err());
    }
}
