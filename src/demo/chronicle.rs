//! What happened at Fernhill Robotics and Brightpath in the last year, beside people joining. Told in the order of a calendar;
//! [`super::stage`] carries it out with the product's own commands.

use super::cast::{BRIGHTPATH, FERNHILL};

#[derive(Clone, Copy)]
pub enum When {
    /// So many working days before today, at a time of day (UTC).
    Day(i64, &'static str),
    /// So many minutes ago.
    Ago(i64),
}

/// To whom access is given. People are named by the first part of their address, roles by their key.
#[derive(Clone, Copy)]
pub enum Whom {
    Person(&'static str),
    Role(&'static str),
    Everyone,
}

pub enum Deed {
    Founds {
        name: &'static str,
        description: &'static str,
    },
    MakesRole {
        name: &'static str,
        description: &'static str,
        permissions: &'static [&'static str],
    },
    /// Gives one more role to a member.
    Promotes(&'static str, &'static str),
    Creates {
        project: &'static str,
        description: &'static str,
    },
    Deletes(&'static str),
    Gives(&'static str, Whom, &'static str),
    /// The same for so many days from today.
    GivesUntil(&'static str, Whom, &'static str, i64),
    Changes(&'static str, Whom, &'static str),
    Takes(&'static str, Whom),
    /// Invites somebody who has not answered.
    Invites(&'static str, &'static [&'static str]),
    SendsAgain(&'static str),
    Withdraws(&'static str),
    /// The mail server of the address refuses.
    Bounces(&'static str, &'static str),
    Suspends(&'static str),
    Reinstates(&'static str),
    Removes(&'static str),
    Leaves,
    Describes(&'static str),
    ExternalsNeedMfa(bool),
    MakesToken(&'static str),
    /// Tries what is not theirs to do, and is refused.
    TriesToCreate(&'static str),
    TriesToInvite(&'static str),
}

pub struct Entry {
    pub when: When,
    pub org: &'static str,
    pub who: &'static str,
    pub deed: Deed,
}

const fn f(when: When, who: &'static str, deed: Deed) -> Entry {
    Entry { when, org: FERNHILL, who, deed }
}

const fn b(when: When, who: &'static str, deed: Deed) -> Entry {
    Entry { when, org: BRIGHTPATH, who, deed }
}

use Deed::*;
use When::{Ago, Day};
use Whom::{Everyone, Person, Role};

const H: i64 = 60;

#[rustfmt::skip]
pub const CHRONICLE: &[Entry] = &[
    f(Day(254, "09:20"), "ines", Describes("Robots that map, pick and carry. Home domain fernhill.example")),
    f(Day(252, "14:05"), "ines", MakesRole { name: "Controls", description: "Motion, grippers and firmware", permissions: &["members.read"] }),
    f(Day(252, "14:12"), "ines", MakesRole { name: "Data", description: "Telemetry, models and the nightly simulations", permissions: &["members.read", "projects.create"] }),
    f(Day(252, "14:20"), "ines", MakesRole { name: "Mapping", description: "Surveys, tiles and the atlas", permissions: &["members.read"] }),
    f(Day(252, "14:31"), "ines", MakesRole { name: "Web", description: "The depot pages and the customer portal", permissions: &["members.read"] }),
    f(Day(250, "10:02"), "tomasz", Creates { project: "Arm control", description: "Trajectories and safety limits of the six-axis arm" }),
    f(Day(250, "10:09"), "tomasz", Gives("arm-control", Role("controls"), "editor")),
    f(Day(250, "10:15"), "tomasz", Promotes("tomasz", "controls")),
    f(Day(250, "10:18"), "tomasz", Gives("arm-control", Person("tomasz"), "owner")),
    f(Day(249, "15:40"), "lena", TriesToCreate("Depot web")),
    f(Day(249, "16:05"), "ines", Creates { project: "Depot web", description: "What warehouses see: orders, routes, alarms" }),
    f(Day(249, "16:07"), "ines", Gives("depot-web", Role("web"), "editor")),
    f(Day(249, "16:08"), "ines", Gives("depot-web", Person("lena"), "owner")),
    f(Day(249, "16:10"), "ines", Promotes("lena", "web")),
    f(Day(247, "11:30"), "ines", Creates { project: "Legacy firmware", description: "The first generation, in the field until the last one is swapped" }),
    f(Day(247, "11:34"), "ines", Gives("legacy-firmware", Role("controls"), "editor")),
    f(Day(245, "09:45"), "tomasz", Promotes("chidi", "data")),
    f(Day(245, "09:47"), "tomasz", Promotes("aino", "data")),
    f(Day(240, "13:10"), "chidi", Creates { project: "Field telemetry", description: "Readings of every robot and sensor out there" }),
    f(Day(240, "13:14"), "ines", Gives("field-telemetry", Role("data"), "editor")),
    f(Day(240, "13:16"), "ines", Gives("field-telemetry", Role("controls"), "viewer")),
    f(Day(240, "13:17"), "ines", Gives("field-telemetry", Person("chidi"), "owner")),
    f(Day(238, "10:25"), "ines", MakesRole { name: "People team", description: "Welcomes who comes, sees off who goes", permissions: &["members.read", "members.invite", "roles.read"] }),
    f(Day(238, "10:31"), "ines", Promotes("priya", "people-team")),
    f(Day(226, "15:02"), "tomasz", Creates { project: "Atlas maps", description: "Floor plans and terrain, surveyed and stitched" }),
    f(Day(226, "15:06"), "tomasz", Gives("atlas-maps", Role("mapping"), "editor")),
    f(Day(226, "15:08"), "tomasz", Gives("atlas-maps", Everyone, "viewer")),
    f(Day(219, "09:33"), "yusuf", TriesToInvite("yusuf.at.home@posteo.example")),
    f(Day(216, "10:40"), "tomasz", Promotes("dev", "data")),
    f(Day(203, "08:55"), "ines", MakesRole { name: "Field crew", description: "Installs and mends what is out there", permissions: &["members.read"] }),
    f(Day(203, "09:01"), "ines", Promotes("wanjiru", "field-crew")),
    f(Day(203, "09:04"), "ines", Gives("field-telemetry", Role("field-crew"), "viewer")),
    f(Day(196, "14:20"), "ines", Creates { project: "Payments sandbox", description: "Test cards and invoices that nobody pays" }),
    f(Day(196, "14:24"), "ines", Gives("payments-sandbox", Person("ines"), "owner")),
    f(Day(192, "11:11"), "tomasz", Promotes("siobhan", "field-crew")),
    f(Day(185, "16:30"), "tomasz", Creates { project: "Gripper vision", description: "Cameras in the hand: what is it, and how is it held?" }),
    f(Day(185, "16:33"), "tomasz", Gives("gripper-vision", Role("controls"), "editor")),
    b(Day(183, "10:00"), "ines", Founds { name: "Brightpath", description: "Surveyors and vision people who work with Fernhill" }),
    b(Day(178, "09:15"), "mira", Creates { project: "Harbour survey", description: "Quays, cranes and tide marks, every spring" }),
    b(Day(172, "10:35"), "mira", Gives("harbour-survey", Person("noor"), "editor")),
    b(Day(172, "10:36"), "mira", Gives("harbour-survey", Everyone, "viewer")),
    f(Day(172, "14:02"), "tomasz", Promotes("chau", "data")),
    f(Day(170, "09:30"), "tomasz", Gives("arm-control", Person("mira@brightpath.example"), "viewer")),
    f(Day(169, "15:15"), "chidi", Gives("field-telemetry", Person("noor@brightpath.example"), "editor")),
    f(Day(166, "10:20"), "ines", Promotes("kwame", "field-crew")),
    f(Day(160, "13:40"), "chidi", Gives("field-telemetry", Person("piet@waterlijn.example"), "viewer")),
    f(Day(158, "11:25"), "aino", Creates { project: "Simulation farm", description: "Ten thousand virtual hours a night" }),
    f(Day(158, "11:30"), "tomasz", Gives("simulation-farm", Role("data"), "owner")),
    f(Day(158, "11:31"), "tomasz", Gives("simulation-farm", Everyone, "viewer")),
    f(Day(146, "16:45"), "aino", Gives("simulation-farm", Person("mira@brightpath.example"), "editor")),
    f(Day(143, "10:10"), "tomasz", Gives("gripper-vision", Person("ana@visionlabor.example"), "viewer")),
    f(Day(140, "09:05"), "ines", Promotes("amara", "people-team")),
    f(Day(138, "14:50"), "ines", ExternalsNeedMfa(false)),
    f(Day(134, "09:22"), "priya", Invites("r.soto@fernhill.example", &["DEFAULT"])),
    f(Day(133, "16:12"), "priya", Withdraws("r.soto@fernhill.example")),
    f(Day(127, "11:40"), "lena", Gives("depot-web", Person("yusuf"), "viewer")),
    f(Day(126, "17:03"), "viktor", TriesToCreate("Side business")),
    f(Day(122, "08:48"), "ines", MakesRole { name: "Auditors", description: "Read everything, change nothing", permissions: &["members.read", "roles.read", "audit.read"] }),
    f(Day(118, "13:05"), "ines", ExternalsNeedMfa(true)),
    f(Day(110, "10:30"), "ines", Creates { project: "Customer portal", description: "Orders, invoices and a map of one's robots" }),
    f(Day(110, "10:33"), "ines", Gives("customer-portal", Role("web"), "editor")),
    f(Day(110, "10:35"), "ines", Gives("customer-portal", Person("mateus"), "owner")),
    f(Day(104, "15:20"), "chidi", MakesToken("Nightly export")),
    f(Day(101, "09:10"), "lena", Gives("depot-web", Person("mateus"), "editor")),
    f(Day(96, "14:44"), "tomasz", Creates { project: "Battery lab", description: "Charge, heat, age: what a cell forgives" }),
    f(Day(96, "14:47"), "tomasz", Gives("battery-lab", Role("controls"), "editor")),
    f(Day(96, "14:49"), "tomasz", Gives("battery-lab", Person("haruka"), "owner")),
    f(Day(90, "11:00"), "lena", Gives("depot-web", Person("zofia"), "editor")),
    f(Day(84, "16:20"), "tomasz", Creates { project: "Warehouse twin", description: "Tried once, kept by nobody" }),
    f(Day(76, "10:15"), "mateus", Gives("customer-portal", Person("yusuf"), "editor")),
    f(Day(71, "09:50"), "tomasz", Deletes("warehouse-twin")),
    f(Day(65, "15:30"), "ines", Suspends("dana")),
    f(Day(58, "13:12"), "haruka", Gives("battery-lab", Role("data"), "viewer")),
    f(Day(51, "10:05"), "chidi", Changes("field-telemetry", Person("piet@waterlijn.example"), "editor")),
    f(Day(46, "17:20"), "ines", Removes("dana")),
    f(Day(43, "09:40"), "amara", Invites("e.lund@fernhill.example", &["DEFAULT"])),
    f(Day(37, "10:12"), "amara", Withdraws("e.lund@fernhill.example")),
    f(Day(36, "14:15"), "tomasz", Takes("legacy-firmware", Role("controls"))),
    f(Day(34, "10:55"), "ines", Suspends("pavel")),
    f(Day(30, "11:35"), "viktor", Leaves),
    f(Day(26, "09:25"), "lena", Gives("depot-web", Person("leif@brightpath.example"), "viewer")),
    f(Day(21, "15:10"), "chidi", Changes("field-telemetry", Person("piet@waterlijn.example"), "viewer")),
    f(Day(15, "10:50"), "ines", Suspends("joana")),
    f(Day(14, "09:12"), "jonas", TriesToInvite("contractor@nordlys.example")),
    f(Day(13, "16:00"), "tomasz", GivesUntil("gripper-vision", Person("teuila@brightpath.example"), "editor", 24)),
    f(Day(12, "11:30"), "ines", Suspends("bjorn")),
    f(Day(10, "09:05"), "ines", Reinstates("bjorn")),
    f(Day(9, "14:30"), "amara", Invites("j.keane@northgate.example", &["DEFAULT"])),
    f(Day(6, "13:20"), "tomasz", Promotes("hiroshi", "mapping")),
    f(Day(5, "10:20"), "priya", Invites("oskar@fernhill.example", &["DEFAULT"])),
    f(Day(3, "10:42"), "ines", Promotes("solveig", "people-team")),
    f(Day(2, "09:35"), "amara", Invites("n.bello@fernhil.example", &["DEFAULT"])),
    f(Day(2, "09:36"), "amara", Bounces("n.bello@fernhil.example", "550 5.1.2 The domain fernhil.example does not exist")),
    f(Day(1, "15:25"), "ines", Gives("payments-sandbox", Role("web"), "viewer")),
    f(Day(1, "16:10"), "tomasz", Invites("sofia.marin@fernhill.example", &["DEFAULT", "data"])),
    b(Ago(26 * H), "mira", Invites("d.achterberg@brightpath.example", &["DEFAULT"])),
    f(Ago(3 * H + 10), "priya", SendsAgain("oskar@fernhill.example")),
    f(Ago(2 * H + 2), "lena", Changes("depot-web", Person("yusuf"), "editor")),
    f(Ago(40), "tomasz", Gives("arm-control", Person("samir"), "owner")),
    f(Ago(7), "tomasz", Creates { project: "Rover mark III", description: "Six wheels, one arm, no driver" }),
    f(Ago(6), "tomasz", Gives("rover-mark-iii", Role("mapping"), "editor")),
    f(Ago(5), "tomasz", Gives("rover-mark-iii", Role("controls"), "editor")),
];
