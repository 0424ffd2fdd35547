//! The command line, and nothing else: it reads the settings, builds the world, and calls what does the work.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use actix_web::web::Data;
use bailiwick::account::tokens::CreateTokenFor;
use bailiwick::base::config::{self, Given, Settings};
use bailiwick::base::db::migrate;
use bailiwick::base::error::{Error, Result};
use bailiwick::base::text::{Email, Name, Secret};
use bailiwick::base::tx::Caller;
use bailiwick::base::web::server;
use bailiwick::base::world::{Clock, World};
use bailiwick::base::{ops, outbox};
use bailiwick::demo;
use bailiwick::instance::setup::{self, First};
use bailiwick::instance::{care, check, start};
use bailiwick::sections::Map;
use clap::{CommandFactory, Parser, Subcommand};

/// An admin console for organizations: who is in, who may do what, how people sign in, what happened.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(flatten)]
    settings: Given,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Migrate, then serve (what happens without a command)
    Serve,
    /// Serve a made-up company to look around in, on a database of its own in <data-dir>/demo
    Demo,
    /// Set up an empty installation: its first operator and organization
    Setup {
        #[arg(long)]
        org: String,
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Personal access tokens
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Bring the database up to date
    Migrate,
    /// Look at settings, database, key, mail server, clock and disk, change nothing, and say what to mend
    ///
    /// Ends with 1 when something keeps it from serving as it should.
    Check {
        /// Only ask the process that serves on this machine whether it is ready
        #[arg(long)]
        running: bool,
    },
    /// Write a backup while the installation is in use. The secret key is not in it
    Backup {
        /// The file to make (mode 0600), or - for standard output
        file: PathBuf,
    },
    /// Put a backup back into an empty database, SQLite or PostgreSQL. Everybody signs in anew afterwards
    Restore {
        /// The file that `backup` made, or - for standard input
        file: PathBuf,
        /// Only prove that it could be restored: nothing is changed
        #[arg(long)]
        verify: bool,
    },
    /// The audit log
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Print the OpenAPI 3.1 document
    Openapi,
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Print a new token of a user
    Create {
        #[arg(long)]
        email: String,
        #[arg(long, default_value = "Command line")]
        name: String,
        #[arg(long)]
        days: Option<i64>,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Walk the hash chains and name the first bad event
    Verify {
        #[arg(long)]
        org: Option<String>,
    },
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(e) => {
            eprintln!("bailiwick: {}", one_line(&e));
            ExitCode::FAILURE
        }
    }
}

fn one_line(e: &Error) -> String {
    match e {
        Error::Invalid(fields) => fields.iter().map(|f| f.message.clone()).collect::<Vec<_>>().join(" "),
        Error::Internal(context) => context.clone(),
        other => other.message(),
    }
    .replace('\n', " ")
}

fn run() -> Result<ExitCode> {
    let cli: Cli = config::parse(Cli::command())?;
    log();
    carry_out(cli.command.unwrap_or(Command::Serve), Settings::from(cli.settings))
}

fn code(well: bool) -> ExitCode {
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn carry_out(command: Command, settings: Result<Settings>) -> Result<ExitCode> {
    let open = |settings: Result<Settings>| start::open(settings?, Clock::System).map(Arc::new);
    match command {
        Command::Serve => serve(open(settings)?),
        Command::Demo => {
            let world = demo::open(demo::settings(settings?))?;
            println!("{}", demo::welcome(&world));
            serve(Arc::new(world))
        }
        Command::Setup { org, email, name, .. } => set_up(&*open(settings)?, &org, &email, &name),
        Command::Token { command: TokenCommand::Create { email, name, days } } => {
            let command = CreateTokenFor { email: parse("email", Email::parse(&email))?, name: parse("name", Name::parse(&name))?, days };
            println!("{}", ops::run(&*open(settings)?, &Caller::cli(), &command)?.secret.unwrap_or_default());
            Ok(ExitCode::SUCCESS)
        }
        Command::Migrate => {
            let ran = migrate::run(&settings?.database_url)?;
            println!("{ran} migrations run; the database is up to date");
            Ok(ExitCode::SUCCESS)
        }
        Command::Backup { file } => {
            // Standard output may be the backup itself.
            eprintln!("{}", care::back_up(&settings?, &file)?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Restore { file, verify } => {
            let settings = settings?;
            let outcome = if verify { care::verify(&settings, &file) } else { care::restore(&settings, &file) }?;
            println!("{}", outcome.said);
            Ok(code(outcome.sound))
        }
        Command::Audit { command: AuditCommand::Verify { org } } => verify(&*open(settings)?, org.as_deref()),
        Command::Check { running: true } => {
            check::running(&settings?)?;
            println!("ready");
            Ok(ExitCode::SUCCESS)
        }
        Command::Check { running: false } => {
            let (said, sound) = check::report(settings);
            println!("{said}");
            Ok(code(sound))
        }
        Command::Openapi => {
            println!("{}", serde_json::to_string_pretty(&Map::default().openapi())?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn parse<T>(field: &str, parsed: Result<T, String>) -> Result<T> {
    parsed.map_err(|e| Error::Unavailable(format!("--{field}: {e}")))
}

/// JSON lines for programs, readable text on a terminal.
fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("BAILIWICK_LOG").unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.compact().init();
    } else {
        builder.json().flatten_event(true).with_ansi(false).init();
    }
}

fn serve(world: Arc<World>) -> Result<ExitCode> {
    server::can_listen(&world)?;
    if let Some(link) = setup::open(&world)? {
        println!("Nobody has set this installation up yet. Open this link within 60 minutes: {link}");
    }
    let settings = &world.settings;
    if !settings.is_https() {
        tracing::warn!("public-url is {}: cookies travel without Secure, which is for trying out on this machine only", settings.public_url);
    }
    if world.mail_is_off() {
        tracing::warn!("smtp-url is not set: mails become files in {}", settings.data_dir.join("mailbox").display());
    }
    tracing::info!(address = %settings.public_url, database = %settings.database_url.display(), "serving");
    let map = Data::new(Map::default());
    actix_web::rt::System::new().block_on(server::serve(world, map))?;
    Ok(ExitCode::SUCCESS)
}

fn set_up(world: &World, org: &str, email: &str, name: &str) -> Result<ExitCode> {
    if !setup::is_open(world)? {
        return Err(Error::Conflict("the database is not empty: this installation is set up already".into()));
    }
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password).map_err(|e| Error::Unavailable(format!("--password-stdin: {e}")))?;
    let first = First {
        org: parse("org", Name::parse(org))?,
        name: parse("name", Name::parse(name))?,
        email: parse("email", Email::parse(email))?,
        password: Secret::new(password.trim_end_matches(['\r', '\n'])),
    };
    let done = setup::set_up(world, &Caller::cli(), first, None)?;
    outbox::deliver_due(world)?;
    println!("Set up {} for {email}. Sign in at {}", done.org_name, world.link("/login"));
    Ok(ExitCode::SUCCESS)
}

fn verify(world: &World, org: Option<&str>) -> Result<ExitCode> {
    let reports = bailiwick::audit::verify::verify(world, org)?;
    if reports.is_empty() {
        return Err(Error::Unavailable("there is no such organization".into()));
    }
    let mut sound = true;
    for report in &reports {
        match &report.broken {
            None => println!("{}: {} events, the chain holds", report.chain, report.events),
            Some(why) => {
                sound = false;
                println!("{}: BROKEN: {why}", report.chain);
            }
        }
    }
    Ok(code(sound))
}
