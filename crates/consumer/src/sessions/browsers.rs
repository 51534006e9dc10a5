//! The browsers that customers came in by.

use base::db::{Command, Db, Tx};
use base::secret::Secret;
use base::us::postal_code5;
use base::vault::sha256;
use base::web::Address;
use base::{Day, Failure, Result, TenantId, Ts};
use books::orgs::{self, PortalCheck, Settings, Tenant, Tenants};
use books::people::{self, Customer, CustomerId};

use super::model::{About, Lifetime, New, Session, SessionId, State, ends};
use super::store::{Create, expired_to, find, visible};

/// How many wrong answers a link takes.
pub const TRIES: i64 = 5;

/// How long a browser may be left alone: as long as a link that slides. Far more than the twenty hours from which on nobody
/// need be warned that their time runs out (WCAG 2.2, 2.2.1).
pub const IDLE_SECONDS: i64 = super::SLIDES_SECONDS;

/// How often use is noted at most, in seconds.
const NOTED_EVERY: i64 = 60;

base::ids! {
    /// A browser that somebody came in by.
    BrowserId "browser"
}

base::record! {
    /// A browser that somebody came in by.
    pub struct Browser in "browser" {
        pub(crate) tenant_id: TenantId,
        /// Its id.
        pub id: BrowserId,
        /// The session whose link it came by.
        pub session_id: SessionId,
        /// Whose.
        pub customer_id: CustomerId,
        pub(crate) hash: Vec<u8>,
        /// Whether it said who it is.
        pub checked: bool,
        pub(crate) seen_at: Ts,
        pub(crate) left_at: Option<Ts>,
        /// When it came in.
        pub created_at: Ts,
    }
}

base::words! {
    /// By what somebody says who they are.
    Question {
        /// Their birthday.
        BirthDate = "date_of_birth",
        /// The last four digits of their Social Security number.
        Ssn = "ssn_last4",
        /// The ZIP of an address of theirs.
        PostalCode = "postal_code",
    }
}

/// An answer to a [`Question`].
#[derive(Clone)]
pub enum Answer {
    /// A birthday.
    BirthDate(Day),
    /// Four digits.
    Ssn(Secret<String>),
    /// Five digits.
    PostalCode(Secret<String>),
}

/// What a customer is asked: the hardest of the three to guess that is known of them.
fn question(customer: &Customer) -> Option<Question> {
    let has_zip = || zips(customer).next().is_some();
    match customer {
        Customer { date_of_birth: Some(_), .. } => Some(Question::BirthDate),
        Customer { ssn_last4: Some(_), .. } => Some(Question::Ssn),
        _ => has_zip().then_some(Question::PostalCode),
    }
}

/// The five digits of each ZIP that is known of a customer.
fn zips(customer: &Customer) -> impl Iterator<Item = Secret<String>> {
    let codes = customer.addresses.iter().filter_map(|address| address.postal_code.as_deref());
    codes.filter_map(|code| code.trim().get(..5).and_then(postal_code5)).map(Secret::new)
}

impl Answer {
    fn is_right(&self, customer: &Customer) -> bool {
        match self {
            Answer::BirthDate(day) => customer.date_of_birth == Some(*day),
            Answer::Ssn(four) => customer.ssn_last4.as_ref() == Some(four),
            Answer::PostalCode(zip) => zips(customer).any(|known| known == *zip),
        }
    }
}

/// What coming in comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It is in, and known by the new secret.
    In,
    /// It was in already, by the secret it has.
    Already,
    /// It says first who it is.
    Asked(Question),
    /// The answer is wrong; so many more may be given.
    Wrong(Question, i64),
    /// It is let in by no answer any more.
    Closed,
    /// Nothing is known of the customer that could be asked for.
    Unknowable,
}

/// Lets a browser in by a link, or says what it takes.
pub struct Enter<'a> {
    /// Whose link it is.
    pub tenant: &'a Tenant,
    /// The session it opens.
    pub session: SessionId,
    /// The secret that the browser is known by, where it has one.
    pub known_by: Option<&'a Secret<String>>,
    /// Who it says it is.
    pub answer: Option<&'a Answer>,
    /// The id it will have.
    pub id: BrowserId,
    /// The secret it will be known by.
    pub secret: &'a Secret<String>,
}

