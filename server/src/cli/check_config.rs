//! `starboard check-config`.

use super::{Settings, say};

pub(super) fn run(settings: &Settings) -> anyhow::Result<()> {
    let config = settings.load()?;
    say(format_args!("The settings are good."));
    say(format_args!("listen      {}", config.listen));
    say(format_args!("database    {}", config.database.display()));
    say(format_args!("key_file    {}", config.key_path().display()));
    say(format_args!("site_root   {}", config.site_root.display()));
    say(format_args!(
        "public_url  {}",
        config.public_url.as_deref().unwrap_or("(none)")
    ));
    for pbx in &config.pbx {
        say(format_args!(
            "pbx         {} at {}, as {}",
            pbx.name, pbx.host, pbx.username
        ));
    }
    Ok(())
}
