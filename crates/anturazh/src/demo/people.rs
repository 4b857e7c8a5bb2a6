//! The people of the demo: they write, agree, open an account and say something for the site, and staff answers, each
//! through the door that everybody takes, at a time within the last weeks.

use super::enquirers::{ACCOUNT_HOLDER, ENQUIRERS, Enquirer, Then};
use super::sign_in::SignIn;
use super::voices::{VOICES, Voice};
use crate::{doors, doors::Doors, jobs, store::Store};
use anyhow::{Context, bail};
use audit::{Action, Actor, Entry, Subject};
use credentials::{Sealed, Secret};
use office::{AuthorForm, Office};
use people::{Case, CaseFilter, CaseStatus, NewTestimonial, Said};
use policy::{FieldClass, Purpose};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use tasks::TaskStatus;
use vault::Reader;
use vocabulary::{
    ClientId, Moment,
    moment::{DAY_MS, HOUR_MS},
};
use web::public::account::{LinkRequest, Stay};
use web::public::enquiry::NewEnquiry;
use web::public::wording::Shown;

/// Since when the agency has been at work, before everybody in the tables.
const SINCE_MS: i64 = 28 * DAY_MS;
/// How long after an enquiry it is read.
const READ_MS: i64 = HOUR_MS;
/// How long after an enquiry it is answered.
const ANSWERED_MS: i64 = 5 * HOUR_MS;
/// How long after an enquiry an account is opened.
const ACCOUNT_MS: i64 = 29 * HOUR_MS;
/// How long after an enquiry its case is closed.
const CLOSED_MS: i64 = 53 * HOUR_MS;
/// How long after the letter a testimonial is agreed to.
const AGREED_MS: i64 = 21 * HOUR_MS;
/// How long a letter may take to leave.
const LETTER: Duration = Duration::from_secs(10);

