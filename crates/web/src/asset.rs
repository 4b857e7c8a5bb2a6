//! Files that pages load: embedded, named by their content, compressed once.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::LazyLock;

/// A file that pages load.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asset {
    /// Tokens and styles, one sheet.
    Style,
    /// What the agency's own site adds to them.
    Public,
    /// What the dashboard does beyond links and forms.
    Script,
    /// Outlines of countries, by ISO code.
    World,
    /// The mark, as the page's icon.
    Mark,
}

struct Stored {
    asset: Asset,
    path: String,
    media_type: &'static str,
    plain: Bytes,
    gzip: Bytes,
}

static STORED: LazyLock<Vec<Stored>> = LazyLock::new(|| {
    let style = concat!(
        include_str!("../assets/tokens.css"),
        include_str!("../assets/frame.css"),
        include_str!("../assets/dashboard.css"),
        include_str!("../assets/form.css"),
        include_str!("../assets/security.css"),
        include_str!("../assets/console.css"),
        include_str!("../assets/print.css"),
    );
    let accents = include_str!("../assets/accents.css");
    vec![
        stored(
            Asset::Style,
            "style",
            "css",
            "text/css; charset=utf-8",
            without_comments(style),
        ),
        stored(
            Asset::Public,
            "public",
            "css",
            "text/css; charset=utf-8",
            without_comments(&format!(
                "{}{accents}{}{}",
                by_choice(include_str!("../assets/tokens.css")),
                by_choice(accents),
                include_str!("../assets/public.css"),
            )),
        ),
        stored(
            Asset::Script,
            "page",
            "js",
            "text/javascript; charset=utf-8",
            include_str!("../assets/page.js").into(),
        ),
        stored(
            Asset::World,
            "world",
            "svg",
            "image/svg+xml",
            include_str!("../assets/map/world.svg").into(),
        ),
        stored(
            Asset::Mark,
            "mark",
            "svg",
            "image/svg+xml",
            include_str!("../assets/mark.svg").into(),
        ),
    ]
});

fn stored(asset: Asset, name: &str, extension: &str, media_type: &'static str, text: String) -> Stored {
    let digest = Sha256::digest(text.as_bytes());
    let mut hash = String::new();
    for byte in &digest[..5] {
        let _ = write!(hash, "{byte:02x}");
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(text.as_bytes())
        .expect("a vector takes every byte");
    let gzip = encoder.finish().expect("a vector takes every byte");
    Stored {
        asset,
        path: format!("/assets/{name}.{hash}.{extension}"),
        media_type,
        plain: text.into(),
        gzip: gzip.into(),
    }
}

/// The values of a sheet for those who chose: the light ones and the dark ones under the attribute `data-theme`, which
/// by its weight wins over what the browser wishes.
fn by_choice(css: &str) -> String {
    let (light, rest) = css.split_once(DARK).unwrap_or((css, ""));
    let dark = rest.rsplit_once('}').map_or("", |(inside, _)| inside);
    let chosen = |rules: &str, theme: &str| {
        let root = format!(":root[data-theme=\"{theme}\"]");
        format!(
            "{}{root}{{color-scheme:{theme}}}\n",
            rules.replace(":root", &root)
        )
    };
    chosen(light, "light") + &chosen(dark, "dark")
}

const DARK: &str = "@media (prefers-color-scheme: dark) {";

fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

impl Asset {
    /// Where it is served; changes with its content.
    pub fn path(self) -> &'static str {
        &STORED
            .iter()
            .find(|s| s.asset == self)
            .expect("every asset is stored")
            .path
    }
}

/// `GET /assets/{name}`: the file of that name and hash, cacheable for ever.
pub async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(found) = STORED
        .iter()
        .find(|s| s.path.strip_prefix("/assets/") == Some(&name))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let takes_gzip = headers
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("gzip"));
    let plain_headers = [
        (CONTENT_TYPE, found.media_type),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (VARY, "accept-encoding"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    if takes_gzip {
        (plain_headers, [(CONTENT_ENCODING, "gzip")], found.gzip.clone()).into_response()
    } else {
        (plain_headers, found.plain.clone()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_first_visit_loads_is_small() {
        let sizes: Vec<(Asset, usize)> = STORED.iter().map(|s| (s.asset, s.gzip.len())).collect();
        let total: usize = sizes.iter().map(|(_, size)| size).sum();
        assert!(total < 32 * 1024, "{sizes:?}");
    }

    #[test]
    fn a_choice_of_look_has_all_that_the_wish_of_the_browser_has() {
        let chosen = by_choice(
            ":root {--a:1}\n@media (prefers-color-scheme: dark) {\n:root {--a:2}\n:root[x] {--b:3}\n}\n",
        );
        for rule in [
            r#":root[data-theme="light"] {--a:1}"#,
            r#":root[data-theme="dark"] {--a:2}"#,
            r#":root[data-theme="dark"][x] {--b:3}"#,
            r#":root[data-theme="dark"]{color-scheme:dark}"#,
        ] {
            assert!(chosen.contains(rule), "{rule}: {chosen}");
        }
        assert_eq!(chosen.matches('{').count(), chosen.matches('}').count());
    }

    /// WCAG 2.2, contrast ratio of two colours written as `#rrggbb`.
    fn contrast(one: &str, other: &str) -> f64 {
        let luminance = |colour: &str| -> f64 {
            let part = |at: usize| {
                let c = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
                if c <= 0.04045 {
                    c / 12.92
                } else {
                    ((c + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
        };
        let (a, b) = (luminance(one), luminance(other));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_accent_can_be_read_in_light_and_dark() {
        let parts = |css: &'static str| css.split_once(DARK).unwrap();
        let value = |rules: &'static str, name: &str| -> Option<&'static str> {
            let (_, rest) = rules.split_once(&format!("{name}: "))?;
            rest.split(';').next()
        };
        let tokens = parts(include_str!("../assets/tokens.css"));
        let accents = parts(include_str!("../assets/accents.css"));
        for accent in crate::public::agency::Accent::ALL {
            for (tokens, accents) in [(tokens.0, accents.0), (tokens.1, accents.1)] {
                let own = accents
                    .split_once(accent.name())
                    .map_or("", |(_, rest)| rest.split('}').next().unwrap());
                assert!(accent.name() == "teal" || !own.is_empty(), "{accent:?}");
                let value = |name: &str| value(own, name).or_else(|| value(tokens, name)).unwrap();
                let (ink, text) = (value("--accent"), value("--ink"));
                for (one, other) in [
                    (ink, value("--paper")),
                    (ink, value("--sheet")),
                    (ink, value("--area")),
                    (ink, value("--accent-ink")),
                    (text, value("--area")),
                    (value("--ink-2"), value("--area")),
                ] {
                    assert!(contrast(one, other) >= 4.5, "{accent:?}: {one} on {other}");
                }
            }
        }
    }

    #[test]
    fn comments_leave_the_style_sheet_and_nothing_else_does() {
        assert_eq!(without_comments("a{b:c}/* d */\n\n  e{f:g}"), "a{b:c}\ne{f:g}");
        assert!(STORED[0].plain.starts_with(b":root"));
    }
}
