//! BAI2 as it is specified.

use statements::{
    AsOf, Currency, FigureCode, Format, Funds, GroupStatus, State, StatementKind, Time, TypeCode,
};

use crate::support::{day, file, forms, only, told, whole, with};

fn code(digits: &str) -> TypeCode {
    TypeCode::from_digits(digits.as_bytes()).unwrap()
}

#[test]
fn a_morning_says_what_was_on_the_account_and_what_moved() {
    let morning = whole(file("morning.bai"));
    assert_eq!(forms(file("morning.bai")), []);
    let head = &morning.head;
    assert_eq!((head.format, head.version, head.id.as_str()), (Format::Bai2, 2, "20261120A"));
    assert_eq!((head.sender.as_str(), head.receiver.as_str()), ("091000019", "HARBORST"));
    assert_eq!((head.created_on, head.created_at), (day(2026, 11, 20), Time::new(6, 0)));

    let group = &morning.groups[0];
    assert_eq!((group.status, group.modifier), (GroupStatus::Update, Some(AsOf::FinalPreviousDay)));
    assert_eq!((group.as_of, group.as_of_time), (day(2026, 11, 19), Some(Time::END_OF_DAY)));

    let [operating, empty] = morning.statements.as_slice() else { panic!("two accounts") };
    let head = &operating.head;
    assert_eq!(
        (head.account.reveal(), head.currency, head.kind),
        ("004417752200", Currency::USD, StatementKind::Statement)
    );
    assert_eq!((head.opening_booked_cents, head.closing_booked_cents), (Some(152_000_00), Some(160_412_50)));
    assert_eq!((head.available_cents, head.to), (Some(158_912_50), day(2026, 11, 19)));
    assert_eq!(
        operating.lines.iter().map(told).collect::<Vec<_>>(),
        [
            (8_000_00, "169".into(), "9100001123", "PROC-20261118", "CARD PROCESSOR DEPOSIT BATCH 4471"),
            (
                1_500_00,
                "166".into(),
                "9100001124",
                "",
                "ACH SETTLEMENT HARBOR ST WEB\nFILE A 20261117 ENTRIES 00012"
            ),
            (
                1_000_00,
                "195".into(),
                "9100001125",
                "WIRE-77",
                "ORIG: LARKSPUR DENTAL GROUP\nRFB: INVOICE 2026/114, PARTIAL"
            ),
            (-87_50, "557".into(), "9100001126", "091000010000417", "ROSA DIAZ R01 INSUFFICIENT FUNDS"),
            (-2_000_00, "495".into(), "9100001127", "REMIT-1108", "REMITTANCE LARKSPUR DENTAL GROUP"),
        ]
    );
    let end = operating.end;
    assert_eq!(
        (end.lines, end.credits.count, end.credits.cents, end.debits.cents),
        (5, 3, 10_500_00, 2_087_50)
    );
    assert_eq!(end.adds_up, Some(true), "what moved leads from the opening to the closing balance");
    assert_eq!((empty.lines.len(), empty.end.adds_up), (0, Some(true)));
}

#[test]
fn a_line_of_a_final_day_is_booked_on_that_day() {
    let morning = whole(file("morning.bai"));
    let lines = &morning.statements[0].lines;
    assert!(lines.iter().all(|line| line.state == State::Booked && line.booked_on == day(2026, 11, 19)));
    assert_eq!((lines[0].value_on, lines[1].value_on), (day(2026, 11, 19), None));
    assert_eq!((lines[0].number, lines[4].number, lines[4].line), (1, 5, 11));
}

#[test]
fn a_returned_debit_gives_its_trace_number_where_it_is_a_reference() {
    let morning = whole(file("morning.bai"));
    let lines = &morning.statements[0].lines;
    assert_eq!(lines[3].references.ach_trace.as_ref().unwrap().as_str(), "091000010000417");
    assert!(lines.iter().filter(|line| line.references.ach_trace.is_some()).count() == 1);
    let wire = with(&file("morning.bai"), "16,557,8750", "16,566,8750");
    assert_eq!(
        whole(wire).statements[0].lines[3].references.ach_trace,
        None,
        "fifteen digits of no ACH movement"
    );
}

#[test]
fn an_interim_day_is_pending_and_may_change() {
    let interim = with(&file("morning.bai"), "261119,2400,USD,2/", "261119,2400,USD,3/");
    let interim = whole(interim);
    let statement = &interim.statements[0];
    assert_eq!(statement.head.kind, StatementKind::Interim);
    assert!(statement.lines.iter().all(|line| line.state == State::Pending));
}

