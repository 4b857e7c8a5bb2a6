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
        include_str!("../assets/print.css"),
    );
    vec![
        stored(
            Asset::Style,
            "style",
            "css",
            "text/css; charset=utf-8",
            without_comments(style),
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
    fn comments_leave_the_style_sheet_and_nothing_else_does() {
        assert_eq!(without_comments("a{b:c}/* d */\n\n  e{f:g}"), "a{b:c}\ne{f:g}");
        assert!(STORED[0].plain.starts_with(b":root"));
    }
}
