//! How long a decision takes: by the policies alone, and with the facts read from an SQLite file.
//! Run with `cargo run --release -p tasks --example tasks_speed`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement for the terminal"
)]

use policy::{FieldClass, Purpose};
use sqldb::Database;
use std::collections::BTreeSet;
use std::time::Instant;
use tasks::{
    Act, Facts, Leave, NewTask, Policies, Principal, Question, Rules, Scope, TaskKind, TaskStatus, Tasks,
};
use vocabulary::{Moment, PersonId, moment::DAY_MS};

const NOW: Moment = Moment(1_780_000_000_000);
const TIMES: u32 = 20_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let begun = Instant::now();
    let policies = Policies::shipped();
    println!("reading and validating the policies: {:?}", begun.elapsed());

    let person = PersonId([1; 16]);
    let read = |classes| Act::ReadFields {
        person,
        on_hold: false,
        classes,
        uses: &[Purpose::AnswerEnquiry, Purpose::RightsRequest, Purpose::LegalDuty],
        use_allowed: true,
    };
    let classes = [
        FieldClass::Name,
        FieldClass::Email,
        FieldClass::Phone,
        FieldClass::Message,
    ];
    let question = Question {
        principal: Principal::Staff {
            account: 2,
            second_factor: true,
        },
        act: read(&classes[..1]),
        client: 7,
        purpose: Purpose::AnswerEnquiry,
        leave: Some(Leave::Grant {
            scope: Scope {
                client: 7,
                purpose: Purpose::AnswerEnquiry,
                persons: BTreeSet::from([person]),
                classes: BTreeSet::from(classes),
                from: NOW,
                until: NOW.plus_ms(DAY_MS),
                ended: false,
            },
            status: TaskStatus::Open,
            approved: true,
        }),
        now: NOW,
    };
    let begun = Instant::now();
    for _ in 0..TIMES {
        assert!(policies.decide(&question).allowed);
    }
    println!("one field by the policies alone: {:?}", begun.elapsed() / TIMES);

    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("tasks.sqlite");
    let database = Database::open(place.to_str().unwrap()).await.unwrap();
    let key = zeroize::Zeroizing::new([7; 32]);
    let tasks = Tasks::open(database.clone(), database, key, Rules::default())
        .await
        .unwrap();
    let new = NewTask {
        client: 7,
        purpose: Purpose::AnswerEnquiry,
        kind: TaskKind::Enquiry,
        persons: &[person],
        classes: &classes,
        assignees: &[2],
        end: None,
        reason: "to measure",
    };
    let mut task = tasks.open_task(new, 1, NOW).await.unwrap().task;
    for _ in 0..1_000 {
        task = tasks.open_task(new, 1, NOW).await.unwrap().task;
    }
    for (what, act) in [
        ("one field", read(&classes[..1])),
        ("four fields", read(&classes)),
    ] {
        let facts = Facts {
            task,
            break_glass: false,
            client: 7,
            purpose: Purpose::AnswerEnquiry,
            acts: &[act],
        };
        let begun = Instant::now();
        for _ in 0..TIMES / 4 {
            assert!(tasks.decide(2, true, &facts, NOW).await.unwrap().allowed);
        }
        println!(
            "{what} with the facts read, of 1001 tasks: {:?}",
            begun.elapsed() / (TIMES / 4)
        );
    }
}
