//! A made-up data set of sentence pairs: do both say the same?
//!
//! A fact is who did what to whom, where or when, and whether it happened at all. Each sentence of a pair says a fact in
//! words of its own: active or passive, one of several synonyms, the place or time in front or at the end. Equivalent
//! pairs say one fact twice. The others say two facts: one or both people are others, and each of action, place or time,
//! and denial is another as often as not.
//!
//! Facts are drawn evenly, and a change leads evenly to all other values, so that either sentence alone tells nothing
//! about the label: a model has to compare.

use std::collections::HashSet;

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use trainer::data::{ClassLabel, Column, Columns, Dataset, DatasetDict};

const PEOPLE: [&str; 6] = ["anna", "ben", "carl", "dora", "emil", "gina"];
const ACTIONS: [[&str; 2]; 5] = [
    ["praised", "commended"],
    ["helped", "assisted"],
    ["phoned", "called"],
    ["hired", "employed"],
    ["fooled", "tricked"],
];
/// Places and times.
const SETTINGS: [[&str; 2]; 6] = [
    ["yesterday", "the day before"],
    ["in the garden", "in the yard"],
    ["at noon", "at midday"],
    ["at the shop", "in the store"],
    ["at night", "after dark"],
    ["in the forest", "in the woods"],
];
const DENIALS: [&str; 2] = [" not", " never"];

/// The splits `train` and `validation`, with the columns `sentence1`, `sentence2` and `label` (`not_equivalent`,
/// `equivalent`, as many of one as of the other). No pair of sentences occurs twice in all.
pub(crate) fn paraphrases(
    seed: u64,
    train: usize,
    validation: usize,
) -> trainer::data::Result<DatasetDict> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut seen = HashSet::new();
    let train = split(&mut rng, &mut seen, train)?;
    let validation = split(&mut rng, &mut seen, validation)?;
    Ok(DatasetDict::new()
        .with("train", train)
        .with("validation", validation))
}

fn split(
    rng: &mut Xoshiro256PlusPlus,
    seen: &mut HashSet<[String; 2]>,
    rows: usize,
) -> trainer::data::Result<Dataset> {
    let mut pairs = Vec::with_capacity(rows);
    while pairs.len() < rows {
        let equivalent = pairs.len() % 2 == 1;
        let fact = Fact::draw(rng);
        let other = if equivalent { fact } else { fact.changed(rng) };
        let pair = [fact.sentence(rng), other.sentence(rng)];
        if seen.insert(pair.clone()) {
            pairs.push((pair, i64::from(equivalent)));
        }
    }
    let sentence = |k: usize| {
        Column::strings(
            pairs
                .iter()
                .map(move |(pair, _)| &pair[k])
                .collect::<Vec<_>>(),
        )
    };
    let names = ClassLabel::new(["not_equivalent", "equivalent"]);
    let labels = Column::class_labels(names, pairs.iter().map(|(_, label)| *label))?;
    Dataset::from_columns(
        Columns::new()
            .with("sentence1", sentence(0))
            .with("sentence2", sentence(1))
            .with("label", labels),
    )
}

/// Numbers of entries of the tables above.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Fact {
    agent: usize,
    action: usize,
    patient: usize,
    setting: usize,
    denied: bool,
}

/// A part of a fact.
#[derive(Clone, Copy)]
enum Part {
    Agent,
    Action,
    Patient,
    Setting,
    Denial,
}

/// Which people an unlike pair changes: one of them, or both.
const CHANGED_PEOPLE: [&[Part]; 3] = [
    &[Part::Agent],
    &[Part::Patient],
    &[Part::Agent, Part::Patient],
];

impl Fact {
    fn draw(rng: &mut Xoshiro256PlusPlus) -> Self {
        let agent = rng.random_range(0..PEOPLE.len());
        Self {
            agent,
            action: rng.random_range(0..ACTIONS.len()),
            patient: other_than(rng, &[agent], PEOPLE.len()),
            setting: rng.random_range(0..SETTINGS.len()),
            denied: rng.random(),
        }
    }

    /// A fact that differs from this one.
    fn changed(self, rng: &mut Xoshiro256PlusPlus) -> Self {
        let people = CHANGED_PEOPLE.choose(rng).copied().unwrap_or_default();
        let rest = [Part::Action, Part::Setting, Part::Denial];
        let rest = rest
            .into_iter()
            .filter(|_| rng.random())
            .collect::<Vec<_>>();
        let parts = people.iter().copied().chain(rest);
        parts.fold(self, |fact, part| fact.with_other(part, rng))
    }

    /// This fact with another value of one part; people stay two.
    fn with_other(self, part: Part, rng: &mut Xoshiro256PlusPlus) -> Self {
        let mut fact = self;
        let people = [self.agent, self.patient];
        match part {
            Part::Agent => fact.agent = other_than(rng, &people, PEOPLE.len()),
            Part::Patient => fact.patient = other_than(rng, &people, PEOPLE.len()),
            Part::Action => fact.action = other_than(rng, &[self.action], ACTIONS.len()),
            Part::Setting => fact.setting = other_than(rng, &[self.setting], SETTINGS.len()),
            Part::Denial => fact.denied = !self.denied,
        }
        fact
    }

    /// One of the sentences that say this fact.
    fn sentence(self, rng: &mut Xoshiro256PlusPlus) -> String {
        let (agent, patient) = (PEOPLE[self.agent], PEOPLE[self.patient]);
        let action = any_of(rng, &ACTIONS[self.action]);
        let setting = any_of(rng, &SETTINGS[self.setting]);
        let denial = if self.denied {
            any_of(rng, &DENIALS)
        } else {
            ""
        };
        let core = match rng.random() {
            true => format!("{agent} had{denial} {action} {patient}"),
            false => format!("{patient} was{denial} {action} by {agent}"),
        };
        match rng.random() {
            true => format!("{core} {setting} ."),
            false => format!("{setting} , {core} ."),
        }
    }
}

fn any_of(rng: &mut Xoshiro256PlusPlus, words: &'static [&'static str]) -> &'static str {
    words.choose(rng).copied().unwrap_or_default()
}

/// A number below `count` that is none of `taken`, all equally likely.
fn other_than(rng: &mut Xoshiro256PlusPlus, taken: &[usize], count: usize) -> usize {
    loop {
        let number = rng.random_range(0..count);
        if !taken.contains(&number) {
            return number;
        }
    }
}
