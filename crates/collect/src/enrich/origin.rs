//! Who led a visitor to a page.

use super::channel::{self, Signs};
use super::click_id::{self, ClickId};
use super::search_terms;
use super::source::{self, Source, SourceKind};
use super::spam::SpamHosts;
use crate::page::{Page, within};
use smol_str::{SmolStr, format_smolstr};
use std::borrow::Cow;
use vocabulary::Channel;

/// Where a visit came from, as far as the hit tells. Texts are empty where nothing is known, and are as they were
/// sent: whoever stores them scrubs them first.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    /// Name of a source that the lists know, else the campaign tag's value, else the referring host.
    pub source: SmolStr,
    /// Its channel.
    pub channel: Channel,
    /// Host and path of the referring page, without `www.` and query string; empty for a page of the site itself.
    pub referrer: SmolStr,
    /// Words searched for, in lower case.
    pub search_terms: SmolStr,
    /// `utm_source`.
    pub utm_source: SmolStr,
    /// `utm_medium`.
    pub utm_medium: SmolStr,
    /// `utm_campaign`.
    pub utm_campaign: SmolStr,
    /// `utm_term`.
    pub utm_term: SmolStr,
    /// `utm_content`.
    pub utm_content: SmolStr,
    /// Name of the click id in the address.
    pub ad_click_id: SmolStr,
    /// Whether the referrer is a known spammer's.
    pub spam: bool,
}

impl Default for Origin {
    fn default() -> Self {
        Self {
            source: SmolStr::default(),
            channel: Channel::Direct,
            referrer: SmolStr::default(),
            search_terms: SmolStr::default(),
            utm_source: SmolStr::default(),
            utm_medium: SmolStr::default(),
            utm_campaign: SmolStr::default(),
            utm_term: SmolStr::default(),
            utm_content: SmolStr::default(),
            ad_click_id: SmolStr::default(),
            spam: false,
        }
    }
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Origin([sealed])")
    }
}

/// The longest campaign tag kept, in bytes.
const LONGEST_TAG: usize = 200;
/// The longest referrer kept, in bytes.
const LONGEST_REFERRER: usize = 500;

/// Finds out who led to `page`.
///
/// A referrer on the page's own host, on one of `own_hosts` or a sub-domain of theirs is the site itself and tells
/// nothing; neither do malformed ones, `localhost`, and schemes other than http, https and android-app. The source
/// is, in this order: the tag `utm_source`, `source` or `ref`; a referrer that the lists know; the network of a
/// click id; the referring host.
pub(crate) fn find<S: AsRef<str>>(
    spam: &SpamHosts,
    page: &Page<'_>,
    referrer: Option<&str>,
    own_hosts: &[S],
) -> Origin {
    let mut origin = Origin::default();
    let tags = Tags::read(page.query, &mut origin);

    let own = |host: &str| within(host, &page.host) || own_hosts.iter().any(|own| within(host, own.as_ref()));
    let referring = referrer
        .filter(|text| !text.is_empty())
        .map(Page::parse)
        .filter(|referring| {
            let scheme = ["http", "https", "android-app"]
                .iter()
                .any(|s| referring.scheme.eq_ignore_ascii_case(s));
            scheme && !referring.host.is_empty() && referring.host != "localhost" && !own(&referring.host)
        });
    let mut known = None;
    if let Some(referring) = &referring {
        origin.spam = spam.has(&referring.host);
        origin.referrer = shown(referring);
        known = source::of_host(&referring.host, referring.path);
        if let Some(source) = &known {
            origin.search_terms = search_terms::find(source, referring.query).unwrap_or_default();
            if source.kind == SourceKind::Partner && origin.search_terms.is_empty() {
                known = None;
            }
        }
    }

    let tagged = [
        &origin.utm_source,
        &origin.utm_medium,
        &origin.utm_campaign,
        &origin.utm_term,
        &origin.utm_content,
    ]
    .iter()
    .any(|tag| !tag.is_empty());
    let named: Option<Cow<'_, str>> = if origin.utm_source.is_empty() {
        tags.named
    } else {
        Some(Cow::Borrowed(&*origin.utm_source))
    };
    let mut kind = None;
    if let Some(named) = named {
        let found = source::of_tag(&named);
        kind = found.map(|s| s.kind);
        origin.source = found.map_or_else(|| SmolStr::new(&named), |s| SmolStr::new_static(s.name));
    } else if let Some(Source {
        kind: found, name, ..
    }) = known
    {
        kind = Some(found);
        origin.source = SmolStr::new_static(name);
    } else if let Some(click) = tags.click {
        kind = Some(click.kind);
        origin.source = SmolStr::new_static(click.source);
    } else if let Some(referring) = &referring {
        origin.source = SmolStr::new(source::edition(&referring.host).unwrap_or(&referring.host));
    }
    origin.channel = channel::find(&Signs {
        kind,
        medium: &origin.utm_medium,
        tagged,
        paid_click: tags.click.is_some_and(|click| click.paid),
        source: !origin.source.is_empty(),
    });
    origin
}

