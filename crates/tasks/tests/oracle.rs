//! Cedar decides as a naive reading of the promises does, over every combination of facts.
#![expect(clippy::unwrap_used, reason = "a failing test says so by panicking")]

use policy::{FieldClass, Purpose};
use std::collections::BTreeSet;
use tasks::policies::{POLICIES, SCHEMA};
use tasks::{Act, Leave, Policies, Principal, Question, Scope, TaskStatus};
use vocabulary::{Moment, PersonId};

const NOW: Moment = Moment(1_780_000_000_000);
const HOUR_MS: i64 = 3_600_000;
/// Two that partners may get and one that they may not.
const SOME: &[FieldClass] = &[FieldClass::Name, FieldClass::Email, FieldClass::Phone];
const ANNA: PersonId = PersonId([1; 16]);
const BORIS: PersonId = PersonId([2; 16]);

/// What the promises say, without Cedar.
fn allowed(q: &Question<'_>) -> bool {
    let in_time = |s: &Scope| !s.ended && s.from <= q.now && q.now < s.until;
    let fits = |s: &Scope| in_time(s) && s.client == q.client && s.purpose == q.purpose;
    let works = |status: &TaskStatus, approved: bool| *status == TaskStatus::Open && approved;
    match (q.principal, q.act, &q.leave) {
        (
            principal,
            Act::ReadFields {
                person,
                on_hold,
                classes,
                uses,
                use_allowed,
            },
            Some(leave),
        ) => {
            let covers = |s: &Scope| classes.iter().all(|class| s.classes.contains(class));
            let names = |s: &Scope| fits(s) && s.persons.contains(&person) && covers(s);
            let has_leave = match (principal, leave) {
                (
                    Principal::Staff { second_factor, .. },
                    Leave::Grant {
                        scope,
                        status,
                        approved,
                    },
                ) => second_factor && works(status, *approved) && names(scope),
                (
                    Principal::Staff { second_factor, .. },
                    Leave::BreakGlass {
                        scope,
                        confirmed,
                        alarm,
                    },
                ) => {
                    let is_short = scope.until.0 - scope.from.0 <= HOUR_MS;
                    second_factor && (*confirmed || *alarm) && is_short && names(scope)
                }
                (
                    Principal::Partner { service, .. },
                    Leave::Share {
                        scope,
                        service: shared,
                    },
                ) => {
                    let is_small = classes
                        .iter()
                        .all(|class| matches!(class, FieldClass::Name | FieldClass::Email));
                    service == shared && is_small && names(scope)
                }
                _ => false,
            };
            has_leave
                && uses.contains(&q.purpose)
                && use_allowed
                && (!on_hold || q.purpose == Purpose::LegalDuty)
        }
        (
            Principal::Staff {
                second_factor: true, ..
            },
            act,
            Some(Leave::Grant {
                scope,
                status,
                approved,
            }),
        ) if works(status, *approved) && fits(scope) => match act {
            Act::ReadFields { .. } => false,
            Act::ListPersons => true,
            Act::SearchByContact(class) => {
                scope.classes.contains(&class)
                    && matches!(
                        q.purpose,
                        Purpose::AnswerEnquiry
                            | Purpose::CustomerSupport
                            | Purpose::RightsRequest
                            | Purpose::LegalDuty
                    )
            }
            Act::ExportPerson {
                person,
                on_hold,
                classes,
            } => {
                scope.persons.contains(&person)
                    && classes.iter().all(|class| scope.classes.contains(class))
                    && matches!(q.purpose, Purpose::RightsRequest | Purpose::LegalDuty)
                    && (!on_hold || q.purpose == Purpose::LegalDuty)
            }
        },
        _ => false,
    }
}

/// The facts of a scope that may be right or wrong, and how often each is wrong.
fn scopes(purpose: Purpose, length_ms: &[i64]) -> Vec<Scope> {
    let other = if purpose == Purpose::Newsletter {
        Purpose::Account
    } else {
        Purpose::Newsletter
    };
    let mut scopes = Vec::new();
    for ended in [false, true] {
        for &length in length_ms {
            // Not begun, first and last moment, over.
            for from in [NOW.0 + 1, NOW.0, NOW.0 - length + 1, NOW.0 - length] {
                for client in [7, 8] {
                    for purpose in [purpose, other] {
                        for persons in [&[ANNA, BORIS][..], &[BORIS]] {
                            for classes in [
                                &[FieldClass::Email, FieldClass::Phone][..],
                                &[FieldClass::Name, FieldClass::Phone],
                            ] {
                                scopes.push(Scope {
                                    client,
                                    purpose,
                                    persons: persons.iter().copied().collect(),
                                    classes: classes.iter().copied().collect(),
                                    from: Moment(from),
                                    until: Moment(from + length),
                                    ended,
                                });
                            }
                        }
                    }
                }
            }
        }
    }
    scopes
}

