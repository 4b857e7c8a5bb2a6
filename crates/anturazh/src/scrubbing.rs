//! Taking from what was collected on a site what its manifest denies now: from the tail, the segments and the journal.

use crate::{clock, output::Report, service::Service, store::Store};
use anyhow::{Context, bail};
use collect::{Past, past::key_of_day};
use events::{Scrub, Scrubbed};
use policy::Manifest;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use vocabulary::{Column, DataType, SiteId};

/// A request that came under the manifest before is through with its steps after so long; its events are in the tail then.
const UNDER_WAY: Duration = Duration::from_secs(1);
/// How long imports and compactions are waited for, and how often it is looked.
const PATIENCE: u32 = 120;
const PAUSE: Duration = Duration::from_millis(500);

/// Scrubs by a service of its own, where no server runs.
pub(crate) async fn alone(
    store: &Store,
    site: SiteId,
    manifest: Manifest,
    dry: bool,
    at: &mut (dyn FnMut(u64, u64) + Send),
) -> anyhow::Result<Report> {
    let service = Service::open(Store::open(store.folder.root()).await?).await?;
    let report = run(&service, site, manifest, dry, at).await;
    service.close(clock::now()).await?;
    Ok(told(&report?, dry))
}

/// For pages: looks, or takes what the manifest in force denies.
pub(crate) fn for_pages(service: &Arc<Service>) -> web::state::Scrub {
    let service = service.clone();
    Box::new(move |site, manifest, dry| {
        let service = service.clone();
        Box::pin(async move {
            let done = run(&service, site, manifest, dry, &mut |_, _| {}).await;
            let scrubbed = done.map_err(|error| {
                tracing::error!("failed to scrub a site: {error:#}");
                web::state::Unavailable
            })?;
            Ok(web::state::Scrubbed {
                events: scrubbed.gone.into_iter().collect(),
                parts: scrubbed.types.into_iter().collect(),
                visitors: scrubbed.visitors,
            })
        })
    })
}

/// Takes from a site what a manifest denies, or counts what that would be. What is taken needs the manifest in force.
pub(crate) async fn run(
    service: &Service,
    site: SiteId,
    manifest: Manifest,
    dry: bool,
    at: &mut (dyn FnMut(u64, u64) + Send),
) -> anyhow::Result<Scrubbed> {
    service.refresh(clock::now()).await?;
    let snapshot = service.store.sites.snapshot();
    let served = snapshot.by_id(site).context("the site is gone")?;
    if !dry {
        if served.manifest != manifest {
            bail!("the manifest was changed meanwhile; look at it and give the command again");
        }
        tokio::time::sleep(UNDER_WAY).await;
    }
    service.flush(clock::now()).await?;
    let enricher = service.enricher.clone();
    let hosts: Vec<String> = std::iter::once(served.site.domain.as_str().to_owned())
        .chain(served.site.hosts.iter().cloned())
        .collect();
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let scrub = Scrub {
        rule: Arc::new(move |event| {
            let past = Past {
                manifest,
                enricher: &enricher,
                own_hosts: &hosts,
            };
            past.leave(event)
        }),
        key_of_day: (!manifest.allows(DataType::VisitorCookie))
            .then(|| -> events::scrub::KeyOfDay { Arc::new(move |key, day| key_of_day(&secret, key, day)) }),
        dry,
    };
    let mut waited = 0;
    let scrubbed = loop {
        match service.archive.scrub(site, scrub.clone(), &mut *at).await {
            Err(events::Error::Busy(_)) if waited < PATIENCE => {
                waited += 1;
                tokio::time::sleep(PAUSE).await;
            }
            done => break done.context(
                "failed to scrub the archive; what was not reached is taken when the command is given again",
            )?,
        }
    };
    if !dry {
        service.empty_journal().await?;
    }
    Ok(scrubbed)
}

/// What was taken, in rows: of what, how much, and what became of it.
pub(crate) fn told(scrubbed: &Scrubbed, dry: bool) -> Report {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut add = |what: DataType, kept_as: &str, events: u64, became: &str| {
        rows.push(vec![
            json!(what.name()),
            json!(kept_as),
            json!(events),
            json!(became),
        ]);
    };
    let tense = |done: &'static str, would: &'static str| if dry { would } else { done };
    for (what, events) in &scrubbed.gone {
        add(*what, "event", *events, tense("removed", "to be removed"));
    }
    for (column, events) in &scrubbed.texts {
        let became = match column {
            Column::Ip => tense("removed or cut down", "to be removed or cut down"),
            Column::Source | Column::Channel => tense("removed or found anew", "to be removed or found anew"),
            _ => tense("removed", "to be removed"),
        };
        add(column.data_type(), column.name(), *events, became);
    }
    if scrubbed.amounts > 0 {
        add(
            DataType::Purchase,
            "amounts",
            scrubbed.amounts,
            tense("removed", "to be removed"),
        );
    }
    if scrubbed.visitors > 0 {
        let became = tense("known by the day alone", "to be known by the day alone");
        add(DataType::VisitorCookie, "visitor", scrubbed.visitors, became);
    }
    Report::rows(["Data type", "Kept as", "Number", "Became"], rows)
}
