//! Providers by which staff may sign in, and the way to them.

use crate::configuration::{Configuration, ProviderConfiguration};
use anyhow::Context;
use credentials::Sealed;
use http::{HeaderValue, Method, header};
use sharing::{Disclosure, Recipient, Request};
use staff::oidc::{Fetch, FetchFault, FetchFuture, FetchRequest, Fetched, Provider, ProviderSettings};
use std::collections::BTreeSet;
use std::sync::Arc;
use url::Url;

/// The providers that are configured. Each sends browsers back to its own address of this installation.
pub(crate) fn open(configuration: &Configuration) -> anyhow::Result<Vec<Arc<Provider>>> {
    let address = configuration.address.clone().unwrap_or_default();
    let providers = configuration.sign_in_by.iter().enumerate();
    providers
        .map(|(number, provider)| {
            let settings = settings(provider, &address, number)
                .with_context(|| format!("`sign_in_by`, number {}", number + 1))?;
            Ok(Arc::new(Provider::new(settings)?))
        })
        .collect()
}

fn settings(
    provider: &ProviderConfiguration,
    address: &str,
    number: usize,
) -> anyhow::Result<ProviderSettings> {
    let secret = provider.client_secret_file.as_ref().map(|path| {
        let text = crate::secret_file::text(path)?;
        anyhow::Ok(Sealed::new(text.trim().to_owned()))
    });
    Ok(ProviderSettings {
        issuer: provider.issuer.clone(),
        client_id: provider.client_id.clone(),
        client_secret: secret.transpose()?,
        redirect_uri: format!("{}/sign-in/provider/{number}/back", address.trim_end_matches('/')),
        second_factor_amr: provider.second_factor_amr.clone(),
        second_factor_acr: provider.second_factor_acr.clone(),
    })
}

/// Requests go out through the one room that may send them, and are in its ledger.
pub(crate) struct Out(pub(crate) sharing::Web);

impl Fetch for Out {
    fn fetch<'a>(&'a self, asked: FetchRequest<'a>) -> FetchFuture<'a> {
        Box::pin(async move {
            let fault = |what: &str| FetchFault(what.to_owned());
            let url: Url = asked
                .address
                .parse()
                .map_err(|_| fault("the provider named no address"))?;
            let mut request = Request::get(url);
            let plain = HeaderValue::from_static("application/json");
            request.headers.insert(header::ACCEPT, plain);
            if let Some(form) = &asked.form {
                request.method = Method::POST;
                request.body = form.reveal().as_bytes().to_vec();
                let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
                request.headers.insert(header::CONTENT_TYPE, kind);
            }
            if let Some(authorization) = &asked.authorization {
                let mut value = HeaderValue::from_str(authorization.reveal()).map_err(|_| {
                    fault("the provider\u{2019}s secret has characters that a header cannot have")
                })?;
                value.set_sensitive(true);
                request.headers.insert(header::AUTHORIZATION, value);
            }
            let what = Disclosure {
                recipient: Recipient::Infrastructure("sign-in provider".into()),
                person: None,
                fields: BTreeSet::new(),
                purpose: None,
                service: "staff_sign_in".into(),
            };
            let answer = self.0.fetch(request, &what, crate::clock::now()).await;
            let answer = answer.map_err(|error| FetchFault(error.to_string()))?;
            let body = String::from_utf8(answer.body.to_vec()).map_err(|_| fault("the answer is no text"))?;
            Ok(Fetched {
                status: answer.status.as_u16(),
                body: Sealed::new(body),
            })
        })
    }
}
