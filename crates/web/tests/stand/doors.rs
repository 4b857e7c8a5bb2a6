//! Doors of the public site that keep what comes in memory, and one account.

#![expect(clippy::unwrap_used, reason = "a stand that breaks says so by panicking")]

use credentials::{Sealed, Secret};
use futures::future::BoxFuture;
use policy::retention::Why;
use policy::{FieldClass, LegalBasis, Purpose};
use std::sync::{Arc, Mutex};
use vocabulary::Moment;
use web::language::Language;
use web::public::account::{
    Act, Choice, ChoiceState, Entered, HeldConsent, HeldField, HeldLetter, HeldSession, HeldUse, Left,
    LinkRequest, LinkUse, Offer, Outcome, Overview, Passing, ProofNeeded, ReadBy, Reading, Stay,
};
use web::public::enquiry::{NewEnquiry, NotTaken, Terms};
use web::public::rights::NewRequest;
use web::public::{AccountDoor, EnquiryDoor, RightsDoor, Wording};

/// The address of the one account; its password is [`super::PASSWORD`].
pub(crate) const MEMBER: &str = "olga@client.example";

/// What came through the doors.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) enquiries: Mutex<Vec<NewEnquiry>>,
    pub(crate) requests: Mutex<Vec<NewRequest>>,
    pub(crate) letters: Mutex<Vec<LinkRequest>>,
    pub(crate) acts: Mutex<Vec<Act>>,
    /// Nothing is taken for a while.
    pub(crate) is_closed: Mutex<bool>,
    /// The sign-in is too old to change how one signs in.
    pub(crate) is_stale: Mutex<bool>,
    /// What an act comes to, where it is not done.
    pub(crate) outcome: Mutex<Option<Outcome>>,
    /// What changing how one signs in needs.
    pub(crate) proof: Mutex<ProofNeeded>,
    /// The operator has not said who they are.
    pub(crate) is_unnamed: Mutex<bool>,
    /// The one link moves an account.
    pub(crate) is_move: Mutex<bool>,
    /// The one link and the one session.
    pub(crate) secrets: Mutex<(Option<Secret>, Option<Secret>)>,
}

impl Taken {
    fn open(&self) -> Result<(), NotTaken> {
        if *self.is_closed.lock().unwrap() {
            Err(NotTaken)
        } else {
            Ok(())
        }
    }
}

pub(crate) fn wording(id: &str, language: Language) -> Wording {
    let text = match (id, language) {
        ("newsletter", Language::En) => {
            "# Consent to news by e-mail\n\nI agree that the agency sends me news about its services.\n\n**The only purpose:** \
             news by e-mail, once a month at most.\n\n**Which data:** my e-mail address and, if I give it, my name.\n\n\
             **How to take it back:** by one press in any letter or in my account. The letters stop at once."
        }
        ("newsletter", Language::Ru) => {
            "# Согласие на получение рассылки\n\nЯ согласен, чтобы агентство присылало мне новости о своих услугах.\n\n\
             **Единственная цель:** новости по почте, не чаще раза в месяц.\n\n**Какие данные:** адрес почты и, если я его \
             укажу, имя.\n\n**Как отозвать:** одним нажатием в любом письме или в кабинете. Письма прекращаются сразу."
        }
        (_, Language::En) => {
            "# How we use what you write to us\n\n**What for:** to answer you, and for nothing else.\n\n**Who sees it:** only \
             those who work on your enquiry.\n\n**How long:** until a year after the last letter. Then it is destroyed.\n\n\
             **What you can do:** know, correct or delete it at any time."
        }
        (_, Language::Ru) => {
            "# Как мы используем то, что вы нам пишете\n\n**Для чего:** чтобы ответить вам, и ни для чего другого.\n\n**Кто это \
             видит:** только те, кто занимается вашим обращением.\n\n**Как долго:** год после последнего письма. Потом данные \
             уничтожаются.\n\n**Что вы можете сделать:** в любое время узнать, исправить или удалить."
        }
    };
    Wording {
        id: id.into(),
        version: 1,
        text: text.into(),
        sha256: [u8::try_from(id.len()).unwrap(); 32],
    }
}

