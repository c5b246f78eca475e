//! How somebody sees the boards: whole, or what their rights show of them.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use app::{
    access::{About, BuiltIn, Rights, shown},
    live::protocol::{LiveChange, LiveSnapshot, PbxRow, PbxSnapshot},
    model::PbxId,
};
use telephony::{Board, Change, Key, Row};

use super::screen::{Narrow, seeing_only};

/// What somebody sees. Frames for those who see everything are encoded once and shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    rights: Arc<Rights>,
    whole: bool,
    /// What a screen shows of it.
    narrow: Option<Arc<Narrow>>,
}

impl Sight {
    /// What somebody with these rights sees.
    pub fn of(rights: &Rights) -> Self {
        Self {
            whole: rights.see_everything(),
            rights: Arc::new(rights.clone()),
            narrow: None,
        }
    }

    /// What a screen sees that somebody with these rights has paired.
    pub fn of_screen(rights: &Rights, narrow: Narrow) -> Self {
        Self {
            rights: Arc::new(seeing_only(rights)),
            whole: false,
            narrow: Some(Arc::new(narrow)),
        }
    }

    /// Everything.
    pub fn everything() -> Self {
        Self::of(&Rights {
            abilities: BuiltIn::Admin.abilities(),
            ..Rights::none()
        })
    }

    /// Whether every board is seen whole.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// By which rights.
    pub fn rights(&self) -> &Rights {
        &self.rights
    }

    /// A row as it is seen; None where it is not. `private`: supervision is for supervisors to see.
    pub fn row<'row>(&self, pbx: PbxId, row: &'row Row, private: bool) -> Option<Cow<'row, Row>> {
        if self.whole {
            return Some(Cow::Borrowed(row));
        }
        let seen = shown(&self.rights, pbx, row, private)?;
        match &self.narrow {
            None => Some(seen),
            Some(narrow) => narrow.row(pbx, &seen).map(Cow::Owned),
        }
    }

    /// Whether a row that was about this was seen.
    fn saw(&self, pbx: PbxId, key: &Key, about: &About) -> bool {
        let shown = self
            .narrow
            .as_ref()
            .is_none_or(|narrow| narrow.covers(pbx, key, about));
        shown && self.rights.see(pbx, key, about)
    }

    fn sees_note(&self, pbx: PbxId, about: &About) -> bool {
        self.narrow.is_none() && self.rights.see_note(pbx, about)
    }

    fn pbx<'row>(&self, row: &'row PbxRow) -> Cow<'row, PbxRow> {
        match &self.narrow {
            None => Cow::Borrowed(row),
            Some(_) => Cow::Owned(Narrow::pbx(row)),
        }
    }

    /// A change as it is seen. `before` is what the row was about since the receiver was last told: who never saw it
    /// does not hear that it is gone. `now` is what a note is about.
    pub fn change<'change>(
        &self,
        change: &'change LiveChange,
        before: &[Arc<About>],
        now: Option<&About>,
        private: bool,
    ) -> Option<Cow<'change, LiveChange>> {
        if self.whole {
            return Some(Cow::Borrowed(change));
        }
        match change {
            LiveChange::Pbx(row) => self.sees_pbx(row.id).then(|| match self.pbx(row) {
                Cow::Borrowed(_) => Cow::Borrowed(change),
                Cow::Owned(row) => Cow::Owned(LiveChange::Pbx(row)),
            }),
            LiveChange::PbxRemoved(pbx) => self.sees_pbx(*pbx).then_some(Cow::Borrowed(change)),
            LiveChange::Note { pbx, name, says } => {
                let gone = || LiveChange::Note {
                    pbx: *pbx,
                    name: name.clone(),
                    says: None,
                };
                let seen = |about: &About| self.sees_note(*pbx, about);
                if says.is_some() && now.is_some_and(seen) {
                    return Some(Cow::Borrowed(change));
                }
                before.iter().any(|about| seen(about)).then(|| Cow::Owned(gone()))
            }
            LiveChange::Row { pbx, change: row } => {
                let key = match row {
                    Change::Upsert(row) => match self.row(*pbx, row, private) {
                        Some(Cow::Borrowed(_)) => return Some(Cow::Borrowed(change)),
                        Some(Cow::Owned(row)) => {
                            let change = Change::Upsert(row);
                            return Some(Cow::Owned(LiveChange::Row { pbx: *pbx, change }));
                        }
                        None => row.key(),
                    },
                    Change::Remove(key) => key.clone(),
                };
                let was_seen = before.iter().any(|about| self.saw(*pbx, &key, about));
                was_seen.then_some(Cow::Owned(LiveChange::Row {
                    pbx: *pbx,
                    change: Change::Remove(key),
                }))
            }
        }
    }

    /// Whether anything of a PBX is seen.
    pub fn sees_pbx(&self, pbx: PbxId) -> bool {
        let shown = self.narrow.as_ref().is_none_or(|narrow| narrow.touches(pbx));
        self.whole || shown && self.rights.touch(pbx)
    }

    fn board(&self, pbx: PbxId, board: &Board, private: bool) -> Board {
        let mut seen = Board::default();
        for row in board.rows() {
            if let Some(row) = self.row(pbx, &row, private) {
                seen.apply(Change::Upsert(row.into_owned()));
            }
        }
        seen
    }

    /// A snapshot as it is seen; `notes` tells what each note is about, `private` where supervision is for supervisors
    /// to see.
    pub fn snapshot<'all>(
        &self,
        all: &'all LiveSnapshot,
        private: &BTreeSet<PbxId>,
        notes: impl Fn(PbxId, &str) -> Option<Arc<About>>,
    ) -> Cow<'all, LiveSnapshot> {
        if self.whole {
            return Cow::Borrowed(all);
        }
        let pbxs = all.pbxs.iter().filter(|one| self.sees_pbx(one.pbx.id));
        Cow::Owned(LiveSnapshot {
            build: all.build.clone(),
            now: all.now,
            sequence: all.sequence,
            pbxs: pbxs
                .map(|one| PbxSnapshot {
                    pbx: self.pbx(&one.pbx).into_owned(),
                    board: self.board(one.pbx.id, &one.board, private.contains(&one.pbx.id)),
                    notes: one
                        .notes
                        .iter()
                        .filter(|(name, _)| {
                            let about = notes(one.pbx.id, name);
                            about.is_some_and(|about| self.sees_note(one.pbx.id, &about))
                        })
                        .cloned()
                        .collect(),
                })
                .collect(),
        })
    }
}
