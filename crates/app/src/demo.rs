//! `quittance demo`: a believable agency, served, with what to type.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use base::db::Db;
use base::{Cents, Change, Day, OrgId, Ref};
use books::debts::{self, DebtId, FurtherGiven, LocationGiven, New};
use books::orgs::{self, Environment, Tenant};
use books::people::{self, CustomerId};
use books::tokens::{self, Scopes, TokenId};
use exchange::webhooks::FanOut;
use payments::card::{CardNumber, Expiry};
use payments::charges::till::{Ask, Paying, Till};
use payments::methods::{self, Given, MethodId};
use serde_json::json;
use tokio::net::TcpListener;

use crate::settings::{Common, Serving, start_logging};
use crate::{serve, wiring};

/// Serves a filled directory: the one that was named, or a fresh one.
pub(crate) async fn run(common: &Common, serving: Serving, as_json: bool) -> Result<ExitCode> {
    let mut common = common.clone();
    common.log = quieter(&common.log);
    // Whoever tries the demo has their own side on this machine.
    common
        .egress_allow
        .extend(["127.0.0.0/8", "::1"].iter().filter_map(|range| base::net::Range::parse(range)));
    common.data_dir = Some(directory(&common)?);
    start_logging(&common);
    let house = wiring::open(&common, &serving, true).await?;
    house.till.first_sweep().await?;
    let tx = house.db.read().await?;
    let org = orgs::list(&tx).await?.first().map(|o| o.id);
    drop(tx);
    let org = match org {
        Some(org) => org,
        None => fill(&house).await.context("the demo's agency could not be made")?,
    };
    let listener = free_listener(&serving).await?;
    let url = serve::public_url(&serving, &listener)?;
    let everything = || ("demo", Scopes::all());
    let (_, sandbox) = token(&house, org, Environment::Sandbox, everything()).await?;
    let (_, production) = token(&house, org, Environment::Production, everything()).await?;
    let (key, _) = token(&house, org, Environment::Sandbox, ("demo page", Scopes::tokenize())).await?;
    if as_json {
        println!(
            "{}",
            json!({ "base_url": format!("{url}/api/v1"), "organization": org.to_string(), "sandbox_token": sandbox, "production_token": production, "publishable_key": key.to_string(), "data_dir": common.directory() })
        );
    }
    let tour = tour(&house, org, &url, (&sandbox, key), &common).await?;
    if as_json {
        eprintln!("{tour}");
    } else {
        println!("{tour}");
    }
    serve::serve(house, &serving, listener).await
}

/// The demo speaks for itself: of the log only what is wrong, unless more was asked for.
fn quieter(log: &str) -> String {
    if log == "info" { "warn".to_owned() } else { log.to_owned() }
}

/// The directory that was named, or a fresh one that no other demo has.
fn directory(common: &Common) -> Result<PathBuf> {
    if let Some(named) = &common.data_dir {
        return Ok(named.clone());
    }
    let seams = base::seams::Seams::system();
    let name: String = seams.random::<4>().iter().map(|byte| format!("{byte:02x}")).collect();
    let fresh = std::env::temp_dir().join(format!("quittance-demo-{name}"));
    std::fs::create_dir_all(&fresh)
        .with_context(|| format!("{} cannot be made; name a directory with --data-dir", fresh.display()))?;
    Ok(fresh)
}

/// Where the settings say; where nothing was said and the usual port is taken, any free one.
async fn free_listener(serving: &Serving) -> Result<TcpListener> {
    match serve::listen(serving).await {
        Err(_) if serving.listen.is_none() => Ok(TcpListener::bind("127.0.0.1:0").await?),
        other => other,
    }
}

async fn token(
    house: &wiring::House,
    org: OrgId,
    environment: Environment,
    (name, scopes): (&str, Scopes),
) -> Result<(TokenId, String)> {
    let tenant = house.tenants.of(&house.db.read().await?, org, environment).await?;
    let create = tokens::Create { tenant: &tenant, name: name.into(), scopes, expires_at: None };
    let (id, text) = house.db.run(&create).await?;
    Ok((id, text.reveal().clone()))
}

