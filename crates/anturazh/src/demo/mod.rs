//! `demo`: an agency, three clients, a year of simulated traffic, and invented people who write to the agency. All of it
//! goes through the real doors.

mod browsers;
mod chance;
mod cities;
mod enquirers;
mod people;
mod places;
mod profile;
mod sign_in;
mod traffic;
mod voices;

pub(crate) use chance::Chance;
pub(crate) use profile::PROFILES;
pub(crate) use traffic::Traffic;

use crate::{
    arguments::Demo,
    clock,
    configuration::{Configuration, FIRST},
    folder::Folder,
    output,
    progress::Progress,
    serve::Running,
    service::Service,
    store::Store,
};
use anyhow::{Context, bail};
use collect::{Peer, Protocol, Request};
use policy::Manifest;
use profile::Profile;
use sign_in::SignIn;
use sites::{Can, NewClient, NewSite};
use std::{path::Path, sync::Arc};
use vocabulary::Moment;

/// Hits sent in one request.
pub(crate) const BATCH: usize = 500;

/// Where the demo keeps its folder unless `--data` says otherwise.
const FOLDER: &str = "./anturazh-demo";

pub(crate) async fn run(data: &Path, options: Demo) -> anyhow::Result<()> {
    let path = if data == Path::new("./anturazh-data") {
        Path::new(FOLDER)
    } else {
        data
    };
    let service = if path.join("anturazh.toml").exists() {
        let store = Store::open(path).await?;
        if !store.configuration.public_dashboards {
            bail!(
                "`{}` is not a folder of the demo; name another with --data",
                path.display()
            );
        }
        Service::open(store).await?
    } else {
        prepare(path, &options).await?
    };
    if options.prepare_only {
        return service.close(clock::now()).await;
    }
    let folder = service.store.folder.clone();
    let running = Running::start(Arc::new(service), &options.listen).await?;
    show(&running.address, &folder)?;
    running.until_told_to_stop().await
}

/// Says where to look.
fn show(address: &str, folder: &Folder) -> anyhow::Result<()> {
    let at = |path: &str, what: &str| output::line(&format!("  {:<54} {what}", format!("{address}{path}")));
    output::line(&format!("\nlistening on {address}\n\nThe agency's site:"));
    at("/", "main page");
    at("/enquiry", "write to the agency");
    at("/testimonials", "what clients agreed to publish");
    let sign_in = SignIn::read(folder)?;
    if sign_in.is_some() {
        let holder = enquirers::ACCOUNT_HOLDER;
        at("/account", &format!("have a link sent to {holder}"));
    }
    output::line("\nThe dashboards:");
    for profile in PROFILES {
        at(&format!("/sites/{}", profile.domain), profile.client);
    }
    if let Some(sign_in) = sign_in {
        output::line("\nThe console, where staff answers:");
        at("/console", "enquiries, tasks, testimonials, audit log");
        for line in sign_in.lines(clock::now())? {
            output::line(&format!("    {line}"));
        }
        output::line(&format!(
            "\nLetters become files in {}. One asks for leave to publish a testimonial.",
            folder.people("outbox").display()
        ));
    }
    output::line(&format!(
        "\nAdd ?lang=ru or ?lang=en for the language. The data is in {}.",
        folder.root().display()
    ));
    output::line("Ctrl-C ends it; the next start shows the same.");
    Ok(())
}

