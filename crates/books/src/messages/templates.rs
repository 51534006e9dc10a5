//! Texts of messages: an organization's own for a kind, a channel and a language, or else ours.
//!
//! Each place for a text has an id of its own in each tenant, whether the organization wrote one or not.

use base::db::{Command, Tx};
use base::page::{Between, Key, Listed, Page, least_id};
use base::vault::mac;
use base::{Failure, Result, TenantId, Ts};
use serde_json::{Value, json};
use uuid::{Builder, Uuid};

use super::kinds::built_in;
use super::model::{Channel, Kind, Language};
use super::render::{self, Text};
use crate::events;
use crate::orgs::Tenant;

base::ids! {
    /// A place for a text.
    TemplateId "text"
}

base::record! {
    struct Row in "message_template" {
        tenant_id: TenantId,
        id: TemplateId,
        kind: String,
        channel: Channel,
        language: String,
        subject: Option<String>,
        body: String,
        updated_at: Ts,
    }
}

/// A place for a text, and the text that stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// What it is for.
    pub kind: Kind,
    /// How it goes.
    pub channel: Channel,
    /// In which language.
    pub language: Language,
    /// The text.
    pub text: Text,
    /// When the organization wrote it; none where it is ours.
    pub updated_at: Option<Ts>,
    /// The how manieth of all places it is.
    place: u8,
}

impl Template {
    /// By what a list of texts is walked, as others are by their ids: when the organization wrote them. Ours are older than
    /// any of theirs, and the first of them the youngest.
    pub fn key(&self) -> Uuid {
        let written = self.updated_at.map_or(0, |at| least_id(at).as_u128());
        Uuid::from_u128(written | u128::from(u8::MAX - self.place))
    }

    /// The object that the API answers with and events carry.
    pub fn view(&self) -> Value {
        let variables = self.kind.variables().map(|variable| {
            json!({
                "name": variable.name,
                "description": variable.about,
                "always": variable.is_always,
            })
        });
        json!({
            "id": self.id.to_string(),
            "kind": self.kind.as_str(),
            "channel": self.channel.as_str(),
            "language": self.language.as_str(),
            "source": if self.updated_at.is_some() { "own" } else { "default" },
            "subject": self.text.subject,
            "body": self.text.body,
            "variables": variables.collect::<Vec<_>>(),
            "updated_at": self.updated_at.map(|at| at.to_string()),
        })
    }
}

/// A text of ours taken apart: of an e-mail the first line is the subject.
pub(super) fn split(channel: Channel, text: &str) -> Text {
    match (channel, text.split_once('\n')) {
        (Channel::Email, Some((subject, body))) => {
            Text { subject: Some(subject.trim().to_owned()), body: body.trim().to_owned() }
        }
        _ => Text { subject: None, body: text.trim().to_owned() },
    }
}

/// Every place there is, with the text of ours.
fn places(tenant: TenantId) -> Vec<Template> {
    let mut all = Vec::new();
    for kind in Kind::ALL {
        for channel in kind.channels() {
            for language in Language::ALL {
                let Some(text) = built_in(*kind, *channel, *language) else { continue };
                let place = u8::try_from(all.len()).unwrap_or(u8::MAX);
                all.push(Template {
                    place,
                    id: id_of(tenant, *kind, *channel, *language),
                    kind: *kind,
                    channel: *channel,
                    language: *language,
                    text: split(*channel, text),
                    updated_at: None,
                });
            }
        }
    }
    all
}

fn id_of(tenant: TenantId, kind: Kind, channel: Channel, language: Language) -> TemplateId {
    let parts = ["message template", kind.as_str(), channel.as_str(), language.as_str()];
    let digest = mac(tenant.0.as_bytes(), &parts.map(str::as_bytes));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    TemplateId(Builder::from_custom_bytes(bytes).into_uuid())
}

impl Template {
    fn own(self, row: Row) -> Template {
        Template {
            text: Text { subject: row.subject, body: row.body },
            updated_at: Some(row.updated_at),
            ..self
        }
    }

    fn row(&self, tenant: TenantId, now: Ts) -> Row {
        Row {
            tenant_id: tenant,
            id: self.id,
            kind: self.kind.as_str().into(),
            channel: self.channel,
            language: self.language.as_str().into(),
            subject: self.text.subject.clone(),
            body: self.text.body.clone(),
            updated_at: now,
        }
    }
}

/// Which texts a list shows.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of one kind.
    pub kind: Option<Kind>,
    /// That go like this.
    pub channel: Option<Channel>,
    /// In this language.
    pub language: Option<Language>,
}

impl Wanted {
    fn is(&self, template: &Template) -> bool {
        self.kind.is_none_or(|kind| kind == template.kind)
            && self.channel.is_none_or(|channel| channel == template.channel)
            && self.language.is_none_or(|language| language == template.language)
    }
}

/// A page of texts, those that the organization wrote last first, then ours. They are few, and most of them are in no table.
pub async fn list(tx: &Tx, tenant: &Tenant, wanted: &Wanted, page: Page) -> Result<Listed<Template>> {
    let mut all = all(tx, tenant).await?;
    all.retain(|text| wanted.is(text) && [page.made, page.changed].iter().all(|span| was_in(text, *span)));
    all.sort_by_key(Template::key);
    if !page.order.is_ascending {
        all.reverse();
    }
    if page.order.by != Key::Age {
        all.sort_by_key(|text| text.updated_at.is_none());
    }
    let total = (!page.walks).then(|| i64::try_from(all.len()).unwrap_or(i64::MAX));
    if let Some(past) = page.past {
        let comes_after = |key: Uuid| if page.order.is_ascending { key > past.id } else { key < past.id };
        all.retain(|text| comes_after(text.key()));
    }
    let whole = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    let mut rows: Vec<Template> = all.into_iter().skip(whole(page.offset)).collect();
    let more = rows.len() > whole(page.limit);
    rows.truncate(whole(page.limit));
    Ok(Listed { rows, total, capped: false, more })
}