#[derive(Default)]
struct Tags {
    /// `source` or `ref`, which some sites add instead of `utm_source`.
    named: Option<Cow<'static, str>>,
    click: Option<ClickId>,
}

impl Tags {
    fn read(query: &str, origin: &mut Origin) -> Self {
        let mut tags = Self::default();
        for pair in query.split('&') {
            let Some((name, value)) = pair.split_once('=').filter(|(_, value)| !value.is_empty()) else {
                continue;
            };
            // `&amp;` in a link that was escaped twice.
            let name = name.strip_prefix("amp;").unwrap_or(name);
            if name.len() > 16 {
                continue;
            }
            let slot = match &*name.to_ascii_lowercase() {
                "utm_source" => &mut origin.utm_source,
                "utm_medium" => &mut origin.utm_medium,
                "utm_campaign" => &mut origin.utm_campaign,
                "utm_term" => &mut origin.utm_term,
                "utm_content" => &mut origin.utm_content,
                "source" | "ref" => {
                    let value = decode(value);
                    if tags.named.is_none() && !value.is_empty() {
                        tags.named = Some(Cow::Owned(value.into()));
                    }
                    continue;
                }
                name => {
                    if let Some(click) = click_id::of_parameter(name)
                        && tags.click.is_none_or(|known| click.paid && !known.paid)
                    {
                        tags.click = Some(click);
                        origin.ad_click_id = SmolStr::new_static(click.name);
                    }
                    continue;
                }
            };
            if slot.is_empty() {
                *slot = decode(value);
            }
        }
        tags
    }
}

/// A tag's value as people read it: decoded, spaces cut, bounded; empty if it is no text.
fn decode(value: &str) -> SmolStr {
    let value = &value[..value.floor_char_boundary(LONGEST_TAG * 6)];
    let spaced = if value.contains('+') {
        Cow::Owned(value.replace('+', " "))
    } else {
        Cow::Borrowed(value)
    };
    let Ok(text) = percent_encoding::percent_decode_str(&spaced).decode_utf8() else {
        return SmolStr::default();
    };
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return SmolStr::default();
    }
    SmolStr::new(&text[..text.floor_char_boundary(LONGEST_TAG)])
}

