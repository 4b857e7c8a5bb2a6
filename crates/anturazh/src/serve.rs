//! `serve`: the service over HTTP.

use crate::{
    arguments::Serve,
    clock, command, connections,
    control::{Listener, Room},
    doors, jobs, output, providers, scrubbing,
    service::Service,
    store::Store,
};
use anyhow::Context;
use office::Office;
use std::{path::Path, sync::Arc};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use web::state::Web;

pub(crate) async fn run(data: &Path, options: Serve) -> anyhow::Result<()> {
    let store = Store::open(data).await?;
    let listen = options
        .listen
        .unwrap_or_else(|| store.configuration.listen.clone());
    if let Some(settings) = &store.configuration.backup {
        command::backup::check_place(&store.folder, settings)?;
    }
    let service = Arc::new(Service::open(store).await?);
    let running = Running::start(service, &listen).await?;
    output::line(&format!("listening on {}", running.address));
    running.until_told_to_stop().await
}

/// The socket for commands, being answered.
struct Control {
    stop: tokio::sync::oneshot::Sender<()>,
    done: tokio::task::JoinHandle<()>,
}

/// A service that answers.
pub(crate) struct Running {
    /// Where, such as `http://127.0.0.1:8080`.
    pub(crate) address: String,
    service: Arc<Service>,
    office: Office,
    server: tokio::task::JoinHandle<()>,
    stop: tokio::sync::oneshot::Sender<()>,
    jobs: tokio::task::JoinHandle<()>,
    control: Option<Control>,
    terminate: Signal,
}

impl Running {
    /// Begins to answer at `listen`.
    pub(crate) async fn start(service: Arc<Service>, listen: &str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("failed to listen on `{listen}`"))?;
        let bound = listener.local_addr()?;
        let address = format!("http://{bound}");
        let is_loopback = collect::Peer::from(bound).address().is_loopback();
        if let Some(warning) = in_clear(is_loopback, service.store.configuration.address.as_deref()) {
            tracing::warn!("{warning}");
        }
        let staff = service.store.staff().await?;
        let office = service.store.office().await?;
        let giving = staff.clone();
        let doors = doors::open(
            &office,
            move || {
                let staff = giving.clone();
                async move { jobs::assignees(&staff).await }
            },
            jobs::role_of(&staff),
        )
        .await?;
        let (views, archive) = (service.archive.clone(), service.archive.clone());
        let standing = service.clone();
        let configuration = &service.store.configuration;
        let web = Web {
            sites: service.store.sites.clone(),
            staff: staff.clone(),
            door: service.door.clone(),
            views: Box::new(move |site, from, to| {
                let archive = views.clone();
                Box::pin(async move {
                    archive.view_between(site, from, to).await.map_err(|error| {
                        tracing::error!("failed to read the archive: {:#}", anyhow::Error::new(error));
                        web::state::Unavailable
                    })
                })
            }),
            first_event: Box::new(move |site| archive.first_event(site)),
            scrub: scrubbing::for_pages(&service),
            answers: web::Answers::default(),
            questions: web::Questions::default(),
            standing: Box::new(move || standing.standing()),
            now: clock::now,
            address: configuration
                .address
                .as_deref()
                .map(|a| a.trim_end_matches('/').to_owned()),
            public_dashboards: configuration.public_dashboards,
            metrics_token: configuration.metrics_token.clone(),
            security_contact: configuration.security_contact.clone(),
            public: web::Public {
                enquiries: doors.enquiries,
                rights: Some(doors.rights),
                accounts: Some(doors.accounts),
                key_days: configuration
                    .backup
                    .as_ref()
                    .and_then(|backup| backup.key_days)
                    .unwrap_or(30),
                ..web::Public::new(configuration.agency.clone(), service.store.form_key()?)
            },
            office: office.clone(),
            providers: providers::open(configuration)?,
            fetch: Arc::new(providers::Out(office.sharing.web.clone())),
        };
        let router = web::server::router(Arc::new(web));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = tokio::spawn(connections::serve(listener, router, stopped));
        // From here on a request to end is heard, not obeyed by the system at once.
        let terminate = signal(SignalKind::terminate())?;
        let control = control(&service, &staff, &office);
        let jobs = tokio::spawn(jobs::run(service.clone(), staff, office.clone()));
        Ok(Self {
            address,
            service,
            office,
            server,
            stop,
            jobs,
            control,
            terminate,
        })
    }

    /// Answers until the process is asked to end, then ends in order.
    pub(crate) async fn until_told_to_stop(mut self) -> anyhow::Result<()> {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        self.stop().await
    }

    /// Ends in order: requests under way are answered (for ten seconds at most), then all is sealed.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        let _ = self.stop.send(());
        if let Some(control) = self.control {
            let _ = control.stop.send(());
            let _ = control.done.await;
        }
        let answered = tokio::time::timeout(std::time::Duration::from_secs(10), self.server).await;
        if answered.is_err() {
            tracing::warn!("some connections were still open after ten seconds");
        }
        self.jobs.abort();
        self.office
            .record_refusals(clock::now())
            .await
            .context("failed to enter what was refused")?;
        self.office
            .audit
            .checkpoint()
            .context("failed to sign the audit log")?;
        self.office
            .audit
            .close()
            .await
            .context("failed to close the audit log")?;
        self.service.close(clock::now()).await
    }
}

