//! `site add|list|show|collection`.

use crate::{
    arguments::Site,
    audit_waiting, clock, control,
    errand::Errand,
    output::{self, Report},
    store::Store,
};
use anyhow::{Context as _, bail};
use audit::{Action, Subject};
use policy::Manifest;
use serde_json::{Value, json};
use sites::{NewSite, ServedSite};
use std::io::IsTerminal as _;
use vocabulary::{ClientId, DataType, Domain, IpKeeping, SiteId};

/// Who changes what is changed on the command line.
const BY: &str = "command line";

pub(crate) async fn run(store: &Store, command: Site, json: bool) -> anyhow::Result<()> {
    match command {
        Site::Add {
            domain,
            client,
            timezone,
            currency,
        } => {
            let new = NewSite {
                domain: domain.as_str(),
                client: ClientId(client),
                timezone: &timezone,
                currency: currency.as_str(),
                manifest: Manifest::default(),
                by: BY,
            };
            let site = store.sites.add_site(new, clock::now()).await?;
            note(store, site.id)?;
            show(&*store.sites.site(domain.as_str())?, json);
            if !json {
                let address = store
                    .configuration
                    .address
                    .as_deref()
                    .unwrap_or("https://YOUR-SERVER");
                output::line(&format!(
                    "\nPut this on every page of the site:\n<script defer src=\"{address}/a.js?site={domain}\"></script>"
                ));
            }
        }
        Site::List => {
            let snapshot = store.sites.snapshot();
            let rows = snapshot.sites().map(|s| {
                vec![
                    json!(s.site.domain),
                    json!(s.site.client),
                    json!(s.site.timezone),
                    json!(s.site.currency),
                ]
            });
            output::rows(
                json,
                &["Domain", "Client", "Time zone", "Currency"],
                &rows.collect::<Vec<_>>(),
            );
        }
        Site::Show { domain } => show(&*store.sites.site(domain.as_str())?, json),
        Site::Annotate {
            domain,
            text,
            on,
            remove,
        } => {
            let site = store.sites.site(domain.as_str())?;
            let id = site.site.id;
            let is_change = remove.is_some() || text.is_some();
            if let Some(remove) = remove {
                store.sites.remove_annotation(id, remove).await?;
            }
            if let Some(text) = text {
                let day = match on {
                    Some(on) => on
                        .parse()
                        .with_context(|| format!("--on {on}: give a date such as 2026-01-31"))?,
                    None => site.today(clock::now()),
                };
                store.sites.annotate(id, day, &text, BY, clock::now()).await?;
            }
            if is_change {
                note(store, id)?;
            }
            let noted = store.sites.annotations(id).await?;
            let rows = noted
                .iter()
                .map(|a| vec![json!(a.id), json!(a.day.to_string()), json!(a.text)]);
            output::rows(json, &["Note", "Day", "What"], &rows.collect::<Vec<_>>());
        }
        Site::Collection {
            domain,
            allow,
            deny,
            scrub,
            dry_run,
            yes,
        } => {
            let manifest = changed(store.sites.site(domain.as_str())?.manifest, &allow, &deny)?;
            if !scrub {
                let asked = !allow.is_empty() || !deny.is_empty();
                return collection(store, &domain, asked.then_some(manifest), json).await;
            }
            scrub_site(store, &domain, manifest, Asking { dry_run, yes }, json).await?;
        }
    }
    Ok(())
}

/// Has the audit log know that a site was made or changed.
pub(super) fn note(store: &Store, site: SiteId) -> anyhow::Result<()> {
    let subject = Subject {
        site: Some(site),
        ..Subject::default()
    };
    audit_waiting::note(&store.folder, Action::ConfigurationChange, subject)
}

fn show(site: &ServedSite, json: bool) {
    output::thing(
        json,
        &[
            ("domain", json!(site.site.domain)),
            ("client", json!(site.site.client)),
            ("time zone", json!(site.site.timezone)),
            ("currency", json!(site.site.currency)),
            ("hosts", json!(site.site.hosts)),
            ("excluded networks", json!(site.site.excluded_networks)),
            (
                "collected",
                json!(
                    site.manifest
                        .allowed()
                        .iter()
                        .map(DataType::name)
                        .collect::<Vec<_>>()
                ),
            ),
            ("ip", json!(site.manifest.ip().name())),
            ("manifest version", json!(site.manifest_version)),
            (
                "goals",
                json!(site.goals.iter().map(|g| g.name.as_str()).collect::<Vec<_>>()),
            ),
        ],
    );
}

/// What is asked before something is taken.
struct Asking {
    dry_run: bool,
    yes: bool,
}

