//! How fast a call was put through and how it sounded, as far as the PBX measures it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Media Experience Score of a stream of voice: 0 to 100, of which a telephone's codec reaches some 88. Asterisk makes it of
/// round trip, jitter and loss (Asterisk documentation, Media Experience Score); divided by 20 it is near a mean opinion score.
/// Kept in tenths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mes(u16);

impl Mes {
    /// Of tenths; None of nothing, which is what Asterisk says where it measured nothing, and of more than there can be.
    pub fn of_tenths(tenths: u64) -> Option<Self> {
        let tenths = u16::try_from(tenths).ok()?;
        (1..=1_000).contains(&tenths).then_some(Self(tenths))
    }

    /// In tenths.
    pub fn tenths(self) -> u16 {
        self.0
    }

    /// How people find it: good from 80 (a mean opinion score of 4), fair from 70 (3.5), else poor.
    pub fn word(self) -> &'static str {
        match self.0 {
            800.. => "good",
            700..800 => "fair",
            0..700 => "poor",
        }
    }

    /// The averages of both directions in a value of `RTPAUDIOQOSMES`: of what the PBX got from there, and of what got there
    /// from the PBX as far as the other end reports (RTCP).
    pub(crate) fn both(value: &str) -> [Option<Self>; 2] {
        let one = |wanted: &str| {
            let mut fields = value.split(';').filter_map(|field| field.trim().split_once('='));
            let (_, number) = fields.find(|(name, _)| *name == wanted)?;
            let score: f64 = number.parse().ok()?;
            // of what is no number nothing is left
            Self::of_tenths((score * 10.0).round() as u64)
        };
        [one("avgrxmes"), one("avgtxmes")]
    }
}

impl fmt::Display for Mes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// What was measured of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quality {
    /// Post-dial delay: from a trunk being dialled to its first sign of ringing, progress or answer, in milliseconds; of the
    /// first trunk that gave one.
    pub pdd_ms: Option<u64>,
    /// The worst of the averages of its legs, in either direction.
    pub mes: Option<Mes>,
}

impl Quality {
    /// Of two that become one call: the delay of the first, and the worse voice.
    pub(crate) fn join(&mut self, other: Self) {
        self.pdd_ms = self.pdd_ms.or(other.pdd_ms);
        self.heard(other.mes);
    }

    /// A stream of voice was measured.
    pub(crate) fn heard(&mut self, mes: Option<Mes>) {
        self.mes = self.mes.into_iter().chain(mes).min();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_was_not_measured_nothing_is_told() {
        let value = "    minrxmes=088.087887;   maxrxmes=088.087887;   avgrxmes=088.087887;   stdevrxmes=000.000000;   \
                     mintxmes=000.000000;   maxtxmes=000.000000;   avgtxmes=000.000000;   stdevtxmes=000.000000;";
        let [from, to] = Mes::both(value);
        assert_eq!(from.map(|mes| mes.to_string()).as_deref(), Some("88.1"));
        assert_eq!(to, None);
        for odd in [
            "",
            "avgrxmes",
            "avgrxmes=NaN;avgtxmes=-1",
            "avgrxmes=inf;avgtxmes=100.1",
            "avgrxmes=1e300",
        ] {
            assert_eq!(Mes::both(odd), [None, None], "{odd}");
        }
        assert_eq!(
            Mes::both("avgrxmes=100;avgtxmes=0.1").map(|mes| mes.map(Mes::tenths)),
            [Some(1_000), Some(1)]
        );
    }

    #[test]
    fn the_worse_voice_is_that_of_the_call() {
        let mut quality = Quality::default();
        quality.heard(Mes::of_tenths(881));
        quality.heard(None);
        quality.join(Quality {
            pdd_ms: Some(700),
            mes: Mes::of_tenths(640),
        });
        quality.join(Quality {
            pdd_ms: Some(900),
            mes: None,
        });
        assert_eq!(quality.pdd_ms, Some(700));
        assert_eq!(quality.mes.map(Mes::word), Some("poor"));
    }
}
