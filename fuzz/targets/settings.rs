//! What operators write: domains, currencies, manifests and goals, and ids in addresses.
#![no_main]

use collect::{Address, Page};
use policy::Manifest;
use vocabulary::{Currency, Domain, GoalRule, PersonId};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Ok(manifest) = serde_json::from_slice::<Manifest>(input) {
        let text = serde_json::to_string(&manifest).expect("a manifest is JSON");
        assert_eq!(serde_json::from_str::<Manifest>(&text).ok(), Some(manifest));
    }
    if let Ok(rule) = serde_json::from_slice::<GoalRule>(input) {
        let text = serde_json::to_string(&rule).expect("a rule is JSON");
        assert_eq!(serde_json::from_str::<GoalRule>(&text).ok(), Some(rule));
    }
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(domain) = Domain::parse(text) {
        assert_eq!(Domain::parse(domain.as_str()).as_ref(), Ok(&domain), "{text:?}");
        assert!(domain.as_str().len() <= 253 && !domain.folder().contains(['/', '\\']));
        assert!(domain.folder() != ".." && domain.folder() != ".");
    }
    if let Ok(currency) = Currency::parse(text) {
        assert_eq!(Currency::parse(&currency.to_string()), Ok(currency));
    }
    if let Some(id) = PersonId::parse(text) {
        assert_eq!(id.to_string(), text);
    }
    if let Some(address) = Address::parse(text) {
        assert_eq!(
            Address::parse(&address.full()).map(Address::octets),
            Some(address.octets())
        );
    }
    let page = Page::parse(text);
    let _ = page.query_pairs().count();
});