/// One person of the demo: name, email, phone, born, last four of the SSN, line1, city, state, ZIP.
type Person = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const PEOPLE: &[Person] = &[
    (
        "Maria Alvarez",
        "maria.alvarez@example.com",
        "212-555-0101",
        "1984-03-12",
        "1001",
        "18 Linden St",
        "Brooklyn",
        "NY",
        "11201",
    ),
    (
        "James O'Connor",
        "james.oconnor@example.com",
        "617-555-0102",
        "1977-11-30",
        "1002",
        "4 Beacon Ct",
        "Boston",
        "MA",
        "02108",
    ),
    (
        "Priya Natarajan",
        "priya.n@example.com",
        "312-555-0103",
        "1991-06-05",
        "1003",
        "907 W Lake St",
        "Chicago",
        "IL",
        "60607",
    ),
    (
        "Darnell Washington",
        "darnell.w@example.com",
        "404-555-0104",
        "1969-01-22",
        "1004",
        "55 Peachtree Pl",
        "Atlanta",
        "GA",
        "30303",
    ),
    (
        "Siobhan Kelly",
        "siobhan.kelly@example.com",
        "215-555-0105",
        "1988-09-17",
        "0105",
        "221 Spruce St",
        "Philadelphia",
        "PA",
        "19106",
    ),
    (
        "Nguyen Thi Lan",
        "lan.nguyen@example.com",
        "713-555-0106",
        "1995-12-02",
        "1006",
        "1400 Main St",
        "Houston",
        "TX",
        "77002",
    ),
    (
        "Robert Haskell",
        "bob.haskell@example.com",
        "602-555-0107",
        "1958-07-28",
        "1007",
        "77 E Camelback Rd",
        "Phoenix",
        "AZ",
        "85012",
    ),
    (
        "Keala Kahananui",
        "keala.k@example.com",
        "808-555-0108",
        "1982-04-14",
        "1008",
        "12 Ala Moana Blvd",
        "Honolulu",
        "HI",
        "96813",
    ),
];