fn leaves(purpose: Purpose) -> Vec<Option<Leave>> {
    let mut leaves = vec![None];
    for scope in scopes(purpose, &[30 * 24 * HOUR_MS]) {
        for status in TaskStatus::ALL {
            for approved in [true, false] {
                leaves.push(Some(Leave::Grant {
                    scope: scope.clone(),
                    status: *status,
                    approved,
                }));
            }
        }
        for service in ["mailing", "printing"] {
            leaves.push(Some(Leave::Share {
                scope: scope.clone(),
                service: service.to_owned(),
            }));
        }
    }
    for scope in scopes(purpose, &[HOUR_MS, HOUR_MS + 1]) {
        for (confirmed, alarm) in [(false, false), (true, false), (false, true), (true, true)] {
            leaves.push(Some(Leave::BreakGlass {
                scope: scope.clone(),
                confirmed,
                alarm,
            }));
        }
    }
    leaves
}

const PRINCIPALS: [Principal<'_>; 4] = [
    Principal::Staff {
        account: 1,
        second_factor: true,
    },
    Principal::Staff {
        account: 1,
        second_factor: false,
    },
    Principal::Partner {
        partner: 1,
        service: "mailing",
    },
    Principal::Partner {
        partner: 1,
        service: "archive",
    },
];

/// Every act that can be asked for a purpose.
fn acts(purpose: Purpose) -> Vec<Act<'static>> {
    let given: &'static [Purpose] = Purpose::ALL;
    let place = Purpose::ALL.iter().position(|p| *p == purpose).unwrap();
    let not_given = if place == 0 { &given[1..] } else { &given[..place] };
    let mut acts = vec![
        Act::ListPersons,
        Act::SearchByContact(FieldClass::Email),
        Act::SearchByContact(FieldClass::Message),
    ];
    for on_hold in [false, true] {
        for classes in [&[FieldClass::Email][..], &SOME[2..], &SOME[1..]] {
            for uses in [given, not_given, &[]] {
                for use_allowed in [true, false] {
                    acts.push(Act::ReadFields {
                        person: ANNA,
                        on_hold,
                        classes,
                        uses,
                        use_allowed,
                    });
                }
            }
        }
        for classes in [
            &[FieldClass::Email, FieldClass::Phone][..],
            &[FieldClass::Phone],
            &[],
        ] {
            acts.push(Act::ExportPerson {
                person: ANNA,
                on_hold,
                classes,
            });
        }
    }
    acts
}

