//! `kill -9` under enquiries: each that was answered as received is there, once, and is read; each reading is counted.

use crate::browser::{Browser, TYPING, hidden};
use crate::installation::Installation;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

const PEOPLE: usize = 8;
/// Enquiries that each of them has ready.
const FORMS: usize = 12;
const KILLS: usize = 3;
/// How many enquiries are received before each kill.
const BEFORE_A_KILL: usize = 10;

/// Sends enquiries that were filled in before the barrier, until the server dies.
fn enquire_until_it_dies(
    address: &str,
    barrier: &Barrier,
    numbers: &AtomicU32,
    received: &Mutex<BTreeSet<u32>>,
) {
    let mut person = Browser::new(address);
    let forms: Vec<String> = (0..FORMS).map(|_| person.get("/enquiry").text()).collect();
    thread::sleep(TYPING);
    barrier.wait();
    for form in forms {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        // Of many from one place the later ones would have to wait.
        person.forwarded_for = Some(format!("10.1.{}.{}", number / 250, number % 250));
        let token = hidden(&form, "/enquiry", "token");
        let message = format!("This is number {number} of all.");
        let email = format!("person-{number}@client.example");
        let fields = [("token", &*token), ("message", &message), ("email", &email)];
        match person.try_post("/enquiry", &fields) {
            Ok(answer) if answer.status == 303 => {
                received.lock().unwrap().insert(number);
            }
            Ok(answer) => panic!("answered {}: {}", answer.status, answer.text()),
            Err(_) => return,
        }
    }
}

/// The numbers of an opened case: in its message, in the address of its sender.
fn numbers_in(page: &str) -> [Option<u32>; 2] {
    [("This is number ", ' '), ("person-", '@')]
        .map(|(before, after)| page.split(before).nth(1)?.split(after).next()?.parse().ok())
}

/// The figures at the head of the audit log: values opened, and of them recorded.
fn counters(page: &str) -> (u64, u64) {
    let counters = page.split("counters").nth(1).unwrap();
    let mut figures = counters.split("<dd").skip(1).map(|rest| {
        let figure = rest.split('>').nth(1).unwrap().split('<').next().unwrap();
        figure.parse().unwrap()
    });
    (figures.next().unwrap(), figures.next().unwrap())
}

#[test]
fn no_enquiry_that_was_received_is_lost_doubled_or_unreadable() {
    let (installation, link) = Installation::initialised();
    installation.trust_this_machine();
    let server = installation.serve();
    let mut owner = Browser::new(&server.address);
    owner.set_up(&link, "anna", "Anna");
    server.stop();

    let numbers = Arc::new(AtomicU32::new(0));
    let received = Arc::new(Mutex::new(BTreeSet::new()));
    for _ in 0..KILLS {
        let server = installation.serve();
        let barrier = Arc::new(Barrier::new(PEOPLE + 1));
        let people: Vec<_> = (0..PEOPLE)
            .map(|_| {
                let address = server.address.clone();
                let (barrier, numbers, received) = (barrier.clone(), numbers.clone(), received.clone());
                thread::spawn(move || enquire_until_it_dies(&address, &barrier, &numbers, &received))
            })
            .collect();
        let before = received.lock().unwrap().len();
        barrier.wait();
        // Amid the load, however fast the machine is.
        for _ in 0..6_000 {
            if received.lock().unwrap().len() >= before + BEFORE_A_KILL {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
        server.kill();
        for person in people {
            person.join().unwrap();
        }
    }

    let server = installation.serve();
    let mut owner = owner.at(&server.address);
    let mut found: BTreeMap<u32, u32> = BTreeMap::new();
    // Those who were not answered: the program ended when they were half written.
    let mut halves = BTreeSet::new();
    for case in 1.. {
        let path = format!("/console/cases/{case}");
        if owner.get(&path).status == 404 {
            break;
        }
        // Whose task was lost gets one within a minute.
        let mut opened = owner.fill("/console", &format!("{path}/open"), &[]);
        for _ in 0..90 {
            if opened.status == 200 {
                break;
            }
            thread::sleep(Duration::from_secs(1));
            opened = owner.fill("/console", &format!("{path}/open"), &[]);
        }
        let page = opened.text();
        match numbers_in(&page) {
            [Some(message), Some(address)] if message == address => *found.entry(message).or_default() += 1,
            [None, Some(number)] => assert!(halves.insert(number), "{number} is there twice"),
            [None, None] => {}
            numbers => panic!("{path} has {numbers:?}"),
        }
    }
    let received = received.lock().unwrap();
    let sent = numbers.load(Ordering::Relaxed);
    let lost: Vec<_> = received.iter().filter(|n| !found.contains_key(n)).collect();
    let doubled: Vec<_> = found.iter().filter(|(_, count)| **count != 1).collect();
    println!(
        "{KILLS} kills: {sent} sent, {} received, {} found, {} cut short",
        received.len(),
        found.len(),
        halves.len()
    );
    assert!(
        received.len() >= KILLS * BEFORE_A_KILL,
        "the load was a load: {}",
        received.len()
    );
    assert!((received.len() as u32) < sent, "it died under the load");
    assert!(lost.is_empty() && doubled.is_empty(), "{lost:?} {doubled:?}");
    assert!(
        found.keys().chain(&halves).all(|n| *n < sent),
        "nothing appears that was never sent"
    );

    let (opened, recorded) = counters(&owner.get("/console/audit").text());
    assert_eq!(opened, recorded, "every opening has its entry");
    let least = 2 * found.len() + halves.len();
    assert_eq!(opened, least as u64, "a message and an address each");
    server.stop();
    let verified = installation.ok(&["audit", "verify"]);
    assert!(verified["fault"].is_null(), "{verified}");
    assert_eq!(verified["values_read"], opened);
}
