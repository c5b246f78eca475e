//! The document around the page: what a browser needs before the first word is shown, and what wakes the page.

use std::{env, fs};

use leptos::{nonce::use_nonce, prelude::*, server_fn::ServerFn};
use leptos_meta::MetaTags;
use leptos_router::location::RequestUrl;
use telephony::{Row, Story};

use crate::{
    App,
    api::{
        frame::{ELEMENT, FrameData, look},
        people::ViewAs,
    },
    fonts,
    live::early,
    packed::pack,
    pages::screens::LATER,
    verbs,
    words::{self, address},
};

/// Sets what was chosen in this browser before anything is drawn, so that nothing flashes.
const CHOICES: &str = "(()=>{const d=document.documentElement;d.dataset.js='';for(const k of \
    ['theme','density','rail']){let v;try{v=localStorage.getItem('starboard-'+k)}catch{}if(v)d.dataset[k]=v}})()";

/// Where a page tells that somebody is there. What a page asks for by itself keeps no session alive.
pub const USED: &str = "/used";

/// Tells so when a hand moves, at most once a minute.
fn used() -> String {
    format!(
        "(t=>{{for(const k of['pointerdown','keydown','wheel'])addEventListener(k,()=>{{if(Date.now()-t>6e4)\
        {{t=Date.now();navigator.sendBeacon('{USED}')}}}},true)}})(Date.now())"
    )
}

/// Loads and starts the page's other half, then has the service worker come up to this build. That another build
/// is there is said by the live socket, which every restart of the server cuts.
const START: &str = "import * as h from JS;await h.default({module_or_path:code});await h.hydrate();performance.mark('awake');\
    if('serviceWorker' in navigator)navigator.serviceWorker.register('/sw.js').catch(()=>{})";

/// Has the page's code compiled while the document is still read: as bytes arrive, on other threads.
const CODE: &str = "var code=WebAssembly.compileStreaming(fetch(WASM))";

/// Every shape, drawn from there by `<use href="#icon-…">`.
const SPRITE: &str = include_str!("../../public/icons.svg");

/// The names of the built files that a page asks for at once.
struct Assets {
    js: String,
    later: String,
    wasm: String,
    css: String,
    later_css: String,
}

impl Assets {
    fn of(options: &LeptosOptions) -> Self {
        let name = options.output_name.as_ref();
        let mut assets = Self {
            js: format!("{name}.js"),
            later: "later.js".into(),
            wasm: format!("{name}_bg.wasm"),
            css: format!("{name}.css"),
            later_css: "later.css".into(),
        };
        if options.hash_files {
            // beside the executable unless the path is absolute, as Leptos has it
            let folder = env::current_exe()
                .ok()
                .and_then(|path| Some(path.parent()?.to_path_buf()));
            let path = folder.unwrap_or_default().join(options.hash_file.as_ref());
            let hashes = fs::read_to_string(path).unwrap_or_default();
            for (kind, hash) in hashes.lines().filter_map(|line| line.split_once(':')) {
                let file = format!("{name}.{}.{}", hash.trim(), kind.trim());
                match kind.trim() {
                    "js" => {
                        assets.js = file;
                        assets.later = format!("later.{}.js", hash.trim());
                    }
                    "wasm" => assets.wasm = file,
                    "css" => {
                        assets.css = file;
                        assets.later_css = format!("later.{}.css", hash.trim());
                    }
                    _ => {}
                }
            }
        }
        let folder = options.site_pkg_dir.as_ref();
        for file in [
            &mut assets.js,
            &mut assets.later,
            &mut assets.wasm,
            &mut assets.css,
            &mut assets.later_css,
        ] {
            file.insert_str(0, &format!("/{folder}/"));
        }
        assets
    }

    /// [`START`] with the names of this build: quoted by Rust's rules, which for such names are JavaScript's.
    fn start(&self) -> String {
        START.replace("JS", &format!("{:?}", self.js))
    }

    /// [`CODE`], likewise.
    fn code(&self) -> String {
        CODE.replace("WASM", &format!("{:?}", self.wasm))
    }
}

/// The path that was asked for.
fn path_asked() -> String {
    let path = |asked: RequestUrl| Some(asked.parse().ok()?.path().to_owned());
    use_context::<RequestUrl>().and_then(path).unwrap_or_default()
}

/// Whether the page asked for tells a call's story.
fn of_a_call() -> bool {
    address::is_call(&path_asked())
}

