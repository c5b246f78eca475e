//! Where things are: the workspace's root and the folder cargo builds into.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

/// Folders that hold what was built or fetched, never what was written.
const NOT_OURS: [&str; 7] = [
    ".git",
    ".starboard",
    "target",
    "node_modules",
    "output",
    "test-results",
    "playwright-report",
];

/// The checkout that this command belongs to.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the root beside this crate, and the target folder as cargo would.
    pub(crate) fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here
            .parent()
            .context("xtask lies outside a workspace")?
            .to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Ok(Self { root, target })
    }

    /// A path in the checkout.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path among what is built.
    pub(crate) fn target(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// The finished site, which the server serves.
    pub(crate) fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    /// The cargo that runs us, started in the root as a person would start it.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root);
        // what cargo tells us of ourselves would make build scripts run again, and half the server with them
        for (name, _) in env::vars_os() {
            let told = name.to_string_lossy();
            if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }

    /// Runs cargo and fails with `what` when it fails.
    pub(crate) fn cargo_run(&self, arguments: &[&str], what: &str) -> Result<()> {
        let status = self
            .cargo()
            .args(arguments)
            .status()
            .context("cargo did not start")?;
        if !status.success() {
            bail!("{what}: the messages above say why");
        }
        Ok(())
    }

    /// Every file that somebody wrote, with its path from the root, in order.
    pub(crate) fn written_files(&self) -> Result<Vec<String>> {
        let mut files = Vec::new();
        collect(&self.root, "", &mut files)?;
        files.sort();
        Ok(files)
    }
}

/// Adds the files below `folder` to `files`, each path starting with `prefix`.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<String>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if kind.is_file() {
            files.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}

/// The files below `folder` as paths from it with `/` between, in order; none when it is not there.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    if folder.is_dir() {
        collect(folder, "", &mut files)?;
        files.sort();
    }
    Ok(files)
}

/// Copies a folder with everything in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for file in files_below(from)? {
        let target = to.join(&file);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(from.join(&file), &target).with_context(|| format!("cannot copy {file}"))?;
    }
    Ok(())
}
