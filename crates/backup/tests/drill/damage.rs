//! Every way in which a backup can be wrong is told, and nothing of it is put in place.

use crate::ground::{Ground, NOW, new_identity, tree};
use backup::{Backup, Class, Damage, Error, Identity, Maker};
use std::fs;
use std::path::{Path, PathBuf};

struct Whole {
    ground: Ground,
    backup: Backup,
}

async fn whole() -> Whole {
    let ground = Ground::new().await;
    ground.add_segment("1", vec![1; 100_000]).await;
    ground.add_segment("2", vec![2; 100_000]).await;
    fs::write(ground.at("live/log/1"), "a log").unwrap();
    fs::write(ground.at("live/log/2"), "A LOG").unwrap();
    let backup = ground.make_data().await;
    Whole { ground, backup }
}

impl Whole {
    fn own(&self, name: &str) -> PathBuf {
        self.ground.at("store/data").join(&self.backup.name).join(name)
    }

    fn pieces(&self) -> Vec<PathBuf> {
        let pieces = self.ground.at("store/data/pieces");
        tree(&pieces).into_keys().map(|path| pieces.join(path)).collect()
    }

    /// Restores, which must fail and leave no trace: no target where there was none, an empty one where it was empty.
    /// Verifying must fail in the same way.
    fn refused(&self, identity: &Identity) -> Error {
        let target = self.ground.at("target");
        let backups = [self.backup.clone()];
        let error = self
            .ground
            .store
            .restore(identity, &backups, &target)
            .unwrap_err();
        assert!(!target.exists());
        fs::create_dir(&target).unwrap();
        let again = self.ground.store.restore(identity, &backups, &target);
        assert_eq!(again.unwrap_err().to_string(), error.to_string());
        // Only an empty folder goes.
        fs::remove_dir(&target).unwrap();
        let verified = self.ground.store.verify(identity, &self.backup).unwrap_err();
        assert_eq!(verified.to_string(), error.to_string());
        error
    }

    /// With other bytes in a file; the old ones are put back.
    fn refused_with(&self, path: &Path, bytes: &[u8]) -> Error {
        let before = fs::read(path).unwrap();
        fs::write(path, bytes).unwrap();
        let error = self.refused(&self.ground.identity);
        fs::write(path, before).unwrap();
        error
    }
}

fn damage(error: &Error) -> Option<Damage> {
    match error {
        Error::Corrupt { damage, .. } => Some(*damage),
        _ => None,
    }
}

#[tokio::test]
async fn every_flipped_byte_of_a_manifest_is_noticed() {
    let whole = whole().await;
    let path = whole.own("manifest");
    let bytes = fs::read(&path).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        fs::write(&path, &changed).unwrap();
        let error = whole
            .ground
            .store
            .contents(&whole.ground.identity, &whole.backup)
            .unwrap_err();
        match at {
            0..16 => assert!(matches!(error, Error::Foreign { .. }), "byte {at}: {error}"),
            16..20 => assert!(
                matches!(error, Error::Newer { .. }) || damage(&error) == Some(Damage::Changed),
                "byte {at}: {error}"
            ),
            _ => assert!(
                matches!(damage(&error), Some(Damage::Changed | Damage::Truncated)),
                "byte {at}: {error}"
            ),
        }
    }
}

#[tokio::test]
async fn every_cut_of_a_manifest_is_noticed() {
    let whole = whole().await;
    let path = whole.own("manifest");
    let bytes = fs::read(&path).unwrap();
    for length in 0..bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let error = whole
            .ground
            .store
            .contents(&whole.ground.identity, &whole.backup)
            .unwrap_err();
        let told = damage(&error) == Some(Damage::Truncated);
        assert!(
            told || length == 0 && matches!(error, Error::Foreign { .. }),
            "{length}: {error}"
        );
    }
    assert_eq!(
        damage(&whole.refused_with(&path, &[&bytes[..], b"more"].concat())),
        Some(Damage::Changed)
    );
}

#[tokio::test]
async fn a_flip_in_any_region_of_a_piece_is_noticed() {
    let whole = whole().await;
    for path in [whole.own("0"), whole.own("2"), whole.pieces().remove(0)] {
        let bytes = fs::read(&path).unwrap();
        // Everything up to where the sealed bytes begin, then here and there, then the end.
        let places = (0..bytes.len().min(400)).step_by(19);
        let places = places.chain((400..bytes.len()).step_by(30_011));
        for at in places.chain(bytes.len().checked_sub(1)) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&path, &changed).unwrap();
            let error = whole
                .ground
                .store
                .verify(&whole.ground.identity, &whole.backup)
                .unwrap_err();
            assert!(
                matches!(&error, Error::Corrupt { path: told, damage: Damage::Changed | Damage::Truncated } if *told == path),
                "byte {at} of {}: {error}",
                path.display()
            );
        }
        let mut changed = bytes.clone();
        changed[bytes.len() / 2] ^= 1;
        assert_eq!(
            damage(&whole.refused_with(&path, &changed)),
            Some(Damage::Changed)
        );
        fs::write(&path, bytes).unwrap();
    }
    whole
        .ground
        .store
        .verify(&whole.ground.identity, &whole.backup)
        .unwrap();
}

