//! The Cedar policies: read once, asked often.

use crate::request::Vocabulary;
use crate::{Decision, Question};
use cedar_policy::{
    ActionConstraint, Authorizer, Decision as Verdict, EntityUid, Policy, PolicyId, PolicySet, Schema,
    ValidationMode, Validator,
};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;

/// The schema that is built in: its file name and text.
pub const SCHEMA: (&str, &str) = (
    "anturazh.cedarschema",
    include_str!("../policies/anturazh.cedarschema"),
);

/// The policies that are built in: file names and texts.
pub const POLICIES: &[(&str, &str)] = &[
    ("staff.cedar", include_str!("../policies/staff.cedar")),
    ("break_glass.cedar", include_str!("../policies/break_glass.cedar")),
    ("partner.cedar", include_str!("../policies/partner.cedar")),
    ("always.cedar", include_str!("../policies/always.cedar")),
];

/// A set of policies, ready to decide.
#[derive(Debug)]
pub struct Policies {
    set: PolicySet,
    /// For each action of the schema, the policies that are not for another one alone.
    by_action: HashMap<EntityUid, PolicySet>,
    schema: Schema,
    authorizer: Authorizer,
    vocabulary: Vocabulary,
    sha256: String,
}

/// Why policies cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadPolicies {
    /// A file cannot be read as Cedar.
    #[error("read `{file}`: {why}")]
    Unreadable {
        /// Its name.
        file: String,
        /// Where and what, as Cedar says it.
        why: String,
    },
    /// A policy lacks an annotation: every one has `@id`, `@promise` and `@says`.
    #[error("read `{file}`: a policy has no `@{annotation}`")]
    NotAnnotated {
        /// The file's name.
        file: String,
        /// The annotation.
        annotation: &'static str,
    },
    /// Two policies have the same `@id`.
    #[error("read the policies: two have the id `{0}`")]
    Repeated(String),
    /// The schema has a group of actions.
    #[error("read the schema: `{0}` is a group of actions")]
    Group(String),
    /// Strict validation against the schema failed.
    #[error("validate the policies: {0}")]
    Invalid(String),
}

impl Policies {
    /// The policies that are built in.
    pub fn shipped() -> Self {
        Self::read(SCHEMA, POLICIES).expect("a test reads and validates the built-in policies")
    }

