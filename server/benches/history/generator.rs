//! A year of calls of a company of 800 people, the same every time: busy at ten and at three, quiet at night and on Sundays,
//! a few numbers that call often and very many that call once.

use app::model::PbxId;
use telephony::{
    CallId, CallResult, Direction, FinishedCall, HungUpBy, Leg, LegId, LegRole, LegState, Marks, Moment,
    MomentKind, Party, Story, Timestamp, finished::pack,
};

/// 2025-01-01, a Wednesday.
pub(crate) const START_MS: u64 = 1_735_689_600_000;
const DAY_MS: u64 = 86_400_000;
pub(crate) const YEAR_MS: u64 = 365 * DAY_MS;
pub(crate) const PBX: PbxId = PbxId(1);
pub(crate) const QUEUES: [&str; 10] = [
    "sales", "support", "service", "billing", "returns", "night", "partners", "orders", "press", "jobs",
];
const TRUNKS: [&str; 3] = ["carrier-a", "carrier-b", "carrier-c"];
const FIRST: [&str; 40] = [
    "Ann", "Bob", "Carla", "Dinesh", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kaito", "Lena",
    "Mara", "Nils", "Olga", "Pablo", "Quinn", "Rosa", "Sven", "Tariq", "Uma", "Vera", "Wim", "Xenia",
    "Yusuf", "Zoe", "Aino", "Boris", "Chloe", "Derya", "Emil", "Freja", "Gustav", "Hana", "Ivan", "Jana",
    "Karl", "Lucia", "Milan", "Nora",
];
const LAST: [&str; 40] = [
    "Anders", "Brown", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ito", "Jensen", "Kaya",
    "Lopez", "Moreau", "Novak", "Olsen", "Peters", "Quist", "Rossi", "Schmidt", "Tanaka", "Ueda", "Virtanen",
    "Weber", "Xu", "Yilmaz", "Ziegler", "Özgür", "Baker", "Clark", "Dahl", "Eriksen", "Fontaine", "Greco",
    "Haas", "Ivanov", "Joshi", "Klein", "Larsen", "Meyer", "Nagy",
];
/// Calls in each hour of a working day, of a thousand.
const HOURS: [u64; 24] = [
    2, 1, 1, 1, 2, 5, 15, 45, 85, 105, 115, 100, 70, 80, 100, 110, 85, 45, 15, 8, 4, 3, 2, 1,
];

/// Numbers that look drawn, from a seed alone.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    pub(crate) fn pick<'a>(&mut self, some: &[&'a str]) -> &'a str {
        some[self.below(some.len() as u64) as usize]
    }
}

pub(crate) fn number(person: u64) -> String {
    format!(
        "0{}",
        301_000_000 + Dice::new(person).below(98_000_000) + person % 7
    )
}

fn outside(person: u64) -> Party {
    let mut dice = Dice::new(person ^ 0xabcd);
    // every third one comes with a name
    let name = person
        .is_multiple_of(3)
        .then(|| format!("{} {}", dice.pick(&FIRST), dice.pick(&LAST)));
    Party {
        number: number(person),
        name,
        extension: None,
    }
}

fn inside(at: u64) -> Party {
    let mut dice = Dice::new(at ^ 0x1234);
    let number = (1_000 + at).to_string();
    Party {
        name: Some(format!("{} {}", dice.pick(&FIRST), dice.pick(&LAST))),
        extension: Some(number.clone()),
        number,
    }
}

/// Calls one after the other, in the order in which they began.
pub(crate) struct Year {
    total: u64,
    at: u64,
    /// Calls per thousandth of a working hour, so that they fill the year.
    per_day: Vec<u64>,
    day: usize,
    left: u64,
    dice: Dice,
    clock: u64,
    step: u64,
    hour: usize,
    in_hour: u64,
}

impl Year {
    pub(crate) fn new(total: u64) -> Self {
        let weight = |day: u64| {
            if matches!((day + 3) % 7, 5) {
                3
            } else if (day + 3) % 7 == 6 {
                1
            } else {
                16
            }
        };
        let all: u64 = (0..365).map(weight).sum();
        let mut per_day: Vec<u64> = (0..365).map(|day| total * weight(day) / all).collect();
        let rest = total - per_day.iter().sum::<u64>();
        per_day[300] += rest;
        Self {
            total,
            at: 0,
            left: 0,
            per_day,
            day: 0,
            dice: Dice::new(total),
            clock: START_MS,
            step: 0,
            hour: 24,
            in_hour: 0,
        }
    }

