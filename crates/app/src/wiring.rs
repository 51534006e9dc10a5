//! Where the parts meet: database, keys, processor, till, API.

use std::sync::Arc;

use ach::Rail;
use ach::beside::Beside;
use ach::deliver::Bank;
use adapters::authorize_net::AuthorizeNet;
use adapters::bank::{Folder, Server, Sftp};
use adapters::egress::{Policy, Web};
use adapters::post::{Gateway, OnDisk, Smtp};
use adapters::processor::{InProcess, Remote};
use adapters::stripe::Stripe;
use anyhow::{Context, Result, bail};
use base::db::{Db, migrate};
use base::seams::{Seams, SystemEntropy};
use books::orgs::Tenants;
use exchange::post::{Mailer, Means, Texter, Ways};
use payments::charges::till::{Processors, Till};
use payments::processor::Processor;

use crate::node_clock::Agreed;
use crate::settings::{Common, Posting, Serving};

/// Everything open and fit together.
pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) tenants: Arc<Tenants>,
    pub(crate) till: Till,
    pub(crate) app: api::App,
    pub(crate) post: Post,
    /// Where files for the bank lie.
    pub(crate) bank: Option<Arc<dyn Bank>>,
    /// The clock that must go on agreeing with the database's, where others share that.
    pub(crate) clock: Option<Arc<Agreed>>,
}

/// Who delivers messages, and the mailbox where anything lies in one.
#[derive(Clone, Default)]
pub(crate) struct Post {
    pub(crate) means: Means,
    pub(crate) mailbox: Option<Arc<OnDisk>>,
    /// Whether nothing here is meant for anybody.
    pub(crate) is_rehearsal: bool,
}

/// Who delivers messages, as the settings say. What nobody is set up for waits in production, and lies in the mailbox of a
/// sandbox; in a rehearsal all of a sandbox's does, and production's waits.
fn post(common: &Common, posting: &Posting, is_rehearsal: bool) -> Result<Post> {
    let mut real = Ways::default();
    match (posting.smtp_url(), &posting.mail_from) {
        _ if is_rehearsal => {}
        (Some(url), Some(from)) => {
            let smtp =
                Smtp::new(&url, from).context("QUITTANCE_SMTP_URL or QUITTANCE_MAIL_FROM cannot be used")?;
            real.mailer = Some(Arc::new(smtp));
        }
        (Some(_), None) => bail!(
            "with QUITTANCE_SMTP_URL an address that mail comes from is needed: set QUITTANCE_MAIL_FROM"
        ),
        (None, _) => {}
    }
    if let Some(url) = posting.sms_url().filter(|_| !is_rehearsal) {
        let gateway = Gateway::new(url.reveal(), posting.sms_token(), posting.sms_from.clone());
        real.texter = Some(Arc::new(gateway.context("QUITTANCE_SMS_URL cannot be used")?));
    }
    let mailbox = Arc::new(OnDisk::at(common.mailbox()));
    let (mailer, texter): (Arc<dyn Mailer>, Arc<dyn Texter>) = (mailbox.clone(), mailbox.clone());
    let is_used = real.mailer.is_none() || real.texter.is_none();
    let sandbox = Ways {
        mailer: Some(real.mailer.clone().unwrap_or(mailer)),
        texter: Some(real.texter.clone().unwrap_or(texter)),
    };
    Ok(Post { means: Means { production: real, sandbox }, mailbox: is_used.then_some(mailbox), is_rehearsal })
}

/// Opens the database for this process alone (SQLite) or among others (PostgreSQL), with its schema up to date.
pub(crate) async fn open_database(common: &Common) -> Result<(Db, Arc<Tenants>)> {
    let (db, tenants, _) = open_by_a_clock(common).await?;
    Ok((db, tenants))
}

/// The same, and the clock by which it was opened: among others one that agrees with the database's.
async fn open_by_a_clock(common: &Common) -> Result<(Db, Arc<Tenants>, Arc<Agreed>)> {
    crate::backup::refuse_half_restored(common)?;
    let clock = Arc::new(Agreed::new());
    let seams = Seams::new(clock.clone(), Arc::new(SystemEntropy));
    let db = Db::open(&common.database()?, seams.clone()).await?;
    if !common.is_embedded() {
        clock.compare(&db).await?;
    }
    let report = migrate::migrate(&db, books::schema::MIGRATIONS).await?;
    if report.steps_run > 0 {
        tracing::info!(
            version = report.version,
            steps = report.steps_run,
            "the schema was brought up to date"
        );
    }
    let is_new = books::orgs::list(&db.read().await?).await?.is_empty();
    let tenants = Arc::new(tenants(common, &seams, is_new)?);
    tenants.check_master_key(&db).await?;
    Ok((db, tenants, clock))
}

