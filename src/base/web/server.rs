//! The server: middleware in their order, limits, the routes of the map, and a shutdown that loses nothing.

use std::sync::Arc;
use std::time::Duration;

use actix_session::SessionMiddleware;
use actix_session::config::{CookieContentSecurity, PersistentSession};
use actix_web::body::MessageBody;
use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};

use super::connections::Connections;
use super::session::{self, Store};
use super::{assets, headers, health, routes, stopping};
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
        .cookie_name(session::cookie(&world).into())
        .cookie_secure(world.settings.is_https())
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".into())
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(PersistentSession::default().session_ttl(CookieDuration::seconds(session::REMEMBERED / SECOND)))
        .build();
    let shared = map.clone();
    App::new()
        .app_data(web::Data::from(world))
        .app_data(shared)
        .service(web::resource("/static/{version}/{path:.*}").route(web::get().to(assets::serve)))
        .route("/live", web::get().to(health::live))
        .route("/ready", web::get().to(health::ready))
        .configure(super::docs::configure)
        // Static files need no session, so the session's middleware stands inside.
        .service(web::scope("").wrap(sessions).configure(move |cfg| map.configure(cfg)).default_service(web::route().to(routes::nothing_here)))
        .wrap(from_fn(headers::outer))
}

/// Before anything is promised: whether the addresses to serve on are to be had.
pub fn can_listen(world: &World) -> Result<()> {
    std::net::TcpListener::bind(world.settings.listen).map_err(|e| taken("listen", world.settings.listen, &e))?;
    match world.settings.metrics_listen {
        Some(at) => std::net::TcpListener::bind(at).map(drop).map_err(|e| taken("metrics-listen", at, &e)),
        None => Ok(()),
    }
}

fn taken(setting: &str, at: std::net::SocketAddr, e: &std::io::Error) -> Error {
    Error::Unavailable(format!("{setting}: cannot serve on {at}: {e}"))
}

/// How long requests that are under way have after the process stopped taking new ones.
const FINISHING: Duration = Duration::from_secs(24);

/// Serves until SIGTERM or Ctrl-C, then finishes what it has.
pub async fn serve(world: Arc<World>, map: web::Data<Map>) -> Result<()> {
    let listen = world.settings.listen;
    let (for_app, for_connections, connections) = (world.clone(), world.clone(), Connections::default());
    let server = HttpServer::new(move || app(for_app.clone(), map.clone()))
        .on_connect(move |stream, kept| connections.greet(&for_connections, stream, kept))
        .workers(std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8))
        .worker_max_blocking_threads(32)
        .keep_alive(Duration::from_secs(15))
        .client_request_timeout(Duration::from_secs(5))
        .client_disconnect_timeout(Duration::from_secs(2))
        .shutdown_timeout(FINISHING.as_secs())
        .disable_signals()
        .bind(listen)
        .map_err(|e| taken("listen", listen, &e))?
        .run();
    actix_web::rt::spawn(stopping::on_signal(world.clone(), server.handle()));
    if let Some(listen) = world.settings.metrics_listen {
        actix_web::rt::spawn(metrics_server(world.clone(), listen)?);
    }
    let mail = actix_web::rt::spawn(crate::base::outbox::work(world.clone()));
    let imports = actix_web::rt::spawn(crate::imports::worker::work(world.clone()));
    actix_web::rt::spawn(crate::base::seen::work(world.clone()));
    actix_web::rt::spawn(crate::instance::janitor::work(world.clone()));
    let served = server.await.map_err(|e| Error::Unavailable(format!("server: {e}")));
    world.draining.begin();
    stopping::finish(world, [mail, imports]).await;
    served
}

/// Metrics have a listener of their own, which nobody who uses the console reaches.
fn metrics_server(world: Arc<World>, listen: std::net::SocketAddr) -> Result<actix_web::dev::Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(world.clone()))
            .route("/metrics", web::get().to(metrics))
            .default_service(web::route().to(HttpResponse::NotFound))
    });
    let bound = server.workers(1).disable_signals().bind(listen);
    Ok(bound.map_err(|e| taken("metrics-listen", listen, &e))?.run())
}

async fn metrics(world: web::Data<World>) -> Result<HttpResponse> {
    let text = web::block(move || crate::base::metrics::text(&world)).await.map_err(|_| Error::internal("the thread of the metrics stopped"))??;
    Ok(HttpResponse::Ok().content_type(crate::base::metrics::MEDIA_TYPE).body(text))
}