/// Whether the organization wrote a text then; ours were always there.
fn was_in(text: &Template, (from, to): Between) -> bool {
    match text.updated_at {
        Some(at) => from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to),
        None => from.is_none(),
    }
}

/// Every text, by kind, channel and language: the organization's own, or else ours.
async fn all(tx: &Tx, tenant: &Tenant) -> Result<Vec<Template>> {
    let mut own: Vec<Row> = tx.select("WHERE tenant_id = $1 ORDER BY id", &[&tenant.id]).await?;
    let text = |place: Template| match own.iter().position(|row| row.id == place.id) {
        Some(at) => {
            let row = own.swap_remove(at);
            place.own(row)
        }
        None => place,
    };
    Ok(places(tenant.id).into_iter().map(text).collect())
}

/// The text at a place.
pub async fn find(tx: &Tx, tenant: &Tenant, id: TemplateId) -> Result<Option<Template>> {
    let Some(place) = places(tenant.id).into_iter().find(|place| place.id == id) else { return Ok(None) };
    let row: Option<Row> = tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await?;
    Ok(Some(match row {
        Some(row) => place.own(row),
        None => place,
    }))
}

/// The text of a kind, a channel and a language; `None` where there can be none.
pub(super) async fn text_of(
    tx: &Tx,
    tenant: &Tenant,
    (kind, channel, language): (Kind, Channel, Language),
) -> Result<Option<Text>> {
    let id = id_of(tenant.id, kind, channel, language);
    Ok(find(tx, tenant, id).await?.map(|template| template.text))
}

/// Writes an organization's own text. Refused, field by field, where it cannot be filled in.
pub struct Save<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Where.
    pub id: TemplateId,
    /// The text.
    pub text: &'a Text,
}

impl Command for Save<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "message_templates.save"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let before = find(tx, self.tenant, self.id).await?.ok_or_else(Failure::not_found)?;
        if before.text == *self.text {
            return Ok(());
        }
        let faults = render::faults(before.kind, before.channel, before.language, self.text);
        if !faults.is_empty() {
            return Err(Failure::fields(faults));
        }
        let now = tx.now();
        let is_first = before.updated_at.is_none();
        let after = Template { text: self.text.clone(), updated_at: Some(now), ..before };
        let row = [after.row(self.tenant.id, now)];
        if is_first {
            tx.insert(&row).await?;
        } else {
            tx.update(2, &row).await?;
        }
        tell(tx, self.tenant, "message-template.update", &after).await
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // the same text again changes nothing
    }
}

/// Takes an organization's own text away: ours stands there again.
pub struct Reset<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Where.
    pub id: TemplateId,
}

impl Command for Reset<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "message_templates.reset"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let before = find(tx, self.tenant, self.id).await?.ok_or_else(Failure::not_found)?;
        if before.updated_at.is_none() {
            return Ok(());
        }
        let sql = "DELETE FROM message_template WHERE tenant_id = $1 AND id = $2";
        tx.run(sql, &[&self.tenant.id, &self.id]).await?;
        tell(tx, self.tenant, "message-template.delete", &before).await
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // again changes nothing
    }
}

async fn tell(tx: &Tx, tenant: &Tenant, name: &str, template: &Template) -> Result<()> {
    let object: Uuid = template.id.0;
    events::emit(tx, tenant, name, "message_template", object, &template.view()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_has_an_id_of_its_own_in_each_tenant() {
        let ids =
            |n: u128| places(TenantId(Uuid::from_u128(n))).into_iter().map(|p| p.id).collect::<Vec<_>>();
        let mut all = [ids(1), ids(2)].concat();
        let many = all.len();
        all.sort();
        all.dedup();
        assert_eq!((all.len(), many), (40, 40));
        assert_eq!(ids(1), ids(1));
    }

    #[test]
    fn what_an_organization_wrote_last_comes_first_and_ours_in_their_order() {
        let mut all = places(TenantId(Uuid::nil()));
        let ids: Vec<TemplateId> = all.iter().map(|text| text.id).collect();
        for (index, at) in [(3, 5_000_000), (1, 9_000_000), (7, 5_000_000)] {
            all[index].updated_at = Some(Ts::from_micros(at));
        }
        all.sort_by_key(Template::key);
        all.reverse();
        let order: Vec<usize> =
            all.iter().map(|text| ids.iter().position(|id| *id == text.id).unwrap()).collect();
        let ours = (0..ids.len()).filter(|index| ![1, 3, 7].contains(index));
        assert_eq!(order, [1, 3, 7].into_iter().chain(ours).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_line_of_a_mail_is_its_subject() {
        let text = split(Channel::Email, "A subject\n\nHello,\n\nbye.\n");
        assert_eq!((text.subject.as_deref(), text.body.as_str()), (Some("A subject"), "Hello,\n\nbye."));
        assert_eq!(split(Channel::Sms, "Hi.\n").subject, None);
    }
}
