//! Everything that has a list, as one table or as one line of JSON each.
//!
//! A walk by key, newest first, some hundred rows at a time: an export of millions costs no more memory than one of
//! ten, and holds up nobody. Words are the guides'. What an export says can be read again by `POST /bulk/debt-accounts`.

mod columns;
mod registry;

use base::db::Db;
use base::page::{Page, least_id};
use base::{Failure, Result, Ts};
use books::orgs::Tenant;
use edge::routes::get;
use edge::{Access, Endpoint, Reader, Reply};
use futures_util::stream::try_unfold;
use http::header::CONTENT_DISPOSITION;
use serde_json::{Value, json};
use uuid::Uuid;

use self::columns::{Column, columns};
use self::registry::EXPORTS;
pub use self::registry::Export;
use crate::bounds::Bound;
use crate::csv::Row;
use crate::schema::{list, object, shown, text};
use crate::{App, Call};

/// How many rows are read at a time.
const SLICE: i64 = 500;

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table with a header.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl Format {
    /// The words for them.
    pub const WORDS: &'static [(&'static str, Format)] = &[("csv", Format::Csv), ("ndjson", Format::Ndjson)];

    const fn content_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8",
            Format::Ndjson => "application/x-ndjson",
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
        }
    }
}

/// The rows of the table: one for each export, and what there is.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    let each = EXPORTS.iter().map(|export| {
        get(&format!("/bulk/exports/{}", export.name), Access::Scope(export.scope), move |call| {
            download(call, export)
        })
        .tag("bulk")
        .summary(&format!("Export all {}", export.name.replace('-', " ")))
        .describe(
            "Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a spreadsheet \
             would take for a formula begins with an apostrophe; `format=ndjson` is one object a line.",
        )
        .query(asked)
        .gives(&["text/csv", "application/x-ndjson"])
        .sample_query(&[("format", "csv")])
            .answers(200, text())
    });
    let index =
        get("/bulk/exports", Access::Scope("bulk:read"), index).summary("List what can be exported").answers(
            200,
            shown(list(object(&[("name", text()), ("scope", text()), ("columns", list(text()))], &[]))),
        );
    std::iter::once(index).chain(each).collect()
}

/// Every export there is.
pub fn all() -> &'static [Export] {
    EXPORTS
}

/// The export of this name, in either spelling.
pub fn find(name: &str) -> Option<&'static Export> {
    let name = name.replace('_', "-");
    EXPORTS.iter().find(|export| export.name == name)
}

async fn index(_: Call) -> Result<Reply> {
    let told = EXPORTS.iter().map(|export| {
        let columns: Vec<String> = columns(export).into_iter().map(|column| column.name).collect();
        json!({ "name": export.name, "scope": export.scope, "columns": columns })
    });
    Ok(Reply::ok(&told.collect::<Vec<Value>>()))
}

struct Asked {
    format: Format,
    start: Option<Bound>,
    end: Option<Bound>,
}

fn asked(r: &mut Reader<'_>) -> Asked {
    Asked {
        start: Bound::of(r, "start_date", "Only what was made from this day or instant on."),
        end: Bound::of(r, "end_date", "Only what was made to this day, including it, or instant."),
        format: r.one_of("format", Format::WORDS).describe("`csv` unless said.").or(Format::Csv),
    }
}

async fn download(call: Call, export: &'static Export) -> Result<Reply> {
    let asked = call.ask(asked)?;
    let tenant = call.caller().tenant.clone();
    let span = Span {
        from: asked.start.map(|bound| bound.start(&tenant.zone)),
        to: asked.end.map(|bound| bound.end(&tenant.zone)),
    };
    let name = format!("{}-{}.{}", export.name, tenant.today(call.now), asked.format.extension());
    let slices = slices(call.state.db.clone(), tenant, export, asked.format, span);
    Ok(Reply::flow(asked.format.content_type(), slices)
        .header(CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
}

/// When what is exported was made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// At this instant or later.
    pub from: Option<Ts>,
    /// Before this instant.
    pub to: Option<Ts>,
}

impl Span {
    /// The span of two days or instants, as people write them. `None` where one is neither.
    pub fn parse(from: Option<&str>, to: Option<&str>, tenant: &Tenant) -> Option<Span> {
        let read = |text: &str| Bound::parse(text.trim());
        let from = from.map(read);
        let to = to.map(read);
        if matches!(from, Some(None)) || matches!(to, Some(None)) {
            return None;
        }
        Some(Span {
            from: from.flatten().map(|bound| bound.start(&tenant.zone)),
            to: to.flatten().map(|bound| bound.end(&tenant.zone)),
        })
    }
}

/// An export, slice by slice.
pub fn slices(
    db: Db,
    tenant: Tenant,
    export: &'static Export,
    format: Format,
    span: Span,
) -> impl futures_util::Stream<Item = Result<Vec<u8>>> + Send + 'static {
    let db = tenant.db(&db);
    // Found by id, but where ids say nothing of when something was made.
    let place = |at: Option<Ts>, none: Uuid| at.filter(|_| tenant.own_time.is_none()).map_or(none, least_id);
    let (least, most) = (place(span.from, Uuid::nil()), place(span.to, Uuid::max()));
    let made = (span.from, span.to);
    let all = columns(export);
    let header = match format {
        Format::Csv => Row::header(all.iter().map(|column| &*column.name)).end(),
        Format::Ndjson => String::new(),
    };
    let all = std::sync::Arc::new(all);
    try_unfold(Some((most, header)), move |place| {
        let (db, tenant, columns) = (db.clone(), tenant.clone(), all.clone());
        async move {
            let Some((before, mut text)) = place else { return Ok(None) };
            let page = Page { made, ..Page::older(SLICE, before) };
            let tx = db.read().await?;
            let listed = (export.page)(&tx, &tenant, page).await?;
            drop(tx);
            let mut is_over = !listed.more;
            let mut last = None;
            for (id, value) in listed.rows {
                if id < least {
                    is_over = true;
                    break;
                }
                last = Some(id);
                write(&mut text, &value, format, &columns)?;
            }
            let next = last.filter(|_| !is_over).map(|last| (last, String::new()));
            Ok(Some((text.into_bytes(), next)))
        }
    })
}

fn write(text: &mut String, value: &Value, format: Format, columns: &[Column]) -> Result<()> {
    match format {
        Format::Ndjson => {
            let line = serde_json::to_string(value).map_err(|e| Failure::broken("writing an export", e))?;
            text.push_str(&line);
            text.push('\n');
        }
        Format::Csv => {
            let mut row = Row::default();
            for column in columns {
                column.write(value, &mut row);
            }
            text.push_str(&row.end());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_id_of_an_instant_is_below_every_id_made_then_and_above_those_before() {
        use std::sync::Arc;

        use base::seams::{Seams, StillClock, SystemEntropy};
        let at = Ts::parse("2026-11-20T12:00:00Z").unwrap();
        let id = |at: Ts| -> Uuid { Seams::new(Arc::new(StillClock::at(at)), Arc::new(SystemEntropy)).id() };
        assert!(least_id(at) <= id(at));
        assert!(id(at.plus_seconds(-1)) < least_id(at));
    }
}
