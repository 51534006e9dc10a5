//! A bank that reads files: a real folder, what lies in it, and what the bank sends back.

use std::path::PathBuf;
use std::sync::Arc;

use ach::Rail;
use ach::deliver::{Bank, Later, Trouble};
use adapters::bank::Folder;
use base::ids::Uuid;
use base::secret::Secret;
use base::{Cents, TenantId};
use nacha::records::{BatchHeader, CompanyBatchHeader};
use nacha::{
    About, BatchOpening, Correction, Date, File, FileOpening, NewEntry, Original, Originator, ReturnCode,
    RoutingNumber, SecCode, ServiceClass, Time,
};
use payments::processor::{Answer, BankKind, Instrument, Metadata, Order, Ownership, Processor as _};

use http::Method;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::Agency;

/// Where the bank of an agency's stories reads and writes.
pub(crate) fn home(agency: &Agency) -> PathBuf {
    agency.home.dir.path().join("bank")
}

/// That folder.
pub(crate) fn folder(agency: &Agency) -> Folder {
    Folder::open(home(agency)).expect("a folder")
}

/// What waits is brought to the folder; how many files that were.
pub(crate) async fn bring(agency: &Agency) -> u64 {
    ach::deliver::step(&agency.db, &agency.tenants, &folder(agency)).await.expect("deliver::step")
}

/// What the bank has sent is read; how much of it changed something.
pub(crate) async fn collect(agency: &Agency) -> u64 {
    ach::collect::step(&agency.db, &agency.tenants, &folder(agency)).await.expect("collect::step")
}

/// What every bank asks for before a file goes to it.
pub(crate) fn terms() -> Value {
    json!({
        "company_name": "Harbor Point", "company_id": "1234567890", "odfi": "121042882", "destination": "121042882",
        "destination_name": "Bank of Examples", "origin": "1234567890", "origin_name": "Harbor Point Recovery",
        "description": "PAYMENT", "prenotes": false
    })
}

/// An environment's bank debits are set up, under a company id of its own.
pub(crate) async fn set_up(agency: &Agency, token: &str) {
    let mut terms = terms();
    let id = agency.caller_of(token).await.0.simple().to_string();
    terms["company_id"] = id[id.len() - 10..].to_uppercase().into();
    agency.ask(Method::PUT, "/ach-originator").token(token).json(&terms).send().await.is(200);
}

/// An account, whose token says all of it.
pub(crate) async fn account(agency: &Agency, number: &str) -> Secret<String> {
    let rail = Rail::new(agency.db.clone(), agency.tenants.clone());
    let instrument = Instrument::Bank {
        routing_number: "021000021".into(),
        account_number: Secret::new(number.into()),
        kind: BankKind::Checking,
        ownership: Ownership::Personal,
        holder: "Ada Lovelace".into(),
    };
    rail.tokenize(agency.now(), &instrument).await.expect("an account").token
}

/// An order of a tenant's, under a key.
pub(crate) async fn order(agency: &Agency, tenant: TenantId, key: &str, number: &str, cents: i64) -> Order {
    let label = [("tenant", tenant.0), ("charge", agency.db.seams().id::<Uuid>())];
    let mut metadata: Metadata = label.map(|(name, id)| (name.to_owned(), id.to_string())).into();
    metadata.insert("source".into(), "api".into());
    let (token, amount) = (account(agency, number).await, Cents::new(cents));
    Order { key: key.into(), token, amount, description: None, metadata }
}

/// A debit without the till.
pub(crate) async fn debit(agency: &Agency, tenant: TenantId, key: &str, cents: i64) -> Answer {
    let rail = Rail::new(agency.db.clone(), agency.tenants.clone());
    rail.submit(agency.now(), &order(agency, tenant, key, "000123456789", cents).await).await
}