#[tokio::test]
async fn cut_lengthened_missing_and_swapped_pieces_are_noticed() {
    let whole = whole().await;
    let pieces = whole.pieces();
    for (one, other) in [(&whole.own("0"), &whole.own("1")), (&pieces[0], &pieces[1])] {
        let (bytes, others) = (fs::read(one).unwrap(), fs::read(other).unwrap());
        for length in [0, 1, 100, bytes.len() / 2, bytes.len() - 1] {
            assert_eq!(
                damage(&whole.refused_with(one, &bytes[..length])),
                Some(Damage::Truncated)
            );
        }
        let longer = whole.refused_with(one, &[&bytes[..], b"x"].concat());
        assert_eq!(damage(&longer), Some(Damage::Changed));
        fs::write(one, &others).unwrap();
        fs::write(other, &bytes).unwrap();
        // Two age files differ a little in length, for whatever they hold.
        let swapped = damage(&whole.refused(&whole.ground.identity));
        assert!(
            matches!(swapped, Some(Damage::Swapped | Damage::Truncated)),
            "{swapped:?}"
        );
        fs::write(other, others).unwrap();
        fs::remove_file(one).unwrap();
        assert_eq!(
            damage(&whole.refused(&whole.ground.identity)),
            Some(Damage::Missing)
        );
        fs::write(one, bytes).unwrap();
    }
    fs::remove_file(whole.own("manifest")).unwrap();
    assert_eq!(
        damage(&whole.refused(&whole.ground.identity)),
        Some(Damage::Missing)
    );
}

#[tokio::test]
async fn an_impostor_of_the_same_length_for_the_same_recipient_is_noticed() {
    let whole = whole().await;
    let path = whole.own("0");
    let length = fs::metadata(&path).unwrap().len();
    let text = fs::read_to_string(whole.ground.at("identity.txt")).unwrap();
    let recipient = text
        .lines()
        .next()
        .unwrap()
        .strip_prefix("# public key: ")
        .unwrap();
    let recipient: age::x25519::Recipient = recipient.parse().unwrap();
    // The lengths of age files vary.
    let impostor = std::iter::repeat_with(|| age::encrypt(&recipient, b"A LIE").unwrap())
        .find(|sealed| sealed.len() as u64 == length)
        .unwrap();
    assert_eq!(
        damage(&whole.refused_with(&path, &impostor)),
        Some(Damage::Swapped)
    );
}

#[tokio::test]
async fn one_backup_under_the_name_of_another_is_noticed() {
    let mut whole = whole().await;
    let other = whole
        .ground
        .make(Class::Data, whole.ground.data(), NOW.plus_ms(1))
        .await
        .backup;
    let folder = |backup: &Backup| whole.ground.at("store/data").join(&backup.name);
    fs::remove_dir_all(folder(&other)).unwrap();
    fs::rename(folder(&whole.backup), folder(&other)).unwrap();
    whole.backup = other;
    assert_eq!(
        damage(&whole.refused(&whole.ground.identity)),
        Some(Damage::Swapped)
    );
}

#[tokio::test]
async fn foreign_and_newer_backups_are_told_apart() {
    let whole = whole().await;
    let manifest = whole.own("manifest");
    let foreign = whole.refused_with(&manifest, b"age-encryption.org/v1\n-> X25519 abc\n");
    assert!(matches!(foreign, Error::Foreign { .. }));
    let mut newer = fs::read(&manifest).unwrap();
    newer[16] = 2;
    let newer = whole.refused_with(&manifest, &newer);
    assert!(matches!(newer, Error::Newer { format: 2, .. }));
    new_identity(&whole.ground.at("other.txt"));
    let other = Identity::read(&whole.ground.at("other.txt"), None).unwrap();
    assert!(matches!(whole.refused(&other), Error::OtherRecipient { .. }));
}

#[tokio::test]
async fn a_backup_forged_for_the_right_recipient_is_noticed() {
    let whole = whole().await;
    let mut order = whole
        .ground
        .order(Class::Data, whole.ground.data(), NOW.plus_ms(1));
    order.maker = Maker::open(&whole.ground.at("forger.key")).unwrap();
    let forger = order.maker.id();
    let backup = whole.ground.store.create(order).await.unwrap().backup;
    let forged = Whole {
        backup,
        ground: whole.ground,
    };
    let told = forged.refused(&forged.ground.identity);
    assert!(
        matches!(told, Error::OtherMaker { found, .. } if found == forger),
        "{told}"
    );
    let trusting = Identity::read(&forged.ground.at("identity.txt"), None).unwrap();
    let contents = forged.ground.store.contents(&trusting, &forged.backup).unwrap();
    assert_eq!(contents.maker, forger);
    assert_eq!(forger.to_string().parse::<backup::MakerId>().unwrap(), forger);
}

#[tokio::test]
async fn a_damaged_backup_does_not_hide_the_others() {
    let whole = whole().await;
    let other = whole
        .ground
        .make(Class::Keys, whole.ground.key_parts(), NOW)
        .await
        .backup;
    fs::write(whole.own("manifest"), "x").unwrap();
    let listed = whole.ground.store.list(&whole.ground.identity).unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed[0].backup == whole.backup && matches!(listed[0].contents, Err(Error::Foreign { .. })));
    assert!(listed[1].backup == other && listed[1].contents.is_ok());
}

#[test]
fn files_of_keys_are_read_with_care() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("identity");
    for (text, good) in [
        ("", false),
        ("# only a comment\n", false),
        ("age1qqq\n", false),
        (Identity::generate().0.as_str(), true),
    ] {
        fs::write(&path, text).unwrap();
        assert_eq!(Identity::read(&path, None).is_ok(), good, "{text}");
    }
    assert_eq!(format!("{:?}", Identity::read(&path, None).unwrap()), "[sealed]");
    let key = folder.path().join("maker");
    let id = Maker::open(&key).unwrap().id();
    assert_eq!(Maker::open(&key).unwrap().id(), id);
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    assert!(matches!(Maker::open(&key), Err(Error::Exposed { .. })));
    assert!(matches!(
        backup::Recipients::parse(&["age1x"]),
        Err(Error::Recipient(_))
    ));
    assert!(matches!(
        backup::Recipients::parse::<&str>(&[]),
        Err(Error::NoRecipient)
    ));
}
