//! What somebody reads before they authorize a plan, and that it is this which they have authorized.

use base::db::{Command, Ids, Tx};
use base::{Code, Failure, Result, Ts};
use books::debts::PlanId;
use books::debts::plans::Plan;
use books::messages::Language;
use books::orgs::{self, Tenant};

use super::evidence::authorizations;
use super::steps::NextDays;
use super::terms::{self, Ahead};
use crate::authorizations::{self, Filling, Purpose, standard};
use crate::methods::{Kind, Method};

/// Our own text, about to be filled in.
pub(super) struct Wording<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) plan: &'a Plan,
    /// What is charged: what it is, and its last four digits.
    pub(super) charged: (Kind, &'a str),
    pub(super) language: Language,
    /// The terms in that language.
    pub(super) terms: &'a str,
    /// Who authorizes it.
    pub(super) name: Option<&'a str>,
    pub(super) given_at: Ts,
    pub(super) now: Ts,
}

impl Wording<'_> {
    /// The text, filled in, and its version.
    pub(super) async fn filled(&self, tx: &Tx) -> Result<(String, String)> {
        let (tenant, (kind, last_four)) = (self.tenant, self.charged);
        let settings = orgs::settings(tx, tenant).await?;
        let text = standard(Purpose::Recurring, kind, self.language, tenant.today(self.now));
        let filled = text.filled(&Filling {
            name: self.name,
            organization: &settings.name,
            terms: self.terms,
            last_four,
            contact: authorizations::contact(&settings),
            date: tenant.today(self.given_at).to_string(),
            reference: self.plan.id.to_string(),
        });
        Ok((filled, text.version.clone()))
    }
}

/// Who is about to authorize that what is charged.
#[derive(Clone, Copy, Debug)]
pub struct Signs<'a> {
    /// What may be charged.
    pub method: &'a Method,
    /// In which language they read it.
    pub language: Language,
    /// Their name.
    pub name: &'a str,
    /// When.
    pub now: Ts,
}

/// Words of ours that somebody is about to agree to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The words.
    pub text: String,
    /// Which text of ours they are.
    pub version: String,
    /// What for, as the authorization will say it.
    pub terms: String,
}

/// What somebody agrees to who enrols in a plan with these terms.
pub async fn words(tx: &Tx, tenant: &Tenant, plan: &Plan, signs: &Signs<'_>) -> Result<Words> {
    told(tx, tenant, plan, None, signs).await
}

/// What somebody agrees to who lets an enrolled plan charge this from now on.
pub async fn words_ahead(tx: &Tx, tenant: &Tenant, plan: &Plan, signs: &Signs<'_>) -> Result<Words> {
    let (_, ahead) = NextDays::of(tx, tenant, plan, signs.now).await?.ahead(tenant, plan, signs.now);
    told(tx, tenant, plan, ahead, signs).await
}

async fn told(
    tx: &Tx,
    tenant: &Tenant,
    plan: &Plan,
    ahead: Option<Ahead>,
    signs: &Signs<'_>,
) -> Result<Words> {
    let Signs { method, language, name, now } = *signs;
    let wording = Wording {
        tenant,
        plan,
        charged: (method.kind, &method.last_four),
        language,
        terms: &terms::told(plan, ahead, language),
        name: Some(name).filter(|name| !name.is_empty()),
        given_at: now,
        now,
    };
    let (text, version) = wording.filled(tx).await?;
    Ok(Words { text, version, terms: terms::told(plan, ahead, Language::English) })
}

/// Work by which a plan's customer authorizes something, done only if that is what they were shown. What is owed, or has been
/// paid, may be otherwise by the time at which it is done.
pub struct AsShown<'a, C> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The plan that is authorized.
    pub plan: PlanId,
    /// What its customer was shown.
    pub words: &'a Words,
    /// The work.
    pub work: C,
}

impl<C: Command<Out = ()>> Command for AsShown<'_, C> {
    type Out = ();

    fn name(&self) -> &'static str {
        self.work.name()
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        self.work.exec(tx).await?;
        let kept = authorizations(tx, self.tenant, &Ids::of([self.plan])).await?.remove(&self.plan);
        if kept.is_some_and(|kept| kept.row.terms == self.words.terms) {
            return Ok(());
        }
        let say = "What would be authorized is not what was shown; please look at it again.";
        Err(Failure::refused(Code::Conflict, say))
    }
}
