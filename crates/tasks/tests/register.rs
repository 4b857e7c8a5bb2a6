//! The register of tasks, the same cases on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test says so by panicking"
)]

use policy::{FieldClass, Purpose};
use sqldb::trial::{Trial, trials};
use std::collections::BTreeSet;
use tasks::break_glass::{CONFIRM_WITHIN_MS, OPEN_MS};
use tasks::{
    Act, Approval, Breach, By, Decision, Error, Facts, NewBreakGlass, NewTask, Refusal, Reviewed, Rules,
    TaskKind, TaskStatus, Tasks, What, Witness,
};
use vocabulary::{
    Moment, PersonId, TaskId,
    moment::{DAY_MS, HOUR_MS},
};
use zeroize::Zeroizing;

const NOW: Moment = Moment(1_780_000_000_000);
const OWNER: u32 = 1;
const OLGA: u32 = 2;
const PAVEL: u32 = 3;
const ANNA: PersonId = PersonId([0xa1; 16]);
const BORIS: PersonId = PersonId([0xb0; 16]);
const MARKER: &str = "Anna Marker called about the invoice";

const TASK: NewTask<'_> = NewTask {
    client: 7,
    purpose: Purpose::AnswerEnquiry,
    kind: TaskKind::Enquiry,
    persons: &[ANNA],
    classes: &[FieldClass::Name, FieldClass::Email],
    assignees: &[OLGA],
    end: None,
    reason: MARKER,
};

const GLASS: NewBreakGlass<'_> = NewBreakGlass {
    client: 7,
    purpose: Purpose::CustomerSupport,
    persons: &[ANNA],
    classes: &[FieldClass::Phone],
    reason: MARKER,
    witness: Witness::Alarm,
};

async fn register(trial: &Trial) -> Tasks {
    register_with(trial, trial).await
}

/// With the keys of texts in a database of their own.
async fn register_with(trial: &Trial, keys: &Trial) -> Tasks {
    let (database, keys) = (trial.open().await.unwrap(), keys.open().await.unwrap());
    Tasks::open(database, keys, Zeroizing::new([5; 32]), Rules::default())
        .await
        .unwrap()
}

/// Olga, when there is nobody else.
const OLGA_ALONE: By = By {
    account: OLGA,
    is_alone: true,
    made_by: None,
};

/// Pavel, whose second factor Olga took away lately.
const PAVEL_MADE_BY_OLGA: By = By {
    account: PAVEL,
    is_alone: false,
    made_by: Some(OLGA),
};

