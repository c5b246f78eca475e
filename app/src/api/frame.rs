//! What every page behind the sign-in needs: who looks, and the board as it is.

use leptos::server;
use serde::{Deserialize, Serialize};
use telephony::{Board, Change, Row, Timestamp};

use super::backend;
use crate::{
    AppError,
    live::protocol::{LiveSnapshot, PbxRow, PbxSnapshot},
    model::Viewer,
};

/// Who looks, and at what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FrameData {
    /// The person.
    pub viewer: Viewer,
    build: String,
    now: Timestamp,
    sequence: u64,
    // rows and not boards: some of a board's keys cannot be a key in JSON
    pbxs: Vec<(PbxRow, Vec<Row>)>,
}

impl FrameData {
    /// Packs a snapshot.
    pub fn new(viewer: Viewer, snapshot: LiveSnapshot) -> Self {
        let pbxs = snapshot.pbxs.into_iter();
        Self {
            viewer,
            build: snapshot.build,
            now: snapshot.now,
            sequence: snapshot.sequence,
            pbxs: pbxs.map(|one| (one.pbx, one.board.rows().collect())).collect(),
        }
    }

    /// The snapshot it was made from.
    pub fn into_snapshot(self) -> LiveSnapshot {
        let pbxs = self.pbxs.into_iter().map(|(pbx, rows)| {
            let mut board = Board::default();
            for row in rows {
                board.apply(Change::Upsert(row));
            }
            PbxSnapshot { pbx, board }
        });
        LiveSnapshot {
            build: self.build,
            now: self.now,
            sequence: self.sequence,
            pbxs: pbxs.collect(),
        }
    }
}

/// The viewer and the board; without a session the answer leads to the sign-in.
#[server(prefix = "/api", endpoint = "frame")]
pub async fn load_frame() -> Result<FrameData, AppError> {
    let backend = backend()?;
    let Some(viewer) = backend.viewer().await? else {
        leptos_axum::redirect("/sign-in");
        return Err(AppError::NotSignedIn);
    };
    Ok(FrameData::new(viewer, backend.snapshot().await?))
}
