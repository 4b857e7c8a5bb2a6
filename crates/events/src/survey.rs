//! Whether what the catalog lists can be read: said before somebody asks in vain.

use crate::{
    Archive, Error, Segment,
    archive::{lock, path},
};
use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use rustc_hash::FxHashMap;
use vocabulary::SiteId;

/// Why a segment cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// A file is not there, is cut, or cannot be opened.
    Missing,
    /// What is in it makes no sense.
    Damaged,
}

impl Archive {
    /// Looks whether the files of all live segments are there in their full size; returns how many segments cannot be
    /// read, those among them whose content turned out to be damaged. Lists the files once and reads none.
    pub async fn survey(&self) -> Result<usize, Error> {
        let failed = |e: object_store::Error| Error::storage("segments", e);
        let root = path("segments")?;
        let listing = self.0.store.list(Some(&root));
        let found: FxHashMap<String, u64> = listing
            .map_ok(|file| (file.location.to_string(), file.size))
            .try_collect()
            .await
            .map_err(failed)?;
        let size = |segment: &Segment| -> Option<u64> {
            segment.files().iter().map(|file| found.get(file).copied()).sum()
        };
        // Some may have been written since the listing, or have gone.
        let suspects: Vec<Segment> = self
            .live()
            .into_iter()
            .filter(|segment| size(segment) != Some(segment.bytes as u64))
            .collect();
        let mut missing = Vec::new();
        for segment in suspects {
            if !self.is_whole(&segment).await {
                missing.push(segment);
            }
        }
        if !missing.is_empty() {
            // Another process may have put others in their place.
            self.refresh().await?;
            let live = self.live();
            missing.retain(|segment| live.contains(segment));
        }
        for segment in &missing {
            let known = lock(&self.0.unreadable).insert(segment.id, Fault::Missing);
            if known.is_none() {
                tracing::error!(path = segment.path, "the files of a segment are missing or cut");
            }
        }
        let missing: Vec<i64> = missing.iter().map(|segment| segment.id).collect();
        lock(&self.0.unreadable).retain(|id, fault| *fault == Fault::Damaged || missing.contains(id));
        Ok(self.unreadable())
    }

    /// Remembers whether a segment could be read.
    pub(crate) fn note_read<T>(&self, segment: &Segment, read: &Result<T, Error>) {
        let mut unreadable = lock(&self.0.unreadable);
        let fault = match read {
            Ok(_) => {
                unreadable.remove(&segment.id);
                return;
            }
            Err(Error::Corrupt { .. }) => Fault::Damaged,
            Err(_) => Fault::Missing,
        };
        // What was found to be cut makes no sense because of that.
        unreadable.entry(segment.id).or_insert(fault);
    }

    /// How many live segments could not be read when that was last tried, or are not all there.
    pub(crate) fn unreadable(&self) -> usize {
        let mut unreadable = lock(&self.0.unreadable);
        if unreadable.is_empty() {
            return 0;
        }
        let live = self.live();
        unreadable.retain(|id, _| live.iter().any(|segment| segment.id == *id));
        unreadable.len()
    }

    fn live(&self) -> Vec<Segment> {
        let sites: Vec<SiteId> = self.state().sites.keys().copied().collect();
        sites.into_iter().flat_map(|site| self.segments(site)).collect()
    }

    async fn is_whole(&self, segment: &Segment) -> bool {
        let mut bytes = 0;
        for file in segment.files() {
            let Ok(at) = path(&file) else { return false };
            match self.0.store.head(&at).await {
                Ok(about) => bytes += about.size,
                Err(_) => return false,
            }
        }
        bytes == segment.bytes as u64
    }
}

#[cfg(test)]
mod tests {
    use crate::{Archive, Options, traffic};
    use sqldb::Database;
    use vocabulary::{Moment, SiteId};

    #[tokio::test]
    async fn missing_and_cut_files_are_said_until_they_are_back() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = folder.path().join("catalog.sqlite").display().to_string();
        let catalog = Database::open(&catalog).await.unwrap();
        let options = Options {
            cache_bytes: 0,
            ..Options::new(folder.path(), catalog)
        };
        let archive = Archive::open(options).await.unwrap();
        archive.accept(1, traffic::dense(1, 300));
        archive.flush(Moment(traffic::START_MS)).await.unwrap();
        assert_eq!(archive.survey().await.unwrap(), 0);
        let segment = archive.segments(SiteId(0)).remove(0);
        let file = folder.path().join(&segment.files()[2]);
        let whole = std::fs::read(&file).unwrap();
        for damage in ["cut", "removed", "changed"] {
            match damage {
                "cut" => std::fs::write(&file, &whole[..whole.len() - 1]).unwrap(),
                "removed" => std::fs::remove_file(&file).unwrap(),
                _ => std::fs::write(&file, vec![7; whole.len()]).unwrap(),
            }
            // Of the right size and wrong inside: only who reads it finds out.
            let found = usize::from(damage != "changed");
            assert_eq!(archive.survey().await.unwrap(), found, "{damage}");
            assert!(archive.read(&segment).await.is_err(), "{damage}");
            assert_eq!(archive.figures().unreadable, 1, "{damage}");
            std::fs::write(&file, &whole).unwrap();
            // A file that is back is seen; whether its content is sound, again, only by who reads it.
            let left = archive.survey().await.unwrap();
            assert_eq!(left, usize::from(damage == "changed"), "{damage}");
            archive.read(&segment).await.unwrap();
            assert_eq!(archive.figures().unreadable, 0, "{damage}: it is back");
        }
    }
}