impl Command for Enter<'_> {
    type Out = Entered;

    fn name(&self) -> &'static str {
        "sessions.enter"
    }

    async fn exec(&self, tx: &Tx) -> Result<Entered> {
        let (tenant, now) = (self.tenant, tx.now());
        let seen = find(tx, tenant, self.session).await?.ok_or_else(Failure::not_found)?;
        // Customer before session, as whoever ends one does. Two that come at once come one after the other.
        let (customer, _) = people::hold(tx, tenant, seen.customer_id).await?;
        let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
        let session: Option<Session> = tx.find(tail, &[&tenant.id, &self.session]).await?;
        let session = session.filter(|s| s.state(now) == State::Active).ok_or_else(Failure::not_found)?;
        let settings = orgs::settings(tx, tenant).await?;
        let asks = session.sent || settings.portal_check == PortalCheck::Always;

        let known = self.known(tx, session.customer_id).await?;
        if let Some(browser) = known.filter(|browser| browser.checked || !asks) {
            if browser.session_id == session.id {
                used(tx, &browser, &session, now).await?;
                return Ok(Entered::Already);
            }
            return self.let_in(tx, session, browser.checked).await;
        }
        if !asks && session.bound_at.is_none() {
            return self.let_in(tx, session, false).await;
        }
        if session.wrong_answers >= TRIES {
            return Ok(Entered::Closed);
        }
        let Some(question) = question(&customer) else { return Ok(Entered::Unknowable) };
        let Some(answer) = self.answer else { return Ok(Entered::Asked(question)) };
        if answer.is_right(&customer) {
            return self.let_in(tx, session, true).await;
        }
        let session = Session { wrong_answers: session.wrong_answers + 1, ..session };
        tx.update(2, std::slice::from_ref(&session)).await?;
        let left = TRIES - session.wrong_answers;
        Ok(if left > 0 { Entered::Wrong(question, left) } else { Entered::Closed })
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Entered>> {
        let tail = "WHERE tenant_id = $1 AND id = $2";
        let came_in: Option<Browser> = tx.find(tail, &[&self.tenant.id, &self.id]).await?;
        // Where a wrong answer was counted and that was not heard, it counts twice: never too seldom.
        Ok(came_in.map(|_| Entered::In))
    }
}

impl Enter<'_> {
    /// The same customer's browser, where it is one that is in.
    async fn known(&self, tx: &Tx, customer: CustomerId) -> Result<Option<Browser>> {
        let Some(secret) = self.known_by else { return Ok(None) };
        let tail = "WHERE tenant_id = $1 AND hash = $2 AND customer_id = $3 AND left_at IS NULL";
        tx.find(tail, &[&self.tenant.id, &hash(secret), &customer]).await
    }

    async fn let_in(&self, tx: &Tx, session: Session, checked: bool) -> Result<Entered> {
        let now = tx.now();
        let browser = Browser {
            tenant_id: self.tenant.id,
            id: self.id,
            session_id: session.id,
            customer_id: session.customer_id,
            hash: hash(self.secret),
            checked,
            seen_at: now,
            left_at: None,
            created_at: now,
        };
        tx.insert(std::slice::from_ref(&browser)).await?;
        let session = Session { bound_at: session.bound_at.or(Some(now)), ..session };
        tx.update(2, std::slice::from_ref(&session)).await?;
        used(tx, &browser, &session, now).await?;
        Ok(Entered::In)
    }
}

/// Lets somebody in who said who they are, without a link: by a session of their own, whose link nobody is told.
pub struct LogIn<'a> {
    /// Whose customer.
    pub tenant: &'a Tenant,
    /// Who.
    pub customer: CustomerId,
    /// The id that the session will have.
    pub session: SessionId,
    /// The id that the browser will have.
    pub id: BrowserId,
    /// The secret it will be known by.
    pub secret: &'a Secret<String>,
}

impl Command for LogIn<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "sessions.log_in"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, about) = (self.tenant, About::Customer(self.customer));
        let lifetime = Lifetime::Sliding;
        let new =
            New { about, destination: None, lifetime, return_to: None, expired_to: None, tags: Vec::new() };
        Create { tenant, id: self.session, new: &new, by: "portal", sent: true }.exec(tx).await?;
        let session = find(tx, tenant, self.session).await?.ok_or_else(Failure::not_found)?;
        let enter = Enter {
            tenant,
            session: self.session,
            known_by: None,
            answer: None,
            id: self.id,
            secret: self.secret,
        };
        enter.let_in(tx, session, true).await.map(drop)
    }
}

fn hash(secret: &Secret<String>) -> Vec<u8> {
    sha256(secret.reveal().as_bytes()).to_vec()
}