/// One account of the demo: whose (by place in `PEOPLE`), external id, cents placed, creditor, parent.
type Account = (usize, &'static str, i64, &'static str, Option<&'static str>);

const ACCOUNTS: &[Account] = &[
    (0, "HPR-1001", 125_000, "Lakeside Medical Group", None),
    (0, "HPR-1002", 38_240, "Metro Dental Partners", None),
    (1, "HPR-1003", 486_075, "First Harbor Credit Union", None),
    (2, "HPR-1004", 0, "Lakeside Medical Group", None),
    (2, "HPR-1004-A", 61_500, "Lakeside Medical Group", Some("HPR-1004")),
    (2, "HPR-1004-B", 23_750, "Lakeside Medical Group", Some("HPR-1004")),
    (3, "HPR-1005", 92_310, "Peach State Utilities", None),
    (4, "HPR-1006", 15_000, "Metro Dental Partners", None),
    (5, "HPR-1007", 210_499, "First Harbor Credit Union", None),
    (6, "HPR-1008", 74_900, "Peach State Utilities", None),
    (7, "HPR-1009", 330_000, "First Harbor Credit Union", None),
];

/// One payment of the demo: the account, the card or bank account, cents.
const PAYMENTS: &[(&str, &str, i64)] = &[
    ("HPR-1001", "4242424242424242", 25_000),
    ("HPR-1002", "5555555555554444", 38_240),
    ("HPR-1003", "4000000000009995", 50_000),
    ("HPR-1004", "4242424242424242", 40_000),
    ("HPR-1007", "000123456789", 60_000),
    ("HPR-1009", "378282246310005", 12_500),
];

async fn fill(house: &wiring::House) -> Result<OrgId> {
    let create = orgs::Create {
        tenants: &house.tenants,
        name: "Harbor Point Recovery".into(),
        time_zone: "America/New_York".into(),
    };
    let org = house.db.run(&create).await?;
    for environment in Environment::ALL {
        let tenant = house.tenants.of(&house.db.read().await?, org, environment).await?;
        let mut customers = Vec::new();
        for (n, person) in (1..).zip(PEOPLE) {
            customers.push(customer(&house.db, &tenant, n, person).await?);
        }
        for account in ACCOUNTS {
            place(&house.db, &tenant, &customers, account).await?;
        }
        if environment == Environment::Sandbox {
            for &(account, number, cents) in PAYMENTS {
                pay(&house.db, &house.till, &tenant, account, number, cents).await?;
            }
            save(&house.db, &house.till, &tenant, SHOWN, "4242424242424242").await?;
        }
    }
    while books::events::sequence(&house.db, &FanOut).await? > 0 {}
    Ok(org)
}

async fn customer(db: &Db, tenant: &Tenant, n: u32, person: &Person) -> Result<CustomerId> {
    let &(name, email, phone, born, ssn, line1, city, state, zip) = person;
    let set = |text: &str| Change::Set(text.to_owned());
    let address = people::AddressFields {
        line1: set(line1),
        city: set(city),
        state: set(state),
        postal_code: set(zip),
        country: set("US"),
        ..Default::default()
    };
    let fields = people::Fields {
        name: set(name),
        external_id: Change::Set(format!("CUST-{n:03}")),
        email: set(email),
        phone: set(phone),
        date_of_birth: Day::parse(born).map_or(Change::Keep, Change::Set),
        ssn_last4: set(ssn),
        addresses: vec![people::AddressWrite { at: "address".into(), id: None, fields: address }],
        ..Default::default()
    };
    let id = db.seams().id();
    db.run(&people::Create { tenant, id, fields: &fields }).await?;
    Ok(id)
}

async fn place(db: &Db, tenant: &Tenant, customers: &[CustomerId], account: &Account) -> Result<DebtId> {
    let &(who, external_id, cents, creditor, parent) = account;
    let slug = creditor.to_lowercase().replace(' ', "-");
    let new = New {
        customer: customers.get(who).and_then(|id| Ref::new(&id.to_string())),
        balance: Cents::new(cents),
        external_id: Some(external_id.to_owned()),
        parent: parent.and_then(Ref::new),
        location: Ref::new(&slug).map(|which| LocationGiven {
            which,
            name: Some(creditor.to_owned()),
            kind: None,
        }),
        locations: vec![FurtherGiven {
            name: "Harbor Point Recovery".into(),
            external_id: None,
            kind: Some(books::locations::Kind::CurrentCreditor),
        }],
        account_number: Some(format!("{}-{cents}", external_id.trim_start_matches("HPR-"))),
        ..New::default()
    };
    let id = db.seams().id();
    db.run(&debts::Create { tenant, id, new }).await?;
    Ok(id)
}

/// The account that the tour is about.
const SHOWN: &str = "HPR-1006";

/// Keeps a card or bank account of whoever owes on an account.
async fn save(db: &Db, till: &Till, tenant: &Tenant, account: &str, number: &str) -> Result<MethodId> {
    let debt = Ref::new(account).context("an account's name")?;
    let owner =
        debts::find(&db.read().await?, tenant, &debt).await?.context("an account of the demo")?.customer_id;
    let given = match CardNumber::parse(number) {
        Some(number) => Given::Card {
            number,
            expiry: Expiry::parse("12", "30").context("an expiry")?,
            security_code: None,
            holder: "Demo Payer".into(),
            postal_code: None,
        },
        None => Given::Ach {
            routing_number: "021000021".into(),
            account_number: base::secret::Secret::new(number.to_owned()),
            account_type: payments::processor::BankKind::Checking,
            ownership: methods::Ownership::Personal,
            holder: "Demo Payer".into(),
            postal_code: Some("10001".into()),
            state: Some("NY".into()),
        },
    };
    let new = methods::tokenize(till.processor(tenant)?.as_ref(), tenant, db.seams().now(), given).await?;
    let id: MethodId = db.seams().id();
    db.run(&methods::Create { tenant, id, customer: Some(owner), new: &new, is_primary: None }).await?;
    Ok(id)
}

async fn pay(db: &Db, till: &Till, tenant: &Tenant, account: &str, number: &str, cents: i64) -> Result<()> {
    let id = save(db, till, tenant, account, number).await?;
    let paying = Paying::Stored(Ref::new(&id.to_string()).context("a method's id")?);
    let ask = Ask {
        once: None,
        debt: Ref::new(account),
        linked: true,
        paying,
        amount: Cents::new(cents),
        scheduled_at: None,
        source: "api",
        payer: books::holds::Payer::Customer,
        description: None,
        receipt_to: None,
        authorized: None,
    };
    till.take(tenant, ask).await?;
    Ok(())
}

/// What to open and what to type, with everything filled in.
async fn tour(
    house: &wiring::House,
    org: OrgId,
    url: &str,
    (token, key): (&str, TokenId),
    common: &Common,
) -> Result<String> {
    let tenant = house.tenants.of(&house.db.read().await?, org, Environment::Sandbox).await?;
    let debt = Ref::new(SHOWN);
    let tx = house.db.read().await?;
    let debt = match &debt {
        Some(debt) => debts::find(&tx, &tenant, debt).await?,
        None => None,
    };
    let card = match &debt {
        Some(debt) => {
            let of = debt.customer_id;
            methods::of_customers(&tx, &tenant, [of])
                .await?
                .remove(&of)
                .and_then(|all| all.first().map(|m| m.id))
        }
        None => None,
    };
    let card = card.map_or_else(|| "…".to_owned(), |id| id.to_string());
    let owed = debt.map_or_else(|| "-".to_owned(), |d| d.current_balance.to_string());
    let directory = common.directory().display().to_string();
    let (data, verify) = if common.is_embedded() {
        (
            directory.clone(),
            format!(
                "quittance --data-dir {directory} verify      (or: cargo run -- --data-dir {directory} verify)"
            ),
        )
    } else {
        (
            "in PostgreSQL".to_owned(),
            "quittance verify      (with the same environment; or: cargo run -- verify)".to_owned(),
        )
    };
    Ok(format!(
        "Harbor Point Recovery is open at {url}\n\
         \n\
         \x20 Docs         {url}/docs\n\
         \x20 Mailbox      {url}/mailbox   (what the sandbox sends)\n\
         \x20 Data         {data}\n\
         \x20 Organization {org}\n\
         \x20 Token        {token}   (sandbox: no money moves)\n\
         \x20 Fields       {key}   (publishable key of hosted fields: docs/PORTAL.md)\n\
         \n\
         Siobhan Kelly owes ${owed} on account HPR-1006. Take $50.00 of it by card:\n\
         \n\
         \x20 curl {url}/api/v1/charges -H 'Authorization: Bearer {token}' \\\n\
         \x20   -d amount=5000 -d debt_account_id=HPR-1006 -d token=tok_visa -d send_email=1\n\
         \n\
         See the receipt in the mailbox, the balance fall, the transaction, and the books:\n\
         \n\
         \x20 curl -g {url}/api/v1/debt-accounts/HPR-1006 -H 'Authorization: Bearer {token}'\n\
         \x20 curl -g {url}/api/v1/transactions -H 'Authorization: Bearer {token}'\n\
         \x20 {verify}\n\
         \n\
         Let her pay the rest by ten dollars a week from tomorrow on, and see a year of it in a moment:\n\
         \n\
         \x20 curl {url}/api/v1/payment-plans -H 'Authorization: Bearer {token}' \\\n\
         \x20   -d debt_account_id=HPR-1006 -d payment_method_id={card} -d amount=1000 -d frequency=weekly\n\
         \x20 QUITTANCE_URL={url} QUITTANCE_TOKEN={token} \\\n\
         \x20   quittance clock advance --days 365      (or: cargo run -- clock advance --days 365)\n\
         \n\
         See what she sees, on a page of her own: open the `portal_url` of\n\
         \n\
         \x20 curl {url}/api/v1/customer-sessions -H 'Authorization: Bearer {token}' -d debt_account_id=HPR-1006\n\
         \n\
         More cards to try (declines, lost answers, hangs, bank returns): docs/SANDBOX.md. Stop with Ctrl-C.",
    ))
}
