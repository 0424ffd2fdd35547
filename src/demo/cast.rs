//! Who the demo is about. Everybody is made up, and every address ends in `.example`, where no mail can go.

/// One person of the demo. Days are working days before today, `seen` is minutes before now.
pub struct Person {
    pub org: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    /// Who invited them; empty for who was there first.
    pub by: &'static str,
    pub joined: i64,
    pub roles: &'static [&'static str],
    /// When they set up two-factor sign-in, if they did.
    pub mfa: Option<i64>,
    pub seen: i64,
}

pub const FERNHILL: &str = "fernhill-robotics";
pub const BRIGHTPATH: &str = "brightpath";

/// The first person; runs the installation, and is ADMIN of both organizations.
pub const FIRST: &str = "ines";
pub const FIRST_NAME: &str = "Ines Varga";
pub const FIRST_EMAIL: &str = "ines@fernhill.example";

const H: i64 = 60;
const D: i64 = 24 * H;

/// A member of Fernhill Robotics, invited with DEFAULT and perhaps a role more.
const fn fernhill(
    name: &'static str,
    email: &'static str,
    by: &'static str,
    joined: i64,
    roles: &'static [&'static str],
    mfa: Option<i64>,
    seen: i64,
) -> Person {
    Person { org: FERNHILL, name, email, by, joined, roles, mfa, seen }
}

/// A member of Brightpath, the partner whose surveyors work on some of Fernhill's projects.
const fn brightpath(name: &'static str, email: &'static str, by: &'static str, joined: i64, mfa: Option<i64>, seen: i64) -> Person {
    let roles: &[&str] = if joined == 180 { &["ADMIN", "DEFAULT"] } else { &["DEFAULT"] };
    Person { org: BRIGHTPATH, name, email, by, joined, roles, mfa, seen }
}

const PLAIN: &[&str] = &["DEFAULT"];
const ADMIN: &[&str] = &["ADMIN", "DEFAULT"];
const CONTROLS: &[&str] = &["controls", "DEFAULT"];
const DATA: &[&str] = &["data", "DEFAULT"];
const FIELD: &[&str] = &["field-crew", "DEFAULT"];
const MAPPING: &[&str] = &["mapping", "DEFAULT"];
const WEB: &[&str] = &["web", "DEFAULT"];
const AUDITORS: &[&str] = &["auditors", "DEFAULT"];

