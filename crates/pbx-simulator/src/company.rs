//! The company behind the PBX: people, queues, trunks and the numbers it answers.

/// Context a phone's calls run in.
pub(crate) const INTERNAL: &str = "from-internal";
/// Context a trunk's calls run in.
pub(crate) const FROM_TRUNK: &str = "from-trunk";
/// Parking spaces.
pub(crate) const SPACES: std::ops::RangeInclusive<u16> = 701..=708;
/// The conference room.
pub(crate) const ROOM: &str = "900";
/// Seconds a parked call may wait.
pub(crate) const PARKING_S: u64 = 45;
/// Seconds a phone rings.
pub(crate) const RING_S: u64 = 20;
/// The number the company shows to the world.
pub(crate) const SWITCHBOARD: &str = "+4930555800";

/// A person or place with a phone.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) number: String,
    pub(crate) name: &'static str,
    /// Has a mailbox that takes calls nobody answers.
    pub(crate) mailbox: bool,
    pub(crate) registered_at_first: bool,
    pub(crate) dnd_at_first: bool,
}

/// A trunk.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) host: &'static str,
    /// Loses its registration now and then.
    pub(crate) flaps: bool,
}

/// A queue as configured.
#[derive(Clone, Debug)]
pub(crate) struct QueuePlan {
    pub(crate) name: &'static str,
    pub(crate) number: &'static str,
    pub(crate) strategy: &'static str,
    /// Seconds one agent rings.
    pub(crate) ring_s: u64,
    /// Seconds a caller may wait.
    pub(crate) patience_s: u64,
    pub(crate) service_level_s: u32,
    /// Member's number and penalty.
    pub(crate) members: &'static [(&'static str, u32)],
}

const NAMES: [&str; 40] = [
    "Alice Anderson",
    "Bob Brown",
    "Çelik Özgür",
    "Dora Dunn",
    "Erik Eriksen",
    "Fay Fox",
    "Grzegorz Żółć",
    "Hélène Dubois",
    "Ines Núñez",
    "Jürgen Groß",
    "Katarína Hrušková",
    "Li Wei 李伟",
    "Maria Papadopoulou",
    "Nguyễn Thị Hoa",
    "Olga Иванова",
    "Pádraig Ó Sé",
    "Quentin Moreau",
    "Rania Haddad رانيا",
    "Søren Østergård",
    "Tomás Araújo",
    "Ulrike Weiß",
    "Václav Dvořák",
    "Wanjiru Kamau",
    "Xiomara Peña",
    "Yuki Tanaka 田中",
    "Zoë Visser",
    "Amélie Lefèvre",
    "Björn Ström",
    "Chidi Okafor",
    "Đorđe Petrović",
    "Émile Roy",
    "Fatma Yılmaz",
    "Gintarė Šimkutė",
    "Hanna Virtanen",
    "Îlham Öztürk",
    "João Gonçalves",
    "Reception",
    "Warehouse",
    "Workshop",
    "Meeting room 2",
];

/// Everything that does not change while the PBX runs.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    pub(crate) people: Vec<Person>,
    pub(crate) lines: Vec<Line>,
    pub(crate) queues: Vec<QueuePlan>,
}

impl Company {
    /// So many people, at least the forty who have names of their own; two trunks, three queues.
    pub(crate) fn of(people: usize) -> Self {
        let names = NAMES.iter().cycle().take(people.max(NAMES.len()));
        let people = names.enumerate().map(|(at, name)| Person {
            number: (1001 + at).to_string(),
            name,
            mailbox: !(36..40).contains(&at),
            registered_at_first: !matches!(at, 22 | 30 | 39),
            dnd_at_first: at == 15,
        });
        Company {
            people: people.collect(),
            lines: vec![
                Line {
                    name: "trunk",
                    host: "sip.provider.example",
                    flaps: true,
                },
                Line {
                    name: "backup",
                    host: "198.51.100.7",
                    flaps: false,
                },
            ],
            queues: vec![
                QueuePlan {
                    name: "support",
                    number: "800",
                    strategy: "ringall",
                    ring_s: 15,
                    patience_s: 180,
                    service_level_s: 20,
                    members: &[("1003", 0), ("1004", 0), ("1006", 0), ("1012", 1)],
                },
                QueuePlan {
                    name: "sales",
                    number: "801",
                    strategy: "rrmemory",
                    ring_s: 12,
                    patience_s: 120,
                    service_level_s: 15,
                    members: &[("1007", 0), ("1008", 0), ("1009", 0)],
                },
                QueuePlan {
                    name: "service",
                    number: "802",
                    strategy: "rrmemory",
                    ring_s: 15,
                    patience_s: 240,
                    service_level_s: 30,
                    members: &[("1010", 0), ("1011", 0), ("1013", 1), ("1014", 1)],
                },
            ],
        }
    }

    pub(crate) fn person(&self, number: &str) -> Option<usize> {
        self.people.iter().position(|person| person.number == number)
    }

    pub(crate) fn line(&self, name: &str) -> Option<usize> {
        self.lines.iter().position(|line| line.name == name)
    }
}

/// Where a dialled number leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// A person's phone.
    Person(usize),
    /// A queue.
    Queue(usize),
    /// The conference room.
    Conference,
    /// A parking space to take a call from.
    Space(u16),
    /// Answer for a phone that rings.
    Pickup(String),
    /// Do not disturb, on or off.
    Dnd(bool),
    /// Listen to one's own messages.
    Mailbox,
    /// An echo.
    Echo,
    /// Out through a trunk.
    Outside(String),
    /// Nothing there.
    Nowhere,
}

impl Company {
    /// The dialplan.
    pub(crate) fn route(&self, context: &str, dialled: &str) -> Route {
        let number = if context == FROM_TRUNK {
            dialled.strip_prefix("+4930555").unwrap_or(dialled)
        } else {
            dialled
        };
        if let Some(at) = self.person(number) {
            return Route::Person(at);
        }
        if let Some(at) = self.queues.iter().position(|queue| queue.number == number) {
            return Route::Queue(at);
        }
        if let Ok(space) = number.parse::<u16>()
            && SPACES.contains(&space)
        {
            return Route::Space(space);
        }
        if let Some(ringing) = number.strip_prefix("*8") {
            return Route::Pickup(ringing.to_owned());
        }
        match number {
            ROOM => Route::Conference,
            "*78" => Route::Dnd(true),
            "*79" => Route::Dnd(false),
            "*97" => Route::Mailbox,
            "*43" => Route::Echo,
            _ if context != FROM_TRUNK && is_outside(number) => Route::Outside(number.to_owned()),
            _ => Route::Nowhere,
        }
    }
}

fn is_outside(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or(number);
    digits.len() >= 5 && digits.bytes().all(|byte| byte.is_ascii_digit())
}
