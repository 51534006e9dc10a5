//! Bank debits by file, where there is a place for files: they are cut, brought, settle, and what the bank sends is read. What came of it is
//! news, for which the till sweeps soon.

use base::Result;
use books::orgs::Environment;

use super::Work;

/// Cuts files whose cut-off has come.
pub(super) async fn cut(work: &Work) -> Result<u64> {
    if work.bank.is_none() {
        return Ok(0);
    }
    ach::originate::step(work.db()).await
}

/// Brings files to the bank.
pub(super) async fn bring(work: &Work) -> Result<u64> {
    let Some(bank) = &work.bank else { return Ok(0) };
    ach::deliver::step(work.db(), &work.app.tenants, &**bank).await
}

/// Reads what the bank has sent.
pub(super) async fn collect(work: &Work) -> Result<u64> {
    let Some(bank) = &work.bank else { return Ok(0) };
    let applied = ach::collect::step(work.db(), &work.app.tenants, &**bank).await?;
    told(work, applied).await
}

/// Entries whose day has come have settled.
pub(super) async fn settle(work: &Work) -> Result<u64> {
    let settled = ach::settle::step(work.db()).await?;
    told(work, settled).await
}

async fn told(work: &Work, changed: u64) -> Result<u64> {
    if changed > 0 {
        work.till().expect_news(Environment::Production).await?;
    }
    Ok(changed)
}
