//! The form for enquiries, and how any form becomes a case.

use super::{Assignees, InBoth, failed, spoken, versions, words};
use credentials::Sealed;
use office::{EnquiryForm, Intake, Office};
use policy::FieldClass;
use vault::Refusal;
use vocabulary::Moment;
use web::language::Language;
use web::public::EnquiryDoor;
use web::public::enquiry::{NewEnquiry, Terms};
use web::public::wording::Shown;

/// The way in for enquiries: they rest on `notice`, and `consents` may be given besides.
pub(super) fn door(
    office: Office,
    notice: InBoth,
    consents: Vec<InBoth>,
    assignees: Assignees,
) -> EnquiryDoor {
    EnquiryDoor {
        terms: Box::new(move |language| Terms {
            basis: notice.get(language),
            basis_is_consent: false,
            consents: consents
                .iter()
                .map(|consent| (consent.purpose, consent.get(language)))
                .collect(),
        }),
        take: Box::new(move |enquiry| {
            let (office, assignees) = (office.clone(), assignees.clone());
            Box::pin(async move {
                let taken = Sent::from(enquiry).take(&office, &assignees).await;
                taken.map(drop).map_err(failed("take an enquiry"))
            })
        }),
    }
}

/// A form as it was sent.
pub(super) struct Sent {
    /// Its name, which is the source of its values.
    pub(super) form: &'static str,
    pub(super) language: Language,
    pub(super) shown: Vec<Shown>,
    pub(super) form_sha256: [u8; 32],
    pub(super) once: [u8; 16],
    pub(super) fields: Vec<(FieldClass, Sealed)>,
    pub(super) message: Sealed,
    /// The ids of the consents that were ticked.
    pub(super) ticked: Vec<String>,
    pub(super) has_gpc: bool,
    pub(super) at: Moment,
}

impl From<NewEnquiry> for Sent {
    fn from(enquiry: NewEnquiry) -> Self {
        Self {
            form: "enquiry",
            language: enquiry.language,
            shown: enquiry.shown,
            form_sha256: enquiry.form_sha256,
            once: enquiry.once,
            fields: enquiry.fields,
            message: enquiry.message,
            ticked: enquiry.agreed.into_iter().map(|(_, shown)| shown.id).collect(),
            has_gpc: enquiry.gpc,
            at: enquiry.at,
        }
    }
}

impl Sent {
    /// Takes it in as a case. What the vault does not take as a value of its class, such as a telephone number with
    /// words in it, is not lost: it stands in the message.
    pub(super) async fn take(
        mut self,
        office: &Office,
        assignees: &Assignees,
    ) -> Result<Intake, office::Error> {
        let assignees = assignees().await.unwrap_or_else(|error| {
            tracing::error!("failed to find whom to give a case, so it waits: {error:#}");
            Vec::new()
        });
        loop {
            let ticked: Vec<&str> = self.ticked.iter().map(String::as_str).collect();
            let form = EnquiryForm {
                form: self.form,
                once: self.once,
                language: spoken(self.language),
                wordings: &versions(&self.shown),
                form_sha256: self.form_sha256,
                fields: self.fields.clone(),
                message: self.message.clone(),
                ticked: &ticked,
                has_gpc: self.has_gpc,
            };
            let error = match office.take_enquiry(form, &assignees, self.at).await {
                Ok(intake) => return Ok(intake),
                Err(error) => error,
            };
            let misfit = misfit(&error).and_then(|class| self.fields.iter().position(|(c, _)| *c == class));
            let Some(place) = misfit else { return Err(error) };
            let (class, text) = self.fields.remove(place);
            let label = words::label(self.language, class);
            let message = format!("{}\n\n{label}: {}", self.message.reveal(), text.reveal());
            self.message = Sealed::new(message);
        }
    }
}

/// The class whose value the vault refused for its shape.
fn misfit(error: &office::Error) -> Option<FieldClass> {
    match error {
        office::Error::People(people::Error::Vault(vault::Error::Refused(
            Refusal::Shape(class) | Refusal::TooLong(class),
        ))) => Some(*class),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::doors::stand::{NOW, Stand, enquiry, sealed};
    use audit::{About, Action};
    use policy::{FieldClass, Purpose};
    use web::language::Language;
    use web::public::enquiry::NewEnquiry;

    #[tokio::test(flavor = "multi_thread")]
    async fn an_enquiry_becomes_a_case_with_a_task_and_a_record() {
        let stand = Stand::new().await;
        let terms = (stand.enquiries().terms)(Language::Ru);
        assert_eq!(terms.basis.title(), "Как мы используем то, что вы нам пишете");
        assert!(!terms.basis_is_consent);
        assert_eq!(terms.consents.len(), 1);
        assert_eq!(terms.consents[0].0, Purpose::Newsletter);
        let mut sent = enquiry(&stand, "quokka");
        sent.fields
            .push((FieldClass::Phone, sealed("123-45-67 ext. quokka")));
        (stand.enquiries().take)(sent).await.unwrap();

        let case = stand.only_case().await;
        assert_eq!((case.source.as_str(), case.assignee), ("enquiry", Some(7)));
        assert!(case.task.is_some());
        let classes: Vec<FieldClass> = stand
            .office
            .vault
            .values(case.person)
            .await
            .unwrap()
            .iter()
            .map(|kept| kept.class)
            .collect();
        assert!(classes.contains(&FieldClass::Email) && !classes.contains(&FieldClass::Phone));
        let recorded: Vec<Action> = stand
            .office
            .audit
            .about(About::Person(case.person), None, 100)
            .unwrap()
            .iter()
            .map(|numbered| numbered.entry.action)
            .collect();
        assert_eq!(recorded, [Action::Receive, Action::TaskOpened]);
        let overview = stand
            .office
            .people
            .overview(&vault::Reader::Person, case.person, NOW)
            .await
            .unwrap();
        let text = overview.letters[0].text.reveal();
        assert!(text.starts_with("quokka-message") && text.ends_with("Contact: 123-45-67 ext. quokka"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_sent_twice_is_one_case_with_one_record() {
        let stand = Stand::new().await;
        let first = enquiry(&stand, "quokka");
        let once = first.once;
        (stand.enquiries().take)(first).await.unwrap();
        let again = NewEnquiry {
            once,
            ..enquiry(&stand, "quokka")
        };
        (stand.enquiries().take)(again).await.unwrap();
        let case = stand.only_case().await;
        let recorded = stand
            .office
            .audit
            .about(About::Person(case.person), None, 100)
            .unwrap();
        let actions: Vec<Action> = recorded.iter().map(|numbered| numbered.entry.action).collect();
        assert_eq!(actions, [Action::Receive, Action::TaskOpened]);
        assert_eq!(stand.office.tasks.tasks_of_account(7).await.unwrap().len(), 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_is_taken_under_a_wording_that_was_not_there() {
        let stand = Stand::new().await;
        let mut sent = enquiry(&stand, "quokka");
        sent.shown[0].version = 9;
        assert!((stand.enquiries().take)(sent).await.is_err());
        assert!(stand.cases().await.is_empty());
    }
}
