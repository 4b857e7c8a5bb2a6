//! The frame around every page: head, top line, skip link, colophon.

use crate::asset::Asset;
use crate::language::Language;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Who is signed in, as the top line shows it.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The name shown.
    pub name: String,
    /// The token that forms of this sign-in carry.
    pub csrf: String,
    /// Whether the role needs a second factor that the account does not have.
    pub must_enrol: bool,
    /// Whether there is work for the role in the console.
    pub has_console: bool,
}

/// A page to be framed.
pub struct Page<'a> {
    /// Its language.
    pub language: Language,
    /// Its title, without the installation's name.
    pub title: &'a str,
    /// Path and query of this page, for the link to the other language.
    pub address: &'a str,
    /// Who reads it.
    pub reader: Option<&'a Reader>,
    /// What stands in the top line after the mark.
    pub top: Markup,
    /// What stands between the top line and the main part.
    pub bar: Markup,
    /// Seconds after which it is loaded anew without scripts.
    pub reload_s: Option<u32>,
    /// The key of what is said about cookies at its end.
    pub cookie_note: &'static str,
    /// The main part.
    pub main: Markup,
}

/// The mark: an arch with a stage's worth of bars.
pub(crate) fn mark() -> Markup {
    PreEscaped(
        r#"<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M2 22V12a10 10 0 0 1 20 0v10h-3V12a7 7 0 0 0-14 0v10z"/><path d="M7.4 22v-5h2.2v5zM10.9 22v-9h2.2v9zM14.4 22v-6.5h2.2V22z"/></svg>"#
            .to_owned(),
    )
}

/// The address with another language asked for.
pub(crate) fn in_language(address: &str, language: Language) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut href = format!("{path}?");
    for pair in query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="))
    {
        href.push_str(pair);
        href.push('&');
    }
    href + "lang=" + language.tag()
}

/// The hidden field that shows a form to be of this sign-in.
pub fn csrf_field(csrf: &str) -> Markup {
    html! { input type="hidden" name="csrf" value=(csrf); }
}

impl Page<'_> {
    fn enrolment_banner(&self) -> Markup {
        let is_due =
            self.reader.is_some_and(|reader| reader.must_enrol) && !self.address.starts_with("/security");
        html! {
            @if is_due {
                aside.wide.banner { p.notice {
                    (self.language.text("security-banner")) " "
                    a href="/security" { (self.language.text("security-banner-go")) }
                } }
            }
        }
    }

    /// The whole document.
    pub fn render(self) -> Markup {
        let language = self.language;
        let t = |key: &str| language.text(key);
        let other = language.other();
        html! {
            (DOCTYPE)
            html lang=(language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="referrer" content="same-origin";
                    meta name="robots" content="noindex";
                    @if let Some(seconds) = self.reload_s {
                        noscript { meta http-equiv="refresh" content=(seconds); }
                    }
                    title { (self.title) " · " (t("brand")) }
                    link rel="stylesheet" href=(Asset::Style.path());
                    link rel="icon" href=(Asset::Mark.path()) type="image/svg+xml";
                    script type="module" src=(Asset::Script.path()) {}
                }
                body {
                    a.skip href="#main" { (t("skip")) }
                    header.top #top {
                        div.wide {
                            a.brand href="/" { (mark()) span.wordmark { (t("brand")) } span.only-heard { (t("brand-home")) } }
                            (self.top)
                            a.button.plain.push href=(in_language(self.address, other)) lang=(other.tag()) hreflang=(other.tag()) {
                                span aria-hidden="true" { (other.tag().to_uppercase()) }
                                span.only-heard { (other.name()) }
                            }
                            @if let Some(reader) = self.reader {
                                @if reader.has_console { a.button.plain href="/console" { (t("console")) } }
                                details.menu.right.plain {
                                    summary { (reader.name) }
                                    div {
                                        a href="/sites" { (t("all-sites")) }
                                        a href="/security" { (t("security")) }
                                        hr;
                                        form.bare method="post" action="/sign-out" {
                                            (csrf_field(&reader.csrf))
                                            button.plain-row type="submit" { (t("sign-out")) }
                                        }
                                    }
                                }
                            } @else {
                                a.button.plain href="/sign-in" { (t("sign-in")) }
                            }
                        }
                    }
                    div #bar { (self.bar) }
                    (self.enrolment_banner())
                    main #main tabindex="-1" { (self.main) }
                    footer.wide { div.colophon {
                        span { (t(self.cookie_note)) }
                        span { (t("colophon-own")) }
                    } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_language_keeps_the_rest_of_the_address() {
        for (address, want) in [
            ("/sites/a", "/sites/a?lang=ru"),
            (
                "/sites/a?f=x&lang=en&metric=visits",
                "/sites/a?f=x&metric=visits&lang=ru",
            ),
        ] {
            assert_eq!(in_language(address, Language::Ru), want);
        }
    }
}