/// What to say where passwords and cookies may cross a network in clear.
fn in_clear(is_loopback: bool, address: Option<&str>) -> Option<&'static str> {
    let host = address.map(crate::people::host_of);
    let is_own = host.is_some_and(|host| ["localhost", "127.0.0.1", "[", "[::1]"].contains(&host));
    match (is_loopback, address) {
        (_, Some(address)) if address.starts_with("https://") => None,
        (true, None) => None,
        (true, Some(_)) if is_own => None,
        (_, Some(_)) => Some(
            "`address` is not https: passwords travel in clear, and cookies are neither Secure nor tied to this host; put a \
             proxy with TLS in front and set `address = \"https://…\"` (docs/operating.md, \"Behind a proxy\")",
        ),
        (false, None) => Some(
            "this listens to the network in clear, and no `address` is set: passwords travel in clear, and cookies are \
             neither Secure nor tied to this host; listen on loopback behind a proxy with TLS and set \
             `address = \"https://…\"` (docs/operating.md, \"Behind a proxy\")",
        ),
    }
}

/// Answers commands. Without a socket the service goes on all the same.
fn control(service: &Arc<Service>, staff: &staff::Staff, office: &Office) -> Option<Control> {
    let listener = match Listener::open(&service.store.folder) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!("commands such as `person erase` need this server stopped: {error:#}");
            return None;
        }
    };
    let room = Room {
        service: service.clone(),
        staff: staff.clone(),
        office: office.clone(),
    };
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let done = tokio::spawn(listener.answer(room, stopped));
    Some(Control { stop, done })
}

#[cfg(test)]
mod tests {
    use super::in_clear;

    #[test]
    fn whoever_speaks_in_clear_to_a_network_is_told() {
        for (is_loopback, address, is_told) in [
            (true, None, false),
            (true, Some("http://localhost:8080"), false),
            (true, Some("http://127.0.0.1:8080"), false),
            (true, Some("http://[::1]:8080"), false),
            (true, Some("http://stats.example"), true),
            (true, Some("https://stats.example"), false),
            (false, None, true),
            (false, Some("http://localhost:8080"), true),
            (false, Some("http://stats.example"), true),
            // A container listens to its own network, the proxy beside it speaks TLS.
            (false, Some("https://stats.example"), false),
        ] {
            assert_eq!(
                in_clear(is_loopback, address).is_some(),
                is_told,
                "{is_loopback} {address:?}"
            );
        }
    }
}
