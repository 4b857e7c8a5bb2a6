//! The staff console: what is to do, cases, tasks, emergencies, testimonials, the audit log.
//! Must never show a value that the vault's guard did not admit in answer to this very request, or put anything of a
//! person but a random number into an address or title. Start at [`routes`]; who may enter is decided in [`desk`].

mod audit;
mod case;
mod case_page;
mod cases;
mod consents;
mod desk;
mod emergency;
mod find;
mod holds;
mod instead;
mod keeping;
mod keeping_forms;
mod labels;
mod nav;
mod new_emergency;
mod new_task;
mod opened;
mod persons;
mod record;
mod review;
mod sign_ins;
mod task;
mod task_page;
mod tasks;
mod testimonial;
mod testimonial_form;
mod testimonials;
mod today;

pub(crate) use nav::nav;
pub(crate) use record::entries;

use crate::state::Web;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

/// Every page of the console. Needs the headers that `server` adds.
pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/console", get(today::show))
        .route("/console/cases", get(cases::show))
        .route("/console/cases/{number}", get(case::show))
        .route("/console/cases/{number}/open", post(case::open))
        .route("/console/cases/{number}/reply", post(case::reply))
        .route("/console/cases/{number}/status", post(case::set_status))
        .route("/console/cases/{number}/assign", post(case::assign))
        .route("/console/cases/{number}/withdraw", post(consents::withdraw))
        .route("/console/tasks", get(tasks::show))
        .route("/console/tasks/new", get(new_task::show).post(new_task::submit))
        .route("/console/tasks/find", post(find::anywhere))
        .route("/console/tasks/{id}", get(task::show))
        .route("/console/tasks/{id}/open", post(task::open))
        .route("/console/tasks/{id}/find", post(find::within))
        .route("/console/tasks/{id}/sign-ins", post(sign_ins::end))
        .route("/console/tasks/{id}/approve", post(task::approve))
        .route("/console/tasks/{id}/refuse", post(task::refuse))
        .route("/console/tasks/{id}/extend", post(task::extend))
        .route("/console/tasks/{id}/close", post(task::close))
        .route(
            "/console/emergencies/new",
            get(new_emergency::show).post(new_emergency::submit),
        )
        .route("/console/emergencies/{id}", get(emergency::show))
        .route("/console/emergencies/{id}/open", post(emergency::open))
        .route("/console/emergencies/{id}/confirm", post(emergency::confirm))
        .route("/console/emergencies/{id}/end", post(emergency::end))
        .route("/console/emergencies/{id}/seen", post(emergency::seen))
        .route("/console/reviews/{id}", post(review::submit))
        .route("/console/testimonials", get(testimonials::show))
        .route(
            "/console/testimonials/new",
            get(testimonials::new).post(testimonials::submit),
        )
        .route("/console/testimonials/{number}", get(testimonial::show))
        .route("/console/testimonials/{number}/open", post(testimonial::open))
        .route("/console/testimonials/{number}/change", post(testimonial::change))
        .route("/console/testimonials/{number}/ask", post(testimonial::ask))
        .route(
            "/console/testimonials/{number}/withdraw",
            post(testimonial::withdraw),
        )
        .route("/console/persons/{person}", get(keeping::show))
        .route(
            "/console/persons/{person}/contract",
            post(keeping_forms::contract),
        )
        .route(
            "/console/persons/{person}/contract/none",
            post(keeping_forms::no_contract),
        )
        .route("/console/persons/{person}/duties", post(keeping_forms::duty))
        .route(
            "/console/persons/{person}/duties/end",
            post(keeping_forms::end_duty),
        )
        .route("/console/persons/{person}/hold", post(keeping_forms::hold))
        .route("/console/holds", get(holds::show))
        .route("/console/holds/{hold}/review", post(holds::review))
        .route("/console/holds/{hold}/release", post(holds::release))
        .route("/console/audit", get(audit::show))
        .route("/console/audit/checkpoint", get(audit::checkpoint))
}
