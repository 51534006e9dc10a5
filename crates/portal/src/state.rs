//! The state of the portal, and its door: the cookie of a browser that somebody came in by.

use std::sync::Arc;

use base::db::Db;
use base::seams::Seams;
use base::secret::Secret;
use base::vault::sha256;
use base::web::Address;
use base::{Code, Failure, Result};
use books::orgs::{Settings, Tenants};
use consumer::sessions::{self, Visit, Visitor};
use edge::{Door, Gate, Teller};
use payments::charges::till::Till;

use crate::page;

/// What every page works with. Cheap to clone.
#[derive(Clone)]
pub struct Portal {
    /// The database.
    pub db: Db,
    /// Where tenants are opened.
    pub tenants: Arc<Tenants>,
    /// Where money is taken.
    pub till: Till,
    /// Whether it is reached by https: then its cookies are for that alone.
    pub is_secure: bool,
    /// The address that people know it by, without a path.
    pub public_url: String,
}

impl Portal {
    /// Over this database, these tenants and this till, known by this address.
    pub fn new(db: Db, tenants: Arc<Tenants>, till: Till, public_url: &str) -> Portal {
        let (is_secure, public_url) = (public_url.starts_with("https://"), public_url.to_owned());
        Portal { db, tenants, till, is_secure, public_url }
    }
}

/// Whoever comes with a cookie of ours.
#[derive(Clone)]
pub struct Guest {
    pub(crate) standing: Standing,
    /// The secret that the browser is known by.
    pub(crate) secret: Secret<String>,
}

/// How a guest stands.
#[derive(Clone)]
pub(crate) enum Standing {
    /// Came in.
    In(Arc<Visitor>),
    /// Was in; their time is over. Where they may be sent to, if anywhere.
    Over(Arc<Settings>, Option<Address>),
}

impl edge::Caller for Guest {
    fn may(&self, _scope: &str) -> bool {
        false
    }

    fn rate_key(&self) -> u128 {
        let hash = sha256(self.secret.reveal().as_bytes());
        hash.first_chunk().map_or(0, |half| u128::from_be_bytes(*half))
    }

    fn tenant(&self) -> String {
        match &self.standing {
            Standing::In(visitor) => visitor.tenant.id.to_string(),
            Standing::Over(..) => String::new(),
        }
    }
}

impl Gate for Portal {
    type Caller = Guest;

    async fn admit(&self, door: &Door<'_>) -> Result<Guest> {
        let stranger = || Failure::refused(Code::Unauthenticated, "Nobody came in by this browser.");
        let secret = door.cookie(page::browser_cookie(self.is_secure)).ok_or_else(stranger)?;
        let standing = match sessions::visit(&self.db, &self.tenants, &secret).await? {
            Visit::In(visitor) => Standing::In(Arc::from(visitor)),
            Visit::Over(settings, to) => Standing::Over(Arc::from(settings), to),
            Visit::Nobody => return Err(stranger()),
        };
        Ok(Guest { standing, secret })
    }

    fn seen_by(&self, guest: &Guest) -> Portal {
        match &guest.standing {
            Standing::In(visitor) if visitor.tenant.own_time.is_some() => {
                let db = visitor.tenant.db(&self.db);
                Portal { till: self.till.over(db.clone()), db, ..self.clone() }
            }
            _ => self.clone(),
        }
    }

    fn teller(&self, door: &Door<'_>) -> Teller {
        page::teller(page::language(&door.parts.headers))
    }

    fn seams(&self) -> &Seams {
        self.db.seams()
    }
}
