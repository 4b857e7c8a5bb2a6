//! An office with its doors, for tests.

use super::{Doors, open};
use credentials::{Sealed, Secret};
use office::Office;
use people::{Case, CaseFilter, Controller};
use policy::FieldClass;
use std::time::Duration;
use tempfile::TempDir;
use vocabulary::Moment;
use web::language::Language;
use web::public::EnquiryDoor;
use web::public::account::{LinkRequest, Stay};
use web::public::enquiry::NewEnquiry;

/// When tests happen.
pub(super) const NOW: Moment = Moment(1_780_000_000_000);
/// Where people sit.
pub(super) const HOME: &str = "192.0.2.7";
/// The site that links in letters lead to.
pub(super) const SITE: &str = "https://agency.example";

pub(super) struct Stand {
    pub(super) office: Office,
    pub(super) doors: Doors,
    folder: TempDir,
}

impl Stand {
    pub(super) async fn new() -> Self {
        Self::of(office::trial::controller()).await
    }

    /// An office of that controller.
    pub(super) async fn of(controller: Controller) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let office = office::trial::office_of(folder.path(), || NOW, controller).await;
        let doors = open(&office, async || Ok(vec![7]), async |_| Some("manager"))
            .await
            .unwrap();
        Self {
            office,
            doors,
            folder,
        }
    }

    /// The way in for enquiries.
    pub(super) fn enquiries(&self) -> &EnquiryDoor {
        self.doors.enquiries.as_ref().expect("the operator is named")
    }

    /// An enquiry whose newsletter is confirmed by the letter that asks for it.
    pub(super) async fn enquire(&self, mark: &str) {
        (self.enquiries().take)(enquiry(self, mark)).await.unwrap();
        let question = self.letters(1, NOW).await.remove(0);
        let text = question.text.reveal();
        let (_, rest) = text.split_once("/consents/confirm?token=").unwrap();
        let link = Secret::parse(rest.split('&').next().unwrap()).unwrap();
        self.office.confirm_consent(&link, NOW).await.unwrap();
        self.letters(1, NOW).await;
    }

    /// Every case, newest first.
    pub(super) async fn cases(&self) -> Vec<Case> {
        let all = CaseFilter {
            statuses: &[],
            assignee: None,
            before: None,
            most: 100,
        };
        self.office.people.cases(all).await.unwrap()
    }

    pub(super) async fn only_case(&self) -> Case {
        let mut cases = self.cases().await;
        assert_eq!(cases.len(), 1);
        cases.remove(0)
    }

    /// Asks for a letter with a link.
    pub(super) async fn ask(&self, email: &str, language: Language, at: Moment) {
        let request = LinkRequest {
            email: sealed(email),
            language,
            site: SITE.to_owned(),
            shown: self.doors.accounts.terms(language).map(|terms| terms.shown()),
            form_sha256: [4; 32],
            network: HOME.to_owned(),
            at,
        };
        self.doors.accounts.send_link(request).await.unwrap();
    }

    /// The next letters that leave, once there are so many: each as it was sent, decoded.
    pub(super) async fn letters(&self, number: u32, at: Moment) -> Vec<sharing::Letter> {
        let all = async {
            let mut sent = 0;
            while sent < number {
                sent += self.office.sharing.outbox.send_due(at).await.unwrap().sent;
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), all)
            .await
            .expect("the letters leave");
        let outbox = self.folder.path().join("outbox");
        let mut files: Vec<_> = std::fs::read_dir(&outbox)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        assert_eq!(files.len(), number as usize);
        files
            .into_iter()
            .map(|file| {
                let bytes = std::fs::read(&file).unwrap();
                std::fs::remove_file(&file).unwrap();
                sharing::Letter::read(&bytes)
            })
            .collect()
    }

    /// The secret in the letter to a new or known address.
    pub(super) async fn link(&self, email: &str, at: Moment) -> Secret {
        self.ask(email, Language::En, at).await;
        secret(&self.letters(1, at).await[0])
    }

    /// Signs in by a letter.
    pub(super) async fn enter(&self, email: &str, at: Moment) -> Secret {
        let link = self.link(email, at).await;
        let opened = self
            .doors
            .accounts
            .open_link(link, Stay::Browser, HOME.into(), at)
            .await
            .unwrap();
        opened.expect("a fresh link works")
    }
}

/// The secret of the link in a letter.
pub(super) fn secret(letter: &sharing::Letter) -> Secret {
    let text = letter.text.reveal();
    let (_, rest) = text.split_once(&format!("{SITE}/account/link?token=")).unwrap();
    Secret::parse(rest.split_whitespace().next().unwrap()).unwrap()
}

pub(super) fn sealed(text: &str) -> Sealed {
    Sealed::new(text.to_owned())
}

/// What another form carries.
pub(super) fn once() -> [u8; 16] {
    Secret::draw().unwrap().bytes()[..16].try_into().unwrap()
}

/// An enquiry whose values hold a mark, with the newsletter ticked.
pub(super) fn enquiry(stand: &Stand, mark: &str) -> NewEnquiry {
    let terms = (stand.enquiries().terms)(Language::En);
    let (purpose, newsletter) = &terms.consents[0];
    NewEnquiry {
        message: sealed(&format!("{mark}-message")),
        fields: vec![
            (FieldClass::Name, sealed(&format!("{mark}-name"))),
            (FieldClass::Company, sealed(&format!("{mark}-company"))),
            (FieldClass::Email, sealed(&format!("{mark}@mail.example"))),
        ],
        language: Language::En,
        shown: vec![terms.basis.shown(), newsletter.shown()],
        agreed: vec![(*purpose, newsletter.shown())],
        form_sha256: [3; 32],
        once: once(),
        gpc: false,
        at: NOW,
    }
}
