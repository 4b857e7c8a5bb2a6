//! The receipt of a consent: one JSON object with the fields of ISO/IEC TS 27560:2023 (all mandatory ones) and the
//! members of Kantara's KI-CR v1.1.0, which older readers look for.
//!
//! It is a function of its arguments: the same consent gives the same bytes. It names the person by a pseudonymous
//! number alone and holds no value of theirs.

use crate::consent_history::ConsentEvent;
use crate::people::hex;
use crate::{Act, Controller, Error, Wording};
use policy::{FieldClass, Purpose};
use serde_json::{Value, json};
use vocabulary::{Moment, PersonId, moment::DAY_MS};

/// Draws a receipt's number: a UUID of version 4, as KI-CR asks.
pub(crate) fn draw_id() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    Ok([
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ]
    .join("-"))
}

/// The receipt `id` of the last of `events`, all of one consent and oldest first, by the wording that was given.
pub fn receipt(
    controller: &Controller,
    wording: &Wording,
    person: PersonId,
    id: &str,
    events: &[ConsentEvent],
) -> Value {
    let last = events.last();
    let given = events.iter().rev().find(|event| event.act == Act::Give);
    let purpose = wording.purpose;
    let title = wording.title();
    let method = given.map_or("form", |event| event.method.name());
    let recipients: Vec<&str> = controller
        .recipients
        .iter()
        .filter(|recipient| recipient.purpose == purpose)
        .map(|recipient| recipient.name.as_str())
        .collect();
    let kept = wording
        .valid_ms
        .map_or("until withdrawn".to_owned(), |ms| format!("P{}D", ms / DAY_MS));
    let withdrawal = format!(
        "the link in our letters, the account ({}/account), or a message to {}",
        controller.url.trim_end_matches('/'),
        controller.email
    );
    let classes: Vec<&str> = wording.classes.iter().map(|class| class.name()).collect();
    let mut receipt = json!({
        "version": "KI-CR-v1.1.0",
        "jurisdiction": controller.jurisdiction,
        "consentTimestamp": given.map_or(0, |event| event.at.0.div_euclid(1000)),
        "collectionMethod": method,
        "consentReceiptID": id,
        "language": wording.language.name(),
        "piiPrincipalId": person,
        "piiControllers": [{
            "piiController": controller.name,
            "contact": controller.contact,
            "address": {"streetAddress": controller.address, "addressCountry": controller.country},
            "email": controller.email,
            "phone": controller.phone,
        }],
        "policyUrl": controller.policy_url,
        "services": [{
            "service": controller.url,
            "purposes": [{
                "purpose": title,
                "purposeCategory": [purpose.name()],
                "consentType": "EXPLICIT",
                "piiCategory": classes,
                "primaryPurpose": true,
                "termination": kept,
                "thirdPartyDisclosure": !recipients.is_empty(),
            }],
        }],
        "sensitive": false,
        "spiCat": [],
        "schema_version": "ISO/IEC TS 27560:2023",
        "record_id": format!("{person}-{}", purpose.name()),
        "receipt_id": id,
        "pii_principal_id": person,
        "pii_processing": [{
            "privacy_notice": controller.policy_url,
            "language": wording.language.name(),
            "purpose": title,
            "purpose_type": dpv_purpose(purpose),
            "lawful_basis": "https://w3id.org/dpv#Consent",
            "pii_information": wording.classes.iter().copied().map(pii).collect::<Vec<_>>(),
            "pii_controllers": ["controller"],
            "collection_method": method,
            "processing_method": "kept encrypted, used for this purpose alone, destroyed",
            "storage_locations": [controller.storage],
            "processing_locations": [controller.storage],
            "retention_period": kept,
            "service": controller.url,
            "jurisdiction": controller.jurisdiction,
            "recipient_third_parties": recipients,
            "withdrawal_method": withdrawal,
            "privacy_rights": ["access", "rectification", "erasure", "restriction", "portability", "withdrawal", "complaint"],
        }],
        "party_identification": [{
            "party_id": "controller",
            "party_type": "organization",
            "party_role": "pii_controller",
            "party_name": controller.name,
            "party_address": format!("{}, {}", controller.address, controller.country),
            "party_contact": controller.contact,
            "party_email": controller.email,
            "party_phone": controller.phone,
            "party_url": controller.url,
        }],
        "events": events.iter().map(|event| json!({
            "event_time": time_text(event.at),
            "validity_duration": kept,
            "entity_id": if event.method == crate::Method::Operator { "controller".to_owned() } else { person.to_string() },
            "event_type": "explicit_consent",
            "event_state": event.state.dpv(),
            "method": event.method.name(),
        })).collect::<Vec<_>>(),
        "notice_id": wording.id,
        "notice_version": wording.version,
        "notice_sha256": hex(&wording.sha256),
        "notice_text": wording.text,
        "separate_document": true,
        "ui_sha256": given.and_then(|event| event.form_sha256).map(|d| hex(&d)),
        "served_notice_id": given.and_then(|event| event.served).map(|id| id.to_string()),
        "evidence_ref": last.and_then(|event| event.evidence_sha256).map(|d| format!("sha256:{}", hex(&d))),
    });
    if !recipients.is_empty() {
        receipt["services"][0]["purposes"][0]["thirdPartyName"] = json!(recipients.join(", "));
    }
    receipt
}

