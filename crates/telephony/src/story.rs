//! The story of a call, kept packed: a row is copied, compared and sent far more often than its story is read.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

use crate::{board::MAX_MOMENTS, call::Moment};

/// What happened to a call, oldest first; at most [`MAX_MOMENTS`]. In JSON a list of moments, in compact formats how
/// many they are and their bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Story {
    len: u32,
    // moments in postcard, one after the other
    packed: Vec<u8>,
}

impl Story {
    /// Adds what happened last. When there are too many the oldest after the first gives way.
    pub fn push(&mut self, moment: &Moment) {
        // moments always pack: they are strings and numbers
        let Ok(packed) = postcard::to_extend(moment, std::mem::take(&mut self.packed)) else {
            return;
        };
        self.packed = packed;
        self.len += 1;
        while self.len as usize > MAX_MOMENTS {
            let mut moments = self.iter();
            moments.next();
            let first = self.packed.len() - moments.rest.len();
            moments.next();
            let second = self.packed.len() - moments.rest.len();
            self.packed.drain(first..second);
            self.len -= 1;
        }
    }

    /// The moments, oldest first.
    pub fn iter(&self) -> Moments<'_> {
        Moments { rest: &self.packed }
    }

    /// How many moments there are.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether nothing happened yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Tells the story anew, changed.
    pub(crate) fn edit(&mut self, change: impl FnOnce(&mut Vec<Moment>)) {
        let mut moments: Vec<Moment> = self.iter().collect();
        change(&mut moments);
        *self = moments.into_iter().collect();
    }
}

/// See [`Story::iter`].
#[derive(Clone, Debug)]
pub struct Moments<'a> {
    rest: &'a [u8],
}

impl Iterator for Moments<'_> {
    type Item = Moment;

    fn next(&mut self) -> Option<Moment> {
        // ends at the end, and where another build's moments cannot be read
        let (moment, rest) = postcard::take_from_bytes(self.rest).ok()?;
        self.rest = rest;
        Some(moment)
    }
}

impl FromIterator<Moment> for Story {
    fn from_iter<M: IntoIterator<Item = Moment>>(moments: M) -> Self {
        let mut story = Self::default();
        for moment in moments {
            story.push(&moment);
        }
        story
    }
}

impl fmt::Debug for Story {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Story {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_seq(self.iter())
        } else {
            (self.len, Bytes(&self.packed)).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Story {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            Ok(Vec::<Moment>::deserialize(deserializer)?.into_iter().collect())
        } else {
            let (len, Bytes(packed)) = Deserialize::deserialize(deserializer)?;
            Ok(Self { len, packed })
        }
    }
}

/// Bytes that cross in one piece.
struct Bytes<B>(B);

impl Serialize for Bytes<&Vec<u8>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes<Vec<u8>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsBytes;
        impl Visitor<'_> for AsBytes {
            type Value = Bytes<Vec<u8>>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(AsBytes)
    }
}

#[cfg(test)]
mod tests {
    use super::Story;
    use crate::{Moment, MomentKind, Timestamp, board::MAX_MOMENTS};

    fn parked(at: u64) -> Moment {
        Moment {
            at: Timestamp(at),
            what: MomentKind::ParkTimedOut { space: "701".into() },
        }
    }

    #[test]
    fn of_a_long_story_the_beginning_and_the_latest_are_kept() {
        let last = MAX_MOMENTS as u64 + 9;
        let story: Story = (0..=last).map(parked).collect();
        let kept: Vec<u64> = story.iter().map(|moment| moment.at.0).collect();
        let latest = last + 2 - MAX_MOMENTS as u64..=last;
        assert_eq!(kept, [0].into_iter().chain(latest).collect::<Vec<_>>());
        assert_eq!(story.len(), MAX_MOMENTS);
    }

    #[test]
    fn a_story_is_a_list_of_moments_in_json_and_crosses_either_way() {
        let moments = vec![parked(1), parked(2)];
        let story: Story = moments.iter().cloned().collect();
        let json = serde_json::to_string(&story).unwrap_or_default();
        assert_eq!(json, serde_json::to_string(&moments).unwrap_or_default());
        assert_eq!(serde_json::from_str::<Story>(&json).ok().as_ref(), Some(&story));
        let packed = postcard::to_stdvec(&story).unwrap_or_default();
        assert_eq!(postcard::from_bytes::<Story>(&packed).ok(), Some(story));
    }
}
