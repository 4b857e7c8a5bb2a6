//! The form for requests of people about their own data.

use super::enquiry::Sent;
use super::{Assignees, InBoth, failed, words};
use credentials::Sealed;
use office::Office;
use policy::FieldClass;
use web::public::RightsDoor;
use web::public::rights::NewRequest;

/// The way in for requests, which are cases too; `notice` says how their data are used.
pub(super) fn door(office: Office, notice: InBoth, assignees: Assignees) -> RightsDoor {
    RightsDoor {
        terms: Box::new(move |language| notice.get(language)),
        take: Box::new(move |request| {
            let (office, assignees) = (office.clone(), assignees.clone());
            Box::pin(async move {
                let taken = Sent::from(request).take(&office, &assignees).await;
                let intake = taken.map_err(failed("take a request about somebody's own data"))?;
                Ok(format!("R-{}", intake.case.0))
            })
        }),
    }
}

impl From<NewRequest> for Sent {
    fn from(request: NewRequest) -> Self {
        let wanted = words::wanted(request.language, request.want);
        let message = match &request.message {
            Some(message) => format!("{wanted}\n\n{}", message.reveal()),
            None => wanted.to_owned(),
        };
        // What is neither goes into the message: see `Sent::take`.
        let contact = request.contact.map(|contact| {
            let class = if contact.reveal().contains('@') {
                FieldClass::Email
            } else {
                FieldClass::Phone
            };
            (class, contact)
        });
        Self {
            form: "privacy",
            language: request.language,
            shown: vec![request.shown],
            form_sha256: request.form_sha256,
            once: request.once,
            fields: contact.into_iter().collect(),
            message: Sealed::new(message),
            ticked: Vec::new(),
            has_gpc: false,
            at: request.at,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::doors::stand::{NOW, Stand, once, sealed};
    use policy::FieldClass;
    use web::language::Language;
    use web::public::rights::{NewRequest, Want};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_request_becomes_a_case_whatever_the_contact_is() {
        let stand = Stand::new().await;
        let shown = (stand.doors.rights.terms)(Language::Ru).shown();
        for (nth, contact, class, text) in [
            (
                1,
                Some("anna@mail.example"),
                Some(FieldClass::Email),
                "Прошу удалить мои данные.\n\nВсе.",
            ),
            (
                2,
                Some("+7 495 765-43-21"),
                Some(FieldClass::Phone),
                "Прошу удалить мои данные.\n\nВсе.",
            ),
            (
                3,
                Some("ул. Ленина, 1"),
                None,
                "Прошу удалить мои данные.\n\nВсе.\n\nКонтакт: ул. Ленина, 1",
            ),
            (4, None, None, "Прошу удалить мои данные.\n\nВсе."),
        ] {
            let request = NewRequest {
                want: Want::Delete,
                contact: contact.map(sealed),
                message: Some(sealed("Все.")),
                language: Language::Ru,
                shown: shown.clone(),
                form_sha256: [5; 32],
                once: once(),
                at: NOW,
            };
            let reference = (stand.doors.rights.take)(request).await.unwrap();
            assert_eq!(reference, format!("R-{nth}"));
            let case = stand.office.people.case(people::CaseId(nth)).await.unwrap();
            assert_eq!((case.source.as_str(), case.assignee), ("privacy", Some(7)));
            let overview = stand
                .office
                .people
                .overview(&vault::Reader::Person, case.person, NOW)
                .await
                .unwrap();
            let classes: Vec<FieldClass> = overview.fields.iter().map(|field| field.class).collect();
            assert_eq!(classes, class.into_iter().collect::<Vec<_>>(), "{contact:?}");
            assert_eq!(overview.letters[0].text.reveal(), text);
        }
    }
}
