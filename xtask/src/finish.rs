//! The last step of every site: names by content, the service worker's list, compressed twins.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    bundle::{self, Digest},
    report::{self, Asset},
    site::{Kind, NAME},
    style,
    workspace::{Workspace, files_below},
};

/// Files that gain from compression; pictures and fonts are compressed already.
const COMPRESSIBLE: [&str; 8] = ["js", "wasm", "css", "svg", "webmanifest", "json", "txt", "html"];
/// The service worker's file and the words in it that are replaced here.
const SERVICE_WORKER: &str = "sw.js";
const BUILD_ID_WORD: &str = "__BUILD_ID__";
const ASSETS_WORD: &str = "__ASSETS__";
/// Where the server reads which build it serves.
const BUILD_ID_FILE: &str = "build_id.txt";
/// Where Leptos reads the hashes of the three names.
const HASH_FILE: &str = "hash.txt";

/// Turns a folder with the bound WebAssembly and the public files into the site; says what it weighs.
pub(crate) fn finish(workspace: &Workspace, site: &Path, kind: Kind) -> Result<Vec<Asset>> {
    let package = site.join("pkg");
    let mut assets = name_the_code(&package)?;

    // two sheets of one hash: what the first screen needs, and what the others add
    let first = style::bundle(&workspace.path("style/main.css"))?;
    let later = style::bundle(&workspace.path("style/later.css"))?;
    let hash = bundle::hash(format!("{first}{later}").as_bytes());
    for (name, style) in [(NAME, first), ("later", later)] {
        let name = format!("{name}.{hash}.css");
        fs::write(package.join(&name), &style)?;
        assets.push(Asset::new(name, style.as_bytes()));
    }
    let code = &assets[0].hash().to_owned();
    fs::write(
        site.join(HASH_FILE),
        format!("js: {code}\nwasm: {code}\ncss: {hash}\n"),
    )?;

    let build_id = name_the_build(site)?;
    if kind == Kind::Release {
        compress(site, &mut assets)?;
        report::print(&build_id, &assets);
    } else {
        println!("site: development build {build_id}");
    }
    Ok(assets)
}

/// Names the code by content. Its files name each other, so they share one hash: that of all of them.
fn name_the_code(package: &Path) -> Result<Vec<Asset>> {
    let files = files_below(package)?;
    let mut digest = Digest::default();
    for file in &files {
        digest.add(file, &fs::read(package.join(file))?);
    }
    let hash = digest.hex();
    let named = |file: &str| match file.rsplit_once('.') {
        Some((stem, ending)) => format!("{}.{hash}.{ending}", stem.trim_end_matches("_bg")),
        None => format!("{file}.{hash}"),
    };
    let mut assets = Vec::new();
    for file in &files {
        let mut bytes = fs::read(package.join(file))?;
        if file.ends_with(".js") {
            let mut script = String::from_utf8(bytes).with_context(|| format!("{file} is no text"))?;
            for other in &files {
                // only where it is fetched from: the parts ask for their imports by the plain name
                for (before, after) in [("from '", "'"), ("from \"", "\""), ("new URL(\"", "\"")] {
                    let plain = format!("{before}./{other}{after}");
                    script = script.replace(&plain, &format!("{before}./{}{after}", named(other)));
                }
            }
            bytes = script.into_bytes();
        }
        fs::remove_file(package.join(file))?;
        fs::write(package.join(named(file)), &bytes)?;
        assets.push(Asset::new(named(file), &bytes));
    }
    // what is loaded first is told first
    assets.sort_by_key(|asset| !asset.is_first());
    Ok(assets)
}

/// Derives the build's id from every file, tells it to the server and to the service worker.
fn name_the_build(site: &Path) -> Result<String> {
    let mut digest = Digest::default();
    let files = files_below(site)?;
    for file in &files {
        digest.add(file, &fs::read(site.join(file))?);
    }
    let build_id = digest.hex();
    fs::write(site.join(BUILD_ID_FILE), format!("{build_id}\n"))?;

    let worker = site.join(SERVICE_WORKER);
    if worker.exists() {
        let assets: Vec<String> = files
            .iter()
            .filter(|file| !file.ends_with(".txt") && file.as_str() != SERVICE_WORKER)
            .map(|file| format!("/{file}"))
            .collect();
        let text = fs::read_to_string(&worker)?
            .replace(BUILD_ID_WORD, &build_id)
            .replace(ASSETS_WORD, &serde_json::to_string(&assets)?);
        fs::write(&worker, text)?;
    }
    Ok(build_id)
}

/// Leaves `.br` and `.gz` beside each file that gains, and fills in the sizes of the bundle.
fn compress(site: &Path, assets: &mut [Asset]) -> Result<()> {
    for file in files_below(site)? {
        let path = site.join(&file);
        let ending = path
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        if !COMPRESSIBLE.contains(&ending) || matches!(file.as_str(), HASH_FILE | BUILD_ID_FILE) {
            continue;
        }
        let bytes = fs::read(&path)?;
        let (br, gz) = (bundle::brotli(&bytes)?, bundle::gzip(&bytes)?);
        if let Some(asset) = assets
            .iter_mut()
            .find(|asset| file == format!("pkg/{}", asset.name))
        {
            asset.brotli_bytes = br.len();
            asset.gzip_bytes = gz.len();
        }
        fs::write(site.join(format!("{file}.br")), br)?;
        fs::write(site.join(format!("{file}.gz")), gz)?;
    }
    Ok(())
}
