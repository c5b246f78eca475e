//! Who looks at a live socket, and what they may see of it now.

use std::{net::IpAddr, time::Duration};

use app::model::Viewer;
use tokio::sync::watch;

use crate::{
    access::{Sight, current, showing::by_screen},
    clock::wall_ms,
    services::Services,
    store::Result,
};

/// The database could not say what a page may see: the wait before it is asked again.
const LOOK_LATER: Duration = Duration::from_millis(500);

/// Who looks, and what they may see.
pub(super) struct Eyes {
    pub(super) sight: Sight,
    pub(super) address: IpAddr,
    pub(super) user: i64,
    pub(super) view_as: Option<i64>,
    /// The token of a screen, which looks in place of a person.
    pub(super) screen: Option<[u8; 32]>,
    /// Hears when anybody's rights change.
    pub(super) rights: watch::Receiver<i64>,
}

/// What another look came to.
pub(super) enum Look {
    /// They see what they saw.
    Same,
    /// They may not be here any more.
    Gone,
    /// They see otherwise than before.
    Other(Sight, Box<Viewer>),
}

impl Eyes {
    /// What they may see now, and as whom.
    async fn look(&self, services: &Services) -> Result<Option<(Sight, Viewer)>> {
        let (store, whence) = (&services.store, services.whence(self.address));
        if let Some(hash) = &self.screen {
            let showing = by_screen(store, whence, hash, wall_ms()).await?;
            return Ok(showing.map(|showing| (showing.sight.clone(), showing.viewer())));
        }
        let viewer = current::viewer(store, whence, self.user, self.view_as).await?;
        Ok(viewer.map(|viewer| (Sight::of(&viewer.rights), viewer)))
    }

    /// Looks what they may see now.
    pub(super) async fn look_again(&mut self, services: &Services) -> Look {
        let (sight, viewer) = match self.look(services).await {
            Ok(Some(now)) => now,
            Ok(None) => return Look::Gone,
            Err(error) => {
                tracing::warn!(%error, "the rights behind a live socket could not be read");
                self.rights.mark_changed();
                tokio::time::sleep(LOOK_LATER).await;
                return Look::Same;
            }
        };
        if sight == self.sight {
            return Look::Same;
        }
        let before = std::mem::replace(&mut self.sight, sight);
        Look::Other(before, Box::new(viewer))
    }
}
