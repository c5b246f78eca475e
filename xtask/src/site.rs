//! `cargo xtask site`: the browser half, from Rust to a folder that a server can serve.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    bundle::Digest,
    finish, glue, order, places,
    report::{self, Asset},
    unused,
    workspace::{Workspace, copy_folder, files_below},
};

const TARGET: &str = "wasm32-unknown-unknown";
/// The crate and the name that `<HydrationScripts/>` asks for.
pub(crate) const NAME: &str = "frontend";
/// The script that fetches the parts that are loaded later.
pub(crate) const SPLIT: &str = "./later.js";
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
    let wasm = compile(workspace, kind)?;
    let inputs = inputs(workspace, &wasm, kind)?;
    let site = workspace.site();
    if fs::read_to_string(site.join(INPUTS)).is_ok_and(|before| before == inputs) {
        println!("site: nothing changed ({})", site.display());
        return Ok(());
    }
    // built aside and swapped in at the end: a running server never sees half a site
    let staging = site.with_extension("new");
    let _ = fs::remove_dir_all(&staging);
    let assets = make(workspace, kind, &wasm, &staging)?;
    fs::write(staging.join(INPUTS), inputs)?;
    swap(&staging, &site)?;
    if kind == Kind::Release {
        report::hold_to_budget(&assets)
    } else {
        Ok(())
    }
}

/// The same for Trunk, which watches, and swaps the folder in itself.
pub(crate) fn build_for_trunk(workspace: &Workspace) -> Result<()> {
    let staging = env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .context("this is Trunk's hook; without Trunk: cargo xtask site")?;
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
    let wasm = compile(workspace, kind)?;
    make(workspace, kind, &wasm, &staging)?;
    fs::write(staging.join(INPUTS), inputs(workspace, &wasm, kind)?)?;
    Ok(())
}

fn compile(workspace: &Workspace, kind: Kind) -> Result<PathBuf> {
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
    Ok(workspace.target(&format!("{TARGET}/{folder}/{NAME}.wasm")))
}

/// Fills a folder with the whole site.
fn make(workspace: &Workspace, kind: Kind, wasm: &Path, site: &Path) -> Result<Vec<Asset>> {
    let package = site.join("pkg");
    fs::create_dir_all(&package)?;
    let release = kind == Kind::Release;
    let first = split(wasm, &package, kind)?;
    Bindgen::new()
        .input_bytes(NAME, first)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        // by these names the files that are loaded later find what is in the first
        .keep_lld_exports(true)
        .demangle(false)
        .remove_name_section(release)
        .remove_producers_section(release)
        .generate(&package)
        .context("wasm-bindgen could not make the browser's glue")?;
    if release {
        let (script, wasm) = (
            package.join(format!("{NAME}.js")),
            package.join(format!("{NAME}_bg.wasm")),
        );
        let (lighter_script, lighter_wasm) = glue::lighten(&fs::read_to_string(&script)?, &fs::read(&wasm)?)?;
        fs::write(script, lighter_script)?;
        fs::write(wasm, lighter_wasm)?;
    }
    copy_folder(&workspace.path("public"), site)?;
    finish::finish(workspace, site, kind)
}

/// Moves what the first screen does without into files of its own beside the first, which is given back.
fn split(wasm: &Path, package: &Path, kind: Kind) -> Result<Vec<u8>> {
    let whole = fs::read(wasm).with_context(|| format!("{} is missing", wasm.display()))?;
    let first = package.join("first.wasm");
    let main_module = format!("./{NAME}.js");
    let whole = match kind {
        Kind::Release => places::forget_libraries(&whole)?,
        Kind::Development => whole,
    };
    let mut options = wasm_split_cli_support::Options::new(&whole);
    options.output_dir = package;
    options.main_out_path = &first;
    options.link_name = SPLIT;
    options.main_module = &main_module;
    let parts = wasm_split_cli_support::transform(options);
    let parts = parts.map_err(|error| anyhow!("the WebAssembly cannot be split: {error:#}"))?;
    for part in parts.split_modules {
        let lighter = unused::take_out(&fs::read(&part)?, kind == Kind::Development)?;
        fs::write(&part, order::by_likeness(&lighter)?)?;
    }
    let loader = package.join(SPLIT);
    fs::write(&loader, glue::squeeze(&fs::read_to_string(&loader)?))?;
    let whole = unused::take_out(&fs::read(&first)?, true)?;
    fs::remove_file(&first)?;
    Ok(whole)
}

/// One line that changes whenever the site would.
fn inputs(workspace: &Workspace, wasm: &Path, kind: Kind) -> Result<String> {
    let mut digest = Digest::default();
    let maker = env::current_exe().and_then(fs::read);
    digest.add("maker", &maker.context("this program cannot be read")?);
    digest.add("profile", kind.profile().0.as_bytes());
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