fn tenants(common: &Common, seams: &Seams, database_is_new: bool) -> Result<Tenants> {
    let masters = common.master_keys(seams, database_is_new)?;
    Ok(Tenants::new(masters).with_key_wait(common.key_wait_seconds))
}

/// Opens the database to read beside whoever owns it.
pub(crate) async fn open_to_read(common: &Common) -> Result<(Db, Arc<Tenants>)> {
    let db = Db::open(&common.database_to_read()?, Seams::system()).await?;
    let (newest, known) =
        (migrate::newest(&db).await?, books::schema::MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0));
    if newest != known {
        bail!(
            "the database's schema is version {newest}, this program needs {known}; run `quittance migrate` first"
        );
    }
    let tenants = tenants_to_read(common, &db).await?;
    Ok((db, tenants))
}

/// The keys to a database that is there, its master key being the settings'. None is made.
pub(crate) async fn tenants_to_read(common: &Common, db: &Db) -> Result<Arc<Tenants>> {
    let tenants = Arc::new(tenants(common, &Seams::system(), false)?);
    tenants.check_master_key(db).await?;
    Ok(tenants)
}

/// The keys to a copy of a database, with the settings' master key: that it is the right one, and the schema ours.
pub(crate) async fn tenants_of_copy(common: &Common, db: &Db, schema: i64) -> Result<Arc<Tenants>> {
    let known = books::schema::MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
    if schema != known {
        bail!(
            "the copy's schema is version {schema}, this program needs {known}; restore it first, which brings it up to date"
        );
    }
    tenants_to_read(common, db).await
}

/// Switches verify mode on: before anything is charged, the processor is asked what it did.
pub(crate) async fn look_before_charging(db: &Db, reason: &str) -> Result<()> {
    Ok(payments::charges::till::watch::enter_verify_mode(db, reason).await?)
}

/// The sandbox's processor: in this process with an embedded database, by its address otherwise.
async fn sandbox_processor(common: &Common, settle_after_seconds: u32) -> Result<Arc<dyn Processor>> {
    if let Some(processor) = remote_processor(common)? {
        processor.check().await.map_err(|e| anyhow::anyhow!("{}", e.0)).with_context(|| {
            let url = common.processor_url.as_deref().unwrap_or_default();
            format!("the sandbox processor at {url} does not answer; start it with `cargo run -p sandbox` and check QUITTANCE_PROCESSOR_URL")
        })?;
        return Ok(Arc::new(processor));
    }
    if !common.is_embedded() {
        bail!(
            "with PostgreSQL the sandbox processor is a program of its own: start it with `cargo run -p sandbox`, and set QUITTANCE_PROCESSOR_URL to its address"
        );
    }
    let seams = Seams::system();
    let random: sandbox::Random = Arc::new(move |bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(32) {
            chunk.copy_from_slice(&seams.random::<32>()[..chunk.len()]);
        }
    });
    let settings = sandbox::Settings { settle_after_seconds, ..sandbox::Settings::at(common.journal_file()) };
    let service = sandbox::Service::open(settings, random)
        .context("the sandbox processor's journal cannot be opened")?;
    Ok(Arc::new(InProcess::new(service)))
}

/// The processor at its address, where one is set.
pub(crate) fn remote_processor(common: &Common) -> Result<Option<Remote>> {
    let Some(url) = &common.processor_url else { return Ok(None) };
    let remote = Remote::new(url, common.processor_secret(), Remote::DEADLINE);
    Ok(Some(remote.context("QUITTANCE_PROCESSOR_URL cannot be used; write it as http://127.0.0.1:4010")?))
}

/// The processor of production, and what is to be known of it.
pub(crate) struct Real {
    pub(crate) processor: Arc<dyn Processor>,
    pub(crate) name: &'static str,
    pub(crate) is_live: bool,
}

/// The one whose keys are set. A charge does not say whose it is, so there is one at a time.
pub(crate) fn real(common: &Common) -> Result<Option<Real>> {
    match (common.stripe_key()?, common.authorize_net_keys()?) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => bail!(
            "keys of both Stripe and Authorize.net are set, and production charges through one processor at a time: unset one's"
        ),
        (Some(key), None) => {
            let stripe = Stripe::new(&common.stripe_url, key, Stripe::DEADLINE);
            let stripe = stripe.context("production cannot charge through Stripe; see docs/PROCESSORS.md")?;
            let is_live = stripe.is_live();
            Ok(Some(Real { processor: Arc::new(stripe), name: "Stripe", is_live }))
        }
        (None, Some((login, key))) => {
            let made = AuthorizeNet::new(&common.authorize_net_url, login, key, AuthorizeNet::DEADLINE);
            let made =
                made.context("production cannot charge through Authorize.net; see docs/PROCESSORS.md")?;
            let is_live = made.is_live();
            Ok(Some(Real { processor: Arc::new(made), name: "Authorize.net", is_live }))
        }
    }
}

