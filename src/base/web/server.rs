//! The server: middleware in their order, limits, the routes of the map, and a shutdown that loses nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_session::SessionMiddleware;
use actix_session::config::{CookieContentSecurity, PersistentSession};
use actix_web::body::MessageBody;
use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};

use super::session::{self, Store};
use super::{assets, headers, routes};
use crate::base::db::time::SECOND;
use crate::base::error::{Error, Result};
use crate::base::world::World;
use crate::sections::Map;

/// The whole application around a world; the same for the binary and for tests.
pub fn app(
    world: Arc<World>,
    map: web::Data<Map>,
) -> App<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<impl MessageBody>, Error = actix_web::Error, InitError = ()>> {
    let sessions = SessionMiddleware::builder(Store(world.clone()), Key::from(&world.keys.cookie_key()))
        .cookie_name(if world.settings.is_https() { "__Host-sid" } else { "sid" }.into())
        .cookie_secure(world.settings.is_https())
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".into())
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(PersistentSession::default().session_ttl(CookieDuration::seconds(session::LONGEST / SECOND)))
        .build();
    let shared = map.clone();
    App::new()
        .app_data(web::Data::from(world))
        .app_data(shared)
        .service(web::resource("/static/{version}/{path:.*}").route(web::get().to(assets::serve)))
        .route("/live", web::get().to(live))
        .route("/ready", web::get().to(ready))
        .configure(super::docs::configure)
        // Static files need no session, so the session's middleware stands inside.
        .service(web::scope("").wrap(sessions).configure(move |cfg| map.configure(cfg)).default_service(web::route().to(routes::nothing_here)))
        .wrap(from_fn(headers::outer))
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("live")
}

async fn ready(world: web::Data<World>) -> HttpResponse {
    let draining = world.draining.load(Ordering::Relaxed);
    let world = world.into_inner();
    let able = web::block(move || crate::instance::store::can_write(&world)).await;
    match able {
        Ok(Ok(())) if !draining => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready"),
        _ => HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body("not ready"),
    }
}

/// Serves until SIGTERM or Ctrl-C: not ready at once, then finishes what it has.
pub async fn serve(world: Arc<World>, map: web::Data<Map>) -> Result<()> {
    let listen = world.settings.listen;
    let for_app = world.clone();
    let server = HttpServer::new(move || app(for_app.clone(), map.clone()))
        .workers(std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8))
        .worker_max_blocking_threads(32)
        .keep_alive(Duration::from_secs(15))
        .client_request_timeout(Duration::from_secs(5))
        .client_disconnect_timeout(Duration::from_secs(2))
        .shutdown_timeout(30)
        .disable_signals()
        .bind(listen)
        .map_err(|e| Error::Unavailable(format!("listen: cannot serve on {listen}: {e}")))?
        .run();
    let handle = server.handle();
    let draining = world.clone();
    actix_web::rt::spawn(async move {
        wait_for_signal().await;
        draining.draining.store(true, Ordering::Relaxed);
        tracing::info!("stopping: finishing what is under way");
        handle.stop(true).await;
    });
    actix_web::rt::spawn(crate::base::outbox::work(world.clone()));
    actix_web::rt::spawn(crate::base::seen::work(world.clone()));
    actix_web::rt::spawn(crate::instance::janitor::work(world.clone()));
    let ended = server.await.map_err(|e| Error::Unavailable(format!("server: {e}")));
    world.seen.write_down(&world)?;
    ended
}

async fn wait_for_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
