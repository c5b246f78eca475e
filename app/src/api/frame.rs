//! What every page behind the sign-in needs: who looks, and the board as it is.

use serde::{Deserialize, Serialize};

use super::backend;
use crate::{
    AppError,
    live::protocol::{LiveSnapshot, Rows},
    model::{Viewer, sign_in::Note},
};

/// The element of the page that holds it, packed, for the page to wake up with.
pub const ELEMENT: &str = "frame-data";

/// Who looks, and at what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FrameData {
    /// The person.
    pub viewer: Viewer,
    /// Everything the person may see.
    pub snapshot: LiveSnapshot<Rows>,
    /// What has to be said to the person; it is in the document, and no page reads it.
    #[serde(skip)]
    pub notes: Vec<Note>,
}

/// As it is now, on the server.
pub fn look() -> Result<FrameData, AppError> {
    let backend = backend()?;
    let viewer = backend.viewer()?.ok_or(AppError::NotSignedIn)?;
    let snapshot = backend.snapshot()?.into_rows();
    let notes = backend.notes();
    Ok(FrameData {
        viewer,
        snapshot,
        notes,
    })
}
