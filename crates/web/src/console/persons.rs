//! Whom a new task or emergency opening is about: by the number of a case, or by the person's own random number.

use super::desk::Desk;
use super::instead::Instead;
use crate::form::Field;
use crate::reader::value;
use maud::{Markup, html};
use people::CaseId;
use policy::FieldClass;
use vocabulary::PersonId;

/// The person that a form names and the client they belong to, or none if there is no such person.
pub(super) async fn named(
    desk: &Desk<'_>,
    fields: &[(String, String)],
) -> Result<Option<(PersonId, u32)>, Instead> {
    let office = &desk.web.office;
    let case = value(fields, "case").trim().trim_start_matches('№').trim();
    let person = if case.is_empty() {
        PersonId::parse(value(fields, "person").trim())
    } else {
        match case.parse().map(CaseId) {
            Err(_) => None,
            Ok(id) => match office.people.case(id).await {
                Ok(case) => Some(case.person),
                Err(people::Error::NotFound(_)) => None,
                Err(error) => return Err(desk.instead(error)),
            },
        }
    };
    let Some(person) = person else { return Ok(None) };
    match office.vault.client_of(person).await {
        Ok(client) => Ok(Some((person, client))),
        Err(vault::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(desk.instead(error)),
    }
}

/// The fields that name a person.
pub(super) fn fields(desk: &Desk<'_>, filled: &[(String, String)], wrong: Option<&str>) -> Markup {
    html! {
        fieldset.switches {
            legend { (desk.t("console-about-whom")) }
            (Field::new("case", &desk.t("console-case-field")).value(value(filled, "case")).most(10)
                .voluntary(&desk.t("console-or")).wrong(wrong).markup())
            (Field::new("person", &desk.t("console-person-field")).value(value(filled, "person")).most(32)
                .voluntary(&desk.t("console-or")).markup())
        }
    }
}

/// The classes whose boxes were ticked.
pub(super) fn ticked(fields: &[(String, String)]) -> Vec<FieldClass> {
    fields
        .iter()
        .filter(|(key, _)| key == "class")
        .filter_map(|(_, name)| FieldClass::parse(name))
        .collect()
}
