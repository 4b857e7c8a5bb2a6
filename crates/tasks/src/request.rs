//! A question as Cedar takes it: a request and the entities it names.

use crate::{Act, Leave, Principal, Question, Scope};
use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression as Value,
    Schema,
};
use policy::{FieldClass, Purpose};
use std::collections::{HashMap, HashSet};
use vocabulary::PersonId;

/// The names of the schema, read once.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    client: EntityTypeName,
    purpose: EntityTypeName,
    class: EntityTypeName,
    staff: EntityTypeName,
    partner: EntityTypeName,
    person: EntityTypeName,
    fields: EntityTypeName,
    action: EntityTypeName,
}

/// The question names what the schema does not have.
#[derive(Debug)]
pub(crate) struct Misfit;

impl Vocabulary {
    pub(crate) fn new() -> Self {
        let named = |name: &str| {
            format!("Anturazh::{name}")
                .parse()
                .expect("these names follow Cedar's grammar")
        };
        Self {
            client: named("Client"),
            purpose: named("Purpose"),
            class: named("FieldClass"),
            staff: named("Staff"),
            partner: named("Partner"),
            person: named("Person"),
            fields: named("Fields"),
            action: named("Action"),
        }
    }

    /// The request and its entities, checked against a schema if one is given.
    pub(crate) fn request(
        &self,
        question: &Question<'_>,
        schema: Option<&Schema>,
    ) -> Result<(Request, Entities), Misfit> {
        let mut entities = Vec::with_capacity(3);
        let mut context = vec![
            pair("now", Value::new_long(question.now.0)),
            pair("purpose", self.purpose(question.purpose)),
        ];
        let (action, resource) = match question.act {
            Act::ReadFields {
                person,
                on_hold,
                classes,
                uses,
                use_allowed,
            } => {
                context.push(pair("useAllowed", Value::new_bool(use_allowed)));
                let whose = self.person(person, on_hold, question.client)?;
                let fields = uid(&self.fields, person.to_string());
                let facts = [
                    pair("person", Value::new_entity_uid(whose.uid())),
                    pair("classes", self.classes(classes)),
                    pair(
                        "uses",
                        Value::new_set(uses.iter().map(|purpose| self.purpose(*purpose))),
                    ),
                ];
                entities.push(whose);
                entities.push(entity(fields.clone(), facts)?);
                ("readFields", fields)
            }
            Act::ListPersons => ("listPersons", uid(&self.client, question.client.to_string())),
            Act::SearchByContact(class) => {
                context.push(pair("class", self.class(class)));
                ("searchByContact", uid(&self.client, question.client.to_string()))
            }
            Act::ExportPerson {
                person,
                on_hold,
                classes,
            } => {
                context.push(pair("classes", self.classes(classes)));
                let whose = self.person(person, on_hold, question.client)?;
                let resource = whose.uid();
                entities.push(whose);
                ("exportPerson", resource)
            }
        };
        let principal = match question.principal {
            Principal::Staff {
                account,
                second_factor,
            } => entity(
                uid(&self.staff, account.to_string()),
                [pair("secondFactor", Value::new_bool(second_factor))],
            )?,
            Principal::Partner { partner, service } => entity(
                uid(&self.partner, partner.to_string()),
                [pair("service", Value::new_string(service.to_owned()))],
            )?,
        };
        let asker = principal.uid();
        entities.push(principal);
        if let Some(leave) = &question.leave {
            context.push(self.leave(leave)?);
        }
        let request = Request::new(
            asker,
            uid(&self.action, action),
            resource,
            Context::from_pairs(context).map_err(|_| Misfit)?,
            schema,
        )
        .map_err(|_| Misfit)?;
        let entities = Entities::from_entities(entities, schema).map_err(|_| Misfit)?;
        Ok((request, entities))
    }

    fn leave(&self, leave: &Leave) -> Result<(String, Value), Misfit> {
        let (name, scope, more) = match leave {
            Leave::Grant {
                scope,
                status,
                approved,
            } => (
                "grant",
                scope,
                vec![
                    pair("status", Value::new_string(status.name().to_owned())),
                    pair("approved", Value::new_bool(*approved)),
                ],
            ),
            Leave::BreakGlass {
                scope,
                confirmed,
                alarm,
            } => (
                "breakGlass",
                scope,
                vec![
                    pair("confirmed", Value::new_bool(*confirmed)),
                    pair("alarm", Value::new_bool(*alarm)),
                ],
            ),
            Leave::Share { scope, service } => (
                "share",
                scope,
                vec![pair("service", Value::new_string(service.clone()))],
            ),
        };
        let record = Value::new_record(self.scope(scope).into_iter().chain(more)).map_err(|_| Misfit)?;
        Ok(pair(name, record))
    }

    fn scope(&self, scope: &Scope) -> [(String, Value); 7] {
        let person = |person: &PersonId| Value::new_entity_uid(uid(&self.person, person.to_string()));
        let client = uid(&self.client, scope.client.to_string());
        [
            pair("client", Value::new_entity_uid(client)),
            pair("purpose", self.purpose(scope.purpose)),
            pair("persons", Value::new_set(scope.persons.iter().map(person))),
            pair("classes", self.classes(&scope.classes)),
            pair("from", Value::new_long(scope.from.0)),
            pair("until", Value::new_long(scope.until.0)),
            pair("ended", Value::new_bool(scope.ended)),
        ]
    }

    fn person(&self, person: PersonId, on_hold: bool, client: u32) -> Result<Entity, Misfit> {
        let client = uid(&self.client, client.to_string());
        let facts = [
            pair("client", Value::new_entity_uid(client)),
            pair("onHold", Value::new_bool(on_hold)),
        ];
        entity(uid(&self.person, person.to_string()), facts)
    }

    fn purpose(&self, purpose: Purpose) -> Value {
        Value::new_entity_uid(uid(&self.purpose, purpose.name()))
    }

    fn classes<'a>(&self, classes: impl IntoIterator<Item = &'a FieldClass>) -> Value {
        Value::new_set(classes.into_iter().map(|class| self.class(*class)))
    }

    fn class(&self, class: FieldClass) -> Value {
        Value::new_entity_uid(uid(&self.class, class.name()))
    }
}

fn uid(name: &EntityTypeName, id: impl AsRef<str>) -> EntityUid {
    EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id))
}

fn pair(name: &str, value: Value) -> (String, Value) {
    (name.to_owned(), value)
}

fn entity<const N: usize>(uid: EntityUid, facts: [(String, Value); N]) -> Result<Entity, Misfit> {
    Entity::new(uid, HashMap::from(facts), HashSet::new()).map_err(|_| Misfit)
}
