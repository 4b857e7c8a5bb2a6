//! `query`: a question in the form of `POST /api/v2/query`.

use crate::{arguments::Query, clock, output, service::open_whole_archive, store::Store};
use anyhow::Context;
use reports::json;
use std::{io::Read, path::Path};

pub(crate) async fn run(store: Store, options: Query) -> anyhow::Result<()> {
    let mut body = Vec::new();
    if options.file == Path::new("-") {
        std::io::stdin()
            .read_to_end(&mut body)
            .context("failed to read standard input")?;
    } else {
        body = std::fs::read(&options.file)
            .with_context(|| format!("failed to read `{}`", options.file.display()))?;
    }
    let request = json::Request::read(&body)?;
    let served = store.sites.site(&request.site_id)?;
    let site = reports::Site {
        time_zone: &served.zone,
        currency: served.site.currency,
        goals: &served.goals,
    };
    let view = open_whole_archive(&store).await?.view(served.site.id).await?;
    let answer = json::respond(&request, &view, &site, clock::now())?;
    output::line(&serde_json::to_string_pretty(&answer)?);
    Ok(())
}
