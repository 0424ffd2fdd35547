//! Who reaches which project, and by what: the part of it that a picture can show, chosen around a person, a role or a project.

use serde::Serialize;

/// As many of each as the picture shows; the rest is told as a number.
pub const PEOPLE: usize = 12;
pub const ROLES: usize = 8;
pub const PROJECTS: usize = 12;
/// Figures that are not kept are counted as far as this.
pub const COUNTED: usize = 1000;

#[derive(Debug, Clone, Default, Serialize, schemars::JsonSchema)]
pub struct AccessMap {
    pub people: Vec<MapPerson>,
    pub roles: Vec<MapRole>,
    pub projects: Vec<MapProject>,
    /// Active members and people from outside beyond those listed.
    pub more_people: i64,
    pub more_roles: i64,
    pub more_projects: i64,
    /// What is given on the projects listed, to roles, to everyone, and to the people listed.
    pub gives: Vec<Give>,
    pub chosen: Chosen,
    /// All people from outside, and the projects that they reach; each counted up to 1,000.
    pub externals: i64,
    pub external_projects: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct MapPerson {
    pub user_id: String,
    pub name: String,
    pub email: String,
    pub external: bool,
    pub suspended: bool,
    /// Ids of the roles held.
    pub roles: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct MapRole {
    pub id: String,
    pub key: String,
    pub name: String,
    pub holders: i64,
    /// The level that the role gives on every project, when it does.
    pub everywhere: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct MapProject {
    pub id: String,
    pub slug: String,
    pub name: String,
}

/// A level on a project, given to a role, a person, or everyone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Give {
    pub project: String,
    /// `role`, `user` or `everyone`.
    pub kind: String,
    /// Of the role or person; empty for everyone.
    pub subject: String,
    /// `Viewer`, `Editor` or `Owner`.
    pub level: String,
}

/// What the map was asked about, and the figures of that.
#[derive(Debug, Clone, Default, Serialize, schemars::JsonSchema)]
pub struct Chosen {
    pub person: Option<String>,
    pub role: Option<String>,
    pub project: Option<String>,
    /// Projects that the person or role reaches; counted up to 1,000.
    pub projects: i64,
    pub all_projects: i64,
    /// People who hold the role or reach the project, and those of them from outside; counted up to 1,000.
    pub people: i64,
    pub externals: i64,
}

/// By what somebody reaches a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Through {
    Role(String),
    Everyone,
    Directly,
}

/// One way from a person to a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub person: String,
    pub through: Through,
    pub project: String,
    pub level: String,
}

/// Viewer below Editor below Owner.
pub fn rank(level: &str) -> u8 {
    match level {
        "Owner" => 3,
        "Editor" => 2,
        _ => 1,
    }
}

impl AccessMap {
    pub fn person(&self) -> Option<&MapPerson> {
        let id = self.chosen.person.as_ref()?;
        self.people.iter().find(|p| p.user_id == *id)
    }
    pub fn role(&self) -> Option<&MapRole> {
        let id = self.chosen.role.as_ref()?;
        self.roles.iter().find(|r| r.id == *id)
    }
    pub fn project(&self) -> Option<&MapProject> {
        let id = self.chosen.project.as_ref()?;
        self.projects.iter().find(|p| p.id == *id)
    }
    pub fn is_chosen(&self) -> bool {
        self.chosen.person.is_some() || self.chosen.role.is_some() || self.chosen.project.is_some()
    }

    /// Every way between the people, roles and projects listed.
    pub fn ways(&self) -> Vec<Way> {
        let mut ways = Vec::new();
        for person in self.people.iter().filter(|p| !p.suspended) {
            let mut way = |through: Through, project: &str, level: &str| {
                ways.push(Way { person: person.user_id.clone(), through, project: project.to_owned(), level: level.to_owned() });
            };
            for role in self.roles.iter().filter(|r| person.roles.contains(&r.id)) {
                let Some(level) = &role.everywhere else { continue };
                self.projects.iter().for_each(|p| way(Through::Role(role.id.clone()), &p.id, level));
            }
            for give in &self.gives {
                match give.kind.as_str() {
                    "role" if person.roles.contains(&give.subject) => way(Through::Role(give.subject.clone()), &give.project, &give.level),
                    "everyone" if !person.external => way(Through::Everyone, &give.project, &give.level),
                    "user" if give.subject == person.user_id => way(Through::Directly, &give.project, &give.level),
                    _ => {}
                }
            }
        }
        ways
    }

    /// The ways that go through all that was chosen.
    pub fn lit(&self) -> Vec<Way> {
        if !self.is_chosen() {
            return Vec::new();
        }
        let is = |chosen: &Option<String>, id: &str| chosen.as_ref().is_none_or(|c| c == id);
        let by = |through: &Through| match (&self.chosen.role, through) {
            (None, _) => true,
            (Some(role), Through::Role(id)) => id == role,
            (Some(_), _) => false,
        };
        let mut ways = self.ways();
        ways.retain(|w| is(&self.chosen.person, &w.person) && by(&w.through) && is(&self.chosen.project, &w.project));
        ways
    }
}