/// In the order in which they came.
#[rustfmt::skip]
pub const CAST: &[Person] = &[
    fernhill("Tomasz Brandt", "tomasz@fernhill.example", "ines", 252, ADMIN, Some(250), 4),
    fernhill("Lena Falk", "lena@fernhill.example", "ines", 251, PLAIN, None, 2 * H),
    fernhill("Chidi Okonkwo", "chidi@fernhill.example", "tomasz", 248, PLAIN, Some(240), H),
    fernhill("Aino Koskinen", "aino@fernhill.example", "tomasz", 246, PLAIN, Some(214), 12),
    fernhill("Priya Raman", "priya@fernhill.example", "ines", 239, PLAIN, Some(238), 26),
    fernhill("Jonas Nyberg", "jonas@fernhill.example", "tomasz", 236, CONTROLS, None, D + 3 * H),
    fernhill("Emeka Obi", "emeka@fernhill.example", "tomasz", 228, MAPPING, None, 12 * D),
    fernhill("Yusuf Demir", "yusuf@fernhill.example", "ines", 223, WEB, Some(220), 6 * H),
    fernhill("Dev Patel", "dev@fernhill.example", "priya", 217, PLAIN, None, 3 * D),
    fernhill("Haruka Mori", "haruka@fernhill.example", "tomasz", 211, CONTROLS, Some(210), 38),
    fernhill("Dana Whitlock", "dana@fernhill.example", "priya", 209, PLAIN, None, 95 * D),
    fernhill("Wanjiru Kamau", "wanjiru@fernhill.example", "priya", 204, PLAIN, Some(188), 5 * H),
    fernhill("Mateus Oliveira", "mateus@fernhill.example", "ines", 198, WEB, Some(197), 3 * H),
    fernhill("Siobhán Kearney", "siobhan@fernhill.example", "priya", 193, PLAIN, Some(171), 9 * H),
    fernhill("Rashid Al-Amin", "rashid@fernhill.example", "tomasz", 187, CONTROLS, Some(186), 55),
    fernhill("Freja Holm", "freja@fernhill.example", "tomasz", 182, MAPPING, Some(160), 4 * H),
    brightpath("Mira Osei", "mira@brightpath.example", "ines", 180, None, 25 * H),
    brightpath("Noor Haddad", "noor@brightpath.example", "mira", 176, Some(170), 64 * D),
    brightpath("Leif Arvidsson", "leif@brightpath.example", "mira", 174, Some(150), 2 * D),
    fernhill("Nguyễn Minh Châu", "chau@fernhill.example", "priya", 173, PLAIN, Some(172), 2 * H + 20),
    fernhill("Kwame Asante", "kwame@fernhill.example", "priya", 168, PLAIN, None, 2 * D),
    brightpath("Piet Vos", "piet@waterlijn.example", "mira", 163, Some(162), 5 * D),
    fernhill("Luca Ferraro", "luca@fernhill.example", "tomasz", 161, CONTROLS, Some(120), 7 * H),
    fernhill("Zofia Wójcik", "zofia@fernhill.example", "ines", 155, WEB, Some(154), 47),
    fernhill("Viktor Hale", "viktor@fernhill.example", "priya", 152, PLAIN, Some(151), 45 * D),
    fernhill("Park Min-jun", "minjun@fernhill.example", "tomasz", 149, CONTROLS, Some(148), 10 * H),
    brightpath("Ana Ruiz", "ana@visionlabor.example", "mira", 144, Some(143), 26 * H),
    fernhill("Amara Diallo", "amara@fernhill.example", "priya", 142, PLAIN, Some(141), 19),
    fernhill("Iskander Bekov", "iskander@fernhill.example", "tomasz", 136, DATA, Some(100), 4 * D),
    fernhill("Leilani Kahale", "leilani@fernhill.example", "tomasz", 131, FIELD, Some(130), 27 * H),
    fernhill("Noah Whitehorse", "noah@fernhill.example", "tomasz", 125, MAPPING, Some(124), 8 * H),
    fernhill("Elif Aydın", "elif@fernhill.example", "ines", 119, AUDITORS, Some(119), D + 6 * H),
    fernhill("Chen Mei-Ling", "meiling@fernhill.example", "tomasz", 112, DATA, Some(80), 33),
    fernhill("Thabo Nkosi", "thabo@fernhill.example", "tomasz", 106, FIELD, Some(105), 2 * D + 4 * H),
    fernhill("Camille Laurent", "camille@fernhill.example", "ines", 99, WEB, Some(98), 5 * H + 10),
    fernhill("Arjun Mehta", "arjun@fernhill.example", "tomasz", 93, CONTROLS, Some(92), H + 25),
    fernhill("Ngaire Tamihana", "ngaire@fernhill.example", "tomasz", 88, MAPPING, Some(60), 3 * D + 2 * H),
    brightpath("Teuila Faleolo", "teuila@brightpath.example", "mira", 84, Some(83), 6 * D),
    fernhill("Ibrahim Sesay", "ibrahim@fernhill.example", "tomasz", 81, FIELD, Some(79), 9 * D),
    fernhill("Katarzyna Lis", "kasia@fernhill.example", "ines", 74, WEB, Some(73), 52),
    fernhill("Pavel Novák", "pavel@fernhill.example", "amara", 70, PLAIN, Some(69), 52 * D),
    fernhill("Daniel Weiss", "daniel@fernhill.example", "tomasz", 67, DATA, Some(66), 3 * H + 45),
    fernhill("Yara Khoury", "yara@fernhill.example", "tomasz", 62, MAPPING, Some(40), 30 * H),
    fernhill("Bjørn Dahl", "bjorn@fernhill.example", "tomasz", 57, FIELD, Some(56), 70 * D),
    fernhill("Joana Pires", "joana@fernhill.example", "amara", 53, PLAIN, None, 23 * D),
    fernhill("Valentina Rojas", "valentina@fernhill.example", "ines", 48, WEB, None, 4 * H + 30),
    fernhill("Hiroshi Tanabe", "hiroshi@fernhill.example", "tomasz", 44, CONTROLS, None, 75),
    fernhill("Oluwaseun Ade", "seun@fernhill.example", "tomasz", 39, DATA, Some(38), 16 * H),
    fernhill("Marama Parata", "marama@fernhill.example", "tomasz", 33, FIELD, None, 7 * D),
    fernhill("Gabriel Moreau", "gabriel@fernhill.example", "ines", 28, AUDITORS, Some(28), 2 * D + H),
    fernhill("Anahit Petrosyan", "anahit@fernhill.example", "tomasz", 22, DATA, Some(22), 41),
    fernhill("Samir Haddad", "samir@fernhill.example", "tomasz", 17, CONTROLS, Some(16), 6 * H + 50),
    fernhill("Greta Lindqvist", "greta@fernhill.example", "tomasz", 12, MAPPING, Some(11), 2 * H + 5),
    fernhill("Solveig Aas", "solveig@fernhill.example", "amara", 8, PLAIN, Some(7), 3 * H + 15),
    fernhill("Tenzin Dorjee", "tenzin@fernhill.example", "amara", 4, PLAIN, Some(4), 29),
];
