//! The register of sites, the same cases on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test says so by panicking"
)]

use policy::Manifest;
use sites::{
    Can, Client, Count, Error, NewClient, NewSite, Outcome, Problem, Site, Sites, count::UNKNOWN_SITE,
};
use sqldb::trial::{Trial, trials};
use vocabulary::{ClientId, DataType, GoalRule, IpKeeping, Moment, Reason, SiteId};

const NOW: Moment = Moment(1_780_000_000_000);

async fn register(trial: &Trial) -> Sites {
    Sites::open(trial.open().await.unwrap()).await.unwrap()
}

async fn client(sites: &Sites, name: &str) -> Client {
    let new = NewClient {
        name,
        ..NewClient::default()
    };
    sites.add_client(new, NOW).await.unwrap()
}

fn new_site(domain: &str, client: ClientId) -> NewSite<'_> {
    NewSite {
        domain,
        client,
        timezone: "Europe/Berlin",
        currency: "eur",
        manifest: Manifest::default(),
        by: "command line",
    }
}

async fn shop(sites: &Sites) -> Site {
    let client = client(sites, "Laden GmbH").await;
    sites
        .add_site(new_site("shop.example", client.id), NOW)
        .await
        .unwrap()
}

fn problem(error: &Error) -> (&'static str, &Problem) {
    match error {
        Error::Refused { field, problem } => (field, problem),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn clients_are_added_found_and_ended() {
    for trial in trials().await.unwrap() {
        let sites = register(&trial).await;
        let laden = client(&sites, " Laden GmbH ").await;
        let blumen = sites
            .add_client(
                NewClient {
                    name: "Blumen",
                    contract_start: Some("2026-01-01".parse().unwrap()),
                    contract_end: None,
                },
                NOW,
            )
            .await
            .unwrap();
        assert_eq!(
            (laden.id, laden.name.as_str(), blumen.id),
            (ClientId(1), "Laden GmbH", ClientId(2))
        );
        assert_eq!(sites.clients().await.unwrap(), [laden.clone(), blumen.clone()]);
        for wanted in ["1", "Laden GmbH", "laden gmbh"] {
            assert_eq!(sites.client(wanted).await.unwrap(), laden, "{wanted}");
        }
        let Error::NotFound { near, .. } = sites.client("Bloomen").await.unwrap_err() else {
            panic!("found a client that is not there")
        };
        assert_eq!(near, ["Blumen"]);

        let taken = NewClient {
            name: "Blumen",
            ..NewClient::default()
        };
        let error = sites.add_client(taken, NOW).await.unwrap_err();
        assert_eq!(problem(&error), ("name", &Problem::Taken("Blumen".into())));
        for (name, want) in [
            ("  ", Problem::Empty),
            ("a\nb", Problem::Control),
            (&"x".repeat(201), Problem::TooLong { max: 200 }),
        ] {
            let error = sites
                .add_client(
                    NewClient {
                        name,
                        ..NewClient::default()
                    },
                    NOW,
                )
                .await
                .unwrap_err();
            assert_eq!(problem(&error), ("name", &want));
        }

        let ended = sites
            .end_client(blumen.id, "2026-06-30".parse().unwrap())
            .await
            .unwrap();
        assert_eq!(ended.contract_end, Some("2026-06-30".parse().unwrap()));
        let error = sites
            .end_client(blumen.id, "2025-12-31".parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!(problem(&error), ("contract end", &Problem::BeforeStart));
        assert_eq!(
            sites.client("2").await.unwrap(),
            ended,
            "what was refused must not be stored"
        );
        assert!(matches!(
            sites.end_client(ClientId(9), "2026-06-30".parse().unwrap()).await,
            Err(Error::NotFound { what: "client", .. })
        ));
        assert_eq!(
            serde_json::to_value(&ended).unwrap()["contract_end"],
            "2026-06-30"
        );
    }
}

#[tokio::test]
async fn a_wrong_site_names_the_field_and_the_remedy() {
    for trial in trials().await.unwrap() {
        let sites = register(&trial).await;
        let shop = shop(&sites).await;
        let right = new_site("b.example", shop.client);
        for (new, field, says) in [
            (
                NewSite {
                    timezone: "Europe/Mosow",
                    ..right
                },
                "timezone",
                "did you mean one of `Europe/Moscow`",
            ),
            (
                NewSite {
                    timezone: "moscow",
                    ..right
                },
                "timezone",
                "`Europe/Moscow`",
            ),
            (
                NewSite {
                    timezone: "",
                    ..right
                },
                "timezone",
                "is no time zone",
            ),
            (
                NewSite {
                    timezone: "../../etc/passwd",
                    ..right
                },
                "timezone",
                "is no time zone",
            ),
            (
                NewSite {
                    currency: "EURO",
                    ..right
                },
                "currency",
                "three letters",
            ),
            (
                NewSite {
                    currency: "RUR",
                    ..right
                },
                "currency",
                "`RUB`",
            ),
            (
                NewSite {
                    domain: "b example",
                    ..right
                },
                "domain",
                "letters, digits, dots",
            ),
            (
                NewSite {
                    domain: "https://www.Shop.example/",
                    ..right
                },
                "domain",
                "`shop.example` exists already",
            ),
            (
                NewSite {
                    client: ClientId(7),
                    ..right
                },
                "client",
                "no client 7",
            ),
            (NewSite { by: "", ..right }, "changed by", "empty"),
        ] {
            let error = sites.add_site(new, NOW).await.unwrap_err();
            assert_eq!(problem(&error).0, field);
            assert!(error.to_string().contains(says), "{error}");
        }
        assert_eq!(sites.snapshot().sites().count(), 1);
        sites
            .add_site(
                NewSite {
                    timezone: "europe/berlin",
                    ..right
                },
                NOW,
            )
            .await
            .unwrap();
        let error = sites.site("shop.exampel").unwrap_err();
        assert!(error.to_string().contains("`shop.example`"), "{error}");
        assert_eq!(
            sites.site("https://b.example").unwrap().site.timezone,
            "Europe/Berlin"
        );
    }
}

#[tokio::test]
async fn every_change_of_a_manifest_is_a_new_dated_version() {
    for trial in trials().await.unwrap() {
        let sites = register(&trial).await;
        let shop = shop(&sites).await;
        let first = Manifest::default();
        let second = first.deny(DataType::Action);
        let third = second.keep_ip(IpKeeping::Full);
        for (number, manifest, since, version) in [
            (1, first, NOW.plus_ms(500), 1),
            (2, second, NOW.plus_ms(1_000), 2),
            // The clock was set back: still later than what was before.
            (3, third, NOW.plus_ms(-1_000), 3),
        ] {
            let made = sites
                .change_manifest(shop.id, manifest, "account 1", "as agreed", since)
                .await
                .unwrap();
            assert_eq!((made.version, made.manifest), (version, manifest), "{number}");
            assert_eq!(sites.site("shop.example").unwrap().manifest, manifest);
        }
        let history = sites.manifest_history(shop.id).await.unwrap();
        let dated: Vec<_> = history
            .iter()
            .map(|v| (v.version, v.since.0 - NOW.0, v.manifest))
            .collect();
        assert_eq!(dated, [(1, 0, first), (2, 1_000, second), (3, 1_000, third)]);
        assert_eq!(
            (history[1].changed_by.as_str(), history[1].note.as_str()),
            ("account 1", "as agreed")
        );
        for (after_ms, version) in [(-9_999, 1), (0, 1), (999, 1), (1_000, 3), (9_999, 3)] {
            let at = sites.manifest_at(shop.id, NOW.plus_ms(after_ms)).await.unwrap();
            assert_eq!(at.version, version, "{after_ms}");
        }
        let unknown = sites
            .change_manifest(SiteId(9), first, "account 1", "", NOW)
            .await
            .unwrap_err();
        assert!(matches!(unknown, Error::NotFound { what: "site", .. }));
    }
}

#[tokio::test]
async fn salts_last_as_long_as_their_day_and_no_longer() {
    for trial in trials().await.unwrap() {
        let sites = register(&trial).await;
        let monday = sites.salts_for(100).await.unwrap();
        assert_ne!(monday.today, monday.yesterday);
        assert_eq!(
            register(&trial).await.salts_for(100).await.unwrap(),
            monday,
            "after a restart"
        );
        let tuesday = sites.salts_for(101).await.unwrap();
        assert_eq!(tuesday.yesterday, monday.today);
        assert_ne!(tuesday.today, monday.today);
        assert_eq!(sites.destroy_salts_before(101).await.unwrap(), 2);
        assert_eq!(sites.salts_for(101).await.unwrap().today, tuesday.today);
        assert_ne!(
            sites.salts_for(101).await.unwrap().yesterday,
            monday.today,
            "gone for good"
        );
        assert!(!format!("{monday:?}").contains(&format!("{:?}", &monday.today.bytes()[..2])));

        let mut tasks = Vec::new();
        for _ in 0..4 {
            let other = register(&trial).await;
            tasks.push(tokio::spawn(async move { other.salts_for(200).await.unwrap() }));
        }
        let mut drawn = Vec::new();
        for task in tasks {
            drawn.push(task.await.unwrap());
        }
        assert!(
            drawn.iter().all(|salts| *salts == drawn[0]),
            "all nodes share one"
        );
    }
}

#[tokio::test]
async fn destroyed_salts_are_gone_from_the_files() {
    let trial = sqldb::trial::sqlite().unwrap();
    let sites = register(&trial).await;
    let salt = sites.salts_for(100).await.unwrap().today;
    let found = || {
        let folder = std::path::Path::new(&trial.place).parent().unwrap();
        std::fs::read_dir(folder)
            .unwrap()
            .map(|e| std::fs::read(e.unwrap().path()).unwrap())
            .any(|bytes| bytes.windows(32).any(|w| w == salt.bytes()))
    };
    assert!(found());
    sites.destroy_salts_before(101).await.unwrap();
    assert!(!found());
}

#[tokio::test]
async fn goals_are_added_changed_and_removed() {
    for trial in trials().await.unwrap() {
        let sites = register(&trial).await;
        let shop = shop(&sites).await;
        let thanks = GoalRule::Page("/thanks**".into());
        let signup = GoalRule::Action("signup".into());
        sites.add_goal(shop.id, "Order", &signup).await.unwrap();
        sites.add_goal(shop.id, "Letter", &signup).await.unwrap();
        sites.add_goal(shop.id, "Order", &thanks).await.unwrap();
        let goals = sites.goals(shop.id).await.unwrap();
        let named: Vec<_> = goals.iter().map(|g| (g.name.as_str(), &g.rule)).collect();
        assert_eq!(named, [("Letter", &signup), ("Order", &thanks)]);
        assert_eq!(sites.site("shop.example").unwrap().goals, goals);
        for rule in [
            GoalRule::Page("thanks".into()),
            GoalRule::Page("".into()),
            GoalRule::Action(" ".into()),
        ] {
            sites.add_goal(shop.id, "Wrong", &rule).await.unwrap_err();
        }
        assert!(sites.add_goal(SiteId(9), "Order", &thanks).await.is_err());
        sites.remove_goal(shop.id, "Order").await.unwrap();
        assert!(matches!(
            sites.remove_goal(shop.id, "Order").await,
            Err(Error::NotFound { what: "goal", .. })
        ));
        assert_eq!(sites.site("shop.example").unwrap().goals.len(), 1);
    }
}

#[tokio::test]
async fn days_are_annotated_and_annotations_removed() {
    let day = |month, day| jiff::civil::date(2026, month, day);
    for trial in trials().await.unwrap() {
        let sites = register(&trial).await;
        let shop = shop(&sites).await;
        let note = async |on, text: &str| sites.annotate(shop.id, on, text, "account 1", NOW).await;
        let launch = note(day(3, 9), " Launch ").await.unwrap();
        note(day(1, 2), "Sale").await.unwrap();
        let noted = sites.annotations(shop.id).await.unwrap();
        let shown: Vec<_> = noted.iter().map(|a| (a.day, a.text.as_str())).collect();
        assert_eq!(shown, [(day(1, 2), "Sale"), (day(3, 9), "Launch")]);
        assert_eq!(noted[1], launch);
        let long = "x".repeat(121);
        for (on, text, field) in [
            (day(1, 1), "", "annotation"),
            (day(1, 1), &*long, "annotation"),
            (day(1, 1), "a\nb", "annotation"),
            (jiff::civil::date(1, 1, 1), "Launch", "day"),
        ] {
            let refused = note(on, text).await.unwrap_err();
            assert!(
                matches!(refused, Error::Refused { field: at, .. } if at == field),
                "{refused}"
            );
        }
        let other = SiteId(shop.id.0 + 1);
        assert!(
            sites
                .annotate(other, day(1, 1), "Launch", "x", NOW)
                .await
                .is_err()
        );
        assert!(
            sites.remove_annotation(other, launch.id).await.is_err(),
            "of another site"
        );
        sites.remove_annotation(shop.id, launch.id).await.unwrap();
        assert!(sites.remove_annotation(shop.id, launch.id).await.is_err());
        assert_eq!(sites.annotations(shop.id).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn tokens_open_one_site_until_revoked() {
    for trial in trials().await.unwrap() {
        let sites = register(&trial).await;
        let shop = shop(&sites).await;
        let send = sites
            .create_token(shop.id, Can::Send, "shop server", NOW)
            .await
            .unwrap();
        let read = sites
            .create_token(shop.id, Can::Read, "report", NOW)
            .await
            .unwrap();
        assert!(send.text.starts_with("anz_s_") && read.text.starts_with("anz_r_"));
        assert!(!format!("{send:?}").contains(&send.text));
        for (token, can) in [(&send, Can::Send), (&read, Can::Read)] {
            let grant = sites.find_token(&token.text).await.unwrap().unwrap();
            assert_eq!((grant.token, grant.site, grant.can), (token.id, shop.id, can));
            assert_eq!(sites.snapshot().token(&token.text), Some(grant));
        }
        let swapped = read.text.replace("anz_r_", "anz_s_");
        let longer = format!("{}x", read.text);
        for wrong in ["", "anz_s_", &swapped, &longer, "äöü"] {
            assert_eq!(sites.find_token(wrong).await.unwrap(), None);
            assert_eq!(sites.snapshot().token(wrong), None);
        }
        sites
            .revoke_token(shop.id, send.id, NOW.plus_ms(5))
            .await
            .unwrap();
        assert!(sites.revoke_token(shop.id, send.id, NOW).await.is_err());
        assert!(
            sites.revoke_token(SiteId(9), read.id, NOW).await.is_err(),
            "another site's token"
        );
        assert_eq!(sites.find_token(&send.text).await.unwrap(), None);
        assert_eq!(sites.snapshot().token(&send.text), None);
        assert!(sites.snapshot().token(&read.text).is_some());
        let listed = sites.tokens(shop.id).await.unwrap();
        let listed: Vec<_> = listed
            .iter()
            .map(|t| (t.can, t.name.as_str(), t.revoked))
            .collect();
        assert_eq!(
            listed,
            [
                (Can::Send, "shop server", Some(NOW.plus_ms(5))),
                (Can::Read, "report", None)
            ]
        );
        assert!(sites.create_token(SiteId(9), Can::Read, "x", NOW).await.is_err());
    }
}

#[tokio::test]
async fn counts_add_up_by_site_day_and_reason() {
    for trial in trials().await.unwrap() {
        let sites = register(&trial).await;
        let other = register(&trial).await;
        let count = |site, day, outcome, number| Count {
            site: SiteId(site),
            day,
            outcome,
            number,
        };
        let bot = Outcome::Dropped(Reason::Bot);
        let old = Outcome::Dropped(Reason::TooOld);
        let batches = [
            vec![
                count(1, 10, Outcome::Accepted, 5),
                count(1, 10, bot, 2),
                count(2, 10, bot, 9),
                count(1, 10, old, 0),
            ],
            vec![
                count(1, 10, Outcome::Accepted, 1),
                count(1, 11, bot, 4),
                count(1, 12, old, 1),
            ],
            vec![
                count(0, 10, Outcome::Dropped(Reason::UnknownSite), 3),
                count(1, 11, Outcome::Stripped, 2),
            ],
            vec![],
        ];
        for batch in &batches {
            let (a, b) = tokio::join!(sites.add_counts(batch), other.add_counts(batch));
            a.unwrap();
            b.unwrap();
        }
        for (site, days, want) in [
            (
                1,
                10..=11,
                vec![(Outcome::Accepted, 12), (Outcome::Stripped, 4), (bot, 12)],
            ),
            (1, 12..=12, vec![(old, 2)]),
            (1, 0..=9, vec![]),
            (
                UNKNOWN_SITE.0,
                0..=99,
                vec![(Outcome::Dropped(Reason::UnknownSite), 6)],
            ),
        ] {
            let mut want = want;
            want.sort();
            assert_eq!(sites.counts(SiteId(site), days).await.unwrap(), want);
        }
    }
}

#[tokio::test]
async fn changes_by_another_process_arrive_with_refresh() {
    for trial in trials().await.unwrap() {
        let sites = register(&trial).await;
        let command_line = register(&trial).await;
        assert!(!sites.refresh().await.unwrap());
        let shop = shop(&command_line).await;
        assert!(sites.snapshot().by_id(shop.id).is_none());
        assert!(sites.refresh().await.unwrap());
        assert!(!sites.refresh().await.unwrap());
        let served = sites.snapshot().by_domain("www.shop.example").unwrap().clone();
        assert_eq!(served.site, shop);
        assert_eq!(served.manifest, Manifest::default());
        let again = command_line.site("shop.example").unwrap();
        assert_eq!(
            served.key.bytes(),
            again.key.bytes(),
            "the key is stored, not drawn anew"
        );
        assert!(format!("{served:?}").contains("key: [sealed]"));
        // Counting hits is no change of the register.
        let hit = Count {
            site: shop.id,
            day: 1,
            outcome: Outcome::Accepted,
            number: 1,
        };
        command_line.add_counts(&[hit]).await.unwrap();
        assert!(!sites.refresh().await.unwrap());
    }
}

#[tokio::test]
async fn keys_differ_and_hosts_and_contracts_hold() {
    for trial in trials().await.unwrap() {
        let sites = register(&trial).await;
        let shop = shop(&sites).await;
        let blog = sites
            .add_site(new_site("b.example:8080/blog", shop.client), NOW)
            .await
            .unwrap();
        let keys: Vec<_> = sites.snapshot().sites().map(|s| *s.key.bytes()).collect();
        assert!(keys.len() == 2 && keys[0] != keys[1] && !keys.contains(&[0; 32]));

        sites
            .set_hosts(shop.id, &["Kasse.example".into(), "www.kasse.example".into()])
            .await
            .unwrap();
        assert!(sites.set_hosts(shop.id, &["a.example/b".into()]).await.is_err());
        sites
            .set_excluded_networks(shop.id, &["192.0.2.0/24".into(), " 2001:db8::1 ".into()])
            .await
            .unwrap();
        for wrong in ["", "office", "192.0.2.0/", "192.0.2.0/999", "a", "1.2.3.4/x"] {
            let error = sites
                .set_excluded_networks(shop.id, &[wrong.into()])
                .await
                .unwrap_err();
            assert_eq!(problem(&error).0, "excluded network", "{wrong}");
        }
        assert!(sites.set_hosts(SiteId(9), &[]).await.is_err());
        let served = sites.site("shop.example").unwrap();
        assert_eq!(served.site.hosts, ["kasse.example"]);
        assert_eq!(served.site.excluded_networks, ["192.0.2.0/24", "2001:db8::1"]);
        for (host, own) in [
            ("shop.example", true),
            ("www.shop.example:443", true),
            ("a.b.shop.example", true),
            ("kasse.example", true),
            ("pay.kasse.example", true),
            ("myshop.example", false),
            ("shop.example.evil.example", false),
            ("example", false),
            ("", false),
        ] {
            assert_eq!(served.owns_host(host), own, "{host}");
        }
        assert!(sites.snapshot().by_id(blog.id).unwrap().owns_host("b.example"));

        assert!(served.is_served(Moment(i64::MAX - 1)));
        sites
            .end_client(shop.client, "2026-07-31".parse().unwrap())
            .await
            .unwrap();
        // Midnight after 31 July in Berlin is 22:00 UTC.
        let end = Moment(
            "2026-07-31T22:00:00Z"
                .parse::<jiff::Timestamp>()
                .unwrap()
                .as_millisecond(),
        );
        let served = sites.site("shop.example").unwrap();
        assert_eq!(served.served_until, Some(end));
        assert!(served.is_served(end.plus_ms(-1)) && !served.is_served(end));
    }
}
