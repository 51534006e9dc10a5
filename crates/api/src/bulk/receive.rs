//! Taking a body in while it arrives, whatever it is written in.

use std::collections::HashMap;

use base::{Code, Failure, Result};
use books::idempotency::Once;
use edge::body::{FilePart, Part, Stream};
use edge::rules::{Context, read_at};
use edge::{Reader, Reply, brackets};
use exchange::bulk::{self, Asked, Format, Intake, Kind, Open, Reading, Source};
use serde_json::{Map, Value};

use super::{knows, shown_one};
use crate::Call;
use crate::spelling::Words;

/// The most bytes of a form, which is read as a whole.
const FORM_BYTES: usize = 1 << 20;

/// What is asked of what arrives: in the query, beside the list, or beside the file.
#[derive(Default)]
pub(super) struct Options {
    total_rows: Option<i64>,
    total_balance: Option<base::Cents>,
    force: Option<bool>,
    overwrite: Option<bool>,
}

pub(super) fn options(r: &mut Reader<'_>) -> Options {
    Options {
        total_rows: r
            .int("total_rows")
            .at_least(0)
            .describe("How many records there are: where it is not so, nothing is applied.")
            .optional(),
        total_balance: r
            .cents("total_balance")
            .describe("The sum of their balances, in whole cents: where it is not so, nothing is applied.")
            .optional(),
        force: r.boolean("force").describe("Apply it though the same bytes came before.").optional(),
        overwrite: r
            .boolean("overwrite_later_payments")
            .describe(
                "Set `current_balance` also where a payment is later than the record's `last_payment_date`.",
            )
            .optional(),
    }
}

impl Options {
    /// What the first of them says, and where it says nothing the others.
    fn or(self, other: Options) -> Options {
        Options {
            total_rows: self.total_rows.or(other.total_rows),
            total_balance: self.total_balance.or(other.total_balance),
            force: self.force.or(other.force),
            overwrite: self.overwrite.or(other.overwrite),
        }
    }

    fn asked(&self) -> Asked {
        Asked {
            total_rows: self.total_rows,
            total_balance: self.total_balance,
            force: self.force.unwrap_or(false),
            keep_later_payments: !self.overwrite.unwrap_or(false),
        }
    }
}

/// `POST /bulk`.
pub(super) async fn customers(call: Call) -> Result<Reply> {
    receive(call, Kind::Customers).await
}

/// `POST /bulk/debt-accounts`.
pub(super) async fn debt_accounts(call: Call) -> Result<Reply> {
    receive(call, Kind::DebtAccounts).await
}

/// How a body says to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Plain(Format),
    Multipart,
}

fn written(call: &Call, kind: Kind) -> Result<Option<Written>> {
    let Some(text) = call.header("content-type") else { return Ok(None) };
    let text = text.to_ascii_lowercase();
    let (essence, parameters) = text.split_once(';').unwrap_or((&text, ""));
    let charset =
        parameters.split(';').filter_map(|p| p.split_once('=')).find(|(name, _)| name.trim() == "charset");
    let charset = charset.map(|(_, value)| value.trim().trim_matches('"').to_owned());
    let written = match (essence.trim(), kind) {
        ("application/json", _) => Written::Plain(Format::Json),
        ("application/x-www-form-urlencoded", Kind::DebtAccounts) => Written::Plain(Format::Form),
        ("multipart/form-data", Kind::DebtAccounts) => Written::Multipart,
        (name, Kind::DebtAccounts) if table_type(name).is_some() => {
            // The encoding is seen from the bytes.
            return Ok(table_type(name).map(Written::Plain));
        }
        _ => {
            return Err(unsupported(match kind {
                Kind::Customers => "Send application/json.",
                Kind::DebtAccounts => {
                    "Send application/json, application/x-ndjson, text/csv, application/x-www-form-urlencoded or multipart/form-data."
                }
            }));
        }
    };
    match charset.as_deref() {
        None | Some("utf-8" | "utf8") => Ok(Some(written)),
        Some(_) => Err(unsupported("The only charset that is read is utf-8.")),
    }
}

fn table_type(name: &str) -> Option<Format> {
    match name {
        "text/csv" | "application/csv" | "text/tab-separated-values" | "application/vnd.ms-excel" => {
            Some(Format::Csv)
        }
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines" => {
            Some(Format::Ndjson)
        }
        _ => None,
    }
}

fn unsupported(say: &str) -> Failure {
    Failure::refused(Code::UnsupportedMediaType, say)
}

/// How records are taken out of what arrives.
pub fn reading(kind: Kind, format: Format) -> Reading {
    Reading { kind, format, parse: edge::json::parse, knows, most: None, columns: HashMap::new() }
}

async fn receive(mut call: Call, kind: Kind) -> Result<Reply> {
    let asked = call.ask(options)?;
    let written = written(&call, kind)?;
    let mut stream =
        call.take_stream().ok_or_else(|| Failure::broken("reading a body", "it was read before"))?;
    let first = stream.next().await?.unwrap_or_default();
    let is_empty = first.iter().all(u8::is_ascii_whitespace);
    let written = match written {
        Some(written) => written,
        None if is_empty => Written::Plain(Format::Json),
        None => return Err(unsupported("Say what the body is: Content-Type: application/json.")),
    };
    if is_empty && written != Written::Multipart && stream.next().await?.is_none() {
        // An empty body is an empty object.
        return Err(match kind {
            Kind::Customers => Failure::refused(Code::MalformedBody, "The body must be a list."),
            Kind::DebtAccounts => Failure::field("debt_accounts", "The debt accounts field is required."),
        });
    }
    let Written::Plain(format) = written else {
        return from_parts(&call, stream.again(first), asked).await;
    };
    let mut intake = begin(&call, kind, format).await?;
    let all = async {
        match format {
            Format::Form => {
                let text = whole(first.to_vec(), &mut stream).await?;
                let tree =
                    brackets::parse(&text).map_err(|_| malformed("The body is no form that can be read."))?;
                intake.push(listed(tree).to_string().as_bytes()).await?;
            }
            _ => {
                intake.push(&first).await?;
                while let Some(piece) = stream.next().await? {
                    intake.push(&piece).await?;
                }
            }
        }
        finish(&call, &mut intake, asked).await
    };
    let done = all.await;
    if done.is_err() {
        intake.forget().await;
    }
    done
}

