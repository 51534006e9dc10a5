//! What single records say: headers, accounts, transactions. Source: BAI2, section 3, records 01, 02, 03 and 16.

use super::check::{Account, add};
use super::codes::{Level, TypeCode};
use super::fields::Fields;
use super::records::Record;
use super::totals::Sums;
use crate::code::{BankCode, FigureCode};
use crate::fault::{Found, Glimpse, Kind, Spoils};
use crate::forms::Form;
use crate::money::Currency;
use crate::sink::Sink;
use crate::statement::{
    AsOf, Figure, FileHead, Format, Funds, Group, GroupStatus, Head, Line, Piece, References, State,
    StatementKind,
};
use crate::text::{AccountId, Private, Reference};

const STATUSES: [(u8, GroupStatus); 5] = [
    (b'1', GroupStatus::Update),
    (b'2', GroupStatus::Deletion),
    (b'3', GroupStatus::Correction),
    (b'4', GroupStatus::Test),
    // Of no meaning in the specification; banks write it where they mean the usual.
    (b'0', GroupStatus::Update),
];

const MODIFIERS: [(u8, AsOf); 4] = [
    (b'1', AsOf::InterimPreviousDay),
    (b'2', AsOf::FinalPreviousDay),
    (b'3', AsOf::InterimSameDay),
    (b'4', AsOf::FinalSameDay),
];

/// 01.
pub(super) fn file(record: &Record, sink: &mut Sink) -> FileHead {
    let mut fields = Fields::of(record, Spoils::File, sink);
    let (sender, receiver) = (fields.text(), fields.text());
    let created_on = fields.date("file creation date");
    let created_at = fields.time("file creation time");
    let id = Reference::new(fields.text());
    // The length of records was seen before anything was read; nobody has blocks any more.
    let (_length, _block) = (fields.text(), fields.text());
    let span = fields.here();
    let version = fields.digit("version number", &[(b'2', 2_u16), (b'3', 3)], "2");
    if version == Some(3) {
        fields.note(Form::VersionThree);
    }
    if version.is_none() && fields.sound {
        fields.wrong(span, "version number", Kind::Format, Found::Nothing, "2");
    }
    fields.end("file header");
    let version = version.unwrap_or(0);
    FileHead {
        line: record.line,
        format: Format::Bai2,
        version,
        id,
        sender,
        receiver,
        created_on,
        created_at,
        page: None,
    }
}

/// 02.
pub(super) fn group(record: &Record, sink: &mut Sink) -> Group {
    let mut fields = Fields::of(record, Spoils::Group, sink);
    let (receiver, originator) = (fields.text(), fields.text());
    let status = fields.digit("group status", &STATUSES, "1, 2, 3 or 4");
    if status.is_none() && fields.sound {
        fields.note(Form::NoGroupStatus);
    }
    let span = fields.here();
    let as_of = fields.date("as-of date");
    if as_of.is_none() && fields.sound {
        fields.wrong(span, "as-of date", Kind::Missing, Found::Nothing, "a day as YYMMDD");
    }
    let as_of_time = fields.time("as-of time");
    let currency = fields.currency().unwrap_or(Currency::USD);
    let modifier = fields.digit("as-of-date modifier", &MODIFIERS, "1, 2, 3 or 4");
    fields.end("group header");
    let status = status.unwrap_or(GroupStatus::Update);
    Group { line: record.line, receiver, originator, status, as_of, as_of_time, currency, modifier }
}

/// 03, whose amounts it adds to the account's sums.
pub(super) fn account(record: &Record, group: Option<&Group>, sums: &mut Sums, sink: &mut Sink) -> Head {
    let mut fields = Fields::of(record, Spoils::Statement, sink);
    let account = AccountId::new(fields.needed("customer account number", "the account that this is of"));
    let currency = fields.currency().or(group.map(|group| group.currency)).unwrap_or(Currency::USD);
    let mut figures = Vec::new();
    while let Some(figure) = figure(&mut fields, currency, sums) {
        figures.push(figure);
    }
    sums.unsure |= !fields.sound;
    let known = |codes: &[TypeCode]| {
        let of = |code: &TypeCode| figures.iter().find(|figure| figure.code == FigureCode::Bai(*code));
        codes.iter().find_map(|code| of(code)?.cents)
    };
    let day = group.and_then(|group| group.as_of);
    let kind = match group.and_then(|group| group.modifier) {
        Some(AsOf::InterimPreviousDay | AsOf::InterimSameDay) => StatementKind::Interim,
        Some(AsOf::FinalPreviousDay | AsOf::FinalSameDay) | None => StatementKind::Statement,
    };
    Head {
        line: record.line,
        kind,
        id: Reference::default(),
        sequence: None,
        page: None,
        duplicate: false,
        group: group.cloned(),
        account,
        currency,
        from: day,
        to: day,
        opening_booked_cents: known(&[TypeCode::OPENING_LEDGER]),
        closing_booked_cents: known(&[TypeCode::CLOSING_LEDGER]),
        available_cents: known(&[TypeCode::CLOSING_AVAILABLE, TypeCode::CURRENT_AVAILABLE]),
        figures,
    }
}