/// The files that lie for the bank under their names, oldest first, each right in every record.
pub(crate) fn lying(agency: &Agency) -> Vec<(String, File)> {
    let mut all: Vec<(String, File)> = std::fs::read_dir(home(agency).join("outgoing"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ach"))
        .map(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            let (file, report) =
                File::read(std::fs::File::open(&path).expect("a file")).expect("it can be read");
            assert!(report.is_canonical(), "{name}: {:?}", report.faults);
            (name, file.expect("a whole file"))
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// What is told of an entry: its trace number, its amount and its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lies {
    pub(crate) trace: u64,
    pub(crate) cents: u64,
    pub(crate) account: String,
    pub(crate) sec: &'static str,
}

/// Every entry that lies for the bank, whichever file it is in.
pub(crate) fn entries(agency: &Agency) -> Vec<Lies> {
    let of = |file: File| {
        file.batches.into_iter().flat_map(|batch| {
            let sec = batch.header.sec().as_str();
            batch.entries.into_iter().map(move |full| Lies {
                trace: full.entry.trace(),
                cents: full.entry.amount_cents(),
                account: full.entry.reveal_account().trim().to_owned(),
                sec,
            })
        })
    };
    lying(agency).into_iter().flat_map(|(_, file)| of(file)).collect()
}

/// What the bank says of an entry that lay in a file.
pub(crate) enum Says<'a> {
    /// It comes back.
    Returned(&'a str),
    /// Something is other.
    Changed(Correction<'a>),
}

/// Puts a file of the bank's into the folder: what it says of these entries of ours, which it numbers from `from` on.
pub(crate) fn sends(agency: &Agency, name: &str, from: u32, all: &[(u64, Says<'_>)]) {
    let bytes = answer(agency, from, all);
    std::fs::write(home(agency).join("incoming").join(name), bytes).expect("the bank writes");
}

/// The bytes of such a file.
pub(crate) fn answer(agency: &Agency, from: u32, all: &[(u64, Says<'_>)]) -> Vec<u8> {
    let bank = RoutingNumber::parse("021000021").expect("a bank");
    let ours = RoutingNumber::parse("121042882").expect("a bank");
    let found = |trace: u64| {
        lying(agency)
            .into_iter()
            .flat_map(|(_, file)| file.batches)
            .find_map(|batch| {
                let entry = batch.entries.iter().find(|full| full.entry.trace() == trace)?.entry;
                let BatchHeader::Company(header) = batch.header else { return None };
                Some((header, entry))
            })
            .unwrap_or_else(|| panic!("no entry of ours has the trace number {trace}"))
    };
    let day = Date::new(2026, 11, 25).expect("a day");
    let opening = FileOpening {
        destination: ours,
        origin: "021000021",
        created_on: day,
        created_at: Time::NONE,
        modifier: 'A',
        destination_name: "Harbor Point Recovery",
        origin_name: "Bank of Examples",
        reference: "",
    };
    let mut file = Originator::begin(Vec::new(), &opening).expect("a file");
    for (sequence, (trace, says)) in (from..).zip(all) {
        let (header, entry): (CompanyBatchHeader, _) = found(*trace);
        let (sec, class) = match says {
            Says::Returned(_) => (header.sec, ServiceClass::Mixed),
            Says::Changed(_) => (SecCode::Cor, ServiceClass::Mixed),
        };
        let mut batch = file
            .batch(&BatchOpening {
                class,
                sec,
                company_name: header.company_name.as_str(),
                company_id: header.company_id.as_str(),
                description: header.description.as_str(),
                descriptive_date: "",
                discretionary: "",
                effective_on: Date::NONE,
                odfi: bank,
            })
            .expect("a batch");
        let original = Original { trace: *trace, bank };
        let (amount, about) = match says {
            Says::Returned(code) => {
                let code = ReturnCode::parse(code).expect("a code");
                let about = About::Return { original, code, died_on: Date::NONE, information: "" };
                (entry.amount_cents(), about)
            }
            Says::Changed(correction) => (0, About::Change { original, correction: *correction }),
        };
        batch
            .entry(&NewEntry {
                code: entry.code().for_return(),
                bank: ours,
                account: entry.reveal_account().trim(),
                amount_cents: amount,
                id: "",
                name: entry.reveal_name().trim(),
                payment_type: None,
                sequence,
                about,
            })
            .expect("an entry");
        batch.finish().expect("a batch");
    }
    file.finish().expect("a file").0
}

/// When something fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Nothing was done.
    Before,
    /// It was done, and nobody hears of it.
    After,
}

/// A folder whose failures a story plans: asked before each step, by its name.
pub(crate) struct Failing {
    folder: Folder,
    fails: Box<dyn Fn(&'static str) -> Option<When> + Send + Sync>,
}

impl Failing {
    pub(crate) fn over(
        agency: &Agency,
        fails: impl Fn(&'static str) -> Option<When> + Send + Sync + 'static,
    ) -> Failing {
        Failing { folder: folder(agency), fails: Box::new(fails) }
    }

    fn does<'a, T: Send + 'a>(&'a self, step: &'static str, work: Later<'a, T>) -> Later<'a, T> {
        Box::pin(async move {
            let when = (self.fails)(step);
            if when == Some(When::Before) {
                return Err(Trouble(format!("{step}: nothing was done")));
            }
            let done = work.await?;
            if when == Some(When::After) { Err(Trouble(format!("{step}: nobody heard"))) } else { Ok(done) }
        })
    }
}

impl Bank for Failing {
    fn put<'a>(&'a self, part: &'a str, bytes: &'a [u8]) -> Later<'a, ()> {
        self.does("put", self.folder.put(part, bytes))
    }

    fn place<'a>(&'a self, part: &'a str, name: &'a str) -> Later<'a, bool> {
        self.does("place", self.folder.place(part, name))
    }

    fn drop_part<'a>(&'a self, part: &'a str) -> Later<'a, ()> {
        self.does("drop_part", self.folder.drop_part(part))
    }

    fn sent(&self) -> Later<'_, Vec<String>> {
        self.does("sent", self.folder.sent())
    }

    fn read<'a>(&'a self, name: &'a str) -> Later<'a, Option<Vec<u8>>> {
        self.does("read", self.folder.read(name))
    }

    fn put_away<'a>(&'a self, name: &'a str, faults: Option<&'a str>) -> Later<'a, ()> {
        self.does("put_away", self.folder.put_away(name, faults))
    }
}

/// A folder in which whoever has written a part falls asleep until they are woken.
pub(crate) struct Paused {
    folder: Folder,
    sleeper: Sleeper,
}

/// Whoever sleeps.
#[derive(Clone, Default)]
pub(crate) struct Sleeper {
    sleeps: Arc<Notify>,
    woken: Arc<Notify>,
}

impl Sleeper {
    pub(crate) async fn wait_until_it_sleeps(&self) {
        self.sleeps.notified().await;
    }

    pub(crate) fn wake(&self) {
        self.woken.notify_one();
    }
}

impl Paused {
    pub(crate) fn over(agency: &Agency) -> (Paused, Sleeper) {
        let sleeper = Sleeper::default();
        (Paused { folder: folder(agency), sleeper: sleeper.clone() }, sleeper)
    }
}

impl Bank for Paused {
    fn put<'a>(&'a self, part: &'a str, bytes: &'a [u8]) -> Later<'a, ()> {
        Box::pin(async move {
            self.folder.put(part, bytes).await?;
            self.sleeper.sleeps.notify_one();
            self.sleeper.woken.notified().await;
            Ok(())
        })
    }

    fn place<'a>(&'a self, part: &'a str, name: &'a str) -> Later<'a, bool> {
        self.folder.place(part, name)
    }

    fn drop_part<'a>(&'a self, part: &'a str) -> Later<'a, ()> {
        self.folder.drop_part(part)
    }

    fn sent(&self) -> Later<'_, Vec<String>> {
        self.folder.sent()
    }

    fn read<'a>(&'a self, name: &'a str) -> Later<'a, Option<Vec<u8>>> {
        self.folder.read(name)
    }

    fn put_away<'a>(&'a self, name: &'a str, faults: Option<&'a str>) -> Later<'a, ()> {
        self.folder.put_away(name, faults)
    }
}
