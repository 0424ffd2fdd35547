//! The pages of imports: the list, the form that brings a file, and one import with the fate of its rows.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::commands::{CreateImport, RunImport, StopImport};
use super::live::{self, Progress};
use super::queries::{ImportForm, ImportList, ImportPage, ImportRows, ImportView};
use super::{FATES, Import, ImportRow, State, Way, sheet};
use crate::access::Ref;
use crate::base::error::{Error, FieldError, Result};
use crate::base::text::{count, grouped};
use crate::base::times::When;
use crate::base::web::address::{Address, Files};
use crate::base::web::ctx::Ctx;
use crate::base::web::export;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Errors, Flash, Shell, field_errors};
use crate::base::web::routes::{Routes, Who};
use crate::base::web::upload::Upload;

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}/imports", list);
    r.post(Who::Org, "/o/{org}/imports", create);
    r.get(Who::Org, "/o/{org}/imports/new", new);
    r.get(Who::Org, "/o/{org}/imports/{import}", one);
    r.get(Who::Org, "/o/{org}/imports/{import}/events", live::events);
    r.get(Who::Org, "/o/{org}/imports/{import}/progress", live::progress);
    r.post(Who::Org, "/o/{org}/imports/{import}/run", run);
    r.post(Who::Org, "/o/{org}/imports/{import}/stop", stop);
    r.get(Who::Org, "/o/{org}/exports/imports/{import}", export::serve::<ImportRows>);
}

struct Row {
    href: String,
    name: String,
    /// Look and words of its state.
    state: (&'static str, &'static str),
    counted: String,
    when: When,
}

fn told(state: State) -> (&'static str, &'static str) {
    match state {
        State::Checking => ("", "Being checked"),
        State::Checked => ("warn", "Waits for you"),
        State::Running => ("", "Running"),
        State::Done => ("ok", "Done"),
        State::Stopped => ("warn", "Stopped"),
        State::Failed => ("bad", "Failed"),
    }
}

#[derive(Template)]
#[template(path = "imports/list.html", blocks = ["results"])]
struct ListPage {
    shell: Shell,
    at: Address,
    rows: Vec<Row>,
    shown: String,
    older: String,
    newer: String,
}

