//! `cargo xtask site`: the browser half, from Rust to a folder that a server can serve.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    bundle::{self, Digest},
    finish, report,
    workspace::{Workspace, copy_folder, files_below},
};

const TARGET: &str = "wasm32-unknown-unknown";
/// The crate and the name that `<HydrationScripts/>` asks for.
pub(crate) const NAME: &str = "frontend";
/// What the finished site was made from; equal means there is nothing to do.
const INPUTS: &str = "inputs.txt";

/// How much care the site gets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Quick to build, large to load.
    Development,
    /// Small to load: optimised, compressed, measured.
    Release,
}

impl Kind {
    /// Cargo's profile, and the folder it builds into.
    fn profile(self) -> (&'static str, &'static str) {
        match self {
            Self::Development => ("dev", "debug"),
            Self::Release => ("release-wasm", "release-wasm"),
        }
    }
}

/// Builds the browser half and swaps the finished site in.
pub(crate) fn build(workspace: &Workspace, kind: Kind) -> Result<()> {
    let (profile, folder) = kind.profile();
    let arguments = [
        "build",
        "--package",
        NAME,
        "--lib",
        "--target",
        TARGET,
        "--profile",
        profile,
    ];
    workspace.cargo_run(&arguments, "the browser half did not build")?;

    let wasm = workspace.target(&format!("{TARGET}/{folder}/{NAME}.wasm"));
    let optimiser = (kind == Kind::Release)
        .then(|| bundle::find_optimiser(workspace))
        .flatten();
    let inputs = inputs(workspace, &wasm, kind, optimiser.as_deref())?;
    let site = workspace.site();
    if fs::read_to_string(site.join(INPUTS)).is_ok_and(|before| before == inputs) {
        println!("site: nothing changed ({})", site.display());
        return Ok(());
    }

    // built aside and swapped in at the end: a running server never sees half a site
    let staging = site.with_extension("new");
    let _ = fs::remove_dir_all(&staging);
    let package = staging.join("pkg");
    fs::create_dir_all(&package)?;
    let release = kind == Kind::Release;
    Bindgen::new()
        .input_path(&wasm)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(release)
        .remove_producers_section(release)
        .generate(&package)
        .context("wasm-bindgen could not make the browser's glue")?;
    copy_folder(&workspace.path("public"), &staging)?;
    let assets = finish::finish(workspace, &staging, kind, optimiser.as_deref())?;
    fs::write(staging.join(INPUTS), inputs)?;
    swap(&staging, &site)?;
    if release {
        report::hold_to_budget(&assets)
    } else {
        Ok(())
    }
}

/// The last step for Trunk, which has built and bound the browser half itself.
pub(crate) fn finish_for_trunk(workspace: &Workspace) -> Result<()> {
    let staging = env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .context("this is Trunk's post_build hook; without Trunk: cargo xtask site")?;
    let kind = if env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release") {
        Kind::Release
    } else {
        Kind::Development
    };
    // Leptos renders the document: Trunk's own page is never served
    let page = staging.join("index.html");
    if page.exists() {
        fs::remove_file(page)?;
    }
    let optimiser = (kind == Kind::Release)
        .then(|| bundle::find_optimiser(workspace))
        .flatten();
    finish::finish(workspace, &staging, kind, optimiser.as_deref())?;
    Ok(())
}

/// One line that changes whenever the site would.
fn inputs(workspace: &Workspace, wasm: &Path, kind: Kind, optimiser: Option<&Path>) -> Result<String> {
    let mut digest = Digest::default();
    digest.add("profile", kind.profile().0.as_bytes());
    digest.add("optimiser", optimiser.map_or("none", |_| "wasm-opt").as_bytes());
    digest.add(
        "wasm",
        &fs::read(wasm).with_context(|| format!("{} is missing", wasm.display()))?,
    );
    for folder in ["style", "public"] {
        for file in files_below(&workspace.path(folder))? {
            let path = format!("{folder}/{file}");
            digest.add(&path, &fs::read(workspace.path(&path))?);
        }
    }
    Ok(digest.hex())
}

fn swap(staging: &Path, site: &Path) -> Result<()> {
    let old = site.with_extension("old");
    let _ = fs::remove_dir_all(&old);
    if site.exists() {
        fs::rename(site, &old)?;
    }
    fs::rename(staging, site)?;
    let _ = fs::remove_dir_all(&old);
    Ok(())
}
