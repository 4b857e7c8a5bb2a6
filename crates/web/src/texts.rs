//! Everything a person reads, by key and language, from `locales/{en,ru}/*.ftl`.

use crate::language::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::LazyLock;

macro_rules! locale {
    ($tag:literal) => {
        &[
            include_str!(concat!("../locales/", $tag, "/frame.ftl")),
            include_str!(concat!("../locales/", $tag, "/dashboard.ftl")),
            include_str!(concat!("../locales/", $tag, "/dimensions.ftl")),
            include_str!(concat!("../locales/", $tag, "/definitions.ftl")),
            include_str!(concat!("../locales/", $tag, "/sign-in.ftl")),
            include_str!(concat!("../locales/", $tag, "/settings.ftl")),
            include_str!(concat!("../locales/", $tag, "/errors.ftl")),
            include_str!(concat!("../locales/", $tag, "/public.ftl")),
            include_str!(concat!("../locales/", $tag, "/policy.ftl")),
            include_str!(concat!("../locales/", $tag, "/cookies.ftl")),
            include_str!(concat!("../locales/", $tag, "/account.ftl")),
            include_str!(concat!("../locales/", $tag, "/console.ftl")),
            include_str!(concat!("../locales/", $tag, "/security.ftl")),
            include_str!(concat!("../locales/", $tag, "/consents.ftl")),
            include_str!(concat!("../locales/", $tag, "/testimonials.ftl")),
        ]
    };
}

/// The sources of a language, one a file.
fn sources(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => locale!("en"),
        Language::Ru => locale!("ru"),
    }
}

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| [bundle(Language::En), bundle(Language::Ru)]);

fn bundle(language: Language) -> Bundle {
    let mut bundle =
        FluentBundle::new_concurrent(vec![language.tag().parse().expect("our own tags are valid")]);
    bundle.set_use_isolating(false);
    for source in sources(language) {
        let resource = FluentResource::try_new((*source).into()).expect("locale files are well formed");
        bundle.add_resource(resource).expect("no key occurs twice");
    }
    bundle
}

impl Language {
    /// The text of a key.
    pub fn text(self, key: &str) -> String {
        self.text_with(key, &[])
    }

    /// The text of a key with what varies put in. Give a count as a number, so that plurals follow it, and its
    /// written form as a text of its own.
    pub fn text_with(self, key: &str, values: &[(&'static str, FluentValue<'_>)]) -> String {
        self.find(key, values).unwrap_or_else(|| {
            debug_assert!(false, "no text for `{key}`");
            key.to_owned()
        })
    }

    /// The text of a key made from stored data, which may be one we have no words for.
    pub fn known(self, key: &str) -> Option<String> {
        self.find(key, &[])
    }

    fn find(self, key: &str, values: &[(&'static str, FluentValue<'_>)]) -> Option<String> {
        let bundle = &BUNDLES[self as usize];
        let pattern = bundle.get_message(key)?.value()?;
        let arguments: FluentArgs<'_> = values.iter().cloned().collect();
        let mut problems = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&arguments), &mut problems);
        debug_assert!(problems.is_empty(), "`{key}` lacks a value: {problems:?}");
        Some(text.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn keys(language: Language) -> BTreeSet<String> {
        sources(language)
            .iter()
            .flat_map(|source| source.lines())
            .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
            .filter_map(|line| Some(line.split_once(" =")?.0.to_owned()))
            .collect()
    }

    fn code(folder: &Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                code(&path, into);
            } else if !path.ends_with("texts.rs") {
                into.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn both_languages_have_the_same_keys_and_variables() {
        assert_eq!(keys(Language::En), keys(Language::Ru));
        let variable = regex::Regex::new(r"\$[a-z]+").unwrap();
        for (en, ru) in sources(Language::En).iter().zip(sources(Language::Ru)) {
            let used = |source: &str| -> std::collections::BTreeMap<String, BTreeSet<String>> {
                let mut by_key = std::collections::BTreeMap::<String, BTreeSet<String>>::new();
                let mut key = String::new();
                for line in source.lines() {
                    if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
                        key = line.split(" =").next().unwrap().to_owned();
                    }
                    for found in variable.find_iter(line) {
                        by_key
                            .entry(key.clone())
                            .or_default()
                            .insert(found.as_str().to_owned());
                    }
                }
                by_key
            };
            assert_eq!(used(en), used(ru));
        }
    }

    #[test]
    fn every_key_that_the_code_names_exists() {
        let mut source = String::new();
        code(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut source);
        let named = regex::Regex::new(r#"\b(?:t|text|text_with|known)\(\s*"([a-z0-9-]+)""#).unwrap();
        let keys = keys(Language::En);
        let mut count = 0;
        for found in named.captures_iter(&source) {
            count += 1;
            assert!(keys.contains(&found[1]), "no text for `{}`", &found[1]);
        }
        assert!(count > 50, "the pattern finds the calls: {count}");
    }

    #[test]
    fn keys_made_from_registers_exist() {
        for &language in &Language::ALL {
            let exists = |key: String| assert!(language.known(&key).is_some(), "{key}");
            for t in vocabulary::DataType::ALL {
                exists(format!("type-{}", t.name().replace('_', "-")));
            }
            for r in vocabulary::Reason::ALL {
                exists(format!("reason-{}", r.name().replace('_', "-")));
            }
            for c in vocabulary::Channel::ALL {
                exists(format!("channel-{}", c.name().to_lowercase().replace(' ', "-")));
            }
        }
    }

    #[test]
    fn russian_plurals_follow_the_count() {
        for (count, want) in [
            (1, "1 посетитель"),
            (2, "2 посетителя"),
            (5, "5 посетителей"),
            (21, "21 посетитель"),
            (112, "112 посетителей"),
        ] {
            let text = Language::Ru.text_with(
                "count-visitors",
                &[("count", count.into()), ("figure", count.to_string().into())],
            );
            assert_eq!(text, want);
        }
    }
}
