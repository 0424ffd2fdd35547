//! The parts of the frame that are alike on every page. Each is a template of its own: what a layout holds is compiled once more for
//! every page that extends it, and there are many pages.

use askama::Template;
use askama::filters::HtmlSafe;

use super::page::Shell;

#[derive(Template)]
#[template(path = "layout/_head.html")]
pub struct Head;

#[derive(Template)]
#[template(path = "layout/_navigation.html")]
pub struct Navigation<'a> {
    shell: &'a Shell,
}

#[derive(Template)]
#[template(path = "layout/_dialogs.html")]
pub struct Dialogs<'a> {
    shell: &'a Shell,
}

// They have escaped what they show.
impl HtmlSafe for Head {}
impl HtmlSafe for Navigation<'_> {}
impl HtmlSafe for Dialogs<'_> {}

impl Shell {
    pub fn navigation(&self) -> Navigation<'_> {
        Navigation { shell: self }
    }
    pub fn dialogs(&self) -> Dialogs<'_> {
        Dialogs { shell: self }
    }
}
