use super::*;

#[test]
fn the_list_of_steps_reads_as_the_policy() {
    for (place, step) in STEPS.iter().enumerate() {
        assert!(STEPS[..place].iter().all(|other| other.name != step.name));
        assert!(!step.about.is_empty());
    }
    let place = |name: &str| STEPS.iter().position(|step| step.name == name).unwrap();
    // What is dropped for less work comes first; nothing is kept of a hit before all that may drop it for what it is;
    // ids are claimed last, so that a claim is never held by what is dropped.
    assert!(place("site") < place("manifest") && place("manifest") < place("robots"));
    assert!(place("robots") < place("page") && place("spam") < place("page"));
    assert!(place("place") < place("strip"));
    assert_eq!(place("repeats"), STEPS.len() - 1);
}