pub(crate) fn enquiries(taken: &Arc<Taken>, basis_is_consent: bool) -> EnquiryDoor {
    let taken = taken.clone();
    EnquiryDoor {
        terms: Box::new(move |language| Terms {
            basis: wording("enquiry", language),
            basis_is_consent,
            consents: vec![(Purpose::Newsletter, wording("newsletter", language))],
        }),
        take: Box::new(move |enquiry| {
            let taken = taken.clone();
            Box::pin(async move {
                taken.open()?;
                taken.enquiries.lock().unwrap().push(enquiry);
                Ok(())
            })
        }),
    }
}

pub(crate) fn rights(taken: &Arc<Taken>) -> RightsDoor {
    let taken = taken.clone();
    RightsDoor {
        terms: Box::new(|language| wording("rights", language)),
        take: Box::new(move |request| {
            let taken = taken.clone();
            Box::pin(async move {
                taken.open()?;
                let mut requests = taken.requests.lock().unwrap();
                requests.push(request);
                Ok(format!("R-{}", requests.len()))
            })
        }),
    }
}

impl Taken {
    fn is_signed_in(&self, cookie: &Secret) -> bool {
        let secrets = self.secrets.lock().unwrap();
        secrets.1.as_ref().is_some_and(|s| s.bytes() == cookie.bytes())
    }

    fn begin(&self) -> Secret {
        let cookie = Secret::draw().unwrap();
        self.secrets.lock().unwrap().1 = Some(cookie.clone());
        cookie
    }
}

impl AccountDoor for Taken {
    fn terms(&self, language: Language) -> Option<Wording> {
        (!*self.is_unnamed.lock().unwrap()).then(|| wording("account", language))
    }

    fn send_link(&self, request: LinkRequest) -> BoxFuture<'_, Result<(), NotTaken>> {
        self.letters.lock().unwrap().push(request);
        self.secrets.lock().unwrap().0 = Some(Secret::draw().unwrap());
        Box::pin(async { Ok(()) })
    }

    fn look_at_link(&self, link: Secret, _: Moment) -> BoxFuture<'_, Result<Option<LinkUse>, NotTaken>> {
        let what = if *self.is_move.lock().unwrap() {
            LinkUse::Move
        } else {
            LinkUse::SignIn
        };
        let secrets = self.secrets.lock().unwrap();
        let fits = secrets.0.as_ref().is_some_and(|l| l.bytes() == link.bytes());
        Box::pin(async move { Ok(fits.then_some(what)) })
    }

    fn open_link(
        &self,
        link: Secret,
        _: Stay,
        _: String,
        _: Moment,
    ) -> BoxFuture<'_, Result<Option<Secret>, NotTaken>> {
        let fits = self
            .secrets
            .lock()
            .unwrap()
            .0
            .take_if(|l| l.bytes() == link.bytes())
            .is_some();
        Box::pin(async move { Ok(fits.then(|| self.begin())) })
    }

    fn sign_in(
        &self,
        email: Sealed,
        password: Sealed,
        _: Stay,
        _: String,
        _: Moment,
    ) -> BoxFuture<'_, Result<Entered, NotTaken>> {
        let fits = email.reveal() == MEMBER && password.reveal() == super::PASSWORD;
        Box::pin(async move {
            Ok(if fits {
                Entered::In(self.begin())
            } else {
                Entered::Wrong
            })
        })
    }

    fn overview(&self, cookie: Secret, now: Moment) -> BoxFuture<'_, Result<Option<Overview>, NotTaken>> {
        let found = self.is_signed_in(&cookie).then(|| Overview {
            proof: *self.proof.lock().unwrap(),
            ..overview(now)
        });
        Box::pin(async move { Ok(found) })
    }

    fn act(&self, cookie: Secret, act: Act, _: Moment) -> BoxFuture<'_, Result<Outcome, NotTaken>> {
        if matches!(act, Act::AskDelete) {
            return Box::pin(async { Ok(Outcome::Left(Left::default())) });
        }
        let outcome = if let Some(outcome) = self.outcome.lock().unwrap().take() {
            outcome
        } else if *self.is_stale.lock().unwrap() {
            Outcome::SignInAgain
        } else if self.is_signed_in(&cookie) {
            Outcome::Done
        } else {
            Outcome::SignedOut
        };
        if outcome == Outcome::Done {
            if matches!(act, Act::SignOut | Act::Delete(_)) {
                self.secrets.lock().unwrap().1 = None;
            }
            self.acts.lock().unwrap().push(act);
        }
        Box::pin(async move { Ok(outcome) })
    }

    fn receipt(
        &self,
        cookie: Secret,
        id: String,
        _: Moment,
    ) -> BoxFuture<'_, Result<Option<String>, NotTaken>> {
        let found = (self.is_signed_in(&cookie) && id == "receipt-7")
            .then(|| format!("aa.{}.cc", "eyJjb25zZW50IjoibmV3cyJ9"));
        Box::pin(async move { Ok(found) })
    }

    fn export(&self, cookie: Secret, _: Moment) -> BoxFuture<'_, Result<Option<String>, NotTaken>> {
        let found = self
            .is_signed_in(&cookie)
            .then(|| r#"{"name":"Olga"}"#.to_owned());
        Box::pin(async move { Ok(found) })
    }
}

