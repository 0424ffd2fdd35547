//! How many connections one client address may hold. What is above is closed before it is read, so nobody takes all of them;
//! proxies that are trusted speak for many and are not counted.

use std::any::Any;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;

use crate::base::world::World;

type Held = Arc<Mutex<HashMap<IpAddr, u32>>>;

#[derive(Clone, Default)]
pub struct Connections(Held);

/// One connection of an address; letting go of it makes room for another.
struct Place(Held, IpAddr);

impl Connections {
    /// Called for each connection that comes in.
    pub fn greet(&self, world: &World, connection: &dyn Any, kept: &mut Extensions) {
        let most = world.settings.connections_per_address;
        let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
        let Ok(peer) = stream.peer_addr().map(|a| a.ip()) else { return };
        if most == 0 || world.settings.trusted_proxies.iter().any(|net| net.contains(&peer)) {
            return;
        }
        if let Some(place) = self.place(peer, most) {
            kept.insert(place);
        } else if let Err(e) = rustix::net::shutdown(stream, rustix::net::Shutdown::Both) {
            tracing::debug!("a connection too many was closed by its other end already: {e}");
        }
    }

    fn place(&self, peer: IpAddr, most: u32) -> Option<Place> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(peer).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place(self.0.clone(), peer))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_so_many_places_and_gives_them_back() {
        let (all, here, there) = (Connections::default(), IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = all.place(here, 2);
        let second = all.place(here, 2);
        assert!(first.is_some() && second.is_some() && all.place(here, 2).is_none());
        assert!(all.place(there, 2).is_some(), "another address has places of its own");
        drop(first);
        assert!(all.place(here, 2).is_some());
        drop(second);
        assert!(all.0.lock().unwrap().is_empty(), "nothing is kept of who has gone");
    }
}
