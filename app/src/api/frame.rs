//! What every page behind the sign-in needs: who looks, and the board as it is.

use leptos::server;
use serde::{Deserialize, Serialize};

use super::backend;
use crate::{AppError, live::protocol::LiveSnapshot, model::Viewer};

/// Who looks, and at what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FrameData {
    /// The person.
    pub viewer: Viewer,
    /// The snapshot in the socket's encoding, each byte as the character of its number: the browser then
    /// needs one decoder for it and not two, and the names in it still compress as text.
    packed: String,
}

impl FrameData {
    /// Packs a snapshot.
    pub fn new(viewer: Viewer, snapshot: &LiveSnapshot) -> Self {
        // our own types always encode; nothing packed reads as an empty board, which the socket fills
        let bytes = postcard::to_stdvec(snapshot).unwrap_or_default();
        Self {
            viewer,
            packed: bytes.into_iter().map(char::from).collect(),
        }
    }

    /// The snapshot it was made from.
    pub fn into_snapshot(self) -> LiveSnapshot {
        let bytes: Option<Vec<u8>> = self.packed.chars().map(|byte| u8::try_from(byte).ok()).collect();
        bytes
            .and_then(|bytes| postcard::from_bytes(&bytes).ok())
            .unwrap_or_default()
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
    Ok(FrameData::new(viewer, &backend.snapshot().await?))
}

#[cfg(test)]
mod tests {
    use telephony::{Board, Timestamp};

    use super::*;
    use crate::{
        live::protocol::{LinkStatus, PbxRow, PbxSnapshot},
        model::{PbxId, Role, UserId},
    };

    #[test]
    fn a_snapshot_survives_the_page() {
        let viewer = Viewer {
            id: UserId(1),
            username: "mara".into(),
            display_name: "Mara".into(),
            role: Role::Viewer,
            own_extension: None,
        };
        let pbx = PbxRow {
            id: PbxId(300),
            name: "Çelik \u{202e}\0 \u{1f4de}".into(),
            link: LinkStatus::Live,
            blind_spots: Vec::new(),
        };
        let board = Board::default();
        let snapshot = LiveSnapshot {
            build: "b".into(),
            now: Timestamp(u64::MAX),
            sequence: 1 << 40,
            pbxs: vec![PbxSnapshot { pbx, board }],
        };
        assert_eq!(FrameData::new(viewer, &snapshot).into_snapshot(), snapshot);
    }
}