/// Calls `ask` with questions until it has had enough: `every`th of all combinations, beginning with the `first`.
fn questions(first: usize, every: usize, mut ask: impl FnMut(&Question<'_>) -> bool) {
    let mut number = 0;
    for purpose in Purpose::ALL.iter().copied() {
        let acts = acts(purpose);
        for leave in leaves(purpose) {
            for principal in PRINCIPALS {
                for act in &acts {
                    number += 1;
                    if number % every != first {
                        continue;
                    }
                    let question = Question {
                        principal,
                        act: *act,
                        client: 7,
                        purpose,
                        leave: leave.clone(),
                        now: NOW,
                    };
                    if !ask(&question) {
                        return;
                    }
                }
            }
        }
    }
}

/// Facts that are all right, for each of the purposes, with and without hold, for each way of getting leave; and each
/// single fact made wrong.
fn near_misses(purposes: &[Purpose], classes: &'static [FieldClass]) -> Vec<Question<'static>> {
    let mut right = Vec::new();
    for purpose in purposes.iter().copied() {
        let scope = |length_ms| Scope {
            client: 7,
            purpose,
            persons: BTreeSet::from([ANNA]),
            classes: FieldClass::ALL.iter().copied().collect(),
            from: NOW,
            until: NOW.plus_ms(length_ms),
            ended: false,
        };
        let grant = Leave::Grant {
            scope: scope(30 * 24 * HOUR_MS),
            status: TaskStatus::Open,
            approved: true,
        };
        let glass = |confirmed| Leave::BreakGlass {
            scope: scope(HOUR_MS),
            confirmed,
            alarm: !confirmed,
        };
        let share = Leave::Share {
            scope: scope(HOUR_MS),
            service: "mailing".to_owned(),
        };
        let [staff, _, partner, _] = PRINCIPALS;
        let mut add = |principal, act, leave: &Leave| {
            right.push(Question {
                principal,
                act,
                client: 7,
                purpose,
                leave: Some(leave.clone()),
                now: NOW,
            });
        };
        for on_hold in [false, true] {
            for classes in classes.chunks(1).chain([&classes[..2], classes]) {
                let read = Act::ReadFields {
                    person: ANNA,
                    on_hold,
                    classes,
                    uses: Purpose::ALL,
                    use_allowed: true,
                };
                add(staff, read, &grant);
                add(staff, read, &glass(true));
                add(staff, read, &glass(false));
                add(partner, read, &share);
            }
            let export = Act::ExportPerson {
                person: ANNA,
                on_hold,
                classes: FieldClass::ALL,
            };
            add(staff, export, &grant);
        }
        add(staff, Act::ListPersons, &grant);
        for class in classes {
            add(staff, Act::SearchByContact(*class), &grant);
        }
    }
    let mut all = Vec::new();
    for question in right {
        all.extend(wrong_by_one_fact(&question));
        all.push(question);
    }
    all
}

fn wrong_by_one_fact<'a>(right: &Question<'a>) -> Vec<Question<'a>> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Question<'a>)| {
        let mut question = right.clone();
        change(&mut question);
        all.push(question);
    };
    with(&|q| q.leave = None);
    with(&|q| q.client = 8);
    with(&|q| q.now = q.now.plus_ms(-1));
    for principal in PRINCIPALS {
        with(&|q| q.principal = principal);
    }
    for purpose in [Purpose::Newsletter, Purpose::RightsRequest, Purpose::LegalDuty] {
        with(&|q| q.purpose = purpose);
    }
    with(&|q| match &mut q.act {
        Act::ReadFields { uses, .. } => *uses = &[],
        Act::ExportPerson { classes, .. } => *classes = &[],
        Act::ListPersons | Act::SearchByContact(_) => {}
    });
    with(&|q| {
        if let Act::ReadFields { use_allowed, .. } = &mut q.act {
            *use_allowed = false;
        }
    });
    with(&|q| {
        if let Act::ReadFields { person, .. } | Act::ExportPerson { person, .. } = &mut q.act {
            *person = BORIS;
        }
    });
    for ending in [HOUR_MS - 1, HOUR_MS, 30 * 24 * HOUR_MS - 1, 30 * 24 * HOUR_MS] {
        with(&|q| q.now = q.now.plus_ms(ending));
    }
    let scoped = |change: &dyn Fn(&mut Scope)| {
        let mut question = right.clone();
        if let Some(
            Leave::Grant { scope, .. } | Leave::BreakGlass { scope, .. } | Leave::Share { scope, .. },
        ) = &mut question.leave
        {
            change(scope);
        }
        question
    };
    let more = [
        scoped(&|s| s.ended = true),
        scoped(&|s| s.persons.clear()),
        scoped(&|s| s.until = s.until.plus_ms(1)),
        scoped(&|s| s.classes = BTreeSet::from([FieldClass::Email])),
        scoped(&|s| {
            s.classes.remove(&FieldClass::Email);
        }),
    ];
    for status in TaskStatus::ALL {
        for approved in [true, *status != TaskStatus::Open] {
            with(&|q| {
                if let Some(Leave::Grant {
                    status: s,
                    approved: a,
                    ..
                }) = &mut q.leave
                {
                    (*s, *a) = (*status, approved);
                }
            });
        }
    }
    with(&|q| {
        if let Some(Leave::BreakGlass { confirmed, alarm, .. }) = &mut q.leave {
            (*confirmed, *alarm) = (false, false);
        }
    });
    all.extend(more);
    all
}

#[test]
fn one_wrong_fact_decides_as_the_promises_say() {
    let policies = Policies::shipped();
    let (mut yes, mut no) = (0, 0);
    let purposes = [
        Purpose::AnswerEnquiry,
        Purpose::RightsRequest,
        Purpose::Newsletter,
        Purpose::LegalDuty,
    ];
    for question in near_misses(&purposes, SOME) {
        let decision = policies.decide(&question);
        assert_eq!(decision.allowed, allowed(&question), "{question:?}: {decision:?}");
        assert!(!decision.reason.is_empty());
        if decision.allowed {
            assert_eq!(decision.policies.len(), 1, "{decision:?}");
            yes += 1;
        } else {
            no += 1;
        }
    }
    assert!(yes > 100 && no > 1_000, "{yes} allowed, {no} denied");
}

