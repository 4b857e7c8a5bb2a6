//! The picture of an archive that some questions need.

use crate::state::{Unavailable, Web};
use reports::{Question, View};
use std::sync::Arc;
use vocabulary::{Moment, SiteId};

/// A view of the time that the questions ask about, from the earliest to the latest.
pub(crate) async fn of_ranges(
    web: &Web,
    site: SiteId,
    questions: &[Question],
) -> Result<Arc<View>, Unavailable> {
    let ranges = || {
        questions
            .iter()
            .flat_map(|q| std::iter::once(&q.range).chain(&q.comparison))
    };
    let from = ranges().map(|r| r.from).min().unwrap_or_default();
    let to = ranges().map(|r| r.to).max().unwrap_or_default();
    (web.views)(site, from, to).await
}

/// The whole archive's view, if a refund in this one is of an order that is not in it.
pub(crate) async fn whole_if_needed(
    web: &Web,
    site: SiteId,
    view: &Arc<View>,
) -> Result<Option<Arc<View>>, Unavailable> {
    let asked = view.clone();
    let lacks = tokio::task::spawn_blocking(move || reports::lacks_orders(&asked)).await;
    if !lacks.map_err(|_| Unavailable)? {
        return Ok(None);
    }
    (web.views)(site, Moment(i64::MIN), Moment(i64::MAX))
        .await
        .map(Some)
}