async fn list(ctx: Ctx, req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse> {
    let at = Address::of(&req);
    let (shell, list) = ctx.console("Imports", ImportList { org: Ref::new(&*path), limit: Some(at.rows()), cursor: at.some("cursor") }).await?;
    let row = |i: &Import| Row {
        href: format!("{}/{}", at.path(), i.id),
        name: i.file_name.clone(),
        state: told(i.state),
        counted: format!("{} of {}", grouped(i.done), count(i.total, "row", "rows")),
        when: shell.times.ago(i.created_at),
    };
    let rows: Vec<Row> = list.items.iter().map(row).collect();
    let page = ListPage {
        shown: count(i64::try_from(rows.len()).unwrap_or(0), "import", "imports"),
        older: at.older(list.next_cursor.as_deref()),
        newer: at.newer(),
        rows,
        shell,
        at,
    };
    ctx.html(&page, |target| (target == "imports").then(|| page.as_results().render()))
}

#[derive(Template)]
#[template(path = "imports/new.html")]
struct Form {
    shell: Shell,
    action: String,
    back: String,
    rows: String,
    add: bool,
    may_add: bool,
    errors: Errors,
}

async fn new(ctx: Ctx, path: web::Path<String>) -> Result<HttpResponse> {
    form_page(&ctx, &path, 200, String::new(), false, Errors::default()).await
}

async fn form_page(ctx: &Ctx, org: &str, status: u16, rows: String, add: bool, errors: Errors) -> Result<HttpResponse> {
    let (shell, may_add) = ctx.form::<CreateImport, _>("Import people", ImportForm { org: Ref::new(org) }).await?;
    let page = Form { shell, action: format!("/o/{org}/imports"), back: format!("/o/{org}/members"), rows, add, may_add, errors };
    ctx.html_as(status, &page, |_| None)
}

async fn create(ctx: Ctx, path: web::Path<String>, upload: Upload) -> Result<HttpResponse> {
    let (typed, add) = (upload.form.get("rows").to_owned(), upload.form.get("way") == "add");
    let way = if add { Way::Add } else { Way::Invite };
    let brought = match upload.file {
        Some((name, bytes)) => sheet::text(bytes).map(|csv| (csv, Some(name))),
        None => Ok((typed.clone(), None)),
    };
    let outcome = match brought {
        Ok((csv, file_name)) => ctx.run_from(&upload.form, CreateImport { org: Ref::new(&*path), csv, file_name, way }).await,
        Err(e) => Err(e),
    };
    match outcome {
        Ok(import) => ctx.on_to(&format!("/o/{}/imports/{}", *path, import.id), None),
        Err(e) => form_page(&ctx, &path, 422, typed, add, field_errors(e)?).await,
    }
}

struct View {
    label: &'static str,
    href: String,
    current: bool,
    count: String,
}

struct Line {
    row: ImportRow,
    /// Look and words of its fate.
    fate: (&'static str, &'static str),
}

#[derive(Template)]
#[template(path = "imports/one.html", blocks = ["results"])]
struct Page {
    shell: Shell,
    at: Address,
    base: String,
    back: String,
    state: (&'static str, &'static str),
    begun: When,
    /// While it is at work.
    progress: Option<Progress>,
    /// What is so, and what comes next.
    says: (&'static str, &'static str, String, String),
    /// What the button says that takes the rows in.
    run: String,
    views: Vec<View>,
    lines: Vec<Line>,
    shown: String,
    older: String,
    newer: String,
    files: Files,
    said: Errors,
}

async fn one(ctx: Ctx, req: HttpRequest, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let at = Address::of(&req);
    page(&ctx, at, &path, 200, Errors::default()).await
}

async fn page(ctx: &Ctx, at: Address, path: &(String, String), status: u16, said: Errors) -> Result<HttpResponse> {
    let rows =
        ImportRows { org: Ref::new(&path.0), import: Ref::new(&path.1), state: at.some("state"), limit: Some(at.rows()), cursor: at.some("cursor") };
    let (shell, found) = ctx.console("Import", ImportView { rows }).await?;
    let ImportPage { import, rows, fates } = found;
    let lines: Vec<Line> = rows.items.into_iter().map(|row| Line { fate: fate(&row.state), row }).collect();
    let all: i64 = fates.iter().map(|(_, n)| n).sum();
    let view = |label, value: &str, n: i64| View { label, href: at.with("state", value), current: at.is("state", value), count: grouped(n) };
    let mut views = vec![view("All rows", "", all)];
    views.extend(FATES.iter().filter_map(|(state, label)| Some(view(label, state, fates.iter().find(|(s, _)| s == state)?.1))));
    let left = import.ready - import.done;
    let verb = if import.way == Way::Add { "Add" } else { "Invite" };
    let page = Page {
        base: format!("/o/{}/imports/{}", path.0, import.id),
        back: format!("/o/{}/imports", path.0),
        state: told(import.state),
        begun: shell.times.ago(import.created_at),
        progress: import.state.is_at_work().then(|| Progress::of(ctx, &path.0, &import)),
        says: note(&import),
        run: if import.can_run() { format!("{verb} {}", count(left, "person", "people")) } else { String::new() },
        views,
        shown: count(i64::try_from(lines.len()).unwrap_or(0), "row", "rows"),
        older: at.older(rows.next_cursor.as_deref()),
        newer: at.newer(),
        files: at.files(format!("/o/{}/exports/imports/{}", path.0, import.id), &["state"]),
        lines,
        shell: Shell { title: import.file_name.clone(), ..shell },
        at,
        said,
    };
    ctx.html_as(status, &page, |target| (target == "import").then(|| page.as_results().render()))
}

fn fate(state: &str) -> (&'static str, &'static str) {
    let look = match state {
        "ready" => "",
        "done" => "ok",
        "invalid" => "bad",
        _ => "warn",
    };
    (look, FATES.iter().find(|(s, _)| *s == state).map_or("", |(_, label)| label))
}

/// Look, icon, heading and sentence of the note on top.
fn note(import: &Import) -> (&'static str, &'static str, String, String) {
    let (ready, rest) = (import.ready - import.done, import.total - import.ready);
    let others = if rest == 0 { String::new() } else { format!("{} will be left out; each row below says why.", count(rest, "row", "rows")) };
    let taken = format!("{} taken in.", count(import.done, "person was", "people were"));
    match import.state {
        State::Checking | State::Running => ("", "refresh", String::new(), String::new()),
        State::Checked if ready == 0 => {
            ("warn", "alert-triangle", "No row can be taken in.".into(), "Each row below says why. Mend the file and bring it again.".into())
        }
        State::Checked => ("", "eye", "Nothing has changed yet.".into(), others),
        State::Done => (
            "ok",
            "circle-check",
            taken,
            if rest == 0 { String::new() } else { format!("{} left out; each row says why.", count(rest, "row was", "rows were")) },
        ),
        State::Stopped => ("warn", "player-pause", "Stopped.".into(), taken),
        State::Failed => ("bad", "alert-circle", "The import could not go on.".into(), format!("{} {taken}", import.message)),
    }
}

async fn run(ctx: Ctx, path: web::Path<(String, String)>, form: PageForm) -> Result<HttpResponse> {
    let outcome = ctx.run_from(&form, RunImport { org: Ref::new(&path.0), import: Ref::new(&path.1) }).await;
    after(&ctx, &path, outcome).await
}

async fn stop(ctx: Ctx, path: web::Path<(String, String)>, form: PageForm) -> Result<HttpResponse> {
    let outcome = ctx.run_from(&form, StopImport { org: Ref::new(&path.0), import: Ref::new(&path.1) }).await;
    after(&ctx, &path, outcome).await
}

/// Back to the page, which says how it stands; also when somebody else was faster.
async fn after(ctx: &Ctx, path: &(String, String), outcome: Result<Import>) -> Result<HttpResponse> {
    let base = format!("/o/{}/imports/{}", path.0, path.1);
    match outcome {
        Ok(import) if import.state == State::Stopped => ctx.on_to(&base, Some(Flash::done(format!("Stopped the import of {}", import.file_name)))),
        Ok(_) => ctx.on_to(&base, None),
        Err(Error::Conflict(why)) => {
            let said = Errors(vec![FieldError::new("", "conflict", why)]);
            page(ctx, Address::of_page(ctx), path, 409, said).await
        }
        Err(e) => Err(e),
    }
}