fn shown(referring: &Page<'_>) -> SmolStr {
    let path = referring.readable_path();
    let path = path.trim_end_matches('/');
    let path = &path[..path.floor_char_boundary(LONGEST_REFERRER)];
    if path.is_empty() {
        SmolStr::new(&referring.host)
    } else {
        format_smolstr!("{}{}", referring.host, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Channel::{
        Affiliates, AiAssistants, Campaigns, Direct, Display, Email, Messengers, OrganicSearch,
        OrganicSocial, PaidOther, PaidSearch, PaidSocial, PushAndSms, Referral, Video,
    };

    fn origin(query: &str, referrer: &str) -> Origin {
        let url = format!("https://shop.example/a?{query}");
        let spam = SpamHosts::open(None).unwrap();
        find(
            &spam,
            &Page::parse(&url),
            Some(referrer),
            &["shop.example", "shop.test"],
        )
    }

    #[test]
    fn sources_and_channels() {
        for (query, referrer, source, channel) in [
            ("", "", "", Direct),
            ("", "https://shop.example/b", "", Direct),
            ("", "https://blog.shop.test/b", "", Direct),
            ("", "http://localhost:3000/", "", Direct),
            ("", "no address", "", Direct),
            ("", "file:///home/x.html", "", Direct),
            ("", "https://myshop.example/", "myshop.example", Referral),
            ("", "https://www.google.com/", "Google", OrganicSearch),
            ("", "https://yandex.ru/search/?text=a", "Yandex", OrganicSearch),
            ("ysclid=abc", "", "Yandex", OrganicSearch),
            ("yclid=123", "https://yandex.ru/", "Yandex", PaidSearch),
            ("yclid=123", "", "Yandex", PaidSearch),
            ("gclid=123", "https://www.google.com/", "Google", PaidSearch),
            ("gclid=123", "https://news.example/", "Google", PaidSearch),
            ("fbclid=123", "", "Facebook", OrganicSocial),
            ("fbclid=1", "https://l.facebook.com/", "Facebook", OrganicSocial),
            ("rb_clickid=1", "https://vk.com/", "VK", PaidSocial),
            ("", "https://away.vk.com/away.php", "VK", OrganicSocial),
            ("", "https://t.me/channel", "Telegram", Messengers),
            (
                "",
                "android-app://org.telegram.messenger/",
                "Telegram",
                Messengers,
            ),
            ("", "android-app://com.google.android.gm/", "Gmail", Email),
            (
                "",
                "android-app://com.google.android.googlequicksearchbox/",
                "Google",
                OrganicSearch,
            ),
            ("", "https://e.mail.ru/inbox", "Mail.ru", Email),
            ("", "https://www.youtube.com/watch", "YouTube", Video),
            ("", "https://chatgpt.com/", "ChatGPT", AiAssistants),
            ("utm_source=chatgpt.com", "", "ChatGPT", AiAssistants),
            ("", "https://m.news.example/a", "news.example", Referral),
            ("", "https://www.cnn.com/world", "cnn.com", Referral),
            (
                "",
                "https://www.cnn.com/search?query=shoes",
                "Google",
                OrganicSearch,
            ),
            (
                "utm_source=yandex&utm_medium=cpc&utm_campaign=spring",
                "https://yandex.ru/",
                "Yandex",
                PaidSearch,
            ),
            (
                "utm_source=yandex.direct&utm_medium=cpc",
                "",
                "Yandex",
                PaidSearch,
            ),
            ("utm_source=yandex&utm_medium=rsya", "", "Yandex", Display),
            ("utm_source=vk_ads&utm_medium=cpm", "", "VK", PaidSocial),
            ("utm_source=telegram&utm_medium=cpc", "", "Telegram", PaidSocial),
            ("utm_source=tg&utm_medium=post", "", "Telegram", Messengers),
            ("utm_source=spring&utm_medium=email", "", "spring", Email),
            ("utm_source=app&utm_medium=web_push", "", "app", PushAndSms),
            ("utm_source=blog&utm_medium=cpa", "", "blog", PaidOther),
            ("utm_source=net&utm_medium=cpm", "", "net", Display),
            ("utm_source=net&utm_medium=banner", "", "net", Display),
            ("utm_source=x1&utm_medium=affiliate", "", "x1", Affiliates),
            ("utm_source=admitad&utm_medium=cpa", "", "Admitad", Affiliates),
            ("utm_source=leaflet", "", "leaflet", Campaigns),
            (
                "utm_source=leaflet&utm_medium=qr",
                "https://news.example/",
                "leaflet",
                Campaigns,
            ),
            ("utm_source=a&utm_medium=referral", "", "a", Referral),
            ("utm_campaign=spring", "", "", Campaigns),
            (
                "utm_medium=social",
                "https://news.example/",
                "news.example",
                OrganicSocial,
            ),
            ("ref=producthunt", "", "producthunt", Referral),
            ("source=newsletter", "", "newsletter", Email),
            ("utm_source=a&utm_source=b&amp;utm_medium=email", "", "a", Email),
        ] {
            let found = origin(query, referrer);
            assert_eq!(
                (&*found.source, found.channel),
                (source, channel),
                "{query} {referrer}"
            );
        }
    }

    #[test]
    fn texts_are_decoded_and_bounded() {
        let found = origin(
            "utm_source=google&utm_medium=cpc&utm_campaign=%D0%92%D0%B5%D1%81%D0%BD%D0%B0+2026&utm_term=a%00b&utm_content=%FF&gclid=Cj0K",
            "https://www.google.ru/search?q=%D1%87%D0%B0%D0%B9",
        );
        assert_eq!(found.utm_campaign, "Весна 2026");
        assert_eq!((&*found.utm_term, &*found.utm_content), ("", ""));
        assert_eq!(found.ad_click_id, "gclid");
        assert_eq!(found.search_terms, "чай");
        assert_eq!(found.referrer, "google.ru/search");
        let long = origin(
            &format!("utm_campaign={}", "я".repeat(4_000)),
            &format!("https://a.example/{}", "b".repeat(9_000)),
        );
        assert!(long.utm_campaign.len() <= LONGEST_TAG && !long.utm_campaign.is_empty());
        assert!(long.referrer.len() <= LONGEST_REFERRER + 9);
        assert_eq!(origin("", "https://www.news.example/").referrer, "news.example");
        assert_eq!(origin("", "https://shop.example/x").referrer, "");
        assert!(origin("", "http://semalt.semalt.com/crawler.php?u=x").spam);
        assert!(!origin("", "http://google.com/").spam);
        assert!(!format!("{found:?}").contains("Cj0K"));
    }
}