/// Takes from what was collected whatever the manifest denies, after a look at what that is.
async fn scrub_site(
    store: &Store,
    domain: &Domain,
    manifest: Manifest,
    asking: Asking,
    json: bool,
) -> anyhow::Result<()> {
    let site = store.sites.site(domain.as_str())?.site.id;
    let scrub = |dry| Errand::Scrub { site, manifest, dry };
    let asks = !asking.yes && !json && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if asking.dry_run || asks {
        tell(&control::run(store, scrub(true), &[]).await?, json);
        if asking.dry_run {
            return Ok(());
        }
        output::line("\nThis cannot be taken back. Backups made before hold it until they expire.");
        output::line(&format!("To go on, type {domain}:"));
        let mut typed = String::new();
        std::io::stdin().read_line(&mut typed)?;
        if typed.trim() != domain.as_str() {
            bail!("nothing was changed");
        }
    }
    store
        .sites
        .change_manifest(site, manifest, BY, "scrubbed", clock::now())
        .await?;
    note(store, site)?;
    tell(&control::run(store, scrub(false), &[]).await?, json);
    Ok(())
}

fn tell(report: &Report, json: bool) {
    match report {
        Report::Rows(_, rows) if rows.is_empty() && !json => {
            output::line("nothing is kept that the manifest denies");
        }
        report => report.print(json),
    }
}

async fn collection(store: &Store, domain: &Domain, new: Option<Manifest>, json: bool) -> anyhow::Result<()> {
    let site = store.sites.site(domain.as_str())?;
    if let Some(manifest) = new {
        if manifest == site.manifest {
            output::line("nothing to change: that is what the manifest says");
            return Ok(());
        }
        store
            .sites
            .change_manifest(site.site.id, manifest, BY, "", clock::now())
            .await?;
        note(store, site.site.id)?;
    }
    let site = store.sites.site(domain.as_str())?;
    let versions = store.sites.manifest_history(site.site.id).await?;
    let state = |t: DataType| match t {
        DataType::Ip => json!(site.manifest.ip().name()),
        _ if site.manifest.allows(t) => json!("allowed"),
        _ => json!("denied"),
    };
    if json {
        let types: serde_json::Map<String, Value> = DataType::ALL
            .iter()
            .map(|t| (t.name().to_owned(), state(*t)))
            .collect();
        let versions: Vec<Value> = versions
            .iter()
            .map(|v| json!({"version": v.version, "since": output::moment(v.since), "manifest": v.manifest, "by": v.changed_by}))
            .collect();
        output::thing(
            true,
            &[
                ("domain", json!(domain)),
                ("types", types.into()),
                ("versions", versions.into()),
            ],
        );
        return Ok(());
    }
    let rows: Vec<_> = DataType::ALL
        .iter()
        .map(|t| vec![json!(t.name()), state(*t), json!(t.about())])
        .collect();
    output::rows(false, &["Data type", "State", "What"], &rows);
    output::line("");
    let rows: Vec<_> = versions
        .iter()
        .map(|v| vec![json!(v.version), output::moment(v.since), json!(v.changed_by)])
        .collect();
    output::rows(false, &["Version", "Since", "Changed by"], &rows);
    Ok(())
}

fn changed(mut manifest: Manifest, allow: &[String], deny: &[String]) -> anyhow::Result<Manifest> {
    for (option, names) in [("--allow", allow), ("--deny", deny)] {
        for name in names.iter().flat_map(|n| n.split(',')) {
            if let Some(keeping) = name.strip_prefix("ip=") {
                let Some(keeping) = IpKeeping::parse(keeping) else {
                    bail!("{option} {name}: addresses are kept as ip=none, ip=truncated or ip=full");
                };
                manifest = manifest.keep_ip(keeping);
                continue;
            }
            let Some(data_type) = DataType::parse(name) else {
                let known: Vec<_> = DataType::ALL.iter().map(|t| t.name()).collect();
                bail!(
                    "{option} {name}: no data type of that name; there are {}",
                    known.join(", ")
                );
            };
            manifest = if option == "--allow" {
                manifest.allow(data_type)
            } else {
                manifest.deny(data_type)
            };
        }
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_read_and_unknown_ones_named() {
        let of = |allow: &[&str], deny: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
            changed(Manifest::default(), &owned(allow), &owned(deny))
        };
        let manifest = of(&["ip=truncated"], &["title,city"]).unwrap();
        assert_eq!(manifest.ip(), IpKeeping::Truncated);
        assert!(
            !manifest.allows(DataType::Title)
                && !manifest.allows(DataType::City)
                && manifest.allows(DataType::Country)
        );
        assert!(of(&["ip=some"], &[]).unwrap_err().to_string().contains("ip=none"));
        assert!(of(&[], &["titel"]).unwrap_err().to_string().contains("title"));
    }
}
