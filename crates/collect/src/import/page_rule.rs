//! Which lines of a log are views of pages.

use super::log_line::LogLine;

/// Endings of what a page is made of, of downloads and of feeds.
const NOT_PAGES: &[&str] = &[
    "js",
    "mjs",
    "css",
    "map",
    "json",
    "xml",
    "txt",
    "csv",
    "rss",
    "atom",
    "rdf",
    "yml",
    "yaml",
    "webmanifest",
    "wasm",
    "png",
    "jpg",
    "jpeg",
    "jpe",
    "gif",
    "webp",
    "avif",
    "svg",
    "svgz",
    "ico",
    "cur",
    "bmp",
    "tif",
    "tiff",
    "heic",
    "woff",
    "woff2",
    "ttf",
    "otf",
    "eot",
    "mp3",
    "mp4",
    "m4a",
    "m4v",
    "ogg",
    "oga",
    "ogv",
    "opus",
    "webm",
    "wav",
    "flac",
    "avi",
    "mov",
    "mpg",
    "mpeg",
    "mkv",
    "flv",
    "swf",
    "wmv",
    "m3u8",
    "ts",
    "vtt",
    "srt",
    "pdf",
    "zip",
    "gz",
    "tgz",
    "bz2",
    "xz",
    "7z",
    "rar",
    "tar",
    "iso",
    "dmg",
    "exe",
    "msi",
    "deb",
    "rpm",
    "apk",
    "jar",
    "bin",
    "img",
    "doc",
    "docx",
    "xls",
    "xlsx",
    "ppt",
    "pptx",
    "odt",
    "ods",
    "rtf",
    "epub",
    "fb2",
    "djvu",
    "ps",
    "patch",
    "diff",
    "torrent",
    "sig",
    "asc",
    "sha256",
    "md5",
    "c",
    "h",
    "py",
    "rb",
    "pl",
    "sh",
    "sql",
    "bak",
    "log",
    "conf",
    "env",
];

/// Last parts of paths that only programs ask for.
const MACHINES: &[&str] = &[
    "feed",
    "xmlrpc.php",
    "wp-cron.php",
    "wp-login.php",
    "admin-ajax.php",
    "wp-trackback.php",
];

/// Whether a line is the view of a page: a `GET` that was answered with a page (status 200 to 203, or 304 where the
/// browser had it already), for a path that is neither part of a page nor a download nor a feed, by the ending of its
/// last part. Answers 204 and 206 carry no page or a piece of one; redirects lead to another line.
pub fn is_page(line: &LogLine<'_>) -> bool {
    line.method == "GET"
        && matches!(line.status, 200..=203 | 304)
        && !line.target.is_empty()
        && is_page_path(&line.target)
}

fn is_page_path(target: &str) -> bool {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    if path.contains("/.well-known/") || path.starts_with("/wp-json/") {
        return false;
    }
    let path = path.strip_suffix("/").unwrap_or(path);
    let last = path.rsplit('/').next().unwrap_or_default();
    if MACHINES.contains(&last) {
        return false;
    }
    match last.rsplit_once('.') {
        Some((_, ending)) if ending.len() <= 11 => !NOT_PAGES.iter().any(|e| e.eq_ignore_ascii_case(ending)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_the_rest() {
        for (method, target, status, want) in [
            ("GET", "/", 200, true),
            ("GET", "/index.html", 200, true),
            ("GET", "/shop.php?id=1", 304, true),
            ("GET", "/articles/dynamic-dns-with-dhcp/", 200, true),
            ("GET", "/release-1.2", 200, true),
            ("GET", "/a?file=x.png", 200, true),
            ("GET", "/каталог/чай", 200, true),
            ("GET", "http://shop.example/a", 200, true),
            ("GET", "/a.PNG?v=2", 200, false),
            ("GET", "/favicon.ico", 200, false),
            ("GET", "/robots.txt", 200, false),
            ("GET", "/blog/feed/", 200, false),
            ("GET", "/.well-known/security", 200, false),
            ("GET", "/", 404, false),
            ("GET", "/", 301, false),
            ("GET", "/", 206, false),
            ("GET", "/", 500, false),
            ("HEAD", "/", 200, false),
            ("POST", "/", 200, false),
            ("", "", 200, false),
        ] {
            let line = LogLine {
                method: method.into(),
                target: target.into(),
                status,
                ..LogLine::default()
            };
            assert_eq!(is_page(&line), want, "{method} {target} {status}");
        }
    }
}
