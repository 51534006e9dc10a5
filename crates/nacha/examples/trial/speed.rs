//! Files of one to many entries: do they add up, and how long does it take beside a copy of the same bytes.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use nacha::{
    About, BatchOpening, Date, Direction, FileOpening, NewEntry, Originator, PaymentType, Reader, Record,
    RoutingNumber, SecCode, ServiceClass, Time, TransactionCode, Written,
};

/// So many bytes are moved for one measurement, so that small files are measured many times.
const MOVED: usize = 100_000_000;

pub(crate) fn run(most: u64) -> Result<(), Box<dyn Error>> {
    println!("| entries | bytes | copy, GB/s | read, GB/s | read / copy | write, GB/s | write / copy |");
    println!("|---|---|---|---|---|---|---|");
    let mut entries = 1;
    while entries <= most {
        let (bytes, written) = make(entries, Vec::new())?;
        adds_up(&bytes, entries, written)?;
        let times = (MOVED / bytes.len()).max(1);
        let mut place = vec![0; bytes.len()];
        let copy = best(times, || {
            place.copy_from_slice(black_box(&bytes));
            black_box(&place);
            Ok(())
        })?;
        let read = best(times, || {
            let mut reader = Reader::new(&*bytes);
            for read in reader.by_ref() {
                black_box(read?);
            }
            if reader.into_report().is_sound() { Ok(()) } else { Err("not sound".into()) }
        })?;
        let mut room = Some(Vec::with_capacity(bytes.len()));
        let write = best(times, || {
            let mut empty = room.take().unwrap_or_default();
            empty.clear();
            room = Some(make(entries, empty)?.0);
            Ok(())
        })?;
        let rate = |took: Duration| bytes.len() as f64 * times as f64 / took.as_secs_f64() / 1e9;
        let ratio = |took: Duration| took.as_secs_f64() / copy.as_secs_f64();
        println!(
            "| {entries} | {} | {:.1} | {:.2} | {:.0} | {:.2} | {:.0} |",
            bytes.len(),
            rate(copy),
            rate(read),
            ratio(read),
            rate(write),
            ratio(write)
        );
        entries *= 10;
    }
    Ok(())
}

/// The quickest of three.
fn best(
    times: usize,
    mut work: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<Duration, Box<dyn Error>> {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let began = Instant::now();
        for _ in 0..times {
            work()?;
        }
        best = best.min(began.elapsed());
    }
    Ok(best)
}

/// What of a million entries fits into a batch with its totals.
const BATCH: u64 = 400_000;

fn make(entries: u64, out: Vec<u8>) -> Result<(Vec<u8>, Written), Box<dyn Error>> {
    let bank = RoutingNumber::parse("061000104").ok_or("a routing number")?;
    let banks = ["073000228", "124000313", "021000021", "121042882"].map(RoutingNumber::parse);
    let day = Date::new(2026, 12, 1).ok_or("a day")?;
    let mut file = Originator::begin(
        out,
        &FileOpening {
            destination: bank,
            origin: "1234567890",
            created_on: day,
            created_at: Time::NONE,
            modifier: 'A',
            destination_name: "BANK OF EXAMPLES",
            origin_name: "HARBOR POINT RECOVERY",
            reference: "",
        },
    )?;
    let mut left = entries;
    let mut sequence = 0;
    while left > 0 {
        let mut batch = file.batch(&BatchOpening {
            class: ServiceClass::Debits,
            sec: SecCode::Web,
            company_name: "HARBOR POINT",
            company_id: "1234567890",
            description: "PAYMENT",
            descriptive_date: "",
            discretionary: "",
            effective_on: day,
            odfi: bank,
        })?;
        for n in 0..left.min(BATCH) {
            sequence += 1;
            batch.entry(&NewEntry {
                code: TransactionCode::CHECKING_DEBIT,
                bank: banks[usize::try_from(n % 4)?].ok_or("a routing number")?,
                account: "48219937265",
                amount_cents: 1 + (n * 7_919) % 100_000,
                id: "HPR-1001",
                name: "ADA LOVELACE",
                payment_type: Some(PaymentType::Recurring),
                sequence,
                about: About::Payment { note: None },
            })?;
        }
        batch.finish()?;
        left -= left.min(BATCH);
    }
    Ok(file.finish()?)
}

/// Entries are as many as were asked for, and their amounts and banks come to what the file says, by another sum.
fn adds_up(bytes: &[u8], entries: u64, written: Written) -> Result<(), Box<dyn Error>> {
    let mut reader = Reader::new(bytes);
    let (mut many, mut debits, mut hash) = (0, 0, 0);
    for read in reader.by_ref() {
        if let Some(Record::Entry(entry)) = read?.record {
            many += 1;
            debits += if entry.code().direction() == Direction::Debit { entry.amount_cents() } else { 0 };
            hash += u64::from(entry.bank().get() / 10);
        }
    }
    let report = reader.into_report();
    let right = many == entries && debits == written.debits_cents && hash % 10_000_000_000 == written.hash;
    if report.is_canonical() && right {
        Ok(())
    } else {
        Err(format!("{entries} entries do not add up").into())
    }
}
