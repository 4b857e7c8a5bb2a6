//! The rules by which a visit belongs to a channel.

use super::source::SourceKind;
use vocabulary::Channel;

/// What the rules look at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signs<'a> {
    /// The sort of the source, where the lists know it.
    pub kind: Option<SourceKind>,
    /// `utm_medium`, empty if absent.
    pub medium: &'a str,
    /// Whether the address carries any campaign tag.
    pub tagged: bool,
    /// Whether it carries a click id that only paid clicks have.
    pub paid_click: bool,
    /// Whether there is a source at all.
    pub source: bool,
}

/// The channel: the first rule that fits. After the default channel groups of Google Analytics 4
/// (<https://support.google.com/analytics/answer/9756891>), with messengers and assistants as groups of their own,
/// no groups for shopping, and the media names usual in Russia.
///
/// 1. Affiliates: the medium says so, or the source is a network of affiliates.
/// 2. Email; push and SMS: the medium says so.
/// 3. Paid, by a medium with `cp` (cpc, cpm, cpa), `ppc`, `paid…`, `retargeting`, `target`, or by a click id that
///    only paid clicks have: Paid Search from a search engine, Paid Social from a network or messenger, else
///    Display for a display medium or source, else Paid Other.
/// 4. Display: the medium says so.
/// 5. By the sort of the source: assistants, search, social, messengers, video, mail.
/// 6. By the medium alone: organic, social, messenger, video.
/// 7. Referral: the medium says so, or there is a source and no campaign tag.
/// 8. Other Campaigns: any campaign tag is there. 9. Direct.
pub fn find(signs: &Signs<'_>) -> Channel {
    let medium = signs.medium.trim().to_lowercase();
    let is = |names: &[&str]| names.contains(&&*medium);
    let kind = signs.kind;
    let display = is(&[
        "display",
        "banner",
        "banners",
        "expandable",
        "interstitial",
        "rsya",
        "media",
        "programmatic",
        "rtb",
    ]);
    if is(&["affiliate", "affiliates", "partner", "partners"]) || kind == Some(SourceKind::Affiliate) {
        return Channel::Affiliates;
    }
    if is(&[
        "email",
        "e-mail",
        "e_mail",
        "e mail",
        "mail",
        "newsletter",
        "mailing",
        "rassylka",
    ]) {
        return Channel::Email;
    }
    if is(&["sms", "notification", "webpush"]) || medium.ends_with("push") || kind == Some(SourceKind::Push) {
        return Channel::PushAndSms;
    }
    let paid = signs.paid_click
        || ["cpc", "cpm", "cpa", "cpv", "cpl", "cpo", "cps", "cpi"]
            .iter()
            .any(|word| medium.contains(word))
        || medium.starts_with("paid")
        || is(&[
            "ppc",
            "retargeting",
            "target",
            "targeting",
            "ads",
            "ad",
            "sem",
            "posev",
        ]);
    if paid {
        return match kind {
            Some(SourceKind::Search | SourceKind::Partner) => Channel::PaidSearch,
            Some(SourceKind::Social | SourceKind::Messenger) => Channel::PaidSocial,
            Some(SourceKind::Display) => Channel::Display,
            _ if display || medium.contains("cpm") => Channel::Display,
            _ => Channel::PaidOther,
        };
    }
    if display || kind == Some(SourceKind::Display) {
        return Channel::Display;
    }
    match kind {
        Some(SourceKind::Ai) => Channel::AiAssistants,
        Some(SourceKind::Search | SourceKind::Partner) => Channel::OrganicSearch,
        Some(SourceKind::Social) => Channel::OrganicSocial,
        Some(SourceKind::Messenger) => Channel::Messengers,
        Some(SourceKind::Video) => Channel::Video,
        Some(SourceKind::Email) => Channel::Email,
        _ if is(&["organic", "seo"]) => Channel::OrganicSearch,
        _ if is(&[
            "social",
            "social-network",
            "social-media",
            "social_network",
            "social media",
            "sm",
            "smm",
            "post",
        ]) =>
        {
            Channel::OrganicSocial
        }
        _ if is(&["messenger", "messengers", "chat"]) => Channel::Messengers,
        _ if medium == "video" => Channel::Video,
        _ if is(&["referral", "app", "link"]) => Channel::Referral,
        _ if signs.source && !signs.tagged => Channel::Referral,
        _ if signs.tagged => Channel::Campaigns,
        _ => Channel::Direct,
    }
}