#[test]
fn money_comes_in_every_funds_type_with_or_without_references_and_text() {
    let file = whole(file("specification.bai"));
    let account = &file.statements[0];
    let told: Vec<_> = account.lines.iter().map(told).collect();
    assert_eq!(
        told,
        [
            (660_00, "115".into(), "", "", ""),
            (3_00, "142".into(), "", "", ""),
            (4_00, "145".into(), "B1", "C1", ""),
            (5_00, "165".into(), "B2", "", "TEXT WITH, COMMAS AND/OR SLASHES"),
            (6_00, "175".into(), "", "C3", ""),
            (7_00, "195".into(), "B4", "", ""),
            (8_00, "206".into(), "B5", "C5", "TWO LINES\nOF, TEXT"),
            (76_543_00, "218".into(), "BK8812", "CU-7713", "PROCEEDS OF A LETTER OF CREDIT"),
            (9_00, "301".into(), "B6", "C6", "DISTRIBUTED"),
            (9_090_00, "115".into(), "BK9100", "CU-9100", "A LOCKBOX\nAND MORE OF IT"),
            (10, "925".into(), "", "", "CUSTOM CREDIT"),
            (-20, "965".into(), "", "", "CUSTOM DEBIT"),
            (30, "721".into(), "", "", "APPLIED TO INTEREST"),
        ]
    );
    let funds: Vec<_> = account.lines.iter().map(|line| line.funds.clone()).collect();
    assert_eq!(funds[0], Funds::Split([110_00, 220_00, 330_00]));
    assert_eq!(funds[1..5], [Funds::Immediate, Funds::OneDay, Funds::TwoOrMoreDays, Funds::Unknown]);
    assert_eq!(funds[5], Funds::Value(day(2026, 11, 21), None));
    assert_eq!(funds[6], Funds::Value(day(2026, 11, 21), Time::new(9, 0)));
    assert_eq!(funds[8], Funds::Spread(vec![(0, 5_00), (2, 4_00)]));
    assert_eq!(account.lines[6].value_on, day(2026, 11, 21));
}

#[test]
fn an_account_has_states_and_totals_with_their_items_and_funds() {
    let file = whole(file("specification.bai"));
    let head = &file.statements[0].head;
    let figure =
        |digits| head.figures.iter().find(|figure| figure.code == FigureCode::Bai(code(digits))).unwrap();
    assert_eq!((figure("010").cents, figure("040").cents), (Some(12_345_00), Some(-9_876_00)));
    assert_eq!(
        (figure("100").items, figure("100").funds.clone()),
        (Some(2), Funds::Split([10_00, 20_00, 40_00]))
    );
    assert_eq!(figure("190").funds, Funds::Value(day(2026, 11, 21), Time::new(12, 0)));
    assert_eq!(figure("110").funds, Funds::Spread(vec![(0, 10_00), (1, 30_00), (3, 10_00)]));
    assert_eq!((figure("056").cents, figure("056").items), (None, None), "a code alone");
    assert_eq!(
        (head.opening_booked_cents, head.closing_booked_cents, head.available_cents),
        (Some(12_345_00), None, None)
    );
    assert_eq!(file.statements[1].head.figures, [], "an account of which nothing is reported");
}

#[test]
fn a_text_without_money_is_a_remark_and_no_line() {
    let file = whole(file("specification.bai"));
    let remarks: Vec<_> = file.statements[0].remarks.iter().map(|remark| remark.reveal()).collect();
    assert_eq!(remarks, ["DETAIL REPORTS WILL BE LATE"]);
}

#[test]
fn groups_say_whether_they_correct_or_are_a_test() {
    let file = whole(file("specification.bai"));
    let statuses: Vec<_> = file.statements.iter().map(|s| s.head.group.as_ref().unwrap().status).collect();
    assert_eq!(statuses, [GroupStatus::Correction, GroupStatus::Correction, GroupStatus::Test]);
    let binding: Vec<_> = file.statements.iter().map(|s| s.head.is_binding()).collect();
    assert_eq!(binding, [true, true, false]);
    assert_eq!(file.statements[2].lines[0].state, State::Information, "a test moves nothing");
    let modifiers: Vec<_> = file.groups.iter().map(|group| group.modifier).collect();
    assert_eq!(modifiers, [Some(AsOf::FinalSameDay), Some(AsOf::InterimPreviousDay)]);
}

#[test]
fn the_currency_is_the_accounts_or_the_groups_or_the_dollar() {
    let file = whole(file("specification.bai"));
    let currencies: Vec<_> = file.statements.iter().map(|s| s.head.currency.to_string()).collect();
    assert_eq!(currencies, ["USD", "CAD", "JPY"]);
    let yen = &file.statements[2];
    assert_eq!(
        (yen.head.closing_booked_cents, yen.lines[0].cents),
        (Some(125_000), 2_500),
        "yen have no decimals"
    );
}

#[test]
fn an_account_without_movement_may_end_without_a_total() {
    let text = with(&file("morning.bai"), "49,0,2/", "49,,2/");
    assert_eq!(forms(&text), [("no_control", 14)]);
    assert_eq!(whole(text).statements.len(), 2);
}

#[test]
fn what_is_printed_shows_nobody() {
    let morning = whole(file("morning.bai"));
    let printed = format!("{morning:?}");
    for secret in ["004417752200", "ROSA", "LARKSPUR", "WIRE-77", "091000010000417"] {
        assert!(!printed.contains(secret), "{secret} is printed");
    }
    assert!(printed.contains("****2200"));
    assert_eq!(only(crate::support::file("stray-no-slashes.bai")).head.account.last_four(), "****2200");
}
