//! The processor is away for 72 hours, and thousands of charges are open: nothing is invented, nothing is dropped,
//! and in the end each is final, or waits for a person because the processor may have forgotten its key.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use base::Ts;
use futures_util::FutureExt as _;

use super::agenda::{Act, later};
use super::clients::What;
use super::plan::{Plan, Weather};
use super::template::Template;
use super::world::{SECOND, World};

/// How long the processor is away.
const HOURS: i64 = 72;
/// How many charges are taken while it is.
const CHARGES: i64 = 5_000;
/// How many of them reach the processor just before it goes, and are never answered.
const UNANSWERED: i64 = 500;
/// Over how many seconds they are taken.
const WITHIN: i64 = 3_600;

/// How it is away: in words, for how many seconds it knows a key, and whether it swallows what is sent.
const WAYS: [(&str, Option<i64>, bool); 3] = [
    ("keys known for ever, connections refused", None, false),
    ("keys known for ever, everything swallowed", None, true),
    ("keys forgotten after 24 hours, connections refused", Some(86_400), false),
];

/// Every way at once, each on a thread of its own.
pub(crate) fn run(dir: &Path, seed: u64) -> Result<ExitCode> {
    let template = Template::make(dir, 1_000_000_00).now_or_never();
    let template = &template.context("an inline database answers at once")??;
    let told = std::thread::scope(|scope| {
        let each =
            |n: usize| scope.spawn(move || one(template, WAYS[n], seed, &dir.join(format!("outage-{n}.db"))));
        let running: Vec<_> = (0..WAYS.len()).map(each).collect();
        running.into_iter().map(|way| way.join().expect("it does not panic")).collect::<Vec<_>>()
    });
    let mut code = ExitCode::SUCCESS;
    for (told, (words, ..)) in told.into_iter().zip(WAYS) {
        let (text, wrong) = told?;
        println!("{words}:\n{text}");
        if let Some(wrong) = wrong {
            eprintln!("{words}: {wrong}");
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

/// What came of one way, and what is wrong with it.
fn one(
    template: &Template,
    (_, window, swallows): (&str, Option<i64>, bool),
    seed: u64,
    place: &Path,
) -> Result<(String, Option<String>)> {
    let mut world = World::new(template, plan(window), seed, place, false)?;
    let healed = world.prepare_outage(swallows);
    let wrong = world.until_rest().err();
    let (states, rest, charged) = (world.states()?, world.last_settled(healed)?, world.charged());
    let text = format!(
        "  {CHARGES} charges taken, the processor away for {HOURS} hours\n  at rest {rest} s after it was back: \
         {states:?}\n  charges that moved money at the processor: {charged}, hash {:016x}",
        world.chronicle.hash()
    );
    let waiting = states.get("unknown, for a person").copied().unwrap_or(0);
    let succeeded = states.get("succeeded").copied().unwrap_or(0);
    let right = states.values().sum::<i64>() == CHARGES
        && succeeded + waiting == CHARGES
        && charged == succeeded
        && (window.is_some() == (waiting > 0));
    Ok((text, wrong.or_else(|| (!right).then(|| "not every charge ended as it must".to_owned()))))
}

fn plan(window: Option<i64>) -> Plan {
    Plan {
        days: 0,
        bursts: 0,
        acts: 0,
        weather: Weather::default(),
        crash: 0,
        sleep: 0,
        outage: 0,
        refused_commits: 0,
        lost_commits: 0,
        settle_after: 60,
        window,
        comes_back: 0,
    }
}

impl World<'_> {
    /// Puts the scenario on the agenda; gives when the processor is back.
    fn prepare_outage(&mut self, swallows: bool) -> Ts {
        let begins = self.now.plus_seconds(60);
        for number in 0..CHARGES {
            let house = usize::from(number % 2 == 0);
            let payer = &self.template.houses[house].payers[self.dice.index(3)];
            let (debt, method) = (Some(payer.debts[0]), payer.methods[0]);
            let amount = self.dice.between(1, 50_00);
            let what = What::Charge { debt, method, amount, linked: true, day: None };
            let key = Some(format!("outage-{number}"));
            let request = self.clients.new_request(house, what, key, 0);
            let at = if number < UNANSWERED {
                later(self.now, self.dice.between(SECOND, 50 * SECOND))
            } else {
                later(begins, self.dice.between(0, WITHIN * SECOND))
            };
            self.agenda.at(at, Act::Send(request));
        }
        self.plan.weather = Weather::never_answered();
        let seconds = HOURS * 3_600;
        self.agenda.at(begins, Act::OutageBegins { swallows, seconds });
        self.agenda.at(begins.plus_seconds(1), Act::Clears);
        for hour in (6..=HOURS).step_by(6) {
            self.agenda.at(begins.plus_seconds(hour * 3_600), Act::DayEnds);
        }
        begins.plus_seconds(seconds)
    }

    /// How many charges stand how.
    fn states(&self) -> Result<BTreeMap<String, i64>> {
        let mut states = BTreeMap::new();
        for charge in self.tables()?.charges {
            let person = if charge.review { ", for a person" } else { "" };
            *states.entry(format!("{}{person}", charge.state.as_str())).or_default() += 1;
        }
        if states.is_empty() {
            bail!("no charge was taken");
        }
        Ok(states)
    }

    /// How many seconds after `healed` the last charge was settled or given to a person.
    fn last_settled(&self, healed: Ts) -> Result<i64> {
        let last = self.tables()?.charges.into_iter().map(|c| c.updated_at).max();
        Ok(last.map_or(0, |at| at.since(healed).as_secs()))
    }
}