/// Something that happens.
enum Act {
    Write(&'static Enquirer),
    Read(&'static Enquirer, CaseStatus),
    Answer(&'static Enquirer, &'static str),
    OpenAccount(&'static Enquirer),
    Close(&'static Enquirer),
    AskAuthor(&'static Voice),
    Agree(&'static Voice),
}

/// All that happens, in the order of time.
fn timeline(now: Moment) -> Vec<(Moment, Act)> {
    let mut all = Vec::new();
    for who in ENQUIRERS {
        let at = now.plus_ms(-who.hours_ago * HOUR_MS);
        all.push((at, Act::Write(who)));
        match who.then {
            Then::Nothing => {}
            Then::Read => all.push((at.plus_ms(READ_MS), Act::Read(who, CaseStatus::Open))),
            Then::Waits => all.push((at.plus_ms(READ_MS), Act::Read(who, CaseStatus::Waiting))),
            Then::Answered(text) | Then::Closed(text) => {
                all.push((at.plus_ms(ANSWERED_MS), Act::Answer(who, text)));
            }
        }
        if who.email == ACCOUNT_HOLDER {
            all.push((at.plus_ms(ACCOUNT_MS), Act::OpenAccount(who)));
        }
        if matches!(who.then, Then::Closed(_)) {
            all.push((at.plus_ms(CLOSED_MS), Act::Close(who)));
        }
    }
    for voice in VOICES {
        let at = now.plus_ms(-voice.hours_ago * HOUR_MS);
        all.push((at, Act::AskAuthor(voice)));
        if voice.agrees {
            all.push((at.plus_ms(AGREED_MS), Act::Agree(voice)));
        }
    }
    all.sort_by_key(|(at, _)| *at);
    all
}

/// Lets all of it happen. `site` is the address that links in letters lead to.
pub(super) async fn come(store: &Store, site: &str, now: Moment) -> anyhow::Result<()> {
    let since = now.plus_ms(-SINCE_MS);
    let staff = store.staff().await?;
    let office = store.office_at(since).await?;
    let account = SignIn::make(&staff, &office, &store.folder, since).await?.0;
    let giving = staff.clone();
    let doors = doors::open(
        &office,
        move || {
            let staff = giving.clone();
            async move { jobs::assignees(&staff).await }
        },
        jobs::role_of(&staff),
    )
    .await?;
    let mut agency = Agency {
        office: office.clone(),
        doors,
        account,
        site: site.to_owned(),
        outbox: store.folder.people("outbox"),
        cases: BTreeMap::new(),
        links: BTreeMap::new(),
    };
    for (at, act) in timeline(now) {
        agency.act(act, at).await?;
    }
    office.audit.checkpoint()?;
    office.audit.close().await?;
    Ok(())
}

/// The agency at work.
struct Agency {
    office: Office,
    doors: Doors,
    /// The account of staff that answers.
    account: u32,
    site: String,
    outbox: PathBuf,
    /// By message.
    cases: BTreeMap<&'static str, people::CaseId>,
    /// What authors were sent, by their words.
    links: BTreeMap<&'static str, Secret>,
}

impl Agency {
    async fn act(&mut self, act: Act, at: Moment) -> anyhow::Result<()> {
        match act {
            Act::Write(who) => self.take(who, at).await,
            Act::Read(who, status) => self.read(who, status, at).await,
            Act::Answer(who, text) => self.answer(who, text, at).await,
            Act::OpenAccount(who) => self.open_account(who, at).await,
            Act::Close(who) => self.close(who, at).await,
            Act::AskAuthor(voice) => self.ask_author(voice, at).await,
            Act::Agree(voice) => self.agree(voice, at).await,
        }
    }

    async fn take(&mut self, who: &'static Enquirer, at: Moment) -> anyhow::Result<()> {
        let door = self.doors.enquiries.as_ref();
        let door = door.context("the demo says who answers for people's data")?;
        let terms = (door.terms)(who.language);
        let consents = terms
            .consents
            .iter()
            .map(|(purpose, wording)| (*purpose, wording.shown()));
        let shown: Vec<Shown> = std::iter::once(terms.basis.shown())
            .chain(consents.clone().map(|(_, shown)| shown))
            .collect();
        let mut once = [0; 16];
        getrandom::fill(&mut once)?;
        let fields = [
            (FieldClass::Name, who.name),
            (FieldClass::Company, who.company),
            (FieldClass::Position, who.position),
            (FieldClass::Email, who.email),
            (FieldClass::Phone, who.phone),
            (FieldClass::BudgetRange, who.budget_range),
        ];
        let enquiry = NewEnquiry {
            message: Sealed::new(who.message.to_owned()),
            fields: fields
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(class, text)| (class, Sealed::new(text.to_owned())))
                .collect(),
            language: who.language,
            form_sha256: digest_of(&shown),
            shown,
            agreed: consents
                .filter(|(purpose, _)| who.wants_letters && *purpose == Purpose::Newsletter)
                .collect(),
            once,
            gpc: false,
            at,
        };
        (door.take)(enquiry).await?;
        if who.wants_letters {
            let link = secret(&self.next_letter(at).await?)?;
            self.office.confirm_consent(&link, at).await?;
            self.next_letter(at).await?;
        }
        let newest = CaseFilter {
            statuses: &[],
            assignee: None,
            before: None,
            most: 1,
        };
        let case = self.office.people.cases(newest).await?.pop();
        self.cases
            .insert(who.message, case.context("an enquiry is a case")?.id);
        Ok(())
    }

    async fn case(&self, who: &Enquirer) -> anyhow::Result<(Case, Reader)> {
        let id = self.cases.get(who.message).context("an enquiry comes first")?;
        let case = self.office.people.case(*id).await?;
        let reader = self.reader(case.task)?;
        Ok((case, reader))
    }

    fn reader(&self, task: Option<vocabulary::TaskId>) -> anyhow::Result<Reader> {
        Ok(Reader::Staff {
            account: self.account,
            task: task.context("there is somebody whose task it is")?,
            break_glass: false,
            second_factor: true,
        })
    }

    async fn read(&self, who: &Enquirer, status: CaseStatus, at: Moment) -> anyhow::Result<()> {
        let (case, reader) = self.case(who).await?;
        let people = &self.office.people;
        people
            .open_letters(&reader, case.id, None, Purpose::AnswerEnquiry, at)
            .await?;
        people.set_case_status(case.id, status, at).await?;
        self.note(&case, Action::TaskChanged, 0, at).await
    }

    async fn answer(&self, who: &Enquirer, text: &str, at: Moment) -> anyhow::Result<()> {
        let (case, reader) = self.case(who).await?;
        let subject = match who.language {
            web::language::Language::En => "Your enquiry",
            web::language::Language::Ru => "Ваше обращение",
        };
        let (subject, text) = (Sealed::new(subject.to_owned()), Sealed::new(text.to_owned()));
        let people = &self.office.people;
        let letter = people.reply(&reader, case.id, &subject, &text, at).await?;
        self.note(&case, Action::MessageSent, 1, at).await?;
        self.office.hand_over(&letter, at).await?;
        self.next_letter(at).await?;
        Ok(())
    }

    async fn close(&self, who: &Enquirer, at: Moment) -> anyhow::Result<()> {
        let (case, _) = self.case(who).await?;
        let task = case.task.context("there is somebody whose task it is")?;
        let people = &self.office.people;
        people.set_case_status(case.id, CaseStatus::Closed, at).await?;
        self.note(&case, Action::TaskChanged, 0, at).await?;
        self.office
            .tasks
            .set_status(task, TaskStatus::Done, self.account, at)
            .await?;
        self.note(&case, Action::TaskClosed, 0, at).await
    }

    async fn open_account(&self, who: &Enquirer, at: Moment) -> anyhow::Result<()> {
        let accounts = &self.doors.accounts;
        let shown = accounts.terms(who.language).map(|terms| terms.shown());
        let request = LinkRequest {
            email: Sealed::new(who.email.to_owned()),
            language: who.language,
            site: self.site.clone(),
            form_sha256: digest_of(shown.as_slice()),
            shown,
            network: "demo".to_owned(),
            at,
        };
        accounts.send_link(request).await?;
        let link = secret(&self.next_letter(at).await?)?;
        let opened = accounts.open_link(link, Stay::Browser, String::new(), at).await?;
        opened.context("a fresh link opens an account")?;
        Ok(())
    }

    async fn ask_author(&mut self, voice: &'static Voice, at: Moment) -> anyhow::Result<()> {
        let line = |text: &str| Some(Sealed::new(text.to_owned()));
        let new = NewTestimonial {
            language: voice.language,
            said: Said {
                text: Sealed::new(voice.words.to_owned()),
                name: line(voice.name),
                position: line(voice.position),
                company: line(voice.company),
            },
            email: Sealed::new(voice.email.to_owned()),
            written_by: self.account,
        };
        let id = self.office.draft_testimonial(&new, at).await?;
        let reader = self.reader(self.office.people.testimonial(id).await?.task)?;
        self.office
            .ask_author(&reader, id, self.account, &self.site, at)
            .await?;
        let link = secret(&self.next_letter(at).await?)?;
        self.links.insert(voice.words, link);
        Ok(())
    }

    async fn agree(&self, voice: &Voice, at: Moment) -> anyhow::Result<()> {
        let link = self.links.get(voice.words).context("the author is asked first")?;
        let asked = self.office.people.author_link(link, at).await?.testimonial;
        let mut shown = Vec::new();
        for id in [people::testimonial_answer::CONSENT, "testimonial-draft"] {
            let wording = self.office.people.wording(id, voice.language).await?;
            shown.push(web::public::Wording::from(wording).shown());
        }
        let wordings: Vec<(&str, u32)> = shown.iter().map(|one| (one.id.as_str(), one.version)).collect();
        let form = AuthorForm {
            language: voice.language,
            wordings: &wordings,
            form_sha256: digest_of(&shown),
            said_sha256: asked.sha256,
        };
        self.office
            .agree_to_testimonial(link, &form, &self.site, at)
            .await?;
        self.next_letter(at).await?;
        Ok(())
    }

    /// The letter that leaves next.
    async fn next_letter(&self, at: Moment) -> anyhow::Result<sharing::Letter> {
        let leaves = async {
            loop {
                let pass = self.office.sharing.outbox.send_due(at).await?;
                if pass.stopped.is_some() {
                    bail!("no mail can be put into `{}`", self.outbox.display());
                }
                if pass.sent > 0 {
                    return Ok(());
                }
                // The answer to whoever asks for a link does not wait for the letter.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let left = tokio::time::timeout(LETTER, leaves).await;
        left.context("a letter did not leave")??;
        let mut newest = None;
        for file in std::fs::read_dir(&self.outbox)? {
            newest = newest.max(Some(file?.path()));
        }
        let newest = newest.context("a letter that left is a file")?;
        Ok(sharing::Letter::read(&std::fs::read(newest)?))
    }

    async fn note(&self, case: &Case, action: Action, count: u32, at: Moment) -> anyhow::Result<()> {
        let entry = Entry {
            subject: Subject {
                person: Some(case.person),
                task: case.task,
                account: case.assignee,
                client: Some(ClientId(case.client)),
                site: None,
            },
            purpose: Some(Purpose::AnswerEnquiry.name().into()),
            count,
            ..Entry::new(at, Actor::Staff(self.account), action)
        };
        Ok(self.office.record(entry).await?)
    }
}

/// SHA-256 of a form of the demo. It is on no page, so it consists of its wordings.
fn digest_of(shown: &[Shown]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for one in shown {
        hash.update(one.sha256);
    }
    hash.finalize().into()
}

/// The secret of the link in a letter.
fn secret(letter: &sharing::Letter) -> anyhow::Result<Secret> {
    let (_, rest) = letter.text.reveal().split_once("token=").context("no link")?;
    let text = rest.split([' ', '\n', '&']).next().unwrap_or_default();
    Secret::parse(text).context("the link of a letter is broken")
}