/// Makes the folder, sends a year of traffic through the door, and lets people write.
async fn prepare(path: &Path, options: &Demo) -> anyhow::Result<Service> {
    let now = clock::now();
    let configuration =
        format!("{FIRST}\n# Set by the demo: everybody may look.\npublic_dashboards = true\n");
    let folder = Folder::create(path, &configuration)?;
    let cities = folder.root().join("demo-cities.mmdb");
    std::fs::write(&cities, cities::mmdb()).context("failed to write the demo's city file")?;
    let text = |path: &Path| {
        anyhow::Ok(toml::Value::from(
            std::path::absolute(path)?.display().to_string(),
        ))
    };
    let line = format!(
        "city_file = {}\n\n[controller]\nname = \"Anturazh\"\naddress = \"1 Example Street, 101000 Moscow\"\nemail = \"privacy@anturazh.example\"\n\n# Mail becomes files that one can open.\n[mail]\nfrom = \"hello@anturazh.example\"\nfolder = {}\n",
        text(&cities)?,
        text(&folder.people("outbox"))?
    );
    std::fs::write(folder.configuration(), configuration + &line)?;
    let configuration = Configuration::read(&folder.configuration())?;
    let store = Store::of(folder, configuration).await?;
    let mut tokens = Vec::new();
    for profile in PROFILES {
        tokens.push(add_site(&store, profile, now).await?);
    }
    let service = Service::open(store).await?;
    let mut progress = Progress::new("simulating a year", 1000 * PROFILES.len() as u64);
    let mut accepted = 0;
    for (place, (profile, token)) in PROFILES.iter().zip(&tokens).enumerate() {
        let mut traffic = Traffic::new(profile, options.seed + place as u64, i64::from(options.days), now);
        while let Some(hits) = traffic.next_day() {
            for batch in hits.chunks(BATCH) {
                accepted += send(&service, token, batch, now).await?;
            }
            let done = (place as f64 + traffic.progress()) * 1000.0;
            progress.at(done as u64, &format!("{accepted} events"));
            if service.archive.flush_due(clock::now()) {
                service.flush(clock::now()).await?;
            }
        }
    }
    service.flush(clock::now()).await?;
    service.archive.compact(clock::now()).await?;
    service.save_counts(now).await?;
    progress.done(&format!("{accepted} events on {} sites", PROFILES.len()));
    let site = format!("http://{}", options.listen);
    Box::pin(people::come(&service.store, &site, now)).await?;
    Ok(service)
}

/// Registers a profile's client and site; gives a token that may send for it.
pub(crate) async fn add_site(store: &Store, profile: &Profile, now: Moment) -> anyhow::Result<String> {
    let client = NewClient {
        name: profile.client,
        contract_start: None,
        contract_end: None,
    };
    let client = store.sites.add_client(client, now).await?;
    let new = NewSite {
        domain: profile.domain,
        client: client.id,
        timezone: profile.time_zone,
        currency: profile.currency,
        manifest: Manifest::default(),
        by: "demo",
    };
    let site = store.sites.add_site(new, now).await?.id;
    for goal in profile.goals() {
        store.sites.add_goal(site, &goal.name, &goal.rule).await?;
    }
    let zone = jiff::tz::TimeZone::get(profile.time_zone)?;
    let today = zone.to_datetime(jiff::Timestamp::from_millisecond(now.0)?).date();
    for (days_ago, what) in profile.notes {
        let day = today.saturating_sub(jiff::Span::new().days(*days_ago));
        store.sites.annotate(site, day, what, "demo", now).await?;
    }
    Ok(store
        .sites
        .create_token(site, Can::Send, "simulation", now)
        .await?
        .text)
}

/// Sends hits as a server would: the same bytes, the same door, the same answer.
async fn send(
    service: &Service,
    token: &str,
    hits: &[serde_json::Value],
    now: Moment,
) -> anyhow::Result<u64> {
    let body = serde_json::to_vec(hits)?;
    let mut headers = http::HeaderMap::new();
    headers.insert(http::header::AUTHORIZATION, format!("Bearer {token}").parse()?);
    let request = Request {
        peer: Peer::LOCAL,
        headers: &headers,
        query: "",
        body: &body,
    };
    let protocol = Protocol::at("POST", "/api/v1/events").context("our own protocol is registered")?;
    let answer = service.door.receive(protocol, request, now).await;
    let answered: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match answered["accepted"].as_u64() {
        Some(accepted) if answer.status == 202 => Ok(accepted),
        _ => bail!("the door answered {} {answered}", answer.status),
    }
}

#[cfg(test)]
mod tests {
    use super::{places::COUNTRIES, *};
    use collect::{
        Address,
        enrich::{EnrichOptions, Enricher},
    };
    use policy::Purpose;
    use std::collections::BTreeMap;