/// Who takes real cards, where anybody does.
fn cards(common: &Common) -> Result<Option<Arc<dyn Processor>>> {
    let Some(real) = real(common)? else { return Ok(None) };
    if real.is_live {
        tracing::info!(processor = real.name, "production charges through a processor of real money");
    } else {
        tracing::warn!(
            processor = real.name,
            "the processor is set up for tests: production's charges look real, and move no money"
        );
    }
    Ok(Some(real.processor))
}

/// Who takes real money: cards by a processor, and bank accounts by it or by files of our own, where there is a place for these.
pub(crate) fn production(
    common: &Common,
    db: &Db,
    tenants: &Arc<Tenants>,
) -> Result<Option<Arc<dyn Processor>>> {
    let cards = cards(common)?;
    if common.ach_bank.is_none() {
        return Ok(cards);
    }
    let rail = Rail::new(db.clone(), tenants.clone());
    Ok(Some(Arc::new(Beside::new(rail, cards))))
}

/// Where files for the bank lie.
fn bank(common: &Common) -> Result<Option<Arc<dyn Bank>>> {
    let Some(place) = &common.ach_bank else { return Ok(None) };
    if place.contains("://") {
        let server = Server::parse(place).context("QUITTANCE_ACH_BANK cannot be used")?;
        let (key, hosts) = (common.ach_ssh_key_file.clone(), common.ach_known_hosts_file.clone());
        return Ok(Some(Arc::new(Sftp::new(server, key, hosts))));
    }
    let folder = Folder::open(place.into());
    let folder = folder.with_context(|| format!("QUITTANCE_ACH_BANK: files cannot be put into {place}"))?;
    Ok(Some(Arc::new(folder)))
}

/// Opens everything that serving needs; in a rehearsal no message leaves the machine.
pub(crate) async fn open(common: &Common, serving: &Serving, is_rehearsal: bool) -> Result<House> {
    let post = post(common, &serving.posting, is_rehearsal)?;
    let (db, tenants, clock) = open_by_a_clock(common).await?;
    if common.is_embedded() && tenants.masters().has_older() {
        // Nobody else reads this database: no other node has to know the new master first.
        crate::keys::begin_masters(&db, &tenants).await?;
    }
    if common.is_embedded() {
        exchange::webhooks::let_go_of_all(&db).await?;
    }
    // In a rehearsal nobody takes real money.
    let real = if is_rehearsal { None } else { production(common, &db, &tenants)? };
    let bank = if is_rehearsal { None } else { bank(common)? };
    let processors = Processors {
        production: real,
        sandbox: Some(sandbox_processor(common, serving.sandbox_settle_seconds).await?),
    };
    let till = Till::new(db.clone(), tenants.clone(), processors).closed_until_swept();
    let web = Web::new(Policy::allowing(common.egress_allow.clone()))
        .context("calls to organizations' addresses cannot be made")?;
    let app = api::App::new(db.clone(), tenants.clone(), till.clone(), Arc::new(web));
    let clock = (!common.is_embedded()).then_some(clock);
    Ok(House { db, tenants, till, app, post, bank, clock })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        common: Common,
    }

    fn by(flags: &str) -> Result<Option<Real>> {
        let line = std::iter::once("quittance").chain(flags.split_whitespace());
        real(&Line::try_parse_from(line).unwrap().common)
    }

    #[test]
    fn production_charges_through_the_one_processor_whose_keys_are_set() {
        let name = |flags: &str| by(flags).unwrap().map(|real| (real.name, real.is_live));
        let (stripe, authorize_net) = (
            "--stripe-key sk_live_1",
            "--authorize-net-login 5KP3u95bQpv --authorize-net-key 346HZ32z3fP4hTG2",
        );
        assert_eq!(name(""), None);
        assert_eq!(name(stripe), Some(("Stripe", true)));
        assert_eq!(name(authorize_net), Some(("Authorize.net", true)));
        let rehearsal = format!("{authorize_net} --authorize-net-url https://apitest.authorize.net");
        assert_eq!(name(&rehearsal), Some(("Authorize.net", false)));
        for (flags, words) in [
            (format!("{stripe} {authorize_net}"), "one processor at a time"),
            ("--authorize-net-login 5KP3u95bQpv".into(), "set both"),
            ("--authorize-net-key 346HZ32z3fP4hTG2".into(), "set both"),
            (format!("{authorize_net} --authorize-net-url http://api.authorize.net"), "docs/PROCESSORS.md"),
        ] {
            let Err(refused) = by(&flags) else { panic!("{words}") };
            let said = format!("{refused:#}");
            assert!(said.contains(words) && !said.contains("346HZ32z3fP4hTG2"), "{said}");
        }
    }
}
