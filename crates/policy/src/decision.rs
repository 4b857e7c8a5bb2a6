//! Keep, strip or drop.

use crate::{Consent, Manifest, Tier};
use vocabulary::{Column, DataType, Event, EventKind, Reason};

/// What becomes of a hit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// It is kept, less what the manifest denies (see [`strip`]), and its visitor recognised no better than by `Tier`.
    Keep(Tier),
    /// It is not kept at all.
    Drop(Reason),
}

/// Decides on a hit that *is* `what` (a page view, an action, an outbound link, a purchase…).
///
/// What is off and is the hit itself is dropped; what is off and merely comes with the hit is stripped later.
/// The tier is the least of what manifest, consent and Global Privacy Control permit.
pub fn decide(
    what: DataType,
    manifest: &Manifest,
    consent: Consent,
    global_privacy_control: bool,
) -> Decision {
    if !manifest.allows(what) {
        return Decision::Drop(Reason::TypeNotAllowed);
    }
    let tier = Tier::of(consent, global_privacy_control);
    Decision::Keep(if manifest.allows(DataType::VisitorCookie) {
        tier
    } else {
        Tier::Cookieless
    })
}

/// Takes from an event every text and amount whose data type the manifest denies.
/// The event's name stays: it is the hit itself, on which [`decide`] has decided.
/// Returns whether anything was taken.
pub fn strip(event: &mut Event, manifest: &Manifest) -> bool {
    let mut taken = false;
    for &column in Column::ALL {
        if column != Column::Name && !manifest.allows(column.data_type()) && event.text(column).is_some() {
            event.texts.clear(column);
            taken = true;
        }
    }
    if !manifest.allows(DataType::Purchase) && event.sale.take().is_some() {
        taken = true;
        if matches!(event.kind, EventKind::Purchase | EventKind::Refund) {
            event.kind = EventKind::Action;
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vocabulary::{DataTypes, IpKeeping, Moment, Sale, SiteId, VisitorKey, event::Texts};

    fn full_event() -> Event {
        let mut texts = Texts::default();
        for &column in Column::ALL {
            texts.set(column, "x");
        }
        Event {
            site: SiteId(1),
            visitor: VisitorKey(1),
            time: Moment(0),
            kind: EventKind::Purchase,
            interactive: true,
            sale: Some(Sale::default()),
            texts,
        }
    }

    fn manifest() -> impl Strategy<Value = Manifest> {
        (any::<u32>(), 0..3u8).prop_map(|(bits, ip)| {
            let allowed: DataTypes = DataType::ALL
                .iter()
                .copied()
                .filter(|t| bits & (1 << *t as u32) != 0)
                .collect();
            Manifest::new(
                allowed,
                [IpKeeping::None, IpKeeping::Truncated, IpKeeping::Full][ip as usize],
            )
        })
    }

    proptest! {
        #[test]
        fn nothing_denied_is_left(manifest in manifest()) {
            let mut event = full_event();
            strip(&mut event, &manifest);
            for (column, _) in event.texts.iter() {
                prop_assert!(column == Column::Name || manifest.allows(column.data_type()), "{}", column.name());
            }
            for &column in Column::ALL {
                prop_assert!(!manifest.allows(column.data_type()) || event.text(column).is_some());
            }
            prop_assert_eq!(event.sale.is_some(), manifest.allows(DataType::Purchase));
        }

        #[test]
        fn less_consent_and_a_smaller_manifest_never_keep_more(
            manifest in manifest(), what in 0..DataType::ALL.len(), denied in 0..DataType::ALL.len(), gpc: bool,
        ) {
            let what = DataType::ALL[what];
            let rank = |d| match d { Decision::Drop(_) => 0, Decision::Keep(Tier::Cookieless) => 1, Decision::Keep(Tier::Cookie) => 2 };
            let ranks = [Consent::Denied, Consent::Unset, Consent::Granted].map(|c| rank(decide(what, &manifest, c, gpc)));
            prop_assert!(ranks.is_sorted());
            for consent in [Consent::Denied, Consent::Unset, Consent::Granted] {
                let smaller = manifest.deny(DataType::ALL[denied]);
                prop_assert!(rank(decide(what, &smaller, consent, gpc)) <= rank(decide(what, &manifest, consent, gpc)));
                prop_assert!(rank(decide(what, &manifest, consent, true)) <= rank(decide(what, &manifest, consent, false)));
            }
        }

        #[test]
        fn manifests_are_written_and_read_back(manifest in manifest()) {
            let text = serde_json::to_string(&manifest).unwrap();
            prop_assert_eq!(serde_json::from_str::<Manifest>(&text).unwrap(), manifest);
        }
    }

    #[test]
    fn by_default_no_address_and_no_cookie_without_consent() {
        let manifest = Manifest::default();
        assert_eq!(manifest.ip(), IpKeeping::None);
        for (consent, gpc, tier) in [
            (Consent::Unset, false, Tier::Cookieless),
            (Consent::Denied, false, Tier::Cookieless),
            (Consent::Granted, true, Tier::Cookieless),
            (Consent::Granted, false, Tier::Cookie),
        ] {
            assert_eq!(
                decide(DataType::PageView, &manifest, consent, gpc),
                Decision::Keep(tier)
            );
        }
        let no_cookie = manifest.deny(DataType::VisitorCookie);
        assert_eq!(
            decide(DataType::PageView, &no_cookie, Consent::Granted, false),
            Decision::Keep(Tier::Cookieless)
        );
        let no_actions = manifest.deny(DataType::Action);
        assert_eq!(
            decide(DataType::Action, &no_actions, Consent::Granted, false),
            Decision::Drop(Reason::TypeNotAllowed)
        );
    }
}
