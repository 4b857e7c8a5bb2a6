//! The texts under which people give data or consent, shown in full, and each as a document of its own.

use super::frame::Frame;
use super::testimonials;
use crate::error_page::Fault;
use crate::language::Language;
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use std::fmt::Write as _;
use std::sync::Arc;

/// A version of a text in one language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wording {
    /// Its name in addresses and records, such as `newsletter`: small letters, digits, `-` and `_`.
    pub id: String,
    /// Its version, counted from 1.
    pub version: u32,
    /// The exact text: its title on the first line after `# `, then paragraphs between empty lines. Lines of a list
    /// begin with `- `, other headings with `#`; what stands between `**` and `**` is strong.
    pub text: String,
    /// SHA-256 of the bytes that the register of wordings holds.
    pub sha256: [u8; 32],
}

/// Which version of a wording was shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The wording's name.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

impl From<people::Wording> for Wording {
    fn from(wording: people::Wording) -> Self {
        Self {
            id: wording.id,
            version: wording.version,
            text: wording.text,
            sha256: wording.sha256,
        }
    }
}

impl Wording {
    /// What it is called: its first line.
    pub fn title(&self) -> &str {
        self.text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches('#')
            .trim()
    }

    /// What is kept of its having been shown.
    pub fn shown(&self) -> Shown {
        Shown {
            id: self.id.clone(),
            version: self.version,
            sha256: self.sha256,
        }
    }

    /// The whole text below its title, and how to name this version of it.
    pub(crate) fn markup(&self, asking: &Asking) -> Markup {
        let mut print = String::new();
        for byte in &self.sha256[..6] {
            let _ = write!(print, "{byte:02x}");
        }
        html! {
            div.wording {
                (paragraphs(self.text.split_once('\n').map_or("", |(_, rest)| rest)))
                p.small.quiet {
                    a href=(asking.link(&format!("/wordings/{}", self.id))) {
                        (asking.language.text_with("wording-version", &[("version", self.version.into())]))
                    }
                    " · " (asking.language.text("wording-print")) " " code { (print) }
                }
            }
        }
    }
}

/// A text with its paragraphs, lists and headings.
pub(crate) fn paragraphs(text: &str) -> Markup {
    let blocks = text
        .split("\n\n")
        .map(str::trim)
        .filter(|block| !block.is_empty());
    html! {
        @for block in blocks {
            @if block.starts_with('#') { p { strong { (block.trim_start_matches('#').trim()) } } }
            @else if block.starts_with("- ") {
                ul.dots { @for item in items(block) { li { (strong(&item)) } } }
            }
            @else { p { (strong(block)) } }
        }
    }
}

/// A text in which every second part between `**` is strong.
fn strong(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split("**").enumerate() {
            @if place % 2 == 1 { strong { (part) } } @else { (part) }
        }
    }
}

/// The items of a list; a line without a dash goes on with the item before.
fn items(block: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in block.lines().map(str::trim) {
        match (line.strip_prefix("- "), items.last_mut()) {
            (None, Some(last)) => {
                last.push(' ');
                last.push_str(line);
            }
            (item, _) => items.push(item.unwrap_or(line).to_owned()),
        }
    }
    items
}

/// Every wording in use, in that language.
fn in_use(web: &Web, language: Language) -> Vec<Wording> {
    let mut all = Vec::new();
    if let Some(door) = &web.public.enquiries {
        let terms = (door.terms)(language);
        all.push(terms.basis);
        all.extend(terms.consents.into_iter().map(|(_, wording)| wording));
    }
    if let Some(door) = &web.public.rights {
        all.push((door.terms)(language));
    }
    if let Some(door) = &web.public.accounts {
        all.extend(door.terms(language));
    }
    all
}

/// A version of a text, in use or not: what somebody agreed to once can be read for ever.
async fn version(web: &Web, asking: &Asking, id: &str, version: u32) -> Option<Wording> {
    let language = match asking.language {
        Language::En => people::Language::En,
        Language::Ru => people::Language::Ru,
    };
    match web.office.people.wording_version(id, version, language).await {
        Ok(wording) => Some(Wording {
            id: wording.id,
            version: wording.version,
            text: wording.text,
            sha256: wording.sha256,
        }),
        Err(people::Error::NotFound(_)) => None,
        Err(error) => {
            tracing::error!(%error, "a wording cannot be read");
            None
        }
    }
}

/// `GET /wordings/{id}`: one of the texts in use, as a document of its own; with `?version=…` that version of it.
pub(crate) async fn show(State(web): State<Arc<Web>>, Path(id): Path<String>, asking: Asking) -> Response {
    let mut found = match asking.value("version").parse() {
        Ok(number) => version(&web, &asking, &id, number).await,
        Err(_) => in_use(&web, asking.language).into_iter().find(|w| w.id == id),
    };
    if found.is_none() && testimonials::WORDINGS.contains(&id.as_str()) {
        found = testimonials::wording(&web, &asking, &id).await.ok();
    }
    let Some(wording) = found else {
        return asking.fault(Fault::NotFound);
    };
    Frame::new(&web, &asking, wording.title()).render(&html! {
        div.reading {
            h1 { (wording.title()) }
            (wording.markup(&asking))
            p { a href=(asking.link("/policy")) { (asking.language.text("wording-policy")) } }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_shape_and_cannot_bring_markup() {
        let text = "# Head\n\nOne <b>line</b>\n**<i>and** its end.\n\n- first\n  goes on\n- second\n";
        assert_eq!(
            paragraphs(text).into_string(),
            "<p><strong>Head</strong></p><p>One &lt;b&gt;line&lt;/b&gt;\n<strong>&lt;i&gt;and</strong> its end.</p>\
             <ul class=\"dots\"><li>first goes on</li><li>second</li></ul>"
        );
    }
}