    /// Reads a schema and policies, each a file's name and text, and validates them in strict mode.
    pub fn read(schema: (&str, &str), files: &[(&str, &str)]) -> Result<Self, BadPolicies> {
        let mut digest = Sha256::new();
        for (name, text) in std::iter::once(&schema).chain(files) {
            for part in [name, text] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part);
            }
        }
        let unreadable = |file: &str, why: String| BadPolicies::Unreadable {
            file: file.to_owned(),
            why,
        };
        let (schema, _) =
            Schema::from_cedarschema_str(schema.1).map_err(|e| unreadable(schema.0, e.to_string()))?;
        // A request names its action alone, so a policy for a group would be passed over.
        if let Some(group) = schema.action_groups().next() {
            return Err(BadPolicies::Group(group.to_string()));
        }
        let mut set = PolicySet::new();
        for &(file, text) in files {
            let read: PolicySet = text
                .parse()
                .map_err(|e: cedar_policy::ParseErrors| unreadable(file, e.to_string()))?;
            for policy in read.policies() {
                for annotation in ["id", "promise", "says"] {
                    if policy.annotation(annotation).is_none_or(str::is_empty) {
                        let file = file.to_owned();
                        return Err(BadPolicies::NotAnnotated { file, annotation });
                    }
                }
                let id = policy.annotation("id").unwrap_or_default();
                set.add(policy.new_id(PolicyId::new(id)))
                    .map_err(|_| BadPolicies::Repeated(id.to_owned()))?;
            }
        }
        let validation = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
        if !validation.validation_passed() {
            let errors: Vec<String> = validation.validation_errors().map(ToString::to_string).collect();
            return Err(BadPolicies::Invalid(errors.join("; ")));
        }
        let mut by_action = HashMap::new();
        for action in schema.actions() {
            let is_for_another = |policy: &Policy| matches!(policy.action_constraint(), ActionConstraint::Eq(other) if other != *action);
            let some = set.policies().filter(|policy| !is_for_another(policy)).cloned();
            let some =
                PolicySet::from_policies(some).expect("ids that differ in one set do so in a part of it");
            by_action.insert(action.clone(), some);
        }
        Ok(Self {
            set,
            by_action,
            schema,
            authorizer: Authorizer::new(),
            vocabulary: Vocabulary::new(),
            sha256: digest.finalize().iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            }),
        })
    }

    /// SHA-256, in lower-case hexadecimal, over the length (8 bytes, big-endian) and bytes of the schema's name and
    /// text and then of each policy file's: what a decision was made by.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The ids of the policies, sorted, each with the promise it keeps.
    pub fn promises(&self) -> Vec<(String, String)> {
        let mut promises: Vec<_> = self
            .set
            .policies()
            .map(|policy| {
                let promise = policy.annotation("promise").unwrap_or_default();
                (policy.id().to_string(), promise.to_owned())
            })
            .collect();
        promises.sort();
        promises
    }

    /// Decides. What no policy permits, what one forbids, what cannot be said in the words of the schema and what a
    /// policy fails on is denied.
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        // Which facts there are follows from the types of the question, and takes as long to check as to decide: so only
        // where tests ask. A fact that is missing all the same makes a policy fail, and that denies.
        self.decide_by(question, cfg!(debug_assertions).then_some(&self.schema))
    }

    fn decide_by(&self, question: &Question<'_>, schema: Option<&Schema>) -> Decision {
        let misfit = "the question does not fit the schema of the policies";
        let Ok((request, entities)) = self.vocabulary.request(question, schema) else {
            return Decision::denied(misfit);
        };
        let Some(policies) = request.action().and_then(|action| self.by_action.get(action)) else {
            return Decision::denied(misfit);
        };
        let response = self.authorizer.is_authorized(&request, policies, &entities);
        let diagnostics = response.diagnostics();
        if diagnostics.errors().next().is_some() {
            return Decision::denied("a policy could not be evaluated");
        }
        let mut policies: Vec<String> = diagnostics.reason().map(ToString::to_string).collect();
        policies.sort();
        let says: Vec<&str> = policies
            .iter()
            .filter_map(|id| self.set.annotation(&PolicyId::new(id), "says"))
            .collect();
        let reason = if says.is_empty() {
            "no open task, grant or share of the asker covers this person, these classes and this purpose now"
                .to_owned()
        } else {
            says.join("; ")
        };
        Decision {
            allowed: response.decision() == Verdict::Allow,
            policies,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Act, Leave, Principal, Scope, TaskStatus};
    use policy::{FieldClass, Purpose};
    use std::collections::BTreeSet;
    use vocabulary::{Moment, PersonId};

    #[test]
    fn what_does_not_fit_the_schema_is_denied_unchecked_too() {
        let policies = Policies::shipped();
        let person = PersonId([1; 16]);
        let scope = Scope {
            client: 7,
            purpose: Purpose::RightsRequest,
            persons: BTreeSet::from([person]),
            classes: FieldClass::ALL.iter().copied().collect(),
            from: Moment(0),
            until: Moment(1_000),
            ended: false,
        };
        let grant = Leave::Grant {
            scope: scope.clone(),
            status: TaskStatus::Open,
            approved: true,
        };
        let glass = Leave::BreakGlass {
            scope: scope.clone(),
            confirmed: true,
            alarm: true,
        };
        let service = "mailing";
        let share = Leave::Share {
            scope,
            service: service.to_owned(),
        };
        let staff = Principal::Staff {
            account: 1,
            second_factor: true,
        };
        let partner = Principal::Partner { partner: 1, service };
        let export = Act::ExportPerson {
            person,
            on_hold: false,
            classes: FieldClass::ALL,
        };
        let search = Act::SearchByContact(FieldClass::Email);
        for act in [Act::ListPersons, search, export] {
            for (principal, leave, fits) in [
                (staff, &grant, true),
                (staff, &glass, false),
                (staff, &share, false),
                (partner, &grant, false),
                (partner, &glass, false),
                (partner, &share, false),
            ] {
                let question = Question {
                    principal,
                    act,
                    client: 7,
                    purpose: Purpose::RightsRequest,
                    leave: Some(leave.clone()),
                    now: Moment(500),
                };
                let checked = policies.vocabulary.request(&question, Some(&policies.schema));
                assert_eq!(checked.is_ok(), fits, "{question:?}");
                for schema in [None, Some(&policies.schema)] {
                    let decision = policies.decide_by(&question, schema);
                    assert_eq!(decision.allowed, fits, "{question:?}: {decision:?}");
                }
            }
        }
    }

    #[test]
    fn the_built_in_policies_are_valid_in_strict_mode_and_each_keeps_a_promise() {
        let policies = Policies::read(SCHEMA, POLICIES).unwrap();
        let promises = policies.promises();
        assert_eq!(promises.len(), 12);
        for (id, promise) in promises {
            let number = promise.strip_prefix('P').and_then(|n| n.parse::<u8>().ok());
            assert!(number.is_some_and(|n| (1..=13).contains(&n)), "{id}: {promise}");
        }
    }

    #[test]
    fn the_schema_has_the_closed_lists_of_the_code() {
        let list = |entity: &str| -> Vec<&str> {
            let start = SCHEMA.1.find(&format!("entity {entity} enum [")).unwrap();
            let rest = &SCHEMA.1[start..];
            rest[..rest.find(']').unwrap()]
                .split('"')
                .skip(1)
                .step_by(2)
                .collect()
        };
        let purposes: Vec<&str> = Purpose::ALL.iter().map(|p| p.name()).collect();
        let classes: Vec<&str> = FieldClass::ALL.iter().map(|c| c.name()).collect();
        assert_eq!(list("Purpose"), purposes);
        assert_eq!(list("FieldClass"), classes);
    }

    #[test]
    fn bad_policies_are_refused() {
        let annotated = r#"@id("a") @promise("P5") @says("x") "#;
        for (text, want) in [
            ("permit (principal, action", "read `x.cedar`"),
            ("permit (principal, action, resource);", "a policy has no `@id`"),
            (
                &format!("{annotated} permit (principal, action, resource) when {{ principal.role }};"),
                "validate the policies",
            ),
            (
                &format!(
                    r#"{annotated} permit (principal, action, resource) when {{ resource == Anturazh::Purpose::"profiling" }};"#
                ),
                "validate the policies",
            ),
            (
                &format!(
                    "{annotated} permit (principal, action, resource); {annotated} forbid (principal, action, resource);"
                ),
                "two have the id `a`",
            ),
        ] {
            let refusal = Policies::read(SCHEMA, &[("x.cedar", text)])
                .unwrap_err()
                .to_string();
            assert!(refusal.contains(want), "{text}: {refusal}");
        }
    }

    #[test]
    fn a_schema_with_a_group_of_actions_is_refused() {
        let grouped = SCHEMA.1.replace(
            "action listPersons appliesTo",
            "action lists;\n  action listPersons in [lists] appliesTo",
        );
        let refusal = Policies::read((SCHEMA.0, &grouped), POLICIES).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "read the schema: `Anturazh::Action::\"lists\"` is a group of actions"
        );
    }

    #[test]
    fn the_hash_changes_with_every_part() {
        let shipped = Policies::shipped();
        assert_eq!(shipped.sha256().len(), 64);
        let fewer = Policies::read(SCHEMA, &POLICIES[..3]).unwrap();
        assert_ne!(shipped.sha256(), fewer.sha256());
        let commented = format!("{}\n// a comment\n", SCHEMA.1);
        let other = Policies::read((SCHEMA.0, &commented), POLICIES).unwrap();
        assert_ne!(shipped.sha256(), other.sha256());
    }
}
