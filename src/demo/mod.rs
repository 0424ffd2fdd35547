//! `bailiwick demo`: a made-up company to look around in, on a database of its own in the data folder.
//!
//! It is filled once, by the product's own commands under a clock that is turned through a year ([`stage`]): who is there stands in
//! [`cast`], what they did in [`chronicle`]. It is filled beside its place and moved there when it is whole, so that a start that was
//! broken off leaves nothing half done. Its key is its own, and it sends no mail: nothing made here opens a real installation.

mod cast;
mod chronicle;
mod deeds;
mod stage;
mod store;

use std::path::Path;

use crate::base::config::Settings;
use crate::base::db::Ts;
use crate::base::db::dialect::Url;
use crate::base::db::time::{DAY, MINUTE, SECOND};
use crate::base::error::{Error, Result};
use crate::base::private;
use crate::base::world::{Clock, World};
use crate::instance::start;
use cast::{CAST, Person};
use chronicle::{CHRONICLE, When};
use stage::{Stage, local};

/// Of everybody in the demo, and of nobody anywhere else.
pub const PASSWORD: &str = "lantern harbour maple";

/// Those whose sign-ins are printed, and what each shows best.
const GUIDES: &[(&str, &str)] = &[
    (cast::FIRST_EMAIL, "Ines Varga, ADMIN of Fernhill Robotics; runs the installation"),
    ("lena@fernhill.example", "Lena Falk, a member who owns one project"),
    ("mira@brightpath.example", "Mira Osei, from outside; ADMIN of Brightpath"),
];

/// The settings of the demo: the given ones, with folder, database and key of its own and without a mail server.
pub fn settings(given: Settings) -> Settings {
    let home = given.data_dir.join("demo");
    in_folder(given, &home)
}

fn in_folder(given: Settings, folder: &Path) -> Settings {
    Settings {
        data_dir: folder.to_owned(),
        database_url: Url::Sqlite(folder.join("bailiwick.db").display().to_string()),
        secret_key_file: folder.join("secret.key"),
        smtp_url: None,
        ..given
    }
}

/// Opens the demo, and fills it when it is not there yet. `settings` are those of [`settings`].
pub fn open(settings: Settings) -> Result<World> {
    let home = settings.data_dir.clone();
    if !home.join("bailiwick.db").exists() {
        fill(&settings)?;
    } else if !is_demo(&settings.database_url) {
        return Err(Error::Unavailable(format!("{} holds an installation that is no demo; it was left alone", home.display())));
    }
    start::open(settings, Clock::System)
}

/// Looked at before anything else touches it; what cannot be read is none either.
fn is_demo(url: &Url) -> bool {
    url.connect().is_ok_and(|mut c| store::first_address(&mut c).is_ok_and(|first| first.as_deref() == Some(cast::FIRST_EMAIL)))
}

/// What to type, and where.
pub fn welcome(world: &World) -> String {
    let wide = GUIDES.iter().map(|(email, _)| email.len()).max().unwrap_or(0);
    let people: String = GUIDES.iter().map(|(email, who)| format!("  {email:wide$}  {who}\n")).collect();
    format!(
        "The demo: everything and everybody in it is made up. Open {}\nand sign in with the password “{PASSWORD}” as\n\n{people}\nMails become files in {}. To begin anew, stop this and delete {}.",
        world.link("/login"),
        world.settings.data_dir.join("mailbox").display(),
        world.settings.data_dir.display(),
    )
}

fn fill(settings: &Settings) -> Result<()> {
    let home = &settings.data_dir;
    let failed = |what: &Path, e: std::io::Error| Error::Unavailable(format!("data-dir {}: {e}", what.display()));
    let beside = home.with_file_name(format!("demo.{}", std::process::id()));
    if beside.exists() {
        std::fs::remove_dir_all(&beside).map_err(|e| failed(&beside, e))?;
    }
    private::folder(&beside).map_err(|e| failed(&beside, e))?;
    let told = tell(in_folder(settings.clone(), &beside));
    let moved = told.and_then(|()| std::fs::rename(&beside, home).map_err(|e| failed(home, e)));
    if moved.is_err() {
        // What was begun is of no use to anybody; that it may stay behind is no reason to hide why it was not finished.
        let _ = std::fs::remove_dir_all(&beside);
    }
    moved
}

/// The whole story, in the order of the calendar.
fn tell(settings: Settings) -> Result<()> {
    let today = crate::base::world::now();
    let mut story: Vec<(Ts, Scene)> = Vec::new();
    for person in CAST {
        let who = local(person.email);
        // Not everybody comes at the same minute.
        let minute = who.bytes().map(i64::from).sum::<i64>() % 50;
        story.push((day(person.joined + 2, 9 * 60 + minute, today), Scene::Invited(person)));
        story.push((day(person.joined, 8 * 60 + minute, today), Scene::Joins(person)));
        story.extend(person.mfa.map(|enrolled| (day(enrolled, 17 * 60 + minute, today), Scene::Enrols(who))));
        story.push((today.minus(person.seen * MINUTE), Scene::IsSeen(who)));
    }
    story.extend(CHRONICLE.iter().map(|entry| (moment(entry.when, today), Scene::Does(entry))));
    story.sort_by_key(|(at, _)| *at);
    let mut stage = Stage::open(settings, day(256, 9 * 60, today), today)?;
    for (at, scene) in &story {
        stage.turn(*at);
        match scene {
            Scene::Invited(person) => stage.invite(person.by, person.org, person.email, person.roles)?,
            Scene::Joins(person) => stage.join(person)?,
            Scene::Enrols(who) => stage.enrol(who)?,
            Scene::IsSeen(who) => drop(stage.enter(who)?),
            Scene::Does(entry) => deeds::perform(&mut stage, entry)?,
        }
    }
    stage.world.db.alone(store::finish)
}

enum Scene {
    Invited(&'static Person),
    Joins(&'static Person),
    Enrols(&'static str),
    IsSeen(&'static str),
    Does(&'static chronicle::Entry),
}

fn moment(when: When, today: Ts) -> Ts {
    match when {
        When::Ago(minutes) => today.minus(minutes * MINUTE),
        When::Day(back, time) => {
            let minutes = time.split(':').filter_map(|part| part.parse::<i64>().ok()).fold(0, |sum, part| sum * 60 + part);
            day(back, minutes, today)
        }
    }
}

/// So many working days before today, so many minutes after midnight and some seconds. 1 January 1970 was a Thursday.
fn day(back: i64, minutes: i64, today: Ts) -> Ts {
    let mut day = today.0 / DAY;
    let mut left = back;
    while left > 0 {
        day -= 1;
        if (day + 3) % 7 < 5 {
            left -= 1;
        }
    }
    Ts(day * DAY + minutes * MINUTE + (back * 17 + minutes * 7) % 60 * SECOND)
}
