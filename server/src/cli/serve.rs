//! `starboard serve`.

use std::time::Duration;

use super::{Settings, runtime, say, stop_asked};
use crate::{Server, bootstrap::local_url, telemetry};

/// For what is on its way when the server has stopped.
const LAST_WAIT: Duration = Duration::from_secs(2);

pub(super) fn run(settings: &Settings) -> anyhow::Result<()> {
    let config = settings.load()?;
    telemetry::start(config.log, &config.log_filter)?;
    let public_url = config.public_url.clone();
    let tls = config.tls.is_some();
    let runtime = runtime()?;
    let served = runtime.block_on(async {
        let server = Server::build(config).await?;
        let address = server.addr();
        say(format_args!(
            "Starboard listens on {}",
            public_url.unwrap_or_else(|| local_url(address, tls))
        ));
        if let Some(link) = server.setup_link() {
            say(format_args!(
                "\nMake the first administrator here (the link works once):\n\n    {link}\n"
            ));
        }
        tracing::info!(%address, "listening");
        server.run(stop_asked()).await
    });
    // what waits for a disk that does not answer keeps nobody from stopping
    runtime.shutdown_timeout(LAST_WAIT);
    served
}