fn overview(now: Moment) -> Overview {
    const DAY_MS: i64 = 86_400_000;
    let ago = |days: i64| now.plus_ms(-days * DAY_MS);
    let field = |class: FieldClass, value: &str| HeldField {
        class,
        value: Sealed::new(value.into()),
        uses: [
            (Purpose::AnswerEnquiry, LegalBasis::Contract, "enquiry"),
            (Purpose::Newsletter, LegalBasis::Consent, "newsletter"),
        ]
        .map(|(purpose, basis, id)| HeldUse {
            purpose,
            basis,
            wording: Some(wording(id, Language::En).shown()),
        })
        .to_vec(),
        since: ago(40),
        until: (class == FieldClass::Phone).then(|| ago(-300)),
        why: Some(match class {
            FieldClass::Phone => Why::Law,
            _ => Why::Contract,
        }),
        laws: match class {
            FieldClass::Phone => vec![Sealed::new("402-FZ, article 29".into())],
            _ => Vec::new(),
        },
    };
    let choice = |state: ChoiceState, days: i64| Choice { state, at: ago(days) };
    let consent = |id: &str, purpose: Purpose, history: Vec<Choice>| HeldConsent {
        id: id.into(),
        now: *history.last().unwrap(),
        purpose,
        wording: wording("newsletter", Language::En).shown(),
        history,
        receipt: Some("receipt-7".into()),
    };
    Overview {
        email: Some(Sealed::new(MEMBER.into())),
        has_password: true,
        proof: ProofNeeded::None,
        language: Some(Language::En),
        offers: vec![Offer {
            purpose: Purpose::Newsletter,
            wording: wording("newsletter", Language::En),
            is_asked: false,
            is_refused: false,
        }],
        fields: vec![
            field(FieldClass::Name, "Olga <b>Petrova</b>"),
            field(FieldClass::Company, "Leuchtwerk"),
            field(FieldClass::Phone, "+49 30 123456"),
            field(FieldClass::BudgetRange, "100k-500k"),
        ],
        consents: vec![
            consent(
                "consent-7",
                Purpose::Newsletter,
                vec![choice(ChoiceState::Refused, 40), choice(ChoiceState::Given, 30)],
            ),
            consent(
                "consent-3",
                Purpose::Testimonial,
                vec![choice(ChoiceState::Given, 90), choice(ChoiceState::Withdrawn, 60)],
            ),
        ],
        letters: vec![HeldLetter {
            at: ago(39),
            is_ours: true,
            text: Sealed::new("Dear Olga,\n\nthank you for your question.".into()),
            uses: field(FieldClass::Message, "").uses,
            until: Some(ago(-300)),
        }],
        readings: vec![Reading {
            at: ago(39),
            by: ReadBy::Staff,
            purpose: Purpose::AnswerEnquiry,
            role: Some("manager"),
            task: Some("0011aabb".into()),
            case: Some(7),
            classes: vec![FieldClass::Name, FieldClass::Message],
            times: 3,
        }],
        passings: vec![Passing {
            at: ago(39),
            to: "Post Nord".into(),
            purpose: Some(Purpose::AnswerEnquiry),
            classes: vec![FieldClass::Name, FieldClass::Address],
        }],
        sessions: vec![
            HeldSession {
                id: 4,
                since: now,
                used: now,
                is_remembered: false,
                is_this: true,
            },
            HeldSession {
                id: 2,
                since: ago(12),
                used: ago(3),
                is_remembered: true,
                is_this: false,
            },
        ],
    }
}
