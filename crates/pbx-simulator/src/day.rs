//! The shape of a working day, and who calls.

use crate::dice::Dice;
use crate::world::Party;

/// Why agents pause.
pub(crate) const PAUSES: [&str; 5] = ["Lunch", "Coffee", "Training", "Back office", "Meeting"];

/// Calls begun in a busy hour, beside each hour of the day.
const BY_HOUR: [u16; 24] = [
    12, 8, 6, 6, 8, 20, 60, 180, 380, 560, 620, 580, 420, 480, 600, 580, 480, 320, 180, 110, 70, 45, 30, 18,
];
/// The hour a simulation begins at.
const OPENS_H: u64 = 9;

/// Milliseconds between two calls at this time of the day, for people who live at speed one. The day runs at
/// the speed people live at, and begins at nine.
pub(crate) fn mean_gap_ms(elapsed_ms: u64, speed: f64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "hours of a day"
    )]
    let hour = (elapsed_ms as f64 * speed / 3_600_000.0) as u64;
    let at = usize::try_from((OPENS_H + hour) % 24).unwrap_or(0);
    let calls = BY_HOUR.get(at).copied().unwrap_or(60);
    3_600_000.0 / f64::from(calls)
}

const CUSTOMERS: [(&str, &str); 24] = [
    ("+493012345678", "Anna Schmidt"),
    ("+4989701234", "Bäckerei Öztürk"),
    ("+33142278186", "Claire Fontaine"),
    ("+442079460018", "Daniel Wright"),
    ("+34912345678", "Elena García"),
    ("+48221234567", "Firma Łąka"),
    ("+390612345678", "Giulia Bianchi"),
    ("+905321234567", "Hakan Şahin"),
    ("+353861234567", "Íde Ní Bhriain"),
    ("+81312345678", "鈴木 一郎"),
    ("+380441234567", "Ірина Коваль"),
    ("+302101234567", "Κώστας Νικολάου"),
    ("+972521234567", "לאה כהן"),
    ("+201001234567", "منى حسن"),
    ("+420221234567", "Nováková"),
    ("+4712345678", "Ole Ødegård"),
    ("+351211234567", "Patrícia Simões"),
    ("+420777123456", "Řehoř Šťastný"),
    ("+46812345678", "Sven Åkesson"),
    ("+36301234567", "Tóth Ágnes"),
    ("+12025550143", ""),
    ("+12025550178", "WIRELESS CALLER"),
    ("+4915112345678", ""),
    ("+8613812345678", "王 芳"),
];

/// Somebody outside.
pub(crate) fn customer(dice: &mut Dice) -> Party {
    let (number, name) = dice.pick(&CUSTOMERS).unwrap_or(("+493012345678", ""));
    Party::new(number, name)
}
