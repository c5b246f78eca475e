//! The words in the database for how tries were lost and people reached.

use telephony::lost::{Loss, Path};

const LOSS: [(Loss, &str); 11] = [
    (Loss::Abandoned, "abandoned"),
    (Loss::TimedOut, "timed_out"),
    (Loss::Key, "key"),
    (Loss::Full, "full"),
    (Loss::NoAgents, "no_agents"),
    (Loss::Cut, "cut"),
    (Loss::Unseen, "unseen"),
    (Loss::Missed, "missed"),
    (Loss::Busy, "busy"),
    (Loss::Unreachable, "unreachable"),
    (Loss::Voicemail, "voicemail"),
];

const PATH: [(Path, &str); 4] = [
    (Path::Queue, "queue"),
    (Path::In, "in"),
    (Path::Out, "out"),
    (Path::Inside, "inside"),
];

pub(super) fn loss_word(how: Loss) -> &'static str {
    let found = LOSS.iter().find(|(one, _)| *one == how);
    found.map_or("unseen", |(_, word)| word)
}

pub(super) fn loss(word: &str) -> Loss {
    let found = LOSS.iter().find(|(_, one)| *one == word);
    found.map_or(Loss::Unseen, |(how, _)| *how)
}

pub(super) fn path_word(path: Path) -> &'static str {
    let found = PATH.iter().find(|(one, _)| *one == path);
    found.map_or("in", |(_, word)| word)
}

pub(super) fn path(word: &str) -> Path {
    let found = PATH.iter().find(|(_, one)| *one == word);
    found.map_or(Path::In, |(path, _)| *path)
}