fn refusal<T: std::fmt::Debug>(answer: Result<T, Error>) -> Refusal {
    match answer {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn decision(
    tasks: &Tasks,
    (account, task, break_glass): (u32, TaskId, bool),
    (person, class, purpose): (PersonId, FieldClass, Purpose),
    now: Moment,
) -> Decision {
    let facts = Facts {
        task,
        break_glass,
        client: 7,
        purpose,
        acts: &[Act::ReadFields {
            person,
            on_hold: false,
            classes: &[class],
            uses: &[purpose],
            use_allowed: true,
        }],
    };
    tasks.decide(account, true, &facts, now).await.unwrap()
}

/// Whether an account may read Anna's name for an enquiry.
async fn reads(tasks: &Tasks, account: u32, task: TaskId, now: Moment) -> bool {
    let what = (ANNA, FieldClass::Name, Purpose::AnswerEnquiry);
    decision(tasks, (account, task, false), what, now).await.allowed
}

/// Whether an account may read Anna's telephone number by an emergency opening.
async fn reads_by_glass(tasks: &Tasks, account: u32, glass: TaskId, now: Moment) -> bool {
    let what = (ANNA, FieldClass::Phone, Purpose::CustomerSupport);
    decision(tasks, (account, glass, true), what, now).await.allowed
}

#[tokio::test]
async fn a_task_opens_exactly_what_it_names_and_only_while_it_is_open() {
    for trial in trials().await.unwrap() {
        let tasks = register(&trial).await;
        let opened = tasks.open_task(TASK, OWNER, NOW).await.unwrap();
        let id = opened.task;
        assert_eq!(
            (opened.what, opened.accounts.as_slice()),
            (What::TaskOpened, &[OLGA][..])
        );
        assert_eq!(opened.until, NOW.plus_ms(30 * DAY_MS));
        let who = (OLGA, id, false);
        let name = FieldClass::Name;
        let enquiry = Purpose::AnswerEnquiry;
        for (who, what, want) in [
            (who, (ANNA, name, enquiry), true),
            (who, (ANNA, FieldClass::Email, enquiry), true),
            (who, (ANNA, FieldClass::Phone, enquiry), false),
            (who, (BORIS, name, enquiry), false),
            (who, (ANNA, name, Purpose::Newsletter), false),
            ((OWNER, id, false), (ANNA, name, enquiry), false),
            ((OLGA, TaskId([9; 16]), false), (ANNA, name, enquiry), false),
            ((OLGA, id, true), (ANNA, name, enquiry), false),
        ] {
            let decision = decision(&tasks, who, what, NOW).await;
            assert_eq!(decision.allowed, want, "{who:?} {what:?}: {decision:?}");
        }
        let end = opened.until;
        assert!(reads(&tasks, OLGA, id, end.plus_ms(-1)).await);
        assert!(!reads(&tasks, OLGA, id, end).await);

        tasks
            .set_status(id, TaskStatus::Waiting, OLGA, NOW)
            .await
            .unwrap();
        assert!(!reads(&tasks, OLGA, id, NOW).await);
        tasks.set_status(id, TaskStatus::Open, OLGA, NOW).await.unwrap();
        assert!(reads(&tasks, OLGA, id, NOW).await);
        let done = tasks.set_status(id, TaskStatus::Done, OLGA, NOW).await.unwrap();
        assert_eq!((done.what, done.accounts), (What::TaskDone, vec![OLGA]));
        assert!(!reads(&tasks, OLGA, id, NOW).await);
        assert!(tasks.grants_in_force(NOW).await.unwrap().is_empty());
        let again = tasks.set_status(id, TaskStatus::Open, OLGA, NOW).await;
        assert_eq!(refusal(again), Refusal::Over);
        assert_eq!(refusal(tasks.assign(id, PAVEL, OWNER, NOW).await), Refusal::Over);
    }
}

#[tokio::test]
async fn several_acts_are_allowed_together_or_not_at_all() {
    for trial in trials().await.unwrap() {
        let tasks = register(&trial).await;
        let task = tasks.open_task(TASK, OWNER, NOW).await.unwrap().task;
        let read = |person, classes| Act::ReadFields {
            person,
            on_hold: false,
            classes,
            uses: &[Purpose::AnswerEnquiry],
            use_allowed: true,
        };
        let search = Act::SearchByContact(FieldClass::Email);
        let export = Act::ExportPerson {
            person: ANNA,
            on_hold: false,
            classes: &[FieldClass::Name],
        };
        let (name, email, phone) = (
            read(ANNA, &[FieldClass::Name]),
            read(ANNA, &[FieldClass::Email]),
            read(ANNA, &[FieldClass::Phone]),
        );
        let both = read(ANNA, &[FieldClass::Name, FieldClass::Email]);
        let one_too_many = read(ANNA, &[FieldClass::Name, FieldClass::Phone]);
        let of_another = read(BORIS, &[FieldClass::Name]);
        for (acts, second_factor, want) in [
            (&[name, email, Act::ListPersons, search][..], true, true),
            (&[both, Act::ListPersons, search], true, true),
            (&[name, email, phone], true, false),
            (&[one_too_many], true, false),
            (&[name, of_another], true, false),
            (&[of_another, name], true, false),
            (&[name, export], true, false),
            (&[name], false, false),
            (&[], true, false),
        ] {
            let facts = Facts {
                task,
                break_glass: false,
                client: 7,
                purpose: Purpose::AnswerEnquiry,
                acts,
            };
            let decision = tasks.decide(OLGA, second_factor, &facts, NOW).await.unwrap();
            assert_eq!(decision.allowed, want, "{acts:?}: {decision:?}");
            if want {
                assert_eq!(decision.policies.len(), 3, "{decision:?}");
            }
            let foreign = Facts { client: 8, ..facts };
            assert!(!tasks.decide(OLGA, true, &foreign, NOW).await.unwrap().allowed);
        }
    }
}

#[tokio::test]
async fn nobody_gives_access_to_themself() {
    for trial in trials().await.unwrap() {
        let tasks = register(&trial).await;
        let both = NewTask {
            assignees: &[OLGA, PAVEL, OLGA],
            ..TASK
        };
        let opened = tasks.open_task(both, OLGA, NOW).await.unwrap();
        let id = opened.task;
        assert_eq!((opened.accounts, opened.pending), (vec![PAVEL], vec![OLGA]));
        assert!(reads(&tasks, PAVEL, id, NOW).await && !reads(&tasks, OLGA, id, NOW).await);
        assert_eq!(refusal(tasks.approve(id, OLGA, NOW).await), Refusal::NeedsAnother);
        assert_eq!(tasks.tasks_to_approve(NOW).await.unwrap().len(), 1);
        let approved = tasks.approve(id, OWNER, NOW.plus_ms(5)).await.unwrap();
        assert_eq!((approved.what, approved.accounts), (What::Approved, vec![OLGA]));
        assert!(reads(&tasks, OLGA, id, NOW.plus_ms(5)).await);
        assert!(!reads(&tasks, OLGA, id, NOW).await, "not before it was approved");
        assert!(tasks.tasks_to_approve(NOW).await.unwrap().is_empty());

        // Extending one's own access is the same.
        let later = NOW.plus_ms(20 * DAY_MS);
        let until = later.plus_ms(30 * DAY_MS);
        let too_late = until.plus_ms(1);
        assert_eq!(
            refusal(tasks.extend(id, too_late, OWNER, later).await),
            Refusal::End
        );
        let extended = tasks.extend(id, until, OLGA, later).await.unwrap();
        assert_eq!((extended.accounts, extended.pending), (vec![PAVEL], vec![OLGA]));
        let last = until.plus_ms(-1);
        assert!(reads(&tasks, PAVEL, id, last).await && !reads(&tasks, OLGA, id, last).await);
        tasks.refuse(id, OWNER, later).await.unwrap();
        assert!(!reads(&tasks, OLGA, id, last).await);
        assert!(reads(&tasks, OLGA, id, later).await, "the older grant runs on");
        assert_eq!(tasks.task(id).await.unwrap().end, until);
        assert_eq!(
            tasks.task(id).await.unwrap().grants.len(),
            4,
            "each a record of its own"
        );

        // Assigning oneself later is the same; what reads nothing needs no approval.
        tasks.unassign(id, PAVEL, OWNER, later).await.unwrap();
        assert!(!reads(&tasks, PAVEL, id, later).await);
        let assigned = tasks.assign(id, PAVEL, PAVEL, later).await.unwrap();
        assert_eq!(assigned.pending, [PAVEL]);
        assert_eq!(
            refusal(tasks.assign(id, PAVEL, OWNER, later).await),
            Refusal::AlreadyAssigned
        );
        let silent = NewTask { classes: &[], ..TASK };
        assert!(
            tasks
                .open_task(silent, OLGA, NOW)
                .await
                .unwrap()
                .pending
                .is_empty()
        );
    }
}

#[tokio::test]
async fn who_is_alone_gets_access_at_once_and_it_is_told_and_reviewed() {
    for trial in trials().await.unwrap() {
        let tasks = register(&trial).await;
        let opened = tasks.open_task(TASK, OLGA_ALONE, NOW).await.unwrap();
        assert_eq!((&*opened.accounts, &*opened.alone), (&[OLGA][..], &[OLGA][..]));
        assert!(opened.pending.is_empty() && reads(&tasks, OLGA, opened.task, NOW).await);
        let grants = tasks.grants_in_force(NOW).await.unwrap();
        assert_eq!(grants[0].approval, Approval::SelfAssigned);
        let reviews = tasks.reviews_to_do().await.unwrap();
        assert_eq!(
            (reviews.len(), reviews[0].of, reviews[0].account),
            (1, Reviewed::SelfAssigned, OLGA)
        );
        assert!(reviews[0].due > NOW.plus_ms(DAY_MS) && reviews[0].due <= NOW.plus_ms(5 * DAY_MS));
        assert_eq!(tasks.reviews_to_mail().await.unwrap(), reviews);
        tasks.note_review_mailed(reviews[0].id, NOW).await.unwrap();
        assert!(tasks.reviews_to_mail().await.unwrap().is_empty());

        let staff = BTreeSet::from([OLGA]);
        assert!(tasks.standing_faults(&staff, NOW).await.unwrap().is_empty());
        let overdue = tasks.overdue_reviews(reviews[0].due).await.unwrap();
        assert_eq!(overdue, reviews);
        let faults = tasks.standing_faults(&staff, reviews[0].due).await.unwrap();
        assert_eq!(
            faults.iter().map(|f| f.breach).collect::<Vec<_>>(),
            [Breach::ReviewOverdue]
        );
        assert_eq!(
            refusal(tasks.review(reviews[0].id, "looked over", OLGA, NOW).await),
            Refusal::NeedsAnother,
            "others are there by now"
        );
        let reviewed = tasks
            .review(reviews[0].id, "looked over", OLGA_ALONE, NOW)
            .await
            .unwrap();
        assert_eq!((reviewed.what, reviewed.task), (What::Reviewed, opened.task));
        assert!(tasks.reviews_to_do().await.unwrap().is_empty());

        // An alarm of one's own is seen by oneself, if there is nobody else.
        let glass = tasks.break_glass(GLASS, OLGA, NOW).await.unwrap().task;
        assert_eq!(
            refusal(tasks.see_alarm(glass, OLGA, NOW).await),
            Refusal::NeedsAnother
        );
        tasks.see_alarm(glass, OLGA_ALONE, NOW).await.unwrap();
    }
}

#[tokio::test]
async fn whose_credentials_somebody_made_is_no_second_person_for_them() {
    for trial in trials().await.unwrap() {
        let tasks = register(&trial).await;
        let opened = tasks.open_task(TASK, OLGA, NOW).await.unwrap();
        assert_eq!(opened.pending, [OLGA]);
        // It may open, so that a team of two can work: but as if Olga had done it herself.
        let approved = tasks.approve(opened.task, PAVEL_MADE_BY_OLGA, NOW).await.unwrap();
        assert_eq!(
            (&*approved.accounts, &*approved.alone),
            (&[OLGA][..], &[OLGA][..])
        );
        let review = tasks.reviews_to_do().await.unwrap().remove(0);
        assert_eq!((review.of, review.account), (Reviewed::SelfAssigned, OLGA));
        let seen = |by| tasks.review(review.id, "looked over", by, NOW);
        assert_eq!(refusal(seen(PAVEL_MADE_BY_OLGA).await), Refusal::NeedsAnother);
        seen(PAVEL.into()).await.unwrap();

        let asked = NewBreakGlass {
            witness: Witness::SecondPerson,
            ..GLASS
        };
        let glass = tasks.break_glass(asked, OLGA, NOW).await.unwrap().task;
        assert_eq!(
            refusal(tasks.confirm_break_glass(glass, PAVEL_MADE_BY_OLGA, NOW).await),
            Refusal::NeedsAnother
        );
        let loud = tasks.break_glass(GLASS, OLGA, NOW).await.unwrap().task;
        assert_eq!(
            refusal(tasks.see_alarm(loud, PAVEL_MADE_BY_OLGA, NOW).await),
            Refusal::NeedsAnother
        );
        tasks.confirm_break_glass(glass, PAVEL, NOW).await.unwrap();
    }
}

#[tokio::test]
async fn what_waits_for_somebody_who_left_is_taken_up_by_who_is_left_alone() {
    for trial in trials().await.unwrap() {
        let tasks = register(&trial).await;
        let id = tasks.open_task(TASK, OWNER, NOW).await.unwrap().task;
        let asked = tasks.assign(id, PAVEL, PAVEL, NOW).await.unwrap();
        assert_eq!((&*asked.pending, &*asked.alone), (&[PAVEL][..], &[][..]));
        assert!(!reads(&tasks, PAVEL, id, NOW).await && tasks.reviews_to_do().await.unwrap().is_empty());
        let alone = By {
            is_alone: true,
            ..PAVEL.into()
        };
        let later = NOW.plus_ms(5);
        let approved = tasks.approve(id, alone, later).await.unwrap();
        assert_eq!(
            (&*approved.accounts, &*approved.alone),
            (&[PAVEL][..], &[PAVEL][..])
        );
        assert!(reads(&tasks, PAVEL, id, later).await);
        let review = tasks.reviews_to_do().await.unwrap().remove(0);
        assert_eq!((review.of, review.account), (Reviewed::SelfAssigned, PAVEL));
        assert!(
            tasks
                .standing_faults(&BTreeSet::from([OLGA, PAVEL]), later)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused() {
    for trial in trials().await.unwrap() {
        let tasks = register(&trial).await;
        let end = |ms| Some(NOW.plus_ms(ms));
        for (new, want) in [
            (NewTask { persons: &[], ..TASK }, Refusal::Persons),
            (
                NewTask {
                    assignees: &[],
                    ..TASK
                },
                Refusal::Nobody,
            ),
            (NewTask { end: end(0), ..TASK }, Refusal::End),
            (
                NewTask {
                    end: end(30 * DAY_MS + 1),
                    ..TASK
                },
                Refusal::End,
            ),
            (
                NewTask {
                    reason: " x ",
                    ..TASK
                },
                Refusal::Reason {
                    least: 3,
                    most: 2_000,
                },
            ),
        ] {
            assert_eq!(refusal(tasks.open_task(new, OWNER, NOW).await), want);
        }
        for (new, want) in [
            (
                NewBreakGlass {
                    persons: &[],
                    ..GLASS
                },
                Refusal::Persons,
            ),
            (
                NewBreakGlass {
                    classes: &[],
                    ..GLASS
                },
                Refusal::Classes,
            ),
            (
                NewBreakGlass {
                    reason: "because",
                    ..GLASS
                },
                Refusal::Reason {
                    least: 20,
                    most: 2_000,
                },
            ),
        ] {
            assert_eq!(refusal(tasks.break_glass(new, OLGA, NOW).await), want);
        }
        assert!(matches!(
            tasks.task(TaskId([0; 16])).await,
            Err(Error::NotFound("task"))
        ));
        assert!(
            tasks.tasks_of_person(ANNA).await.unwrap().is_empty(),
            "nothing was written"
        );
    }
}

#[tokio::test]
async fn an_alarm_opens_for_an_hour_and_is_reviewed_by_another() {
    for trial in trials().await.unwrap() {
        let tasks = register(&trial).await;
        let broken = tasks.break_glass(GLASS, OLGA, NOW).await.unwrap();
        let id = broken.task;
        assert_eq!((broken.what, broken.accounts), (What::GlassBroken, vec![OLGA]));
        assert!(reads_by_glass(&tasks, OLGA, id, NOW).await);
        assert!(!reads_by_glass(&tasks, PAVEL, id, NOW).await);
        let other = decision(
            &tasks,
            (OLGA, id, true),
            (BORIS, FieldClass::Phone, GLASS.purpose),
            NOW,
        )
        .await;
        assert!(!other.allowed);
        assert!(reads_by_glass(&tasks, OLGA, id, NOW.plus_ms(OPEN_MS - 1)).await);
        assert!(!reads_by_glass(&tasks, OLGA, id, NOW.plus_ms(OPEN_MS)).await);

        assert_eq!(tasks.unseen_alarms().await.unwrap().len(), 1);
        tasks.note_alarm_mailed(id, NOW).await.unwrap();
        assert_eq!(
            tasks.unseen_alarms().await.unwrap()[0].alarm.unwrap().mailed,
            Some(NOW)
        );
        assert_eq!(
            refusal(tasks.see_alarm(id, OLGA, NOW).await),
            Refusal::NeedsAnother
        );
        tasks.see_alarm(id, PAVEL, NOW).await.unwrap();
        assert!(tasks.unseen_alarms().await.unwrap().is_empty());
        assert_eq!(
            tasks.glass(id).await.unwrap().alarm.unwrap().seen,
            Some((PAVEL, NOW))
        );

        let review = tasks.reviews_to_do().await.unwrap().remove(0);
        assert_eq!((review.of, review.task), (Reviewed::BreakGlass, id));
        assert_eq!(
            refusal(tasks.review(review.id, "it was I", OLGA, NOW).await),
            Refusal::NeedsAnother
        );
        tasks
            .review(review.id, "needed indeed", PAVEL, NOW)
            .await
            .unwrap();
        assert_eq!(
            refusal(tasks.review(review.id, "once more", PAVEL, NOW).await),
            Refusal::Over
        );
        assert_eq!(
            tasks.reviews_of(id).await.unwrap()[0].reviewed,
            Some((PAVEL, NOW))
        );

        assert_eq!(tasks.glasses_in_force(NOW).await.unwrap().len(), 1);
        tasks.end_break_glass(id, PAVEL, NOW).await.unwrap();
        assert!(!reads_by_glass(&tasks, OLGA, id, NOW).await);
        assert!(tasks.glasses_in_force(NOW).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_second_person_has_to_be_another_and_in_time() {
    for trial in trials().await.unwrap() {
        let tasks = register(&trial).await;
        let asked = NewBreakGlass {
            witness: Witness::SecondPerson,
            ..GLASS
        };
        let change = tasks.break_glass(asked, OLGA, NOW).await.unwrap();
        assert_eq!((change.what, change.pending), (What::GlassAsked, vec![OLGA]));
        assert_eq!(
            refusal(tasks.confirm_break_glass(change.task, OLGA, NOW).await),
            Refusal::NeedsAnother
        );
        let id = change.task;
        assert!(!reads_by_glass(&tasks, OLGA, id, NOW).await);
        assert_eq!(tasks.glasses_to_confirm(NOW).await.unwrap().len(), 1);
        assert!(tasks.reviews_to_do().await.unwrap().is_empty());
        let late = NOW.plus_ms(CONFIRM_WITHIN_MS);
        assert!(tasks.glasses_to_confirm(late).await.unwrap().is_empty());
        assert_eq!(
            refusal(tasks.confirm_break_glass(id, PAVEL, late).await),
            Refusal::Over
        );
        let soon = NOW.plus_ms(HOUR_MS / 2);
        let confirmed = tasks.confirm_break_glass(id, PAVEL, soon).await.unwrap();
        assert_eq!(confirmed.until, soon.plus_ms(OPEN_MS));
        assert!(reads_by_glass(&tasks, OLGA, id, soon.plus_ms(OPEN_MS - 1)).await);
        assert!(!reads_by_glass(&tasks, OLGA, id, soon.plus_ms(OPEN_MS)).await);
        assert_eq!(
            refusal(tasks.confirm_break_glass(id, PAVEL, soon).await),
            Refusal::Over
        );
        assert_eq!(tasks.reviews_to_do().await.unwrap().len(), 1);
        assert!(tasks.unseen_alarms().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn lists_show_each_what_is_theirs() {
    for trial in trials().await.unwrap() {
        let tasks = register(&trial).await;
        let first = tasks.open_task(TASK, OWNER, NOW).await.unwrap().task;
        let sooner = NewTask {
            persons: &[BORIS, ANNA, BORIS],
            assignees: &[OLGA, PAVEL],
            end: Some(NOW.plus_ms(DAY_MS)),
            ..TASK
        };
        let second = tasks.open_task(sooner, OWNER, NOW.plus_ms(1)).await.unwrap().task;
        let ids = |list: Vec<tasks::Task>| list.into_iter().map(|t| t.id).collect::<Vec<_>>();
        assert_eq!(ids(tasks.tasks_of_account(OLGA).await.unwrap()), [second, first]);
        assert_eq!(ids(tasks.tasks_of_account(PAVEL).await.unwrap()), [second]);
        assert_eq!(ids(tasks.tasks_of_person(ANNA).await.unwrap()), [first, second]);
        assert_eq!(ids(tasks.tasks_of_person(BORIS).await.unwrap()), [second]);
        assert_eq!(tasks.task(second).await.unwrap().persons, [ANNA, BORIS]);
        assert_eq!(tasks.grants_in_force(NOW.plus_ms(1)).await.unwrap().len(), 3);
        assert_eq!(tasks.grants_in_force(NOW.plus_ms(DAY_MS)).await.unwrap().len(), 1);

        tasks.break_glass(GLASS, OLGA, NOW).await.unwrap();
        let changes = tasks.depart(OLGA, OWNER, NOW.plus_ms(2)).await.unwrap();
        assert_eq!(changes.len(), 3);
        assert!(tasks.tasks_of_account(OLGA).await.unwrap().is_empty());
        assert!(tasks.glasses_in_force(NOW.plus_ms(2)).await.unwrap().is_empty());
        assert!(!reads(&tasks, OLGA, first, NOW.plus_ms(2)).await);
        assert_eq!(tasks.glasses_of_person(ANNA).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn planted_faults_are_found_and_there_are_none_before() {
    for trial in trials().await.unwrap() {
        let tasks = register(&trial).await;
        let task = tasks.open_task(TASK, OWNER, NOW).await.unwrap().task;
        let glass = tasks.break_glass(GLASS, OLGA, NOW).await.unwrap().task;
        let staff = BTreeSet::from([OWNER, OLGA, PAVEL]);
        let soon = NOW.plus_ms(1);
        let breaches = async |staff: &BTreeSet<u32>| {
            let faults = tasks.standing_faults(staff, soon).await.unwrap();
            faults.iter().map(|f| (f.breach, f.task)).collect::<Vec<_>>()
        };
        assert!(breaches(&staff).await.is_empty());
        assert_eq!(
            breaches(&BTreeSet::from([OWNER])).await.len(),
            2,
            "grant and emergency opening of one who left"
        );
        let database = trial.open().await.unwrap();
        let plant = async |sql: &'static str| {
            let done = sqlx::query(sql).execute(database.pool()).await.unwrap();
            assert!(done.rows_affected() > 0, "{sql}");
        };
        for (sql, undo, want) in [
            (
                "UPDATE tasks SET status = 'done'",
                "UPDATE tasks SET status = 'open'",
                (Breach::WithoutTask, task),
            ),
            (
                "UPDATE grants SET classes = 'name,phone'",
                "UPDATE grants SET classes = 'name,email'",
                (Breach::BeyondTask, task),
            ),
            (
                "UPDATE grants SET purpose = 'newsletter'",
                "UPDATE grants SET purpose = 'answer_enquiry'",
                (Breach::BeyondTask, task),
            ),
            (
                "UPDATE tasks SET end_ms = end_ms - 1",
                "UPDATE tasks SET end_ms = end_ms + 1",
                (Breach::BeyondTask, task),
            ),
            (
                "UPDATE grants SET given_by = 2",
                "UPDATE grants SET given_by = 1",
                (Breach::Unapproved, task),
            ),
            (
                "UPDATE grants SET from_ms = from_ms - 1",
                "UPDATE grants SET from_ms = from_ms + 1",
                (Breach::TooLong, task),
            ),
            (
                "UPDATE break_glass SET until_ms = until_ms + 1",
                "UPDATE break_glass SET until_ms = until_ms - 1",
                (Breach::TooLong, glass),
            ),
            (
                "UPDATE break_glass SET confirmed_by = 2",
                "UPDATE break_glass SET confirmed_by = NULL",
                (Breach::Unapproved, glass),
            ),
            (
                "UPDATE reviews SET due_ms = 5",
                "UPDATE reviews SET due_ms = 1880000000000",
                (Breach::ReviewOverdue, glass),
            ),
        ] {
            plant(sql).await;
            assert_eq!(breaches(&staff).await, [want], "{sql}");
            plant(undo).await;
            assert!(breaches(&staff).await.is_empty());
        }
        plant("DELETE FROM reviews").await;
        assert_eq!(breaches(&staff).await, [(Breach::NoReview, glass)]);
    }
}

#[tokio::test]
async fn reasons_are_sealed_and_go_with_the_person() {
    for (trial, keys) in trials().await.unwrap().into_iter().zip(trials().await.unwrap()) {
        let tasks = register_with(&trial, &keys).await;
        let opened = tasks.open_task(TASK, OLGA_ALONE, NOW).await.unwrap();
        let broken = tasks.break_glass(GLASS, OLGA, NOW).await.unwrap();
        let review = tasks.reviews_to_do().await.unwrap().remove(0).id;
        let reviewed = tasks.review(review, MARKER, OLGA_ALONE, NOW).await.unwrap();
        let task = tasks.task(opened.task).await.unwrap();
        let glass = tasks.glass(broken.task).await.unwrap();
        assert_eq!((task.reason.reveal(), glass.reason.reveal()), (MARKER, MARKER));
        let told = format!("{opened:?} {broken:?} {reviewed:?} {task:?} {glass:?}");
        assert!(!told.contains("Marker"), "{told}");
        let opened_id = opened.task;
        let audited = serde_json::to_string(&[opened, broken.clone(), reviewed]).unwrap();
        assert!(
            !audited.contains("Marker") && audited.contains("answer_enquiry"),
            "{audited}"
        );

        for trial in [&trial, &keys] {
            assert!(!holds(trial, MARKER), "no text lies in clear");
        }
        let before = rows(&trial).await;
        assert_eq!(tasks.erase_texts_about(BORIS).await.unwrap(), 0);
        assert_eq!(tasks.persons_with_texts().await.unwrap(), [ANNA]);
        assert_eq!(tasks.erase_texts_about(ANNA).await.unwrap(), 3);
        assert_eq!(tasks.persons_with_texts().await.unwrap(), []);
        let is_erased = async || {
            let glass = tasks.glass(broken.task).await.unwrap();
            let mut reviews = tasks.reviews_of(broken.task).await.unwrap();
            reviews.extend(tasks.reviews_of(opened_id).await.unwrap());
            glass.reason.reveal().is_empty() && reviews.iter().all(|one| one.finding.reveal().is_empty())
        };
        assert!(is_erased().await);
        // As from a backup of the tasks: sealed texts without their keys.
        put_back(&trial, before).await;
        assert_eq!(tasks.persons_with_texts().await.unwrap(), [ANNA]);
        assert!(is_erased().await, "no copy can be read");
        assert_eq!(
            tasks.tasks_of_person(ANNA).await.unwrap().len(),
            1,
            "who could read stays known"
        );
    }
}

fn holds(trial: &Trial, text: &str) -> bool {
    let file = std::path::Path::new(&trial.place);
    trial.engine == sqldb::Engine::Sqlite
        && std::fs::read_dir(file.parent().unwrap())
            .unwrap()
            .flatten()
            .any(|entry| {
                let bytes = std::fs::read(entry.path()).unwrap();
                bytes.windows(text.len()).any(|window| window == text.as_bytes())
            })
}

const SEALED: [&str; 2] = ["break_glass", "reviews"];

async fn rows(trial: &Trial) -> Vec<Vec<u8>> {
    let database = trial.open().await.unwrap();
    let mut sealed = Vec::new();
    for table in SEALED {
        let sql = format!("SELECT sealed_text FROM {table} WHERE sealed_text IS NOT NULL");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_one(database.pool())
            .await
            .unwrap();
        sealed.push(sqlx::Row::get(&row, 0));
    }
    sealed
}

async fn put_back(trial: &Trial, sealed: Vec<Vec<u8>>) {
    let database = trial.open().await.unwrap();
    for (table, sealed) in SEALED.iter().zip(sealed) {
        let sql = format!("UPDATE {table} SET sealed_text = $1");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(sealed)
            .execute(database.pool())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn texts_of_earlier_versions_are_sealed_at_start() {
    for (trial, keys) in trials().await.unwrap().into_iter().zip(trials().await.unwrap()) {
        let tasks = register_with(&trial, &keys).await;
        let task = tasks.open_task(TASK, OLGA_ALONE, NOW).await.unwrap().task;
        let glass = tasks.break_glass(GLASS, OLGA, NOW).await.unwrap().task;
        let review = tasks.reviews_of(glass).await.unwrap().remove(0).id;
        tasks.review(review, MARKER, OLGA_ALONE, NOW).await.unwrap();
        let database = trial.open().await.unwrap();
        for sql in [
            "UPDATE tasks SET sealed_text = NULL, reason = $1",
            "UPDATE break_glass SET sealed_text = NULL, reason = $1",
            "UPDATE reviews SET sealed_text = NULL, finding = $1 WHERE reviewed_ms IS NOT NULL",
        ] {
            sqlx::query(sql)
                .bind(MARKER)
                .execute(database.pool())
                .await
                .unwrap();
        }
        assert!(trial.engine != sqldb::Engine::Sqlite || holds(&trial, MARKER));
        drop(tasks);
        let tasks = register_with(&trial, &keys).await;
        assert_eq!(tasks.task(task).await.unwrap().reason.reveal(), MARKER);
        assert_eq!(tasks.glass(glass).await.unwrap().reason.reveal(), MARKER);
        let reviews = tasks.reviews_of(glass).await.unwrap();
        assert_eq!(reviews[0].finding.reveal(), MARKER);
        assert!(!holds(&trial, MARKER));
    }
}

#[tokio::test]
async fn many_changes_at_once_all_succeed() {
    for trial in trials().await.unwrap() {
        let tasks = register(&trial).await;
        let task = tasks.open_task(TASK, OWNER, NOW).await.unwrap().task;
        let mut running = tokio::task::JoinSet::new();
        for account in 10..30 {
            let tasks = tasks.clone();
            running.spawn(async move { tasks.assign(task, account, OWNER, NOW).await });
        }
        while let Some(assigned) = running.join_next().await {
            assigned.unwrap().unwrap();
        }
        assert_eq!(tasks.task(task).await.unwrap().grants.len(), 21);
    }
}