fn pii(class: FieldClass) -> Value {
    json!({
        "pii_type": dpv_type(class),
        "pii_attribute_id": class.name(),
        "pii_optional": true,
        "sensitive_pii_category": false,
        "special_pii_category": false,
    })
}

/// RFC 3339 in UTC.
pub(crate) fn time_text(moment: Moment) -> String {
    jiff::Timestamp::from_millisecond(moment.0).map_or_else(|_| moment.0.to_string(), |time| time.to_string())
}

/// The nearest purpose of DPV 2.2.
fn dpv_purpose(purpose: Purpose) -> String {
    let term = match purpose {
        Purpose::AnswerEnquiry => "CommunicationManagement",
        Purpose::ProvideService | Purpose::Account => "ServiceProvision",
        Purpose::CustomerSupport => "CustomerCare",
        Purpose::Newsletter => "DirectMarketing",
        Purpose::AskAuthor | Purpose::Testimonial => "PublicRelations",
        Purpose::RightsRequest | Purpose::LegalDuty => "LegalCompliance",
    };
    format!("https://w3id.org/dpv#{term}")
}

/// The nearest category of DPV's extension for personal data.
fn dpv_type(class: FieldClass) -> String {
    let term = match class {
        FieldClass::Name => "Name",
        FieldClass::Address => "PhysicalAddress",
        FieldClass::Position => "CurrentEmployment",
        FieldClass::Email => "EmailAddress",
        FieldClass::Phone => "TelephoneNumber",
        FieldClass::Company => "WorkHistory",
        FieldClass::BudgetRange => "Preference",
        FieldClass::Message => "Communication",
    };
    format!("https://w3id.org/dpv/pd#{term}")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::consent_history::WordingShown;
    use crate::{ConsentState, Language, Method, Recipient, ServedId};
    use policy::LegalBasis;
    use sha2::{Digest, Sha256};

    pub(crate) fn controller() -> Controller {
        Controller {
            name: "Antürazh LLC".into(),
            address: "1 Example Street, 101000 Moscow".into(),
            country: "RU".into(),
            contact: "Privacy officer".into(),
            email: "privacy@agency.example".into(),
            phone: "+7 495 000-00-00".into(),
            url: "https://agency.example/".into(),
            policy_url: "https://agency.example/policy".into(),
            jurisdiction: "RU".into(),
            storage: "RU, Moscow".into(),
            recipients: vec![Recipient {
                purpose: Purpose::Newsletter,
                name: "Post House LLC".into(),
            }],
        }
    }

    pub(crate) fn example() -> Value {
        let text = "# Consent to receive our newsletter\n\nI agree.\n".to_owned();
        let wording = Wording {
            id: "newsletter".into(),
            version: 3,
            language: Language::En,
            purpose: Purpose::Newsletter,
            basis: LegalBasis::Consent,
            classes: vec![FieldClass::Name, FieldClass::Email],
            valid_ms: Some(1095 * DAY_MS),
            sha256: Sha256::digest(text.as_bytes()).into(),
            text,
            created: Moment(0),
        };
        let event = |act, state, at| ConsentEvent {
            act,
            state,
            at: Moment(at),
            method: Method::Form,
            wording: Some(WordingShown {
                id: wording.id.clone(),
                version: 3,
                language: Language::En,
                sha256: wording.sha256,
            }),
            served: Some(ServedId([7; 16])),
            form_sha256: Some([8; 32]),
            evidence_sha256: None,
            ends: None,
            receipt: None,
        };
        let events = [
            event(Act::Ask, ConsentState::Requested, 1_779_999_990_000),
            event(Act::Give, ConsentState::Given, 1_780_000_000_000),
        ];
        let id = "2f9c1a2e-77aa-4f00-8000-0123456789ab";
        receipt(&controller(), &wording, PersonId([5; 16]), id, &events)
    }

    fn must_have(value: &Value, place: &str, members: &[&str]) {
        for member in members {
            let found = value
                .get(member)
                .unwrap_or_else(|| panic!("{place}.{member} is missing"));
            let is_said = match found {
                Value::Null => false,
                Value::String(text) => !text.is_empty(),
                _ => true,
            };
            assert!(is_said, "{place}.{member} says nothing");
        }
    }

    #[test]
    fn every_mandatory_field_of_iso_27560_is_there() {
        let receipt = example();
        must_have(
            &receipt,
            "metadata",
            &["schema_version", "record_id", "receipt_id", "pii_principal_id"],
        );
        must_have(
            &receipt["pii_processing"][0],
            "processing",
            &[
                "privacy_notice",
                "language",
                "purpose",
                "lawful_basis",
                "pii_information",
                "pii_controllers",
                "collection_method",
                "processing_method",
                "storage_locations",
                "processing_locations",
                "retention_period",
                "jurisdiction",
                "recipient_third_parties",
                "withdrawal_method",
                "privacy_rights",
            ],
        );
        for pii in receipt["pii_processing"][0]["pii_information"]
            .as_array()
            .unwrap()
        {
            must_have(pii, "pii", &["pii_type"]);
        }
        must_have(
            &receipt["party_identification"][0],
            "party",
            &[
                "party_id",
                "party_address",
                "party_name",
                "party_contact",
                "party_type",
            ],
        );
        let events = receipt["events"].as_array().unwrap();
        assert_eq!(events.len(), 2);
        for event in events {
            must_have(
                event,
                "event",
                &[
                    "event_time",
                    "validity_duration",
                    "entity_id",
                    "event_type",
                    "event_state",
                ],
            );
        }
        assert_eq!(events[1]["event_state"], "ConsentGiven");
        assert_eq!(events[1]["event_time"], "2026-05-28T20:26:40Z");
        assert_eq!(
            receipt["pii_processing"][0]["pii_controllers"][0],
            receipt["party_identification"][0]["party_id"]
        );
    }

    #[test]
    fn every_mandatory_member_of_kantaras_is_there() {
        let receipt = example();
        must_have(
            &receipt,
            "receipt",
            &[
                "version",
                "jurisdiction",
                "consentTimestamp",
                "collectionMethod",
                "consentReceiptID",
                "language",
                "piiPrincipalId",
                "piiControllers",
                "policyUrl",
                "services",
                "sensitive",
                "spiCat",
            ],
        );
        must_have(
            &receipt["piiControllers"][0],
            "controller",
            &["piiController", "contact", "address", "email", "phone"],
        );
        let purpose = &receipt["services"][0]["purposes"][0];
        must_have(
            purpose,
            "purpose",
            &[
                "purpose",
                "purposeCategory",
                "consentType",
                "piiCategory",
                "primaryPurpose",
                "termination",
                "thirdPartyDisclosure",
                "thirdPartyName",
            ],
        );
        assert_eq!(receipt["consentTimestamp"], 1_780_000_000);
        assert_eq!(purpose["purpose"], "Consent to receive our newsletter");
        assert_eq!(example().to_string(), receipt.to_string(), "the same bytes again");
    }

    #[test]
    fn numbers_are_uuids_of_version_4() {
        let (one, other) = (draw_id().unwrap(), draw_id().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!(one.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&one.as_bytes()[19]));
    }
}