/// Whether the page asked for is the switchboard.
fn of_the_switchboard() -> bool {
    of_a_call() || matches!(path_asked().as_str(), "" | "/")
}

/// Stories, and the legs of other people's calls: what no row shows. The live socket brings them all the same, and the
/// document is a fifth lighter.
fn leave_out_what_no_row_shows(data: &mut FrameData) {
    let viewer = &data.viewer;
    for pbx in &mut data.snapshot.pbxs {
        for row in &mut pbx.board {
            if let Row::Call(call) = row {
                call.story = Story::default();
                if !verbs::is_mine(viewer, pbx.pbx.id, call) {
                    call.legs.clear();
                }
            }
        }
    }
}

/// Says how much of a list is in the page, and leads to the page with all of it: for those without JavaScript.
pub(crate) fn way_to_the_rest(total: usize, first: usize) -> String {
    if total <= first {
        return String::new();
    }
    let asked = use_context::<RequestUrl>().and_then(|url| Some(url.as_ref().split_once('?')?.1.to_owned()));
    let address = match asked.unwrap_or_default() {
        none if none.is_empty() => "?all".to_owned(),
        query => format!("?{query}&all"),
    };
    let how_much = format!("The first {first} of {total}. ");
    view! { <p class="rest">{how_much}<a href=address>"Show all"</a></p> }.to_html()
}

/// What has to be said to this person above every page: whose view it is, where it is not the own one, and notes. It
/// stands in the document, and no page has to know how it is written.
pub(crate) fn said_to_the_viewer(data: &FrameData) -> String {
    let viewer = &data.viewer;
    let view = viewer.seen_by.is_some().then(|| {
        let whose = words::visible(&viewer.display_name).into_owned();
        view! {
            <div class="banner" data-tone="unknown">
                <p>{format!("You see what {whose} sees. Nothing can be done meanwhile.")}</p>
                <form method="post" action=ViewAs::PATH>
                    <input type="hidden" name="user" value="0"/>
                    <button type="submit" class="button">"Back to my own view"</button>
                </form>
            </div>
        }
    });
    let notes = data.notes.iter().map(|note| {
        let link = note.link.clone();
        view! {
            <div class="banner" data-tone="note">
                <p>{note.text.clone()}</p>
                {link.map(|(href, word)| view! { <a class="button" href=href>{word}</a> })}
            </div>
        }
    });
    (view, notes.collect_view()).to_html()
}

/// Set by `cargo xtask dev`: the page reloads by itself when its build changes.
fn watched() -> Option<&'static str> {
    env::var_os("LEPTOS_WATCH").map(|_| "")
}

/// The document. The nonce of the request allows our inline scripts and no other.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let assets = Assets::of(&options);
    let mut seen = look();
    if let Ok(seen) = &mut seen
        && !of_a_call()
    {
        leave_out_what_no_row_shows(seen);
    }
    provide_context(seen.clone());
    // strangers have their own pages, which show nothing of this
    let packed = seen.is_ok().then(|| pack(&seen).unwrap_or_default());
    let start = assets.start();
    let fonts = fonts::of_page(seen.as_ref().ok().map(|seen| &seen.snapshot));
    view! {
        <!DOCTYPE html>
        <html lang="en" dir="ltr" data-reload=watched() data-later=assets.later_css.clone()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f7f8fa"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#14161b"/>
                <script nonce=use_nonce()>{CHOICES}</script>
                <script nonce=use_nonce()>{assets.code()}</script>
                {packed.is_some().then(|| view! { <script nonce=use_nonce()>{early::script() + &used()}</script> })}
                <link rel="stylesheet" href=assets.css.clone()/>
                {(!of_the_switchboard()).then(|| view! { <link rel="stylesheet" id=LATER href=assets.later_css.clone()/> })}
                {fonts.into_iter().map(|path| view! {
                    <link rel="preload" href=path r#as="font" r#type="font/woff2" crossorigin=""/>
                }).collect_view()}
                <link rel="modulepreload" href=assets.js.clone() crossorigin=""/>
                <link rel="modulepreload" href=assets.later.clone() crossorigin=""/>
                <script type="module" nonce=use_nonce()>{start}</script>
                <link rel="icon" href="/icon.svg" r#type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/icons/icon-192.png"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <MetaTags/>
            </head>
            <body>
                <App/>
                <div hidden=true inner_html=SPRITE></div>
                {packed.map(|packed| view! { <script type="text/plain" id=ELEMENT inner_html=packed></script> })}
            </body>
        </html>
    }
}