/// Notes that a browser and its session were used, which prolongs one that slides.
async fn used(tx: &Tx, browser: &Browser, session: &Session, now: Ts) -> Result<()> {
    let until = match session.slides {
        true => ends(Lifetime::Sliding, session.created_at, now),
        false => session.expires_at,
    };
    tx.run(
        "UPDATE customer_session SET last_used_at = $3, expires_at = $4 WHERE tenant_id = $1 AND id = $2 \
         AND revoked_at IS NULL AND expires_at > $3 AND (last_used_at IS NULL OR last_used_at < $3)",
        &[&session.tenant_id, &session.id, &now, &until],
    )
    .await?;
    tx.run(
        "UPDATE browser SET seen_at = $3 WHERE tenant_id = $1 AND id = $2 AND seen_at < $3",
        &[&browser.tenant_id, &browser.id, &now],
    )
    .await
    .map(drop)
}

/// Who comes with a browser that somebody came in by.
pub enum Visit {
    /// A customer.
    In(Box<Visitor>),
    /// One whose time is over; where they may be sent to, if anywhere.
    Over(Box<Settings>, Option<Address>),
    /// Nobody, or somebody who may not be here any more.
    Nobody,
}

/// A customer who came in.
#[derive(Clone)]
pub struct Visitor {
    /// Whose customer.
    pub tenant: Tenant,
    /// What that organization decided.
    pub settings: Settings,
    /// By which session.
    pub session: Session,
    /// By which browser.
    pub browser: Browser,
    /// Who.
    pub customer: Customer,
}

base::record! {
    struct Found in "browser" { tenant_id: TenantId, id: BrowserId }
}

/// Finds out whose browser it is, by the secret of its cookie. That is a use, which is noted.
pub async fn visit(db: &Db, tenants: &Tenants, secret: &Secret<String>) -> Result<Visit> {
    let tx = db.read().await?;
    let mut found: Vec<Found> =
        tx.all("SELECT tenant_id, id FROM browser WHERE hash = $1", &[&hash(secret)]).await?;
    let Some(Found { tenant_id, id }) = found.pop() else { return Ok(Visit::Nobody) };
    let tenant = tenants.open(&tx, tenant_id).await?;
    drop(tx);
    let db = &tenant.db(db);
    let tx = db.read().await?;
    let browser: Option<Browser> =
        tx.find("WHERE tenant_id = $1 AND id = $2 AND left_at IS NULL", &[&tenant.id, &id]).await?;
    let Some(browser) = browser else { return Ok(Visit::Nobody) };
    let Some(session) = find(&tx, &tenant, browser.session_id).await? else { return Ok(Visit::Nobody) };
    let (now, settings) = (tx.now(), orgs::settings(&tx, &tenant).await?);
    match session.state(now) {
        State::Active => {}
        State::Revoked => return Ok(Visit::Nobody),
        State::Expired => {
            let to = expired_to(&tx, &tenant, &settings, &session).await?;
            return Ok(Visit::Over(Box::new(settings), to));
        }
    }
    if now >= browser.seen_at.plus_seconds(IDLE_SECONDS) {
        return Ok(Visit::Over(Box::new(settings), None));
    }
    let customer = match visible(&tx, &tenant, session.customer_id, session.debt_id, now).await {
        Ok(customer) => customer,
        Err(Failure::Refused(_)) => return Ok(Visit::Nobody),
        Err(broken) => return Err(broken),
    };
    drop(tx);
    if now >= browser.seen_at.plus_seconds(NOTED_EVERY) {
        db.run(&Used { browser: &browser, session: &session, now }).await?;
    }
    Ok(Visit::In(Box::new(Visitor { tenant, settings, session, browser, customer })))
}

struct Used<'a> {
    browser: &'a Browser,
    session: &'a Session,
    now: Ts,
}

impl Command for Used<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "sessions.used"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        used(tx, self.browser, self.session, self.now).await
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // again is never too often
    }
}

/// Logs a browser out. Its link asks from then on who it is.
pub struct Leave<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub browser: BrowserId,
}

impl Command for Leave<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "sessions.leave"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        tx.run(
            "UPDATE browser SET left_at = $3 WHERE tenant_id = $1 AND id = $2 AND left_at IS NULL",
            &[&self.tenant.id, &self.browser, &tx.now()],
        )
        .await
        .map(drop)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // again changes nothing
    }
}
