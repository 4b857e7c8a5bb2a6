//! `export`: a site's events or visits, for other tools.

use crate::{
    arguments::{Export, FileFormat, What},
    output,
    progress::Progress,
    service::open_whole_archive,
    store::Store,
};
use serde_json::json;

pub(crate) async fn run(store: Store, options: Export, json: bool) -> anyhow::Result<()> {
    let site = store.sites.site(options.site.as_str())?.site.id;
    let archive = open_whole_archive(&store).await?;
    let export = events::Export {
        table: match options.what {
            What::Events => events::Table::Events,
            What::Visits => events::Table::Visits,
        },
        format: match options.format {
            FileFormat::Parquet => events::Format::Parquet,
            FileFormat::Csv => events::Format::Csv,
            FileFormat::Ndjson => events::Format::Ndjson,
        },
        out_dir: options.out,
    };
    let mut progress: Option<Progress> = None;
    let exported = archive
        .export(site, export, move |done, total| {
            progress
                .get_or_insert_with(|| Progress::new("writing", total))
                .at(done, "");
        })
        .await?;
    output::thing(
        json,
        &[
            ("file", json!(exported.path)),
            ("rows", json!(exported.rows)),
            ("bytes", json!(exported.bytes)),
        ],
    );
    Ok(())
}
