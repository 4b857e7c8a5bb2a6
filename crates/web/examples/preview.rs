//! Serves every page over seeded traffic, to look at: `cargo run -p web --example preview [PORT]`.
//! Sign in as `anna` (owner) or `boris` (analyst); the password is in `tests/stand`.

#[path = "../tests/stand/mod.rs"]
#[expect(dead_code, reason = "who sets up a second factor here does it by hand")]
mod stand;

use std::net::SocketAddr;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(8399), |text| text.parse())?;
    let stand = stand::Stand::open(420, 240, true).await;
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    eprintln!(
        "http://{}/sites/shop.example, {} events",
        listener.local_addr()?,
        stand.shop.parts[0].0.events()
    );
    let taken = stand.taken.clone();
    tokio::spawn(async move {
        // Links of the letters that were asked for, to be followed by hand.
        let mut last = String::new();
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            let link = taken
                .secrets
                .lock()
                .ok()
                .and_then(|s| s.0.as_ref().map(credentials::Secret::text));
            if let Some(link) = link.filter(|link| *link != last) {
                eprintln!("/account/link?token={link}");
                last = link;
            }
        }
    });
    let service = web::router(stand.web.clone()).into_make_service_with_connect_info::<web::caller::Caller>();
    axum::serve(listener, service).await?;
    Ok(())
}