/// All combinations take minutes without optimisation: a part of them here, all with `--ignored` in release.
#[test]
fn any_combination_decides_as_the_promises_say() {
    compare(499);
}

#[test]
#[ignore = "two million questions: run in release"]
fn every_combination_decides_as_the_promises_say() {
    compare(1);
}

fn compare(every: usize) {
    let policies = Policies::shipped();
    let (mut yes, mut no) = (0, 0);
    questions(0, every, |question| {
        let decision = policies.decide(question);
        assert_eq!(decision.allowed, allowed(question), "{question:?}: {decision:?}");
        if decision.allowed {
            yes += 1;
        } else {
            no += 1;
        }
        true
    });
    assert!(yes > 0 && no > 1_000, "{yes} allowed, {no} denied");
}

#[test]
fn a_partner_never_gets_more_than_name_and_email_whatever_is_shared() {
    let policies = Policies::shipped();
    let mut got = BTreeSet::new();
    for question in near_misses(&[Purpose::Newsletter], FieldClass::ALL) {
        if let (Principal::Partner { .. }, Act::ReadFields { classes, .. }) =
            (question.principal, question.act)
            && policies.decide(&question).allowed
        {
            got.extend(classes);
        }
    }
    assert_eq!(got, BTreeSet::from([FieldClass::Name, FieldClass::Email]));
}

/// Proves that the comparison would notice: it turns red for each policy that is taken away.
#[test]
fn every_policy_is_missed_when_it_is_gone() {
    let near_misses = near_misses(&[Purpose::RightsRequest], SOME);
    for (id, _) in Policies::shipped().promises() {
        let files: Vec<(&str, String)> = POLICIES
            .iter()
            .map(|(file, text)| (*file, without(text, &id)))
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(file, text)| (*file, text.as_str())).collect();
        let policies = Policies::read(SCHEMA, &files).unwrap();
        assert_eq!(
            policies.promises().len() + 1,
            Policies::shipped().promises().len()
        );
        assert!(
            near_misses
                .iter()
                .any(|q| policies.decide(q).allowed != allowed(q)),
            "nothing changes without `{id}`"
        );
    }
}

/// Proves the same of each condition: it turns red for each line of a condition that is taken away.
#[test]
fn every_condition_is_missed_when_it_is_gone() {
    let near_misses = near_misses(&[Purpose::RightsRequest], SOME);
    let mut tried = 0;
    for (place, (_, text)) in POLICIES.iter().enumerate() {
        for (number, line) in text.lines().enumerate() {
            let condition = line.trim();
            // The first line, `context has …`, is what strict validation asks for; the last has no `&&`.
            if !condition.ends_with("&&") || condition.starts_with("context has") {
                continue;
            }
            let lines: Vec<&str> = text
                .lines()
                .enumerate()
                .filter(|(n, _)| *n != number)
                .map(|(_, l)| l)
                .collect();
            let changed = lines.join("\n");
            let mut files = POLICIES.to_vec();
            files[place].1 = &changed;
            let policies = Policies::read(SCHEMA, &files).unwrap();
            assert!(
                near_misses
                    .iter()
                    .any(|q| policies.decide(q).allowed != allowed(q)),
                "nothing changes without `{condition}` in line {}",
                number + 1
            );
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried}");
}

/// And of asking for several classes at once: it turns red where one of them is enough.
#[test]
fn every_class_counts() {
    let near_misses = near_misses(&[Purpose::RightsRequest], SOME);
    let mut tried = 0;
    for (place, (_, text)) in POLICIES.iter().enumerate() {
        for (at, all) in text.match_indices("containsAll") {
            let changed = format!("{}containsAny{}", &text[..at], &text[at + all.len()..]);
            let mut files = POLICIES.to_vec();
            files[place].1 = &changed;
            let policies = Policies::read(SCHEMA, &files).unwrap();
            assert!(
                near_misses
                    .iter()
                    .any(|q| policies.decide(q).allowed != allowed(q)),
                "nothing changes where any class is enough after {}",
                &text[..at]
            );
            tried += 1;
        }
    }
    assert_eq!(tried, 5);
}

/// The text without the policy of that id.
fn without(text: &str, id: &str) -> String {
    let Some(start) = text.find(&format!("@id(\"{id}\")")) else {
        return text.to_owned();
    };
    let end = start + text[start..].find("};").unwrap() + 2;
    format!("{}{}", &text[..start], &text[end..])
}
