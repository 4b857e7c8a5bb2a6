//! Where the operator's key is: in a file or at a key service. Where the configuration names both, the one that the
//! clients' keys are wrapped by is in use; the other may take its place (`keys rotate operator --to …`).

use crate::{configuration::Configuration, folder::Folder};
use anyhow::{Context, bail};
use office::KeyPlace;
use sharing::Transit;
use std::path::PathBuf;
use vault::{AgeFile, OperatorKey as _};

/// Where the operator's key can be.
pub(crate) struct KeyPlaces {
    /// Its age identity file, there or not.
    pub(crate) file: PathBuf,
    /// The key service, if one is configured.
    pub(crate) service: Option<Transit>,
    /// Whether a new file may be made: nothing was ever wrapped by another.
    may_be_made: bool,
}

impl KeyPlaces {
    /// To be asked before the databases are opened, which makes the file of the keys.
    pub(crate) fn of(folder: &Folder, configuration: &Configuration) -> anyhow::Result<Self> {
        let people = &configuration.people;
        let service = people.transit.as_ref().map(|transit| {
            let url = transit.url.parse();
            anyhow::Ok(Transit {
                url: url.with_context(|| format!("`people.transit.url`: `{}` is no address", transit.url))?,
                mount: transit.mount.clone(),
                key: transit.key.clone(),
                token_file: transit.token_file.clone(),
            })
        });
        let is_elsewhere = people.keys.is_some() && people.operator_key.is_some();
        Ok(Self {
            file: people
                .operator_key
                .clone()
                .unwrap_or_else(|| folder.key("operator.age")),
            service: service.transpose()?,
            may_be_made: !is_elsewhere && !folder.people("keys.sqlite").exists(),
        })
    }

    /// Whether there are a file and a service.
    pub(crate) fn are_two(&self) -> bool {
        self.service.is_some() && self.file.exists()
    }

    /// Whether [`KeyPlaces::in_use`] needs to know what wraps the clients' keys: which of two is meant, or whether a file
    /// that is missing was ever used.
    pub(crate) fn needs_wrapping(&self) -> bool {
        self.are_two() || self.service.is_none() && !self.file.exists() && !self.may_be_made
    }

    /// The key in use, where clients' keys are wrapped by `wrapping`, names of keys. While one takes the place of
    /// the other it is the old one. Where nothing was wrapped yet, as after a first start that failed, a file may be made.
    pub(crate) fn in_use(&self, wrapping: &[String]) -> anyhow::Result<KeyPlace> {
        let file = || KeyPlace::File(self.file.clone());
        match &self.service {
            Some(service) => {
                if self.file.exists() && wrapping.contains(&AgeFile::open(&self.file)?.id()) {
                    return Ok(file());
                }
                Ok(KeyPlace::Service(service.clone()))
            }
            None if self.file.exists() => Ok(file()),
            None if self.may_be_made || wrapping.is_empty() => Ok(KeyPlace::NewFile(self.file.clone())),
            None => bail!(
                "the operator's key is missing at `{}`: without it nothing of people can be read; restore it from its \
                 copy",
                self.file.display()
            ),
        }
    }

    /// Where the next file is until all is wrapped with it.
    pub(crate) fn next_file(&self) -> PathBuf {
        self.file.with_extension("next")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_that_wraps_is_in_use_and_a_lost_one_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let mut places = KeyPlaces {
            file: folder.path().join("operator.age"),
            service: None,
            may_be_made: true,
        };
        let service = Transit {
            url: "https://vault.example".parse().unwrap(),
            mount: "transit".into(),
            key: "anturazh".into(),
            token_file: folder.path().join("token"),
        };
        let name = KeyPlace::Service(service.clone()).name();
        assert!(matches!(places.in_use(&[]).unwrap(), KeyPlace::NewFile(_)));
        places.may_be_made = false;
        assert!(matches!(places.in_use(&[]).unwrap(), KeyPlace::NewFile(_)));
        let told = places.in_use(&["age1lost".to_owned()]).unwrap_err().to_string();
        assert!(told.contains("restore it"), "{told}");
        let id = AgeFile::create(&places.file).unwrap().id();
        assert!(matches!(places.in_use(&[]).unwrap(), KeyPlace::File(_)));

        places.service = Some(service);
        for (wrapping, is_file) in [
            (vec![], false),
            (vec![name.clone()], false),
            (vec!["age1other".to_owned()], false),
            (vec![id.clone()], true),
            (vec![id, name], true),
        ] {
            let used = places.in_use(&wrapping).unwrap();
            assert_eq!(matches!(used, KeyPlace::File(_)), is_file, "{wrapping:?}");
        }
    }
}