    fn next_start(&mut self) -> Option<u64> {
        while self.in_hour == 0 {
            self.hour += 1;
            if self.hour >= 24 {
                if self.at > 0 || self.day > 0 {
                    self.day += 1;
                }
                self.left = *self.per_day.get(self.day)?;
                self.hour = 0;
                if self.day == 0 && self.at == 0 {
                    self.day = 0;
                }
            }
            let calls = self.per_day[self.day];
            self.in_hour = if self.hour == 23 {
                self.left
            } else {
                (calls * HOURS[self.hour] / 1_000).min(self.left)
            };
            self.left -= self.in_hour;
            self.clock = START_MS + self.day as u64 * DAY_MS + self.hour as u64 * 3_600_000;
            self.step = 3_600_000 / self.in_hour.max(1);
        }
        self.in_hour -= 1;
        let start = self.clock + self.dice.below(self.step.max(1));
        self.clock += self.step;
        Some(start)
    }
}

impl Iterator for Year {
    type Item = (PbxId, FinishedCall);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.total {
            return None;
        }
        let start = self.next_start()?;
        self.at += 1;
        let people = 120_000 + self.total / 12;
        Some((PBX, call(self.at, start, people, &mut self.dice)))
    }
}

fn call(number: u64, start: u64, people: u64, dice: &mut Dice) -> FinishedCall {
    // the square of a draw: few call often
    let drawn = dice.below(people) * dice.below(people) / people;
    let (out, ours) = (outside(drawn), inside(dice.below(800)));
    let way = dice.below(100);
    let direction = match way {
        0..55 => Direction::Inbound,
        55..85 => Direction::Outbound,
        _ => Direction::Internal,
    };
    let queue = (direction == Direction::Inbound && way < 40).then(|| {
        let at = dice.below(100) * dice.below(100) / 1_000;
        QUEUES[at as usize % QUEUES.len()].to_owned()
    });
    let result = match (dice.below(100), queue.is_some()) {
        (0..72, _) => CallResult::Answered,
        (72..84, true) => CallResult::Abandoned,
        (72..84, false) => CallResult::Missed,
        (84..90, _) => CallResult::Busy,
        (90..94, _) => CallResult::Voicemail,
        (94..96, _) => CallResult::Failed,
        (96..99, _) => CallResult::Service,
        _ => CallResult::Interrupted,
    };
    let talked = result == CallResult::Answered;
    let ring = 2_000 + dice.below(25_000);
    let talk = if talked {
        3_000 + dice.below(600) * dice.below(600) * dice.below(30) / 3
    } else {
        0
    };
    let (caller, callee) = match direction {
        Direction::Inbound => (out, ours),
        Direction::Outbound => (ours, out),
        Direction::Internal => (ours, inside(dice.below(800))),
    };
    let mut others = Vec::new();
    if queue.is_some() {
        others.push(inside(dice.below(800)));
    }
    let at = |after: u64| Timestamp(start + after);
    let answered = talked.then(|| at(ring));
    let dialled = queue
        .clone()
        .map_or_else(|| callee.number.clone(), |_| "0800123".to_owned());
    let hung_up_by = if dice.below(2) == 0 {
        HungUpBy::Caller
    } else {
        HungUpBy::Callee
    };
    let trunk = (direction != Direction::Internal).then(|| dice.pick(&TRUNKS).to_owned());
    let id = format!("{}.{number}", start / 1_000);
    let leg = |role, party: &Party, place: u64| Leg {
        id: LegId(format!("{}.{}", start / 1_000, number + place)),
        channel: format!("PJSIP/{}-{:08x}", party.number, number),
        party: party.clone(),
        role,
        state: LegState::Ended(16),
        since: at(ring + talk),
        answered,
        trunk: None,
    };
    let legs = [leg(LegRole::Caller, &caller, 0), leg(LegRole::Callee, &callee, 1)];
    let moment = |after, what| Moment { at: at(after), what };
    let mut story = Story::default();
    story.push(&moment(
        0,
        MomentKind::Started {
            caller: caller.clone(),
            dialled: dialled.clone(),
        },
    ));
    if let Some(queue) = &queue {
        story.push(&moment(
            300,
            MomentKind::QueueJoined {
                queue: queue.clone(),
                position: 1,
            },
        ));
    }
    story.push(&moment(
        500,
        MomentKind::Ringing {
            party: callee.clone(),
        },
    ));
    if talked {
        story.push(&moment(
            ring,
            MomentKind::Answered {
                party: callee.clone(),
            },
        ));
    }
    story.push(&moment(
        ring + talk,
        MomentKind::HungUp {
            party: caller.clone(),
            cause: 16,
        },
    ));
    let recorded = talked && number.is_multiple_of(4);
    FinishedCall {
        linked: id.clone(),
        id: CallId(id),
        direction,
        result,
        first_by: callee.extension.clone().filter(|_| talked),
        last_by: callee.extension.clone().filter(|_| talked),
        caller,
        callee,
        dialled,
        others,
        queue,
        trunk,
        started: at(0),
        answered,
        ended: at(ring + talk),
        held_ms: 0,
        cause: 16,
        hung_up_by,
        marks: if recorded {
            Marks::RECORDED
        } else {
            Marks::default()
        },
        files: Vec::new(),
        quality: telephony::Quality::default(),
        told: pack(&legs, &story),
    }
}