    #[test]
    fn simulated_visitors_live_where_the_tables_say() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("cities.mmdb");
        std::fs::write(&file, cities::mmdb()).unwrap();
        let options = EnrichOptions {
            place_database: Some(file),
            ..EnrichOptions::default()
        };
        let (plain, with_cities) = (
            Enricher::new(&EnrichOptions::default()).unwrap(),
            Enricher::new(&options).unwrap(),
        );
        let mut chance = Chance::new(1);
        for country in COUNTRIES {
            for _ in 0..20 {
                let address = Address::parse(&country.address(&mut chance)).unwrap();
                assert_eq!(
                    plain.place(address).country,
                    country.code,
                    "the embedded data agrees"
                );
                let place = with_cities.place(address);
                assert_eq!(place.country, country.code);
                assert!(
                    country.cities.iter().any(|c| c.1 == place.city),
                    "{} in {}",
                    place.city,
                    country.code
                );
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn people_came_through_the_doors_and_staff_can_serve_them() {
        use ::people::{CaseFilter, CaseStatus, TestimonialFilter, TestimonialStatus};
        use staff::{Origin, Right, Step};

        let dir = tempfile::tempdir().unwrap();
        let options = Demo {
            listen: "127.0.0.1:8080".into(),
            seed: 13,
            days: 1,
            prepare_only: true,
        };
        let service = prepare(&dir.path().join("demo"), &options).await.unwrap();
        let (store, now) = (&service.store, clock::now());
        let (office, staff) = (store.office().await.unwrap(), store.staff().await.unwrap());
        let account = staff.account_by_login("demo").await.unwrap();

        let mut stand = BTreeMap::new();
        let filter = CaseFilter {
            statuses: &[],
            assignee: Some(account.id.0),
            before: None,
            most: 100,
        };
        let mut newsletters = 0;
        for case in office.people.cases(filter).await.unwrap() {
            *stand.entry(case.status.name()).or_insert(0) += 1;
            let task = office.tasks.task(case.task.unwrap()).await.unwrap();
            let is_over = case.status == CaseStatus::Closed;
            assert_eq!(task.status.is_over(), is_over, "{}", case.id.0);
            assert!(is_over || task.end > now, "{}", case.id.0);
            let state = office
                .people
                .consent_state(case.person, Purpose::Newsletter)
                .await
                .unwrap();
            newsletters += i32::from(state.allows_use());
        }
        let states = [
            ("answered", 3),
            ("closed", 3),
            ("new", 3),
            ("open", 2),
            ("waiting", 1),
        ];
        assert_eq!(stand, BTreeMap::from(states));
        assert_eq!(newsletters, 5);

        let published = office.published_testimonials(10, now).await.unwrap();
        assert_eq!(published.len(), 1);
        let asked = TestimonialFilter {
            status: Some(TestimonialStatus::Asked),
            before: None,
            most: 10,
        };
        assert_eq!(office.people.testimonials(asked).await.unwrap().len(), 1);
        let holder = office.people.holder(enquirers::ACCOUNT_HOLDER).await.unwrap();
        assert!(holder.is_some());
        let (opened, recorded) = office.readings().await.unwrap();
        assert!(opened > 10, "{opened}");
        assert_eq!(opened, recorded);

        let sign_in = SignIn::read(&store.folder).unwrap().unwrap();
        let origin = Origin {
            address: "192.0.2.7",
            browser: "",
        };
        let codes = [
            sign_in.code(now).unwrap().reveal().to_owned(),
            sign_in.recovery_codes[0].clone(),
        ];
        for code in codes {
            let first = staff
                .sign_in(&sign_in.login, &sign_in.password, origin, now)
                .await;
            let Step::SecondFactorNeeded(pending, _) = first.unwrap() else {
                panic!("the second factor is asked for");
            };
            let second = staff.second_step(&pending, &code, origin, now).await.unwrap();
            assert!(second.signed_in.may(Right::ServeEnquiries));
        }
        service.close(now).await.unwrap();
    }

    #[test]
    fn the_same_seed_gives_the_same_traffic_in_the_order_of_time() {
        let now = Moment(1_795_000_000_000);
        let all = |seed| {
            let mut traffic = Traffic::new(&PROFILES[1], seed, 5, now);
            std::iter::from_fn(|| traffic.next_day())
                .flatten()
                .collect::<Vec<_>>()
        };
        let hits = all(7);
        assert!(hits.len() > 2_000, "{}", hits.len());
        assert_eq!(hits, all(7));
        assert_ne!(hits, all(8));
        assert!(hits.is_sorted_by_key(|hit| hit["timestamp"].as_i64()));
        assert!(hits.iter().all(|hit| hit["timestamp"].as_i64().unwrap() < now.0));
    }
}