async fn begin(call: &Call, kind: Kind, format: Format) -> Result<Intake> {
    let words = match Words::of(call) {
        Words::Guide => bulk::Words::Guide,
        Words::OpenApi => bulk::Words::OpenApi,
    };
    let most = (kind == Kind::Customers).then_some(bulk::MOST_CUSTOMERS);
    let reading = Reading { most, ..reading(kind, format) };
    let open = Open { reading, words, source: Source::Api };
    Intake::begin(&call.state.db, &call.caller().tenant, open).await
}

/// What follows when all has arrived.
async fn finish(call: &Call, intake: &mut Intake, asked: Options) -> Result<Reply> {
    let around = intake.end().await?.around.clone();
    let beside = match around {
        Value::Object(_) => read_at(&around, "", Context { now: call.now, is_form: true }, options)?,
        _ => Options::default(),
    };
    let asked = asked.or(beside).asked();
    let once = call.idempotency_key.clone().map(|key| {
        let mut request = call.fingerprint_input().reveal().clone();
        request.extend(intake.digest());
        Once { key, fingerprint: call.caller().tenant.key.fingerprint(&request) }
    });
    let finished = intake.finish(&asked, once.as_ref()).await?;
    let reply = shown_one(call, finished.id, 201).await?;
    Ok(if finished.is_known { reply.replayed() } else { reply })
}

/// A file in a multipart body, with fields beside it.
async fn from_parts(call: &Call, stream: Stream, asked: Options) -> Result<Reply> {
    let mut intake = None;
    let done = match walk(call, stream, &mut intake).await {
        Ok(beside) => match &mut intake {
            Some(intake) => finish(call, intake, asked.or(beside)).await,
            None => Err(Failure::field("file", "The file field is required.")),
        },
        Err(failure) => Err(failure),
    };
    if let (Err(_), Some(intake)) = (&done, &intake) {
        intake.forget().await;
    }
    done
}

/// Takes the file in, and gives what the fields beside it say.
async fn walk(call: &Call, stream: Stream, intake: &mut Option<Intake>) -> Result<Options> {
    let mut parts = stream.parts(call.headers()).await?;
    let mut told = Map::new();
    while let Some(part) = parts.next().await? {
        match part {
            Part::Field(name, text) => drop(told.insert(name, text.into())),
            Part::File(_) if intake.is_some() => return Err(malformed("Send one file at a time.")),
            Part::File(mut file) => {
                let mut taken = begin(call, Kind::DebtAccounts, format_of(&file)?).await?;
                let all = async {
                    while let Some(piece) = file.next().await? {
                        taken.push(&piece).await?;
                    }
                    Ok(())
                };
                let done: Result<()> = all.await;
                *intake = Some(taken);
                done?;
            }
        }
    }
    read_at(&told.into(), "", Context { now: call.now, is_form: true }, options)
}

/// How a file is written, by its name and by what it says to be.
fn format_of(file: &FilePart<'_>) -> Result<Format> {
    let by_name = match file.file_name.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("json") => Some(Format::Json),
        Some("ndjson" | "jsonl") => Some(Format::Ndjson),
        Some("csv" | "tsv" | "txt") => Some(Format::Csv),
        _ => None,
    };
    let by_type = match file.content_type.split(';').next().map(str::trim) {
        Some("application/json") => Some(Format::Json),
        Some(name) => table_type(name),
        None => None,
    };
    by_name
        .or(by_type)
        .ok_or_else(|| Failure::field("file", "The file field must be a file of type: csv, ndjson, json."))
}

async fn whole(mut text: Vec<u8>, stream: &mut Stream) -> Result<Vec<u8>> {
    while let Some(piece) = stream.next().await? {
        if text.len() + piece.len() > FORM_BYTES {
            let say = format!("A form must not be larger than {FORM_BYTES} bytes. Send JSON, NDJSON or CSV.");
            return Err(Failure::refused(Code::BodyTooLarge, say));
        }
        text.extend_from_slice(&piece);
    }
    Ok(text)
}

fn malformed(say: &str) -> Failure {
    Failure::refused(Code::MalformedBody, say)
}

/// A form's list arrives as an object with numbers for keys.
fn listed(mut tree: Value) -> Value {
    for name in ["debt_accounts", "debt-accounts"] {
        let Some(Value::Object(fields)) = tree.get(name) else { continue };
        let numbered = fields.iter().map(|(key, value)| Some((key.parse::<u32>().ok()?, value.clone())));
        if let Some(mut numbered) = numbered.collect::<Option<Vec<_>>>() {
            numbered.sort_by_key(|(number, _)| *number);
            tree[name] = numbered.into_iter().map(|(_, value)| value).collect();
        }
    }
    tree
}