fn figure(fields: &mut Fields<'_>, currency: Currency, sums: &mut Sums) -> Option<Figure> {
    let code = fields.next_type_code()?;
    let span = fields.last();
    if matches!(code.level(), Level::Text | Level::Unknown) {
        let found = Found::Glimpse(Glimpse::of(code.to_string().as_bytes()));
        fields.wrong(span, "type code", Kind::Code, found, "a type code of balances or totals");
    }
    let cents = fields.amount("amount", currency);
    sums.cents += i128::from(cents.unwrap_or(0));
    let items = fields.count("item count");
    let funds = fields.funds(currency);
    Some(Figure { code: FigureCode::Bai(code), cents, items, funds, day: None })
}

/// 16, whose amount it adds to the account's sums.
pub(super) fn transaction(record: &Record, account: &mut Account, sink: &mut Sink) {
    let head = &account.head;
    let mut fields = Fields::of(record, Spoils::Statement, sink);
    let span = fields.here();
    let code = fields.type_code();
    let cents = fields.amount("amount", head.currency);
    let funds = fields.funds(head.currency);
    let (bank, customer) = (fields.reference(), fields.reference());
    let level = code.map(TypeCode::level);
    let expected = "a type code of movements";
    match (code, level) {
        (Some(code), Some(Level::Status | Level::Unknown)) => {
            let found = Found::Glimpse(Glimpse::of(code.to_string().as_bytes()));
            fields.wrong(span, "type code", Kind::Code, found, expected);
        }
        (None, _) if fields.sound => fields.wrong(span, "type code", Kind::Missing, Found::Nothing, expected),
        _ => {}
    }
    if cents.is_none() && fields.sound && matches!(level, Some(Level::Activity(_))) {
        fields.note(Form::NoAmount);
    }
    if cents.is_some_and(|cents| cents < 0) {
        fields.note(Form::NegativeTransactions);
    }
    account.sums.unsure |= !fields.sound;
    let cents = cents.unwrap_or(0);
    account.sums.cents += i128::from(cents);
    let text = Private::new(record.text.clone().unwrap_or_default());
    let (Some(code), Some(Level::Activity(direction))) = (code, level) else {
        if level == Some(Level::Text) {
            sink.piece(Piece::Remark(text));
        }
        return;
    };
    let value_on = match &funds {
        Funds::Value(day, _) => *day,
        _ => None,
    };
    let test = head.group.as_ref().is_some_and(|group| group.status == GroupStatus::Test);
    let state = match head.kind {
        _ if test => State::Information,
        StatementKind::Interim | StatementKind::Notification => State::Pending,
        StatementKind::Statement => State::Booked,
    };
    let booked_on = head.to;
    add(account, direction, cents);
    let ach_trace =
        [&customer, &bank].into_iter().flatten().find(|_| is_ach(code)).filter(|one| is_trace(one)).cloned();
    sink.piece(Piece::Line(Box::new(Line {
        line: record.line,
        number: account.lines,
        cents,
        direction,
        reversal: matches!(code.get(), 252 | 258 | 552 | 558),
        state,
        booked_on,
        value_on,
        code: BankCode::Bai(code),
        references: References { bank, customer, ach_trace, ..References::default() },
        return_reason: None,
        funds,
        batch: None,
        debtor: Private::default(),
        creditor: Private::default(),
        text,
        parts: Vec::new(),
    })));
}

/// Whether a movement is one of the ACH.
fn is_ach(code: TypeCode) -> bool {
    matches!(code.get(), 142..=145 | 165 | 166 | 168 | 169 | 255..=258 | 445..=469 | 557 | 558)
}

/// Whether a reference is a trace number of the ACH: fifteen digits, of which the first eight are a bank's.
pub(crate) fn is_trace(reference: &Reference) -> bool {
    let digits = reference.as_str().as_bytes();
    let bank = match digits {
        [a, b, ..] if digits.len() == 15 && digits.iter().all(u8::is_ascii_digit) => {
            (a - b'0') * 10 + (b - b'0')
        }
        _ => return false,
    };
    matches!(bank, 1..=12 | 21..=32 | 61..=72)
}
