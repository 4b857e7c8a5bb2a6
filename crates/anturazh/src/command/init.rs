//! `init`: a new data folder, and the link to set up its first account.

use crate::{
    arguments::Init,
    audit_waiting, clock,
    configuration::{Configuration, FIRST},
    folder::Folder,
    output,
    store::Store,
};
use anyhow::{Context, bail};
use audit::{Action, Subject};
use serde_json::json;
use std::path::Path;

pub(crate) async fn run(path: &Path, init: Init, json: bool) -> anyhow::Result<()> {
    let mut text = FIRST.to_owned();
    if let Some(address) = &init.address {
        let address = address.trim_end_matches('/');
        if !address.starts_with("https://") && !address.starts_with("http://") {
            bail!("--address {address}: give the whole address, such as https://stats.example");
        }
        let set = format!("address = {}", toml::Value::from(address));
        text = text.replace("# address = \"https://stats.example\"", &set);
    }
    let folder = Folder::create(path, &text)?;
    let configuration = Configuration::read(&folder.configuration())?;
    let store = Store::of(folder, configuration).await?;
    let link = store
        .staff()
        .await?
        .link_for_first_owner(clock::now())
        .await
        .context("failed to make the link")?;
    audit_waiting::note(&store.folder, Action::AccountCreated, Subject::default())?;
    let link = link_text(&store, &link);
    if json {
        output::thing(true, &[("folder", json!(path)), ("set_up", json!(link))]);
        return Ok(());
    }
    output::line(&format!("made the data folder {}", path.display()));
    output::line("\nThe first account is set up at this address, once, within a day, when `serve` runs:");
    output::line(&format!("  {link}"));
    output::line("\nNext:");
    output::line(&format!(
        "  anturazh --data {0} client add \"NAME\"",
        path.display()
    ));
    output::line(&format!(
        "  anturazh --data {0} site add DOMAIN --client 1 --timezone Europe/Berlin --currency EUR",
        path.display()
    ));
    output::line(&format!("  anturazh --data {0} serve", path.display()));
    Ok(())
}

/// The address of a set-up link.
pub(crate) fn link_text(store: &Store, link: &staff::Secret) -> String {
    let configuration = &store.configuration;
    let address = configuration
        .address
        .clone()
        .unwrap_or_else(|| format!("http://{}", configuration.listen));
    format!("{}/set-up?token={}", address.trim_end_matches('/'), link.text())
}
